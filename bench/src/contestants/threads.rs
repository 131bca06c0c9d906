//! What a second thread brings: the program, and the copying of lines, which shows what the machine can do.

use std::hint::black_box;
use std::path::Path;
use std::thread;

use super::program::Program;
use crate::contestant::{Check, Contestant};
use crate::corpus::Corpus;

/// The program with one thread and with two, copying with one and with two, in this order.
///
/// # Errors
/// If the program cannot be run, or has no option for threads.
pub fn threads(program: &Path) -> Result<Vec<Box<dyn Contestant>>, String> {
    Ok(vec![
        Box::new(Program::with_threads(program, "xdr 1 thread", "1")?),
        Box::new(Program::with_threads(program, "xdr 2 threads", "2")?),
        Box::new(Copies { name: "memcpy 1 thread", threads: 1 }),
        Box::new(Copies { name: "memcpy 2 threads", threads: 2 }),
    ])
}

/// Finds and copies lines, each thread those of its share.
struct Copies {
    name: &'static str,
    threads: usize,
}

impl Contestant for Copies {
    fn name(&self) -> &'static str {
        self.name
    }

    fn note(&self) -> &'static str {
        "finds and copies the lines, in memory"
    }

    fn check(&mut self) -> Check<'_> {
        let threads = self.threads;
        Check::Own(Box::new(move |corpus| {
            let copied: Vec<u8> = shares(&corpus.bytes, threads).into_iter().flatten().copied().collect();
            if copied == corpus.bytes { Ok(()) } else { Err("the shares are not the whole".to_owned()) }
        }))
    }

    fn run(&mut self, corpus: &Corpus) -> Result<u64, String> {
        let shares = shares(&corpus.bytes, self.threads);
        Ok(thread::scope(|scope| {
            let copies: Vec<_> = shares.into_iter().map(|share| scope.spawn(move || copy(share))).collect();
            copies.into_iter().map(|copy| copy.join().unwrap_or(0)).sum()
        }))
    }
}

/// The bytes in so many pieces of about the same length, each of whole lines.
fn shares(bytes: &[u8], count: usize) -> Vec<&[u8]> {
    let (mut rest, mut shares) = (bytes, Vec::new());
    for left in (2..=count).rev() {
        let half = rest.len() / left;
        let end = memchr::memchr(b'\n', &rest[half..]).map_or(rest.len(), |at| half + at + 1);
        let (share, others) = rest.split_at(end);
        shares.push(share);
        rest = others;
    }
    shares.push(rest);
    shares
}

fn copy(share: &[u8]) -> u64 {
    let (mut out, mut start, mut copied) = (Vec::with_capacity(128 * 1024), 0, 0);
    for end in memchr::memchr_iter(b'\n', share) {
        out.extend_from_slice(&share[start..=end]);
        start = end + 1;
        if out.len() >= 64 * 1024 {
            copied += out.len() as u64;
            black_box(&mut out).clear();
        }
    }
    copied + out.len() as u64
}

#[cfg(test)]
mod tests {
    use super::{copy, shares};

    #[test]
    fn shares_are_whole_lines_and_all_of_them() {
        let lines = b"one\ntwo\nthree\nfour\n";
        assert_eq!(shares(lines, 1), [&lines[..]]);
        assert_eq!(shares(lines, 2), [&b"one\ntwo\nthree\n"[..], b"four\n"]);
        for count in 1..6 {
            assert_eq!(shares(lines, count).concat(), lines);
            assert_eq!(shares(lines, count).into_iter().map(copy).sum::<u64>(), lines.len() as u64);
        }
    }
}
