//! Rows parted by day and source, each part a folder as Hive names them: `day=2024-03-14/source=teleport/part-0.parquet`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use arrow_array::UInt64Array;
use arrow_schema::SchemaRef;
use arrow_select::take::take_record_batch;
use chrono::NaiveDate;
use parquet::file::properties::WriterProperties;

use super::Batch;
use super::file::{GROUP, Unfinished};
use crate::cli::By;
use crate::failure::Failure;

/// How many files are open at most. Logs are mostly in the order of time, so few days are written to at once.
const OPEN: usize = 16;
/// The folder of rows without a day, by the name that readers of such folders take for null.
const NO_DAY: &str = "__HIVE_DEFAULT_PARTITION__";

/// The open files of a table in parts.
pub(crate) struct Parts {
    folder: PathBuf,
    by: Vec<By>,
    schema: SchemaRef,
    properties: WriterProperties,
    open: BTreeMap<PathBuf, Part>,
    /// How many batches were written.
    clock: u64,
}

struct Part {
    file: Unfinished,
    /// When it was last written to.
    used: u64,
}

impl Parts {
    /// Parts below this folder, which is made if it is not there.
    ///
    /// # Errors
    /// It cannot be made.
    pub(super) fn new(
        folder: &Path,
        by: &[By],
        schema: SchemaRef,
        properties: WriterProperties,
    ) -> Result<Self, Failure> {
        std::fs::create_dir_all(folder)
            .map_err(|error| Failure::writing(format!("`{}`", folder.display()), &error))?;
        let by = by.to_vec();
        Ok(Self { folder: folder.to_owned(), by, schema, properties, open: BTreeMap::new(), clock: 0 })
    }

    /// Appends rows to the files of their parts.
    ///
    /// # Errors
    /// They cannot be written.
    pub(super) fn add(&mut self, batch: &Batch) -> Result<(), Failure> {
        let mut parts: BTreeMap<(Option<i32>, usize), Vec<u64>> = BTreeMap::new();
        for (row, (day, source)) in (0_u64..).zip(batch.days.iter().zip(&batch.of)) {
            let day = day.filter(|_| self.by.contains(&By::Day));
            let source = if self.by.contains(&By::Source) { *source } else { 0 };
            parts.entry((day, source)).or_default().push(row);
        }
        let all = parts.len() == 1;
        for ((day, source), rows) in parts {
            let source = batch.sources.get(source).map_or("", String::as_str);
            let folder = self.folder(day, source);
            if all {
                self.write(&folder, &batch.rows)?;
            } else {
                let rows = take_record_batch(&batch.rows, &UInt64Array::from(rows)).map_err(|error| {
                    Failure::failed(format!("cannot part rows for `{}`: {error}", folder.display()))
                })?;
                self.write(&folder, &rows)?;
            }
        }
        Ok(())
    }

    fn folder(&self, day: Option<i32>, source: &str) -> PathBuf {
        let mut folder = self.folder.clone();
        for by in &self.by {
            folder.push(match by {
                By::Day => match day.and_then(NaiveDate::from_epoch_days) {
                    Some(day) => format!("day={}", day.format("%Y-%m-%d")),
                    None => format!("day={NO_DAY}"),
                },
                By::Source => format!("source={source}"),
            });
        }
        folder
    }

    fn write(&mut self, folder: &Path, rows: &arrow_array::RecordBatch) -> Result<(), Failure> {
        self.clock += 1;
        if !self.open.contains_key(folder) {
            if self.open.len() >= OPEN {
                self.close_one()?;
            }
            let file = Unfinished::begin_in(folder, self.schema.clone(), self.properties.clone())?;
            self.open.insert(folder.to_owned(), Part { file, used: self.clock });
        }
        if let Some(part) = self.open.get_mut(folder) {
            part.used = self.clock;
            part.file.add(rows)?;
        }
        // All files together have the limit of one, and one group is on its way.
        if self.open.values().map(|part| part.file.memory()).sum::<usize>() > GROUP {
            for part in self.open.values_mut() {
                part.file.settle()?;
            }
            if let Some(part) = self.open.values_mut().max_by_key(|part| part.file.memory()) {
                part.file.group()?;
            }
        }
        Ok(())
    }

    /// Completes the file that was not written to for longest. If more rows come for its part, they get another file.
    fn close_one(&mut self) -> Result<(), Failure> {
        let Some(folder) =
            self.open.iter().min_by_key(|(_, part)| part.used).map(|(folder, _)| folder.clone())
        else {
            return Ok(());
        };
        self.open.remove(&folder).map_or(Ok(()), |part| part.file.finish())
    }

    /// Completes all files.
    ///
    /// # Errors
    /// The first one that cannot be written; the others are completed all the same.
    pub(super) fn finish(self) -> Result<(), Failure> {
        self.open.into_values().map(|part| part.file.finish()).fold(Ok(()), Result::and)
    }
}
