//! Where the choices of a template stand in its text: optional pieces, and pieces of which one is taken.
//!
//! They are found in the order in which the compiler makes a [`Op::Split`] of each, so that the two can be laid side by side.

use xdr_codegen::ir::Op;

/// A choice, as ranges of bytes in the text that it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// `{? …}`: the piece, from its brace to behind the closing one.
    Optional(usize, usize),
    /// One piece of `{|a|b}`: its range, and whether it is the last one.
    Either {
        /// Its first byte.
        start: usize,
        /// The byte behind its last.
        end: usize,
        /// Its number among its siblings.
        index: usize,
        /// Whether no other follows.
        last: bool,
    },
}

/// What surrounds a place of a template.
enum Frame {
    /// The choice's number in the list.
    Optional(usize),
    /// The number in the list of the alternative that is open, and its number among its siblings.
    Either(usize, usize),
    /// A captured group, or nothing that matters.
    Other,
}

/// The choices of a template, which must be a valid one.
pub(super) fn scan(text: &str) -> Vec<Choice> {
    let bytes = text.as_bytes();
    let at = |index: usize| bytes.get(index).copied().unwrap_or_default();
    let (mut found, mut frames, mut index) = (Vec::new(), Vec::new(), 0);
    while index < bytes.len() {
        match at(index) {
            b'{' if at(index + 1) == b'{' => index += 2,
            b'{' => match at(index + 1) {
                b'?' => {
                    frames.push(Frame::Optional(found.len()));
                    found.push(Choice::Optional(index, index));
                    index += 2;
                }
                b'|' => {
                    frames.push(Frame::Either(found.len(), 0));
                    found.push(Choice::Either { start: index + 2, end: index + 2, index: 0, last: true });
                    index += 2;
                }
                _ => {
                    index = behind_name(bytes, index + 1);
                    if at(index) == b'=' {
                        frames.push(Frame::Other);
                    }
                    index += 1;
                }
            },
            b'}' if frames.is_empty() => index += 2,
            b'}' => {
                index += 1;
                match frames.pop() {
                    Some(Frame::Optional(number)) => {
                        if let Some(Choice::Optional(_, end)) = found.get_mut(number) {
                            *end = index;
                        }
                    }
                    Some(Frame::Either(number, _)) => close(&mut found, number, index - 1, true),
                    Some(Frame::Other) | None => {}
                }
            }
            b'|' => {
                if let Some(Frame::Either(number, sibling)) = frames.last_mut() {
                    close(&mut found, *number, index, false);
                    (*number, *sibling) = (found.len(), *sibling + 1);
                    let start = index + 1;
                    found.push(Choice::Either { start, end: start, index: *sibling, last: true });
                }
                index += 1;
            }
            _ => index += 1,
        }
    }
    found
}

fn close(found: &mut [Choice], number: usize, at: usize, is_last: bool) {
    if let Some(Choice::Either { end, last, .. }) = found.get_mut(number) {
        (*end, *last) = (at, is_last);
    }
}

/// The place of the `=` behind a capture's name, or of the brace that closes a capture without pieces.
fn behind_name(bytes: &[u8], from: usize) -> usize {
    let mut in_class = false;
    let mut in_kind = false;
    let rest = bytes.get(from..).unwrap_or_default();
    let stop = rest.iter().position(|byte| {
        match byte {
            b'=' if !in_kind => return true,
            b'}' if !in_class => return true,
            b':' if !in_kind => in_kind = true,
            b'[' if in_kind => in_class = true,
            b']' => in_class = false,
            _ => {}
        }
        false
    });
    stop.map_or(bytes.len(), |stop| from + stop)
}

/// The indices of the ops that choose, in order.
pub(super) fn splits(ops: &[Op]) -> Vec<usize> {
    ops.iter().enumerate().filter(|(_, op)| matches!(op, Op::Split(..))).map(|(index, _)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<(String, Option<(usize, bool)>)> {
        let slice = |start: usize, end: usize| text[start..end].to_owned();
        scan(text)
            .into_iter()
            .map(|choice| match choice {
                Choice::Optional(start, end) => (slice(start, end), None),
                Choice::Either { start, end, index, last } => (slice(start, end), Some((index, last))),
            })
            .collect()
    }

    #[test]
    fn choices_are_found_in_the_order_of_their_ops() {
        let found = texts(
            "a{? {User}}{|b {? c}|{Word:x|y z}|{Class:[A-Z{}]3|[0-9]2}|}{Whole={?d}{|e|f}} | {{?}} {@who}",
        );
        let expected = [
            ("{? {User}}", None),
            ("b {? c}", Some((0, false))),
            ("{? c}", None),
            ("{Word:x|y z}", Some((1, false))),
            ("{Class:[A-Z{}]3|[0-9]2}", Some((2, false))),
            ("", Some((3, true))),
            ("{?d}", None),
            ("e", Some((0, false))),
            ("f", Some((1, true))),
        ];
        let expected: Vec<_> = expected.into_iter().map(|(text, either)| (text.to_owned(), either)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_text_without_choices_has_none() {
        assert_eq!(texts("%ASA-{severity:digit}-{id:digits}: {text:rest} a|b"), []);
        assert_eq!(texts("{*} {{}} {name*}"), []);
    }
}
