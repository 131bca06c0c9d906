//! Choices: random ones, the same for a seed, and a count of what was chosen, so that every alternative has its turn.

use std::collections::BTreeMap;

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// How often an alternative was tried and how often a record came of it.
#[derive(Clone, Debug, Default)]
struct Tally {
    made: u32,
    failed: u32,
    /// How often it did not suit the place that it was tried for.
    unfit: u32,
    /// Why it failed, the last time.
    why: String,
}

/// An alternative that no record was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Never {
    /// The place of the spec where there is something to choose.
    pub site: String,
    /// Which of the alternatives, from 0.
    pub option: usize,
    /// How often it was tried.
    pub tries: u32,
    /// Why it failed, the last time.
    pub why: String,
}

/// Why an alternative was never used that was not even tried in a whole record.
const UNFIT: &str = "no place that the field is written at can hold it";

/// Makes the choices of a run.
#[derive(Debug)]
pub(super) struct Chooser {
    rng: Pcg64Mcg,
    tallies: BTreeMap<String, Vec<Tally>>,
    pending: Vec<(String, usize)>,
}

impl Chooser {
    pub(super) fn new(seed: u64) -> Self {
        Self { rng: Pcg64Mcg::seed_from_u64(seed), tallies: BTreeMap::new(), pending: Vec::new() }
    }

    /// A number below `count`; 0 if there is none.
    pub(super) fn below(&mut self, count: usize) -> usize {
        let wide = u128::from(self.rng.next_u64()) * (count as u128);
        usize::try_from(wide >> 64).unwrap_or_default()
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn within(&mut self, low: i64, high: i64) -> i64 {
        let span = high.saturating_sub(low).saturating_add(1).max(1);
        low.saturating_add(
            i64::try_from(self.below(usize::try_from(span).unwrap_or(usize::MAX))).unwrap_or(0),
        )
    }

    /// True once in so many times.
    pub(super) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of the members; the first if there is no other.
    pub(super) fn pick<'t, T>(&mut self, members: &'t [T]) -> Option<&'t T> {
        let index = self.below(members.len());
        members.get(index)
    }

    /// One of several words.
    pub(super) fn word<'t>(&mut self, words: &[&'t str]) -> &'t str {
        self.pick(words).copied().unwrap_or_default()
    }

    /// Puts the members into another order.
    pub(super) fn shuffle<T>(&mut self, members: &mut [T]) {
        for index in (1..members.len()).rev() {
            let other = self.below(index + 1);
            members.swap(index, other);
        }
    }

    /// One of `count` alternatives of a site: mostly one that was tried least, so that none is left out.
    pub(super) fn choose(&mut self, site: &str, count: usize) -> usize {
        self.choose_of(site, count, |_| true)
    }

    /// As [`Self::choose`], of those that suit, if any does.
    pub(super) fn choose_of(&mut self, site: &str, count: usize, suits: impl Fn(usize) -> bool) -> usize {
        if count < 2 {
            return 0;
        }
        let some = (0..count).any(&suits);
        let suits = |option: &usize| !some || suits(*option);
        let free = self.once_in(4);
        let random = self.below(count);
        // The options from a random one on, and round.
        let options = || (0..count).map(|step| (random + step) % count).filter(suits);
        if !self.tallies.contains_key(site) {
            self.tallies.insert(site.to_owned(), Vec::new());
        }
        let Some(tallies) = self.tallies.get_mut(site) else { return options().next().unwrap_or(random) };
        if tallies.len() < count {
            tallies.resize_with(count, Tally::default);
        }
        let tries = |tally: &Tally| tally.made.saturating_add(tally.failed).saturating_add(tally.unfit);
        let least = options().filter_map(|option| tallies.get(option)).map(tries).min().unwrap_or_default();
        let is_least = |option: &usize| tallies.get(*option).is_some_and(|tally| tries(tally) == least);
        let option = options().find(|option| free || is_least(option)).unwrap_or(random);
        self.pending.push((site.to_owned(), option));
        option
    }

    /// Counts the choices since the last call as those of a record, or of a failure.
    pub(super) fn settle(&mut self, failure: Option<&str>) {
        for (site, option) in std::mem::take(&mut self.pending) {
            let tally = self.tallies.get_mut(&site).and_then(|tallies| tallies.get_mut(option));
            if let Some(tally) = tally {
                match failure {
                    None => tally.made += 1,
                    Some(why) => {
                        tally.failed += 1;
                        why.clone_into(&mut tally.why);
                    }
                }
            }
        }
    }

    /// Takes back the choices that were made since there were `mark` of them: what they made does not suit its place.
    pub(super) fn forget(&mut self, mark: usize) {
        for (site, option) in self.pending.drain(mark.min(self.pending.len())..) {
            if let Some(tally) = self.tallies.get_mut(&site).and_then(|tallies| tallies.get_mut(option)) {
                tally.unfit += 1;
            }
        }
    }

    /// How many choices were made for the record at hand.
    pub(super) fn mark(&self) -> usize {
        self.pending.len()
    }

    /// The alternatives that were tried and of which no record came.
    pub(super) fn never(&self) -> Vec<Never> {
        let all = self.tallies.iter().flat_map(|(site, tallies)| {
            let failed = tallies
                .iter()
                .enumerate()
                .filter(|(_, tally)| tally.made == 0 && tally.failed + tally.unfit > 0);
            failed.map(|(option, tally)| Never {
                site: site.clone(),
                option,
                tries: tally.failed + tally.unfit,
                why: if tally.failed == 0 { UNFIT.to_owned() } else { tally.why.clone() },
            })
        });
        all.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alternative_has_its_turn() {
        let mut choose = Chooser::new(7);
        let mut seen = [0; 5];
        for _ in 0..50 {
            seen[choose.choose("a", 5)] += 1;
            choose.settle(None);
        }
        assert!(seen.iter().all(|count| *count >= 5), "{seen:?}");
        assert_eq!(choose.never(), []);
    }

    #[test]
    fn of_the_alternatives_that_suit_each_has_its_turn_and_of_others_none() {
        let mut choose = Chooser::new(7);
        let mut seen = [0; 5];
        for _ in 0..60 {
            seen[choose.choose_of("a", 5, |option| option % 2 == 1)] += 1;
            choose.settle(None);
        }
        assert!(seen[1] >= 20 && seen[3] >= 20 && seen[1] + seen[3] == 60, "{seen:?}");
        // Where none suits, all do.
        assert!((0..60).map(|_| choose.choose_of("b", 3, |_| false)).any(|option| option == 2));
    }

    #[test]
    fn what_never_succeeds_is_told() {
        let mut choose = Chooser::new(7);
        for _ in 0..20 {
            let option = choose.choose("a", 2);
            choose.settle((option == 1).then_some("taken"));
        }
        let never = choose.never();
        assert_eq!(never.len(), 1);
        assert_eq!((never[0].site.as_str(), never[0].option, never[0].why.as_str()), ("a", 1, "taken"));
    }

    #[test]
    fn numbers_stay_within_their_bounds() {
        let mut choose = Chooser::new(1);
        for _ in 0..1000 {
            assert!((-3..=4).contains(&choose.within(-3, 4)));
            assert!(choose.below(3) < 3);
        }
        assert_eq!(choose.below(0), 0);
    }
}
