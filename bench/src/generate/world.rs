//! The estate whose logs are written: its clock, its people, its addresses.

use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};

use crate::rng::Rng;

/// Names of people; numbers behind them make more.
const NAMES: [&str; 16] = [
    "kim", "lee", "robin", "sam", "alex", "omar", "jo", "maria", "chen", "ivan", "fatima", "olu", "priya",
    "lars", "ana", "yuki",
];

/// What happens when and to whom.
#[derive(Debug)]
pub struct World {
    /// Chance.
    pub rng: Rng,
    /// The time of the record at hand.
    pub now: DateTime<Utc>,
    /// A number that grows with each record, for ids of connections.
    pub serial: u64,
}

impl World {
    /// The estate at noon of 12 March 2024. The same seed gives the same days. From the 13th on a date has one order of day and
    /// month only.
    pub fn new(seed: u64) -> Self {
        let now = DateTime::from_timestamp(1_710_244_800, 0).unwrap_or_default();
        Self { rng: Rng::new(seed), now, serial: 900_000 }
    }

    /// Goes on to the next record: a busy estate has several in a second.
    pub fn tick(&mut self) {
        self.serial += self.rng.range(1, 9);
        self.now += TimeDelta::milliseconds(i64::try_from(self.rng.range(0, 900)).unwrap_or(0));
    }

    /// A moment so many seconds ago, at most.
    pub fn earlier(&mut self, seconds: u64) -> DateTime<Utc> {
        self.now - TimeDelta::seconds(i64::try_from(self.rng.range(1, seconds)).unwrap_or(1))
    }

    /// A name of an account.
    pub fn user(&mut self) -> String {
        let name = self.rng.pick(&NAMES);
        match self.rng.range(0, 40) {
            0 => name.to_owned(),
            number => format!("{name}{number}"),
        }
    }

    /// An address of the internet, from the ranges kept for documentation.
    pub fn outside(&mut self) -> String {
        let network = self.rng.pick(&["192.0.2", "198.51.100", "203.0.113"]);
        format!("{network}.{}", self.rng.range(1, 255))
    }

    /// An address of the estate.
    pub fn inside(&mut self) -> String {
        let [a, b, c] = [self.rng.range(0, 64), self.rng.range(0, 256), self.rng.range(1, 255)];
        format!("10.{a}.{b}.{c}")
    }

    /// An address of version 6, in its short form.
    pub fn outside6(&mut self) -> String {
        format!("2001:db8::{:x}:{:x}", self.rng.range(1, 0x1_0000), self.rng.range(1, 0x1_0000))
    }

    /// The port that a client takes.
    pub fn client_port(&mut self) -> u64 {
        self.rng.range(49_152, 65_536)
    }

    /// The port of a service.
    pub fn service_port(&mut self) -> u64 {
        self.rng.weighted(&[(60, 443), (15, 53), (8, 80), (5, 3389), (5, 445), (4, 22), (3, 8443)])
    }

    /// Hexadecimal digits.
    pub fn hex(&mut self, digits: usize) -> String {
        let mut out = String::with_capacity(digits + 16);
        while out.len() < digits {
            let _ = write!(out, "{:016x}", self.rng.bits());
        }
        out.truncate(digits);
        out
    }

    /// A UUID of version 4.
    pub fn uuid(&mut self) -> String {
        let [high, low] = [self.rng.bits(), self.rng.bits()];
        let variant = 0x8000 | (low >> 48 & 0x3fff);
        format!(
            "{:08x}-{:04x}-4{:03x}-{variant:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xfff,
            low & 0xffff_ffff_ffff
        )
    }

    /// A browser or client as it names itself.
    pub fn user_agent(&mut self) -> &'static str {
        self.rng.pick(&[
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36",
            "Mozilla/5.0 (X11; Linux x86_64; rv:123.0) Gecko/20100101 Firefox/123.0",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.3 Safari/605.1.15",
            "CitrixReceiver/23.11.1.197 Windows/10.0 (22H2 Build 19045) SelfService/23.11.1.197 X1Class CWACapable",
        ])
    }
}
