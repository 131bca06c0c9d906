//! Patterns of text, and the one matcher that compiler and runtime share.
//!
//! A template of the spec language is lowered to a flat list of [`Op`]s. The runtime matches records with it; the compiler matches
//! witness lines of other templates with it, so that what it calls shadowed is shadowed at run time too.
//!
//! The matcher goes through the ops from left to right. Open text ends at the first place where the rest matches, an optional
//! piece is taken where it can be. Going back is limited by a budget that is linear in the text's length, so no text can make
//! it slow: a pattern that needs more does not match.

use memchr::{memchr, memrchr};
use smallvec::SmallVec;

/// Where a captured text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'p> {
    /// To the field with this number.
    Field(u16),
    /// To the fields that no row reads, under this name.
    Extra(&'p str),
    /// On to the next step.
    Hand,
    /// To the field with this number, and on to the next step.
    FieldHand(u16),
    /// To the unread fields under this name, and on to the next step.
    ExtraHand(&'p str),
}

/// A set of ASCII characters; characters beyond ASCII are in it or not as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ByteSet {
    /// Bit n stands for the character n, below 128.
    pub ascii: u128,
    /// Whether characters beyond ASCII belong to the set.
    pub wide: bool,
}

impl ByteSet {
    /// The digits.
    pub const DIGITS: Self = Self { ascii: 0x03ff_0000_0000_0000, wide: false };
    /// Hexadecimal digits, and the `x` of their prefix.
    pub const HEX: Self = Self { ascii: 0x0100_007e_0100_007e_03ff_0000_0000_0000, wide: false };
    /// Letters, digits, `_`, `.` and `-`.
    pub const NAME: Self = Self { ascii: 0x07ff_fffe_87ff_fffe_03ff_6000_0000_0000, wide: false };
    /// Everything but the blank.
    pub const WORD: Self = Self { ascii: !(1 << b' '), wide: true };

    /// Whether a character whose UTF-8 has this byte belongs to the set.
    pub const fn has(self, byte: u8) -> bool {
        if byte < 128 { self.ascii >> byte & 1 == 1 } else { self.wide }
    }
}

/// A run of characters of one set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The characters.
    pub set: ByteSet,
    /// The least number of bytes.
    pub min: u16,
    /// The greatest number of bytes; `u16::MAX` is no limit.
    pub max: u16,
}

/// What may stand where an open text ends: lets the matcher skip places that cannot match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Only the end of the text.
    End,
    /// A text that begins with this byte.
    Byte(u8),
    /// A text that begins with one of these, or, if the flag is set, the end.
    Set(ByteSet, bool),
}

/// One step of a pattern. Indices are positions in the list of ops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op<'p> {
    /// This text; a blank in it stands for one or more blanks.
    Literal(&'p str),
    /// Open text, to the first place where the rest matches.
    Text(Target<'p>, Next),
    /// Open text, to the last place where the rest matches.
    Last(Target<'p>, Next),
    /// Runs of characters, each as long as it can be.
    Shape(Target<'p>, &'p [Run]),
    /// An IP address by its characters: digits, letters up to `f`, dots and colons; a dot or colon behind it does not belong to it.
    Address(Target<'p>),
    /// The first of these words that stands here.
    Words(Target<'p>, &'p [&'p str]),
    /// All that is left.
    Rest(Target<'p>),
    /// The start of the group with this number.
    Open(u8),
    /// The end of the group with this number, which is captured.
    Close(u8, Target<'p>),
    /// Go on behind this op; if that fails, at this index.
    Split(u16),
    /// Go on at this index.
    Jump(u16),
    /// A part, matched by itself.
    Part(&'p [Op<'p>]),
}

/// A template as the matcher wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern<'p> {
    /// The steps.
    pub ops: &'p [Op<'p>],
    /// Characters that may follow the text and belong to no capture.
    pub trailing: &'p str,
}

/// The captures of a match, in the order in which they begin.
pub type Captures<'p, 'a> = SmallVec<[(Target<'p>, &'a str); 24]>;

/// Why a pattern does not match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Miss<'p> {
    /// The furthest byte that was reached.
    pub at: usize,
    /// What was expected there.
    pub expected: Expected<'p>,
}

/// How much of a text that does not match reads as the pattern says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Near {
    /// The pattern ends at this byte, where a word ends too, and the text goes on.
    Begins(usize),
    /// The text ends within the pattern; what is captured ends before this byte.
    BreaksOff(usize),
}

/// What a pattern expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected<'p> {
    /// This text.
    Literal(&'p str),
    /// One of these words.
    Words(&'p [&'p str]),
    /// Characters of a certain shape.
    Shape,
    /// An IP address.
    Address,
    /// The end of the text.
    End,
}

impl std::fmt::Display for Expected<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Literal(text) => write!(f, "`{text}`"),
            Self::Words(words) => write!(f, "one of `{}`", words.join("`, `")),
            Self::Shape => f.write_str("other characters"),
            Self::Address => f.write_str("an IP address"),
            Self::End => f.write_str("the end of the text"),
        }
    }
}

impl<'p> Pattern<'p> {
    /// Matches the whole text and appends the captures; on a miss `captures` is as before.
    ///
    /// # Errors
    /// The furthest place that was reached, and what was expected there.
    pub fn captures<'a>(&self, text: &'a str, captures: &mut Captures<'p, 'a>) -> Result<(), Miss<'p>> {
        let end = if self.trailing.is_empty() {
            text.len()
        } else {
            text.trim_end_matches(|c: char| self.trailing.contains(c)).len()
        };
        let before = captures.len();
        let mut matcher = Matcher::new(text, end, captures);
        if matcher.run(self.ops, 0, 0, true).is_some() {
            return Ok(());
        }
        let miss = matcher.furthest;
        captures.truncate(before);
        Err(miss)
    }

    /// For a text that does not match: the captures of its beginning, if all of the pattern stands there, or those in front of
    /// the place where the text breaks off. `None`, and no captures, if neither is so or too little of the text is the pattern's own.
    pub fn nearly<'a>(&self, text: &'a str, captures: &mut Captures<'p, 'a>) -> Option<Near> {
        captures.clear();
        let mut kept = Captures::new();
        let mut matcher = Matcher::new(text, text.len(), captures);
        matcher.kept = Some(&mut kept);
        if let Some(at) = matcher.run(self.ops, 0, 0, false) {
            let letter =
                |at: usize| text.as_bytes().get(at).is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 128);
            let whole_word = at > 0 && !(letter(at - 1) && letter(at));
            if whole_word && own(at, captures) >= ENOUGH {
                return Some(Near::Begins(at));
            }
        }
        let from = |capture: &str| (capture.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
        *captures = kept;
        captures.retain(|(_, capture)| from(capture) + capture.len() < text.len());
        if captures.is_empty() || own(text.len(), captures) < ENOUGH {
            captures.clear();
            return None;
        }
        Some(Near::BreaksOff(captures.last().map_or(0, |(_, capture)| from(capture) + capture.len())))
    }
}

/// How many bytes of a text must be the pattern's own, and not captured, before part of it is taken for the pattern.
const ENOUGH: usize = 8;

/// How many of the first `at` bytes no capture holds.
fn own(at: usize, captures: &Captures<'_, '_>) -> usize {
    at.saturating_sub(captures.iter().map(|(_, capture)| capture.len()).sum())
}

/// What a match may cost at least, in steps: real records take some hundreds.
const BUDGET: usize = 4096;

/// What it may cost for each byte of the text. Eight bytes searched, or one op, are a step.
const BUDGET_PER_BYTE: usize = 4;

/// How deep groups `{name=…}` may be nested; the compiler refuses more.
pub const GROUPS: usize = 4;

struct Matcher<'m, 'p, 'a> {
    text: &'a str,
    /// Where the trailing characters begin; the text may end from here on.
    end: usize,
    captures: &'m mut Captures<'p, 'a>,
    groups: [usize; GROUPS],
    budget: usize,
    furthest: Miss<'p>,
    /// If wanted, the most captures there were when the text ended within the pattern.
    kept: Option<&'m mut Captures<'p, 'a>>,
}

impl<'m, 'p, 'a> Matcher<'m, 'p, 'a> {
    fn new(text: &'a str, end: usize, captures: &'m mut Captures<'p, 'a>) -> Self {
        Self {
            text,
            end,
            captures,
            groups: [0; GROUPS],
            budget: text.len().saturating_mul(BUDGET_PER_BYTE).saturating_add(BUDGET),
            furthest: Miss { at: 0, expected: Expected::End },
            kept: None,
        }
    }

    /// Matches from op `pc` at byte `at`; gives the byte behind the match. `whole`: the match must reach the end.
    fn run(&mut self, ops: &'p [Op<'p>], mut pc: usize, mut at: usize, whole: bool) -> Option<usize> {
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
                Op::Literal(literal) => {
                    let open =
                        matches!(ops.get(pc), Some(Op::Text(..) | Op::Last(..) | Op::Rest(_) | Op::Open(_)));
                    at = self.literal(literal, at, open)?;
                }
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
                Op::Text(target, next) => return self.text(target, next, (ops, pc), at, whole),
                Op::Last(target, next) => return self.last(target, next, (ops, pc), at, whole),
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
                Op::Split(other) => {
                    let mark = self.captures.len();
                    if let Some(end) = self.run(ops, pc, at, whole) {
                        return Some(end);
                    }
                    self.captures.truncate(mark);
                    pc = usize::from(other);
                }
                Op::Jump(to) => pc = usize::from(to),
                Op::Part(part) => at = self.run(part, 0, at, false)?,
            }
        }
    }

    fn text(
        &mut self,
        target: Target<'p>,
        next: Next,
        (ops, pc): (&'p [Op<'p>], usize),
        at: usize,
        whole: bool,
    ) -> Option<usize> {
        let mut from = at;
        while let Some(end) = self.candidate(next, from) {
            let mark = self.captures.len();
            self.capture(target, at, end);
            if let Some(done) = self.run(ops, pc, end, whole) {
                return Some(done);
            }
            self.captures.truncate(mark);
            from = end + 1;
        }
        None
    }

    fn last(
        &mut self,
        target: Target<'p>,
        next: Next,
        (ops, pc): (&'p [Op<'p>], usize),
        at: usize,
        whole: bool,
    ) -> Option<usize> {
        let mut below = self.text.len() + 1;
        while let Some(end) = self.candidate_before(next, at, below) {
            let mark = self.captures.len();
            self.capture(target, at, end);
            if let Some(done) = self.run(ops, pc, end, whole) {
                return Some(done);
            }
            self.captures.truncate(mark);
            below = end;
        }
        None
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
        let bytes = self.text.as_bytes();
        let mut place = at;
        for run in runs {
            let start = place;
            while bytes.get(place).is_some_and(|byte| run.set.has(*byte))
                && place - start < usize::from(run.max)
            {
                place += 1;
            }
            while !self.text.is_char_boundary(place) {
                place += 1;
            }
            if place - start < usize::from(run.min) {
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
        if let Some(text) = self.text.get(from..to) {
            self.captures.push((target, text.trim_start_matches(' ')));
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

#[cfg(test)]
mod tests;
