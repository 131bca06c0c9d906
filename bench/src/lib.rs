//! Measures xdr beside other ways to the same events, over records made up for it.

pub mod generate;
pub mod rng;
