//! The matcher: one loop over the ops, and a list of the places to go back to.

use smallvec::SmallVec;

use super::{Capture, Expected, List, Miss, Next, Op, Pattern, Target, opened, pieces};

/// What a match may cost at least, in steps: real records take some hundreds.
const BUDGET: usize = 4096;

/// What it may cost for each byte of the text. Eight bytes searched, or one op, are a step.
const BUDGET_PER_BYTE: usize = 4;

/// Stands for "not in a part".
const WHOLE: u16 = u16::MAX;

/// A place in the ops, and one in the text.
#[derive(Clone, Copy)]
struct Place {
    /// The next op, of the pattern or of a part.
    pc: u16,
    /// In a part, the op of the pattern to go on with behind it; else [`WHOLE`].
    back: u16,
    /// The next byte.
    at: usize,
}

/// A place to go back to when what was tried behind it failed.
#[derive(Clone, Copy)]
struct Choice {
    place: Place,
    way: Way,
    /// Where the open text begins that may be another.
    start: usize,
    /// How many captures there were.
    captures: u16,
}

/// How to go on from a [`Choice`].
#[derive(Clone, Copy)]
enum Way {
    /// Without the piece.
    Around,
    /// The open text of the op may end at the place's byte, or behind it.
    Longer,
    /// The open text of the op may end in front of the place's byte.
    Shorter,
}

/// Where a match stood when it first reached an op.
#[derive(Clone, Copy)]
struct Mark {
    /// The op that was watched for.
    level: u16,
    place: Place,
    /// How many captures there were.
    captures: usize,
    /// How many choices there were.
    choices: usize,
    budget: usize,
}

/// Enough to go on with another pattern whose ops are the same so far.
struct State<'p> {
    mark: Mark,
    captures: SmallVec<[Capture<'p>; 20]>,
    choices: SmallVec<[Choice; 20]>,
}

/// The furthest byte that was reached, and the op that did not match there.
#[derive(Clone, Copy)]
struct Furthest<'p> {
    at: usize,
    op: Option<&'p Op<'p>>,
}

/// The matcher of one text. `TRACED`: it notes how far it came and what it found on the way, for texts that do not match.
pub(super) struct Matcher<'m, 'p, 'a, const TRACED: bool> {
    text: &'a str,
    /// Where the trailing characters begin; the text may end from here on.
    end: usize,
    /// The ops of the pattern.
    ops: &'p [Op<'p>],
    captures: &'m mut List<'p>,
    choices: SmallVec<[Choice; 32]>,
    budget: usize,
    /// Whether blanks stand alone in the text, once somebody asked.
    single_blanks: Option<bool>,
    /// Where watched ops were first reached since the last failure, the last one on top.
    marks: SmallVec<[Mark; 4]>,
    /// The states of those that were reached before it. Until then a mark tells as much: nothing was taken back.
    states: SmallVec<[State<'p>; 3]>,
    /// The first of the ops that are still watched.
    watched: u16,
    furthest: Furthest<'p>,
    /// The most captures there were when the text ended within the pattern.
    kept: List<'p>,
}

impl<'m, 'p, 'a, const TRACED: bool> Matcher<'m, 'p, 'a, TRACED> {
    /// A matcher of `text` that may end from `end` on.
    pub(super) fn new(text: &'a str, end: usize, captures: &'m mut List<'p>) -> Self {
        Self {
            text,
            end,
            ops: &[],
            captures,
            choices: SmallVec::new(),
            budget: 0,
            single_blanks: None,
            marks: SmallVec::new(),
            states: SmallVec::new(),
            watched: WHOLE,
            furthest: Furthest { at: 0, op: None },
            kept: List::new(),
        }
    }

    /// Whether the pattern matches the whole text; then `captures` are its own. Going on from the state that an earlier pattern of
    /// the list left at the op up to which both are the same gives what going from the beginning would.
    pub(super) fn whole(&mut self, pattern: &Pattern<'p>) -> bool {
        let shared = pattern.shared;
        while self.states.last().is_some_and(|state| state.mark.level > shared) {
            self.states.pop();
        }
        self.marks.clear();
        self.ops = pattern.ops;
        if shared == 0 {
            self.start();
            self.watched = pattern.watched.first().copied().unwrap_or(WHOLE);
            return self.run(Place { pc: 0, back: WHOLE, at: 0 }, pattern.watched, true).is_some();
        }
        // An earlier pattern that never got so far had nothing of its own to try: this one would fail alike.
        let Some(state) = self.states.last().filter(|state| state.mark.level == shared) else { return false };
        self.captures.clear();
        self.captures.extend_from_slice(&state.captures);
        self.choices.clear();
        self.choices.extend_from_slice(&state.choices);
        let Mark { place, budget, .. } = state.mark;
        self.budget = budget;
        self.watch(place, pattern.watched);
        self.run(place, pattern.watched, true).is_some()
    }

    /// Where the ops end if they match the beginning of the text, and what was captured when the text ended within them.
    pub(super) fn beginning(&mut self, ops: &'p [Op<'p>]) -> (Option<usize>, List<'p>) {
        self.ops = ops;
        self.start();
        let end = self.run(Place { pc: 0, back: WHOLE, at: 0 }, &[], false);
        (end, std::mem::take(&mut self.kept))
    }

    /// The furthest place that was reached, and what was expected there.
    pub(super) fn furthest(&self) -> Miss<'p> {
        Miss { at: self.furthest.at, expected: self.furthest.op.map_or(Expected::End, expected) }
    }

    fn start(&mut self) {
        self.captures.clear();
        self.choices.clear();
        self.budget = self.text.len().saturating_mul(BUDGET_PER_BYTE).saturating_add(BUDGET);
        self.watched = WHOLE;
    }

    /// Marks `place` for all watched ops that it has reached, and watches the next one.
    fn watch(&mut self, place: Place, watched: &[u16]) {
        let known = self.marks.last().or(self.states.last().map(|state| &state.mark));
        let known = known.map_or(0, |mark| mark.level);
        self.watched = WHOLE;
        for level in watched.iter().copied().filter(|level| *level > known) {
            if level > place.pc {
                self.watched = level;
                return;
            }
            let (captures, choices) = (self.captures.len(), self.choices.len());
            self.marks.push(Mark { level, place, captures, choices, budget: self.budget });
        }
    }

    /// Keeps the states of what is marked, before anything is taken back.
    #[cold]
    fn keep_marks(&mut self) {
        for mark in std::mem::take(&mut self.marks) {
            self.states.push(State {
                mark,
                captures: SmallVec::from_slice(self.captures.get(..mark.captures).unwrap_or_default()),
                choices: SmallVec::from_slice(self.choices.get(..mark.choices).unwrap_or_default()),
            });
        }
    }

    /// The ops of the pattern, or those of the part that ends in front of op `back`.
    fn ops_at(&self, back: u16) -> &'p [Op<'p>] {
        if back == WHOLE {
            return self.ops;
        }
        match self.ops.get(usize::from(back).wrapping_sub(1)) {
            Some(Op::Part(part)) => part,
            _ => &[],
        }
    }

    /// Goes on from a place; gives the byte behind the match. `whole`: the match must reach the end.
    fn run(&mut self, start: Place, watched: &[u16], whole: bool) -> Option<usize> {
        let mut ops = self.ops;
        let mut place = start;
        let mut asked = 0;
        // How many choices there were before the part that is being matched.
        let mut before = 0;
        let mut level = self.watched;
        loop {
            self.budget = self.budget.checked_sub(1)?;
            if place.pc >= level && place.back == WHOLE {
                self.watch(place, watched);
                level = self.watched;
            }
            let next = match ops.get(usize::from(place.pc)) {
                Some(Op::Part(part)) => {
                    before = self.choices.len();
                    (ops, place) = (part, Place { pc: 0, back: place.pc + 1, ..place });
                    continue;
                }
                Some(op @ Op::Text(target, next)) => self.longer(op, target, *next, ops, place, place.at),
                Some(op @ Op::Last(target, next)) => {
                    let behind = Place { at: self.text.len() + 1, ..place };
                    self.shorter(op, target, *next, behind, place.at)
                }
                Some(op @ (Op::Split(..) | Op::Jump(_) | Op::Open | Op::Close(_))) => {
                    Some(self.control(op, ops, place))
                }
                Some(op) => self.piece(op, place),
                None if place.back != WHOLE => {
                    // A part is matched by itself: what was chosen in it stays.
                    self.choices.truncate(before);
                    (ops, place) = (self.ops, Place { pc: place.back, back: WHOLE, ..place });
                    continue;
                }
                None if whole && place.at < self.end => {
                    self.miss(place.at, None);
                    None
                }
                None => return Some(place.at),
            };
            if let Some(next) = next {
                place = next;
                continue;
            }
            // Asked once for an op, and not again for those in front of it.
            if !TRACED && place.back == WHOLE && place.pc >= asked && self.choices.len() > MANY {
                asked = place.pc + 1;
                if self.hopeless(place.pc) {
                    self.keep_marks();
                    return None;
                }
            }
            (ops, place) = self.back()?;
        }
    }

    /// An op that takes text of its own.
    #[inline]
    fn piece(&mut self, op: &'p Op<'p>, place: Place) -> Option<Place> {
        let (text, at) = (self.text.as_bytes(), place.at);
        let (target, found) = match op {
            Op::Literal(literal) => (None, pieces::literal(text, literal.as_bytes(), at, false)),
            Op::Lead(literal) => (None, pieces::literal(text, literal.as_bytes(), at, true)),
            Op::Address(target) => (Some(target), pieces::address(text, at)),
            Op::Shape(target, runs) => (Some(target), pieces::shape(self.text, runs, at)),
            Op::Words(target, words) => (Some(target), pieces::words(text, words, at)),
            Op::Rest(target) => (Some(target), Ok(self.end.max(at))),
            _ => (None, Err(at)),
        };
        let (Ok(behind) | Err(behind)) = found;
        self.budget = self.budget.saturating_sub(behind.saturating_sub(at) / 8);
        if found.is_err() {
            self.miss(behind, Some(op));
            return None;
        }
        if let Some(target) = target {
            self.capture(target, at, behind);
        }
        Some(Place { pc: place.pc + 1, back: place.back, at: behind })
    }

    /// An op that takes no text.
    #[inline]
    fn control(&mut self, op: &'p Op<'p>, ops: &'p [Op<'p>], place: Place) -> Place {
        let (text, at) = (self.text.as_bytes(), place.at);
        let next = Place { pc: place.pc + 1, ..place };
        match op {
            Op::Split(other, here, there) => {
                let other = Place { pc: *other, ..place };
                if !pieces::may_stand(text, self.end, *here, at) {
                    self.miss(at, ops.get(usize::from(next.pc)));
                    return other;
                }
                if TRACED || pieces::may_stand(text, self.end, *there, at) {
                    self.choose(Way::Around, other, 0);
                }
            }
            Op::Jump(to) => return Place { pc: *to, ..place },
            Op::Open => self.captures.push(Capture { target: None, from: at, to: at, closes: false }),
            Op::Close(target) => {
                let from = opened(self.captures);
                self.captures.push(Capture { target: Some(target), from, to: at, closes: true });
            }
            _ => {}
        }
        next
    }

    /// Whether no two blanks stand together.
    fn has_single_blanks(&mut self) -> bool {
        *self.single_blanks.get_or_insert_with(|| pieces::has_single_blanks(self.text.as_bytes()))
    }

    /// Whether the op that did not match is a literal that every way needs, and the text does not hold it.
    #[cold]
    fn hopeless(&mut self, pc: u16) -> bool {
        let pc = usize::from(pc);
        let Some(Op::Literal(literal) | Op::Lead(literal)) = self.ops.get(pc) else { return false };
        let passed = self.ops.iter().take(pc).any(|op| match op {
            Op::Split(to, ..) | Op::Jump(to) => usize::from(*to) > pc,
            _ => false,
        });
        let text = self.text.as_bytes();
        self.budget = self.budget.saturating_sub(text.len() / 8);
        let lacks = |part: &str| pieces::find(text, part.as_bytes(), 0).is_none();
        // A blank may be several; then a literal stands in the text word by word.
        let longest = || literal.split(' ').max_by_key(|word| word.len()).unwrap_or_default();
        !passed && lacks(literal) && (self.has_single_blanks() || lacks(longest()))
    }

    /// Where to go on after a failure; `None` if nothing is left to try.
    fn back(&mut self) -> Option<(&'p [Op<'p>], Place)> {
        if !self.marks.is_empty() {
            self.keep_marks();
        }
        while let Some(Choice { way, place, start, captures }) = self.choices.pop() {
            self.captures.truncate(usize::from(captures));
            let ops = self.ops_at(place.back);
            let op = ops.get(usize::from(place.pc));
            let next = match (way, op) {
                (Way::Longer, Some(op @ Op::Text(target, next))) => {
                    self.longer(op, target, *next, ops, place, start)
                }
                (Way::Shorter, Some(op @ Op::Last(target, next))) => {
                    self.shorter(op, target, *next, place, start)
                }
                _ => Some(place),
            };
            if let Some(place) = next {
                return Some((ops, place));
            }
        }
        None
    }

    fn choose(&mut self, way: Way, place: Place, start: usize) {
        // So many captures that their number does not fit are beyond any budget.
        let captures = u16::try_from(self.captures.len()).unwrap_or(u16::MAX);
        self.choices.push(Choice { place, way, start, captures });
    }

    /// Captures the open text from `start` to the first place from `place.at` on where the next op may match, and keeps the
    /// choice of a later one. A literal that follows is matched here too: it is what most places fail by. Gives the place to
    /// go on from.
    fn longer(
        &mut self,
        op: &'p Op<'p>,
        target: &'p Target<'p>,
        next: Next<'p>,
        ops: &'p [Op<'p>],
        place: Place,
        start: usize,
    ) -> Option<Place> {
        let Place { pc, back, mut at } = place;
        let literal = match ops.get(usize::from(pc) + 1) {
            Some(op @ Op::Literal(literal)) => Some((op, literal.as_bytes(), false)),
            Some(op @ Op::Lead(literal)) => Some((op, literal.as_bytes(), true)),
            _ => None,
        };
        let mut whole: Option<&[u8]> = None;
        loop {
            let found = match whole {
                Some(literal) => pieces::find(self.text.as_bytes(), literal, at),
                None => pieces::first(self.text, self.end, next, at),
            };
            let Some(end) = found else {
                self.budget = self.budget.saturating_sub(self.text.len().saturating_sub(at) / 8);
                self.keep();
                self.miss(at, Some(op));
                return None;
            };
            self.budget = self.budget.checked_sub(1 + (end - at) / 8)?;
            at = end + 1;
            let behind = match literal {
                Some((op, literal, open)) => {
                    let found = pieces::literal(self.text.as_bytes(), literal, end, open);
                    let (Ok(place) | Err(place)) = found;
                    self.budget = self.budget.saturating_sub((place - end) / 8);
                    if found.is_err() {
                        self.miss(place, Some(op));
                        // A literal that can only stand there byte by byte is not tried wherever a text begins like it.
                        if !TRACED && (!literal.contains(&b' ') || self.has_single_blanks()) {
                            whole = Some(literal);
                        }
                        continue;
                    }
                    Place { pc: pc + 2, back, at: place }
                }
                None => Place { pc: pc + 1, back, at: end },
            };
            if next != Next::End {
                self.choose(Way::Longer, Place { at, ..place }, start);
            }
            self.capture(target, start, end);
            return Some(behind);
        }
    }

    /// Captures the open text from `start` to the last place in front of `place.at` where the next op may match, and keeps the
    /// choice of an earlier one. Gives the place to go on from.
    fn shorter(
        &mut self,
        op: &'p Op<'p>,
        target: &'p Target<'p>,
        next: Next<'p>,
        place: Place,
        start: usize,
    ) -> Option<Place> {
        let found = pieces::last(self.text, self.end, next, start, place.at);
        let passed = place.at.min(self.text.len()).saturating_sub(found.unwrap_or(start));
        self.budget = self.budget.checked_sub(1 + passed / 8)?;
        let Some(end) = found else {
            self.miss(start, Some(op));
            return None;
        };
        self.choose(Way::Shorter, Place { at: end, ..place }, start);
        self.capture(target, start, end);
        Some(Place { pc: place.pc + 1, back: place.back, at: end })
    }

    fn capture(&mut self, target: &'p Target<'p>, from: usize, to: usize) {
        self.captures.push(Capture { target: Some(target), from, to, closes: false });
    }

    /// Keeps the captures of a text that ends here.
    fn keep(&mut self) {
        if TRACED && self.captures.len() > self.kept.len() {
            self.kept.clone_from(self.captures);
        }
    }

    /// Notes that an op did not match at a byte, or, without an op, that the text goes on there.
    fn miss(&mut self, at: usize, op: Option<&'p Op<'p>>) {
        if !TRACED {
            return;
        }
        if at >= self.text.len() {
            self.keep();
        }
        if at >= self.furthest.at && (at > self.furthest.at || !op.is_some_and(is_vague)) {
            self.furthest = Furthest { at, op };
        }
    }
}

/// With so many ways left it pays to look whether any of them can succeed.
const MANY: usize = 2;

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
