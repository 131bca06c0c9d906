//! Chance that can be had again.

/// Numbers that are the same in each run of a seed, and look like chance.
pub(crate) struct Chance(u64);

impl Chance {
    /// The seed is `XDR_SEED`, or the time.
    pub(crate) fn new() -> Self {
        let time = std::time::UNIX_EPOCH.elapsed().unwrap().subsec_nanos();
        let seed = std::env::var("XDR_SEED").map_or(u64::from(time), |seed| seed.parse().unwrap());
        eprintln!("XDR_SEED={seed}");
        Self(seed | 1)
    }

    /// A number below this one.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}
