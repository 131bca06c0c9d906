//! All that is measured, for each source.

mod event;
mod library;
mod limits;
mod program;
mod regex;
mod threads;
mod typed;
mod vrl;

use std::path::Path;

pub use threads::threads;

use crate::contestant::{Contestant, Mapping};
use crate::corpus::Corpus;

/// The names of all contestants. Not every source has each of them.
pub const NAMES: [&str; 11] = [
    "xdr",
    "xdr event",
    "xdr program",
    "vrl",
    "vrl tuned",
    "regex",
    "serde_json",
    "sonic-rs",
    "memchr",
    "memcpy",
    "utf8",
];

/// The contestants for a corpus, xdr first and the limits last. `program` is the path of the release binary.
///
/// # Errors
/// If one of them cannot be set up.
pub fn all(corpus: &Corpus, program: Option<&Path>) -> Result<Vec<Box<dyn Contestant>>, String> {
    let mut all: Vec<Box<dyn Contestant>> = vec![
        Box::new(Mapping::new(
            "xdr",
            "library, with the account of each record",
            library::Library::new(corpus),
        )),
        Box::new(library::Typed::new(corpus)),
    ];
    if let Some(program) = program {
        all.push(Box::new(program::Program::new(program)?));
    }
    all.extend(vrl::of(corpus.source.info.name)?);
    all.extend(regex::of(corpus.source.info.name));
    all.extend(typed::of(corpus.source.info.name));
    for limit in limits::all() {
        all.push(Box::new(limit));
    }
    Ok(all)
}
