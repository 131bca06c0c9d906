//! The samples use all that the specs say: every row, every case of every value map, every message that has templates.
//!
//! What no sample uses is listed by name. A row counts as used when it gave a token its value, not when its field was there.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::collections::BTreeSet;

use support::{enriched, samples};
use xdr_runtime::engine::{Source, Told};
use xdr_runtime::info::{Row, ValueMap};
use xdr_runtime::record::Status;
use xdr_sources::sources;

/// What the samples of a source use.
#[derive(Default)]
struct Used {
    rows: BTreeSet<usize>,
    /// Token, text in the record, normalised value.
    values: BTreeSet<(&'static str, String, String)>,
    /// The keys of messages that were read to their end.
    messages: BTreeSet<String>,
    /// The keys of messages, whatever became of their text.
    keys: BTreeSet<String>,
}

fn used(source: &Source) -> Used {
    let settings = enriched();
    let mut used = Used::default();
    for record in samples(source.info.name) {
        let explanation = source.explain(&record, &settings);
        for told in explanation.told {
            let Told::Value { token, value, row, piece } = told else { continue };
            used.rows.insert(row);
            let text = piece.map(|(_, text)| text).unwrap_or_default();
            used.values.insert((token.name(), text, value.trim_matches('"').to_owned()));
        }
        if let Some(message) = explanation.message {
            if explanation.status == Status::Mapped {
                used.messages.insert(message.clone());
            }
            used.keys.insert(message);
        }
    }
    used
}

/// Fails with what is missing, all of it.
fn none_missing(what: &str, missing: &[String]) {
    assert!(missing.is_empty(), "{what} that no sample uses: {}\n{}", missing.len(), missing.join("\n"));
}

#[test]
fn every_row_fills_its_token_in_some_sample() {
    let mut missing = Vec::new();
    for source in sources() {
        let used = used(source);
        for (number, row) in source.info.rows.iter().enumerate() {
            if row.waived.is_empty() && !used.rows.contains(&number) {
                missing.push(format!("{}: {}", source.info.name, shown(row)));
            }
        }
    }
    none_missing("rows", &missing);
}

fn shown(row: &Row) -> String {
    let from = row.from.join(".");
    let token = row.token.map_or("", xdr_model::Token::name);
    format!("{} `{from}` → {token}", row.section.word())
}

#[test]
fn every_case_of_every_value_map_occurs() {
    let mut missing = Vec::new();
    for source in sources() {
        let used = used(source);
        for map in source.info.values {
            for case in map.cases {
                if !occurs(map, *case, &used) {
                    missing.push(format!("{}: {} `{}` → {}", source.info.name, map.title, case.0, case.1));
                }
            }
        }
    }
    none_missing("cases", &missing);
}

/// Whether a record had the source value, and the token its normalised value.
fn occurs(map: &ValueMap, (from, to): (&str, &str), used: &Used) -> bool {
    let range = from.split_once('-').and_then(|(low, high)| Some(low.parse().ok()?..=high.parse().ok()?));
    used.values.iter().any(|(token, text, value)| {
        let text = text.as_str();
        // A case may also be found whatever the case of its letters; the normalised value says that it was.
        let case = text.eq_ignore_ascii_case(from)
            || range.as_ref().is_some_and(|range| text.parse::<u64>().is_ok_and(|text| range.contains(&text)))
            // What goes beyond the guide may read another form of the text: the severity inside a syslog priority.
            || map.beyond && text.parse::<u64>().is_ok_and(|pri| (pri % 8).to_string() == from);
        case && value == to && map.token.is_none_or(|of| of.name() == *token)
    })
}

#[test]
fn every_message_with_templates_is_read_in_some_sample() {
    let mut missing = Vec::new();
    for source in sources() {
        let used = used(source);
        let messages = source.info.catalogue.map_or(&[][..], |catalogue| catalogue.messages);
        for message in messages.iter().filter(|message| !message.templates.is_empty()) {
            let read = match message.status {
                Status::Mapped => used.messages.contains(message.key),
                _ => used.keys.contains(message.key),
            };
            if !read {
                missing.push(format!("{}: {}", source.info.name, message.key));
            }
        }
    }
    none_missing("messages", &missing);
}

#[test]
fn every_family_takes_some_sample() {
    let mut missing = Vec::new();
    for source in sources() {
        let used = used(source);
        let Some(catalogue) = source.info.catalogue else { continue };
        let unlisted: Vec<&String> =
            used.keys.iter().filter(|key| catalogue.message(key).is_none()).collect();
        // A family of keys that are made of several fields is not told with the record.
        for family in catalogue.prefixes.iter().filter(|family| !family.key.contains(' ')) {
            if !unlisted.iter().any(|key| key.starts_with(family.key)) {
                missing.push(format!("{}: {}*", source.info.name, family.key));
            }
        }
        for family in catalogue.suffixes.iter().filter(|family| !family.key.contains(' ')) {
            if !unlisted.iter().any(|key| key.ends_with(family.key)) {
                missing.push(format!("{}: *{}", source.info.name, family.key));
            }
        }
    }
    none_missing("families", &missing);
}
