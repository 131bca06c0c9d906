//! What no row has taken of a record.

use smallvec::SmallVec;

use crate::field::{Field, Name};
use crate::sink::Sink;

/// Fields that no row has taken.
pub(super) type Left<'a> = SmallVec<[(Name<'a>, Field<'a>); 24]>;

/// Up to so many fields all pairs are compared; of more, which only long JSON objects have, a sorted list is made.
const FEW: usize = 32;

/// Whether no two of a few names are printed alike.
fn all_differ(left: &Left<'_>) -> bool {
    let mut prints = [0_u32; FEW];
    left.len() <= FEW
        && left.iter().enumerate().all(|(index, (name, _))| {
            let print = name.print();
            let before = prints.get(..index).unwrap_or_default();
            let mut alike = before.iter().zip(left).filter(|(other, _)| **other == print);
            let is_new = !alike.any(|(_, (other, _))| other.is_written_as(name));
            if let Some(place) = prints.get_mut(index) {
                *place = print;
            }
            is_new && !name.key.is_escaped()
        })
}

/// Tells the sink what is left, fields of one name together, each name where it first stands.
pub(super) fn unmapped<'a, S: Sink<'a>>(left: &Left<'a>, sink: &mut S) {
    if all_differ(left) {
        for (name, field) in left {
            sink.unmapped(*name, &[*field]);
        }
        return;
    }
    if left.len() <= FEW {
        for (index, (name, field)) in left.iter().enumerate() {
            if left.iter().take(index).any(|(other, _)| other.is_written_as(name)) {
                continue;
            }
            let mut rest = left
                .iter()
                .skip(index + 1)
                .filter(|(other, _)| other.is_written_as(name))
                .map(|(_, field)| *field);
            match rest.next() {
                None => sink.unmapped(*name, &[*field]),
                Some(second) => {
                    let all: Vec<_> = [*field, second].into_iter().chain(rest).collect();
                    sink.unmapped(*name, &all);
                }
            }
        }
        return;
    }
    let names: Vec<String> = left.iter().map(|(name, _)| name.to_string()).collect();
    let key = |index: &usize| names.get(*index);
    let mut order: Vec<usize> = (0..left.len()).collect();
    order.sort_by_key(|index| (key(index), *index));
    let mut groups: Vec<&[usize]> = order.chunk_by(|a, b| key(a) == key(b)).collect();
    groups.sort_by_key(|group| group.first().copied());
    for group in groups {
        let members = || group.iter().filter_map(|index| left.get(*index));
        let fields: Vec<_> = members().map(|(_, field)| *field).collect();
        if let Some((name, _)) = members().next() {
            sink.unmapped(*name, &fields);
        }
    }
}
