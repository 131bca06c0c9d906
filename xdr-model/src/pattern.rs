//! Patterns of text, and the one matcher that compiler and runtime share.
//!
//! A template of the spec language is lowered to a flat list of [`Op`]s. The runtime matches records with it; the compiler matches
//! witness lines of other templates with it, so that what it calls shadowed is shadowed at run time too.
//!
//! The matcher goes through the ops from left to right. Open text ends at the first place where the rest matches, an optional
//! piece is taken where it can be. Going back is limited by a budget that is linear in the text's length, so no text can make
//! it slow: a pattern that needs more does not match.

mod matcher;

use smallvec::SmallVec;

use matcher::Matcher;

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
    #[expect(clippy::cast_possible_truncation, reason = "each half is wanted as it is")]
    pub const fn has(self, byte: u8) -> bool {
        // A shift of 64 bits is one instruction, one of 128 is many.
        let half = if byte < 64 { self.ascii as u64 } else { (self.ascii >> 64) as u64 };
        if byte < 128 { half >> (byte & 63) & 1 == 1 } else { self.wide }
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
        let before = captures.len();
        let mut matcher = Matcher::new(text, self.end_of(text), captures);
        if matcher.whole(self.ops) {
            return Ok(());
        }
        let miss = matcher.furthest();
        captures.truncate(before);
        Err(miss)
    }

    /// For a text that does not match: the captures of its beginning, if all of the pattern stands there, or those in front of
    /// the place where the text breaks off. `None`, and no captures, if neither is so or too little of the text is the pattern's own.
    pub fn nearly<'a>(&self, text: &'a str, captures: &mut Captures<'p, 'a>) -> Option<Near> {
        captures.clear();
        let mut kept = Captures::new();
        let mut matcher = Matcher::new(text, text.len(), captures);
        if let Some(at) = matcher.beginning(self.ops, &mut kept) {
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
/// shares with the one before it is not matched again.
///
/// # Errors
/// The furthest place that any of them reached, and what was expected there.
pub fn first_of<'p, 'a>(
    patterns: impl Iterator<Item = &'p Pattern<'p>>,
    text: &'a str,
    captures: &mut Captures<'p, 'a>,
) -> Result<usize, Miss<'p>> {
    let mut furthest: Option<Miss<'p>> = None;
    for (number, pattern) in patterns.enumerate() {
        match pattern.captures(text, captures) {
            Ok(()) => return Ok(number),
            Err(miss) if furthest.is_none_or(|best| miss.at > best.at) => furthest = Some(miss),
            Err(_) => {}
        }
    }
    Err(furthest.unwrap_or(Miss { at: 0, expected: Expected::End }))
}

/// How many bytes of a text must be the pattern's own, and not captured, before part of it is taken for the pattern.
const ENOUGH: usize = 8;

/// How many of the first `at` bytes no capture holds.
fn own(at: usize, captures: &Captures<'_, '_>) -> usize {
    at.saturating_sub(captures.iter().map(|(_, capture)| capture.len()).sum())
}

/// How deep groups `{name=…}` may be nested; the compiler refuses more.
pub const GROUPS: usize = 4;

#[cfg(test)]
mod tests;
