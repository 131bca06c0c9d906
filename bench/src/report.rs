//! The figures of a run: as a table to read and as JSON to work with.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::measure::Rounds;

/// The contestant that ratios are told against: a VRL program as a user would write it.
pub const BASE: &str = "vrl";

/// What was found for one source.
#[derive(Debug)]
pub struct Report {
    /// The source.
    pub source: String,
    /// Its records.
    pub records: usize,
    /// Their bytes, line breaks included.
    pub bytes: usize,
    /// How many of the records xdr maps without an issue.
    pub mapped: usize,
    /// The contestants, in the order of the table.
    pub lines: Vec<Line>,
}

/// What was found for one contestant.
#[derive(Debug)]
pub struct Line {
    /// The contestant.
    pub name: &'static str,
    /// What a reader has to know.
    pub note: String,
    /// Why it has no figure.
    pub trouble: Option<String>,
    /// Its rounds; none if its output is not xdr's, so that no figure is printed.
    pub rounds: Option<Rounds>,
}

impl Report {
    /// Records a second, at so many seconds for all of them.
    #[expect(clippy::cast_precision_loss, reason = "counts of records are far below 2^52")]
    pub fn rate(&self, seconds: f64) -> f64 {
        self.records as f64 / seconds
    }

    #[expect(clippy::cast_precision_loss, reason = "sizes of corpora are far below 2^52")]
    fn megabytes(&self, seconds: f64) -> f64 {
        self.bytes as f64 / 1e6 / seconds
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of records are far below 2^52")]
    fn mapped_percent(&self) -> f64 {
        self.mapped as f64 * 100.0 / self.records as f64
    }

    /// The median of the contestant that ratios are told against.
    fn base(&self) -> Option<f64> {
        let base = self.lines.iter().find(|line| line.name == BASE)?;
        base.rounds.as_ref().map(Rounds::median)
    }

    /// How often a contestant goes through the records while the base does so once.
    pub fn ratio(&self, line: &Line) -> Option<f64> {
        Some(self.base()? / line.rounds.as_ref()?.median())
    }

    /// How much faster the second of two contestants is than the first.
    pub fn speed_up(&self, first: &str, second: &str) -> Option<f64> {
        let median =
            |name| self.lines.iter().find(|line| line.name == name)?.rounds.as_ref().map(Rounds::median);
        Some(median(first)? / median(second)?)
    }

    /// The table of the source, in Markdown.
    pub fn table(&self) -> String {
        let mut rows = vec![["", "records/s", "min", "max", "MB/s", "ratio", "note"].map(str::to_owned)];
        for line in &self.lines {
            let mut row = [const { String::new() }; 7];
            line.name.clone_into(&mut row[0]);
            line.note.clone_into(&mut row[6]);
            if let Some(rounds) = &line.rounds {
                row[1] = thousands(self.rate(rounds.median()));
                row[2] = thousands(self.rate(rounds.slowest()));
                row[3] = thousands(self.rate(rounds.fastest()));
                row[4] = format!("{:.0}", self.megabytes(rounds.median()));
                row[5] = self.ratio(line).map_or_else(|| "–".to_owned(), ratio);
            }
            if line.trouble.is_some() {
                "no figure, see below".clone_into(&mut row[6]);
            }
            rows.push(row);
        }
        let mut out = format!(
            "{}: {} records, {:.1} MB, {:.1} % of them mapped without an issue\n\n",
            self.source,
            thousands(self.rate(1.0)),
            self.megabytes(1.0),
            self.mapped_percent()
        );
        for (at, row) in rows.iter().enumerate() {
            for (column, cell) in row.iter().enumerate() {
                let width = rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
                let _ = match column {
                    0 | 6 => write!(out, "| {cell:<width$} "),
                    _ => write!(out, "| {cell:>width$} "),
                };
            }
            out.push_str("|\n");
            if at == 0 {
                out.push_str("|---|--:|--:|--:|--:|--:|---|\n");
            }
        }
        for line in &self.lines {
            if let Some(trouble) = &line.trouble {
                let _ = write!(out, "\n{}: {trouble}\n", line.name);
            }
        }
        out
    }

    /// The raw figures.
    pub fn json(&self) -> Value {
        let contestants: Vec<Value> = self
            .lines
            .iter()
            .map(|line| {
                json!({
                    "name": line.name,
                    "note": line.note,
                    "trouble": line.trouble,
                    "seconds": line.rounds.as_ref().map(Rounds::seconds),
                })
            })
            .collect();
        json!({
            "source": self.source,
            "records": self.records,
            "bytes": self.bytes,
            "mapped": self.mapped,
            "contestants": contestants,
        })
    }
}

/// A number without its fraction, its digits in groups of three.
pub fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A ratio, with a fraction if it is small.
pub fn ratio(times: f64) -> String {
    if times < 99.95 { format!("{times:.1}×") } else { format!("{}×", thousands(times)) }
}

#[cfg(test)]
mod tests {
    use super::{Line, Report, ratio, thousands};
    use crate::measure::Rounds;

    fn line(name: &'static str, seconds: Option<f64>) -> Line {
        Line {
            name,
            note: String::new(),
            trouble: None,
            rounds: seconds.map(|seconds| Rounds::new(vec![seconds])),
        }
    }

    #[test]
    fn digits_stand_in_groups() {
        assert_eq!([0.51, 42.0, 1_462.9].map(ratio), ["0.5×", "42.0×", "1,463×"]);
        assert_eq!([7.0, 999.4, 1_000.0, 1_234_567.0].map(thousands), ["7", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn a_figure_that_was_not_checked_is_not_printed() {
        let mut other = line("other", None);
        other.trouble = Some("port is 7, not 8".to_owned());
        let report = Report {
            source: "acme".to_owned(),
            records: 100,
            bytes: 1_000_000,
            mapped: 99,
            lines: vec![line("xdr", Some(0.5)), line("vrl", Some(10.0)), other],
        };
        let table = report.table();
        assert!(table.starts_with("acme: 100 records, 1.0 MB, 99.0 % of"), "{table}");
        assert!(table.contains("| xdr   |       200 | 200 | 200 |    2 | 20.0× |"), "{table}");
        assert!(
            table.contains("| other |           |     |     |      |       | no figure, see below |"),
            "{table}"
        );
        assert!(table.ends_with("\nother: port is 7, not 8\n"), "{table}");
    }
}
