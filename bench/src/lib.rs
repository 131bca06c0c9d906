//! Measures xdr beside other ways to the same events, over records made up for it.

pub mod check;
pub mod contestant;
pub mod contestants;
pub mod corpus;
pub mod generate;
pub mod measure;
pub mod plot;
pub mod report;
pub mod rng;
pub mod run;
pub mod scale;
