//! What stands in for Parquet in a program that was built without it: there are no tables.

use std::path::Path;

use xdr_runtime::engine::{Outcome, Source};
use xdr_runtime::ndjson::Keep;
use xdr_runtime::settings::Settings;

use crate::cli::{By, Compress};
use crate::failure::Failure;

/// Maps a record for a table: there is none, so its line is written.
pub(crate) fn frame(
    source: &Source,
    record: &[u8],
    at: u64,
    settings: &Settings,
    keep: Keep,
    out: &mut Vec<u8>,
) -> Outcome {
    source.normalize(record, at, settings, keep, out)
}

/// Rows that are ready to be written: there are none.
#[derive(Debug)]
pub(crate) enum Batch {}

/// Makes rows of lines: there is none.
pub(crate) enum Filler {}

impl Filler {
    pub(crate) fn new() -> Option<Self> {
        None
    }

    pub(crate) fn fill(&mut self, _lines: &[u8]) -> Result<Batch, String> {
        match *self {}
    }
}

/// A file on its way: there is none.
pub(crate) enum Table {}

impl Table {
    /// Says how to build a program that has tables.
    pub(crate) fn begin(_path: &Path, _by: &[By], _compress: Option<Compress>) -> Result<Self, Failure> {
        Err(Failure::usage("this xdr was built without Parquet")
            .help("build it with `cargo build --release --features parquet`"))
    }

    pub(crate) fn add(&mut self, _batch: &Batch) -> Result<(), Failure> {
        match *self {}
    }

    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self {}
    }
}
