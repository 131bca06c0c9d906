//! How often each reason was given: counted apart in the order in which reasons came first, up to a limit.
//!
//! Counting a reason that is known allocates nothing, and one that was cleared stays known: a thread that counts block after
//! block meets the same few reasons in each.

use std::collections::BTreeMap;

use xdr_model::Token;

/// How many reasons of cleared counts are remembered.
const REMEMBERED: usize = 2000;

/// Counts of issues, by the token they are about, if any, and their reason.
#[derive(Debug, Default)]
pub(crate) struct Reasons {
    /// The number of each reason, an index into `counts`.
    numbers: BTreeMap<Option<Token>, BTreeMap<Box<str>, usize>>,
    counts: Vec<Count>,
    /// The numbers of the reasons whose count is not 0, in the order in which they were counted first.
    order: Vec<usize>,
}

#[derive(Debug)]
struct Count {
    token: Option<Token>,
    reason: Box<str>,
    times: u64,
}

impl Reasons {
    /// Counts a reason so many times, unless it is new and `most` were counted already.
    pub(crate) fn count(&mut self, token: Option<Token>, reason: &str, times: u64, most: usize) {
        let known = self.numbers.get(&token).and_then(|of| of.get(reason)).copied();
        let number = match known {
            Some(number) => number,
            None if self.order.len() < most => {
                let number = self.counts.len();
                self.numbers.entry(token).or_default().insert(reason.into(), number);
                self.counts.push(Count { token, reason: reason.into(), times: 0 });
                number
            }
            None => return,
        };
        let Some(count) = self.counts.get_mut(number) else { return };
        if count.times == 0 {
            if self.order.len() >= most {
                return;
            }
            self.order.push(number);
        }
        count.times += times;
    }

    /// What was counted, in the order in which it came first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Option<Token>, &str, u64)> {
        self.order
            .iter()
            .filter_map(|number| self.counts.get(*number))
            .map(|count| (count.token, &*count.reason, count.times))
    }

    /// Sets all counts to 0.
    pub(crate) fn clear(&mut self) {
        if self.counts.len() > REMEMBERED {
            *self = Self::default();
            return;
        }
        for number in self.order.drain(..) {
            if let Some(count) = self.counts.get_mut(number) {
                count.times = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(reasons: &Reasons) -> Vec<(Option<Token>, &str, u64)> {
        reasons.iter().collect()
    }

    #[test]
    fn reasons_are_counted_in_the_order_in_which_they_came() {
        let mut reasons = Reasons::default();
        for (token, reason) in
            [(None, "b"), (Some(Token::SourcePort), "a"), (None, "a"), (None, "b"), (None, "c")]
        {
            reasons.count(token, reason, 1, 3);
        }
        assert_eq!(counted(&reasons), [(None, "b", 2), (Some(Token::SourcePort), "a", 1), (None, "a", 1)]);
    }

    #[test]
    fn after_clearing_the_order_is_a_new_one() {
        let mut reasons = Reasons::default();
        for reason in ["a", "b"] {
            reasons.count(None, reason, 1, 9);
        }
        reasons.clear();
        assert_eq!(counted(&reasons), []);
        for reason in ["c", "b", "a"] {
            reasons.count(None, reason, 2, 2);
        }
        assert_eq!(counted(&reasons), [(None, "c", 2), (None, "b", 2)]);
    }

    #[test]
    fn reasons_without_end_are_forgotten() {
        let mut reasons = Reasons::default();
        for round in 0..50 {
            for number in 0..100 {
                reasons.count(None, &format!("{round}.{number}"), 1, usize::MAX);
            }
            assert_eq!(reasons.iter().count(), 100);
            reasons.clear();
            assert!(reasons.counts.len() <= REMEMBERED);
        }
    }
}
