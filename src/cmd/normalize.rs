//! `xdr normalize`: records in, events out, an account of both.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use xdr_runtime::engine::Source;
use xdr_runtime::ndjson::{self, Keep};
use xdr_runtime::record::Reject;
use xdr_runtime::settings::Settings;

use crate::cli::{NormalizeArgs, Unmapped};
use crate::failure::{DONE, Failure, REJECTS};
use crate::input::{self, Item};
use crate::lines::{Lines, Piece};
use crate::output::Output;
use crate::progress::Progress;
use crate::settings;
use crate::signals::{self, Stop};
use crate::summary::Summary;

/// How long the run waits for input before it looks for a signal again.
const WAIT: Duration = Duration::from_millis(100);

/// Reads the inputs and writes their events. The status tells of rejects under `--strict` and of a signal that ended the run.
pub(super) fn run(args: &NormalizeArgs) -> Result<u8, Failure> {
    let source = super::source(&args.source.name)?;
    let settings = settings::resolve(&args.settings, source.info.name)?;
    let inputs = input::open(&args.files)?;
    if let Some(rejects) = &args.rejects {
        not_an_input(rejects, args)?;
    }
    let mut run = Run {
        source,
        settings: &settings,
        keep: Keep { unmapped: args.unmapped == Unmapped::Keep, raw: args.raw },
        too_long: too_long(args.max_record),
        out: Output::stdout()?,
        rejects: args.rejects.as_deref().map(Output::create).transpose()?,
        summary: Summary::default(),
    };
    let stop =
        Stop::watch().map_err(|error| Failure::failed(format!("cannot watch for signals: {error}")))?;
    let progress = Progress::new(&inputs, args.quiet);
    let taken = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let items = input::read(inputs, Arc::clone(&taken));
    let show = |records| progress.show(taken.load(Ordering::Relaxed), records);
    let ended = run.all(&items, args.max_record, &stop, show);
    drop(progress);
    // Whatever ended the run, the records that were done are written and accounted for.
    let ended = match ended {
        Err(Halt::Write(failure)) => {
            // One output failed; the other is still to have its records.
            let _ = run.flush();
            return Err(failure);
        }
        other => other,
    };
    run.flush()?;
    if !args.quiet {
        run.report(source.info.name, started.elapsed())?;
    }
    match ended {
        Ok(()) if args.strict && run.summary.rejected > 0 => Ok(REJECTS),
        Ok(()) => Ok(DONE),
        Err(Halt::Read(failure) | Halt::Write(failure)) => Err(failure),
        Err(Halt::Signal { signal, at }) => Err(Failure::Error {
            message: format!(
                "stopped by {}, the records before byte {at} of the input are done",
                signals::name(signal)
            ),
            help: None,
            status: signal.saturating_add(128),
        }),
    }
}

/// Writing rejects would empty a file that is still to be read.
fn not_an_input(rejects: &Path, args: &NormalizeArgs) -> Result<(), Failure> {
    let Ok(target) = rejects.canonicalize() else { return Ok(()) };
    let same = |input: &&std::path::PathBuf| {
        target.is_file() && input.canonicalize().is_ok_and(|path| path == target)
    };
    match args.files.iter().find(same) {
        Some(input) => {
            Err(Failure::usage(format!("`{}` is read, so rejects cannot be written to it", input.display())))
        }
        None => Ok(()),
    }
}

/// The reason of rejects that are too long. A reason lives as long as the program, so it is made once and never freed.
fn too_long(limit: u32) -> &'static str {
    format!("longer than {limit} bytes").leak()
}

/// The reason of a reject whose input broke off.
const TORN: &str = "input broke off";

/// Why a run ends before its input does.
enum Halt {
    /// A signal came; the record at this byte of the input is the first that was not read.
    Signal {
        signal: u8,
        at: u64,
    },
    Read(Failure),
    Write(Failure),
}

struct Run<'s> {
    source: &'static Source,
    settings: &'s Settings,
    keep: Keep,
    too_long: &'static str,
    out: Output,
    rejects: Option<Output>,
    summary: Summary,
}

impl Run<'_> {
    /// Reads all items. `show` is told the number of records now and then.
    fn all(
        &mut self,
        items: &Receiver<Item>,
        limit: u32,
        stop: &Stop,
        show: impl Fn(u64),
    ) -> Result<(), Halt> {
        let mut lines = Lines::new(usize::try_from(limit).unwrap_or(usize::MAX));
        let result = self.items(items, &mut lines, stop, show);
        self.summary.bytes = match result {
            Err(Halt::Signal { at, .. }) => at,
            _ => lines.position(),
        };
        result
    }

    fn items(
        &mut self,
        items: &Receiver<Item>,
        lines: &mut Lines,
        stop: &Stop,
        show: impl Fn(u64),
    ) -> Result<(), Halt> {
        while let Some(item) = self.next(items, lines.position(), stop)? {
            match item {
                Item::Chunk(chunk) => lines.feed(&chunk, |piece, at| self.checked(piece, at, stop))?,
                Item::End => lines.end(false, |piece, at| self.checked(piece, at, stop))?,
                Item::Failed(failure) => {
                    lines.end(true, |piece, at| self.piece(piece, at)).map_err(Halt::Write)?;
                    return Err(Halt::Read(failure));
                }
            }
            show(self.summary.records());
        }
        Ok(())
    }

    /// The next item, `None` at the end. While the input keeps us waiting, nothing is held back and signals are heard.
    fn next(&mut self, items: &Receiver<Item>, at: u64, stop: &Stop) -> Result<Option<Item>, Halt> {
        match items.try_recv() {
            Ok(item) => return Ok(Some(item)),
            Err(TryRecvError::Disconnected) => return Ok(None),
            Err(TryRecvError::Empty) => self.flush().map_err(Halt::Write)?,
        }
        loop {
            match items.recv_timeout(WAIT) {
                Ok(item) => return Ok(Some(item)),
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
                Err(RecvTimeoutError::Timeout) => {
                    if let Some(signal) = stop.signal() {
                        return Err(Halt::Signal { signal, at });
                    }
                }
            }
        }
    }

    fn checked(&mut self, piece: Piece<'_>, at: u64, stop: &Stop) -> Result<(), Halt> {
        match stop.signal() {
            Some(signal) => Err(Halt::Signal { signal, at }),
            None => self.piece(piece, at).map_err(Halt::Write),
        }
    }

    fn piece(&mut self, piece: Piece<'_>, at: u64) -> Result<(), Failure> {
        match piece {
            Piece::Line(line) => self.line(line, at),
            Piece::Long(bytes) => self.reject(bytes, self.too_long, "the end of the line"),
            Piece::Torn(bytes) => self.reject(bytes, TORN, "the rest of the record"),
        }
    }

    fn line(&mut self, line: &[u8], at: u64) -> Result<(), Failure> {
        let mut records = 0;
        if !line.trim_ascii().is_empty() {
            for record in self.source.records(line) {
                records += 1;
                // Members of an array are slices of the line, so they have a place in it.
                let offset = record.as_ptr().addr().saturating_sub(line.as_ptr().addr());
                self.record(record, at.saturating_add(offset as u64))?;
            }
        }
        self.summary.blank += u64::from(records == 0);
        Ok(())
    }

    fn record(&mut self, record: &[u8], at: u64) -> Result<(), Failure> {
        let out = self.out.records();
        let start = out.len();
        let outcome = self.source.normalize(record, at, self.settings, self.keep, out);
        if let (Some(rejects), Some(_)) = (&mut self.rejects, outcome.reject) {
            rejects.records().extend(out.drain(start..));
            rejects.settle()?;
        }
        self.summary.add(outcome);
        self.out.settle()
    }

    /// Rejects bytes that are no record to ask the source about.
    fn reject(&mut self, bytes: &[u8], reason: &'static str, expected: &str) -> Result<(), Failure> {
        let to = self.rejects.as_mut().unwrap_or(&mut self.out);
        let reject = Reject { reason, at: bytes.len(), expected: expected.to_owned() };
        ndjson::reject(to.records(), self.source.info.name, bytes, &reject);
        self.summary.reject(reason);
        to.settle()
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let out = self.out.flush();
        let rejects = self.rejects.as_mut().map_or(Ok(()), Output::flush);
        out.and(rejects)
    }

    fn report(&self, source: &str, took: Duration) -> Result<(), Failure> {
        self.summary
            .print(&mut std::io::stderr().lock(), source, took)
            .map_err(|error| Failure::writing("standard error", &error))
    }
}
