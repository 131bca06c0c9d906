//! What authors of mapping specs work with.
//!
//! Each module is one tool of the workbench, and a command of the program shows it. None touches standard streams.

pub mod interpret;
pub mod site;
