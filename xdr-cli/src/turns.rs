//! A table that several threads append to: the rows of each job in its turn, which is the order of the input.
//!
//! What a core has just filled is in its cache, so rows are appended by the thread that made them, as soon as those of all jobs before
//! are in the table. If another thread is appending then, it gets a few batches more to append, so that nobody waits for it. No thread waits
//! for a job that goes back through the main thread, to be mapped further by whatever thread has time: if all of them waited, none
//! had. What comes meanwhile is left to the main thread, which gets jobs in their order anyway.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::failure::Failure;
use crate::job::Job;
use crate::table::{Batch, Table};

/// How many batches wait at most for the thread that is appending: they are in memory, and leave the caches.
const WAITING: usize = 2;

/// A table and whose turn it is.
pub(crate) struct Turns {
    state: Mutex<State>,
    passed: Condvar,
}

struct State {
    /// `None` while a thread appends to it, and once it is finished.
    table: Option<Table>,
    /// Batches for the thread that is appending; empty if none is.
    waiting: VecDeque<Batch>,
    /// The number of the job whose turn it is.
    next: usize,
    /// Whether a part of that job was taken, and the rest is still to be handed on.
    is_away: bool,
    /// How many parts of jobs were taken: they are in the table, or will be.
    parts: usize,
    /// Whether nothing more is taken.
    is_closed: bool,
    /// Why rows that were taken could not be written, until somebody is told.
    failure: Option<Failure>,
}

impl Turns {
    pub(crate) fn new(table: Table) -> Self {
        let state = State {
            table: Some(table),
            waiting: VecDeque::new(),
            next: 0,
            is_away: false,
            parts: 0,
            is_closed: false,
            failure: None,
        };
        Self { state: Mutex::new(state), passed: Condvar::new() }
    }

    /// Appends rows that belong to no job.
    ///
    /// # Errors
    /// They, or rows before them, cannot be written.
    pub(crate) fn add(&self, batch: Batch) -> Result<(), Failure> {
        let mut state = self.idle();
        state.waiting.push_back(batch);
        self.append_all(state);
        self.failure().map_or(Ok(()), Err)
    }

    /// Takes the rows of a job when its turn has come, and says so in the job. They stay in the job if nothing more is taken, or if the job
    /// whose turn it is may be waiting for this thread. The main thread, to which jobs come in their order, never waits here for a turn.
    pub(crate) fn append(&self, job: &mut Job) {
        let mut state = self.lock();
        while !state.is_closed && (state.next != job.number || state.waiting.len() >= WAITING) {
            if state.is_away && state.next != job.number {
                return;
            }
            state = self.wait(state);
        }
        if state.is_closed {
            return;
        }
        match std::mem::replace(&mut job.rows, Ok(None)) {
            Ok(batch) => state.waiting.extend(batch),
            failed => job.rows = failed,
        }
        job.is_appended = true;
        state.parts += 1;
        state.is_away = !job.block.is_done();
        if !state.is_away {
            state.next += 1;
        }
        // Behind what is missing nothing is to follow.
        state.is_closed = job.rows.is_err() || job.broken.is_some();
        self.passed.notify_all();
        self.append_all(state);
    }

    /// Appends what waits, unless another thread does.
    fn append_all<'s>(&'s self, mut state: MutexGuard<'s, State>) {
        while let Some(mut table) = state.table.take() {
            let Some(batch) = state.waiting.pop_front() else {
                state.table = Some(table);
                return;
            };
            drop(state);
            // A mapping thread must not panic, for its job would be missed for ever.
            let added = catch_unwind(AssertUnwindSafe(|| table.add(&batch)));
            let added = added
                .unwrap_or_else(|_| Err(Failure::failed("writing rows ended by a fault of the program")));
            state = self.lock();
            state.table = Some(table);
            if let Err(failure) = added {
                state.failure.get_or_insert(failure);
                state.is_closed = true;
                state.waiting.clear();
            }
            self.passed.notify_all();
        }
    }

    /// Lets nothing more be appended; says how many parts of jobs are in the table, or on their way into it.
    pub(crate) fn close(&self) -> usize {
        let mut state = self.lock();
        state.is_closed = true;
        self.passed.notify_all();
        state.parts
    }

    /// Why rows that were taken could not be written, if that is so and nobody was told.
    pub(crate) fn failure(&self) -> Option<Failure> {
        self.lock().failure.take()
    }

    /// Completes the table.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn finish(&self) -> Result<(), Failure> {
        self.close();
        let table = self.idle().table.take();
        match self.failure() {
            Some(failure) => Err(failure),
            None => table.map_or(Ok(()), Table::finish),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state when no thread appends.
    fn idle(&self) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        while state.table.is_none() {
            state = self.wait(state);
        }
        state
    }

    fn wait<'s>(&'s self, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        self.passed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(all(test, feature = "parquet"))]
mod tests {
    use std::fs;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;
    use crate::table::{Filler, probe};

    /// A job whose rows have its number.
    fn job(number: usize) -> Job {
        let mut job = Job::last(number, Ok(()));
        job.rows = Filler::new().and_then(|mut filler| {
            for _ in 0..200 {
                let line = format!(r#"{{"processId":{number},"xdr":{{"source":"acme","status":"mapped"}}}}"#);
                filler.push(line.as_bytes());
            }
            filler.finish()
        });
        job
    }

    #[test]
    fn rows_come_in_the_order_of_jobs_whoever_appends_them() {
        const JOBS: usize = 60;
        let path = std::env::temp_dir().join(format!("xdr-turns-{}.parquet", std::process::id()));
        let turns = Turns::new(Table::begin(&path, &[], None).unwrap());
        let taken = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    loop {
                        let number = taken.fetch_add(1, Ordering::Relaxed);
                        if number >= JOBS {
                            return;
                        }
                        let mut job = job(number);
                        turns.append(&mut job);
                        assert!(job.is_appended && matches!(job.rows, Ok(None)));
                    }
                });
            }
        });
        let Ok(Some(batch)) = job(JOBS).rows else { panic!() };
        turns.add(batch).unwrap();
        assert_eq!(turns.close(), JOBS);
        let mut late = job(JOBS);
        turns.append(&mut late);
        assert!(!late.is_appended && matches!(late.rows, Ok(Some(_))));
        turns.finish().unwrap();

        let found = probe::process_ids(&path);
        assert_eq!(found.len(), 200 * (JOBS + 1));
        assert!(found.is_sorted());
        fs::remove_file(path).unwrap();
    }
}
