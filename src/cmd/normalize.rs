//! `xdr normalize`: records in, events out, an account of both.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::cli::NormalizeArgs;
use crate::failure::{DONE, Failure, REJECTS};
use crate::input::{self, Input};
use crate::job::{Job, Sizes};
use crate::mapper::{Broken, Mapper};
use crate::outputs::Outputs;
use crate::pipeline;
use crate::progress::Progress;
use crate::reader::Reading;
use crate::run::{Halt, Run};
use crate::settings;
use crate::signals::{self, Stop};
use crate::summary::Summary;

/// Inputs smaller than this many bytes for each thread have fewer threads: to start one takes as long as to map about that much.
const WORTH_A_THREAD: u64 = 128 << 10;

/// Reads the inputs and writes their events. The status tells of rejects under `--strict` and of a signal that ended the run.
pub(super) fn run(args: &NormalizeArgs) -> Result<u8, Failure> {
    let source = super::source(&args.source.name)?;
    let settings = settings::resolve(&args.settings, source.info.name)?;
    let inputs = input::open(&args.files)?;
    let apart = args.to.rejects.is_some();
    let stop =
        Stop::watch().map_err(|error| Failure::failed(format!("cannot watch for signals: {error}")))?;
    let mut run = Run {
        mapper: Arc::new(Mapper::new(source, settings, args.how.keep(), apart, args.how.max_record)),
        outputs: Outputs::open(&args.to, &args.files)?,
        summary: Summary::default(),
        at: 0,
        stop,
    };
    let threads = threads(args.threads, &inputs);
    let progress = Progress::new(&inputs, args.how.quiet);
    let taken = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let reading = Reading::start(inputs, Arc::clone(&taken), args.how.max_record, Sizes::new(threads))?;
    let show = |records| progress.show(taken.load(Ordering::Relaxed), records);
    let ended = if threads == 1 {
        run.alone(&reading, show)
    } else {
        let sizes = reading.sizes;
        let jobs = pipeline::start(threads, &reading, || {
            let mapper = Arc::clone(&run.mapper);
            let mut finisher = run.outputs.finisher();
            move |job: &mut Job| {
                job.map(&mapper, sizes);
                finisher.finish(job);
            }
        })?;
        run.together(&reading, jobs, show)
    };
    drop(progress);
    let Run { outputs, mut summary, at, .. } = run;
    // Whatever ended the run, the records that were done are written and accounted for.
    let finished = outputs.finish();
    let ended = match ended {
        // One output failed; the other has its records.
        Err(Halt::Write(failure)) => return Err(failure),
        other => other,
    };
    finished?;
    if !args.how.quiet {
        summary.bytes = at;
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
