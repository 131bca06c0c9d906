//! What no reader of lines can be faster than: finding the line breaks, copying the lines, proving that they are UTF-8.

use std::hint::black_box;

use crate::contestant::{Check, Contestant, Mapper};
use crate::corpus::Corpus;

/// One of the limits.
pub(super) struct Limit {
    name: &'static str,
    note: &'static str,
    run: fn(&Corpus) -> u64,
    check: fn(&Corpus) -> Result<(), String>,
}

/// All of them.
pub(super) fn all() -> [Limit; 3] {
    [
        Limit { name: "memchr", note: "finds the line breaks", run: line_breaks, check: check_line_breaks },
        Limit { name: "memcpy", note: "finds and copies the lines", run: copy, check: check_copy },
        Limit { name: "utf8", note: "proves that all is UTF-8", run: utf8, check: check_utf8 },
    ]
}

impl Contestant for Limit {
    fn name(&self) -> &'static str {
        self.name
    }

    fn note(&self) -> &'static str {
        self.note
    }

    fn check(&mut self) -> Check<'_> {
        Check::Whole(self.check)
    }

    fn run(&mut self, corpus: &Corpus) -> Result<u64, String> {
        Ok(black_box((self.run)(corpus)))
    }
}

fn line_breaks(corpus: &Corpus) -> u64 {
    memchr::memchr_iter(b'\n', &corpus.bytes).fold(0, |sum, at| sum ^ at as u64)
}

fn check_line_breaks(corpus: &Corpus) -> Result<(), String> {
    let slow = corpus.bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let slow = slow.fold(0, |sum, (at, _)| sum ^ at as u64);
    if slow == line_breaks(corpus) { Ok(()) } else { Err("other line breaks".to_owned()) }
}

/// Copies lines with their breaks.
struct Copy;

impl Mapper for Copy {
    fn map(&mut self, record: &[u8], _: u64, out: &mut Vec<u8>) -> Result<(), String> {
        out.extend_from_slice(record);
        out.push(b'\n');
        Ok(())
    }
}

fn copy(corpus: &Corpus) -> u64 {
    crate::contestant::Mapping::new("memcpy", "", Copy).run(corpus).unwrap_or(0)
}

fn check_copy(corpus: &Corpus) -> Result<(), String> {
    let mut out = Vec::with_capacity(corpus.bytes.len());
    for (position, record) in corpus.lines() {
        Copy.map(record, position, &mut out)?;
    }
    if out == corpus.bytes { Ok(()) } else { Err("the copy differs".to_owned()) }
}

fn utf8(corpus: &Corpus) -> u64 {
    std::str::from_utf8(black_box(&corpus.bytes)).map_or(0, |text| text.len() as u64)
}

fn check_utf8(corpus: &Corpus) -> Result<(), String> {
    if utf8(corpus) == corpus.bytes.len() as u64 { Ok(()) } else { Err("not UTF-8".to_owned()) }
}
