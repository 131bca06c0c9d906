//! `xdr normalize`: records in, events out, an account of both.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use chrono::{DateTime, Utc};
use xdr_runtime::engine::Source;

use crate::apart;
use crate::checkpoint::{Checkpoint, Keeper};
use crate::cli::{EventFormat, NormalizeArgs};
use crate::config::Config;
use crate::failure::{DONE, Failure, REJECTS};
use crate::follow::{self, Followed};
use crate::input::{self, Input};
use crate::job::Job;
use crate::mapper::{Broken, Mapper};
use crate::outputs::Outputs;
use crate::pipeline;
use crate::progress::Progress;
use crate::reader::{Plan, Reading};
use crate::run::{Halt, Run};
use crate::settings;
use crate::signals::{self, Stop};
use crate::summary::Summary;

/// Inputs smaller than this many bytes for each thread have fewer threads: to start one takes as long as to map about that much.
const WORTH_A_THREAD: u64 = 128 << 10;

/// Reads the inputs and writes their events. The status tells of rejects under `--strict` and of a signal that ended the run.
pub(super) fn run(args: &NormalizeArgs) -> Result<u8, Failure> {
    over(super::source(&args.source.name)?, args)
}

/// Does so for this source, whatever name the arguments have.
pub(super) fn over(source: &'static Source, args: &NormalizeArgs) -> Result<u8, Failure> {
    let config = Config::open(args.settings.config.as_deref(), Some(source.info.name))?;
    let mut settings = settings::resolve(&args.settings, &config, source.info)?;
    let max_record = args.how.max_record(config.limits);
    if args.follow {
        can_follow(args)?;
    }
    apart::check(&args.to, args.checkpoint.as_deref(), &args.files, &args.settings, &config)?;
    let resumed = match &args.checkpoint {
        Some(path) => Some(Resumed::open(path, args, settings.now().clock.received)?),
        None => None,
    };
    // Behind what refuses pipes: to open one waits for whoever writes to it.
    let inputs = if args.follow { Vec::new() } else { input::open(&args.files)? };
    let mut plan = Plan {
        position: args.position,
        progress: resumed.as_ref().map(|resumed| resumed.checkpoint.progress()).unwrap_or_default(),
        tails: args.checkpoint.is_some(),
        stamps: args.settings.received_at.is_none(),
        follow: Vec::new(),
    };
    if let (Some(resumed), None) = (&resumed, args.settings.received_at) {
        // As if the run had not been interrupted.
        if let Some(moment) = resumed.checkpoint.received() {
            settings.receive_at(moment);
        }
    }
    if args.follow {
        plan.follow = followed(args, &plan)?;
    }
    let apart = args.to.rejects.is_some();
    let stop =
        Stop::watch().map_err(|error| Failure::failed(format!("cannot watch for signals: {error}")))?;
    let (outputs, keeper) = match resumed {
        Some(resumed) => resumed.outputs(args, &plan.follow)?,
        None => (Outputs::open(&args.to)?, None),
    };
    let mapper = Mapper::new(source, settings, args.how.keep(), apart, max_record);
    let mut run = Run {
        mapper: Arc::new(mapper),
        outputs,
        summary: Summary::default(),
        // What an earlier run came to is done.
        at: plan.progress.iter().flatten().next_back().map_or(args.position, |progress| progress.at),
        stop,
        keeper,
        drains: inputs.iter().any(|input| !input.is_file()),
        ending: None,
        done: 0,
        taken: 0,
    };
    let threads = threads(args.threads.or(config.limits.threads), &inputs);
    let progress = Progress::new(&inputs, args.how.quiet);
    let taken = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let sizes = run.outputs.events.sizes(threads);
    let reading = Reading::by(plan, inputs, Arc::clone(&taken), max_record, sizes)?;
    let show = |records| progress.show(taken.load(Ordering::Relaxed), records);
    let ended = if threads == 1 {
        run.alone(&reading, show)
    } else {
        let sizes = reading.sizes;
        let jobs = pipeline::start(threads, &reading, || {
            let mapper = Arc::clone(&run.mapper);
            let mut finisher = run.outputs.finisher();
            move |job: &mut Job| finisher.map(job, &mapper, sizes)
        })?;
        run.together(&reading, jobs, show)
    };
    drop(progress);
    let Run { mut outputs, summary, at, keeper, .. } = run;
    if let (Some(mut keeper), false) = (keeper, matches!(ended, Err(Halt::Write(_)))) {
        keeper.keep(&mut outputs)?;
    }
    // Whatever ended the run, the records that were done are written and accounted for.
    let finished = outputs.finish();
    let ended = match ended {
        // One output failed; the other has its records.
        Err(Halt::Write(failure)) => return Err(failure),
        other => other,
    };
    finished?;
    if !args.how.quiet {
        summary
            .print(&mut std::io::stderr().lock(), source.info.name, started.elapsed())
            .map_err(|error| Failure::writing("standard error", &error))?;
    }
    match ended {
        Ok(()) if args.how.strict && summary.rejected > 0 => Ok(REJECTS),
        Ok(()) => Ok(DONE),
        Err(Halt::Read(failure) | Halt::Write(failure)) => Err(failure),
        Err(Halt::Broken(Broken(at))) => Err(Failure::failed(format!(
            "a fault of the program stopped at the record at byte {at} of the input, the records before it are done"
        ))),
        Err(Halt::Signal(signal)) => Err(Failure::Error {
            message: format!(
                "stopped by {}, the records before byte {} of the input are done",
                signals::name(signal),
                at
            ),
            help: None,
            status: signal.saturating_add(128),
        }),
    }
}

/// Only files can be followed.
fn can_follow(args: &NormalizeArgs) -> Result<(), Failure> {
    if !cfg!(unix) {
        return Err(Failure::usage("--follow is not offered on this system"));
    }
    if args.to.format != EventFormat::Ndjson {
        return Err(Failure::usage(
            "--follow goes on without end, and a Parquet file is complete at its end only",
        )
        .help("give --format ndjson"));
    }
    if args.files.is_empty() {
        return Err(
            Failure::usage("--follow needs the name of a file").help("standard input is followed without it")
        );
    }
    for path in &args.files {
        if path.as_os_str() == "-" || std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
            let message = format!("--follow needs regular files, and `{}` is none", path.display());
            return Err(Failure::usage(message));
        }
        let is_packed = follow::open(path).and_then(input::is_packed);
        if is_packed.map_err(|error| Failure::reading(format!("`{}`", path.display()), &error))? {
            return Err(Failure::usage(format!(
                "`{}` is packed, and such files do not grow",
                path.display()
            )));
        }
    }
    Ok(())
}

/// What a run with checkpoints begins with.
struct Resumed {
    path: PathBuf,
    checkpoint: Checkpoint,
    /// Whether a run before left it.
    is_old: bool,
}

impl Resumed {
    fn open(path: &Path, args: &NormalizeArgs, received: DateTime<Utc>) -> Result<Self, Failure> {
        let new = Checkpoint::new(args, received)?;
        let old = Checkpoint::load(path, &new)?;
        if let (Some(old), false) = (&old, args.follow) {
            old.check_inputs()?;
        }
        let is_old = old.is_some();
        Ok(Self { path: path.to_owned(), checkpoint: old.unwrap_or(new), is_old })
    }

    /// The outputs, cut to where the run goes on.
    fn outputs(
        self,
        args: &NormalizeArgs,
        follow: &[Followed],
    ) -> Result<(Outputs, Option<Keeper>), Failure> {
        let lengths = self.is_old.then(|| self.checkpoint.lengths());
        let mut outputs = Outputs::resume(&args.to, lengths)?;
        let mut keeper = Keeper::new(&self.path, self.checkpoint);
        for file in follow {
            keeper.begins(file);
        }
        // From now on what is in the outputs is known of.
        keeper.keep(&mut outputs)?;
        Ok((outputs, Some(keeper)))
    }
}

/// The files that are followed, each from where an earlier run came to.
fn followed(args: &NormalizeArgs, plan: &Plan) -> Result<Vec<Followed>, Failure> {
    let open = |(number, path): (usize, &PathBuf)| {
        Followed::open(number, path, plan.progress.get(number).and_then(Option::as_ref))
    };
    args.files.iter().enumerate().map(open).collect()
}

/// How many threads are to map these inputs.
fn threads(given: Option<u16>, inputs: &[Input]) -> usize {
    let wanted = match given {
        Some(given) => usize::from(given),
        None => std::thread::available_parallelism().map_or(1, NonZero::get).min(256),
    };
    let size: Option<u64> = inputs.iter().map(|input| input.size).sum();
    match size {
        None => wanted,
        Some(_) if inputs.is_empty() => wanted,
        Some(size) => wanted.min(usize::try_from(size / WORTH_A_THREAD).unwrap_or(usize::MAX)).max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

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
