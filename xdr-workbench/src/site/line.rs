//! A line with its fields coloured, and the tokens that they became.

use std::collections::BTreeSet;
use std::ops::Range;

use xdr_runtime::engine::{Explanation, Told};
use xdr_runtime::info::Section;

use super::facts::{Facts, Line, field, row_anchor, token_link};
use super::html::Html;

/// How many colours there are; numbers tell apart what shares one.
const COLOURS: usize = 8;

/// A piece of the record that became tokens.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    /// Its bytes.
    bytes: Range<usize>,
    /// What was told of it, by index.
    told: Vec<usize>,
}

/// The pieces of a record, in order, none upon another: where what two tokens were made of overlaps, it is a piece of its own.
fn pieces(explanation: &Explanation) -> Vec<Piece> {
    let mut ranges = Vec::new();
    for (index, told) in explanation.told.iter().enumerate() {
        if let Told::Value { piece: Some((at, text)), .. } = told {
            let range = *at..at + text.len();
            if explanation.text.get(range.clone()) == Some(text) {
                ranges.push((index, range));
            }
        }
    }
    let ends: BTreeSet<usize> = ranges.iter().flat_map(|(_, range)| [range.start, range.end]).collect();
    let ends: Vec<usize> = ends.into_iter().collect();
    let between = ends.iter().zip(ends.iter().skip(1)).map(|(from, to)| {
        let told = ranges.iter().filter(|(_, range)| range.start <= *from && *to <= range.end);
        Piece { bytes: *from..*to, told: told.map(|(index, _)| *index).collect() }
    });
    between.filter(|piece| !piece.told.is_empty()).collect()
}

/// Indices as an attribute.
fn list(indices: &[usize]) -> String {
    indices.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Shows the line with this number, counted from 1.
pub(super) fn show(html: &mut Html, root: &str, facts: &Facts<'_>, line: &Line, number: usize) {
    let explanation = &line.explanation;
    let pieces = pieces(explanation);
    html.tag("section", &[("class", "line"), ("aria-labelledby", &format!("line-{number}"))], |html| {
        let name = match &explanation.message {
            Some(message) => format!("Message {message}"),
            None => format!("Line {number}"),
        };
        html.tag("h3", &[("id", &format!("line-{number}"))], |html| {
            html.text(&name);
            html.leaf(
                "small",
                &[],
                &format!("{}, line {} · {}", line.file, line.number, explanation.status.word()),
            );
        });
        record(html, explanation, &pieces, number);
        tokens(html, root, facts, explanation, &pieces, number);
        rest(html, explanation);
    });
}

fn record(html: &mut Html, explanation: &Explanation, pieces: &[Piece], number: usize) {
    let text = |range: Range<usize>| explanation.text.get(range).unwrap_or_default();
    html.tag("pre", &[("class", "record")], |html| {
        let mut at = 0;
        for (index, piece) in pieces.iter().enumerate() {
            html.text(text(at..piece.bytes.start));
            at = piece.bytes.end;
            let names: Vec<&str> =
                piece.told.iter().filter_map(|told| token_of(explanation, *told)).collect();
            let target = piece.told.first().copied().unwrap_or_default();
            let shown = (index + 1).to_string();
            html.leaf(
                "a",
                &[
                    ("class", &format!("piece c{}", index % COLOURS)),
                    ("id", &format!("p{number}-{shown}")),
                    ("href", &format!("#t{number}-{target}")),
                    ("data-n", &shown),
                    ("data-of", &list(&piece.told)),
                    ("title", &names.join(", ")),
                ],
                text(piece.bytes.clone()),
            );
        }
        html.text(text(at..explanation.text.len()));
    });
}

fn token_of(explanation: &Explanation, index: usize) -> Option<&'static str> {
    match explanation.told.get(index)? {
        Told::Value { token, .. } => Some(token.name()),
        _ => None,
    }
}

/// The tokens: first those of the record, in its order, then the others.
fn tokens(
    html: &mut Html,
    root: &str,
    facts: &Facts<'_>,
    explanation: &Explanation,
    pieces: &[Piece],
    number: usize,
) {
    let mut order: Vec<usize> = Vec::new();
    let told = pieces.iter().flat_map(|piece| piece.told.iter().copied());
    for index in told.chain(0..explanation.told.len()) {
        if !order.contains(&index) {
            order.push(index);
        }
    }
    html.tag("table", &[("class", "tokens")], |html| {
        html.leaf("caption", &[("class", "unseen")], "Tokens of the line");
        html.heading(&["Piece", "Token", "Value", "Row of the guide", "Bytes"]);
        html.tag("tbody", &[], |html| {
            for index in order {
                let Some(Told::Value { token, value, row, piece }) = explanation.told.get(index) else {
                    continue;
                };
                let anchor = format!("t{number}-{index}");
                html.tag("tr", &[("id", &anchor), ("data-of", &index.to_string())], |html| {
                    html.cell("Piece", |html| {
                        html.tag("div", &[], |html| badges(html, pieces, index, number));
                    });
                    html.cell("Token", |html| {
                        html.tag("code", &[], |html| {
                            html.link(&token_link(root, *token), token.name());
                        });
                    });
                    html.cell("Value", |html| {
                        html.leaf("code", &[], value);
                    });
                    html.cell("Row of the guide", |html| row_link(html, root, facts, *row));
                    let bytes = piece.as_ref().map(|(at, text)| format!("{at}–{}", at + text.len()));
                    html.text_cell("Bytes", bytes.as_deref().unwrap_or("not of the record"));
                });
            }
        });
    });
}

/// The numbers of the pieces that a token was made of.
fn badges(html: &mut Html, pieces: &[Piece], told: usize, number: usize) {
    for (index, _) in pieces.iter().enumerate().filter(|(_, piece)| piece.told.contains(&told)) {
        let shown = (index + 1).to_string();
        html.leaf(
            "a",
            &[
                ("class", &format!("badge c{}", index % COLOURS)),
                ("href", &format!("#p{number}-{shown}")),
                ("aria-label", &format!("piece {shown} of the line")),
            ],
            &shown,
        );
    }
}

fn row_link(html: &mut Html, root: &str, facts: &Facts<'_>, number: usize) {
    let Some(row) = facts.info.rows.get(number) else { return };
    let name = match field(row) {
        name if name.is_empty() => format!("({})", row.section.word()),
        name if row.section == Section::Field => name,
        name => format!("{name} ({})", row.section.word()),
    };
    html.link(&format!("{root}{}#{}", facts.guide(), row_anchor(number)), &name);
}

/// Issues, and fields that no row took.
fn rest(html: &mut Html, explanation: &Explanation) {
    let issues = explanation.told.iter().filter_map(|told| match told {
        Told::Issue { token, field, value, reason } => {
            let token = token.map_or(String::new(), |token| format!(" for {}", token.name()));
            Some(format!("{field}{token}: `{value}`, {reason}"))
        }
        _ => None,
    });
    let unmapped = explanation.told.iter().filter_map(|told| match told {
        Told::Unmapped { field, value } => Some(format!("{field} = {value}")),
        _ => None,
    });
    for (title, lines) in
        [("Issues", issues.collect::<Vec<_>>()), ("Fields that no row takes", unmapped.collect::<Vec<_>>())]
    {
        if !lines.is_empty() {
            html.tag("details", &[], |html| {
                html.leaf("summary", &[], &format!("{title} ({})", lines.len()));
                html.tag("ul", &[("class", "plain")], |html| {
                    for line in &lines {
                        html.tag("li", &[], |html| {
                            html.leaf("code", &[], line);
                        });
                    }
                });
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xdr_model::Token;
    use xdr_runtime::record::Status;

    #[test]
    fn what_overlaps_is_a_piece_of_its_own() {
        let told = |token, at, text: &str| Told::Value {
            token,
            value: String::new(),
            row: 0,
            piece: Some((at, text.to_owned())),
        };
        let explanation = Explanation {
            text: "ab cd ef".to_owned(),
            status: Status::Mapped,
            message: None,
            told: vec![
                told(Token::Message, 0, "ab cd"),
                told(Token::SourceUser, 3, "cd"),
                told(Token::Reason, 6, "ef"),
                // Not what stands there: what cannot be placed is not shown.
                told(Token::Policy, 6, "xy"),
            ],
            reject: None,
        };
        let piece = |bytes, told: &[usize]| Piece { bytes, told: told.to_vec() };
        assert_eq!(pieces(&explanation), [piece(0..3, &[0]), piece(3..5, &[0, 1]), piece(6..8, &[2])]);
    }
}
