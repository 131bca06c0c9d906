//! The outputs of a run together: events, as lines or as a table, and rejects where they are kept apart.

use std::sync::Arc;

use crate::cli::{By, Compress, EventFormat, ToArgs};
use crate::failure::Failure;
use crate::job::{Job, Packed, Sizes};
use crate::mapper::{self, Mapper};
use crate::output::{GATHER, Output};
use crate::pack::Packer;
use crate::table::{Filler, Table};
use crate::turns::Turns;

/// How many bytes of rows are gathered before they are appended to a table.
const ROWS: usize = 16 * GATHER;

/// How long the outputs are, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lengths {
    pub(crate) events: u64,
    pub(crate) rejects: u64,
}

/// Where events and rejects go.
pub(crate) struct Outputs {
    pub(crate) events: Events,
    /// If they are kept apart.
    pub(crate) rejects: Option<Output>,
    compress: Option<Compress>,
}

impl Outputs {
    /// Opens the outputs.
    ///
    /// # Errors
    /// A file that cannot be written; options that do not go together.
    pub(crate) fn open(to: &ToArgs) -> Result<Self, Failure> {
        let events = match to.format {
            EventFormat::Parquet if has_twice(&to.partition) => {
                return Err(Failure::usage("--partition names the same twice"));
            }
            EventFormat::Parquet => Events::Table(Box::new(Tabled::begin(to)?)),
            EventFormat::Ndjson if !to.partition.is_empty() => {
                let message = "--partition is for Parquet files, and the format is `ndjson`";
                return Err(Failure::usage(message).help("give --format parquet"));
            }
            EventFormat::Ndjson => {
                let output = to.output.as_deref().map_or_else(Output::stdout, Output::create)?;
                Events::Lines(output.packed(to.compress))
            }
        };
        let rejects = to.rejects.as_deref().map(Output::create).transpose()?;
        Ok(Self::of(events, rejects.map(|rejects| rejects.packed(to.compress)), to.compress))
    }

    /// Opens the outputs of a run with checkpoints: to go on behind these lengths, or new ones.
    ///
    /// # Errors
    /// As of [`Outputs::open`]; a file that is not as it was left.
    pub(crate) fn resume(to: &ToArgs, lengths: Option<Lengths>) -> Result<Self, Failure> {
        let Some(output) = &to.output else { return Self::open(to) };
        let mut events = Output::resume(output, lengths.map(|lengths| lengths.events))?;
        let mut rejects = match &to.rejects {
            Some(path) => Some(Output::resume(path, lengths.map(|lengths| lengths.rejects))?),
            None => None,
        };
        // Nothing is cut before all is known to be right.
        let Lengths { events: length, rejects: other } = lengths.unwrap_or_default();
        events.cut(length)?;
        rejects.as_mut().map_or(Ok(()), |rejects| rejects.cut(other))?;
        let (events, rejects) =
            (events.packed(to.compress), rejects.map(|output| output.packed(to.compress)));
        Ok(Self::of(Events::Lines(events), rejects, to.compress))
    }

    /// Writes all that was gathered and waits until it is on disk; says how long the outputs are then.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn sync(&mut self) -> Result<Lengths, Failure> {
        let events = match &mut self.events {
            Events::Lines(output) => output.sync()?,
            // A table has no checkpoints.
            Events::Table(_) => 0,
        };
        Ok(Lengths { events, rejects: self.rejects.as_mut().map_or(Ok(0), Output::sync)? })
    }

    /// These outputs.
    pub(crate) fn of(events: Events, rejects: Option<Output>, compress: Option<Compress>) -> Self {
        Self { events, rejects, compress }
    }

    /// What a mapping thread does with the results of its jobs.
    pub(crate) fn finisher(&self) -> Finisher {
        let table = match &self.events {
            Events::Lines(_) => None,
            Events::Table(table) => Filler::new().ok().map(|filler| (filler, Arc::clone(&table.turns))),
        };
        Finisher { packer: self.compress.map(Packer::new), table }
    }

    /// Writes what was gathered where it is much.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn settle(&mut self) -> Result<(), Failure> {
        self.events.settle()?;
        self.rejects.as_mut().map_or(Ok(()), Output::settle)
    }

    /// Writes all that was gathered; if one output fails, the other still has its records.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        let events = match &mut self.events {
            Events::Lines(output) => output.flush(),
            // A table has no use for few rows; nobody can read it before it is finished.
            Events::Table(_) => Ok(()),
        };
        let rejects = self.rejects.as_mut().map_or(Ok(()), Output::flush);
        events.and(rejects)
    }

    /// Writes all that was gathered and completes what has to be completed.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        let flushed = self.flush();
        let finished = match self.events {
            Events::Lines(mut output) => output.finish(),
            Events::Table(table) => table.finish(),
        };
        let rejects = self.rejects.as_mut().map_or(Ok(()), Output::finish);
        flushed.and(finished).and(rejects)
    }
}

/// Where events go.
pub(crate) enum Events {
    Lines(Output),
    Table(Box<Tabled>),
}

impl Events {
    /// What takes events. Follow it by [`Outputs::settle`].
    pub(crate) fn taking(&mut self) -> mapper::Events<'_> {
        match self {
            Self::Lines(output) => mapper::Events::Lines(output.records()),
            Self::Table(table) => mapper::Events::Rows(&mut table.filler),
        }
    }

    /// Appends a line of output; the last one of an input may lack its line break. Follow it by [`Outputs::settle`].
    pub(crate) fn line(&mut self, line: &[u8]) {
        match self {
            Self::Lines(output) => output.line(line),
            Self::Table(table) => table.filler.push(line),
        }
    }

    /// The sizes of jobs of a run with so many mapping threads.
    pub(crate) fn sizes(&self, threads: usize) -> Sizes {
        match self {
            // With one thread, rows of several jobs are gathered.
            Self::Table(_) if threads > 1 => Sizes::rows(threads),
            _ => Sizes::new(threads),
        }
    }

    /// How much is gathered before it is written, in bytes.
    pub(crate) fn gathers(&self) -> usize {
        match self {
            Self::Lines(output) => output.gathers(),
            Self::Table(_) => ROWS,
        }
    }

    fn settle(&mut self) -> Result<(), Failure> {
        match self {
            Self::Lines(output) => output.settle(),
            Self::Table(table) if table.filler.size() >= ROWS => table.flush(),
            Self::Table(_) => Ok(()),
        }
    }

    /// Writes the events of a job; rows may be in their table already. Between big pieces of lines `stop` is asked whether to leave off.
    /// Says how many bytes of the events were taken, which end behind a record.
    ///
    /// # Errors
    /// They cannot be written.
    pub(crate) fn write(&mut self, job: &mut Job, stop: impl Fn() -> bool) -> Result<usize, Failure> {
        match self {
            Self::Lines(output) => output.write(&job.events, &job.packed.events, stop),
            Self::Table(table) => {
                if !job.is_appended {
                    table.turns.append(job);
                }
                if !job.is_appended {
                    // The run has ended by then, for whatever reason the table was closed.
                    let closed = || Failure::failed("rows came for a table that was closed");
                    return Err(table.turns.failure().unwrap_or_else(closed));
                }
                std::mem::replace(&mut job.rows, Ok(None)).map(|_| job.size)
            }
        }
    }

    /// Lets mapping threads append nothing more to a table; says how many parts of jobs they have appended.
    pub(crate) fn close(&self) -> usize {
        match self {
            Self::Lines(_) => 0,
            Self::Table(table) => table.turns.close(),
        }
    }
}

/// A table, and rows that are not in it yet.
pub(crate) struct Tabled {
    turns: Arc<Turns>,
    filler: Filler,
}

impl Tabled {
    fn begin(to: &ToArgs) -> Result<Self, Failure> {
        let Some(path) = &to.output else {
            return Err(Failure::usage("--format parquet writes a file, and standard output is none")
                .help("name it: --output events.parquet"));
        };
        Self::of(Table::begin(path, &to.partition, to.compress)?)
    }

    /// This table.
    ///
    /// # Errors
    /// As of [`Filler::new`].
    pub(crate) fn of(table: Table) -> Result<Self, Failure> {
        Ok(Self { turns: Arc::new(Turns::new(table)), filler: Filler::new()? })
    }

    fn flush(&mut self) -> Result<(), Failure> {
        self.filler.finish()?.map_or(Ok(()), |batch| self.turns.add(batch))
    }

    fn finish(mut self) -> Result<(), Failure> {
        self.flush()?;
        self.turns.finish()
    }
}

/// What a mapping thread makes of jobs.
pub(crate) struct Finisher {
    packer: Option<Packer>,
    table: Option<(Filler, Arc<Turns>)>,
}

impl Finisher {
    /// Maps a job, into rows of a table if there is one, and packs results that are enough for a frame of their own. Others, and those of
    /// which it fails, are left to whoever writes them.
    pub(crate) fn map(&mut self, job: &mut Job, mapper: &Mapper, sizes: Sizes) {
        job.map(mapper, self.table.as_mut().map(|(filler, _)| filler), sizes);
        if let Some((_, turns)) = &self.table {
            turns.append(job);
        }
        let Some(packer) = &mut self.packer else { return };
        // A table packs its pages itself, and has no lines.
        let Packed { events, rejects } = &mut job.packed;
        for (results, frame) in [(&job.events, events), (&job.rejects, rejects)] {
            if results.len() >= GATHER {
                let _ = packer.frame(results, frame);
            }
        }
    }
}

fn has_twice(by: &[By]) -> bool {
    by.iter().enumerate().any(|(at, one)| by.iter().skip(at + 1).any(|other| other == one))
}
