//! `xdr replay`: what was rejected is mapped again.
//!
//! One thread does it all: rejects are few, and the pieces of a long line have to be joined in their order.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use crate::apart;
use crate::cli::{ReplayArgs, SettingsArgs};
use crate::config::Config;
use crate::failure::{DONE, Failure, REJECTS};
use crate::heard::Heard;
use crate::input::{self, Input};
use crate::kept::{self, Kept, Line, Part};
use crate::mapper::{Mapper, Results, TORN};
use crate::output::Output;
use crate::outputs::Outputs;
use crate::settings;
use crate::signals::{self, Stop};
use crate::summary::{REASONS, Summary};
use crate::text::count;

/// The reason of a piece that is not joined to a line.
const ORPHAN: &str = "a piece of a line whose beginning is not there";
/// The reason of a further piece of a line that is too long again.
const LONG: &str = "longer than --max-record";
/// Room for what a line of output has besides its record, in bytes.
const ACCOUNT: u64 = 1 << 20;

/// Maps the rejects among the lines of the inputs; the status tells of rejects under `--strict`.
pub(super) fn run(args: &ReplayArgs) -> Result<u8, Failure> {
    let inputs = input::open(&args.files)?;
    let config = Config::open(args.settings.config.as_deref(), None)?;
    apart::check(&args.to, None, &args.files, &args.settings, &config)?;
    let stop =
        Stop::watch().map_err(|error| Failure::failed(format!("cannot watch for signals: {error}")))?;
    let started = Instant::now();
    let mut replay = Replay {
        args,
        max_record: args.how.max_record(config.limits),
        config,
        mappers: Vec::new(),
        outputs: Outputs::open(&args.to)?,
        summary: Summary::default(),
        events: 0,
        long: None,
    };
    let ended = inputs.into_iter().try_for_each(|input| replay.input(input, &stop));
    // Whatever ended it, what was done is written.
    replay.finish_long();
    let Replay { outputs, summary, events, .. } = replay;
    outputs.finish()?;
    if !args.how.quiet {
        let stderr = &mut io::stderr().lock();
        summary
            .print(stderr, "replay", started.elapsed())
            .and_then(|()| match events {
                0 => Ok(()),
                events => io::Write::write_fmt(
                    stderr,
                    format_args!("  {} passed on as they were\n", count(events, "event")),
                ),
            })
            .map_err(|error| Failure::writing("standard error", &error))?;
    }
    ended?;
    Ok(if args.how.strict && summary.rejected > 0 { REJECTS } else { DONE })
}

struct Replay<'r> {
    args: &'r ReplayArgs,
    config: Config,
    /// The longest record, in bytes.
    max_record: u32,
    /// One for each source that was met.
    mappers: Vec<Mapper>,
    outputs: Outputs,
    summary: Summary,
    /// How many lines were passed on.
    events: u64,
    /// The beginning of a long line.
    long: Option<Long>,
}

/// A line whose pieces are being joined.
struct Long {
    kept: Kept,
    /// Whether it is too long again. Then its pieces are passed on as they come, and only its place is kept.
    over: bool,
}

impl Replay<'_> {
    fn input(&mut self, input: Input, stop: &Stop) -> Result<(), Failure> {
        let name = input.name.clone();
        let wrong = |error: &io::Error| Failure::reading(&name, error);
        let is_file = input.is_file();
        let from: Box<dyn Read> = if is_file {
            input.start(&Arc::new(AtomicU64::new(0))).map_err(|error| wrong(&error))?.0
        } else {
            Box::new(Heard::start(input, stop)?)
        };
        let mut from = BufReader::with_capacity(64 << 10, from);
        // A byte of a record is six of a line at most.
        let most = u64::from(self.max_record).saturating_mul(6).saturating_add(ACCOUNT);
        let mut line = Vec::new();
        for number in 1_u64.. {
            line.clear();
            if !is_file && memchr::memchr(b'\n', from.buffer()).is_none() {
                // What follows may keep us waiting.
                self.outputs.flush()?;
            }
            let length =
                from.by_ref().take(most).read_until(b'\n', &mut line).map_err(|error| wrong(&error))?;
            // What was read of a pipe is done first: it cannot be read again.
            if let Some(signal) = stop.signal().filter(|_| is_file || !line.ends_with(b"\n")) {
                self.finish_long();
                return Err(Failure::Error {
                    message: format!(
                        "stopped by {}, the lines before line {number} of {name} are done",
                        signals::name(signal)
                    ),
                    help: None,
                    status: signal.saturating_add(128),
                });
            }
            if length == 0 {
                break;
            }
            let at = |what: &str| Failure::failed(format!("{name}, line {number}: {what}"));
            if length as u64 == most && !line.ends_with(b"\n") {
                let why = format!("longer than {most} bytes, which no line with records of this length is");
                return Err(at(&why).help("give --max-record as in the run that wrote it"));
            }
            self.summary.bytes += length as u64;
            let line = line.strip_prefix(b"\xef\xbb\xbf").filter(|_| number == 1).unwrap_or(&line);
            if line.trim_ascii().is_empty() {
                self.summary.blank += 1;
                continue;
            }
            self.line(line, at)?;
            self.outputs.settle()?;
        }
        Ok(())
    }

    /// Does one line; what is wrong with it is put into words by `at`.
    fn line(&mut self, line: &[u8], at: impl Fn(&str) -> Failure) -> Result<(), Failure> {
        let kept = match kept::read(line.trim_ascii_end()).map_err(|why| at(&why))? {
            Line::Reject(kept) => kept,
            Line::Event => {
                self.finish_long();
                self.events += 1;
                self.outputs.events.line(line);
                return Ok(());
            }
        };
        if let Some(long) = &mut self.long {
            if long.kept.goes_on_in(&kept) {
                self.join(&kept, line);
                return Ok(());
            }
            self.finish_long();
        }
        self.find(&kept.source).map_err(|failure| match failure {
            Failure::Error { message, .. } if crate::registry::source(&kept.source).is_none() => at(&message),
            other => other,
        })?;
        match kept.part {
            Some(Part::Long) => self.long = Some(Long { kept, over: false }),
            Some(Part::More) => self.keep(line, ORPHAN),
            Some(Part::Torn) => self.keep(line, TORN),
            None => self.map(&kept),
        }
        Ok(())
    }

    /// Passes a reject on as it is.
    fn keep(&mut self, line: &[u8], reason: &'static str) {
        self.summary.reject(reason);
        match &mut self.outputs.rejects {
            Some(rejects) => rejects.line(line),
            None => self.outputs.events.line(line),
        }
    }

    /// Joins a piece to the beginning of its line.
    fn join(&mut self, kept: &Kept, line: &[u8]) {
        let Some(mut long) = self.long.take() else { return };
        let end = kept.position.saturating_add(kept.raw.len() as u64);
        if long.over {
            self.keep(line, LONG);
            long.kept.position = end;
        } else {
            long.kept.raw.extend_from_slice(&kept.raw);
            if long.kept.raw.len() > usize::try_from(self.max_record).unwrap_or(usize::MAX) {
                self.map(&long.kept);
                long.kept.raw = Vec::new();
                long.kept.position = end;
                long.over = true;
            }
        }
        self.long = Some(long);
    }

    /// Maps a long line, if there is one: nothing more of it comes.
    fn finish_long(&mut self) {
        if let Some(Long { kept, over: false }) = self.long.take() {
            self.map(&kept);
        }
    }

    fn map(&mut self, kept: &Kept) {
        let Some(mapper) = self.mappers.iter().find(|mapper| mapper.source.info.name == kept.source) else {
            return;
        };
        let received = self.args.settings.received_at.is_none().then_some(kept.received);
        let mut none = Vec::new();
        let mut to = Results {
            settings: &mapper.settings.at(received),
            events: self.outputs.events.taking(),
            rejects: self.outputs.rejects.as_mut().map_or(&mut none, Output::records),
            summary: &mut self.summary,
            reasons: REASONS,
        };
        if kept.part == Some(Part::Long) {
            mapper.whole(&kept.raw, kept.position, &mut to);
        } else {
            mapper.record(&kept.raw, kept.position, &mut to);
        }
    }

    /// Makes the mapper of a source if it is not there yet.
    fn find(&mut self, source: &str) -> Result<(), Failure> {
        if self.mappers.iter().any(|mapper| mapper.source.info.name == source) {
            return Ok(());
        }
        let settings: &SettingsArgs = &self.args.settings;
        let how = &self.args.how;
        let found = super::source(source)?;
        let settings = settings::resolve(settings, &self.config, found.info)?;
        let apart = self.args.to.rejects.is_some();
        self.mappers.push(Mapper::new(found, settings, how.keep(), apart, self.max_record));
        Ok(())
    }
}
