//! What authors of mapping specs work with.
//!
//! Each module is one tool of the workbench, and a command of the program shows it. None touches standard streams.

pub mod coverage;
pub mod draft;
pub mod generate;
pub mod interpret;
pub mod lock;
pub mod messages;
pub mod mutate;
pub mod sarif;
pub mod schema;
pub mod site;
pub mod snapshot;
