//! The matcher of real records, for which few ways have to be tried: it goes ahead and back by calls, and remembers nothing else. What needs more
//! is left to the [`Matcher`](super::matcher::Matcher), which goes the same ways in the same order.

use super::{Capture, List, Needle, Next, Op, Pattern, Target, opened, pieces};

/// How many ways a match may try: behind each place where an open text may end, and around each piece that may be missing.
const WAYS: i32 = 128;

/// The quick matcher of one text, for patterns in the order of their list.
pub(super) struct Quick<'m, 'p, 'a> {
    text: &'a str,
    /// Where the trailing characters begin; the text may end from here on.
    end: usize,
    captures: &'m mut List<'p>,
    /// How many ways are left to be tried.
    ways: i32,
    /// The furthest op of the last pattern that was tried.
    reached: usize,
    /// How many of the first ops all patterns from that one on have in common.
    common: usize,
    /// The last word that the text was found not to hold.
    absent: Needle<'p>,
    /// Whether blanks stand alone in the text, once somebody asked.
    single_blanks: Option<bool>,
}

impl<'m, 'p, 'a> Quick<'m, 'p, 'a> {
    /// A matcher of `text` that may end from `end` on.
    #[inline]
    pub(super) fn new(text: &'a str, end: usize, captures: &'m mut List<'p>) -> Self {
        // No pattern was tried, so none failed before its end.
        let (reached, common) = (usize::MAX, usize::MAX);
        Self { text, end, captures, ways: 0, reached, common, absent: Needle::NONE, single_blanks: None }
    }

    /// Whether the pattern matches the whole text; then `captures` are its own. `None` if it would take too long to say.
    #[inline]
    pub(super) fn matches(&mut self, pattern: &Pattern<'p>) -> Option<bool> {
        self.common = self.common.min(usize::from(pattern.shared));
        // One in front of it failed within the ops that both have in common.
        if self.reached < self.common || !self.holds(pattern.needs) {
            return Some(false);
        }
        (self.reached, self.common, self.ways) = (0, usize::MAX, WAYS);
        self.captures.clear();
        let matches = self.go::<false>(pattern.ops, 0, 0).is_some();
        (matches || self.ways >= 0).then_some(matches)
    }

    /// Whether the text holds the word that a pattern needs. Patterns that stand together in a list often need the same one.
    #[inline]
    fn holds(&mut self, word: Needle<'p>) -> bool {
        if word.is_none() {
            return true;
        }
        if word == self.absent {
            return false;
        }
        let holds = word.is_in(self.text);
        if !holds {
            self.absent = word;
        }
        holds
    }

    /// Goes on from an op and a byte; gives the byte behind the match, or nothing, also if there were too many ways. `PART`: the ops are
    /// those of a part, which may end anywhere. Every call stands for one choice, so they are no deeper than a pattern has ops.
    fn go<const PART: bool>(&mut self, ops: &'p [Op<'p>], mut pc: usize, mut at: usize) -> Option<usize> {
        let text = self.text.as_bytes();
        self.ways -= 1;
        loop {
            let found = match ops.get(pc) {
                Some(Op::Literal(literal)) => pieces::literal(text, literal.as_bytes(), at, false),
                Some(Op::Lead(literal)) => pieces::literal(text, literal.as_bytes(), at, true),
                Some(Op::Rest(target) | Op::Text(target, Next::End)) => {
                    self.captured(target, at, Ok(self.end.max(at)))
                }
                Some(Op::Text(..)) => return self.text::<PART>(ops, pc, at),
                Some(Op::Split(other, here, there)) => {
                    if !pieces::may_stand(text, self.end, *here, at) {
                        pc = usize::from(*other);
                    } else if pieces::may_stand(text, self.end, *there, at) {
                        let before = self.captures.len();
                        let end = self.go::<PART>(ops, pc + 1, at);
                        if end.is_some() || self.ways < 0 {
                            return end;
                        }
                        self.captures.truncate(before);
                        pc = usize::from(*other);
                    } else {
                        pc += 1;
                    }
                    continue;
                }
                Some(Op::Shape(target, runs)) => {
                    self.captured(target, at, pieces::shape(self.text, runs, at))
                }
                Some(Op::Address(target)) => self.captured(target, at, pieces::address(text, at)),
                Some(Op::Words(target, words)) => self.captured(target, at, pieces::words(text, words, at)),
                Some(Op::Jump(to)) => {
                    pc = usize::from(*to);
                    continue;
                }
                Some(Op::Open) => {
                    self.captures.push(Capture::open(at));
                    Ok(at)
                }
                Some(Op::Close(target)) => {
                    let from = opened(self.captures);
                    self.captures.push(Capture::close(target, from, at));
                    Ok(at)
                }
                // The first way through it counts, whatever follows.
                Some(Op::Part(part)) => self.go::<true>(part, 0, at).ok_or(at),
                Some(Op::Last(..)) => return self.last::<PART>(ops, pc, at),
                None if PART || at >= self.end => return Some(at),
                None => Err(at),
            };
            let Ok(behind) = found else {
                self.fails::<PART>(pc);
                return None;
            };
            (pc, at) = (pc + 1, behind);
        }
    }

    /// Goes on from an open text that begins at `start`: behind the first place where it may end, or a later one. A literal that follows is
    /// matched here too: it is what most places fail by.
    fn text<const PART: bool>(&mut self, ops: &'p [Op<'p>], pc: usize, start: usize) -> Option<usize> {
        let Some(Op::Text(target, next)) = ops.get(pc) else { return None };
        let text = self.text.as_bytes();
        let before = self.captures.len();
        let (literal, open) = match ops.get(pc + 1) {
            Some(Op::Literal(literal)) => (literal.as_bytes(), false),
            Some(Op::Lead(literal)) => (literal.as_bytes(), true),
            _ => (&[][..], false),
        };
        let (mut at, mut whole) = (start, false);
        loop {
            let end = match next {
                _ if whole => pieces::find(text, literal, at),
                Next::Byte(byte) if byte.is_ascii() => {
                    text.get(at..).and_then(|rest| pieces::near(*byte, rest)).map(|hit| at + hit)
                }
                next => pieces::first(self.text, self.end, *next, at),
            };
            let Some(end) = end else {
                self.fails::<PART>(pc);
                return None;
            };
            at = end + 1;
            let (mut then, mut behind) = (pc + 1, end);
            if !literal.is_empty() {
                let Ok(place) = pieces::literal(text, literal, end, open) else {
                    self.fails::<PART>(then);
                    self.ways -= 1;
                    if self.ways < 0 {
                        return None;
                    }
                    // A literal that can only stand there byte by byte is not tried wherever a text begins like it.
                    whole = !literal.contains(&b' ') || self.has_single_blanks();
                    continue;
                };
                (then, behind) = (pc + 2, place);
            }
            self.captures.push(Capture::text(target, start, end));
            let end = self.go::<PART>(ops, then, behind);
            if end.is_some() || self.ways < 0 {
                return end;
            }
            self.captures.truncate(before);
        }
    }

    /// Goes on from an open text that begins at `start`: behind the last place where it may end, or an earlier one.
    fn last<const PART: bool>(&mut self, ops: &'p [Op<'p>], pc: usize, start: usize) -> Option<usize> {
        let Some(Op::Last(target, next)) = ops.get(pc) else { return None };
        let before = self.captures.len();
        let mut below = self.text.len() + 1;
        while let Some(end) = pieces::last(self.text, self.end, *next, start, below) {
            self.captures.push(Capture::text(target, start, end));
            let behind = self.go::<PART>(ops, pc + 1, end);
            if behind.is_some() || self.ways < 0 {
                return behind;
            }
            self.captures.truncate(before);
            below = end;
        }
        self.fails::<PART>(pc);
        None
    }

    /// Whether no two blanks stand together.
    fn has_single_blanks(&mut self) -> bool {
        *self.single_blanks.get_or_insert_with(|| pieces::has_single_blanks(self.text.as_bytes()))
    }

    /// Notes how far the ops of the pattern itself matched.
    #[inline]
    fn fails<const PART: bool>(&mut self, pc: usize) {
        if !PART {
            self.reached = self.reached.max(pc);
        }
    }

    #[inline]
    fn captured(
        &mut self,
        target: &'p Target<'p>,
        from: usize,
        found: Result<usize, usize>,
    ) -> Result<usize, usize> {
        if let Ok(to) = found {
            self.captures.push(Capture::text(target, from, to));
        }
        found
    }
}
