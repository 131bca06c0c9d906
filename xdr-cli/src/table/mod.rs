//! Events as Parquet.
//!
//! The lines that a run would write become rows of Arrow columns (`rows`), in the mapping threads; the main thread appends them to a
//! file (`file`), or to several (`parts`). A file is complete or not there.

mod columns;
mod file;
mod json;
mod parts;
mod rows;
mod schema;

use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use crate::cli::{By, Compress};
use crate::failure::Failure;

use file::Unfinished;
use parts::Parts;
use rows::Rows;

/// Rows that are ready to be written.
#[derive(Debug)]
pub(crate) struct Batch {
    rows: RecordBatch,
    /// The day of each row, in days since 1970.
    days: Vec<Option<i32>>,
    /// The source of each row, an index into `sources`.
    of: Vec<usize>,
    sources: Vec<String>,
}

/// Makes rows of lines.
pub(crate) struct Filler(SchemaRef);

impl Filler {
    /// A filler; a program that was built without Parquet has none.
    #[expect(clippy::unnecessary_wraps, reason = "it stands for one that gives none")]
    pub(crate) fn new() -> Option<Self> {
        Some(Self(Arc::new(schema::schema())))
    }

    /// Rows of these lines.
    ///
    /// # Errors
    /// What is wrong with them. Those that the program writes are right.
    pub(crate) fn fill(&self, lines: &[u8]) -> Result<Batch, String> {
        let mut rows = Rows::new(Arc::clone(&self.0));
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', lines) {
            let line = lines.get(start..end).unwrap_or_default();
            start = end + 1;
            rows.push(line).map_err(|wrong| {
                let found = String::from_utf8_lossy(line.get(wrong.at..).unwrap_or_default());
                let found: String = found.chars().take(40).collect();
                format!("expected {} at byte {} of a line, found `{found}`", wrong.expected, wrong.at)
            })?;
        }
        let (days, of) = (std::mem::take(&mut rows.days), std::mem::take(&mut rows.of));
        let sources = std::mem::take(&mut rows.sources);
        Ok(Batch { rows: rows.finish().map_err(|error| error.to_string())?, days, of, sources })
    }
}

/// A file, or several, on their way.
pub(crate) enum Table {
    One(Box<Unfinished>),
    Several(Box<Parts>),
}

impl Table {
    /// Begins a file, or, if rows are to be parted, files in the folder `path`.
    ///
    /// # Errors
    /// It cannot be made.
    pub(crate) fn begin(path: &Path, by: &[By], compress: Option<Compress>) -> Result<Self, Failure> {
        let (schema, properties) = (Arc::new(schema::schema()), file::properties(compress)?);
        Ok(if by.is_empty() {
            Self::One(Box::new(Unfinished::begin(path, schema, properties)?))
        } else {
            Self::Several(Box::new(Parts::new(path, by, schema, properties)?))
        })
    }

    /// Appends rows.
    ///
    /// # Errors
    /// They cannot be written.
    pub(crate) fn add(&mut self, batch: &Batch) -> Result<(), Failure> {
        match self {
            Self::One(file) => file.add(&batch.rows),
            Self::Several(parts) => parts.add(batch),
        }
    }

    /// Completes the files.
    ///
    /// # Errors
    /// They cannot be written.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self {
            Self::One(file) => file.finish(),
            Self::Several(parts) => parts.finish(),
        }
    }
}
