//! `xdr normalize`: records in, events out, an account of both.

use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, TryRecvError};
use xdr_runtime::ndjson::Keep;

use crate::cli::{NormalizeArgs, ToArgs, Unmapped};
use crate::failure::{DONE, Failure, REJECTS};
use crate::input::{self, Input};
use crate::job::{Job, Sizes};
use crate::mapper::{Broken, Mapper, Results, Until};
use crate::output::Output;
use crate::pack::Packer;
use crate::pipeline::{self, Mapped};
use crate::progress::Progress;
use crate::reader::Reading;
use crate::settings;
use crate::signals::{self, Stop};
use crate::summary::{REASONS, Summary};

/// How long the run waits for input before it looks for a signal again.
const WAIT: Duration = Duration::from_millis(100);
/// Inputs smaller than this many bytes for each thread have fewer threads: to start one takes as long as to map about that much.
const WORTH_A_THREAD: u64 = 128 << 10;

/// Reads the inputs and writes their events. The status tells of rejects under `--strict` and of a signal that ended the run.
pub(super) fn run(args: &NormalizeArgs) -> Result<u8, Failure> {
    let source = super::source(&args.source.name)?;
    let settings = settings::resolve(&args.settings, source.info.name)?;
    let inputs = input::open(&args.files)?;
    for (path, what) in [(&args.to.output, "events"), (&args.to.rejects, "rejects")] {
        if let Some(path) = path {
            not_an_input(path, what, args)?;
        }
    }
    not_the_same(&args.to)?;
    let keep = Keep { unmapped: args.unmapped == Unmapped::Keep, raw: args.raw };
    let apart = args.to.rejects.is_some();
    let stop =
        Stop::watch().map_err(|error| Failure::failed(format!("cannot watch for signals: {error}")))?;
    let packed = |output: Output| output.packed(args.to.compress);
    let mut run = Run {
        mapper: Arc::new(Mapper::new(source, settings, keep, apart, args.max_record)),
        out: args.to.output.as_deref().map_or_else(Output::stdout, Output::create)?.packed(args.to.compress),
        rejects: args.to.rejects.as_deref().map(Output::create).transpose()?.map(packed),
        summary: Summary::default(),
        at: 0,
        stop,
    };
    let threads = threads(args.threads, &inputs);
    let progress = Progress::new(&inputs, args.quiet);
    let taken = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let reading = Reading::start(inputs, Arc::clone(&taken), args.max_record, Sizes::new(threads))?;
    let show = |records| progress.show(taken.load(Ordering::Relaxed), records);
    let ended = if threads == 1 {
        run.alone(&reading, show)
    } else {
        let sizes = reading.sizes;
        let jobs = pipeline::start(threads, &reading, || {
            let mapper = Arc::clone(&run.mapper);
            let mut packer = args.to.compress.map(Packer::new);
            move |job: &mut Job| {
                job.map(&mapper, sizes);
                job.pack(packer.as_mut());
            }
        })?;
        run.together(&reading, jobs, show)
    };
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
        run.summary.bytes = run.at;
        run.report(source.info.name, started.elapsed())?;
    }
    match ended {
        Ok(()) if args.strict && run.summary.rejected > 0 => Ok(REJECTS),
        Ok(()) => Ok(DONE),
        Err(Halt::Read(failure) | Halt::Write(failure)) => Err(failure),
        Err(Halt::Broken(Broken(at))) => Err(Failure::failed(format!(
            "a fault of the program stopped at the record at byte {at} of the input, the records before it are done"
        ))),
        Err(Halt::Signal(signal)) => Err(Failure::Error {
            message: format!(
                "stopped by {}, the records before byte {} of the input are done",
                signals::name(signal),
                run.at
            ),
            help: None,
            status: signal.saturating_add(128),
        }),
    }
}

/// How many threads are to map these inputs.
fn threads(given: Option<u16>, inputs: &[Input]) -> usize {
    let wanted = match given {
        Some(given) => usize::from(given),
        None => std::thread::available_parallelism().map_or(1, NonZero::get).min(256),
    };
    let size: Option<u64> = inputs.iter().map(|input| input.size).sum();
    match size {
        Some(size) => wanted.min(usize::try_from(size / WORTH_A_THREAD).unwrap_or(usize::MAX)).max(1),
        None => wanted,
    }
}

/// Writing would empty a file that is still to be read.
fn not_an_input(path: &Path, what: &str, args: &NormalizeArgs) -> Result<(), Failure> {
    let Ok(target) = path.canonicalize() else { return Ok(()) };
    let same = |input: &&std::path::PathBuf| {
        target.is_file() && input.canonicalize().is_ok_and(|path| path == target)
    };
    match args.files.iter().find(same) {
        Some(input) => {
            Err(Failure::usage(format!("`{}` is read, so {what} cannot be written to it", input.display())))
        }
        None => Ok(()),
    }
}

/// Two outputs in one file would overwrite each other.
fn not_the_same(to: &ToArgs) -> Result<(), Failure> {
    let (Some(output), Some(rejects)) = (&to.output, &to.rejects) else { return Ok(()) };
    let same = match (output.canonicalize(), rejects.canonicalize()) {
        (Ok(output), Ok(rejects)) => output.is_file() && output == rejects,
        _ => output == rejects,
    };
    if same {
        let message = format!("`{}` is to take both events and rejects", output.display());
        return Err(Failure::usage(message).help("without --rejects, rejects stand among the events"));
    }
    Ok(())
}

/// Why a run ends before its input does. What is before [`Run::at`] is done.
enum Halt {
    Signal(u8),
    Read(Failure),
    Write(Failure),
    Broken(Broken),
}

struct Run {
    mapper: Arc<Mapper>,
    out: Output,
    rejects: Option<Output>,
    summary: Summary,
    /// The place in the input up to which all is done, in bytes.
    at: u64,
    stop: Stop,
}

impl Run {
    /// Maps all jobs in this thread. `show` is told the number of records now and then.
    fn alone(&mut self, reading: &Reading, show: impl Fn(u64)) -> Result<(), Halt> {
        loop {
            let mut job = self.wait(Some(&reading.jobs))?;
            if let Some(last) = job.last {
                return last.map_err(Halt::Read);
            }
            while !job.block.is_done() {
                let mut none = Vec::new();
                let gathers = self.out.gathers();
                let to = Results {
                    events: self.out.records(),
                    rejects: self.rejects.as_mut().map_or(&mut none, Output::records),
                    summary: &mut self.summary,
                    reasons: REASONS,
                };
                let ended = self.mapper.map(&mut job.block, to, Until { events: gathers, rejects: gathers });
                self.at = match ended {
                    Ok(()) => job.block.at(),
                    Err(Broken(at)) => at,
                };
                self.settle().map_err(Halt::Write)?;
                ended.map_err(Halt::Broken)?;
                self.heard()?;
            }
            reading.free(job);
            show(self.summary.records());
        }
    }

    /// Takes what other threads mapped. `show` is told the number of records now and then.
    fn together(&mut self, reading: &Reading, mut jobs: Mapped, show: impl Fn(u64)) -> Result<(), Halt> {
        loop {
            let mut job = self.wait(jobs.next())?;
            if let Some(last) = job.last {
                return last.map_err(Halt::Read);
            }
            let stopped = self.write(&mut job)?;
            self.summary.merge(&job.summary);
            self.at = match job.broken {
                None => job.block.at(),
                Some(Broken(at)) => at,
            };
            if let Some(broken) = job.broken {
                return Err(Halt::Broken(broken));
            }
            if stopped {
                self.heard()?;
            }
            reading.adapt(job.events.len().max(job.rejects.len()), job.block.is_done());
            if job.block.is_done() {
                jobs.advance();
                reading.free(job);
            } else {
                // There is always room; the threads go on as long as this one.
                let _ = reading.again.send(job);
            }
            show(self.summary.records());
        }
    }

    /// The next job. While there is none, nothing is held back; signals are heard in any case.
    fn wait(&mut self, jobs: Option<&Receiver<Box<Job>>>) -> Result<Box<Job>, Halt> {
        let gone = || Halt::Read(Failure::failed("a thread ended by a fault of the program"));
        let jobs = jobs.ok_or_else(gone)?;
        self.heard()?;
        match jobs.try_recv() {
            Ok(job) => return Ok(job),
            Err(TryRecvError::Disconnected) => return Err(gone()),
            Err(TryRecvError::Empty) => self.flush().map_err(Halt::Write)?,
        }
        loop {
            match jobs.recv_timeout(WAIT) {
                Ok(job) => return Ok(job),
                Err(RecvTimeoutError::Disconnected) => return Err(gone()),
                Err(RecvTimeoutError::Timeout) => self.heard()?,
            }
        }
    }

    /// Whether a signal asks the run to stop.
    fn heard(&self) -> Result<(), Halt> {
        self.stop.signal().map_or(Ok(()), |signal| Err(Halt::Signal(signal)))
    }

    /// Writes the results of a job. If a signal comes before they are written, the job is cut to what is, and `true` given.
    fn write(&mut self, job: &mut Job) -> Result<bool, Halt> {
        let events = job.events.len();
        let written = self.out.write(&job.events, &job.packed.events, || self.stop.signal().is_some());
        let stopped = matches!(written, Ok(written) if written < events);
        if let (true, Ok(written)) = (stopped, &written) {
            job.cut(&self.mapper, *written);
        }
        // Also if events cannot be written: the other output is still to have its records.
        let refused =
            self.rejects.as_mut().map(|rejects| rejects.write(&job.rejects, &job.packed.rejects, || false));
        written.map_err(Halt::Write)?;
        refused.transpose().map_err(Halt::Write)?;
        Ok(stopped)
    }

    fn settle(&mut self) -> Result<(), Failure> {
        self.out.settle()?;
        self.rejects.as_mut().map_or(Ok(()), Output::settle)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapper::broken;
    use std::io::{self, Write};
    use std::sync::Mutex;

    /// What was written.
    #[derive(Clone, Default)]
    struct Taken(Arc<Mutex<Vec<u8>>>);

    impl Write for Taken {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Taken {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    /// Runs a source that panics at records `boom`; gives how it ended, the run, its events and its rejects.
    fn ran(threads: usize, sizes: Sizes, input: &str) -> (Result<(), Halt>, Run, String, String) {
        let (events, rejects) = (Taken::default(), Taken::default());
        let mut run = Run {
            mapper: Arc::new(broken::mapper()),
            out: Output::to(Box::new(events.clone()), false),
            rejects: Some(Output::to(Box::new(rejects.clone()), true)),
            summary: Summary::default(),
            at: 0,
            stop: Stop::default(),
        };
        let inputs = vec![Input::of(io::Cursor::new(input.to_owned()), true)];
        let reading = Reading::start(inputs, Arc::default(), 100, sizes).unwrap();
        let ended = if threads == 0 {
            run.alone(&reading, |_| ())
        } else {
            let work = || {
                let mapper = Arc::clone(&run.mapper);
                move |job: &mut Job| job.map(&mapper, sizes)
            };
            let jobs = pipeline::start(threads, &reading, work).unwrap();
            run.together(&reading, jobs, |_| ())
        };
        run.flush().unwrap();
        (ended, run, events.text(), rejects.text())
    }

    const SIZES: Sizes = Sizes { jobs: 5, block: 64, room: 256, results: 100 };

    #[test]
    fn small_blocks_and_small_results_give_the_same() {
        let long = "x".repeat(333);
        let input: String = (0..500)
            .map(|number| match number % 11 {
                3 => "bad\r\n".to_owned(),
                6 => "\n".to_owned(),
                9 => format!("{long}\n"),
                _ => format!("user{}\n", "y".repeat(number % 40)),
            })
            .collect();
        let (ended, alone, events, rejects) = ran(0, Sizes::new(1), &input);
        assert!(ended.is_ok());
        assert_eq!(alone.at, input.len() as u64);
        assert_eq!((rejects.lines().count(), alone.summary.blank), (46 + 4 * 45, 45));
        assert_eq!(events.lines().count() as u64, alone.summary.mapped);
        for threads in [0, 1, 2, 3, 7] {
            for results in [1, 100, 5000] {
                let (ended, run, some, refused) = ran(threads, Sizes { results, ..SIZES }, &input);
                assert!(ended.is_ok());
                assert!(some == events && refused == rejects, "{threads} threads, results of {results}");
                let counts = |run: &Run| {
                    (run.summary.mapped, run.summary.partial, run.summary.rejected, run.summary.blank, run.at)
                };
                assert_eq!(counts(&run), counts(&alone));
            }
        }
    }

    #[test]
    fn a_panic_ends_the_run_behind_the_record_before() {
        for before in [0, 1, 10, 99, 1000] {
            let good = "kim\nbad\n".repeat(before);
            let input = format!("{good}boom\n{}", "lee\n".repeat(1000));
            for threads in [0, 1, 2, 3] {
                let (ended, run, events, rejects) = ran(threads, SIZES, &input);
                let Err(Halt::Broken(Broken(at))) = ended else { panic!("the run went on") };
                assert_eq!((at, run.at), (good.len() as u64, good.len() as u64));
                let count = before as u64;
                assert_eq!((run.summary.mapped, run.summary.rejected), (count, count));
                assert_eq!(events.matches("\"sourceUser\":\"kim\"").count(), before);
                assert_eq!((events.lines().count(), rejects.lines().count()), (before, before));
                assert!(before == 0 || events.ends_with('\n'), "no piece of a line is left");
            }
        }
    }

    #[test]
    fn small_inputs_have_few_threads() {
        let input = |size| {
            let mut input = Input::of(io::empty(), true);
            input.size = size;
            input
        };
        for (sizes, given, expected) in [
            (vec![Some(100)], 8, 1),
            (vec![Some(0)], 8, 1),
            (vec![Some(WORTH_A_THREAD); 3], 8, 3),
            (vec![Some(1 << 40)], 8, 8),
            (vec![None], 8, 8),
            (vec![None, Some(1)], 8, 8),
            (vec![None], 1, 1),
        ] {
            let inputs: Vec<Input> = sizes.iter().map(|size| input(*size)).collect();
            assert_eq!(threads(Some(given), &inputs), expected, "{sizes:?}");
        }
        assert!(threads(None, &[input(None)]) >= 1);
    }
}
