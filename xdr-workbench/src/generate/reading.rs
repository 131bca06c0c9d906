//! Templates read as the language's reference says, by a matcher of its own that tries every way in order.
//!
//! A generated text counts only if it reads back: by the template that it was written by, none in front of it, and with the very
//! texts that were chosen. The matcher of the program is not asked, so a mistake in it cannot hide here.

use xdr_codegen::ir::{Op, Target, Template, longest_word};
use xdr_model::pattern::Run as Shape;

/// A text that a template captured, and where it goes.
pub(crate) type Capture<'m> = (&'m Target, String);

/// How many steps a template may take: open texts multiply the ways.
const MOST: u32 = 400_000;

/// The first of the templates that reads the whole text, and its captures. `Err`: nobody can tell in reasonable time.
pub(crate) fn first<'m>(
    templates: &'m [Template],
    parts: &'m [Vec<Op>],
    text: &str,
) -> Result<Option<(usize, Vec<Capture<'m>>)>, String> {
    for (index, template) in templates.iter().enumerate() {
        if let Some(captures) = one(template, parts, text)? {
            return Ok(Some((index, captures)));
        }
    }
    Ok(None)
}

/// The captures of a template that reads the whole text.
pub(super) fn one<'m>(
    template: &'m Template,
    parts: &'m [Vec<Op>],
    text: &str,
) -> Result<Option<Vec<Capture<'m>>>, String> {
    if !text.contains(longest_word(&template.ops)) {
        return Ok(None);
    }
    ops(&template.ops, parts, text, &template.trailing)
}

/// The captures of ops that read the whole text.
pub(super) fn ops<'m>(
    ops: &'m [Op],
    parts: &'m [Vec<Op>],
    text: &str,
    trailing: &str,
) -> Result<Option<Vec<Capture<'m>>>, String> {
    let end = text.trim_end_matches(|c: char| trailing.contains(c)).len();
    let mut reader = Reader { parts, text, end, marks: Vec::new(), steps: 0 };
    let found = reader.go(ops, 0, 0, false);
    if reader.steps > MOST {
        return Err("the text has too many readings to tell which one counts".to_owned());
    }
    Ok(found.map(|_| reader.captures()))
}

/// A piece that was read.
enum Mark<'m> {
    Open(usize),
    Text(&'m Target, usize, usize),
    Close(&'m Target, usize, usize),
}

struct Reader<'m, 't> {
    parts: &'m [Vec<Op>],
    text: &'t str,
    /// From where on the text may end.
    end: usize,
    marks: Vec<Mark<'m>>,
    steps: u32,
}

impl<'m> Reader<'m, '_> {
    fn rest(&self, at: usize) -> &str {
        self.text.get(at..).unwrap_or_default()
    }

    /// Reads on from an op at a byte; gives where the text was read to. `part`: the ops are those of a part, which may end anywhere.
    fn go(&mut self, ops: &'m [Op], mut pc: usize, mut at: usize, part: bool) -> Option<usize> {
        loop {
            self.steps += 1;
            if self.steps > MOST {
                return None;
            }
            let Some(op) = ops.get(pc) else { return (part || at >= self.end).then_some(at) };
            let read = match op {
                Op::Literal(text) => literal(self.rest(at), text, false),
                Op::Lead(text) => literal(self.rest(at), text, true),
                Op::Shape(_, runs) => shape(self.rest(at), runs),
                Op::Address(_) => address(self.rest(at)),
                Op::Words(_, words) => {
                    words.iter().find(|word| self.rest(at).starts_with(word.as_str())).map(String::len)
                }
                Op::Rest(_) => Some(self.end.saturating_sub(at)),
                Op::Text(target, _) | Op::Last(target, _) => {
                    return self.open_text(ops, pc, at, part, target, matches!(op, Op::Last(..)));
                }
                Op::Split(other, ..) => {
                    let before = self.marks.len();
                    if let Some(end) = self.go(ops, pc + 1, at, part) {
                        return Some(end);
                    }
                    self.marks.truncate(before);
                    pc = usize::from(*other);
                    continue;
                }
                Op::Jump(to) => {
                    pc = usize::from(*to);
                    continue;
                }
                Op::Open => {
                    self.marks.push(Mark::Open(at));
                    Some(0)
                }
                Op::Close(target) => {
                    let from = self.opened();
                    self.marks.push(Mark::Close(target, from, at));
                    Some(0)
                }
                // The first way through a part counts, whatever follows.
                Op::Part(number) => {
                    let parts = self.parts;
                    let end = self.go(parts.get(*number)?, 0, at, true)?;
                    (pc, at) = (pc + 1, end);
                    continue;
                }
            };
            let length = read?;
            if let Op::Shape(target, _) | Op::Address(target) | Op::Words(target, _) | Op::Rest(target) = op {
                self.marks.push(Mark::Text(target, at, at + length));
            }
            (pc, at) = (pc + 1, at + length);
        }
    }

    /// Open text to the first place, or the last one, where the rest matches.
    fn open_text(
        &mut self,
        ops: &'m [Op],
        pc: usize,
        at: usize,
        part: bool,
        target: &'m Target,
        last: bool,
    ) -> Option<usize> {
        let mut places: Vec<usize> = self.rest(at).char_indices().map(|(offset, _)| at + offset).collect();
        places.push(self.text.len());
        if last {
            places.reverse();
        }
        // A literal that follows says where it is worth trying.
        let next = match ops.get(pc + 1) {
            Some(Op::Literal(text) | Op::Lead(text)) => text.as_bytes().first().copied(),
            _ => None,
        };
        for place in places {
            if next.is_some_and(|byte| self.text.as_bytes().get(place) != Some(&byte)) {
                continue;
            }
            let before = self.marks.len();
            self.marks.push(Mark::Text(target, at, place));
            if let Some(end) = self.go(ops, pc + 1, place, part) {
                return Some(end);
            }
            self.marks.truncate(before);
        }
        None
    }

    /// Where the innermost open group began.
    fn opened(&self) -> usize {
        let mut closed = 0_usize;
        for mark in self.marks.iter().rev() {
            match mark {
                Mark::Close(..) => closed += 1,
                Mark::Open(at) if closed == 0 => return *at,
                Mark::Open(_) => closed -= 1,
                Mark::Text(..) => {}
            }
        }
        0
    }

    fn captures(&self) -> Vec<Capture<'m>> {
        let captures = self.marks.iter().filter_map(|mark| match mark {
            Mark::Open(_) => None,
            Mark::Text(target, from, to) | Mark::Close(target, from, to) => Some((*target, *from, *to)),
        });
        // Blanks in front belong to no text.
        let text = |from, to| self.text.get(from..to).unwrap_or_default().trim_start_matches(' ').to_owned();
        captures.map(|(target, from, to)| (target, text(from, to))).collect()
    }
}

/// The length of a literal that stands here; a run of blanks stands for one or more. `open`: open text follows, so that a last blank
/// stands for one.
fn literal(text: &str, literal: &str, open: bool) -> Option<usize> {
    let mut rest = text;
    let mut wanted = literal.chars().peekable();
    while let Some(c) = wanted.next() {
        rest = rest.strip_prefix(c)?;
        if c == ' ' {
            while wanted.next_if_eq(&' ').is_some() {}
            if !(open && wanted.peek().is_none()) {
                rest = rest.trim_start_matches(' ');
            }
        }
    }
    Some(text.len() - rest.len())
}

/// The length of runs that stand here, each as long as it can be.
pub(crate) fn shape(text: &str, runs: &[Shape]) -> Option<usize> {
    let mut rest = text;
    for run in runs {
        let mut length = 0;
        for c in rest.chars() {
            let first = u8::try_from(c).unwrap_or(0xff);
            if length >= usize::from(run.max) || !run.set.has(first) {
                break;
            }
            length += c.len_utf8();
        }
        if length < usize::from(run.min) {
            return None;
        }
        rest = rest.get(length..)?;
    }
    Some(text.len() - rest.len())
}

/// The length of an address by its characters: digits, letters up to `f`, dots and colons, none of the latter two at the end.
fn address(text: &str) -> Option<usize> {
    let length =
        text.bytes().take_while(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':')).count();
    let mut taken = text.get(..length)?;
    while taken.ends_with('.') || (taken.ends_with(':') && !taken.ends_with("::")) {
        taken = taken.get(..taken.len() - 1)?;
    }
    taken.contains(['.', ':']).then_some(taken.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_of_a_literal_stand_for_one_or_more() {
        assert_eq!(literal("a   b c", "a b", false), Some(5));
        assert_eq!(literal("a:   x", "a: ", false), Some(5));
        assert_eq!(literal("a:   x", "a: ", true), Some(3));
        assert_eq!(literal("ab", "a b", false), None);
    }

    #[test]
    fn an_address_ends_in_front_of_a_full_stop() {
        assert_eq!(address("192.0.2.7. x"), Some(9));
        assert_eq!(address("2001:db8::7: x"), Some(11));
        assert_eq!(address("fade x"), None);
    }
}
