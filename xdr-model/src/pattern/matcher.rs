//! The matcher: one loop over the ops, and a list of the places to go back to.

mod dead_ends;
mod marks;
mod mode;

use std::marker::PhantomData;

use smallvec::SmallVec;

use marks::Mark;
pub(super) use mode::{Mode, Thorough, Traced};

use super::{Capture, Expected, List, Miss, Next, Op, Pattern, Target, opened, pieces};

/// What a match may cost at least, in steps: real records take some hundreds.
const BUDGET: i64 = 4096;

/// What it may cost for each byte of the text. Eight bytes searched, or one op, are a step.
const BUDGET_PER_BYTE: i64 = 4;

/// A place to go back to when what was tried behind it failed.
#[derive(Clone, Copy)]
struct Choice {
    /// The op to go on with, of the pattern or of the part that is being matched.
    pc: u16,
    way: Way,
    /// How many captures there were.
    captures: u16,
    /// The next byte.
    at: usize,
    /// Where the open text begins that may be another; else the next byte too.
    start: usize,
}

impl Choice {
    /// The first byte that a way from here may take.
    fn bound(&self) -> usize {
        if self.way == Way::Shorter { self.start } else { self.at }
    }

    /// The first byte that the way which was tried may have taken behind it.
    fn tried(&self) -> usize {
        if self.way == Way::Longer { self.at.saturating_sub(1) } else { self.bound() }
    }

    /// Whether it stands between two ops.
    fn leads_to(&self, from: usize, pc: usize) -> bool {
        (from..=pc).contains(&usize::from(self.pc))
    }
}

/// How to go on from a [`Choice`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Without the piece.
    Around,
    /// The open text of the op may end at the choice's byte, or behind it.
    Longer,
    /// The open text of the op may end in front of the choice's byte.
    Shorter,
}

/// The furthest byte that was reached, and the op that did not match there.
#[derive(Clone, Copy)]
struct Furthest<'p> {
    at: usize,
    op: Option<&'p Op<'p>>,
}

/// The matcher of one text.
pub(super) struct Matcher<'m, 'p, 'a, M> {
    text: &'a str,
    /// Where the trailing characters begin; the text may end from here on.
    end: usize,
    /// Captures, of which the first [`Self::captured`] count: those behind them are what a mark may want back.
    captures: &'m mut List<'p>,
    captured: usize,
    /// Choices, of which the first [`Self::open`] count.
    choices: SmallVec<[Choice; 36]>,
    open: usize,
    budget: i64,
    /// Whether blanks stand alone in the text, once somebody asked.
    single_blanks: Option<bool>,
    /// Where the shared ops of the list's patterns were left, the most ops last.
    marks: SmallVec<[Mark; 4]>,
    /// Choices and captures of marks, for patterns that go on from there.
    kept_choices: SmallVec<[Choice; 64]>,
    kept_captures: SmallVec<[Capture<'p>; 64]>,
    /// Open texts of which no end led on: their ops, and the lowest bytes from which all ends were tried. What lies behind an end does not
    /// depend on where the text began, so one that begins there or later has no end that leads on either.
    exhausted: SmallVec<[(u16, usize); 24]>,
    furthest: Furthest<'p>,
    mode: PhantomData<M>,
    /// The most captures there were when the text ended within the pattern.
    kept: List<'p>,
}

/// Where to go on: an op and a byte.
type Place = (usize, usize);

impl<'m, 'p, 'a, M: Mode> Matcher<'m, 'p, 'a, M> {
    /// A matcher of `text` that may end from `end` on.
    #[inline]
    pub(super) fn new(text: &'a str, end: usize, captures: &'m mut List<'p>) -> Self {
        Self {
            text,
            end,
            captures,
            captured: 0,
            choices: SmallVec::new(),
            open: 0,
            budget: 0,
            single_blanks: None,
            marks: SmallVec::new(),
            kept_choices: SmallVec::new(),
            kept_captures: SmallVec::new(),
            exhausted: SmallVec::new(),
            furthest: Furthest { at: 0, op: None },
            mode: PhantomData,
            kept: List::new(),
        }
    }

    /// Whether the pattern matches the whole text; then `captures` are its own. Going on where an earlier pattern of the list stood
    /// at the op up to which both are the same gives what going from the beginning would.
    pub(super) fn whole(&mut self, pattern: &Pattern<'p>) -> bool {
        let shared = pattern.shared;
        while self.marks.last().is_some_and(|mark| mark.level > shared) {
            self.marks.pop();
        }
        let (mut pc, mut at) = (0, 0);
        self.exhausted.clear();
        match self.marks.last() {
            // An earlier pattern that never got so far had nothing of its own to try: this one would fail alike.
            _ if shared > 0 && self.marks.last().is_none_or(|mark| mark.level < shared) => return false,
            Some(mark) if shared > 0 => {
                (pc, at) = (mark.pc, mark.at);
                let mark = *mark;
                self.restore(&mark);
            }
            _ => self.start(),
        }
        let end = self.run::<false>(pattern.ops, pc, at, 0, pattern.watched, true);
        if end.is_some() {
            self.captures.truncate(self.captured);
        }
        end.is_some()
    }

    /// Where the ops end if they match the beginning of the text, and what was captured when the text ended within them.
    pub(super) fn beginning(&mut self, ops: &'p [Op<'p>]) -> (Option<usize>, List<'p>) {
        self.start();
        let end = self.run::<false>(ops, 0, 0, 0, &[], false);
        self.captures.truncate(if end.is_some() { self.captured } else { 0 });
        (end, std::mem::take(&mut self.kept))
    }

    /// The furthest place that was reached, and what was expected there.
    pub(super) fn furthest(&self) -> Miss<'p> {
        Miss { at: self.furthest.at, expected: self.furthest.op.map_or(Expected::End, expected) }
    }

    fn start(&mut self) {
        let length = i64::try_from(self.text.len()).unwrap_or(i64::MAX);
        self.budget = length.saturating_mul(BUDGET_PER_BYTE).saturating_add(BUDGET);
        (self.captured, self.open) = (0, 0);
        self.marks.clear();
        self.kept_choices.clear();
        self.kept_captures.clear();
    }

    /// Goes on from a place; gives the byte behind the match. Choices below `base` are not this run's. `PART`: the ops are those
    /// of a part. `whole`: the match must reach the end.
    fn run<const PART: bool>(
        &mut self,
        ops: &'p [Op<'p>],
        mut pc: usize,
        mut at: usize,
        base: usize,
        watched: &[u16],
        whole: bool,
    ) -> Option<usize> {
        let text = self.text.as_bytes();
        let mut level = if PART { usize::MAX } else { self.next_watched(watched) };
        loop {
            self.budget -= 1;
            if !PART && pc >= level {
                level = self.watch((pc, at), watched);
            }
            // The byte behind what this op takes, or the byte where it fails.
            let found = match ops.get(pc) {
                Some(Op::Literal(literal)) => pieces::literal(text, literal.as_bytes(), at, false),
                Some(Op::Lead(literal)) => pieces::literal(text, literal.as_bytes(), at, true),
                Some(op @ Op::Text(target, next)) => {
                    (pc, at) = if !M::TRACED && !PART && self.is_exhausted(pc, at) {
                        self.back::<PART>(ops, base)?
                    } else if let Some(place) = self.longer(op, target, *next, ops, pc, (at, at)) {
                        place
                    } else {
                        self.exhaust::<PART>(pc, at);
                        self.prune(ops, pc + 1, Some(at), base);
                        self.back::<PART>(ops, base)?
                    };
                    continue;
                }
                Some(Op::Split(other, here, there)) => {
                    pc += 1;
                    let (here, there) = (&ahead::<M>(*here), &ahead::<M>(*there));
                    if !pieces::may_stand(text, self.end, *here, at) {
                        self.miss(at, ops.get(pc));
                        pc = usize::from(*other);
                    } else if M::TRACED || pieces::may_stand(text, self.end, *there, at) {
                        self.choose(Way::Around, *other, at, at);
                    }
                    continue;
                }
                Some(Op::Shape(target, runs)) => {
                    let found = pieces::shape(self.text, runs, at);
                    self.captured_if(target, at, found)
                }
                Some(Op::Address(target)) => {
                    let found = pieces::address(text, at);
                    self.captured_if(target, at, found)
                }
                Some(Op::Words(target, words)) => {
                    let found = pieces::words(text, words, at);
                    self.captured_if(target, at, found)
                }
                Some(Op::Rest(target)) => {
                    let end = self.end.max(at);
                    self.captured_if(target, at, Ok(end))
                }
                Some(Op::Jump(to)) => {
                    pc = usize::from(*to);
                    continue;
                }
                Some(Op::Open) => {
                    self.push(Capture::open(at));
                    Ok(at)
                }
                Some(Op::Close(target)) => {
                    let from = opened(self.captures.get(..self.captured).unwrap_or_default());
                    self.push(Capture::close(target, from, at));
                    Ok(at)
                }
                Some(Op::Part(part)) => {
                    let before = self.open;
                    (pc, at) = if let Some(behind) = self.run::<true>(part, 0, at, before, &[], false) {
                        // A part is matched by itself: what was chosen in it stays.
                        self.open = before;
                        (pc + 1, behind)
                    } else {
                        self.back::<PART>(ops, base)?
                    };
                    continue;
                }
                Some(op @ Op::Last(target, next)) => {
                    let place = self.shorter(op, target, *next, pc, (at, self.text.len() + 1));
                    (pc, at) = if let Some(place) = place { place } else { self.back::<PART>(ops, base)? };
                    continue;
                }
                None if PART || !whole || at >= self.end => return Some(at),
                None => {
                    self.miss(at, None);
                    self.give_up(ops, pc, base);
                    (pc, at) = self.back::<PART>(ops, base)?;
                    continue;
                }
            };
            match found {
                Ok(behind) => {
                    self.spend(behind.saturating_sub(at) / 8);
                    (pc, at) = (pc + 1, behind);
                }
                Err(behind) => {
                    self.spend(behind.saturating_sub(at) / 8);
                    self.miss_in(ops, pc, behind);
                    if !self.give_up(ops, pc, base) {
                        self.prune(ops, pc, None, base);
                    }
                    (pc, at) = self.back::<PART>(ops, base)?;
                }
            }
        }
    }

    #[inline]
    fn captured_if(
        &mut self,
        target: &'p Target<'p>,
        from: usize,
        found: Result<usize, usize>,
    ) -> Result<usize, usize> {
        if let Ok(to) = found {
            self.push(Capture::text(target, from, to));
        }
        found
    }

    #[inline]
    fn spend(&mut self, steps: usize) {
        self.budget = self.budget.saturating_sub_unsigned(steps as u64);
    }

    /// Whether no two blanks stand together.
    fn has_single_blanks(&mut self) -> bool {
        *self.single_blanks.get_or_insert_with(|| pieces::has_single_blanks(self.text.as_bytes()))
    }

    /// The last choice above `base`.
    fn last_choice(&self, base: usize) -> Option<Choice> {
        let last = self.open.checked_sub(1).filter(|last| *last >= base)?;
        self.choices.get(last).copied()
    }

    /// Where to go on after a failure; `None` if nothing is left to try, or too much was.
    fn back<const PART: bool>(&mut self, ops: &'p [Op<'p>], base: usize) -> Option<Place> {
        while let Some(Choice { pc, way, captures, at, start }) = self.last_choice(base) {
            if self.budget < 0 {
                return None;
            }
            self.open -= 1;
            let open = self.open;
            if self.marks.iter().any(|mark| mark.choices > open && mark.kept.is_none()) {
                self.keep_marks(open);
            }
            self.captured = usize::from(captures);
            let pc = usize::from(pc);
            let op = ops.get(pc);
            let next = match (way, op) {
                (Way::Longer, Some(op @ Op::Text(target, next))) => {
                    let place = self.longer(op, target, *next, ops, pc, (start, at));
                    if place.is_none() {
                        self.exhaust::<PART>(pc, start);
                        self.prune(ops, pc + 1, Some(at), base);
                    }
                    place
                }
                (Way::Shorter, Some(op @ Op::Last(target, next))) => {
                    self.shorter(op, target, *next, pc, (start, at))
                }
                _ => Some((pc, at)),
            };
            if next.is_some() {
                return next;
            }
        }
        None
    }

    fn choose(&mut self, way: Way, pc: u16, start: usize, at: usize) {
        // So many captures that their number does not fit are beyond any pattern: no op is gone through twice.
        let captures = u16::try_from(self.captured).unwrap_or(u16::MAX);
        let choice = Choice { pc, way, captures, at, start };
        let at = self.open;
        self.open += 1;
        match self.choices.get_mut(at) {
            Some(place) => *place = choice,
            None => self.add_choice(choice),
        }
    }

    /// Happens once for each choice that is open at a time; no call comes back into the other way, which so needs fewer registers.
    #[inline(never)]
    fn add_choice(&mut self, choice: Choice) {
        self.choices.push(choice);
    }

    /// Captures the open text from `start` to the first place from `at` on where the next op may match, and keeps the
    /// choice of a later one. A literal that follows is matched here too: it is what most places fail by. Gives the place to
    /// go on from.
    fn longer(
        &mut self,
        op: &'p Op<'p>,
        target: &'p Target<'p>,
        next: Next<'p>,
        ops: &'p [Op<'p>],
        pc: usize,
        (start, mut at): (usize, usize),
    ) -> Option<Place> {
        let text = self.text.as_bytes();
        let (literal, open) = match ops.get(pc + 1) {
            Some(Op::Literal(literal)) => (literal.as_bytes(), false),
            Some(Op::Lead(literal)) => (literal.as_bytes(), true),
            _ => (&[][..], false),
        };
        let mut whole = false;
        loop {
            let found = if whole {
                pieces::find(text, literal, at)
            } else {
                pieces::first(self.text, self.end, ahead::<M>(next), at)
            };
            let Some(end) = found else {
                self.spend(text.len().saturating_sub(at) / 8);
                self.keep();
                self.miss(at, Some(op));
                return None;
            };
            self.spend(1 + (end - at) / 8);
            at = end + 1;
            let mut behind = (pc + 1, end);
            if !literal.is_empty() {
                match pieces::literal(text, literal, end, open) {
                    Ok(place) => {
                        self.spend((place - end) / 8);
                        behind = (pc + 2, place);
                    }
                    Err(place) => {
                        self.spend((place - end) / 8);
                        self.miss(place, ops.get(pc + 1));
                        // A literal that can only stand there byte by byte is not tried wherever a text begins like it.
                        whole = !M::TRACED && (!literal.contains(&b' ') || self.has_single_blanks());
                        if self.budget < 0 {
                            return None;
                        }
                        continue;
                    }
                }
            }
            if next != Next::End {
                // No pattern has so many ops that their number does not fit.
                self.choose(Way::Longer, u16::try_from(pc).unwrap_or(u16::MAX), start, at);
            }
            self.push(Capture::text(target, start, end));
            return Some(behind);
        }
    }

    /// Captures the open text from `start` to the last place in front of `below` where the next op may match, and keeps the
    /// choice of an earlier one. Gives the place to go on from.
    fn shorter(
        &mut self,
        op: &'p Op<'p>,
        target: &'p Target<'p>,
        next: Next<'p>,
        pc: usize,
        (start, below): (usize, usize),
    ) -> Option<Place> {
        let found = pieces::last(self.text, self.end, ahead::<M>(next), start, below);
        let passed = below.min(self.text.len()).saturating_sub(found.unwrap_or(start));
        self.spend(1 + passed / 8);
        let Some(end) = found else {
            self.miss(start, Some(op));
            return None;
        };
        self.choose(Way::Shorter, u16::try_from(pc).unwrap_or(u16::MAX), start, end);
        self.push(Capture::text(target, start, end));
        Some((pc + 1, end))
    }

    #[inline]
    fn push(&mut self, capture: Capture<'p>) {
        match self.captures.get_mut(self.captured) {
            Some(place) => *place = capture,
            None => self.captures.push(capture),
        }
        self.captured += 1;
    }

    /// Keeps the captures of a text that ends here.
    fn keep(&mut self) {
        if M::TRACED && self.captured > self.kept.len() {
            self.kept = List::from_slice(self.captures.get(..self.captured).unwrap_or_default());
        }
    }

    /// Notes that an op did not match at a byte, or, without an op, that the text goes on there.
    #[inline]
    fn miss(&mut self, at: usize, op: Option<&'p Op<'p>>) {
        if !M::TRACED {
            return;
        }
        if at >= self.text.len() {
            self.keep();
        }
        self.note(at, op);
    }

    /// As [`Self::miss`], for the op at `pc`. A text to the last place where the rest matches is none if the text ends before it is
    /// known to.
    #[inline]
    fn miss_in(&mut self, ops: &'p [Op<'p>], pc: usize, at: usize) {
        let before = || pc.checked_sub(1).and_then(|before| ops.get(before));
        if M::TRACED && matches!(before(), Some(Op::Last(..))) {
            self.note(at, ops.get(pc));
        } else {
            self.miss(at, ops.get(pc));
        }
    }

    /// As [`Self::miss`], but nothing is kept of a text that ends here.
    #[inline]
    fn note(&mut self, at: usize, op: Option<&'p Op<'p>>) {
        if !M::TRACED {
            return;
        }
        if at >= self.furthest.at && (at > self.furthest.at || !op.is_some_and(is_vague)) {
            self.furthest = Furthest { at, op };
        }
    }
}

/// How far to look ahead: who wants to know how far a text matches must go there.
fn ahead<M: Mode>(next: Next<'_>) -> Next<'_> {
    if M::TRACED { next.first_byte() } else { next }
}

/// What an op expects.
fn expected<'p>(op: &'p Op<'p>) -> Expected<'p> {
    match op {
        Op::Literal(literal) | Op::Lead(literal) => Expected::Literal(literal),
        Op::Words(_, words) => Expected::Words(words),
        Op::Address(_) => Expected::Address,
        Op::Text(_, Next::End) | Op::Last(_, Next::End) => Expected::End,
        _ => Expected::Shape,
    }
}

/// Whether what an op expects says little: another op that did not match at the same place says more.
fn is_vague(op: &Op<'_>) -> bool {
    expected(op) == Expected::Shape
}
