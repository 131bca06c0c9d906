//! The quick matcher: goes the ways of the [`Matcher`](super::matcher::Matcher) in the same order, and remembers nothing but where to go
//! back to. Real records need few steps. What needs more is left to the other, which knows how not to try a thing twice.

use smallvec::SmallVec;

use super::{Capture, List, Next, Op, Pattern, Target, opened, pieces};

/// How many ops and ends of open texts are tried before a text is left to the other matcher.
const STEPS: usize = 256;

/// How many places to go back to there may be at once.
const CHOICES: usize = 32;

/// What the quick matcher found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The pattern matches; what it captures is in the list.
    Matches,
    /// It does not.
    Differs,
    /// That takes too long to say.
    Unsure,
}

/// Why a way ends.
enum Stop {
    /// Nothing is left to try.
    Differs,
    /// Too much was tried.
    Unsure,
}

/// How to go on from a [`Choice`].
#[derive(Clone, Copy)]
enum Way {
    Around,
    Longer,
    Shorter,
}

/// A place to go back to.
#[derive(Clone, Copy)]
struct Choice {
    pc: u16,
    way: Way,
    captures: u16,
    at: usize,
    start: usize,
}

/// The quick matcher of one text.
pub(super) struct Quick<'q, 'p, 'a> {
    text: &'a str,
    /// Where the trailing characters begin; the text may end from here on.
    end: usize,
    captures: &'q mut List<'p>,
    choices: SmallVec<[Choice; CHOICES]>,
    steps: usize,
    /// The furthest op of the pattern that was tried.
    reached: usize,
    /// How many of the first ops the patterns behind the one that was tried have in common with it.
    shared: usize,
    /// Whether blanks stand alone in the text, once somebody asked.
    single_blanks: Option<bool>,
}

impl<'q, 'p, 'a> Quick<'q, 'p, 'a> {
    /// A matcher of `text` that may end from `end` on.
    #[inline]
    pub(super) fn new(text: &'a str, end: usize, captures: &'q mut List<'p>) -> Self {
        Self {
            text,
            end,
            captures,
            choices: SmallVec::new(),
            steps: 0,
            // No pattern was tried, so none was left before its end.
            reached: usize::MAX,
            shared: usize::MAX,
            single_blanks: None,
        }
    }

    /// Whether the pattern matches the whole text. Patterns are to be tried in the order of their list.
    pub(super) fn whole(&mut self, pattern: &Pattern<'p>) -> Verdict {
        // One in front of it failed within the ops that both share.
        self.shared = self.shared.min(usize::from(pattern.shared));
        if self.reached < self.shared || !pattern.needs.is_in(self.text) {
            return Verdict::Differs;
        }
        self.shared = usize::MAX;
        self.captures.clear();
        self.choices.clear();
        (self.steps, self.reached) = (STEPS, 0);
        match self.run::<false>(pattern.ops, 0, 0) {
            Ok(_) => Verdict::Matches,
            Err(Stop::Differs) => Verdict::Differs,
            Err(Stop::Unsure) => Verdict::Unsure,
        }
    }

    /// Goes through ops from a byte on; gives the byte behind the match. Choices below `base` are not this run's. `PART`: the ops are
    /// those of a part, and the text need not end behind them.
    fn run<const PART: bool>(
        &mut self,
        ops: &'p [Op<'p>],
        mut at: usize,
        base: usize,
    ) -> Result<usize, Stop> {
        let text = self.text.as_bytes();
        let mut pc = 0;
        loop {
            self.step()?;
            if !PART && pc > self.reached {
                self.reached = pc;
            }
            let found = match ops.get(pc) {
                Some(Op::Literal(literal)) => pieces::literal(text, literal.as_bytes(), at, false),
                Some(Op::Lead(literal)) => pieces::literal(text, literal.as_bytes(), at, true),
                Some(Op::Text(target, next)) => {
                    (pc, at) = match self.longer(target, *next, ops, pc, (at, at))? {
                        Some(place) => place,
                        None => self.back(ops, base)?,
                    };
                    continue;
                }
                Some(Op::Split(other, here, there)) => {
                    pc += 1;
                    if !pieces::may_stand(text, self.end, *here, at) {
                        pc = usize::from(*other);
                    } else if pieces::may_stand(text, self.end, *there, at) {
                        self.choose(Way::Around, usize::from(*other), at, at)?;
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
                    self.captures.push(Capture { target: None, from: at, to: at, closes: false });
                    Ok(at)
                }
                Some(Op::Close(target)) => {
                    let from = opened(self.captures);
                    self.captures.push(Capture { target: Some(target), from, to: at, closes: true });
                    Ok(at)
                }
                Some(Op::Part(part)) => {
                    let before = self.choices.len();
                    (pc, at) = match self.run::<true>(part, at, before) {
                        Ok(behind) => {
                            // A part is matched by itself: what was chosen in it stays.
                            self.choices.truncate(before);
                            (pc + 1, behind)
                        }
                        Err(Stop::Differs) => self.back(ops, base)?,
                        Err(unsure) => return Err(unsure),
                    };
                    continue;
                }
                Some(Op::Last(target, next)) => {
                    (pc, at) = match self.shorter(target, *next, pc, (at, self.text.len() + 1))? {
                        Some(place) => place,
                        None => self.back(ops, base)?,
                    };
                    continue;
                }
                None if PART || at >= self.end => return Ok(at),
                None => Err(at),
            };
            (pc, at) = match found {
                Ok(behind) => (pc + 1, behind),
                Err(_) => self.back(ops, base)?,
            };
        }
    }

    #[inline]
    fn step(&mut self) -> Result<(), Stop> {
        self.steps = self.steps.checked_sub(1).ok_or(Stop::Unsure)?;
        Ok(())
    }

    #[inline]
    fn captured_if(
        &mut self,
        target: &'p Target<'p>,
        from: usize,
        found: Result<usize, usize>,
    ) -> Result<usize, usize> {
        if let Ok(to) = found {
            self.captures.push(Capture { target: Some(target), from, to, closes: false });
        }
        found
    }

    #[inline]
    fn choose(&mut self, way: Way, pc: usize, start: usize, at: usize) -> Result<(), Stop> {
        let (Ok(pc), Ok(captures)) = (u16::try_from(pc), u16::try_from(self.captures.len())) else {
            return Err(Stop::Unsure);
        };
        if self.choices.len() == CHOICES {
            return Err(Stop::Unsure);
        }
        self.choices.push(Choice { pc, way, captures, at, start });
        Ok(())
    }

    /// Where to go on after a failure.
    fn back(&mut self, ops: &'p [Op<'p>], base: usize) -> Result<(usize, usize), Stop> {
        while self.choices.len() > base {
            let Some(Choice { pc, way, captures, at, start }) = self.choices.pop() else { break };
            self.captures.truncate(usize::from(captures));
            let pc = usize::from(pc);
            let next = match (way, ops.get(pc)) {
                (Way::Longer, Some(Op::Text(target, next))) => {
                    self.longer(target, *next, ops, pc, (start, at))?
                }
                (Way::Shorter, Some(Op::Last(target, next))) => {
                    self.shorter(target, *next, pc, (start, at))?
                }
                _ => Some((pc, at)),
            };
            if let Some(next) = next {
                return Ok(next);
            }
        }
        Err(Stop::Differs)
    }

    /// As [`Matcher::longer`](super::matcher::Matcher): the open text from `start` to the first place from `at` on where what follows may
    /// match; a literal that follows is matched here too.
    fn longer(
        &mut self,
        target: &'p Target<'p>,
        next: Next<'p>,
        ops: &'p [Op<'p>],
        pc: usize,
        (start, mut at): (usize, usize),
    ) -> Result<Option<(usize, usize)>, Stop> {
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
                pieces::first(self.text, self.end, next, at)
            };
            let Some(end) = found else { return Ok(None) };
            at = end + 1;
            let mut behind = (pc + 1, end);
            if !literal.is_empty() {
                let Ok(place) = pieces::literal(text, literal, end, open) else {
                    self.step()?;
                    self.reached = self.reached.max(pc + 1);
                    // A literal that can only stand there byte by byte is not tried wherever a text begins like it.
                    whole = !literal.contains(&b' ') || self.has_single_blanks();
                    continue;
                };
                behind = (pc + 2, place);
            }
            if next != Next::End {
                self.choose(Way::Longer, pc, start, at)?;
            }
            self.captures.push(Capture { target: Some(target), from: start, to: end, closes: false });
            return Ok(Some(behind));
        }
    }

    /// As [`Matcher::shorter`](super::matcher::Matcher): the open text from `start` to the last place in front of `below` where what
    /// follows may match.
    fn shorter(
        &mut self,
        target: &'p Target<'p>,
        next: Next<'p>,
        pc: usize,
        (start, below): (usize, usize),
    ) -> Result<Option<(usize, usize)>, Stop> {
        let Some(end) = pieces::last(self.text, self.end, next, start, below) else { return Ok(None) };
        self.choose(Way::Shorter, pc, start, end)?;
        self.captures.push(Capture { target: Some(target), from: start, to: end, closes: false });
        Ok(Some((pc + 1, end)))
    }

    /// Whether no two blanks stand together.
    fn has_single_blanks(&mut self) -> bool {
        *self.single_blanks.get_or_insert_with(|| pieces::has_single_blanks(self.text.as_bytes()))
    }
}
