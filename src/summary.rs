//! The account of a run, for people: how many records became what, and why not more.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use xdr_model::Token;
use xdr_runtime::engine::Outcome;
use xdr_runtime::record::Status;

use crate::text::{bytes, columns, count, grouped, shown};

/// How many different reasons are counted apart. Reasons may quote a record, so there is no end to them by nature.
const REASONS: usize = 1000;
/// How many reasons are shown.
const TOP: usize = 10;

/// The counts of a run. `mapped + partial + rejected` is the number of records.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    pub(crate) mapped: u64,
    pub(crate) partial: u64,
    pub(crate) rejected: u64,
    /// Lines without a record: blank ones, and empty arrays.
    pub(crate) blank: u64,
    /// Bytes of input, unpacked.
    pub(crate) bytes: u64,
    issues: u64,
    with_issues: u64,
    assumed_zone: u64,
    assumed_word: u64,
    assumed_clock: u64,
    assumed_year: u64,
    assumed_order: u64,
    reasons: BTreeMap<(Option<Token>, String), u64>,
    rejects: BTreeMap<&'static str, u64>,
}

impl Summary {
    /// How many records were read.
    pub(crate) fn records(&self) -> u64 {
        self.mapped + self.partial + self.rejected
    }

    /// Counts a record.
    pub(crate) fn add(&mut self, outcome: Outcome) {
        match outcome.status {
            Some(Status::Mapped) => self.mapped += 1,
            Some(Status::Partial) => self.partial += 1,
            Some(Status::Rejected) | None => self.rejected += 1,
        }
        self.assumed_zone += u64::from(outcome.assumed.zone);
        self.assumed_word += u64::from(outcome.assumed.word);
        self.assumed_clock += u64::from(outcome.assumed.clock);
        self.assumed_year += u64::from(outcome.assumed.year);
        self.assumed_order += u64::from(outcome.assumed.order);
        self.with_issues += u64::from(!outcome.issues.is_empty());
        for issue in outcome.issues {
            self.issues += 1;
            if self.reasons.len() < REASONS || self.reasons.contains_key(&issue) {
                *self.reasons.entry(issue).or_default() += 1;
            }
        }
        if let Some(reason) = outcome.reject {
            *self.rejects.entry(reason).or_default() += 1;
        }
    }

    /// Counts a reject that the source was not asked about.
    pub(crate) fn reject(&mut self, reason: &'static str) {
        self.rejected += 1;
        *self.rejects.entry(reason).or_default() += 1;
    }

    /// Prints the account of a run over `source` that took so long.
    ///
    /// # Errors
    /// Those of `to`.
    pub(crate) fn print(&self, to: &mut dyn Write, source: &str, took: Duration) -> io::Result<()> {
        let records = self.records();
        let seconds = took.as_secs_f64().max(1e-6);
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "rates are shown roughly"
        )]
        let rate = |number: u64| (number as f64 / seconds) as u64;
        writeln!(
            to,
            "{source}: {}, {} in {seconds:.2} s ({}/s, {}/s)",
            count(records, "record"),
            bytes(self.bytes),
            bytes(rate(self.bytes)),
            count(rate(records), "record"),
        )?;
        self.counts(to)?;
        let issues = self.reasons.iter().map(|((token, reason), times)| {
            let token = token.map_or("", Token::name);
            (*times, [token.to_owned(), shown(reason, 100)])
        });
        top(
            to,
            &format!("{} in {}", count(self.issues, "issue"), count(self.with_issues, "record")),
            self.issues,
            issues,
        )?;
        let rejects =
            self.rejects.iter().map(|(reason, times)| (*times, [String::new(), shown(reason, 100)]));
        top(to, &count(self.rejected, "reject"), self.rejected, rejects)?;
        self.assumptions(to)
    }

    fn counts(&self, to: &mut dyn Write) -> io::Result<()> {
        let records = self.records();
        let row = |name: &str, number: u64| {
            let share = match records {
                0 => String::new(),
                // In tenths of a percent; 128 bits because 1000 × a count may pass 64.
                all => {
                    let share = u128::from(number) * 1000 / u128::from(all);
                    format!("{:>3}.{} %", share / 10, share % 10)
                }
            };
            [format!("  {name}"), format!("{:>12}", grouped(number)), share]
        };
        let mut rows =
            vec![row("mapped", self.mapped), row("partial", self.partial), row("rejected", self.rejected)];
        if self.blank > 0 {
            let note = "  skipped, not records".to_owned();
            rows.push(["  blank".to_owned(), format!("{:>12}", grouped(self.blank)), note]);
        }
        lines(to, &columns(&rows))
    }

    fn assumptions(&self, to: &mut dyn Write) -> io::Result<()> {
        for (number, what) in [
            (self.assumed_zone, "UTC, as no zone was stated (see --zone)"),
            (self.assumed_word, "the usual meaning of a zone word such as IST or CST (see --zone)"),
            (self.assumed_clock, "one moment for an hour that the zone's clock showed twice or skipped"),
            (self.assumed_year, "a year by the moment of receipt (see --received-at)"),
            (self.assumed_order, "the source's order of day and month (see --date-order)"),
        ] {
            if number > 0 {
                writeln!(to, "  times of {} assume {what}", count(number, "record"))?;
            }
        }
        Ok(())
    }
}

/// The most frequent of the reasons, under a heading.
fn top(
    to: &mut dyn Write,
    heading: &str,
    all: u64,
    reasons: impl Iterator<Item = (u64, [String; 2])>,
) -> io::Result<()> {
    if all == 0 {
        return Ok(());
    }
    writeln!(to, "  {heading}")?;
    let mut reasons: Vec<_> = reasons.collect();
    // Stable, so equal counts stay in the order of the map.
    reasons.sort_by_key(|(times, _)| std::cmp::Reverse(*times));
    reasons.truncate(TOP);
    let told: u64 = reasons.iter().map(|(times, _)| times).sum();
    let mut rows: Vec<[String; 2]> = Vec::new();
    for (times, [token, reason]) in reasons {
        let times = format!("{:>12}", grouped(times));
        rows.push(if token.is_empty() { [times, reason] } else { [times, format!("{token}: {reason}")] });
    }
    if told < all {
        rows.push([format!("{:>12}", grouped(all - told)), "for other reasons".to_owned()]);
    }
    lines(to, &columns(&rows))
}

fn lines(to: &mut dyn Write, lines: &[String]) -> io::Result<()> {
    lines.iter().try_for_each(|line| writeln!(to, "{line}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use xdr_runtime::sink::Assumed;

    fn printed(summary: &Summary) -> String {
        let mut out = Vec::new();
        summary.print(&mut out, "acme-vpn", Duration::from_secs(2)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn records_issues_rejects_and_assumptions_are_counted() {
        let mut summary = Summary { bytes: 4096, blank: 2, ..Summary::default() };
        for number in 0..1198 {
            let issues = match number {
                0 => vec![
                    (Some(Token::SourceIpv4), "not an IPv4 address".to_owned()),
                    (None, "repeated key".to_owned()),
                ],
                1 => vec![(Some(Token::SourceIpv4), "not an IPv4 address".to_owned())],
                _ => Vec::new(),
            };
            let assumed = Assumed { zone: number < 3, ..Assumed::default() };
            summary.add(Outcome { status: Some(Status::Mapped), issues, assumed, ..Outcome::default() });
        }
        summary.add(Outcome { status: Some(Status::Partial), ..Outcome::default() });
        summary.add(Outcome {
            status: Some(Status::Rejected),
            reject: Some("no header"),
            ..Outcome::default()
        });
        assert_eq!(
            printed(&summary),
            "\
acme-vpn: 1,200 records, 4.0 KiB in 2.00 s (2.0 KiB/s, 600 records/s)
  mapped           1,198   99.8 %
  partial              1    0.0 %
  rejected             1    0.0 %
  blank                2    skipped, not records
  3 issues in 2 records
           2  sourceIpv4: not an IPv4 address
           1  repeated key
  1 reject
           1  no header
  times of 3 records assume UTC, as no zone was stated (see --zone)
"
        );
    }

    #[test]
    fn reasons_without_end_are_counted_together() {
        let mut summary = Summary::default();
        for number in 0..REASONS + 50 {
            let issues = vec![(None, format!("unknown time zone `Q{number}`"))];
            summary.add(Outcome { status: Some(Status::Mapped), issues, ..Outcome::default() });
        }
        assert_eq!(summary.reasons.len(), REASONS);
        assert!(
            printed(&summary)
                .contains(&format!("{:>12}  for other reasons", grouped((REASONS + 50 - TOP) as u64)))
        );
    }

    #[test]
    fn an_empty_run_prints_no_shares() {
        let text = printed(&Summary::default());
        assert!(text.starts_with("acme-vpn: 0 records, 0 B in 2.00 s") && !text.contains('%'), "{text}");
    }
}
