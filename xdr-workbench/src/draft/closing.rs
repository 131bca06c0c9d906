//! The blocks behind the rows: `fan-in` and `enrich`.

use std::fmt::Write as _;

use xdr_model::{Kind, Token};

use super::guide::Note;
use super::maps::PlannedMap;
use super::plan::{Input, Planned};
use super::yaml::{comment, scalar};

/// Every token's mappings by the names that policies call them, the record's before all others.
fn mappings(rows: &[&Planned], maps: &[PlannedMap], token: Token) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let own = maps
        .iter()
        .filter(|map| map.own.as_ref().is_some_and(|(_, own)| *own == token))
        .map(|map| map.name.clone());
    let filled = rows.iter().filter(|row| row.known == Some(token)).filter_map(|row| row.called());
    for name in filled.chain(own) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The text of `fan-in`; empty if no token has two mappings.
pub(super) fn fan_in(rows: &[&Planned], maps: &[PlannedMap], notes: &mut Vec<Note>) -> String {
    let mut out = String::new();
    for token in Token::ALL {
        let names = mappings(rows, maps, token);
        if names.len() < 2 {
            continue;
        }
        let fields = rows
            .iter()
            .filter(|row| row.known == Some(token) && row.input == Input::Field && row.waived.is_none())
            .count();
        if fields > 1 {
            notes.push(Note::new(
                0,
                format!(
                    "`{token}` has several fields, of which the first in the guide's order speaks: {}",
                    names.join(", ")
                ),
            ));
        }
        let names: Vec<String> = names.iter().map(|name| scalar(name)).collect();
        let _ = writeln!(out, "  {token}: {{ first: [{}] }}", names.join(", "));
    }
    if out.is_empty() {
        return out;
    }
    let text = "Drafted in the guide's order, what the record holds before settings and constants. Decide which speaks first.";
    format!("\nfan-in:\n{}{out}", comment("  ", text))
}

/// The text of `enrich`. Rows that nothing can fill, as no row maps what is read for it, are waived.
pub(super) fn enrich(map: &mut [Planned], internal: &mut [Planned], notes: &mut Vec<Note>) -> String {
    let mapped: Vec<Token> = map
        .iter()
        .filter(|row| row.waived.is_none() && !matches!(row.input, Input::Enrich(_)))
        .flat_map(|row| [row.known, row.conversion.otherwise])
        .flatten()
        .collect();
    let some = |wanted: &[Token]| -> Vec<Token> {
        wanted.iter().copied().filter(|token| mapped.contains(token)).collect()
    };
    let sources = some(&[Token::SourceIpv4, Token::SourceIpv6]);
    let targets = some(&[Token::DestinationIpv4]);
    let users = some(&[Token::SourceUser, Token::UserName]);
    for row in map.iter_mut().chain(internal.iter_mut()) {
        let Some(token) = row.known else { continue };
        let name = token.name();
        let lacks = match row.input {
            Input::Enrich("networks") => sources.is_empty() || targets.is_empty(),
            Input::Enrich("directory") => users.is_empty(),
            Input::Enrich("geo") => {
                if name.contains("Source") {
                    sources.is_empty()
                } else {
                    targets.is_empty()
                }
            }
            _ => false,
        };
        if lacks {
            row.waived = Some("needs an address or a user, and no row maps one".to_owned());
            notes.push(Note::new(
                row.line,
                format!("`{token}` is waived: no row maps what it would be looked up by"),
            ));
        }
    }
    let filled = |by: &str| -> Vec<Token> {
        let by =
            |row: &&Planned| row.waived.is_none() && matches!(row.input, Input::Enrich(found) if found == by);
        map.iter().chain(internal.iter()).filter(by).filter_map(|row| row.known).collect()
    };
    let mut out = String::new();
    if let [context, ..] = filled("networks")[..] {
        let _ = writeln!(
            out,
            "  networks: {{ source: {}, destination: {}, context: {context} }}",
            one_or_list(&sources),
            one_or_list(&targets)
        );
    }
    let directory = filled("directory");
    if !directory.is_empty() {
        let fill: Vec<&str> = directory.iter().map(|token| token.name()).collect();
        let _ =
            writeln!(out, "  directory: {{ user: {}, fill: [{}] }}", one_or_list(&users), fill.join(", "));
    }
    let places = filled("geo");
    if !places.is_empty() {
        out.push_str("  geo:\n");
        for (side, addresses) in [("Source", &sources), ("Destination", &targets)] {
            let members: Vec<String> = ["Coordinates", "Country", "City"]
                .iter()
                .filter_map(|what| {
                    let token = Token::from_name(&format!("geo{side}{what}"))
                        .filter(|token| places.contains(token))?;
                    Some(format!("{}: {token}", what.to_lowercase()))
                })
                .collect();
            if !members.is_empty() {
                let _ =
                    writeln!(out, "    - {{ address: {}, {} }}", one_or_list(addresses), members.join(", "));
            }
        }
    }
    if let Some(tags) = filled("tags").into_iter().find(|token| token.kind() == Kind::StringList) {
        let _ = writeln!(out, "  tags: {tags}");
    }
    if out.is_empty() { out } else { format!("\nenrich:\n{out}") }
}

fn one_or_list(tokens: &[Token]) -> String {
    match tokens {
        [one] => one.name().to_owned(),
        several => format!("[{}]", several.iter().map(|token| token.name()).collect::<Vec<_>>().join(", ")),
    }
}
