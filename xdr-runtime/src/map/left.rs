//! What no row has taken of a record.

use smallvec::SmallVec;

use crate::field::{Field, Name};
use crate::record::{Further, Parts, Slots};
use crate::sink::Sink;

/// Fields that no row has taken.
pub(super) type Left<'a> = SmallVec<[(Name<'a>, Field<'a>); 24]>;

/// Up to so many fields all pairs are compared; of more, which only long JSON objects have, a sorted list is made.
const FEW: usize = 32;

/// Finds what no row has taken of a record: fields of `names` that have a value and are not `used`, and what has no number.
pub(super) fn find<'a, const N: usize>(
    left: &mut Left<'a>,
    parts: &Parts<'a, N>,
    names: &'static [&'static str; N],
    used: Slots,
) {
    let mut keep = |name: Name<'a>, field: Field<'a>| {
        if field.has_value() {
            left.push((name, field));
        }
    };
    let name = |slot: u16| Name::known(names.get(usize::from(slot)).copied().unwrap_or_default());
    // A constant that no row took is nothing that the record said.
    for slot in parts.present.without(used, parts.constants) {
        keep(name(slot), parts.slot(slot));
    }
    for (index, further) in parts.further.iter().enumerate() {
        let told =
            if further.is_read { used.contains(further.slot) } else { is_told(parts, index, *further) };
        if !told {
            keep(name(further.slot), further.field);
        }
    }
    for (name, field) in &parts.extras {
        keep(*name, *field);
    }
}

/// Whether something else of the record has the text of a value that its field had no room for.
#[cold]
fn is_told<const N: usize>(parts: &Parts<'_, N>, index: usize, Further { field, .. }: Further<'_>) -> bool {
    let mut slots = parts.present.without(parts.constants, Slots::default());
    slots.any(|slot| parts.slot(slot).says(field))
        || parts.extras.iter().any(|(_, extra)| extra.says(field))
        || parts.further.iter().take(index).any(|before| before.field.says(field))
}

/// Whether no two of a few names are printed alike.
fn all_differ(left: &Left<'_>) -> bool {
    // A bit for each print; two names may share one.
    let mut bits = [0_u64; 4];
    left.len() <= FEW
        && left.iter().enumerate().all(|(index, (name, _))| {
            // Its upper eight bits: two for the word, six for the bit in it.
            let mixed = name.print().wrapping_mul(0x9e37_79b1);
            let Some(word) = bits.get_mut((mixed >> 30) as usize) else { return false };
            let bit = 1 << (mixed >> 24 & 63);
            let is_new = *word & bit == 0;
            *word |= bit;
            !name.key.is_escaped() && (is_new || differs(left, index))
        })
}

/// Whether a name is printed otherwise than all in front of it.
fn differs(left: &Left<'_>, index: usize) -> bool {
    let Some((name, _)) = left.get(index) else { return true };
    let print = name.print();
    let mut before = left.iter().take(index);
    !before.any(|(other, _)| other.print() == print && other.is_written_as(name))
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
