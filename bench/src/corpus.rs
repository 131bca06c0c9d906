//! The records of one source as they lie in memory and, for programs, in a file.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

use chrono::{DateTime, Utc};
use xdr_runtime::engine::Source;
use xdr_runtime::enrich::Networks;
use xdr_runtime::ndjson::Keep;
use xdr_runtime::settings::Settings;

use crate::generate;

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
    /// Whether the file goes with the corpus.
    temporary: bool,
    /// What xdr is told of the run: besides the moment of receipt, to enrich nothing.
    pub settings: Settings,
}

impl Corpus {
    /// A corpus of made-up records. Its file lies in the system's folder for such files, and is removed with the corpus.
    ///
    /// # Errors
    /// No such source; a file that cannot be written.
    pub fn made_up(name: &str, records: usize) -> Result<Self, String> {
        let bytes = generate::corpus(name, records).ok_or_else(|| format!("there is no source `{name}`"))?;
        Self::temporary(name, bytes)
    }

    /// A corpus of these records, each with a line break. Its file is removed with it.
    ///
    /// # Errors
    /// No such source; a file that cannot be written.
    pub fn temporary(name: &str, bytes: Vec<u8>) -> Result<Self, String> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let file = env::temp_dir().join(format!("xdr-bench-{}-{number}-{name}.log", process::id()));
        fs::write(&file, &bytes).map_err(|error| format!("{}: {error}", file.display()))?;
        Self::new(name, bytes, file, true)
    }

    /// The corpus of a folder's file. Blank lines are no records and are not expected.
    ///
    /// # Errors
    /// No such source; a file that cannot be read.
    pub fn from_folder(name: &str, folder: &Path) -> Result<Self, String> {
        let file = folder.join(format!("{name}.log"));
        let bytes = fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        Self::new(name, bytes, file, false)
    }

    fn new(name: &str, mut bytes: Vec<u8>, file: PathBuf, temporary: bool) -> Result<Self, String> {
        let source = xdr_sources::source(name).ok_or_else(|| format!("there is no source `{name}`"))?;
        if !bytes.ends_with(b"\n") {
            bytes.push(b'\n');
        }
        let records = memchr::memchr_iter(b'\n', &bytes).count();
        let received: DateTime<Utc> = RECEIVED_AT.parse().unwrap_or_default();
        let mut settings = Settings::new(received);
        // The others enrich nothing.
        settings.enrichment.networks = Networks::none();
        Ok(Self { source, bytes, records, file, temporary, settings })
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

impl Drop for Corpus {
    fn drop(&mut self) {
        if self.temporary {
            // A file that stays is found again by its name.
            let _ = fs::remove_file(&self.file);
        }
    }
}
