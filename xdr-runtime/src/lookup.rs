//! Finding a name in a fixed list, in a time that does not grow with the list.
//!
//! The table is made while the generated module is compiled: names stand at the place that their hash says, or at the next one
//! that was free. The hash looks at the length, the first eight bytes and the last eight; of short names at four and four.

/// A table of the places of names in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lookup {
    /// Indices of the list, or [`FREE`]; a power of two of them, or none: then the list is searched from its beginning.
    slots: &'static [u16],
}

/// A place that no name has taken.
const FREE: u16 = u16::MAX;

impl Lookup {
    /// Without a table, for short lists.
    pub const LINEAR: Self = Self { slots: &[] };

    /// With a table of the list that is searched.
    pub const fn of(table: &'static [u16]) -> Self {
        Self { slots: table }
    }

    /// The index of the entry that has this name; of several the first.
    #[inline]
    pub fn find<T>(&self, list: &[T], name: &str, name_of: impl Fn(&T) -> &str) -> Option<usize> {
        if self.slots.is_empty() {
            return list.iter().position(|entry| is_same(name_of(entry).as_bytes(), name.as_bytes()));
        }
        let mask = self.slots.len() - 1;
        let mut place = hash(name.as_bytes()) & mask;
        loop {
            let index = *self.slots.get(place)?;
            if index == FREE {
                return None;
            }
            if is_same(name_of(list.get(usize::from(index))?).as_bytes(), name.as_bytes()) {
                return Some(usize::from(index));
            }
            place = (place + 1) & mask;
        }
    }
}

/// A table in which no name stands yet, for a list of so many names.
///
/// # Panics
/// While the generated module is compiled, if `SLOTS` is no power of two or less than twice the names.
pub const fn empty<const SLOTS: usize>(names: usize) -> [u16; SLOTS] {
    assert!(SLOTS.is_power_of_two() && SLOTS >= 2 * names);
    [FREE; SLOTS]
}

/// Puts the name of the entry with this index into a table that has room.
#[expect(clippy::cast_possible_truncation, reason = "lists have fewer than 65,535 names")]
#[expect(clippy::indexing_slicing, reason = "runs in the compiler; the place is masked")]
pub const fn insert(slots: &mut [u16], name: &str, index: usize) {
    let mask = slots.len() - 1;
    let mut place = hash(name.as_bytes()) & mask;
    while slots[place] != FREE {
        place = (place + 1) & mask;
    }
    slots[place] = index as u16;
}

/// The table of these names, made at run time: so many places, a power of two and at least twice the names.
pub fn table<'n>(places: usize, names: impl Iterator<Item = &'n str>) -> Vec<u16> {
    let mut slots = vec![FREE; places];
    for (index, name) in names.enumerate() {
        insert(&mut slots, name, index);
    }
    slots
}

/// Whether two names are the same. Most have up to sixteen bytes, which two words hold: that is less than a call of the library.
#[inline]
pub(crate) fn is_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    match (ends::<8>(one), ends::<8>(other)) {
        (Some(ends), Some(others)) => ends == others && (one.len() <= 16 || one == other),
        _ => match (ends::<4>(one), ends::<4>(other)) {
            (Some(ends), Some(others)) => ends == others,
            _ => one.iter().eq(other),
        },
    }
}

/// The first and the last `N` bytes, which may overlap.
#[inline]
fn ends<const N: usize>(bytes: &[u8]) -> Option<(&[u8; N], &[u8; N])> {
    Some((bytes.first_chunk()?, bytes.last_chunk()?))
}

#[expect(clippy::cast_possible_truncation, reason = "the upper half of a product")]
#[expect(clippy::indexing_slicing, reason = "the index is below the length")]
#[inline]
const fn hash(bytes: &[u8]) -> usize {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let (mut first, mut last) = (0, 0);
    if let (Some(begin), Some(end)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (first, last) = (u64::from_le_bytes(*begin), u64::from_le_bytes(*end));
    } else if let (Some(begin), Some(end)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        first = (u32::from_le_bytes(*begin) as u64) << 32 | u32::from_le_bytes(*end) as u64;
    } else {
        let mut index = 0;
        while index < bytes.len() {
            first = first << 8 | bytes[index] as u64;
            index += 1;
        }
    }
    let mixed = (first ^ last.rotate_left(29) ^ bytes.len() as u64).wrapping_mul(ODD);
    (mixed ^ mixed >> 32).wrapping_mul(ODD).wrapping_shr(40) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 8] =
        ["time", "user", "addr.remote", "server_metadata_one", "server_mXtadata_one", "", "ä", "time"];

    const fn table() -> [u16; 16] {
        let mut slots = empty(NAMES.len());
        let mut index = 0;
        while index < NAMES.len() {
            insert(&mut slots, NAMES[index], index);
            index += 1;
        }
        slots
    }

    static SLOTS: [u16; 16] = table();

    #[test]
    fn names_are_the_same_if_all_their_bytes_are() {
        for length in 0..26_usize {
            let one = "x".repeat(length);
            assert!(is_same(one.as_bytes(), "x".repeat(length).as_bytes()));
            assert!(!is_same(one.as_bytes(), "x".repeat(length + 1).as_bytes()));
            for place in 0..length {
                let mut other = one.clone();
                other.replace_range(place..=place, "-");
                assert!(!is_same(one.as_bytes(), other.as_bytes()), "{other}");
            }
        }
    }

    #[test]
    fn every_name_is_found_where_it_first_stands_and_no_other() {
        for lookup in [Lookup::of(&SLOTS), Lookup::LINEAR] {
            for (index, name) in NAMES.iter().enumerate().take(7) {
                assert_eq!(lookup.find(&NAMES, name, |name| name), Some(index));
            }
            for name in ["tim", "times", "server_mYtadata_one", "x", "USER"] {
                assert_eq!(lookup.find(&NAMES, name, |name| name), None, "{name}");
            }
        }
    }
}
