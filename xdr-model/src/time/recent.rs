//! Stamps that were read a moment ago: records that are written in one second have the same ones.

use std::cell::RefCell;

use chrono_tz::Tz;

use super::{Clock, DateOrder, Item, Reading, TimeRule, Year, Zone, read};
use crate::Refusal;

/// How many stamps a thread remembers: a power of two. Some records have four; two that take one place forget each other.
const STAMPS: usize = 128;

/// How many bytes a stamp has that is remembered.
const LENGTH: usize = 32;

thread_local! {
    /// Stamps that were read in this thread. Nothing but time depends on it.
    static RECENT: RefCell<[Option<Recent>; STAMPS]> = const { RefCell::new([None; STAMPS]) };
}

/// A stamp, all that its meaning depends on, and its meaning.
#[derive(Clone, Copy)]
struct Recent {
    text: [u8; LENGTH],
    length: usize,
    under: Under,
    reading: Reading,
}

/// What the meaning of a stamp depends on that states its year.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Under {
    /// By their addresses: both are there as long as the program.
    formats: *const [&'static [Item]],
    unset: *const [&'static str],
    zone: Zone,
    year: Year,
    order_setting: bool,
    order: DateOrder,
    device: Option<Tz>,
}

impl Under {
    #[inline]
    fn of(rule: &TimeRule<'static>, clock: &Clock) -> Self {
        let TimeRule { formats, zone, year, order_setting, either_order: _, unset } = *rule;
        Self { formats, unset, zone, year, order_setting, order: clock.order, device: clock.zone }
    }
}

/// As [`read`], which is asked only if the stamp was not read a moment ago.
///
/// # Errors
/// As [`read`].
pub fn read_again(rule: &TimeRule<'static>, text: &str, clock: &Clock) -> Result<Reading, Refusal> {
    let Some(tail) = text.as_bytes().last_chunk::<8>().filter(|_| text.len() <= LENGTH) else {
        return read(rule, text, clock);
    };
    // Fractions of a second hardly ever come again.
    if tail.contains(&b'.') {
        return read(rule, text, clock);
    }
    RECENT.with_borrow_mut(|recent| {
        let under = Under::of(rule, clock);
        let Some(place) = recent.get_mut(place(*tail, rule.formats) ^ clock.order as usize) else {
            return read(rule, text, clock);
        };
        if let Some(known) = place
            && known.text.get(..known.length) == Some(text.as_bytes())
            && known.under == under
        {
            return Ok(known.reading);
        }
        let reading = read(rule, text, clock)?;
        // Else the moment of receipt said which year it is.
        if !reading.assumed.year {
            let mut room = [0; LENGTH];
            if let Some(room) = room.get_mut(..text.len()) {
                room.copy_from_slice(text.as_bytes());
            }
            *place = Some(Recent { text: room, length: text.len(), under, reading });
        }
        Ok(reading)
    })
}

/// Where a stamp is remembered that ends so and is read by these formats, by the first of the orders of day and month: a record may have a
/// stamp twice, under two rules, and each may be read by two orders, one after the other.
#[expect(clippy::cast_possible_truncation, reason = "as many bits are left as a place has")]
#[inline]
fn place(tail: [u8; 8], formats: &'static [&'static [Item]]) -> usize {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mixed = (u64::from_le_bytes(tail) ^ formats.as_ptr().addr() as u64).wrapping_mul(ODD);
    (mixed >> (u64::BITS - STAMPS.ilog2())) as usize
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use chrono::TimeDelta;
    use proptest::prelude::{any, prop_assert_eq, proptest};
    use proptest::sample::select;

    use super::*;
    use crate::time::{epoch, parse_format};

    proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(30_000))]
        /// So many that stamps come again under a rule or clock that differs in one thing.
        #[test]
        fn a_stamp_means_again_what_it_means(
            text in select(vec!["03/12/2024:07:08:09", "Mar 14 07:08:09 2024", "Mar 14 07:08:09"]),
            zone in select(vec![Zone::Utc, Zone::Device]),
            year in select(vec![Year::Past, Year::Given(2021)]),
            unset in select(vec![&[][..], &["Mar 14 07:08:09 2024"]]),
            device in select(vec![None, Some(chrono_tz::Asia::Tokyo)]),
            order in select(vec![DateOrder::Auto, DateOrder::Dmy]),
            order_setting in any::<bool>(),
            days in select(vec![20_000, 10_000]),
        ) {
            static FORMATS: LazyLock<&[&[Item]]> = LazyLock::new(|| {
                let texts = ["%m/%d/%Y:%H:%M:%S", "%d/%m/%Y:%H:%M:%S", "%b %d %H:%M:%S %Y", "%b %d %H:%M:%S"];
                let leak = |text| &*parse_format(text).unwrap().leak();
                texts.map(leak).to_vec().leak()
            });
            let rule = TimeRule { formats: *FORMATS, zone, year, order_setting, either_order: false, unset };
            let clock = Clock { zone: device, order, received: epoch() + TimeDelta::days(days) };
            prop_assert_eq!(read_again(&rule, text, &clock), read(&rule, text, &clock));
        }
    }
}
