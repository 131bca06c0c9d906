//! What pages tell of a source: where things stand in its pages, and what its samples use.

use std::collections::{BTreeMap, BTreeSet};

use xdr_model::Token;
use xdr_runtime::catalogue::Message;
use xdr_runtime::engine::{Explanation, Told};
use xdr_runtime::info::{Info, Row, Section};
use xdr_runtime::record::Status;
use xdr_runtime::settings::Settings;

use super::Entry;
use super::html::slug;
use crate::coverage::Coverage;

/// How many lines are shown of a source.
const LINES: usize = 5;
/// The longest line that is shown, in bytes, if there is a shorter one.
const LONG: usize = 3000;
/// How much a further line must show that lines before it do not.
const NEWS: usize = 3;

/// A source, with what its samples use.
pub(super) struct Facts<'a> {
    pub(super) info: &'static Info,
    pub(super) coverage: Option<&'a Coverage>,
    /// How many files of samples there are.
    pub(super) files: usize,
    /// How many records of the samples were mapped, partial and rejected.
    pub(super) records: [u64; 3],
    /// For each row, in how many records of the samples it gave its token a value.
    pub(super) rows: Vec<u64>,
    /// For each message, how many records of the samples were of it.
    seen: BTreeMap<String, u64>,
    /// The lines that are shown.
    pub(super) lines: Vec<Line>,
}

/// A line that is shown.
pub(super) struct Line {
    /// The file of samples.
    pub(super) file: String,
    /// The number of the line in it, from 1.
    pub(super) number: usize,
    /// What became of it.
    pub(super) explanation: Explanation,
}

impl<'a> Facts<'a> {
    pub(super) fn of(entry: &'a Entry<'_>, settings: &Settings) -> Self {
        let source = entry.source;
        let mut facts = Self {
            info: source.info,
            coverage: entry.coverage.as_ref(),
            files: entry.samples.len(),
            records: [0; 3],
            rows: vec![0; source.info.rows.len()],
            seen: BTreeMap::new(),
            lines: Vec::new(),
        };
        let mut lines = Vec::new();
        for sample in &entry.samples {
            for (index, line) in sample.text.split(|byte| *byte == b'\n').enumerate() {
                if line.trim_ascii().is_empty() {
                    continue;
                }
                for record in source.records(line) {
                    let explanation = source.explain(record, settings);
                    facts.count(&explanation);
                    lines.push(Line { file: sample.name.clone(), number: index + 1, explanation });
                }
            }
        }
        facts.lines = telling(lines);
        facts
    }

    fn count(&mut self, explanation: &Explanation) {
        let [mapped, partial, rejected] = &mut self.records;
        *match explanation.status {
            Status::Mapped => mapped,
            Status::Partial => partial,
            Status::Rejected => rejected,
        } += 1;
        if let Some(message) = &explanation.message {
            *self.seen.entry(message.clone()).or_default() += 1;
        }
        let rows: BTreeSet<usize> = rows(explanation).collect();
        for row in rows {
            if let Some(count) = self.rows.get_mut(row) {
                *count += 1;
            }
        }
    }

    /// How many records the samples have.
    pub(super) fn samples(&self) -> u64 {
        self.records.iter().sum()
    }

    /// In how many records of the samples a message was seen. A family is seen where no message has the key.
    pub(super) fn seen(&self, kind: Listed, message: &Message) -> u64 {
        let key = message.key;
        match kind {
            Listed::Message => self.seen.get(key).copied().unwrap_or(0),
            Listed::Beginning | Listed::Ending => {
                let Some(catalogue) = self.info.catalogue else { return 0 };
                let of = |name: &str| {
                    catalogue.message(name).is_none()
                        && catalogue.family(name).is_some_and(|family| std::ptr::eq(family, message))
                };
                self.seen.iter().filter(|(name, _)| of(name)).map(|(_, count)| count).sum()
            }
        }
    }

    /// Rows of the guide's tables: all of them, and those that are waived.
    pub(super) fn guide_rows(&self) -> (usize, usize) {
        let rows = || self.info.rows.iter().filter(|row| in_guide(row));
        (rows().count(), rows().filter(|row| !row.waived.is_empty()).count())
    }

    /// Rows that samples can use: those that are mapped, and filled by the record or a setting. How many are used, and how many there are.
    pub(super) fn used_rows(&self) -> (usize, usize) {
        let can = self.info.rows.iter().zip(&self.rows).filter(|(row, _)| is_countable(self.info, row));
        can.fold((0, 0), |(used, all), (_, count)| (used + usize::from(*count > 0), all + 1))
    }

    /// The messages, then the families.
    pub(super) fn messages(&self) -> impl Iterator<Item = (Listed, &'static Message)> + use<> {
        let catalogue = self.info.catalogue;
        let list = move |kind, of: fn(&'static xdr_runtime::catalogue::Catalogue) -> &'static [Message]| {
            catalogue.map_or(&[][..], of).iter().map(move |message| (kind, message))
        };
        list(Listed::Message, |catalogue| catalogue.messages)
            .chain(list(Listed::Beginning, |catalogue| catalogue.prefixes))
            .chain(list(Listed::Ending, |catalogue| catalogue.suffixes))
    }

    /// The path of its folder of pages.
    fn folder(&self) -> String {
        format!("sources/{}", slug(self.info.name))
    }

    pub(super) fn home(&self) -> String {
        format!("{}/index.html", self.folder())
    }

    pub(super) fn guide(&self) -> String {
        format!("{}/guide.html", self.folder())
    }

    pub(super) fn messages_page(&self) -> String {
        format!("{}/messages.html", self.folder())
    }
}

/// How a message is listed in its catalogue.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Listed {
    /// By its key.
    Message,
    /// A family, by how keys begin.
    Beginning,
    /// A family, by how keys end.
    Ending,
}

impl Listed {
    /// The key as it is shown.
    pub(super) fn shown(self, key: &str) -> String {
        match self {
            Self::Message => key.to_owned(),
            Self::Beginning => format!("{key}…"),
            Self::Ending => format!("…{key}"),
        }
    }

    /// The anchor of a message.
    pub(super) fn anchor(self, key: &str) -> String {
        let kind = match self {
            Self::Message => "m",
            Self::Beginning => "begins",
            Self::Ending => "ends",
        };
        format!("{kind}-{}", slug(key))
    }
}

/// The anchor of a row.
pub(super) fn row_anchor(number: usize) -> String {
    format!("row-{}", number + 1)
}

/// Where a token stands.
pub(super) fn token_link(root: &str, token: Token) -> String {
    format!("{root}tokens.html#{}", token.name())
}

/// Whether a row stands in one of the guide's tables of fields.
pub(super) fn in_guide(row: &Row) -> bool {
    matches!(row.section, Section::Field | Section::Derived | Section::Internal)
}

/// Whether a row is filled with what no record holds.
pub(super) fn is_enriched(info: &Info, row: &Row) -> bool {
    row.waived.is_empty() && row.token.is_some_and(|token| info.enrichment(token).is_some())
}

/// Whether samples can use a row.
pub(super) fn is_countable(info: &Info, row: &Row) -> bool {
    row.waived.is_empty() && row.token.is_some() && !is_enriched(info, row)
}

/// What a row is called: the guide's first column.
pub(super) fn field(row: &Row) -> String {
    row.from.join(" › ")
}

/// The rows that gave a record's tokens their values.
fn rows(explanation: &Explanation) -> impl Iterator<Item = usize> {
    explanation.told.iter().filter_map(|told| match told {
        Told::Value { row, .. } => Some(*row),
        _ => None,
    })
}

/// Rows that took their value from a piece of the record.
fn shown_rows(explanation: &Explanation) -> BTreeSet<usize> {
    let told = explanation.told.iter();
    told.filter_map(|told| match told {
        Told::Value { row, piece: Some(_), .. } => Some(*row),
        _ => None,
    })
    .collect()
}

/// Of all lines those to show: first the one with the most tokens, then those with the most that is not shown yet.
fn telling(mut lines: Vec<Line>) -> Vec<Line> {
    let plain = |line: &Line| {
        let issue = line.explanation.told.iter().any(|told| matches!(told, Told::Issue { .. }));
        line.explanation.status == Status::Mapped && line.explanation.text.len() <= LONG && !issue
    };
    if lines.iter().any(plain) {
        lines.retain(plain);
    }
    let mut candidates: Vec<(BTreeSet<usize>, Line)> =
        lines.into_iter().map(|line| (shown_rows(&line.explanation), line)).collect();
    let (mut shown, mut chosen) = (BTreeSet::new(), Vec::new());
    while chosen.len() < LINES {
        let news = |rows: &BTreeSet<usize>| rows.difference(&shown).count();
        // Of equals the shorter, then the first.
        let best = candidates
            .iter()
            .enumerate()
            .min_by_key(|(at, (rows, line))| (usize::MAX - news(rows), line.explanation.text.len(), *at));
        let Some((at, (rows, _))) = best else { break };
        if !chosen.is_empty() && news(rows) < NEWS {
            break;
        }
        let (rows, line) = candidates.remove(at);
        shown.extend(rows);
        chosen.push(line);
    }
    chosen
}
