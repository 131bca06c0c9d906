//! The account of a run, for people: how many records became what, and why not more.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::Duration;

use xdr_model::Token;
use xdr_runtime::engine::Outcome;
use xdr_runtime::record::Status;
use xdr_runtime::sink::Reason;

use crate::reasons::Reasons;
use crate::text::{bytes, columns, count, grouped, shown};

/// How many different reasons are counted apart. Reasons may quote a record, so there is no end to them by nature.
pub(crate) const REASONS: usize = 1000;
/// How many reasons are shown.
const TOP: usize = 10;

/// The counts of a run, or of a part of it. `mapped + partial + rejected` is the number of records.
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
    reasons: Reasons,
    /// Reasons of rejects; there are few, and most runs meet one or two of them.
    rejects: Vec<(&'static str, u64)>,
    /// Room for a reason that has to be put into words.
    text: String,
}

impl Summary {
    /// How many records were read.
    pub(crate) fn records(&self) -> u64 {
        self.mapped + self.partial + self.rejected
    }

    /// Counts a record; says whether it is a reject. `most` reasons of issues are counted apart. Nothing else of the program
    /// looks into an [`Outcome`].
    pub(crate) fn add(&mut self, outcome: &Outcome, most: usize) -> bool {
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
        for (token, reason) in &outcome.issues {
            self.issues += 1;
            match reason {
                Reason::Other(text) => self.reasons.count(*token, text, 1, most),
                Reason::Refused(refusal) => {
                    self.text.clear();
                    // Writing to a string does not fail.
                    let _ = write!(self.text, "{refusal}");
                    self.reasons.count(*token, &self.text, 1, most);
                }
            }
        }
        if let Some(reason) = outcome.reject {
            self.refuse(reason, 1);
        }
        outcome.reject.is_some()
    }

    /// Counts a reject that the source was not asked about.
    pub(crate) fn reject(&mut self, reason: &'static str) {
        self.rejected += 1;
        self.refuse(reason, 1);
    }

    /// Token, reason and number of the issues that were counted apart.
    #[cfg(feature = "worker")]
    pub(crate) fn issues(&self) -> impl Iterator<Item = (Option<Token>, &str, u64)> {
        self.reasons.iter()
    }

    /// Reasons of rejects, and how many each had.
    #[cfg(feature = "worker")]
    pub(crate) fn refused(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.rejects.iter().copied()
    }

    fn refuse(&mut self, reason: &'static str, times: u64) {
        match self.rejects.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += times,
            None => self.rejects.push((reason, times)),
        }
    }

    /// Adds the counts of the part of the run that follows. If all its reasons were counted apart, the sums are those of a run
    /// in one part: of too many reasons those that came first are counted.
    pub(crate) fn merge(&mut self, next: &Self) {
        let Self {
            mapped,
            partial,
            rejected,
            blank,
            bytes,
            issues,
            with_issues,
            assumed_zone,
            assumed_word,
            assumed_clock,
            assumed_year,
            assumed_order,
            reasons,
            rejects,
            text: _,
        } = next;
        self.mapped += mapped;
        self.partial += partial;
        self.rejected += rejected;
        self.blank += blank;
        self.bytes += bytes;
        self.issues += issues;
        self.with_issues += with_issues;
        self.assumed_zone += assumed_zone;
        self.assumed_word += assumed_word;
        self.assumed_clock += assumed_clock;
        self.assumed_year += assumed_year;
        self.assumed_order += assumed_order;
        for (token, reason, times) in reasons.iter() {
            self.reasons.count(token, reason, times, REASONS);
        }
        for (reason, times) in rejects {
            self.refuse(reason, *times);
        }
    }

    /// Sets all counts to 0; what was allocated is kept.
    pub(crate) fn clear(&mut self) {
        let (mut reasons, mut rejects) =
            (std::mem::take(&mut self.reasons), std::mem::take(&mut self.rejects));
        reasons.clear();
        rejects.clear();
        *self = Self { reasons, rejects, ..Self::default() };
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
        // Equal counts are shown by token, in the schema's order, and by reason.
        let mut reasons: Vec<_> = self.reasons.iter().collect();
        reasons.sort_unstable();
        let issues = reasons.into_iter().map(|(token, reason, times)| {
            let token = token.map_or("", Token::name);
            (times, [token.to_owned(), shown(reason, 100)])
        });
        top(
            to,
            &format!("{} in {}", count(self.issues, "issue"), count(self.with_issues, "record")),
            self.issues,
            issues,
        )?;
        let mut rejects = self.rejects.clone();
        rejects.sort_unstable();
        let rejects = rejects.into_iter().map(|(reason, times)| (times, [String::new(), shown(reason, 100)]));
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
    // Stable, so equal counts stay in their order.
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
    use xdr_model::Refusal;
    use xdr_runtime::engine::Issues;
    use xdr_runtime::sink::Assumed;

    fn printed(summary: &Summary) -> String {
        let mut out = Vec::new();
        summary.print(&mut out, "acme-vpn", Duration::from_secs(2)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn records_issues_rejects_and_assumptions_are_counted() {
        let mut summary = Summary { bytes: 4096, blank: 2, ..Summary::default() };
        let address = (Some(Token::SourceIpv4), Reason::Refused(Refusal::NotIpv4));
        for number in 0..1198 {
            let issues = match number {
                0 => Issues::from_iter([address, (None, Reason::Other("repeated key"))]),
                1 => Issues::from_iter([address]),
                _ => Issues::new(),
            };
            let assumed = Assumed { zone: number < 3, ..Assumed::default() };
            summary.add(
                &Outcome { status: Some(Status::Mapped), issues, assumed, ..Outcome::default() },
                REASONS,
            );
        }
        summary.add(&Outcome { status: Some(Status::Partial), ..Outcome::default() }, REASONS);
        summary.add(
            &Outcome { status: Some(Status::Rejected), reject: Some("no header"), ..Outcome::default() },
            REASONS,
        );
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
            let reason = format!("unknown time zone `Q{number}`").leak();
            let issues = Issues::from_iter([(None, Reason::Other(reason))]);
            summary.add(&Outcome { status: Some(Status::Mapped), issues, ..Outcome::default() }, REASONS);
        }
        assert_eq!(summary.reasons.iter().count(), REASONS);
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

    /// An outcome with these issues, and a reject if it has none.
    fn outcome(issues: &[(Option<Token>, &'static str)]) -> Outcome {
        let reject = issues.is_empty().then_some("no header");
        let issues = issues.iter().map(|(token, reason)| (*token, Reason::Other(reason))).collect();
        let status = Some(if reject.is_some() { Status::Rejected } else { Status::Mapped });
        Outcome { status, issues, reject, ..Outcome::default() }
    }

    #[test]
    fn parts_add_up_to_the_whole_also_when_there_are_too_many_reasons() {
        // Each reason comes twice, the second time in another part, so that it matters which came first.
        let all: Vec<Outcome> = (0..3 * REASONS)
            .map(|number| match number % 7 {
                0 => outcome(&[]),
                1 => outcome(&[(None, "common"), (Some(Token::SourcePort), "common")]),
                _ => outcome(&[(None, format!("reason {}", number * 7919 % (3 * REASONS / 2)).leak())]),
            })
            .collect();
        let mut whole = Summary::default();
        for outcome in &all {
            whole.add(outcome, REASONS);
        }
        assert_eq!(whole.reasons.iter().count(), REASONS);
        for size in [1, 10, 999, 1400, 2999] {
            let (mut sum, mut part) = (Summary::default(), Summary::default());
            for outcomes in all.chunks(size) {
                part.clear();
                for outcome in outcomes {
                    part.add(outcome, usize::MAX);
                }
                sum.merge(&part);
            }
            assert_eq!(printed(&sum), printed(&whole), "parts of {size}");
            assert!(sum.reasons.iter().eq(whole.reasons.iter()), "parts of {size}");
        }
    }
}
