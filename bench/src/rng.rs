//! A small generator of pseudo-random numbers (`SplitMix64`), so that a seed means the same records with every version of
//! every dependency.

/// The state of the generator.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A generator that starts from this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` up to, not including, `high`.
    pub fn range(&mut self, low: u64, high: u64) -> u64 {
        // The bias of the remainder is far below what a benchmark could notice.
        low + self.bits() % high.saturating_sub(low).max(1)
    }

    /// Whether something happens that happens in so many of a hundred cases.
    pub fn percent(&mut self, of_hundred: u64) -> bool {
        self.range(0, 100) < of_hundred
    }

    /// A number whose magnitude varies: most are small, some have many digits, as byte counts do.
    pub fn spread(&mut self, digits: u64) -> u64 {
        let bound = 10_u64.pow(u32::try_from(self.range(1, digits + 1)).unwrap_or(1));
        self.range(0, bound)
    }

    /// One of the words.
    ///
    /// # Panics
    /// If there are none.
    pub fn pick<'w, T: ?Sized>(&mut self, words: &[&'w T]) -> &'w T {
        words[usize::try_from(self.range(0, words.len() as u64)).unwrap_or(0)]
    }

    /// One of the choices, each as often as its weight says.
    ///
    /// # Panics
    /// If there are none.
    pub fn weighted<T: Copy>(&mut self, choices: &[(u64, T)]) -> T {
        let total = choices.iter().map(|(weight, _)| weight).sum();
        let mut at = self.range(0, total);
        for (weight, choice) in choices {
            if at < *weight {
                return *choice;
            }
            at -= weight;
        }
        choices[choices.len() - 1].1
    }
}
