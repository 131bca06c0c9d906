//! The matcher: one loop over the ops, and a list of the places to go back to.

use memchr::{memchr, memrchr};
use smallvec::SmallVec;

use super::{Captures, Expected, GROUPS, Miss, Next, Op, Run, Target};

/// What a match may cost at least, in steps: real records take some hundreds.
const BUDGET: usize = 4096;

/// What it may cost for each byte of the text. Eight bytes searched, or one op, are a step.
const BUDGET_PER_BYTE: usize = 4;

/// A place to go back to when what was tried behind it failed.
struct Choice<'p> {
    /// How to go on.
    way: Way<'p>,
    /// The op behind the one that chose.
    pc: usize,
    /// How many captures there were.
    captures: usize,
    /// Where the groups began.
    groups: [usize; GROUPS],
}

/// How to go on from a [`Choice`].
enum Way<'p> {
    /// Without the piece, at this byte.
    Around(usize),
    /// The open text that begins at the first byte may end at the second, or behind it.
    Longer(Target<'p>, Next, usize, usize),
    /// The open text that begins at the first byte may end in front of the second.
    Shorter(Target<'p>, Next, usize, usize),
}

pub(super) struct Matcher<'m, 'p, 'a> {
    text: &'a str,
    /// Where the trailing characters begin; the text may end from here on.
    end: usize,
    captures: &'m mut Captures<'p, 'a>,
    groups: [usize; GROUPS],
    choices: SmallVec<[Choice<'p>; 8]>,
    budget: usize,
    furthest: Miss<'p>,
    /// If wanted, the most captures there were when the text ended within the pattern.
    kept: Option<&'m mut Captures<'p, 'a>>,
}

impl<'m, 'p, 'a> Matcher<'m, 'p, 'a> {
    pub(super) fn new(text: &'a str, end: usize, captures: &'m mut Captures<'p, 'a>) -> Self {
        Self {
            text,
            end,
            captures,
            groups: [0; GROUPS],
            choices: SmallVec::new(),
            budget: text.len().saturating_mul(BUDGET_PER_BYTE).saturating_add(BUDGET),
            furthest: Miss { at: 0, expected: Expected::End },
            kept: None,
        }
    }

    /// Whether the ops match the whole text.
    pub(super) fn whole(&mut self, ops: &'p [Op<'p>]) -> bool {
        self.run(ops, 0, true).is_some()
    }

    /// Where the ops end if they match the beginning of the text. `kept` gets what was captured when the text ended within them.
    pub(super) fn beginning(&mut self, ops: &'p [Op<'p>], kept: &'m mut Captures<'p, 'a>) -> Option<usize> {
        self.kept = Some(kept);
        self.run(ops, 0, false)
    }

    /// The furthest place that was reached, and what was expected there.
    pub(super) fn furthest(&self) -> Miss<'p> {
        self.furthest
    }

    /// Matches from byte `at`; gives the byte behind the match. `whole`: the match must reach the end.
    fn run(&mut self, ops: &'p [Op<'p>], at: usize, whole: bool) -> Option<usize> {
        // What is chosen inside is given up when the match is made: a part is not tried again.
        let base = self.choices.len();
        let mut next = Some((0, at));
        while let Some((pc, at)) = next {
            if let Some(end) = self.forward(ops, pc, at, whole) {
                self.choices.truncate(base);
                return Some(end);
            }
            next = self.back(ops, base);
        }
        None
    }

    /// Goes on from op `pc` at byte `at`, as long as everything matches.
    fn forward(&mut self, ops: &'p [Op<'p>], mut pc: usize, mut at: usize, whole: bool) -> Option<usize> {
        loop {
            self.spend(1)?;
            let Some(op) = ops.get(pc) else {
                if whole && at < self.end {
                    return self.miss(at, Expected::End);
                }
                return Some(at);
            };
            pc += 1;
            match *op {
                Op::Literal(literal) => at = self.literal(literal, at, opens(ops, pc))?,
                Op::Shape(target, runs) => {
                    let end = self.shape(runs, at)?;
                    self.capture(target, at, end);
                    at = end;
                }
                Op::Address(target) => {
                    let end = self.address(at)?;
                    self.capture(target, at, end);
                    at = end;
                }
                Op::Words(target, words) => {
                    let end = self.words(words, at)?;
                    self.capture(target, at, end);
                    at = end;
                }
                Op::Text(target, next) => (pc, at) = self.longer(target, next, (ops, pc), at, at)?,
                Op::Last(target, next) => at = self.shorter(target, next, pc, at, self.text.len() + 1)?,
                Op::Rest(target) => {
                    let end = self.end.max(at);
                    self.capture(target, at, end);
                    at = end;
                }
                Op::Open(group) => {
                    if let Some(start) = self.groups.get_mut(usize::from(group)) {
                        *start = at;
                    }
                }
                Op::Close(group, target) => {
                    let start = self.groups.get(usize::from(group)).copied().unwrap_or(at);
                    self.capture(target, start, at);
                }
                Op::Split(other) => self.choose(Way::Around(at), usize::from(other)),
                Op::Jump(to) => pc = usize::from(to),
                Op::Part(part) => at = self.run(part, at, false)?,
            }
        }
    }

    /// The op and the byte to go on from after a failure; `None` if nothing is left to try.
    fn back(&mut self, ops: &'p [Op<'p>], base: usize) -> Option<(usize, usize)> {
        while self.choices.len() > base {
            let Choice { way, pc, captures, groups } = self.choices.pop()?;
            self.captures.truncate(captures);
            self.groups = groups;
            let next = match way {
                Way::Around(at) => Some((pc, at)),
                Way::Longer(target, next, start, from) => self.longer(target, next, (ops, pc), start, from),
                Way::Shorter(target, next, start, below) => {
                    self.shorter(target, next, pc, start, below).map(|at| (pc, at))
                }
            };
            if next.is_some() {
                return next;
            }
        }
        None
    }

    fn choose(&mut self, way: Way<'p>, pc: usize) {
        self.choices.push(Choice { way, pc, captures: self.captures.len(), groups: self.groups });
    }

    /// Captures the open text from `start` to the first place from `from` on where the next op may match, and keeps the
    /// choice of a later one. A literal that follows is matched here too: it is what most places fail by. Gives the op and the
    /// byte to go on from.
    fn longer(
        &mut self,
        target: Target<'p>,
        next: Next,
        (ops, pc): (&'p [Op<'p>], usize),
        start: usize,
        mut from: usize,
    ) -> Option<(usize, usize)> {
        loop {
            let end = self.candidate(next, from)?;
            from = end + 1;
            let on = match ops.get(pc) {
                Some(Op::Literal(literal)) => {
                    self.spend(1)?;
                    let Some(behind) = self.literal(literal, end, opens(ops, pc + 1)) else { continue };
                    (pc + 1, behind)
                }
                _ => (pc, end),
            };
            if next != Next::End {
                self.choose(Way::Longer(target, next, start, from), pc);
            }
            self.capture(target, start, end);
            return Some(on);
        }
    }

    /// Captures the open text from `start` to the last place in front of `below` where the next op may match, and keeps the
    /// choice of an earlier one.
    fn shorter(
        &mut self,
        target: Target<'p>,
        next: Next,
        pc: usize,
        start: usize,
        below: usize,
    ) -> Option<usize> {
        let end = self.candidate_before(next, start, below)?;
        self.choose(Way::Shorter(target, next, start, end), pc);
        self.capture(target, start, end);
        Some(end)
    }

    /// The first byte from `from` on where what follows an open text may begin.
    fn candidate(&mut self, next: Next, from: usize) -> Option<usize> {
        let rest = self.text.as_bytes().get(from..)?;
        let found = match next {
            Next::End => Some(self.end.max(from) - from),
            Next::Byte(byte) => memchr(byte, rest),
            Next::Set(set, end) => {
                let hit = rest.iter().position(|byte| set.has(*byte));
                let last = self.end.max(from) - from;
                match hit {
                    Some(hit) if !end || hit <= last => Some(hit),
                    _ if end => Some(last),
                    other => other,
                }
            }
        };
        let Some(found) = found else {
            self.spend(rest.len() / 8);
            self.keep();
            return self.miss(from, expected(next));
        };
        self.spend(1 + found / 8)?;
        let place = from + found;
        if self.text.is_char_boundary(place) { Some(place) } else { self.candidate(next, place + 1) }
    }

    fn candidate_before(&mut self, next: Next, at: usize, below: usize) -> Option<usize> {
        let end = self.end.max(at);
        if matches!(next, Next::End) {
            return (below > self.text.len()).then_some(end);
        }
        let rest = self.text.as_bytes().get(at..below.min(self.text.len()))?;
        let found = match next {
            Next::End => None,
            Next::Byte(byte) => memrchr(byte, rest),
            Next::Set(set, _) => rest.iter().rposition(|byte| set.has(*byte)),
        };
        if let Next::Set(_, true) = next
            && below > self.text.len()
        {
            return Some(end);
        }
        self.spend(1 + rest.len().saturating_sub(found.unwrap_or(0)) / 8)?;
        match found {
            Some(found) if self.text.is_char_boundary(at + found) => Some(at + found),
            Some(found) => self.candidate_before(next, at, at + found),
            None => self.miss(at, expected(next)),
        }
    }

    /// `open`: an open text follows, which may be empty; then a last blank stands for just one, and what follows leaves out
    /// blanks in front of it.
    fn literal(&mut self, literal: &'p str, at: usize, open: bool) -> Option<usize> {
        let rest = self.text.as_bytes().get(at..)?;
        if rest.starts_with(literal.as_bytes()) && (open || !literal.ends_with(' ')) {
            return Some(at + literal.len());
        }
        let mut place = 0;
        for (index, byte) in literal.bytes().enumerate() {
            if rest.get(place) != Some(&byte) {
                return self.miss(at + place, Expected::Literal(literal));
            }
            place += 1;
            if byte == b' ' && !(open && index + 1 == literal.len()) {
                while rest.get(place) == Some(&b' ') {
                    place += 1;
                    self.spend(1)?;
                }
            }
        }
        Some(at + place)
    }

    fn shape(&mut self, runs: &[Run], at: usize) -> Option<usize> {
        let mut place = at;
        for run in runs {
            let rest = self.text.as_bytes().get(place..)?;
            let most = rest.get(..usize::from(run.max)).unwrap_or(rest);
            let set = run.set;
            let mut length = most.iter().position(|byte| !set.has(*byte)).unwrap_or(most.len());
            while !self.text.is_char_boundary(place + length) {
                length += 1;
            }
            place += length;
            if length < usize::from(run.min) {
                return self.miss(place, Expected::Shape);
            }
        }
        self.spend((place - at) / 8)?;
        Some(place)
    }

    fn address(&mut self, at: usize) -> Option<usize> {
        let rest = self.text.as_bytes().get(at..)?;
        let part = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':');
        let mut length = rest.iter().position(|byte| !part(byte)).unwrap_or(rest.len());
        let mut taken = rest.get(..length)?;
        while taken.ends_with(b".") || (taken.ends_with(b":") && !taken.ends_with(b"::")) {
            length -= 1;
            taken = rest.get(..length)?;
        }
        if !taken.iter().any(|byte| matches!(byte, b'.' | b':')) {
            return self.miss(at, Expected::Address);
        }
        self.spend(length / 8)?;
        Some(at + length)
    }

    fn words(&mut self, words: &'p [&'p str], at: usize) -> Option<usize> {
        let rest = self.text.get(at..)?;
        match words.iter().find(|word| rest.starts_with(**word)) {
            Some(word) => Some(at + word.len()),
            None => self.miss(at, Expected::Words(words)),
        }
    }

    fn capture(&mut self, target: Target<'p>, from: usize, to: usize) {
        if let Some(mut text) = self.text.get(from..to) {
            while let Some(rest) = text.strip_prefix(' ') {
                text = rest;
            }
            self.captures.push((target, text));
        }
    }

    fn spend(&mut self, cost: usize) -> Option<()> {
        let left = self.budget.checked_sub(cost);
        // A search that was too dear ends the match: cheaper ones must not go on behind it.
        self.budget = left.unwrap_or(0);
        left.map(|_| ())
    }

    /// Keeps the captures of a text that ends here, if that is wanted.
    fn keep(&mut self) {
        if let Some(kept) = &mut self.kept
            && self.captures.len() > kept.len()
        {
            kept.clone_from(self.captures);
        }
    }

    #[cold]
    fn miss(&mut self, at: usize, expected: Expected<'p>) -> Option<usize> {
        if at >= self.text.len() {
            self.keep();
        }
        if at > self.furthest.at || (at == self.furthest.at && expected != Expected::Shape) {
            self.furthest = Miss { at, expected };
        }
        None
    }
}

fn expected<'p>(next: Next) -> Expected<'p> {
    if next == Next::End { Expected::End } else { Expected::Shape }
}

/// Whether an open text follows, which may be empty, be it in a group.
fn opens(ops: &[Op<'_>], mut pc: usize) -> bool {
    while matches!(ops.get(pc), Some(Op::Open(_))) {
        pc += 1;
    }
    matches!(ops.get(pc), Some(Op::Text(..) | Op::Last(..) | Op::Rest(_)))
}
