//! Where the ops that patterns of a list share were left, so that the next one goes on from there.

use super::{Matcher, Mode, Place};

/// Where a match stood when it first reached an op that is the first one not shared with another pattern of the list.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    /// How many ops are shared.
    pub(super) level: u16,
    pub(super) pc: usize,
    pub(super) at: usize,
    pub(super) captures: usize,
    pub(super) choices: usize,
    pub(super) budget: i64,
    /// Where in [`Matcher::kept_choices`] and [`Matcher::kept_captures`] the choices and captures until then are kept, once the first
    /// of them was taken back.
    pub(super) kept: Option<(usize, usize)>,
}

impl<M: Mode> Matcher<'_, '_, '_, M> {
    /// Goes back to what was chosen and captured at a mark.
    pub(super) fn restore(&mut self, mark: &Mark) {
        (self.captured, self.open, self.budget) = (mark.captures, mark.choices, mark.budget);
        let Some((choices, captures)) = mark.kept else { return };
        for (place, kept) in
            self.choices.iter_mut().zip(self.kept_choices.iter().skip(choices)).take(mark.choices)
        {
            *place = *kept;
        }
        for (place, kept) in
            self.captures.iter_mut().zip(self.kept_captures.iter().skip(captures)).take(mark.captures)
        {
            *place = *kept;
        }
    }

    /// Keeps what was chosen and captured at the marks of which something is taken back now, so that `open` choices are left.
    #[cold]
    pub(super) fn keep_marks(&mut self, open: usize) {
        for mark in self.marks.iter_mut().filter(|mark| mark.choices > open && mark.kept.is_none()) {
            mark.kept = Some((self.kept_choices.len(), self.kept_captures.len()));
            self.kept_choices.extend_from_slice(self.choices.get(..mark.choices).unwrap_or_default());
            self.kept_captures.extend(self.captures.iter().take(mark.captures).copied());
        }
    }

    /// The next op that is watched and not marked.
    pub(super) fn next_watched(&self, watched: &[u16]) -> usize {
        let known = self.marks.last().map_or(0, |mark| mark.level);
        watched.iter().find(|level| **level > known).map_or(usize::MAX, |level| usize::from(*level))
    }

    /// Marks a place for all watched ops that it has reached; gives the next one.
    #[cold]
    pub(super) fn watch(&mut self, (pc, at): Place, watched: &[u16]) -> usize {
        let known = self.marks.last().map_or(0, |mark| mark.level);
        for level in watched.iter().copied().filter(|level| *level > known && usize::from(*level) <= pc) {
            let (captures, choices, budget) = (self.captured, self.open, self.budget);
            self.marks.push(Mark { level, pc, at, captures, choices, budget, kept: None });
        }
        self.next_watched(watched)
    }
}
