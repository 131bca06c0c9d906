//! Events as Parquet.
//!
//! A mapping thread maps events into rows of Arrow columns (`rows`), and reads the lines of rejects into rows too. It appends them in its
//! turn to a file (`file`), or to several (`parts`). A file is complete or not there.

mod account;
mod columns;
mod file;
mod groups;
mod json;
mod pages;
mod parts;
mod rows;
mod schema;

use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use xdr_runtime::engine::{Outcome, Source};
use xdr_runtime::ndjson::Keep;
use xdr_runtime::settings::Settings;

use crate::cli::{By, Compress};
use crate::failure::Failure;

use file::{GROUP, Unfinished};
use json::Wrong;
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

/// Makes rows of events and lines.
pub(crate) struct Filler {
    rows: Rows,
    /// Where the mapping makes texts, and the line of a reject.
    room: Vec<u8>,
    /// Whether that is in it.
    rejected: bool,
    /// What was wrong with the first line that is none.
    wrong: Option<String>,
}

impl Filler {
    /// A filler.
    ///
    /// # Errors
    /// A program that was built without Parquet has none.
    #[expect(clippy::unnecessary_wraps, reason = "it stands for one that fails")]
    pub(crate) fn new() -> Result<Self, Failure> {
        let rows = Rows::new(Arc::new(schema::held()));
        Ok(Self { rows, room: Vec::new(), rejected: false, wrong: None })
    }

    /// Maps a record. If it becomes a reject, [`Filler::reject`] is to follow.
    pub(crate) fn map(
        &mut self,
        source: &Source,
        record: &[u8],
        at: u64,
        settings: &Settings,
        keep: Keep,
    ) -> Outcome {
        let outcome = source.tell(record, at, settings, keep, &mut self.rows, &mut self.room);
        self.rejected = outcome.reject.is_some();
        outcome
    }

    /// Lets `write` complete the line of a reject, or write all of it where none was mapped, and keeps it apart or makes a row of it.
    pub(crate) fn reject(&mut self, apart: Option<&mut Vec<u8>>, write: impl FnOnce(&mut Vec<u8>)) {
        let mut line = std::mem::take(&mut self.room);
        if !std::mem::take(&mut self.rejected) {
            line.clear();
        }
        write(&mut line);
        match apart {
            Some(rejects) => rejects.extend_from_slice(&line),
            None => self.push(&line),
        }
        self.room = line;
    }

    /// Makes a row of a line of output.
    pub(crate) fn push(&mut self, line: &[u8]) {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let utf8 = std::str::from_utf8(line);
        let pushed = utf8.map_err(|error| Wrong { expected: "UTF-8", at: error.valid_up_to() });
        if let Err(wrong) = pushed.and_then(|text| self.rows.push(text.as_bytes()))
            && self.wrong.is_none()
        {
            let found = String::from_utf8_lossy(line.get(wrong.at..).unwrap_or_default());
            let found: String = found.chars().take(40).collect();
            self.wrong =
                Some(format!("expected {} at byte {} of a line, found `{found}`", wrong.expected, wrong.at));
        }
    }

    /// How much the rows hold, in bytes.
    pub(crate) fn size(&self) -> usize {
        self.rows.size()
    }

    /// The rows, if there are some, without one that was begun and not ended.
    ///
    /// # Errors
    /// A line that is none, or more text than a column holds.
    pub(crate) fn finish(&mut self) -> Result<Option<Batch>, Failure> {
        let batch = match self.wrong.take() {
            None => self.rows.finish().map_err(|error| error.to_string()),
            Some(wrong) => Err(wrong),
        };
        if batch.is_err() {
            // What is in the columns by now belongs to no batch.
            self.rows = self.rows.anew();
        }
        let batch = batch.map_err(|why| Failure::failed(format!("an event cannot become a row: {why}")))?;
        Ok(Some(batch).filter(|batch| batch.rows.num_rows() > 0))
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
        let (schema, properties) = (Arc::new(schema::held()), pages::properties(compress)?);
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
            Self::One(file) => {
                file.add(&batch.rows)?;
                if file.memory() > GROUP { file.group() } else { Ok(()) }
            }
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

/// What tests look at in files.
#[cfg(test)]
pub(crate) mod probe {
    use std::fs::File;
    use std::path::Path;

    use arrow_array::cast::AsArray;
    use arrow_array::types::Int64Type;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    /// The values of `processId`, which all rows have, in the file's order.
    pub(crate) fn process_ids(path: &Path) -> Vec<i64> {
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
        let mut found = Vec::new();
        for batch in reader.build().unwrap() {
            let column = batch.unwrap().column_by_name("processId").unwrap().clone();
            found.extend(column.as_primitive::<Int64Type>().values());
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::mapper::broken;

    #[test]
    fn a_panic_leaves_the_rows_before() {
        let mapper = broken::mapper();
        let settings = mapper.settings.at(None);
        for before in [0, 1, 70] {
            let mut filler = Filler::new().unwrap();
            let mut rejects = Vec::new();
            for number in 0..before {
                let outcome = filler.map(mapper.source, b"kim", number, &settings, mapper.keep);
                assert!(outcome.reject.is_none());
                let outcome = filler.map(mapper.source, b"bad", number, &settings, mapper.keep);
                assert_eq!(outcome.reject, Some("bad"));
                filler.reject((number % 2 == 0).then_some(&mut rejects), |_| ());
            }
            filler.map(mapper.source, b"kim", before, &settings, mapper.keep);
            let mut line = Vec::new();
            filler.reject(Some(&mut line), |line| line.extend_from_slice(b"of its own"));
            assert_eq!(line, b"of its own");
            let broken =
                AssertUnwindSafe(|| filler.map(mapper.source, b"boom", before, &settings, mapper.keep));
            assert!(catch_unwind(broken).is_err());
            let batch = filler.finish().unwrap();
            let rows = batch.map_or(0, |batch| batch.rows.num_rows());
            let apart = memchr::memchr_iter(b'\n', &rejects).count();
            assert_eq!((rows + apart) as u64, 2 * before + 1, "{before}");
            assert_eq!(apart as u64, before.div_ceil(2));
            assert!(filler.finish().unwrap().is_none() && filler.size() == 0);
        }
    }

    #[test]
    fn a_line_that_cannot_be_a_row_is_told_once_all_else_is_known() {
        let mut filler = Filler::new().unwrap();
        for (line, expected) in [(&b"{}"[..], "`xdr` with"), (b"{\"a\xff\":1}", "UTF-8")] {
            filler.push(line);
            filler.push(b"[");
            let told = format!("{:?}", filler.finish().unwrap_err());
            assert!(told.contains(expected), "{told}");
            assert!(filler.finish().unwrap().is_none());
        }
    }
}
