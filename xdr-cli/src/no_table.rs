//! What stands in for Parquet in a program that was built without it: there are no tables.

use std::path::Path;

use xdr_runtime::engine::{Outcome, Source};
use xdr_runtime::ndjson::Keep;
use xdr_runtime::settings::Settings;

use crate::cli::{By, Compress};
use crate::failure::Failure;

/// Rows that are ready to be written: there are none.
#[derive(Debug)]
pub(crate) enum Batch {}

/// Makes rows of events and lines: there is none.
pub(crate) enum Filler {}

impl Filler {
    pub(crate) fn new() -> Result<Self, Failure> {
        Err(without())
    }

    pub(crate) fn map(
        &mut self,
        _source: &Source,
        _record: &[u8],
        _at: u64,
        _settings: &Settings,
        _keep: Keep,
    ) -> Outcome {
        match *self {}
    }

    pub(crate) fn reject(&mut self, _apart: Option<&mut Vec<u8>>, _write: impl FnOnce(&mut Vec<u8>)) {
        match *self {}
    }

    pub(crate) fn push(&mut self, _line: &[u8]) {
        match *self {}
    }

    pub(crate) fn size(&self) -> usize {
        match *self {}
    }

    pub(crate) fn finish(&mut self) -> Result<Option<Batch>, Failure> {
        match *self {}
    }
}

/// A file on its way: there is none.
pub(crate) enum Table {}

impl Table {
    /// Says how to build a program that has tables.
    pub(crate) fn begin(_path: &Path, _by: &[By], _compress: Option<Compress>) -> Result<Self, Failure> {
        Err(without())
    }

    pub(crate) fn add(&mut self, _batch: &Batch) -> Result<(), Failure> {
        match *self {}
    }

    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self {}
    }
}

fn without() -> Failure {
    Failure::usage("this xdr was built without Parquet")
        .help("build it with `cargo build --release --features parquet`")
}
