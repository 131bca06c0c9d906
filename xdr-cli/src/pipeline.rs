//! The mapping threads: they take jobs in any order, and give them to the main thread in the order of the input.
//!
//! Job `n` comes back through channel `n` modulo the number of channels. There is one more of them than there are jobs that go
//! round, for the last job, which does not. So no two jobs on their way share a channel, room for one is enough, no mapping
//! thread waits for another but for its turn in a table (`turns`), and the main thread waits for nothing but the job that is next.

use std::sync::Arc;

use crossbeam_channel::{Receiver, bounded};

use crate::failure::Failure;
use crate::job::Job;
use crate::reader::{Reading, spawn};

/// Starts so many threads that do what `work` gives to each job but the last. It must not panic: its job would be missed for ever.
///
/// # Errors
/// There cannot be one thread.
pub(crate) fn start<W: FnMut(&mut Job) + Send + 'static>(
    threads: usize,
    reading: &Reading,
    work: impl Fn() -> W,
) -> Result<Mapped, Failure> {
    let (to, from): (Vec<_>, Vec<_>) = (0..=reading.sizes.jobs).map(|_| bounded::<Box<Job>>(1)).unzip();
    let to = Arc::new(to);
    for number in 0..threads {
        let (jobs, to, mut work) = (reading.jobs.clone(), Arc::clone(&to), work());
        let body = move || {
            for mut job in &jobs {
                if job.last.is_none() {
                    work(&mut job);
                }
                // An error means that the run has ended.
                let sent = to.get(job.number % to.len()).map(|to| to.send(job));
                if !matches!(sent, Some(Ok(()))) {
                    return;
                }
            }
        };
        match spawn("map", body) {
            Err(failure) if number == 0 => return Err(failure),
            // As many as there can be.
            Err(_) => break,
            Ok(()) => {}
        }
    }
    Ok(Mapped { from, number: 0 })
}

/// Jobs that were mapped, in the order of the input.
pub(crate) struct Mapped {
    from: Vec<Receiver<Box<Job>>>,
    number: usize,
}

impl Mapped {
    /// Where the next job comes from; also the same one if it was mapped further.
    pub(crate) fn next(&self) -> Option<&Receiver<Box<Job>>> {
        self.from.get(self.number % self.from.len())
    }

    /// Goes on to the job after this one.
    pub(crate) fn advance(&mut self) {
        self.number += 1;
    }
}
