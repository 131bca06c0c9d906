//! A Parquet file that is complete or not there.
//!
//! It is written under a temporary name in the folder of its own, and gets its name when all of it is on disk.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::groups::Groups;
use crate::failure::Failure;

/// How much memory the rows of a group may take before they are written, in bytes.
pub(super) const GROUP: usize = 32 << 20;

/// A file on its way. If it is dropped before [`Unfinished::finish`], or a part of it cannot be written, nothing of it stays.
pub(crate) struct Unfinished {
    target: PathBuf,
    temporary: PathBuf,
    /// `None` once it is finished or given up.
    groups: Option<Groups>,
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
        // A device or a pipe would be replaced, not written to.
        if fs::metadata(target).is_ok_and(|found| !found.is_file()) {
            let message = format!(
                "cannot write `{}`: it is no regular file, and a Parquet file would take its place",
                target.display()
            );
            return Err(Failure::usage(message).help("name a file: --output events.parquet"));
        }
        // The file takes the place of the one that a link leads to, not that of the link.
        let linked = if target.is_symlink() { fs::canonicalize(target).ok() } else { None };
        let target = linked.unwrap_or_else(|| target.to_owned());
        let temporary = beside(&target, &format!("{}.tmp", std::process::id()));
        let file = File::create(&temporary).map_err(|error| Failure::writing(shown(&temporary), &error))?;
        Self::open(target, temporary, file, schema, properties)
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
        let mut new = Self { target, temporary, groups: None };
        let groups = Groups::begin(file, schema, properties);
        new.groups = Some(groups.map_err(|error| new.wrong(&error))?);
        Ok(new)
    }

    /// Appends rows.
    ///
    /// # Errors
    /// They, or rows before them, cannot be written.
    pub(super) fn add(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        self.with(|groups| groups.add(batch))
    }

    /// How much memory the rows take that are in no group yet, in bytes.
    pub(super) fn memory(&self) -> usize {
        self.groups.as_ref().map_or(0, Groups::memory)
    }

    /// Makes a group of the rows that are in none, which is written while others are added.
    ///
    /// # Errors
    /// Rows before them cannot be written.
    pub(super) fn group(&mut self) -> Result<(), Failure> {
        self.with(Groups::close)
    }

    /// Waits until all groups are written.
    ///
    /// # Errors
    /// They cannot be written.
    pub(super) fn settle(&mut self) -> Result<(), Failure> {
        self.with(Groups::settle)
    }

    /// Does this, and gives the file up if it fails: rows are missing in it.
    fn with(&mut self, act: impl FnOnce(&mut Groups) -> Result<(), ParquetError>) -> Result<(), Failure> {
        let Some(groups) = &mut self.groups else { return Ok(()) };
        act(groups).map_err(|error| {
            let failure = self.wrong(&error);
            self.abandon();
            failure
        })
    }

    fn abandon(&mut self) {
        if self.groups.take().is_some() {
            // Best effort: nobody is left to be told.
            let _ = fs::remove_file(&self.temporary);
        }
    }

    /// Completes the file and gives it its name.
    ///
    /// # Errors
    /// It cannot be written; nothing of it stays then.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        let Some(groups) = self.groups.take() else { return Ok(()) };
        let done = groups.finish().map_err(|error| self.wrong(&error)).and_then(|file| {
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
