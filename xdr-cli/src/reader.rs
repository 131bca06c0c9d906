//! The thread that reads and unpacks the inputs and cuts them into jobs.
//!
//! It is a thread of its own so that the program can answer a signal, or flush what it has, while the input keeps it waiting.

use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::SystemTime;

use chrono::{DateTime, Utc};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::failure::Failure;
use crate::follow::{self, Followed, Got};
use crate::input::{Input, Started};
use crate::job::{Job, Sizes};
use crate::lines::Rest;
use crate::place::{Place, Progress};

/// The smallest size of blocks that a run comes down to, in bytes.
pub(crate) const SMALLEST: usize = 16 << 10;

/// The main thread's side of the reading thread.
pub(crate) struct Reading {
    /// Jobs in the order of the input. The last one says how reading ended; nothing follows it.
    pub(crate) jobs: Receiver<Box<Job>>,
    /// Puts a job back into the queue, to be mapped further. There is always room.
    pub(crate) again: Sender<Box<Job>>,
    free: Sender<Box<Job>>,
    block: Arc<AtomicUsize>,
    pub(crate) sizes: Sizes,
    watch: Arc<Watch>,
}

/// What both sides know of each other.
#[derive(Default)]
struct Watch {
    /// Nothing more is to be read.
    stop: AtomicBool,
    /// How many jobs were handed on.
    handed: AtomicUsize,
}

/// How inputs are read.
#[derive(Default)]
pub(crate) struct Plan {
    /// The place of the first byte that is read for the first time, if the inputs are a piece of a longer one.
    pub(crate) position: u64,
    /// How far each input was read before.
    pub(crate) progress: Vec<Option<Progress>>,
    /// Whether the last line of all, or the one that the input broke off in, gets a job of its own if it has no line break.
    pub(crate) tails: bool,
    /// Whether records that are read from what is still being written are received when they are read.
    pub(crate) stamps: bool,
    /// Files to follow, instead of inputs.
    pub(crate) follow: Vec<Followed>,
}

impl Reading {
    /// Starts to read the inputs one after the other. `taken` counts the bytes read before unpacking; `limit` is that of a
    /// line, in bytes.
    ///
    /// # Errors
    /// There can be no thread.
    pub(crate) fn start(
        inputs: Vec<Input>,
        taken: Arc<AtomicU64>,
        limit: u32,
        sizes: Sizes,
    ) -> Result<Self, Failure> {
        Self::by(Plan::default(), inputs, taken, limit, sizes)
    }

    /// The same, by a plan.
    ///
    /// # Errors
    /// There can be no thread.
    pub(crate) fn by(
        plan: Plan,
        inputs: Vec<Input>,
        taken: Arc<AtomicU64>,
        limit: u32,
        sizes: Sizes,
    ) -> Result<Self, Failure> {
        // The last job is not one of those that go round.
        let (to, jobs) = bounded(sizes.jobs + 1);
        let (free, freed) = bounded(sizes.jobs);
        for _ in 0..sizes.jobs {
            // There is room for all.
            let _ = free.send(Box::default());
        }
        let block = Arc::new(AtomicUsize::new(sizes.block));
        let (again, watch) = (to.clone(), Arc::<Watch>::default());
        let seen = Arc::clone(&watch);
        let mut reader = Reader {
            to,
            freed,
            spare: None,
            taken,
            limit: usize::try_from(limit).unwrap_or(usize::MAX).max(1),
            sizes,
            block: Arc::clone(&block),
            watch,
            rest: Rest::at(plan.position, false),
            place: None,
            stamps: plan.stamps,
            stamp: plan.stamps && !plan.follow.is_empty(),
            number: 0,
        };
        let body = move || {
            let ended = catch_unwind(AssertUnwindSafe(|| {
                if plan.follow.is_empty() {
                    reader.inputs(inputs, &plan.progress, plan.tails)
                } else {
                    reader.follow(plan.follow)
                }
            }));
            let last = match ended {
                Ok(Ok(())) => Ok(()),
                Ok(Err(End::Failed(failure))) => Err(failure),
                Ok(Err(End::Gone)) => return,
                Err(_) => Err(Failure::failed("reading ended by a fault of the program")),
            };
            // An error means that nobody listens any more.
            let _ = reader.to.send(Box::new(Job::last(reader.number, last)));
        };
        spawn("read", body)?;
        Ok(Self { jobs, again, free, block, sizes, watch: seen })
    }

    /// Asks the reading thread to read nothing more. What it has read is still handed on, but for a line that is open.
    pub(crate) fn stop(&self) {
        self.watch.stop.store(true, Ordering::Release);
    }

    /// How many jobs were handed on so far.
    pub(crate) fn handed(&self) -> usize {
        self.watch.handed.load(Ordering::Acquire)
    }

    /// Gives a job back to be filled again.
    pub(crate) fn free(&self, mut job: Box<Job>) {
        job.trim(self.sizes);
        // The channel has room for all jobs; an error means that reading has ended.
        for spare in job.spare.drain(..) {
            let _ = self.free.send(spare);
        }
        let _ = self.free.send(job);
    }

    /// Makes blocks smaller when one of them had more results than a job may hold, and bigger again when results are few.
    pub(crate) fn adapt(&self, results: usize, was_done: bool) {
        let size = self.block.load(Ordering::Relaxed);
        if !was_done {
            self.block.store((size / 2).max(SMALLEST), Ordering::Relaxed);
        } else if size < self.sizes.block && results < self.sizes.results / 4 {
            self.block.store(size.saturating_mul(2).min(self.sizes.block), Ordering::Relaxed);
        }
    }
}

/// Starts a thread.
///
/// # Errors
/// There can be no more of them.
pub(crate) fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
    thread::Builder::new()
        .name(format!("xdr-{name}"))
        .spawn(body)
        .map(drop)
        .map_err(|error| Failure::failed(format!("cannot start a thread: {error}")))
}

/// Why reading ends before the inputs do.
enum End {
    /// Nobody takes jobs any more.
    Gone,
    Failed(Failure),
}

struct Reader {
    to: Sender<Box<Job>>,
    freed: Receiver<Box<Job>>,
    /// A job that was begun for nothing.
    spare: Option<Box<Job>>,
    taken: Arc<AtomicU64>,
    limit: usize,
    sizes: Sizes,
    /// The present size of blocks.
    block: Arc<AtomicUsize>,
    watch: Arc<Watch>,
    rest: Rest,
    /// Where blocks come from at present.
    place: Option<Arc<Place>>,
    stamps: bool,
    /// Whether records that are read at present are received when they are read.
    stamp: bool,
    /// The number of the next job.
    number: usize,
}

impl Reader {
    fn inputs(&mut self, inputs: Vec<Input>, progress: &[Option<Progress>], tails: bool) -> Result<(), End> {
        // Inputs before the last one that was begun were read to their ends.
        let begun = progress.iter().rposition(Option::is_some);
        let mut resumed = begun.and_then(|at| progress.get(at).cloned().flatten());
        if let Some(progress) = &resumed {
            self.rest = Rest::at(progress.at, progress.long);
        }
        let last = inputs.len().saturating_sub(1);
        let mut job = self.begin()?;
        for (number, input) in inputs.into_iter().enumerate().skip(begun.unwrap_or(0)) {
            let name = input.name.clone();
            let from = resumed.take();
            let offset = from.as_ref().map_or(0, Progress::offset);
            let read;
            (job, read) = match input.start_at(offset, &self.taken) {
                Ok(Started { mut from, is_file, file, packed }) => {
                    let base = job.block.at().saturating_sub(offset);
                    self.place = Some(Arc::new(Place { input: number, base, file, packed, id: None }));
                    self.stamp = self.stamps && !is_file;
                    self.mark(&mut job);
                    self.input(&mut from, is_file, job)?
                }
                Err(error) => (job, Err(error)),
            };
            if self.stopped() {
                // What is left of a line is not taken for one.
                return if job.block.is_ready() { self.send(job) } else { Ok(()) };
            }
            // What is torn may be whole when it is read again.
            if tails && (number == last || read.is_err()) && job.block.is_open() {
                if job.block.is_ready() {
                    job = self.hand_on(job)?;
                }
                job.is_tail = true;
            }
            // A line does not go on into the next input.
            job.block.close(read.is_err());
            if job.block.is_ready() {
                job = self.hand_on(job)?;
            }
            if let Err(error) = read {
                return Err(End::Failed(Failure::reading(name, &error)));
            }
        }
        Ok(())
    }

    /// Reads files that grow, until nothing more is to be read.
    fn follow(&mut self, mut files: Vec<Followed>) -> Result<(), End> {
        let mut room = Vec::new();
        loop {
            let mut found = false;
            for file in &mut files {
                if self.stopped() {
                    return Ok(());
                }
                let size = self.block.load(Ordering::Relaxed);
                room.resize(size, 0);
                let got = file.read(&mut room).map_err(End::Failed)?;
                if got == Got::Nothing {
                    continue;
                }
                found = true;
                self.place = Some(Arc::clone(&file.place));
                self.rest = std::mem::take(&mut file.rest);
                let mut job = self.begin()?;
                if let Got::Bytes(count) = got {
                    self.taken.fetch_add(count as u64, Ordering::Relaxed);
                    job = self.fill(job, room.get(..count).unwrap_or_default())?;
                } else {
                    job.block.close(false);
                }
                if job.block.is_ready() {
                    self.send(job)?;
                } else {
                    job.block.leave(&mut self.rest);
                    self.spare = Some(job);
                }
                file.rest = std::mem::take(&mut self.rest);
                if got == Got::End {
                    file.switch().map_err(End::Failed)?;
                }
            }
            if !found {
                thread::sleep(follow::POLL);
            }
        }
    }

    /// Puts bytes that were read into a block, and into more if they are many; gives the last one.
    fn fill(&mut self, mut job: Box<Job>, mut bytes: &[u8]) -> Result<Box<Job>, End> {
        while !bytes.is_empty() {
            let size = self.block.load(Ordering::Relaxed);
            self.make_room(&mut job, size)?;
            let room = job.block.room(size);
            let (now, later) = bytes.split_at(bytes.len().min(room.len()));
            if let Some(room) = room.get_mut(..now.len()) {
                room.copy_from_slice(now);
            }
            job.block.took(now.len(), self.limit);
            bytes = later;
            if job.block.is_full(size) {
                job = self.hand_on(job)?;
            }
        }
        Ok(job)
    }

    fn stopped(&self) -> bool {
        self.watch.stop.load(Ordering::Acquire)
    }

    /// Reads one input to its end; gives the job that was begun. `fill` says that the input never waits for more, so that
    /// blocks can be filled. Of others, lines are handed on as soon as they are whole.
    fn input(
        &mut self,
        from: &mut dyn Read,
        fill: bool,
        mut job: Box<Job>,
    ) -> Result<(Box<Job>, io::Result<()>), End> {
        loop {
            if self.stopped() {
                return Ok((job, Ok(())));
            }
            let size = self.block.load(Ordering::Relaxed);
            self.make_room(&mut job, size)?;
            match from.read(job.block.room(size)) {
                Ok(0) => return Ok((job, Ok(()))),
                Ok(count) => job.block.took(count, self.limit),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Ok((job, Err(error))),
            }
            if job.block.is_full(size) || (!fill && job.block.is_ready()) {
                job = self.hand_on(job)?;
            }
        }
    }

    /// Takes the place of as many jobs as the block needs for the next piece of its input.
    fn make_room(&self, job: &mut Job, size: usize) -> Result<(), End> {
        let wanted = job.block.wanted(size);
        while wanted / self.sizes.room > job.spare.len() && job.spare.len() + 1 < self.sizes.jobs {
            job.spare.push(self.freed.recv().map_err(|_| End::Gone)?);
        }
        Ok(())
    }

    /// Hands on a job; begins the next.
    fn hand_on(&mut self, job: Box<Job>) -> Result<Box<Job>, End> {
        self.send(job)?;
        self.begin()
    }

    fn send(&mut self, mut job: Box<Job>) -> Result<(), End> {
        job.block.leave(&mut self.rest);
        job.received = self.stamp.then(|| DateTime::<Utc>::from(SystemTime::now()));
        job.number = self.number;
        self.number += 1;
        // Counted first, so that nobody takes the run for done while this one is on its way.
        self.watch.handed.store(self.number, Ordering::Release);
        self.to.send(job).map_err(|_| End::Gone)
    }

    fn begin(&mut self) -> Result<Box<Job>, End> {
        let mut job = match self.spare.take() {
            Some(job) => job,
            None => self.freed.recv().map_err(|_| End::Gone)?,
        };
        job.block.begin(&mut self.rest);
        self.mark(&mut job);
        Ok(job)
    }

    /// Says where the job comes from.
    fn mark(&self, job: &mut Job) {
        job.place.clone_from(&self.place);
        job.is_tail = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::Piece;
    use std::collections::VecDeque;

    /// Gives these pieces, one at a time, then fails if that is wanted.
    struct Pieces(VecDeque<Vec<u8>>, Option<io::ErrorKind>);

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match (self.0.pop_front(), self.1) {
                (Some(mut piece), _) => {
                    let rest = piece.split_off(piece.len().min(buffer.len()));
                    buffer[..piece.len()].copy_from_slice(&piece);
                    if !rest.is_empty() {
                        self.0.push_front(rest);
                    }
                    Ok(piece.len())
                }
                (None, Some(kind)) => Err(kind.into()),
                (None, None) => Ok(0),
            }
        }
    }

    fn pieces(text: &str, size: usize) -> Pieces {
        Pieces(text.as_bytes().chunks(size).map(<[u8]>::to_vec).collect(), None)
    }

    const SIZES: Sizes = Sizes { jobs: 3, block: 32, room: 64, results: 1 << 20 };

    /// The lines, with their places, and the numbers of bytes of each job, and how reading ended.
    fn read(inputs: Vec<Input>, limit: u32) -> (Vec<String>, Vec<u64>, Result<(), Failure>) {
        let reading = Reading::start(inputs, Arc::default(), limit, SIZES).unwrap();
        let (mut lines, mut lengths) = (Vec::new(), Vec::new());
        for (number, mut job) in reading.jobs.iter().enumerate() {
            assert_eq!(job.number, number);
            if let Some(last) = job.last {
                return (lines, lengths, last);
            }
            let start = job.block.at();
            while let Some((piece, at)) = job.block.next(limit as usize) {
                let (mark, text) = match piece {
                    Piece::Line(text) => ("", text),
                    Piece::Long(text) => ("…", text),
                    Piece::More(text) => ("+", text),
                    Piece::Torn(text) => ("!", text),
                };
                lines.push(format!("{at}:{}{mark}", String::from_utf8_lossy(text)));
            }
            lengths.push(job.block.at() - start);
            reading.free(job);
        }
        panic!("no last job")
    }

    #[test]
    fn files_fill_blocks_and_others_are_handed_on_as_they_come() {
        let text = "0123456\n".repeat(20);
        let (lines, lengths, ended) = read(vec![Input::of(pieces(&text, 16), true)], 100);
        assert_eq!((lines.len(), lengths, ended.is_ok()), (20, vec![32; 5], true));
        let (again, lengths, _) = read(vec![Input::of(pieces(&text, 16), false)], 100);
        assert_eq!((again, lengths), (lines, vec![16; 10]));
    }

    #[test]
    fn lines_do_not_go_on_into_the_next_input() {
        let input = |text| Input::of(pieces(text, 3), true);
        let (lines, _, ended) = read(vec![input("ab\ncd"), input(""), input("e"), input("\nf\n")], 100);
        assert_eq!(lines, ["0:ab", "3:cd", "5:e", "6:", "7:f"]);
        assert!(ended.is_ok());
        let (lines, ..) = read(vec![input("abcdefghij"), input("klm")], 4);
        assert_eq!(lines, ["0:abcd…", "4:efgh+", "8:ij+", "10:klm"]);
    }

    #[test]
    fn what_comes_before_a_failure_is_handed_on_and_what_comes_behind_is_not_read() {
        let broken = Pieces(pieces("ab\ncd", 2).0, Some(io::ErrorKind::InvalidData));
        let inputs = vec![Input::of(broken, true), Input::of(pieces("more\n", 9), true)];
        let (lines, _, ended) = read(inputs, 100);
        assert_eq!(lines, ["0:ab", "3:cd!"]);
        let Err(Failure::Error { message, .. }) = ended else { panic!() };
        assert_eq!(message, "cannot read `test`: invalid data");
    }

    #[test]
    fn a_reader_that_is_interrupted_reads_on_and_one_that_panics_is_told() {
        struct Panics;
        impl Read for Panics {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                panic!("as the test wants it")
            }
        }
        let (lines, _, ended) = read(vec![Input::of(pieces("a\nb\n", 9).chain(Panics), false)], 100);
        assert_eq!(lines, ["0:a", "2:b"]);
        let Err(Failure::Error { message, .. }) = ended else { panic!() };
        assert_eq!(message, "reading ended by a fault of the program");
    }

    #[test]
    fn a_long_line_takes_the_place_of_other_jobs() {
        // The reading thread must wait for the first two jobs before it may hold this line.
        let text = format!("{}{}\n{}", "0123456\n".repeat(8), "x".repeat(1000), "0123456\n".repeat(8));
        let reading =
            Reading::start(vec![Input::of(pieces(&text, 16), true)], Arc::default(), 10_000, SIZES).unwrap();
        let first = reading.jobs.recv().unwrap();
        let second = reading.jobs.recv().unwrap();
        let wait = std::time::Duration::from_millis(50);
        assert!(reading.jobs.recv_timeout(wait).is_err());
        reading.free(first);
        assert!(reading.jobs.recv_timeout(wait).is_err());
        reading.free(second);
        let third = reading.jobs.recv().unwrap();
        assert_eq!(third.spare.len(), SIZES.jobs - 1);
        reading.free(third);
        let mut lines = 0;
        for mut job in &reading.jobs {
            if job.last.is_some() {
                break;
            }
            while job.block.next(10_000).is_some() {
                lines += 1;
            }
            reading.free(job);
        }
        assert_eq!(lines, 8);
    }

    #[test]
    fn blocks_become_smaller_where_results_are_many_and_bigger_again() {
        let sizes = Sizes::new(2);
        let reading = Reading::start(Vec::new(), Arc::default(), 100, sizes).unwrap();
        let size = || reading.block.load(Ordering::Relaxed);
        for _ in 0..10 {
            reading.adapt(sizes.results, false);
            assert!((SMALLEST..sizes.block).contains(&size()));
        }
        assert_eq!(size(), SMALLEST);
        reading.adapt(sizes.results / 2, true);
        assert_eq!(size(), SMALLEST);
        for _ in 0..10 {
            reading.adapt(1000, true);
        }
        assert_eq!(size(), sizes.block);
    }
}
