//! The usual order of names. Records of one source print their keys mostly in one order, and to compare a text with the name that came next
//! the last time takes less than to find the end of a name and look it up.

use std::cell::Cell;

/// How many steps of orders a thread remembers: a power of two. A source has some hundreds; two that take one place forget each other, so there
/// are more places, of which few are ever touched.
const STEPS: usize = 4096;

thread_local! {
    /// Which known name came behind which in texts that were read in this thread. Nothing but time depends on it.
    static BEHIND: [Cell<Step>; STEPS] = const { [const { Cell::new(Step { list: 0, last: Last::NONE, next: 0 }) }; STEPS] };
}

/// A known name, and the one that came behind it.
#[derive(Clone, Copy)]
struct Step {
    /// The address of the list of names, which is there as long as the program.
    list: usize,
    last: Last,
    /// The index of the name that came.
    next: u16,
}

/// Where in an order a text is: the known name that was read last, or none; and the byte that stands there, if the text is said to face it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Last(u32);

impl Last {
    /// No known name was read yet.
    pub(super) const NONE: Self = Self(0);

    /// The name with this index.
    #[expect(clippy::cast_possible_truncation, reason = "a wrong guess costs a comparison")]
    #[inline]
    pub(super) fn at(index: usize) -> Self {
        Self((index as u32).wrapping_add(1) << 8)
    }

    /// In front of a text that begins with this byte, so that names which begin otherwise are remembered apart.
    #[inline]
    pub(super) fn facing(self, first: u8) -> Self {
        Self(self.0 | u32::from(first))
    }
}

/// The orders that this thread remembers.
#[derive(Clone, Copy)]
pub(super) struct Order<'o>(&'o [Cell<Step>; STEPS]);

impl Order<'_> {
    /// The index of the name of this list that came behind the last one, the last time. Whether it stands there is to be looked at.
    #[inline]
    pub(super) fn expected<T>(self, names: &'static [T], last: Last) -> Option<usize> {
        let step = self.place(names, last)?.get();
        let is_known = step.list == names.as_ptr().addr() && step.last == last;
        is_known.then_some(usize::from(step.next))
    }

    /// Remembers that the name with this index came behind the last one. It is rare, and no call comes back into the usual way.
    #[cold]
    pub(super) fn learn<T>(self, names: &'static [T], last: Last, index: usize) {
        if let (Some(place), Ok(next)) = (self.place(names, last), u16::try_from(index)) {
            place.set(Step { list: names.as_ptr().addr(), last, next });
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "as many bits are left as a place has")]
    #[inline]
    fn place<T>(&self, names: &'static [T], last: Last) -> Option<&Cell<Step>> {
        const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
        // Lists stand close together: their addresses are spread first, or one list's next names would be another's.
        let spread = (names.as_ptr().addr() as u64).wrapping_mul(ODD);
        let mixed = (spread ^ u64::from(last.0)).wrapping_mul(ODD);
        self.0.get(mixed.wrapping_shr(u64::BITS - STEPS.ilog2()) as usize)
    }
}

/// Has a text read with the orders of this thread.
#[inline]
pub(super) fn usual<T>(read: impl FnOnce(Order<'_>) -> T) -> T {
    BEHIND.with(|behind| read(Order(behind)))
}

#[cfg(test)]
mod tests {
    use super::*;

    static ONE: [&str; 3] = ["a", "b", "c"];
    static OTHER: [&str; 2] = ["x", "y"];

    #[test]
    fn what_came_behind_a_name_is_expected_behind_it_again() {
        usual(|order| {
            assert_eq!(order.expected(&ONE, Last::NONE), None);
            order.learn(&ONE, Last::NONE, 2);
            order.learn(&ONE, Last::at(2), 0);
            assert_eq!(order.expected(&ONE, Last::NONE), Some(2));
            assert_eq!(order.expected(&ONE, Last::at(2)), Some(0));
            assert_eq!(order.expected(&ONE, Last::at(0)), None);
            assert_eq!(order.expected(&OTHER, Last::NONE), None);
            order.learn(&ONE, Last::at(2).facing(b'b'), 1);
            assert_eq!(order.expected(&ONE, Last::at(2)), Some(0));
            assert_eq!(order.expected(&ONE, Last::at(2).facing(b'b')), Some(1));
            order.learn(&ONE, Last::at(2), 1);
            assert_eq!(order.expected(&ONE, Last::at(2)), Some(1));
        });
    }

    #[test]
    fn an_index_that_has_no_room_is_not_remembered() {
        usual(|order| {
            order.learn(&OTHER, Last::at(usize::MAX), 80_000);
            assert_eq!(order.expected(&OTHER, Last::at(usize::MAX)), None);
        });
    }
}
