//! Bodies made of pairs whose keys are only known by a list: `Source 192.0.2.1:50500 - Duration 00:08:09  - Access Allowed`.
//!
//! The text is cut at every separator that a listed key follows, or a word that is a key by its end; other separators belong to values. The
//! longest key counts.
//! Three habits of the boxes that write such bodies are allowed for:
//! - the blank in front of the separator may be missing behind digits (`SessionId: 651- User kim`);
//! - the whole separator may be missing in front of a key with an underscore, which is no word of plain text
//!   (`Delink Time 03/14/2024:07:08:09 GMT Total_bytes_send 0`);
//! - quotes inside quoted values are not escaped, and long values are cut together with their closing quote.

use smallvec::SmallVec;
use xdr_model::pattern::{ByteSet, Target};

use crate::field::{Field, Fill, Name};
use crate::format::order::{Last, Order, usual};
use crate::format::part::{Unlisted, value};
use crate::format::seen::Seen;
use crate::format::text::{
    after, is_blank, skip_above, skip_blanks, skip_while, slice, trim, trim_end, word,
};
use crate::format::{Miss, put};
use crate::lookup::{Lookup, is_same};

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
    /// What ends keys that are not listed: capitalised words of letters, digits and underscores. Empty if there are none.
    pub unlisted: &'static str,
}

/// In place of the index of a key: a key that is not listed.
const UNLISTED: usize = usize::MAX - 1;
/// In place of the index of a key: there is none, the text ends here.
const END: usize = usize::MAX;

/// A place where a pair begins.
#[derive(Clone, Copy, Debug)]
struct Cut {
    /// The index of its key, or one of the two above.
    key: usize,
    /// Where the value in front of it ends.
    end: usize,
    /// Where its own value begins.
    value: usize,
}

impl Cut {
    /// Whether its value begins with a quote.
    fn opens(self, text: &str) -> bool {
        let bytes = text.as_bytes();
        bytes.get(skip_blanks(bytes, self.value)) == Some(&b'"')
    }

    /// Whether a quote stands right in front of it.
    fn closed(self, text: &str) -> bool {
        self.end.checked_sub(1).and_then(|last| text.as_bytes().get(last)) == Some(&b'"')
    }
}

/// Reads all of `text`. Values lose the blanks and quotes around them. A repeated key is a fault, and its first value holds.
///
/// # Errors
/// There is no listed key in the text.
pub fn read<'a>(pairs: &Pairs, text: &'a str, fill: &mut impl Fill<'a>) -> Result<(), Miss> {
    usual(|order| read_in(order, pairs, text, fill))
}

fn read_in<'a>(order: Order<'_>, pairs: &Pairs, text: &'a str, fill: &mut impl Fill<'a>) -> Result<(), Miss> {
    let mut cutter = Cutter::new(pairs, text, order);
    let mut cut = cutter.next();
    if pairs.keys.get(cut.key).is_none() {
        return Err(Miss { at: skip_blanks(text.as_bytes(), 0), expected: "a listed key" });
    }
    let prefix = trim(slice(text, 0, cut.end));
    if !prefix.is_empty() {
        match pairs.prefix {
            Some(target) => {
                put(fill, &target, prefix);
            }
            None => fill.extra(Name::known("prefix"), Field::text(prefix)),
        }
    }
    let mut seen = Occurred { listed: Seen::default(), others: Unlisted::default() };
    while cut.key != END {
        let next = cutter.next();
        if cut.opens(text) && !next.closed(text) {
            open_quote(cutter, [cut, next], &mut seen, fill);
            return Ok(());
        }
        pair(pairs, text, cut, next.end, &mut seen, fill);
        cut = next;
    }
    Ok(())
}

/// Which keys have occurred.
struct Occurred<'a> {
    listed: Seen,
    others: Unlisted<'a>,
}

/// Fills in the pair that begins at a cut and whose value ends at `end`.
#[expect(clippy::inline_always, reason = "half of its work would be handing over the cut")]
#[inline(always)]
fn pair<'a>(
    pairs: &Pairs,
    text: &'a str,
    cut: Cut,
    end: usize,
    seen: &mut Occurred<'a>,
    fill: &mut impl Fill<'a>,
) {
    let found = bare(slice(text, cut.value, end));
    if let Some(key) = pairs.keys.get(cut.key) {
        value(fill, key, seen.listed.first(cut.key), found);
    } else {
        let key = last_word(slice(text, 0, cut.value - pairs.unlisted.len()));
        seen.others.give(Field::text(key), Field::text(found), fill);
    }
}

/// The word that ends a text.
#[cold]
fn last_word(text: &str) -> &str {
    let length = text.bytes().rev().take_while(|byte| is_word(*byte)).count();
    after(text, text.len() - length)
}

/// Whether keys that are not listed may have this byte.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Reads the text from a cut on whose value begins with a quote that is not closed in front of the next cut.
#[cold]
fn open_quote<'a>(
    mut cutter: Cutter<'_, 'a>,
    from: [Cut; 2],
    seen: &mut Occurred<'a>,
    fill: &mut impl Fill<'a>,
) {
    let mut cuts = SmallVec::<[Cut; 32]>::from_slice(&from);
    while cuts.last().is_some_and(|cut| cut.key != END) {
        cuts.push(cutter.next());
    }
    let quotes = quotes(&cuts, cutter.text);
    let mut index = 0;
    while let Some(cut) = cuts.get(index)
        && cut.key != END
    {
        let next = end_of_value(cutter.text, &cuts, &quotes, index);
        let end = cuts.get(next).map_or(cutter.text.len(), |next| next.end);
        pair(cutter.pairs, cutter.text, *cut, end, seen, fill);
        index = next;
    }
}

/// The quotes around a cut.
#[derive(Clone, Copy, Debug)]
struct Quotes {
    /// How many are behind the value in front of it.
    behind: usize,
    /// The index of the first cut from this one on that a quote stands in front of.
    closed: Option<usize>,
    /// The index of the first cut from this one on whose value begins with a quote.
    opens: Option<usize>,
}

/// The quotes around each cut, found from the end.
fn quotes(cuts: &[Cut], text: &str) -> SmallVec<[Quotes; 32]> {
    let (mut end, mut around) = (text.len(), Quotes { behind: 0, closed: None, opens: None });
    let mut all = SmallVec::with_capacity(cuts.len());
    for (index, cut) in cuts.iter().enumerate().rev() {
        around.behind += slice(text, cut.end, end).bytes().filter(|byte| *byte == b'"').count();
        end = cut.end;
        around.closed = if cut.closed(text) { Some(index) } else { around.closed };
        around.opens = if cut.opens(text) { Some(index) } else { around.opens };
        all.push(around);
    }
    all.reverse();
    all
}

/// The index of the cut at which the value of cut `index` ends. The last cut is the end of the text.
///
/// A quoted value ends at the first cut with a quote in front of it, and cuts before that are part of it. But if another
/// quoted value begins before and the quotes up to there come in twos, the value has lost its own closing quote: then it ends at
/// the very next cut. `"login kim "*****"" - Status` has three quotes behind the opening one; a cut value in front of a whole
/// one has two.
fn end_of_value(text: &str, cuts: &[Cut], quotes: &[Quotes], index: usize) -> usize {
    let next = index + 1;
    let (Some(cut), Some(here), Some(following)) = (cuts.get(index), quotes.get(index), quotes.get(next))
    else {
        return next;
    };
    let Some(closed) = following.closed.filter(|_| cut.opens(text)) else {
        return next;
    };
    let opens_before = following.opens.is_some_and(|opens| opens < closed);
    // The one that opens the value is not counted.
    let inside = quotes.get(closed).map_or(0, |end| here.behind.saturating_sub(end.behind + 1));
    if opens_before && inside % 2 == 0 { next } else { closed }
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

/// Finds the cuts of a text, one after the other.
struct Cutter<'p, 'a> {
    pairs: &'p Pairs,
    text: &'a str,
    order: Order<'p>,
    /// The separator without its blanks.
    core: &'static str,
    /// Whether blanks stand in front of the core, and behind it.
    blanks: (bool, bool),
    /// The next byte to look at.
    at: usize,
    /// The key of the last cut, and where its value begins.
    last: Option<(usize, usize)>,
}

impl<'p, 'a> Cutter<'p, 'a> {
    fn new(pairs: &'p Pairs, text: &'a str, order: Order<'p>) -> Self {
        let core = trim(pairs.separator);
        let blanks = (pairs.separator.starts_with(' '), pairs.separator.ends_with(' '));
        Self { pairs, text, order, core, blanks, at: 0, last: None }
    }

    /// The next cut; where there is none any more, one that stands for the end of the text and has no key.
    fn next(&mut self) -> Cut {
        if self.last.is_none()
            && self.at == 0
            && let Some((end, key, behind)) = self.first()
        {
            return self.found(end, key, behind);
        }
        let bytes = self.text.as_bytes();
        // Without a core, blanks are what parts the pairs.
        let core = self.core.bytes().next().unwrap_or(b' ');
        let highest = core.max(b' ');
        loop {
            let hit = skip_above(bytes, self.at, highest);
            let Some(&byte) = bytes.get(hit) else { break };
            self.at = hit + 1;
            if !is_blank(byte) && byte != core {
                // Nothing else can begin a separator or end a word.
            } else if let Some((key, behind)) = self.cut(hit) {
                return self.found(hit, key, behind);
            } else if is_blank(byte) {
                self.at = skip_blanks(bytes, self.at);
            }
        }
        let end = self.end();
        Cut { key: END, end, value: end }
    }

    /// The cut at `end`, with this key; the cutter goes on behind it. `behind`: the byte behind the key.
    #[inline]
    fn found(&mut self, end: usize, key: usize, behind: usize) -> Cut {
        let bytes = self.text.as_bytes();
        let value = skip_blanks(bytes, behind);
        let may_begin = self.core.as_bytes().first().is_none_or(|core| bytes.get(value) == Some(core));
        self.last = Some((key, behind));
        // An empty value begins right behind its key: the blanks may belong to a separator.
        self.at = if may_begin { behind } else { value };
        Cut { key, end, value: behind }
    }

    /// The pair that stands at the start of the text, behind brackets at most: where it begins, its key and the byte behind that.
    fn first(&self) -> Option<(usize, usize, usize)> {
        let bytes = self.text.as_bytes();
        let mut at = skip_blanks(bytes, 0);
        while bytes.get(at) == Some(&b'[') {
            at = skip_while(bytes, at, |byte| byte != b']');
            at = skip_blanks(bytes, (at + 1).min(bytes.len()));
        }
        self.key(at, Last::NONE).map(|(key, behind)| (at, key, behind))
    }

    /// The key of the cut whose separator, or the run of blanks in front of it, begins at `at`, and the byte behind the key.
    #[inline]
    fn cut(&self, at: usize) -> Option<(usize, usize)> {
        let bytes = self.text.as_bytes();
        let core = skip_blanks(bytes, at);
        let stands = match self.core.as_bytes() {
            [] => true,
            [one] => bytes.get(core) == Some(one),
            several => bytes.get(core..).is_some_and(|rest| rest.starts_with(several)),
        };
        if stands {
            let behind = core + self.core.len();
            let key = skip_blanks(bytes, behind);
            let is_front = core > at || !self.blanks.0 || self.is_glued(at);
            if is_front && (key > behind || !self.blanks.1) && key > at {
                let last = self.last.map_or(Last::NONE, |(key, _)| Last::at(key));
                if let Some((index, value)) = self.key(key, last) {
                    return Some((index, value));
                }
                if let Some((index, value)) = self.unlisted(key) {
                    return Some((index, value));
                }
            }
        }
        if core == at || self.last.is_some_and(|(_, value)| value >= at) {
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
        Some((key, core + word.len()))
    }

    /// Whether all of the value in front of `at` is digits.
    fn is_glued(&self, at: usize) -> bool {
        self.last.is_some_and(|(_, from)| {
            let value = trim(slice(self.text, from, at.min(from + GLUED)));
            !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) && at <= from + GLUED
        })
    }

    /// The index of the longest key at `at`, and the byte where its value begins. `last`: the key in front of it.
    #[inline]
    fn key(&self, at: usize, last: Last) -> Option<(usize, usize)> {
        let bytes = self.text.as_bytes();
        let first = *bytes.get(at)?;
        if !self.pairs.heads.has(first) {
            return None;
        }
        let last = last.facing(first);
        if let Some(index) = self.order.expected(self.pairs.keys, last)
            && let Some(key) = self.pairs.keys.get(index)
            && let behind = at + key.name.len()
            && bytes.get(behind).is_none_or(|byte| is_blank(*byte))
            && let Some(name) = bytes.get(at..behind)
            && is_same(name, key.name.as_bytes())
        {
            return Some((index, behind));
        }
        self.another_key(at, last)
    }

    /// As [`Cutter::key`], of a key that is not listed. Text in front of all listed keys has none.
    #[cold]
    fn unlisted(&self, at: usize) -> Option<(usize, usize)> {
        if self.pairs.unlisted.is_empty() || self.last.is_none() {
            return None;
        }
        let word = word(after(self.text, at)).0;
        let key = word.strip_suffix(self.pairs.unlisted)?;
        let is_key = key.bytes().next()?.is_ascii_uppercase() && key.bytes().all(is_word);
        // A word of a text, `Note` or `NOTE`, is none.
        let has_capital = key.bytes().skip(1).any(|byte| byte.is_ascii_uppercase());
        let is_joined =
            key.contains('_') || (has_capital && key.bytes().any(|byte| byte.is_ascii_lowercase()));
        (is_key && is_joined).then_some((UNLISTED, at + word.len()))
    }

    /// As [`Cutter::key`], of another key than the one that is expected.
    #[inline(never)]
    fn another_key(&self, at: usize, last: Last) -> Option<(usize, usize)> {
        let Pairs { keys, phrases, lookup, .. } = self.pairs;
        let text = after(self.text, at);
        let stands = |name: &str| {
            name.as_bytes().first() == text.as_bytes().first()
                && text.strip_prefix(name).is_some_and(|rest| rest.bytes().next().is_none_or(is_blank))
        };
        let name_of = |index: &u16| keys.get(usize::from(*index)).map_or("", |key| key.name);
        let index = match phrases.iter().find(|index| stands(name_of(index))) {
            Some(index) => usize::from(*index),
            None => lookup.find(keys, word(text).0, |key| key.name)?,
        };
        let name = keys.get(index)?.name;
        // Where one key begins another, the longer one may stand there the next time.
        let begins = |other: &str| {
            other.strip_prefix(name).is_some_and(|rest| rest.bytes().next().is_some_and(is_blank))
        };
        if !phrases.iter().any(|index| begins(name_of(index))) {
            self.order.learn(keys, last, index);
        }
        Some((index, at + name.len()))
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

#[cfg(test)]
mod tests;
