//! Checkpoints: how far a run has come, kept in a file, so that another run can go on there.
//!
//! A checkpoint says how far the input was read and how long the outputs were when all of that was in them. Whoever goes on cuts the
//! outputs to that length and reads on from that place: so each record is there once, wherever the run before was interrupted.
//! A checkpoint replaces the one before in one step, after the outputs are on disk.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::cli::{EventFormat, NormalizeArgs};
use crate::failure::Failure;
use crate::follow::Followed;
use crate::lines::Block;
use crate::outputs::{Lengths, Outputs};
use crate::place::{Mark, Place, Progress, bytes};

/// The form of the file.
const VERSION: u32 = 1;
/// How long a run goes on before it keeps a checkpoint again.
const EVERY: Duration = Duration::from_millis(250);

/// What the file holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a checkpoint")]
pub(crate) struct Checkpoint {
    version: u32,
    source: String,
    follow: bool,
    /// The moment of receipt of the whole run, if it has one.
    received: Option<DateTime<Utc>>,
    compress: Option<String>,
    inputs: Vec<Saved>,
    output: Written,
    rejects: Option<Written>,
}

/// An input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    path: PathBuf,
    /// If anything of it was read.
    progress: Option<Progress>,
}

/// An output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    path: PathBuf,
    /// In bytes.
    length: u64,
}

impl Checkpoint {
    /// A checkpoint of a run that has not begun.
    ///
    /// # Errors
    /// Such a run cannot have checkpoints.
    pub(crate) fn new(args: &NormalizeArgs, received: DateTime<Utc>) -> Result<Self, Failure> {
        if !cfg!(unix) {
            return Err(Failure::usage("--checkpoint is not offered on this system"));
        }
        let needs = |what: &str, help: &str| Err(Failure::usage(what).help(help));
        if args.to.format != EventFormat::Ndjson {
            return needs(
                "a Parquet file is complete or not there, so a run that writes one has no checkpoints",
                "give --format ndjson",
            );
        }
        let Some(output) = &args.to.output else {
            return needs(
                "--checkpoint needs a file that it can cut, and standard output is none",
                "name it: --output events.ndjson",
            );
        };
        if args.files.is_empty() || args.files.iter().any(|path| path.as_os_str() == "-") {
            return needs(
                "--checkpoint needs files that can be read again, and standard input is none",
                "name the files to read",
            );
        }
        for path in &args.files {
            // What cannot be read is told when it is opened.
            if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
                let message = format!(
                    "--checkpoint needs files that can be read again, and `{}` is none",
                    path.display()
                );
                return Err(Failure::usage(message));
            }
        }
        let inputs = args.files.iter().map(|path| Saved { path: absolute(path), progress: None }).collect();
        let written = |path: &PathBuf| Written { path: absolute(path), length: 0 };
        Ok(Self {
            version: VERSION,
            source: args.source.name.clone(),
            follow: args.follow,
            received: (!args.follow || args.settings.received_at.is_some()).then_some(received),
            compress: args.to.compress.map(|kind| format!("{kind:?}").to_lowercase()),
            inputs,
            output: written(output),
            rejects: args.to.rejects.as_ref().map(written),
        })
    }

    /// The moment of receipt of the whole run, if it has one.
    pub(crate) fn received(&self) -> Option<DateTime<Utc>> {
        self.received
    }

    /// How long the outputs were.
    pub(crate) fn lengths(&self) -> Lengths {
        Lengths { events: self.output.length, rejects: self.rejects.as_ref().map_or(0, |file| file.length) }
    }

    /// How far each input was read.
    pub(crate) fn progress(&self) -> Vec<Option<Progress>> {
        self.inputs.iter().map(|input| input.progress.clone()).collect()
    }

    /// The checkpoint that a run before this one left.
    ///
    /// # Errors
    /// It cannot be read, or is of another run than `new`.
    pub(crate) fn load(path: &Path, new: &Self) -> Result<Option<Self>, Failure> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::reading(shown(path), &error)),
        };
        let wrong = |what: String| {
            Failure::failed(format!("{} {what}", shown(path))).help(
                "give what the run before was given, or delete the checkpoint and the outputs to begin anew",
            )
        };
        let old: Self =
            serde_json::from_slice(&text).map_err(|error| wrong(format!("is no checkpoint: {error}")))?;
        if old.version != VERSION {
            return Err(wrong(format!("has the version {}, expected {VERSION}", old.version)));
        }
        let differs = |what: &str, found: &dyn std::fmt::Debug, expected: &dyn std::fmt::Debug| {
            wrong(format!("is of a run with {what} {expected:?}, found {found:?}"))
        };
        let paths = |of: &Self| of.inputs.iter().map(|input| input.path.clone()).collect::<Vec<_>>();
        let rejects = |of: &Self| of.rejects.as_ref().map(|file| file.path.clone());
        if old.source != new.source {
            return Err(differs("source", &new.source, &old.source));
        }
        if paths(&old) != paths(new) {
            return Err(differs("inputs", &paths(new), &paths(&old)));
        }
        if old.follow != new.follow {
            return Err(differs("--follow", &new.follow, &old.follow));
        }
        if old.output.path != new.output.path {
            return Err(differs("output", &new.output.path, &old.output.path));
        }
        if rejects(&old) != rejects(new) {
            return Err(differs("rejects", &rejects(new), &rejects(&old)));
        }
        if old.compress != new.compress {
            return Err(differs("--compress", &new.compress, &old.compress));
        }
        Ok(Some(old))
    }

    /// Checks that the inputs of a run that does not follow them are those that were read.
    ///
    /// # Errors
    /// One is not.
    pub(crate) fn check_inputs(&self) -> Result<(), Failure> {
        let current = self.inputs.iter().rposition(|input| input.progress.is_some());
        for (number, input) in self.inputs.iter().enumerate() {
            let Some(progress) = &input.progress else { continue };
            let name = shown(&input.path);
            let check = || -> io::Result<Result<(), String>> {
                let file = File::open(&input.path)?;
                let (size, offset) = (file.metadata()?.len(), progress.offset());
                if !progress.mark.is_of(&file)? {
                    return Ok(Err(format!(
                        "is not the file that was read up to byte {offset}: it has {size} bytes, and others before that place"
                    )));
                }
                if progress.packed || size == offset {
                    return Ok(Ok(()));
                }
                if current != Some(number) {
                    return Ok(Err(format!("had {offset} bytes when it was read, and has {size} now")));
                }
                if offset > 0 && !progress.long && bytes(&file, offset - 1, 1)? != b"\n" {
                    return Ok(Err(format!(
                        "ended at byte {offset} without a line break when it was read, and goes on there now"
                    )));
                }
                Ok(Ok(()))
            };
            check().map_err(|error| Failure::reading(&name, &error))?.map_err(|why| {
                Failure::failed(format!("{name} {why}"))
                    .help("delete the checkpoint and the outputs to begin anew")
            })?;
        }
        Ok(())
    }
}

/// Keeps the checkpoint of a run.
pub(crate) struct Keeper {
    path: PathBuf,
    checkpoint: Checkpoint,
    /// Where each input stands of which something was done since.
    places: Vec<Option<(Arc<Place>, Progress)>>,
    last: Instant,
    /// Whether anything was done since.
    is_old: bool,
    /// Whether what is kept stays: what follows is a line whose end may not be there yet.
    held: bool,
}

impl Keeper {
    /// Keeps the checkpoint of a run that begins, or goes on, with this one.
    pub(crate) fn new(path: &Path, checkpoint: Checkpoint) -> Self {
        let places = checkpoint.inputs.iter().map(|_| None).collect();
        Self { path: path.to_owned(), checkpoint, places, last: Instant::now(), is_old: true, held: false }
    }

    /// Says where a file that is followed is read from.
    pub(crate) fn begins(&mut self, file: &Followed) {
        if let Some(slot) = self.places.get_mut(file.place.input) {
            *slot = Some((Arc::clone(&file.place), file.progress()));
        }
    }

    /// Says how far an input is done: up to where the lines of the block were handed on, or to the record that could not be mapped.
    pub(crate) fn done(&mut self, place: &Arc<Place>, at: u64, block: &Block) {
        let read = block.passed();
        // What is behind the place is not done.
        let ahead = usize::try_from(block.at().saturating_sub(at)).unwrap_or(usize::MAX);
        let read = read.get(..read.len().saturating_sub(ahead)).unwrap_or_default();
        if read.is_empty() {
            return;
        }
        let progress = Progress {
            base: place.base,
            at,
            long: ahead == 0 && block.is_within(),
            packed: place.packed,
            mark: Mark::of(read, at.saturating_sub(place.base)),
            id: place.id,
        };
        if let Some(slot) = self.places.get_mut(place.input) {
            *slot = Some((Arc::clone(place), progress));
            self.is_old = true;
        }
    }

    /// Keeps a checkpoint if the last one is old. All that is done must be in the outputs.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn settle(&mut self, outputs: &mut Outputs) -> Result<(), Failure> {
        if self.is_old && (self.last.elapsed() >= EVERY || self.is_first()) {
            self.keep(outputs)
        } else {
            Ok(())
        }
    }

    /// Whether something was read for the first time of a file, which could not be found again by what is kept.
    fn is_first(&self) -> bool {
        let mut inputs = self.checkpoint.inputs.iter().zip(&self.places);
        inputs.any(|(saved, place)| {
            let kept = saved.progress.as_ref().is_none_or(|progress| progress.mark.is_empty());
            kept && place.as_ref().is_some_and(|(_, progress)| !progress.mark.is_empty())
        })
    }

    /// Keeps a checkpoint now, and none after it.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn hold(&mut self, outputs: &mut Outputs) -> Result<(), Failure> {
        self.keep(outputs)?;
        self.held = true;
        Ok(())
    }

    /// Keeps a checkpoint now.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn keep(&mut self, outputs: &mut Outputs) -> Result<(), Failure> {
        if self.held {
            return Ok(());
        }
        let lengths = outputs.sync()?;
        self.checkpoint.output.length = lengths.events;
        if let Some(rejects) = &mut self.checkpoint.rejects {
            rejects.length = lengths.rejects;
        }
        for (saved, place) in self.checkpoint.inputs.iter_mut().zip(&mut self.places) {
            // Its file must not stay open: there may be more inputs than a process may have files.
            let Some((place, mut progress)) = place.take() else { continue };
            if let Some(file) = place.file.as_ref().filter(|_| place.packed) {
                progress.mark =
                    Mark::of_packed(file).map_err(|error| Failure::reading(shown(&saved.path), &error))?;
            }
            saved.progress = Some(progress);
        }
        self.write().map_err(|error| Failure::writing(shown(&self.path), &error))?;
        self.last = Instant::now();
        self.is_old = false;
        Ok(())
    }

    fn write(&self) -> io::Result<()> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let temporary = self.path.with_file_name(format!(".{name}.tmp"));
        let mut file = File::create(&temporary)?;
        serde_json::to_writer_pretty(&mut file, &self.checkpoint)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&temporary, &self.path)?;
        // A name is on disk when its folder is.
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn shown(path: &Path) -> String {
    format!("`{}`", path.display())
}
