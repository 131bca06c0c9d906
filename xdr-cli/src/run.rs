//! A run: takes what was read and mapped, in the input's order, writes it, counts it, and hears signals.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, TryRecvError};

use crate::checkpoint::Keeper;
use crate::failure::Failure;
use crate::job::Job;
use crate::mapper::{Broken, Mapper, Results, Until};
use crate::output::Output;
use crate::outputs::Outputs;
use crate::pipeline::Mapped;
use crate::reader::Reading;
use crate::signals::Stop;
use crate::summary::{REASONS, Summary};

/// How long the run waits for input before it looks for a signal again.
const WAIT: Duration = Duration::from_millis(100);

/// Why a run ends before its input does. What is before [`Run::at`] is done.
pub(crate) enum Halt {
    Signal(u8),
    Read(Failure),
    Write(Failure),
    Broken(Broken),
}

/// A run on its way.
pub(crate) struct Run {
    pub(crate) mapper: Arc<Mapper>,
    pub(crate) outputs: Outputs,
    pub(crate) summary: Summary,
    /// The place in the input up to which all is done, in bytes.
    pub(crate) at: u64,
    pub(crate) stop: Stop,
    /// Keeps checkpoints, if the run has them.
    pub(crate) keeper: Option<Keeper>,
    /// Whether what was read cannot be read again. Then a signal ends reading, and what was read is done.
    pub(crate) drains: bool,
    /// The signal that ended reading.
    pub(crate) ending: Option<u8>,
    /// How many jobs are done.
    pub(crate) done: usize,
    /// How many parts of jobs were taken from other threads.
    pub(crate) taken: usize,
}

impl Run {
    /// Maps all jobs in this thread. `show` is told the number of records now and then.
    pub(crate) fn alone(&mut self, reading: &Reading, show: impl Fn(u64)) -> Result<(), Halt> {
        loop {
            let mut job = self.wait(reading, Some(&reading.jobs))?;
            if let Some(last) = job.last {
                return self.ended(last);
            }
            self.hold(&job)?;
            // What may change does so between blocks.
            let settings = self.mapper.settings.at(job.received);
            while !job.block.is_done() {
                let mut none = Vec::new();
                let began = job.block.at();
                let gathers = self.outputs.events.gathers();
                let to = Results {
                    settings: &settings,
                    events: self.outputs.events.taking(),
                    rejects: self.outputs.rejects.as_mut().map_or(&mut none, Output::records),
                    summary: &mut self.summary,
                    reasons: REASONS,
                };
                let ended = self.mapper.map(&mut job.block, to, Until { events: gathers, rejects: gathers });
                self.at = match ended {
                    Ok(()) => job.block.at(),
                    Err(Broken(at)) => at,
                };
                self.summary.bytes += self.at.saturating_sub(began);
                self.outputs.settle().map_err(Halt::Write)?;
                self.reached(&job)?;
                ended.map_err(Halt::Broken)?;
                self.heard()?;
            }
            self.done += 1;
            reading.free(job);
            show(self.summary.records());
        }
    }

    /// Takes what other threads mapped. `show` is told the number of records now and then.
    pub(crate) fn together(
        &mut self,
        reading: &Reading,
        mut jobs: Mapped,
        show: impl Fn(u64),
    ) -> Result<(), Halt> {
        loop {
            let mut job = self.wait(reading, jobs.next())?;
            if let Some(last) = job.last {
                return self.ended(last);
            }
            self.hold(&job)?;
            let stopped = self.write(&mut job)?;
            self.taken += 1;
            self.summary.merge(&job.summary);
            self.at = match job.broken {
                None => job.block.at(),
                Some(Broken(at)) => at,
            };
            self.summary.bytes += self.at.saturating_sub(job.began);
            self.reached(&job)?;
            if let Some(broken) = job.broken {
                return Err(Halt::Broken(broken));
            }
            if stopped {
                self.heard()?;
            }
            reading.adapt(job.size.max(job.rejects.len()), job.block.is_done());
            if job.block.is_done() {
                jobs.advance();
                self.done += 1;
                reading.free(job);
            } else {
                // There is always room; the threads go on as long as this one.
                let _ = reading.again.send(job);
            }
            show(self.summary.records());
        }
    }

    /// The next job. While there is none, nothing is held back; signals are heard in any case.
    fn wait(&mut self, reading: &Reading, jobs: Option<&Receiver<Box<Job>>>) -> Result<Box<Job>, Halt> {
        let gone = || Halt::Read(Failure::failed("a thread ended by a fault of the program"));
        let jobs = jobs.ok_or_else(gone)?;
        self.listen(reading)?;
        match jobs.try_recv() {
            Ok(job) => return Ok(job),
            Err(TryRecvError::Disconnected) => return Err(gone()),
            Err(TryRecvError::Empty) => self.outputs.flush().map_err(Halt::Write)?,
        }
        loop {
            match jobs.recv_timeout(WAIT) {
                Ok(job) => return Ok(job),
                Err(RecvTimeoutError::Disconnected) => return Err(gone()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.listen(reading)?;
            if let (Some(signal), true) = (self.ending, reading.handed() == self.done) {
                // Reading waits for its writer, and has nothing.
                return Err(Halt::Signal(signal));
            }
            if let Some(keeper) = &mut self.keeper {
                keeper.settle(&mut self.outputs).map_err(Halt::Write)?;
            }
        }
    }

    /// Hears a signal. If what was read cannot be read again, it ends reading; else it ends the run.
    fn listen(&mut self, reading: &Reading) -> Result<(), Halt> {
        if self.drains && self.ending.is_none() {
            self.ending = self.stop.signal();
            if self.ending.is_some() {
                reading.stop();
            }
        }
        self.heard()
    }

    /// How the run ends now that reading has ended.
    fn ended(&self, last: Result<(), Failure>) -> Result<(), Halt> {
        match self.ending {
            Some(signal) => Err(Halt::Signal(signal)),
            None => last.map_err(Halt::Read),
        }
    }

    /// Keeps a checkpoint in front of a line whose end may still be written.
    fn hold(&mut self, job: &Job) -> Result<(), Halt> {
        match &mut self.keeper {
            Some(keeper) if job.is_tail => keeper.hold(&mut self.outputs).map_err(Halt::Write),
            _ => Ok(()),
        }
    }

    /// Says how far the input of a job is done, for the next checkpoint.
    fn reached(&mut self, job: &Job) -> Result<(), Halt> {
        if let (Some(keeper), Some(place)) = (&mut self.keeper, &job.place) {
            keeper.done(place, self.at, &job.block);
            keeper.settle(&mut self.outputs).map_err(Halt::Write)?;
        }
        Ok(())
    }

    /// Whether a signal asks the run to stop. What other threads have appended to a table is taken from them before.
    fn heard(&self) -> Result<(), Halt> {
        match self.signal() {
            Some(signal) if self.taken >= self.outputs.events.close() => Err(Halt::Signal(signal)),
            _ => Ok(()),
        }
    }

    /// The signal that ends the run at once.
    fn signal(&self) -> Option<u8> {
        self.stop.signal().filter(|_| !self.drains)
    }

    /// Writes the results of a job. If a signal comes before they are written, the job is cut to what is, and `true` given.
    fn write(&mut self, job: &mut Job) -> Result<bool, Halt> {
        let events = job.size;
        let (stop, drains) = (&self.stop, self.drains);
        let written = self.outputs.events.write(job, || !drains && stop.signal().is_some());
        let stopped = matches!(written, Ok(written) if written < events);
        if let (true, Ok(written)) = (stopped, &written) {
            job.cut(&self.mapper, *written);
        }
        // Also if events cannot be written: the other output is still to have its records.
        let refused = self
            .outputs
            .rejects
            .as_mut()
            .map(|rejects| rejects.write(&job.rejects, &job.packed.rejects, || false));
        written.map_err(Halt::Write)?;
        refused.transpose().map_err(Halt::Write)?;
        Ok(stopped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Input;
    use crate::job::Sizes;
    use crate::mapper::broken;
    use crate::outputs::Events;
    use crate::pipeline;
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
        let events = Taken::default();
        let lines = Events::Lines(Output::to(Box::new(events.clone()), false));
        let (ended, run, rejects) = ran_into(lines, threads, sizes, input);
        (ended, run, events.text(), rejects)
    }

    /// The same, with events that go there.
    fn ran_into(
        events: Events,
        threads: usize,
        sizes: Sizes,
        input: &str,
    ) -> (Result<(), Halt>, Run, String) {
        let rejects = Taken::default();
        let mut run = Run {
            mapper: Arc::new(broken::mapper()),
            outputs: Outputs::of(events, Some(Output::to(Box::new(rejects.clone()), true)), None),
            summary: Summary::default(),
            at: 0,
            stop: Stop::default(),
            keeper: None,
            drains: false,
            ending: None,
            done: 0,
            taken: 0,
        };
        let inputs = vec![Input::of(io::Cursor::new(input.to_owned()), true)];
        let reading = Reading::start(inputs, Arc::default(), 100, sizes).unwrap();
        let ended = if threads == 0 {
            run.alone(&reading, |_| ())
        } else {
            let work = || {
                let (mapper, mut finisher) = (Arc::clone(&run.mapper), run.outputs.finisher());
                move |job: &mut Job| finisher.map(job, &mapper, sizes)
            };
            let jobs = pipeline::start(threads, &reading, work).unwrap();
            run.together(&reading, jobs, |_| ())
        };
        run.outputs.flush().unwrap();
        (ended, run, rejects.text())
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

    /// Runs into a table; gives how it ended, the run's counts, the users in the table and the rejects.
    #[cfg(feature = "parquet")]
    fn tabled(
        threads: usize,
        results: usize,
        input: &str,
    ) -> (Result<(), Halt>, [u64; 3], Vec<String>, String) {
        use crate::outputs::Tabled;
        use crate::table::Table;
        use arrow_array::cast::AsArray;
        use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

        let name = format!("xdr-run-{}-{threads}-{results}-{}.parquet", std::process::id(), input.len());
        let path = std::env::temp_dir().join(name);
        let table = Tabled::of(Table::begin(&path, &[], None).unwrap()).unwrap();
        let sizes = Sizes { results, ..SIZES };
        let (ended, run, rejects) = ran_into(Events::Table(Box::new(table)), threads, sizes, input);
        run.outputs.finish().unwrap();
        let file = std::fs::File::open(&path).unwrap();
        let mut users = Vec::new();
        for batch in ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap() {
            let batch = batch.unwrap();
            let column = batch.column_by_name("sourceUser").unwrap().as_string::<i32>();
            users.extend(column.iter().map(|user| user.unwrap().to_owned()));
        }
        std::fs::remove_file(path).unwrap();
        (ended, [run.summary.mapped, run.summary.rejected, run.at], users, rejects)
    }

    #[test]
    #[cfg(feature = "parquet")]
    fn rows_are_in_the_order_of_the_input_whoever_appends_them() {
        let input: String = (0..700)
            .map(|number| if number % 5 == 3 { "bad\n".to_owned() } else { format!("user{number}\n") })
            .collect();
        let expected: Vec<&str> = input.lines().filter(|line| *line != "bad").collect();
        for threads in [0, 1, 2, 3, 7] {
            // Results of one byte send each job back after each record.
            for results in [1, 40, 5000] {
                let (ended, counts, users, rejects) = tabled(threads, results, &input);
                assert!(ended.is_ok());
                assert_eq!(counts, [560, 140, input.len() as u64], "{threads} threads, {results}");
                assert!(users == expected, "{threads} threads, results of {results}");
                assert_eq!(rejects.lines().count(), 140);
            }
        }
    }

    #[test]
    #[cfg(feature = "parquet")]
    fn behind_a_panic_no_row_follows() {
        for before in [0, 1, 10, 300] {
            let good = "kim\nbad\n".repeat(before);
            let input = format!("{good}boom\n{}", "lee\n".repeat(1000));
            for threads in [0, 1, 2, 3] {
                for results in [1, 5000] {
                    let (ended, counts, users, rejects) = tabled(threads, results, &input);
                    assert!(matches!(ended, Err(Halt::Broken(Broken(at))) if at == good.len() as u64));
                    assert_eq!(counts, [before as u64, before as u64, good.len() as u64]);
                    assert_eq!((users, rejects.lines().count()), (vec!["kim".to_owned(); before], before));
                }
            }
        }
    }
}
