//! Changes to sample lines, as property tests make them.

use proptest::prelude::{Strategy, any, prop, prop_oneof};
use proptest::sample::Index;

/// A change to a line.
#[derive(Clone, Debug)]
pub(crate) enum Mutation {
    /// A byte becomes another one.
    Flip(Index, u8),
    /// A range goes away.
    Cut(Index, Index),
    /// A range comes twice.
    Duplicate(Index, Index),
    /// A text comes in.
    Insert(Index, Vec<u8>),
    /// The end becomes that of another sample.
    Splice(Index, Index, Index),
}

/// Texts that have a meaning in one of the formats.
const TEXTS: [&[u8]; 22] = [
    b"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b" - ",
    b" user=",
    b"=",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b"<191>",
    b"\r",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xa8",
    b"99999999999999999999",
    b"-1",
    b"1e999",
    b"null",
];

/// Any change.
pub(crate) fn mutation() -> impl Strategy<Value = Mutation> {
    let text = prop::sample::select(&TEXTS[..]);
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Mutation::Flip(at, byte)),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Mutation::Cut(from, to)),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Mutation::Duplicate(from, to)),
        (any::<Index>(), text).prop_map(|(at, text)| Mutation::Insert(at, text.to_vec())),
        (any::<Index>(), any::<Index>(), any::<Index>())
            .prop_map(|(other, from, to)| Mutation::Splice(other, from, to)),
    ]
}

/// Changes a line; `samples` are those of its source.
pub(crate) fn mutate(line: &mut Vec<u8>, mutation: &Mutation, samples: &[Vec<u8>]) {
    let range = |from: &Index, to: &Index, length: usize| {
        let (from, to) = (from.index(length + 1), to.index(length + 1));
        from.min(to)..from.max(to)
    };
    match mutation {
        Mutation::Flip(at, byte) if !line.is_empty() => {
            let at = at.index(line.len());
            line[at] = *byte;
        }
        Mutation::Flip(..) => {}
        Mutation::Cut(from, to) => {
            line.drain(range(from, to, line.len()));
        }
        Mutation::Duplicate(from, to) => {
            let range = range(from, to, line.len());
            let piece = line[range.clone()].to_vec();
            line.splice(range.end..range.end, piece);
        }
        Mutation::Insert(at, text) => {
            let at = at.index(line.len() + 1);
            line.splice(at..at, text.iter().copied());
        }
        Mutation::Splice(other, from, to) => {
            let other = &samples[other.index(samples.len())];
            line.truncate(from.index(line.len() + 1));
            line.extend(&other[to.index(other.len() + 1)..]);
        }
    }
}
