//! Which way a match took through its template.
//!
//! The matcher does not say which optional pieces it took. But a piece is taken where it can be, and a match that is made to go the way that it went
//! captures the same. So each choice on the way is made to take its piece; if the text then reads otherwise, or not at all, the match went around it.

use xdr_model::pattern::{Captures, Op, Pattern, Target};

use super::observe::Way;

/// The choices by which a pattern matches a text, in order. `parts` are the parts of the catalogue's templates, by their numbers.
pub(super) fn ways(pattern: &Pattern<'_>, parts: &[&[Op<'_>]], text: &str) -> Vec<Way> {
    let mut ways = Vec::new();
    let captures = |ops: &[Op<'_>]| read(ops, pattern.trailing, text);
    if let Some(whole) = captures(pattern.ops) {
        through(pattern.ops, None, parts, &|ops| captures(ops).as_ref() == Some(&whole), &mut ways);
    }
    ways
}

/// Goes through the ops that `matches` takes, and forces each choice.
fn through(
    ops: &[Op<'_>],
    part: Option<usize>,
    parts: &[&[Op<'_>]],
    matches: &dyn Fn(&[Op<'_>]) -> bool,
    ways: &mut Vec<Way>,
) {
    let mut ops = ops.to_vec();
    let mut pc = 0;
    while let Some(op) = ops.get(pc).copied() {
        pc = match op {
            Op::Jump(to) => usize::from(to),
            Op::Split(around, ..) => {
                let taken = matches(&with(&ops, pc, Op::Jump(u16::try_from(pc + 1).unwrap_or(u16::MAX))));
                ways.push(Way { part, split: pc, taken });
                let to = if taken { pc + 1 } else { usize::from(around) };
                ops = with(&ops, pc, Op::Jump(u16::try_from(to).unwrap_or(u16::MAX)));
                to
            }
            Op::Part(inner) => {
                let number = parts.iter().position(|known| *known == inner);
                let within = |inner: &[Op<'_>]| matches(&with(&ops, pc, Op::Part(inner)));
                through(inner, number, parts, &within, ways);
                pc + 1
            }
            _ => pc + 1,
        };
    }
}

fn with<'p>(ops: &[Op<'p>], pc: usize, op: Op<'p>) -> Vec<Op<'p>> {
    ops.iter().enumerate().map(|(index, known)| if index == pc { op } else { *known }).collect()
}

/// What a pattern of these ops captures.
fn read<'p, 'a>(ops: &'p [Op<'p>], trailing: &'p str, text: &'a str) -> Option<Vec<(String, &'a str)>> {
    let mut found = Captures::new();
    Pattern::new(ops, trailing).captures(text, &mut found).ok()?;
    let name = |target: Target<'_>| format!("{target:?}");
    Some(found.iter().map(|(target, text)| (name(target), text)).collect())
}
