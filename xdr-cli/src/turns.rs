//! A table that several threads append to: the rows of each job in its turn, which is the order of the input.
//!
//! What a core has just filled is in its cache, so rows are appended by the thread that made them, as soon as those of all jobs before
//! are in the table. It does not wait for a job that goes back through the main thread, to be mapped further by whatever thread has
//! time: if all of them waited, none had. What comes meanwhile is left to the main thread, which gets jobs in their order anyway.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::failure::Failure;
use crate::job::Job;
use crate::table::{Batch, Table};

/// A table and whose turn it is.
pub(crate) struct Turns {
    state: Mutex<State>,
    passed: Condvar,
}

struct State {
    /// `None` once it is finished.
    table: Option<Table>,
    /// The number of the job whose turn it is.
    next: usize,
    /// Whether a part of that job is in the table, and the rest is still to be handed on.
    is_away: bool,
    /// How many parts of jobs are in the table.
    parts: usize,
    /// Whether nothing more is appended.
    is_closed: bool,
}

impl Turns {
    pub(crate) fn new(table: Table) -> Self {
        let state = State { table: Some(table), next: 0, is_away: false, parts: 0, is_closed: false };
        Self { state: Mutex::new(state), passed: Condvar::new() }
    }

    /// Appends rows that belong to no job.
    ///
    /// # Errors
    /// They cannot be written.
    pub(crate) fn add(&self, batch: &Batch) -> Result<(), Failure> {
        self.lock().table.as_mut().map_or(Ok(()), |table| table.add(batch))
    }

    /// Appends the rows of a job when its turn has come, and says so in the job; why they cannot be appended, too. They stay in the job
    /// if nothing more is to be appended, or if the job whose turn it is may be waiting for this thread. The main thread, to which jobs
    /// come in their order, never waits here.
    pub(crate) fn append(&self, job: &mut Job) {
        let mut state = self.lock();
        while !state.is_closed && state.next != job.number {
            if state.is_away {
                return;
            }
            state = self.passed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.is_closed {
            return;
        }
        job.rows = match std::mem::replace(&mut job.rows, Ok(None)) {
            Ok(Some(batch)) => state.add(&batch).map(|()| None),
            other => other,
        };
        job.is_appended = true;
        state.parts += 1;
        state.is_away = !job.block.is_done();
        if !state.is_away {
            state.next += 1;
        }
        // Behind what is missing nothing is to follow.
        state.is_closed = job.rows.is_err() || job.broken.is_some();
        self.passed.notify_all();
    }

    /// Lets nothing more be appended; says how many parts of jobs are in the table.
    pub(crate) fn close(&self) -> usize {
        let mut state = self.lock();
        state.is_closed = true;
        self.passed.notify_all();
        state.parts
    }

    /// Completes the table.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn finish(&self) -> Result<(), Failure> {
        self.close();
        let table = self.lock().table.take();
        table.map_or(Ok(()), Table::finish)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Appends rows. A mapping thread must not panic, for its job would be missed for ever.
    fn add(&mut self, batch: &Batch) -> Result<(), Failure> {
        let Some(table) = &mut self.table else { return Ok(()) };
        let added = catch_unwind(AssertUnwindSafe(|| table.add(batch)));
        added.unwrap_or_else(|_| Err(Failure::failed("writing rows ended by a fault of the program")))
    }
}
