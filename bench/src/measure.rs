//! Interleaved rounds: each contestant has its turn in each round, so that what disturbs the machine disturbs all of them.

use std::time::{Duration, Instant};

use crate::contestant::Contestant;
use crate::corpus::Corpus;

/// The rounds of one contestant, in seconds.
#[derive(Clone, Debug)]
pub struct Rounds(Vec<f64>);

impl Rounds {
    /// Of these times. They are put in order.
    pub fn new(mut seconds: Vec<f64>) -> Self {
        seconds.sort_by(f64::total_cmp);
        Self(seconds)
    }

    /// All of them, the fastest first.
    pub fn seconds(&self) -> &[f64] {
        &self.0
    }

    /// The one in the middle; of an even number the mean of the two.
    pub fn median(&self) -> f64 {
        let middle = self.0.len() / 2;
        match self.0.len() {
            0 => f64::NAN,
            count if count % 2 == 1 => self.0[middle],
            _ => f64::midpoint(self.0[middle - 1], self.0[middle]),
        }
    }

    /// The fastest.
    pub fn fastest(&self) -> f64 {
        self.0.first().copied().unwrap_or(f64::NAN)
    }

    /// The slowest.
    pub fn slowest(&self) -> f64 {
        self.0.last().copied().unwrap_or(f64::NAN)
    }
}

/// Times the contestants, each once a round, in turn.
///
/// # Errors
/// If one of them fails.
pub fn measure(
    corpus: &Corpus,
    contestants: &mut [&mut Box<dyn Contestant>],
    rounds: usize,
) -> Result<Vec<Rounds>, String> {
    let mut seconds = vec![Vec::with_capacity(rounds); contestants.len()];
    for _ in 0..rounds {
        for (contestant, seconds) in contestants.iter_mut().zip(&mut seconds) {
            let turn = turn(corpus, contestant.as_mut());
            seconds.push(turn.map_err(|error| format!("{}: {error}", contestant.name()))?);
        }
    }
    Ok(seconds.into_iter().map(Rounds::new).collect())
}

/// The shortest turn: what is faster goes through the records again, so that the clock and a single disturbance count less.
const TURN: Duration = Duration::from_millis(60);

/// The seconds that it takes to go through the records once.
fn turn(corpus: &Corpus, contestant: &mut dyn Contestant) -> Result<f64, String> {
    let started = Instant::now();
    let mut times = 0_u32;
    while times == 0 || started.elapsed() < TURN {
        contestant.run(corpus)?;
        times += 1;
    }
    Ok(started.elapsed().as_secs_f64() / f64::from(times))
}

#[cfg(test)]
mod tests {
    use super::Rounds;

    #[test]
    fn the_median_stands_in_the_middle() {
        let odd = Rounds::new(vec![3.0, 1.0, 2.0]);
        assert_eq!((odd.fastest(), odd.median(), odd.slowest()).to_owned(), (1.0, 2.0, 3.0));
        assert!((Rounds::new(vec![4.0, 1.0]).median() - 2.5).abs() < 1e-9);
    }
}
