//! The records of one source as they lie in memory and, for programs, in a file.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use xdr_runtime::engine::Source;
use xdr_runtime::ndjson::Keep;
use xdr_runtime::settings::Settings;

/// The moment of receipt that every contestant is told.
pub const RECEIVED_AT: &str = "2024-04-01T00:00:00Z";

/// What xdr keeps of a record, as it does by default.
pub const KEEP: Keep = Keep { unmapped: true, raw: false };

/// Records of one source.
pub struct Corpus {
    /// The source.
    pub source: &'static Source,
    /// The records, each with its line break.
    pub bytes: Vec<u8>,
    /// How many there are.
    pub records: usize,
    /// The same bytes in a file.
    pub file: PathBuf,
    /// What xdr is told of the run.
    pub settings: Settings,
}

impl Corpus {
    /// A corpus of these records. Blank lines are no records and are not expected.
    pub fn new(source: &'static Source, bytes: Vec<u8>, file: PathBuf) -> Self {
        let records = memchr::memchr_iter(b'\n', &bytes).count();
        let received: DateTime<Utc> = RECEIVED_AT.parse().unwrap_or_default();
        Self { source, bytes, records, file, settings: Settings::new(received) }
    }

    /// The records without their line breaks, each with the place where it begins.
    pub fn lines(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let mut start = 0;
        memchr::memchr_iter(b'\n', &self.bytes).map(move |end| {
            let line = (start as u64, &self.bytes[start..end]);
            start = end + 1;
            line
        })
    }
}
