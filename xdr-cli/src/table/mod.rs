//! Events as Parquet.
//!
//! Events are mapped into frames (`xdr_runtime::frame`), which become rows of Arrow columns (`rows`) in the mapping threads; so do the
//! lines of rejects. The main thread appends rows to a file (`file`), or to several (`parts`). A file is complete or not there.

mod columns;
mod file;
mod json;
mod parts;
mod rows;
mod schema;

use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use xdr_runtime::engine::{Outcome, Source};
use xdr_runtime::frame::{self, Piece};
use xdr_runtime::ndjson::Keep;
use xdr_runtime::settings::Settings;

use crate::cli::{By, Compress};
use crate::failure::Failure;

use file::Unfinished;
use parts::Parts;
use rows::Rows;

/// Maps a record for a table: appends the frame of its event, or the line of a reject.
pub(crate) fn frame(
    source: &Source,
    record: &[u8],
    at: u64,
    settings: &Settings,
    keep: Keep,
    out: &mut Vec<u8>,
) -> Outcome {
    source.frame(record, at, settings, keep, out)
}

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

/// Makes rows of frames and lines.
pub(crate) struct Filler(Rows);

impl Filler {
    /// A filler; a program that was built without Parquet has none.
    #[expect(clippy::unnecessary_wraps, reason = "it stands for one that gives none")]
    pub(crate) fn new() -> Option<Self> {
        Some(Self(Rows::new(Arc::new(schema::schema()))))
    }

    /// Rows of these frames and lines.
    ///
    /// # Errors
    /// What is wrong with them. Those that the program writes are right.
    pub(crate) fn fill(&mut self, records: &[u8]) -> Result<Batch, String> {
        let filled = self.push(records).and_then(|()| self.0.finish().map_err(|error| error.to_string()));
        if filled.is_err() {
            // What is in the columns by now belongs to no batch.
            self.0 = self.0.anew();
        }
        filled
    }

    fn push(&mut self, records: &[u8]) -> Result<(), String> {
        let Self(rows) = self;
        let mut rest = records;
        while let Some(piece) = frame::next(&mut rest) {
            match piece {
                Piece::Frame(frame) => rows
                    .push_frame(frame)
                    .map_err(|wrong| format!("expected {} in frame {}", wrong.expected, rows.count() + 1))?,
                Piece::Line(line) => rows.push(line).map_err(|wrong| {
                    let found = String::from_utf8_lossy(line.get(wrong.at..).unwrap_or_default());
                    let found: String = found.chars().take(40).collect();
                    format!("expected {} at byte {} of a line, found `{found}`", wrong.expected, wrong.at)
                })?,
            }
        }
        if rest.is_empty() {
            Ok(())
        } else {
            Err(format!("{} bytes are neither a frame nor a line", rest.len()))
        }
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
