//! Which of the listed names have occurred in a record.

/// Names of a list, by their indices. None has occurred at first.
#[derive(Debug, Default)]
pub(super) struct Seen {
    few: [u64; 4],
    /// Bits for the names that `few` has no room for.
    more: Vec<u64>,
}

impl Seen {
    /// Notes the name with this index; whether it is the first time.
    #[inline]
    pub(super) fn first(&mut self, index: usize) -> bool {
        let bit = 1 << (index % 64);
        match self.few.get_mut(index / 64) {
            Some(word) => {
                let first = *word & bit == 0;
                *word |= bit;
                first
            }
            None => self.first_of_more(index / 64 - self.few.len(), bit),
        }
    }

    #[cold]
    fn first_of_more(&mut self, word: usize, bit: u64) -> bool {
        if self.more.len() <= word {
            self.more.resize(word + 1, 0);
        }
        self.more.get_mut(word).is_none_or(|word| {
            let first = *word & bit == 0;
            *word |= bit;
            first
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Seen;

    #[test]
    fn a_name_is_first_once() {
        let mut seen = Seen::default();
        for index in [0, 63, 64, 127, 128, 255, 256, 319, 500] {
            assert!(seen.first(index) && !seen.first(index), "{index}");
        }
        assert!(seen.first(1) && seen.first(129) && seen.first(257) && !seen.first(500));
    }
}
