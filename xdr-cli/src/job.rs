//! What travels through a run: a block of input with, later, what became of it.
//!
//! A run has a fixed number of jobs. They go round: the reading thread fills them, a mapping thread maps them, the main
//! thread writes their results and gives them back. So there is an end to the memory of a run, whatever its input is and
//! however slowly its output is read, and nothing is allocated once each job has been round.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use xdr_runtime::settings::Settings;

use crate::failure::Failure;
use crate::lines::{Block, Cursor};
use crate::mapper::{Broken, Events, Mapper, Results, Until};
use crate::place::Place;
use crate::reader::SMALLEST;
use crate::summary::Summary;
use crate::table::{Batch, Filler};

/// How many jobs a run has, and how big they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sizes {
    /// How many jobs there are.
    pub(crate) jobs: usize,
    /// How much of the input a block takes, in bytes, if no line is longer.
    pub(crate) block: usize,
    /// How much a block may hold, in bytes, for the sake of a long line. A longer one takes the place of several jobs.
    pub(crate) room: usize,
    /// How many bytes of results a job may hold before they must be written. The last record may bring more.
    pub(crate) results: usize,
}

impl Sizes {
    /// Sizes for a run with so many mapping threads.
    ///
    /// One block a thread is being mapped, as many wait, one is being read, one written. With one thread there is nobody who
    /// could wait for another. A block of usual records makes three to four times as many bytes of events; it should be big
    /// beside what it costs to hand it on, and two with their events should fit into the cache of a processor.
    pub(crate) fn new(threads: usize) -> Self {
        Self::of(threads, BLOCK)
    }

    /// Sizes for a run into a table: to make columns and to append them costs the same for few rows and for many.
    pub(crate) fn rows(threads: usize) -> Self {
        Self::of(threads, ROWS)
    }

    fn of(threads: usize, block: usize) -> Self {
        let jobs = if threads == 1 { 4 } else { 2 * threads + 2 };
        let block = ((32 * block) / jobs).clamp(SMALLEST, block);
        Self { jobs, block, room: 4 * block, results: 16 * block }
    }
}

/// The size of a block unless there are very many threads.
const BLOCK: usize = 128 << 10;
/// The same where rows are made of it.
const ROWS: usize = 512 << 10;

/// A block of the input on its way through the run.
#[derive(Debug)]
pub(crate) struct Job {
    /// Jobs are numbered from 0 in the order of the input.
    pub(crate) number: usize,
    pub(crate) block: Block,
    /// How reading ended, if this is the last job. Its block is empty.
    pub(crate) last: Option<Result<(), Failure>>,
    /// Jobs whose place this one takes because it is big.
    #[expect(clippy::vec_box, reason = "a job goes back the way it came, in its box")]
    pub(crate) spare: Vec<Box<Job>>,
    /// Events of the block, whole lines, unless they are rows.
    pub(crate) events: Vec<u8>,
    /// How many bytes of events there are, as lines or as rows.
    pub(crate) size: usize,
    /// Rejects of the block, if they are kept apart.
    pub(crate) rejects: Vec<u8>,
    /// The same packed, if they are to be and are many.
    pub(crate) packed: Packed,
    /// Events as rows of a table, if they are to be and there are some; or why they cannot be.
    pub(crate) rows: Result<Option<Batch>, Failure>,
    /// Whether they are in the table, or on their way into it.
    pub(crate) is_appended: bool,
    pub(crate) summary: Summary,
    /// Where the block comes from.
    pub(crate) place: Option<Arc<Place>>,
    /// Whether the block is the last line of all, without a line break, or a torn one: its end may be there another time.
    pub(crate) is_tail: bool,
    /// When the block was read, if that is the moment of receipt.
    pub(crate) received: Option<DateTime<Utc>>,
    /// The record that could not be mapped. Nothing behind it is mapped.
    pub(crate) broken: Option<Broken>,
    /// Where mapping began, in the block and in the input.
    from: Cursor,
    pub(crate) began: u64,
    /// What it was mapped with.
    settings: Option<Arc<Settings>>,
}

/// Results packed, or nothing.
#[derive(Debug, Default)]
pub(crate) struct Packed {
    pub(crate) events: Vec<u8>,
    pub(crate) rejects: Vec<u8>,
}

impl Default for Job {
    fn default() -> Self {
        Self {
            number: 0,
            block: Block::default(),
            last: None,
            spare: Vec::new(),
            events: Vec::new(),
            size: 0,
            rejects: Vec::new(),
            packed: Packed::default(),
            rows: Ok(None),
            is_appended: false,
            summary: Summary::default(),
            place: None,
            is_tail: false,
            received: None,
            broken: None,
            from: Cursor::default(),
            began: 0,
            settings: None,
        }
    }
}

impl Job {
    /// The last job, which says how reading ended.
    pub(crate) fn last(number: usize, ended: Result<(), Failure>) -> Self {
        Self { number, last: Some(ended), ..Self::default() }
    }

    /// Maps the block from where it was left, until the results have their size; into rows, if there is a filler.
    pub(crate) fn map(&mut self, mapper: &Mapper, filler: Option<&mut Filler>, sizes: Sizes) {
        self.from = self.block.cursor();
        self.settings = None;
        self.began = self.block.at();
        if filler.is_none() {
            // Memory that is never written to costs nothing, and results that grow would be copied each time.
            self.events.clear();
            self.events.reserve(sizes.results + (sizes.results >> 3));
        }
        self.again(mapper, filler, Until { events: sizes.results, rejects: sizes.results });
    }

    /// Maps once more what is mapped into lines, but only until there are so many bytes of events, which must be whole records.
    pub(crate) fn cut(&mut self, mapper: &Mapper, events: usize) {
        self.block.rewind(self.from);
        self.again(mapper, None, Until { events, rejects: usize::MAX });
    }

    fn again(&mut self, mapper: &Mapper, mut filler: Option<&mut Filler>, until: Until) {
        self.events.clear();
        self.rejects.clear();
        self.packed.events.clear();
        self.packed.rejects.clear();
        self.rows = Ok(None);
        self.is_appended = false;
        self.summary.clear();
        let to = Results {
            // What is mapped once more is mapped with the same, so that the same comes out.
            settings: self.settings.get_or_insert_with(|| mapper.settings.at(self.received)),
            events: match &mut filler {
                None => Events::Lines(&mut self.events),
                Some(filler) => Events::Rows(filler),
            },
            rejects: &mut self.rejects,
            summary: &mut self.summary,
            // Which of too many reasons came first is known only when all jobs before are counted.
            reasons: usize::MAX,
        };
        self.broken = mapper.map(&mut self.block, to, until).err();
        self.size = self.events.len();
        if let Some(filler) = filler {
            self.size = filler.size();
            self.rows = filler.finish();
        }
    }

    /// Frees memory that only an unusual block needs.
    pub(crate) fn trim(&mut self, sizes: Sizes) {
        self.block.trim(sizes.room);
        let Packed { events, rejects } = &mut self.packed;
        for results in [&mut self.events, &mut self.rejects, events, rejects] {
            if results.capacity() > 2 * sizes.results {
                *results = Vec::new();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_jobs_together_have_their_limit_whatever_the_number_of_threads() {
        for threads in 1..=256 {
            let Sizes { jobs, block, room, results } = Sizes::new(threads);
            assert!(jobs > threads && block >= SMALLEST && results >= block);
            assert!(jobs * block <= (4 << 20).max(jobs * SMALLEST), "{threads} threads");
            assert!(jobs * room <= 40 << 20 && jobs * results <= 160 << 20, "{threads} threads");
        }
        assert_eq!(Sizes::new(2).block, BLOCK);
    }
}
