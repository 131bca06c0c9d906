//! Words that open a body, and how else one begins.

use memchr::memchr_iter;
use xdr_model::pattern::find;

/// Words of which the first in a text is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    all: &'static [&'static str],
    /// The byte with which all of them begin and which stands nowhere else in them: then one look through a text finds any.
    opening: Option<u8>,
    /// The separators of the columns that the body may consist of.
    columns: &'static [u8],
}

impl Words {
    /// These words; empty ones are none.
    #[expect(clippy::indexing_slicing, reason = "runs in the compiler; indices are below lengths")]
    pub const fn new(words: &'static [&'static str]) -> Self {
        let mut opening = None;
        let mut index = 0;
        while index < words.len() {
            let word = words[index].as_bytes();
            let mut at = 0;
            while at < word.len() {
                let is_opening = match opening {
                    None => true,
                    Some(byte) => byte == word[at],
                };
                if is_opening != (at == 0) {
                    return Self { all: words, opening: None, columns: &[] };
                }
                opening = Some(word[0]);
                at += 1;
            }
            index += 1;
        }
        Self { all: words, opening, columns: &[] }
    }

    /// The same in front of columns with one of these separators between them: a time stamp that one of them follows directly is a column.
    #[must_use]
    pub const fn or_columns(self, columns: &'static [u8]) -> Self {
        Self { columns, ..self }
    }

    /// The separators of the columns that may follow.
    pub(super) const fn columns(&self) -> &'static [u8] {
        self.columns
    }

    /// Whether there are no words.
    pub(super) const fn are_none(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether a text begins with one of them.
    pub(super) fn open(&self, text: &[u8]) -> bool {
        if self.opening.is_some() && text.first().copied() != self.opening {
            return false;
        }
        self.all.iter().any(|word| !word.is_empty() && text.starts_with(word.as_bytes()))
    }

    /// The first byte at which one of them stands.
    pub(super) fn find(&self, text: &[u8]) -> Option<usize> {
        if let Some(opening) = self.opening {
            return memchr_iter(opening, text).find(|at| self.open(text.get(*at..).unwrap_or_default()));
        }
        let mut window = text;
        let mut first = None;
        for word in self.all.iter().filter(|word| !word.is_empty()) {
            if let Some(at) = find(window, word.as_bytes(), 0) {
                first = Some(at);
                window = window.get(..at).unwrap_or_default();
            }
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::Words;
    use proptest::prelude::{any, prop_assert_eq, proptest};

    const ONE: &[&str] = &["%ab", "%b", "%aba"];
    const SEVERAL: &[&str] = &["%ab", "b%", "", "a%b"];

    #[test]
    fn a_byte_that_opens_all_words_and_stands_in_none_is_known() {
        assert_eq!(Words::new(ONE).opening, Some(b'%'));
        for words in [SEVERAL, &["%a%"], &["%a", "$a"], &["aa"], &[], &[""]] {
            assert_eq!(Words::new(words).opening, None, "{words:?}");
        }
    }

    proptest! {
        #[test]
        fn one_look_finds_what_a_look_for_each_word_finds(text in "[%ab ]{0,24}", several in any::<bool>()) {
            let words = Words::new(if several { SEVERAL } else { ONE });
            let each = Words { opening: None, ..words };
            prop_assert_eq!(words.find(text.as_bytes()), each.find(text.as_bytes()));
            prop_assert_eq!(words.open(text.as_bytes()), each.open(text.as_bytes()));
        }
    }
}
