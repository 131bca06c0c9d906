//! Bodies made of pairs whose keys are only known by a list: `Source 192.0.2.1:50500 - Duration 00:08:09  - Access Allowed`.
//!
//! The text is cut at every separator that a listed key follows; other separators belong to values. The longest key counts.
//! Three habits of the boxes that write such bodies are allowed for:
//! - the blank in front of the separator may be missing behind digits (`SessionId: 651- User kim`);
//! - the whole separator may be missing in front of a key with an underscore, which is no word of plain text
//!   (`Delink Time 03/14/2024:07:08:09 GMT Total_bytes_send 0`);
//! - quotes inside quoted values are not escaped, and long values are cut together with their closing quote.

use smallvec::SmallVec;
use xdr_model::pattern::{ByteSet, Target};

use crate::field::{Field, Fill, Name};
use crate::format::part::{Seen, value};
use crate::format::text::{
    after, is_blank, skip_above, skip_blanks, skip_while, slice, trim, trim_end, word,
};
use crate::format::{Miss, put};
use crate::lookup::Lookup;

pub use crate::format::part::{Key, Values, heads, table};

/// How a catalogue reads bodies of pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pairs {
    /// What stands between pairs; its blanks stand for runs of blanks.
    pub separator: &'static str,
    /// The keys, longer ones in front of those that they begin with.
    pub keys: &'static [Key],
    /// Where the keys stand.
    pub lookup: Lookup,
    /// The bytes that keys begin with.
    pub heads: ByteSet,
    /// The keys of several words, longer ones in front of those that they begin with.
    pub phrases: &'static [u16],
    /// Where text in front of the first key goes.
    pub prefix: Option<Target<'static>>,
}

/// A place where a pair begins.
#[derive(Clone, Copy, Debug, Default)]
struct Cut {
    /// The index of its key.
    key: usize,
    /// Where the value in front of it ends.
    end: usize,
    /// Where its own value begins.
    value: usize,
    /// Whether its value begins with a quote.
    opens: bool,
    /// Whether a quote stands right in front of it.
    closed: bool,
    /// How many quotes are in the text in front of it.
    quotes: usize,
    /// The index of the first cut from this one on that a quote stands in front of.
    next_closed: Option<usize>,
    /// The index of the first cut from this one on whose value begins with a quote.
    next_opens: Option<usize>,
}

/// The cuts of a text. No body that a box writes needs more room than this; more is heap.
type Cuts = SmallVec<[Cut; 32]>;

/// Reads all of `text`. Values lose the blanks and quotes around them. A repeated key is a fault, and its first value holds.
///
/// # Errors
/// There is no listed key in the text.
pub fn read<'a>(pairs: &Pairs, text: &'a str, fill: &mut impl Fill<'a>) -> Result<(), Miss> {
    let cuts = Cutter::new(pairs, text).cuts();
    let Some(first) = cuts.first().filter(|cut| cut.key < pairs.keys.len()) else {
        return Err(Miss { at: skip_blanks(text.as_bytes(), 0), expected: "a listed key" });
    };
    let prefix = trim(slice(text, 0, first.end));
    if !prefix.is_empty() {
        match pairs.prefix {
            Some(target) => {
                put(fill, target, prefix);
            }
            None => fill.extra(Name::known("prefix"), Field::text(prefix)),
        }
    }
    let mut seen = Seen::none_of(pairs.keys.len());
    let mut index = 0;
    while let (Some(cut), Some(key)) =
        (cuts.get(index), cuts.get(index).and_then(|cut| pairs.keys.get(cut.key)))
    {
        let next = end_of_value(&cuts, index);
        let end = cuts.get(next).map_or(text.len(), |next| next.end);
        value(fill, key, seen.first(cut.key), bare(slice(text, cut.value, end)));
        index = next;
    }
    Ok(())
}

/// The index of the cut at which the value of cut `index` ends. The last cut is the end of the text.
///
/// A quoted value ends at the first cut with a quote in front of it, and cuts before that are part of it. But if another
/// quoted value begins before and the quotes up to there come in twos, the value has lost its own closing quote: then it ends at
/// the very next cut. `"login kim "*****"" - Status` has three quotes behind the opening one; a cut value in front of a whole
/// one has two.
fn end_of_value(cuts: &[Cut], index: usize) -> usize {
    let next = index + 1;
    let (Some(cut), Some(following)) = (cuts.get(index), cuts.get(next)) else {
        return next;
    };
    let Some(closed) = following.next_closed.filter(|_| cut.opens) else {
        return next;
    };
    let opens_before = following.next_opens.is_some_and(|opens| opens < closed);
    let quotes = cuts.get(closed).map_or(0, |end| end.quotes.saturating_sub(cut.quotes + 1));
    if opens_before && quotes % 2 == 0 { next } else { closed }
}

/// A value without the blanks and quotes around it. A value that goes on behind its closing quote keeps both.
fn bare(value: &str) -> &str {
    let value = trim(value);
    let Some(inside) = value.strip_prefix('"') else {
        return value;
    };
    match inside.strip_suffix('"') {
        Some(inside) => trim(inside),
        None if inside.contains('"') => value,
        None => trim(inside),
    }
}

struct Cutter<'p, 'a> {
    pairs: &'p Pairs,
    text: &'a str,
    /// The separator without its blanks.
    core: &'static str,
    /// Whether blanks stand in front of the core, and behind it.
    blanks: (bool, bool),
}

impl<'p, 'a> Cutter<'p, 'a> {
    fn new(pairs: &'p Pairs, text: &'a str) -> Self {
        let core = trim(pairs.separator);
        let blanks = (pairs.separator.starts_with(' '), pairs.separator.ends_with(' '));
        Self { pairs, text, core, blanks }
    }

    /// All cuts, and at last one that stands for the end of the text and has no key.
    fn cuts(&self) -> Cuts {
        let bytes = self.text.as_bytes();
        let mut cuts = Cuts::new();
        let mut quotes = 0;
        let mut at = 0;
        let core = self.core.bytes().next().unwrap_or(b'"');
        // No byte beyond this one begins a separator, or ends a word.
        let highest = core.max(b'"');
        if let Some(first) = self.first() {
            quotes = count_quotes(slice(self.text, 0, first.value));
            at = first.value;
            cuts.push(first);
        }
        loop {
            let hit = skip_above(bytes, at, highest);
            let Some(&byte) = bytes.get(hit) else { break };
            at = hit + 1;
            if byte == b'"' {
                quotes += 1;
            } else if !is_blank(byte) && byte != core {
                // Nothing else can begin a separator or end a word.
            } else if let Some(cut) = self.cut(hit, cuts.last()) {
                at = at.max(cut.value);
                cuts.push(Cut { quotes, ..cut });
            } else if is_blank(byte) {
                at = skip_blanks(bytes, at);
            }
        }
        let end = self.end();
        let closed = slice(self.text, 0, end).ends_with('"');
        cuts.push(Cut { key: usize::MAX, end, value: end, closed, quotes, ..Cut::default() });
        link(&mut cuts);
        cuts
    }

    /// The pair that stands at the start of the text, behind brackets at most.
    fn first(&self) -> Option<Cut> {
        let bytes = self.text.as_bytes();
        let mut at = skip_blanks(bytes, 0);
        while bytes.get(at) == Some(&b'[') {
            at = skip_while(bytes, at, |byte| byte != b']');
            at = skip_blanks(bytes, (at + 1).min(bytes.len()));
        }
        self.key(at).map(|(key, value)| self.with_key(at, key, value))
    }

    /// The cut whose separator, or the run of blanks in front of it, begins at `at`.
    fn cut(&self, at: usize, before: Option<&Cut>) -> Option<Cut> {
        let bytes = self.text.as_bytes();
        let core = skip_blanks(bytes, at);
        let may_stand = self.core.as_bytes().first().is_none_or(|first| bytes.get(core) == Some(first));
        if may_stand && after(self.text, core).starts_with(self.core) {
            let behind = core + self.core.len();
            let key = skip_blanks(bytes, behind);
            let is_front = core > at || !self.blanks.0 || self.is_glued(at, before);
            if is_front
                && (key > behind || !self.blanks.1)
                && key > at
                && let Some((index, value)) = self.key(key)
            {
                return Some(self.with_key(at, index, value));
            }
        }
        if core == at || before.is_some_and(|cut| cut.value >= at) {
            return None;
        }
        if !bytes.get(core).is_some_and(|first| self.pairs.heads.has(*first)) {
            return None;
        }
        let word = word(after(self.text, core)).0;
        if !word.bytes().any(|byte| byte == b'_') {
            return None;
        }
        let key = self.pairs.lookup.find(self.pairs.keys, word, |key| key.name)?;
        Some(self.with_key(at, key, core + word.len()))
    }

    /// Whether all of the value in front of `at` is digits.
    fn is_glued(&self, at: usize, before: Option<&Cut>) -> bool {
        let value = before.map_or("", |cut| trim(slice(self.text, cut.value, at.min(cut.value + GLUED))));
        !value.is_empty()
            && value.bytes().all(|byte| byte.is_ascii_digit())
            && before.is_some_and(|cut| at <= cut.value + GLUED)
    }

    /// The index of the longest key at `at`, and the byte where its value begins.
    fn key(&self, at: usize) -> Option<(usize, usize)> {
        let text = after(self.text, at);
        let first = text.bytes().next()?;
        if !self.pairs.heads.has(first) {
            return None;
        }
        let stands = |index: &&u16| {
            let key = self.pairs.keys.get(usize::from(**index)).map_or("", |key| key.name);
            key.as_bytes().first() == Some(&first)
                && text.strip_prefix(key).is_some_and(|rest| rest.bytes().next().is_none_or(is_blank))
        };
        let index = match self.pairs.phrases.iter().find(stands) {
            Some(index) => usize::from(*index),
            None => self.pairs.lookup.find(self.pairs.keys, word(text).0, |key| key.name)?,
        };
        Some((index, at + self.pairs.keys.get(index)?.name.len()))
    }

    fn with_key(&self, end: usize, key: usize, behind: usize) -> Cut {
        let value = skip_blanks(self.text.as_bytes(), behind);
        Cut {
            key,
            end,
            // An empty value begins right behind its key: the blanks may belong to a separator.
            value: behind,
            opens: self.text.as_bytes().get(value) == Some(&b'"'),
            closed: end.checked_sub(1).and_then(|last| self.text.as_bytes().get(last)) == Some(&b'"'),
            ..Cut::default()
        }
    }

    /// The end of the text, without blanks and a separator that no pair follows.
    fn end(&self) -> usize {
        let text = trim_end(self.text);
        let short = if self.core.is_empty() { None } else { text.strip_suffix(self.core) };
        match short {
            Some(short) if short.ends_with([' ', '\t']) => trim_end(short).len(),
            _ => text.len(),
        }
    }
}

/// The longest number that a separator may be glued to.
const GLUED: usize = 24;

/// Fills in, from the end, where the next cuts of either kind are.
fn link(cuts: &mut Cuts) {
    let (mut next_closed, mut next_opens) = (None, None);
    for (index, cut) in cuts.iter_mut().enumerate().rev() {
        if cut.closed {
            next_closed = Some(index);
        }
        if cut.opens {
            next_opens = Some(index);
        }
        (cut.next_closed, cut.next_opens) = (next_closed, next_opens);
    }
}

fn count_quotes(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'"').count()
}

#[cfg(test)]
mod tests;
