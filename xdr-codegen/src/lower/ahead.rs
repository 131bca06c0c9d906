//! What may begin at each op of a pattern, so that the matcher need not try what cannot succeed.

use std::collections::BTreeMap;

use xdr_model::pattern::{ByteSet, Run};

use super::pattern::Part;
use crate::ir::{First, Op};

/// How many bytes the matcher looks ahead to see whether a way can succeed.
pub(super) const AHEAD: usize = 3;

pub(super) const OPEN: First = First { sets: Vec::new(), end: false };

/// What may begin at each op, and behind the last; `None` if that is anything, because an open text begins there.
///
/// Ops lead forwards only, so going from the last to the first visits each of them once.
pub(super) fn begins(ops: &[Op], parts: &BTreeMap<String, Part>) -> Vec<Option<First>> {
    let by_number: BTreeMap<usize, &Part> = parts.values().map(|part| (part.number, part)).collect();
    let mut all = vec![Some(First { end: true, ..OPEN }); ops.len() + 1];
    for (index, op) in ops.iter().enumerate().rev() {
        let at = |index: usize| all.get(index).cloned().flatten();
        let next = at(index + 1);
        let found = match op {
            Op::Literal(text) | Op::Lead(text) => Some(behind(text, next)),
            Op::Words(_, words) => {
                words.iter().map(|word| Some(behind(word, next.clone()))).reduce(both).unwrap_or(Some(OPEN))
            }
            Op::Address(_) => {
                let mut set = ByteSet::default();
                "0123456789abcdefABCDEF.:".bytes().for_each(|byte| add(&mut set, byte));
                Some(First { sets: vec![set], end: false })
            }
            Op::Shape(_, runs) => run_through(runs, next),
            Op::Text(..) | Op::Last(..) | Op::Rest(_) => None,
            Op::Open | Op::Close(_) => next,
            Op::Jump(to) => at((*to).into()),
            Op::Split(other, ..) => both(next, at((*other).into())),
            Op::Part(number) => {
                let part = by_number.get(number).map(|part| begins(&part.ops, &BTreeMap::new()));
                match part.and_then(|begins| begins.first().cloned()) {
                    None => next,
                    Some(Some(First { sets, end: true })) => both(Some(First { sets, end: false }), next),
                    Some(own) => own,
                }
            }
        };
        if let Some(place) = all.get_mut(index) {
            *place = found;
        }
    }
    all
}

/// What begins where a literal stands. Behind a blank there may be more blanks.
fn behind(text: &str, next: Option<First>) -> First {
    let mut sets = Vec::new();
    for byte in text.bytes().take(AHEAD) {
        let mut set = ByteSet::default();
        add(&mut set, byte);
        sets.push(set);
        if byte == b' ' {
            return First { sets, end: false };
        }
    }
    if let Some(next) = next.filter(|next| !next.end) {
        sets.extend(next.sets);
    }
    sets.truncate(AHEAD);
    First { sets, end: false }
}

/// What begins where runs of characters stand.
fn run_through(runs: &[Run], next: Option<First>) -> Option<First> {
    let Some((run, more)) = runs.split_first() else { return next };
    let own = run.set;
    let mut least = vec![own; usize::from(run.min).min(AHEAD)];
    // Characters beyond ASCII are several bytes, of which the set says nothing more than that.
    if run.set.wide && run.min > 0 {
        return Some(First { sets: vec![own], end: false });
    }
    let rest = run_through(more, next);
    if run.min == run.max {
        if let Some(rest) = rest.filter(|rest| !rest.end) {
            least.extend(rest.sets);
        }
    } else if run.min == 0 {
        return both(Some(First { sets: vec![own], end: false }), rest);
    }
    least.truncate(AHEAD);
    Some(First { sets: least, end: false })
}

/// What may begin where there are two ways.
fn both(one: Option<First>, other: Option<First>) -> Option<First> {
    let (one, other) = (one?, other?);
    let end = one.end || other.end;
    let union = |(one, other): (&ByteSet, &ByteSet)| ByteSet {
        ascii: one.ascii | other.ascii,
        wide: one.wide | other.wide,
    };
    let sets = match (one.sets.is_empty(), other.sets.is_empty()) {
        (true, _) => other.sets,
        (_, true) => one.sets,
        _ => one.sets.iter().zip(&other.sets).map(union).collect(),
    };
    Some(First { sets, end })
}

fn add(set: &mut ByteSet, byte: u8) {
    if byte < 128 {
        set.ascii |= 1 << byte;
    } else {
        set.wide = true;
    }
}
