//! What is plain at a look, without the matcher: that a text is the value of a list's last pattern, which takes any text, or all of one
//! piece; and that a pattern does not match. Most values and most lines without a wrapper need no more.

use super::{Next, Op, Pattern, Target, pieces};

/// How many of a pattern's first pieces are looked at.
const FIRST: usize = 3;

/// The text that is handed on, if the last of several patterns hands on any text and it is plain at a look that no other matches. Else
/// [`first_of`](super::first_of) has to say what becomes of the text; where there is one, it says the same.
pub fn handed_on<'p, 'a, T>(
    patterns: &[T],
    pattern: impl Fn(&T) -> &Pattern<'p>,
    text: &'a str,
) -> Option<&'a str> {
    let (last, others) = patterns.split_last()?;
    let last = pattern(last);
    let takes_all = matches!(last.ops, [Op::Text(Target::Hand, Next::End) | Op::Rest(Target::Hand)]);
    let passes = takes_all
        && last.trailing.is_empty()
        && others.iter().all(|other| {
            let other = pattern(other);
            other.trailing.is_empty() && other.cannot_match(text)
        });
    passes.then(|| text.trim_start_matches(' '))
}

/// The one capture of the first pattern that matches, if it is plain at a look which one that is, and that it takes the whole text. Else
/// [`first_of`](super::first_of) has to say what becomes of the text; where there is one, it says the same.
#[inline]
pub fn taken_whole<'l, 'p, 'a>(
    patterns: &'l [Pattern<'p>],
    text: &'a str,
) -> Option<(&'l Target<'p>, &'a str)> {
    for pattern in patterns {
        if !pattern.trailing.is_empty() {
            return None;
        }
        let (target, end) = match pattern.ops {
            [Op::Text(target, Next::End) | Op::Rest(target)] => (target, Ok(text.len())),
            [Op::Shape(target, runs)] => (target, pieces::shape(text, runs, 0)),
            [Op::Address(target)] => (target, pieces::address(text.as_bytes(), 0)),
            // What stands here is mostly of a pattern that matches, and would be read twice: only what fails cheaply is looked at.
            ops @ ([Op::Literal(_) | Op::Lead(_), ..]
            | [Op::Address(_), Op::Literal(_) | Op::Lead(_), ..])
                if fails_at_once(ops, text) =>
            {
                continue;
            }
            _ => return None,
        };
        if end == Ok(text.len()) {
            return Some((target, text.trim_start_matches(' ')));
        }
    }
    None
}

/// Whether one of the first pieces does not stand where only it can.
fn fails_at_once(ops: &[Op<'_>], text: &str) -> bool {
    let mut at = 0;
    for op in ops.iter().take(FIRST) {
        let found = match op {
            Op::Literal(literal) => pieces::literal(text.as_bytes(), literal.as_bytes(), at, false),
            Op::Lead(literal) => pieces::literal(text.as_bytes(), literal.as_bytes(), at, true),
            Op::Shape(_, runs) => pieces::shape(text, runs, at),
            Op::Address(_) => pieces::address(text.as_bytes(), at),
            Op::Open => Ok(at),
            _ => return false,
        };
        match found {
            Ok(behind) => at = behind,
            Err(_) => return true,
        }
    }
    false
}

impl Pattern<'_> {
    /// Whether the text lacks what the pattern begins with, or a word that it needs. If not, the pattern may match or not.
    fn cannot_match(&self, text: &str) -> bool {
        let cannot_begin = match self.ops.iter().find(|op| !matches!(op, Op::Open)) {
            Some(Op::Literal(_) | Op::Lead(_)) => fails_at_once(self.ops, text),
            // A long shape that stands here is mostly that of a pattern that matches, and would be read twice.
            Some(Op::Shape(_, [run, ..])) => {
                run.min > 0 && !text.bytes().next().is_some_and(|byte| run.set.has(byte))
            }
            Some(Op::Text(_, next)) => pieces::first(text, text.len(), *next, 0).is_none(),
            _ => false,
        };
        cannot_begin || !self.needs.is_in(text)
    }
}
