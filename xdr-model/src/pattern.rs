//! Patterns of text, and the one matcher that compiler and runtime share.
//!
//! A template of the spec language is lowered to a flat list of [`Op`]s. The runtime matches records with it; the compiler matches
//! witness lines of other templates with it, so that what it calls shadowed is shadowed at run time too.
//!
//! The matcher goes through the ops from left to right. Open text ends at the first place where the rest matches, an optional
//! piece is taken where it can be. Going back is limited by a budget that is linear in the text's length, so no text can make
//! it slow: a pattern that needs more does not match.

mod look;
mod matcher;
mod pieces;
mod quick;
mod two;

use smallvec::SmallVec;

pub use look::{handed_on, taken_whole};
use matcher::{Matcher, Thorough, Traced};
pub use pieces::find;
use quick::Quick;

/// Where a captured text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash)]
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

    /// The characters of a set of one or two; of one, twice.
    fn pair(self) -> Option<(u8, u8)> {
        let last = 127_u32.checked_sub(self.ascii.leading_zeros())?;
        let first = self.ascii.trailing_zeros();
        let others = self.ascii & !(1 << first) & !(1 << last);
        if self.wide || others != 0 { None } else { u8::try_from(first).ok().zip(u8::try_from(last).ok()) }
    }

    /// Whether a character whose UTF-8 has this byte belongs to the set.
    #[expect(clippy::cast_possible_truncation, reason = "each half is wanted as it is")]
    pub const fn has(self, byte: u8) -> bool {
        // A shift of 64 bits is one instruction, one of 128 is many.
        let half = if byte < 64 { self.ascii as u64 } else { (self.ascii >> 64) as u64 };
        if byte < 128 { half >> (byte & 63) & 1 == 1 } else { self.wide }
    }
}

/// A run of characters of one set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    /// The characters.
    pub set: ByteSet,
    /// The least number of bytes.
    pub min: u16,
    /// The greatest number of bytes; `u16::MAX` is no limit.
    pub max: u16,
}

/// What may stand at a place: lets the matcher skip places, and ways, that cannot match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Next<'p> {
    /// Anything.
    Any,
    /// Only the end of the text.
    End,
    /// A text that begins with this byte.
    Byte(u8),
    /// A text whose first bytes are in these sets, the first in the first; or, if the flag is set, the end.
    Set(&'p [ByteSet], bool),
}

impl Next<'_> {
    /// What the first byte alone tells.
    fn first_byte(self) -> Self {
        match self {
            Self::Set(sets, end) => Self::Set(sets.get(..1).unwrap_or(sets), end),
            other => other,
        }
    }
}

/// One step of a pattern. Indices are positions in the list of ops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op<'p> {
    /// This text; a blank in it stands for one or more blanks.
    Literal(&'p str),
    /// This text, in front of open text, which may be empty: as [`Op::Literal`], but a last blank stands for just one. Blanks that
    /// follow are left out of the open text.
    Lead(&'p str),
    /// Open text, to the first place where the rest matches.
    Text(Target<'p>, Next<'p>),
    /// Open text, to the last place where the rest matches.
    Last(Target<'p>, Next<'p>),
    /// Runs of characters, each as long as it can be.
    Shape(Target<'p>, &'p [Run]),
    /// An IP address by its characters: digits, letters up to `f`, dots and colons; a dot or colon behind it does not belong to it.
    Address(Target<'p>),
    /// The first of these words that stands here.
    Words(Target<'p>, &'p [&'p str]),
    /// All that is left.
    Rest(Target<'p>),
    /// The start of a group.
    Open,
    /// The end of the group that was opened last, which is captured.
    Close(Target<'p>),
    /// Go on behind this op, where the first may stand; if that fails at this index, where the second may.
    Split(u16, Next<'p>, Next<'p>),
    /// Go on at this index.
    Jump(u16),
    /// The ops of a part, which holds no other part. The first way through it counts, whatever follows.
    Part(&'p [Op<'p>]),
}

/// A template as the matcher wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pattern<'p> {
    /// The steps.
    pub ops: &'p [Op<'p>],
    /// Characters that may follow the text and belong to no capture.
    pub trailing: &'p str,
    /// How many of the first ops are those of the pattern in front of it in a list, so that [`first_of`] need not match them
    /// again.
    pub shared: u16,
    /// The ops, in order, up to which patterns behind it in the list are the same.
    pub watched: &'p [u16],
    /// A word that stands in every text which the pattern matches, if it is one of a list and such a word is known.
    pub needs: Needle<'p>,
}

/// A word to look for, and the byte of it that texts hold least often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Needle<'p> {
    word: &'p str,
    rarest: (usize, u8),
}

impl<'p> Needle<'p> {
    /// No word: every text holds it.
    pub const NONE: Self = Self { word: "", rarest: (0, 0) };

    /// This word.
    pub const fn new(word: &'p str) -> Self {
        Self { word, rarest: pieces::rarest(word.as_bytes()) }
    }

    /// Whether texts hold one of its bytes so seldom that it is found, or missed, at once.
    pub const fn is_rare(self) -> bool {
        pieces::is_rare(self.rarest.1)
    }

    /// Whether it is no word.
    #[inline]
    const fn is_none(self) -> bool {
        self.word.is_empty()
    }

    /// Whether a text holds it.
    #[inline]
    fn is_in(self, text: &str) -> bool {
        self.is_none() || pieces::find_by(text.as_bytes(), self.word.as_bytes(), self.rarest, 0).is_some()
    }
}

/// One capture, or the start of a group.
#[derive(Clone, Copy, Debug)]
struct Capture<'p> {
    /// Where the text goes; `None` for the start of a group.
    target: Option<&'p Target<'p>>,
    from: usize,
    to: usize,
    /// Whether this is the end of a group.
    closes: bool,
}

impl<'p> Capture<'p> {
    /// The text between two bytes.
    #[inline]
    fn text(target: &'p Target<'p>, from: usize, to: usize) -> Self {
        Self { target: Some(target), from, to, closes: false }
    }

    /// The start of a group.
    #[inline]
    fn open(at: usize) -> Self {
        Self { target: None, from: at, to: at, closes: false }
    }

    /// The end of a group.
    #[inline]
    fn close(target: &'p Target<'p>, from: usize, to: usize) -> Self {
        Self { target: Some(target), from, to, closes: true }
    }
}

type List<'p> = SmallVec<[Capture<'p>; 32]>;

/// Where the innermost group that is still open began.
fn opened(captures: &[Capture<'_>]) -> usize {
    let mut closed = 0_usize;
    for capture in captures.iter().rev() {
        if capture.closes {
            closed += 1;
        } else if capture.target.is_none() {
            match closed.checked_sub(1) {
                Some(outer) => closed = outer,
                None => return capture.from,
            }
        }
    }
    0
}

/// The captures of a match, in the order in which they end.
#[derive(Clone, Debug, Default)]
pub struct Captures<'p, 'a> {
    text: &'a str,
    list: List<'p>,
}

impl<'p, 'a> Captures<'p, 'a> {
    /// No captures.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where each text goes, and the text, without blanks in front of it.
    pub fn iter(&self) -> impl Iterator<Item = (Target<'p>, &'a str)> {
        self.list.iter().filter_map(|capture| self.text_of(capture)).map(|(target, text)| (*target, text))
    }

    /// Hands each to `take`, as [`Captures::iter`] gives them, but the target where it stands: it is longer than what a call takes in registers.
    #[inline]
    pub fn each(&self, mut take: impl FnMut(&'p Target<'p>, &'a str)) {
        for capture in &self.list {
            if let Some((target, text)) = self.text_of(capture) {
                take(target, text);
            }
        }
    }

    #[inline]
    fn text_of(&self, capture: &Capture<'p>) -> Option<(&'p Target<'p>, &'a str)> {
        let text = self.text.get(capture.from..capture.to)?;
        let text = if text.starts_with(' ') { text.trim_start_matches(' ') } else { text };
        Some((capture.target?, text))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// How many bytes they hold together, those of groups twice.
    fn length(&self) -> usize {
        self.iter().map(|(_, text)| text.len()).sum()
    }
}

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
    /// A pattern that stands alone.
    pub const fn new(ops: &'p [Op<'p>], trailing: &'p str) -> Self {
        Self { ops, trailing, shared: 0, watched: &[], needs: Needle::NONE }
    }

    /// How many bytes the text has in common with the literal that the pattern begins with; 0 if it begins with something else.
    pub fn opens(&self, text: &str) -> usize {
        match self.ops.first() {
            Some(Op::Literal(literal) | Op::Lead(literal)) => {
                text.bytes().zip(literal.bytes()).take_while(|(found, expected)| found == expected).count()
            }
            _ => 0,
        }
    }

    /// Matches the whole text; on a miss there are no captures.
    ///
    /// # Errors
    /// The furthest place that was reached, and what was expected there.
    pub fn captures<'a>(&self, text: &'a str, captures: &mut Captures<'p, 'a>) -> Result<(), Miss<'p>> {
        let alone = [Self { shared: 0, watched: &[], ..*self }];
        match first_of(&alone, |pattern| pattern, text, captures) {
            Some(_) => Ok(()),
            None => Err(miss_of(&alone, |pattern| pattern, text)),
        }
    }

    /// For a text that does not match: the captures of its beginning, if all of the pattern stands there, or those in front of
    /// the place where the text breaks off. `None`, and no captures, if neither is so or too little of the text is the pattern's own.
    pub fn nearly<'a>(&self, text: &'a str, captures: &mut Captures<'p, 'a>) -> Option<Near> {
        captures.text = text;
        let (found, mut kept) =
            Matcher::<Traced>::new(text, text.len(), &mut captures.list).beginning(self.ops);
        if let Some(at) = found {
            let letter =
                |at: usize| text.as_bytes().get(at).is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 128);
            let whole_word = at > 0 && !(letter(at - 1) && letter(at));
            if whole_word && at.saturating_sub(captures.length()) >= ENOUGH {
                return Some(Near::Begins(at));
            }
        }
        kept.retain(|capture| capture.to < text.len());
        captures.list = kept;
        let last = captures.list.iter().rfind(|capture| capture.target.is_some());
        match last.map(|capture| capture.to) {
            Some(end) if text.len().saturating_sub(captures.length()) >= ENOUGH => Some(Near::BreaksOff(end)),
            _ => {
                captures.list.clear();
                None
            }
        }
    }

    /// Where the trailing characters of a text begin.
    fn end_of(&self, text: &str) -> usize {
        if self.trailing.is_ascii() {
            let trailing = self.trailing.as_bytes();
            let last = text.as_bytes().iter().rposition(|byte| !trailing.contains(byte));
            return last.map_or(0, |last| last + 1);
        }
        text.trim_end_matches(|c: char| self.trailing.contains(c)).len()
    }
}

/// Matches the whole text by the first of several patterns that does, and gives its number with the captures. What a pattern
/// shares with those before it is not matched again. `None`, and no captures, if none does.
pub fn first_of<'p, 'a, T>(
    list: &[T],
    pattern: impl Fn(&T) -> &Pattern<'p>,
    text: &'a str,
    captures: &mut Captures<'p, 'a>,
) -> Option<usize> {
    captures.text = text;
    let end = pattern(list.first()?).end_of(text);
    let mut quick = Quick::new(text, end, &mut captures.list);
    for (number, entry) in list.iter().enumerate() {
        match quick.matches(pattern(entry)) {
            Some(true) => return Some(number),
            Some(false) => {}
            None => {
                let rest = list.get(number..)?;
                return thoroughly(rest, pattern, text, end, captures).map(|found| number + found);
            }
        }
    }
    captures.list.clear();
    None
}

/// As [`first_of`], by the matcher that tries nothing twice.
#[cold]
fn thoroughly<'p, 'a, T>(
    list: &[T],
    pattern: impl Fn(&T) -> &Pattern<'p>,
    text: &'a str,
    end: usize,
    captures: &mut Captures<'p, 'a>,
) -> Option<usize> {
    let mut matcher = Matcher::<Thorough>::new(text, end, &mut captures.list);
    // There is none in front of the first.
    let whole = |(index, entry): (usize, &T)| {
        let pattern = pattern(entry);
        matcher.whole(&Pattern { shared: if index == 0 { 0 } else { pattern.shared }, ..*pattern })
    };
    let number = list.iter().enumerate().map(whole).position(|matches| matches);
    if number.is_none() {
        captures.list.clear();
    }
    number
}

/// Of patterns that do not match: the furthest place that any of them reached, and what was expected there; of several that
/// came so far the first.
#[cold]
pub fn miss_of<'p, T>(list: &[T], pattern: impl Fn(&T) -> &Pattern<'p>, text: &str) -> Miss<'p> {
    let mut furthest: Option<Miss<'p>> = None;
    for entry in list {
        let pattern = pattern(entry);
        let mut captures = List::new();
        let mut matcher = Matcher::<Traced>::new(text, pattern.end_of(text), &mut captures);
        matcher.whole(&Pattern { shared: 0, watched: &[], ..*pattern });
        let miss = matcher.furthest();
        if furthest.is_none_or(|furthest| miss.at > furthest.at) {
            furthest = Some(miss);
        }
    }
    furthest.unwrap_or(Miss { at: 0, expected: Expected::End })
}

/// How many bytes of a text must be the pattern's own, and not captured, before part of it is taken for the pattern.
const ENOUGH: usize = 8;

#[cfg(test)]
mod tests;
