//! A Parquet file that is complete or not there.
//!
//! It is written under a temporary name in the folder of its own, and gets its name when all of it is on disk.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::arrow::{ArrowSchemaConverter, ArrowWriter, add_encoded_arrow_schema_to_metadata};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use xdr_model::{Kind, Token};

use super::schema;
use crate::cli::Compress;
use crate::failure::Failure;

/// How much memory the rows of a group may take before they are written, in bytes.
pub(super) const GROUP: usize = 32 << 20;
/// How many rows a group has at most.
const ROWS: usize = 512 << 10;
/// The level of zstd: the pages are small already, and higher ones cost more than they save.
const ZSTD: i32 = 1;
/// How many bytes of values a page takes: little enough to be made and packed within a processor's cache.
const PAGE: usize = 64 << 10;
/// How many bytes a dictionary takes; a column with more values goes on without. The more it holds, the longer each search in it takes.
const DICTIONARY: usize = 128 << 10;
/// Long texts, and what else hardly ever repeats: a dictionary would be filled for nothing.
const UNIQUE: [&str; 6] = ["message", "xdr.unmapped", "xdr.issues", "xdr.raw", "xdr.position", "xdr.exact"];

/// Whether values are another in each record, and digits or letters without a pattern: neither a dictionary nor snappy, which looks for
/// repeats, makes them smaller.
fn is_random(token: Token) -> bool {
    token.kind() == Kind::Hash
        || matches!(token, Token::EventId | Token::BaseEventId | Token::ExternalId | Token::SessionId)
}

/// How pages are written.
pub(super) fn properties(compress: Option<Compress>) -> Result<WriterProperties, Failure> {
    let compression = match compress {
        None => Compression::SNAPPY,
        Some(Compress::Zstd) => Compression::ZSTD(ZstdLevel::try_new(ZSTD).unwrap_or_default()),
        Some(Compress::Gzip) => {
            let message = "pages of Parquet files are packed by zstd or snappy, not by gzip";
            return Err(Failure::usage(message).help("give --compress zstd, or none for snappy"));
        }
    };
    let mut properties = WriterProperties::builder()
        .set_compression(compression)
        .set_created_by(concat!("xdr ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_max_row_group_row_count(Some(ROWS))
        .set_data_page_size_limit(PAGE)
        .set_dictionary_page_size_limit(DICTIONARY)
        .set_statistics_enabled(EnabledStatistics::None);
    let path = |name: &str| ColumnPath::new(name.split('.').map(str::to_owned).collect());
    for name in UNIQUE {
        properties = properties.set_column_dictionary_enabled(path(name), false);
    }
    for token in Token::ALL {
        let column = path(token.name());
        if is_random(token) {
            properties = properties.set_column_dictionary_enabled(column.clone(), false);
            if compress.is_none() {
                properties = properties.set_column_compression(column, Compression::UNCOMPRESSED);
            }
        } else if matches!(token.kind(), Kind::Timestamp | Kind::Integer | Kind::Port | Kind::Duration) {
            // Least and greatest values let readers skip groups by time or number. Of texts, which are in no order, they would not.
            properties = properties
                .set_column_dictionary_enabled(column.clone(), false)
                .set_column_statistics_enabled(column, EnabledStatistics::Chunk);
        }
    }
    Ok(properties.build())
}

/// How a file is written whose rows are held otherwise than the file tells: see [`schema::written`].
fn options(mut properties: WriterProperties) -> Result<ArrowWriterOptions, ParquetError> {
    let told = schema::written();
    add_encoded_arrow_schema_to_metadata(&told, &mut properties);
    let parquet = ArrowSchemaConverter::new().convert(&told)?;
    let options = ArrowWriterOptions::new().with_parquet_schema(parquet).with_skip_arrow_metadata(true);
    Ok(options.with_properties(properties))
}

/// A file on its way. If it is dropped before [`Unfinished::finish`], or a part of it cannot be written, nothing of it stays.
pub(crate) struct Unfinished {
    target: PathBuf,
    temporary: PathBuf,
    /// `None` once it is finished or given up.
    writer: Option<ArrowWriter<File>>,
}

impl Unfinished {
    /// Begins the file that is to be `target`; one that is there is replaced when this one is finished.
    ///
    /// # Errors
    /// The temporary file cannot be made.
    pub(super) fn begin(
        target: &Path,
        schema: SchemaRef,
        properties: WriterProperties,
    ) -> Result<Self, Failure> {
        if target.is_dir() {
            let message = format!("cannot write `{}`: it is a folder, a file is expected", target.display());
            return Err(Failure::usage(message).help("with --partition, --output names a folder"));
        }
        let temporary = beside(target, &format!("{}.tmp", std::process::id()));
        let file = File::create(&temporary).map_err(|error| Failure::writing(shown(&temporary), &error))?;
        Self::open(target.to_owned(), temporary, file, schema, properties)
    }

    /// Begins the next file of a folder that other runs may write to as well. No two of them take the same name.
    ///
    /// # Errors
    /// The temporary file cannot be made.
    pub(super) fn begin_in(
        folder: &Path,
        schema: SchemaRef,
        properties: WriterProperties,
    ) -> Result<Self, Failure> {
        fs::create_dir_all(folder).map_err(|error| Failure::writing(shown(folder), &error))?;
        for number in 0_u64.. {
            let target = folder.join(format!("part-{number}.parquet"));
            let temporary = beside(&target, "tmp");
            // Whoever makes the temporary file has the name.
            match File::create_new(&temporary) {
                Ok(_) if target.exists() => {
                    fs::remove_file(&temporary)
                        .map_err(|error| Failure::writing(shown(&temporary), &error))?;
                }
                Ok(file) => return Self::open(target, temporary, file, schema, properties),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Failure::writing(shown(&temporary), &error)),
            }
        }
        Err(Failure::failed(format!("cannot write {}: all names are taken", shown(folder))))
    }

    fn open(
        target: PathBuf,
        temporary: PathBuf,
        file: File,
        schema: SchemaRef,
        properties: WriterProperties,
    ) -> Result<Self, Failure> {
        let mut new = Self { target, temporary, writer: None };
        let writer =
            options(properties).and_then(|options| ArrowWriter::try_new_with_options(file, schema, options));
        new.writer = Some(writer.map_err(|error| new.wrong(&error))?);
        Ok(new)
    }

    /// Appends rows; writes a group when they take much memory.
    ///
    /// # Errors
    /// They cannot be written.
    pub(super) fn add(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let mut result = writer.write(batch);
        if result.is_ok() && writer.memory_size() > GROUP {
            result = writer.flush();
        }
        self.check(result)
    }

    /// How much memory the rows take that are not written, in bytes.
    pub(super) fn memory(&self) -> usize {
        self.writer.as_ref().map_or(0, ArrowWriter::memory_size)
    }

    /// Writes the rows that are not written as a group.
    ///
    /// # Errors
    /// They cannot be written.
    pub(super) fn group(&mut self) -> Result<(), Failure> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let result = writer.flush();
        self.check(result)
    }

    /// Gives the file up if rows are missing in it.
    fn check(&mut self, result: Result<(), ParquetError>) -> Result<(), Failure> {
        result.map_err(|error| {
            let failure = self.wrong(&error);
            self.abandon();
            failure
        })
    }

    fn abandon(&mut self) {
        if self.writer.take().is_some() {
            // Best effort: nobody is left to be told.
            let _ = fs::remove_file(&self.temporary);
        }
    }

    /// Completes the file and gives it its name.
    ///
    /// # Errors
    /// It cannot be written; nothing of it stays then.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        let done = writer.into_inner().map_err(|error| self.wrong(&error)).and_then(|file| {
            file.sync_all()
                .and_then(|()| fs::rename(&self.temporary, &self.target))
                .and_then(|()| sync_folder(&self.target))
                .map_err(|error| Failure::writing(shown(&self.target), &error))
        });
        if done.is_err() {
            // Best effort: the message is what matters.
            let _ = fs::remove_file(&self.temporary);
        }
        done
    }

    fn wrong(&self, error: &ParquetError) -> Failure {
        if let ParquetError::External(inner) = error
            && let Some(error) = inner.downcast_ref::<io::Error>()
        {
            return Failure::writing(shown(&self.target), error);
        }
        Failure::failed(format!("cannot write {}: {error}", shown(&self.target)))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.abandon();
    }
}

fn shown(path: &Path) -> String {
    format!("`{}`", path.display())
}

/// A hidden name in the folder of the file.
fn beside(target: &Path, ending: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.{ending}"))
}

/// A name is on disk when its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}
