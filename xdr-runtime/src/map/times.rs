//! Times.

use xdr_model::time::{self, Assumed, Clock, DateOrder, TimeRule, Zone};
use xdr_model::{Refusal, Token, Value};

use super::Mapper;
use crate::sink::{Reason, Sink};

/// The bytes of a date of two numbers and a year, with signs between them, and one more byte.
const DATE: usize = 11;

/// The fields that say what the text of a time leaves open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beside<'r> {
    /// Another stamp. If it states an offset other than zero, it holds here too: a device that writes an offset writes its own, one
    /// that writes UTC says nothing of its zone. An offset or a zone word that is all of the field always holds.
    pub zone: Option<u16>,
    /// The year, or a stamp that has one, where the text has none.
    pub year: Option<u16>,
    /// Other stamps. Of a text that means two days, the first of them that tells says which of day and month comes first.
    pub order: &'r [u16],
}

impl<'a, S: Sink<'a>, const N: usize> Mapper<'_, 'a, S, N> {
    /// A time.
    #[inline]
    pub fn time(&mut self, token: Token, slot: u16, row: u16, rule: &TimeRule<'static>) -> bool {
        self.has(slot) && self.time_in(token, slot, row, rule, &[])
    }

    /// A time of which other fields say what its text leaves open.
    pub fn time_beside(
        &mut self,
        token: Token,
        slot: u16,
        row: u16,
        rule: &TimeRule<'static>,
        beside: &Beside<'_>,
    ) -> bool {
        if !self.has(slot) {
            return false;
        }
        // Mostly nothing stands beside it.
        if !beside.zone.into_iter().chain(beside.year).any(|beside| self.has(beside)) {
            return self.time_in(token, slot, row, rule, beside.order);
        }
        let mut rule = *rule;
        let mut assumed = Assumed::default();
        if let Some(zone) = beside.zone {
            let stated = self.parts.slot(zone).decoded();
            let word = self.word_beside(&stated);
            assumed.word = word.is_some_and(|(_, several)| several);
            let own = time::bare_offset(&stated).or(word.map(|(offset, _)| offset));
            if let Some(offset) = own.or_else(|| time::stated_offset(&stated).filter(|offset| *offset != 0)) {
                rule.zone = Zone::Offset(offset);
            }
        }
        if let Some(year) = beside.year.and_then(|slot| time::year_beside(&self.parts.slot(slot).decoded())) {
            rule.year = year;
        }
        let is_read = self.time_in(token, slot, row, &rule, beside.order);
        if is_read && assumed.any() {
            self.sink.assumed(assumed);
        }
        is_read
    }

    /// The offset of a zone word, and whether the word names other zones too: then the run's zone, if it has one, says more than the word.
    fn word_beside(&self, text: &str) -> Option<(i32, bool)> {
        time::bare_word(text).filter(|(_, several)| !several || self.settings.clock.zone.is_none())
    }

    fn time_in(
        &mut self,
        token: Token,
        slot: u16,
        row: u16,
        rule: &TimeRule<'static>,
        order: &[u16],
    ) -> bool {
        let field = self.parts.slot(slot);
        if !field.has_value() {
            return false;
        }
        let text = field.decoded();
        let mut read = time::read(rule, &text, &self.settings.clock);
        if read.is_ok_and(|reading| reading.assumed.order)
            && let Some(order) = self.order_told(&text, order)
        {
            read = time::read(rule, &text, &Clock { order, ..self.settings.clock });
        }
        match read {
            Ok(reading) => {
                if reading.assumed.any() {
                    self.sink.assumed(reading.assumed);
                }
                self.put(token, Value::Timestamp(reading.time), slot, row)
            }
            Err(Refusal::UnsetTime) => false,
            Err(refusal) => self.refuse(token, slot, Reason::Refused(refusal)),
        }
    }

    /// The order of day and month that other stamps tell of a text, or else of each other: a device writes all its days in one order.
    fn order_told(&self, text: &str, stamps: &[u16]) -> Option<DateOrder> {
        let stamp = |slot: &u16| self.parts.slot(*slot).decoded();
        let present = || stamps.iter().filter(|slot| self.has(**slot));
        // A stamp of the same day in the same form tells no more than the text, which does not tell.
        let date = text.as_bytes().first_chunk::<DATE>();
        let is_same = |stamp: &str| date.is_some_and(|date| stamp.as_bytes().starts_with(date));
        let mut has_others = false;
        for slot in present() {
            let stamp = stamp(slot);
            if is_same(&stamp) {
                continue;
            }
            let (order, is_ordered) = time::told_beside(text, &stamp);
            if order.is_some() {
                return order;
            }
            has_others |= !is_ordered;
        }
        if !has_others {
            return None;
        }
        // What stamps of this form tell, they tell of every text: only others say more of another one.
        let told = |text: &str| {
            present().find_map(|slot| match time::told_beside(text, &stamp(slot)) {
                (order, false) => order,
                (_, true) => None,
            })
        };
        present().find_map(|slot| told(&stamp(slot)))
    }
}
