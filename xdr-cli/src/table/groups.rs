//! Groups of rows on their way into a file: while one is filled, the one before is written by a thread of its own.

use std::fs::File;
use std::io;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::arrow::{ArrowSchemaConverter, add_encoded_arrow_schema_to_metadata};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::TypePtr;

use super::{pages, schema};

/// How many rows a group has at most, unless a single batch has more.
const ROWS: usize = 512 << 10;

/// A file that gets groups of rows.
pub(super) struct Groups {
    schema: SchemaRef,
    parquet: TypePtr,
    /// How columns are written, as far as it is known beforehand.
    properties: WriterProperties,
    /// The columns of the group that is being filled; none if it has no rows.
    columns: Vec<ArrowColumnWriter>,
    rows: usize,
    /// How many groups came before it.
    before: usize,
    /// `None` once a group could not be written.
    file: Option<Place>,
}

/// Where the file is.
enum Place {
    Here(SerializedFileWriter<File>),
    /// With the thread that writes a group into it.
    Away(JoinHandle<Result<SerializedFileWriter<File>, ParquetError>>),
}

impl Groups {
    /// Begins a file of rows that are held as `held` says; see [`schema::written`] for what the file says of them.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn begin(
        file: File,
        held: SchemaRef,
        mut properties: WriterProperties,
    ) -> Result<Self, ParquetError> {
        let told = schema::written();
        add_encoded_arrow_schema_to_metadata(&told, &mut properties);
        let parquet = ArrowSchemaConverter::new().convert(&told)?;
        let parquet = parquet.root_schema_ptr();
        let file = SerializedFileWriter::new(file, Arc::clone(&parquet), Arc::new(properties.clone()))?;
        let file = Some(Place::Here(file));
        Ok(Self { schema: held, parquet, properties, columns: Vec::new(), rows: 0, before: 0, file })
    }

    /// Appends rows.
    ///
    /// # Errors
    /// They cannot be appended, or a group before them could not be written.
    pub(super) fn add(&mut self, batch: &RecordBatch) -> Result<(), ParquetError> {
        if matches!(&self.file, Some(Place::Away(thread)) if thread.is_finished()) {
            self.settle()?;
        }
        if batch.num_rows() == 0 {
            return Ok(());
        }
        if self.rows > 0 && self.rows + batch.num_rows() > ROWS {
            self.close()?;
        }
        if self.rows == 0 {
            self.columns = self.begin_group(batch)?;
        }
        self.rows += batch.num_rows();
        let mut columns = self.columns.iter_mut();
        for (field, array) in self.schema.fields().iter().zip(batch.columns()) {
            for leaf in compute_leaves(field, array)? {
                let column = columns.next().ok_or_else(|| wrong("rows have more columns than their file"))?;
                column.write(&leaf)?;
            }
        }
        Ok(())
    }

    /// The columns of a group that begins with these rows.
    fn begin_group(&self, first: &RecordBatch) -> Result<Vec<ArrowColumnWriter>, ParquetError> {
        let properties = Arc::new(pages::of_group(&self.properties, first));
        // Columns are made for a file with such properties. All of a file have those that it began with, so each group has a file that stays
        // empty; what its columns write becomes part of the real one.
        let file = SerializedFileWriter::new(io::sink(), Arc::clone(&self.parquet), properties)?;
        ArrowRowGroupWriterFactory::new(&file, Arc::clone(&self.schema)).create_column_writers(self.before)
    }

    /// How much memory the group takes that is being filled, in bytes.
    pub(super) fn memory(&self) -> usize {
        self.columns.iter().map(ArrowColumnWriter::memory_size).sum()
    }

    /// Ends the group that is being filled, and lets a thread write it; the next one can be filled then. Waits for the group before.
    ///
    /// # Errors
    /// The group before could not be written, or there can be no more threads.
    pub(super) fn close(&mut self) -> Result<(), ParquetError> {
        let mut file = self.here()?;
        let columns = self.end();
        let write = move || {
            write(&mut file, columns)?;
            // What is on disk by now need not be waited for in the end.
            file.flush()?;
            file.inner().sync_data()?;
            Ok(file)
        };
        let thread = Builder::new().name("xdr-write".to_owned()).spawn(write)?;
        self.file = Some(Place::Away(thread));
        Ok(())
    }

    /// Waits until all groups but the one that is being filled are written.
    ///
    /// # Errors
    /// One could not be written.
    pub(super) fn settle(&mut self) -> Result<(), ParquetError> {
        let file = self.here()?;
        self.file = Some(Place::Here(file));
        Ok(())
    }

    /// Writes what is left, and the file's own end.
    ///
    /// # Errors
    /// Something could not be written.
    pub(super) fn finish(mut self) -> Result<File, ParquetError> {
        let mut file = self.here()?;
        write(&mut file, self.end())?;
        file.into_inner()
    }

    /// The file, once no thread writes into it.
    fn here(&mut self) -> Result<SerializedFileWriter<File>, ParquetError> {
        match self.file.take() {
            Some(Place::Here(file)) => Ok(file),
            Some(Place::Away(thread)) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
            None => Err(wrong("a group of rows could not be written")),
        }
    }

    /// Takes the columns of the group; the next one begins.
    fn end(&mut self) -> Vec<ArrowColumnWriter> {
        self.before += usize::from(self.rows > 0);
        self.rows = 0;
        std::mem::take(&mut self.columns)
    }
}

impl Drop for Groups {
    /// No thread writes into the file any more when it is given up.
    fn drop(&mut self) {
        if let Some(Place::Away(thread)) = self.file.take() {
            let _ = thread.join();
        }
    }
}

fn wrong(what: &str) -> ParquetError {
    ParquetError::General(what.to_owned())
}

/// Writes the columns as a group, if there are some.
fn write(file: &mut SerializedFileWriter<File>, columns: Vec<ArrowColumnWriter>) -> Result<(), ParquetError> {
    if columns.is_empty() {
        return Ok(());
    }
    let mut group = file.next_row_group()?;
    for column in columns {
        column.close()?.append_to_row_group(&mut group)?;
    }
    group.close().map(|_| ())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use parquet::file::metadata::RowGroupMetaData;
    use xdr_model::Token;
    use xdr_runtime::columns::{Columns, Member};

    use super::super::probe;
    use super::super::rows::Rows;
    use super::*;

    /// Rows with these numbers.
    fn batch(numbers: impl IntoIterator<Item = i64>) -> RecordBatch {
        let mut rows = Rows::new(Arc::new(schema::held()));
        for number in numbers {
            rows.number(Token::ProcessId, number);
            rows.account(Member::Source, b"acme");
            rows.account(Member::Status, b"mapped");
            rows.end();
        }
        rows.finish().unwrap().rows
    }

    fn begin(file: File) -> Groups {
        Groups::begin(file, Arc::new(schema::held()), WriterProperties::default()).unwrap()
    }

    #[test]
    fn groups_follow_each_other_and_none_is_empty() {
        let path = std::env::temp_dir().join(format!("xdr-groups-{}.parquet", std::process::id()));
        let mut groups = begin(File::create(&path).unwrap());
        groups.close().unwrap();
        groups.add(&batch([])).unwrap();
        groups.close().unwrap();
        groups.add(&batch(0..3)).unwrap();
        groups.add(&batch(3..5)).unwrap();
        assert!(groups.memory() > 0);
        groups.close().unwrap();
        assert_eq!(groups.memory(), 0);
        groups.close().unwrap();
        groups.add(&batch(5..6)).unwrap();
        groups.settle().unwrap();
        groups.add(&batch(6..9)).unwrap();
        groups.close().unwrap();
        groups.add(&batch(9..11)).unwrap();
        groups.finish().unwrap();

        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap();
        let lengths: Vec<i64> =
            reader.metadata().row_groups().iter().map(RowGroupMetaData::num_rows).collect();
        assert_eq!(lengths, [5, 4, 2]);
        assert_eq!(probe::process_ids(&path), (0..11).collect::<Vec<_>>());
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_group_that_cannot_be_written_is_told_and_nothing_follows() {
        let path = std::env::temp_dir().join(format!("xdr-groups-{}.read-only", std::process::id()));
        fs::write(&path, "").unwrap();
        let read_only = || begin(File::open(&path).unwrap());
        for act in [Groups::settle, Groups::close, |groups: &mut Groups| groups.add(&batch(0..1))] {
            let mut groups = read_only();
            // What is little waits in front of the file.
            groups.add(&batch(0..100_000)).unwrap();
            groups.close().unwrap();
            while matches!(&groups.file, Some(Place::Away(thread)) if !thread.is_finished()) {
                std::thread::yield_now();
            }
            assert!(matches!(act(&mut groups), Err(ParquetError::External(_))));
            assert!(groups.finish().is_err());
        }
        // One that is given up waits for its thread.
        let mut groups = read_only();
        groups.add(&batch(0..1)).unwrap();
        groups.close().unwrap();
        drop(groups);
        fs::remove_file(path).unwrap();
    }
}
