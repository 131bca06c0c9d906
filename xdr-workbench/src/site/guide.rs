//! The page of a source's guide: its tables, what was decided, what is waived, and what goes beyond it.

use xdr_model::Token;
use xdr_runtime::enrich::{By, Declared};
use xdr_runtime::info::{Info, Row, Section, ValueMap};

use super::File;
use super::facts::{Facts, field, is_countable, row_anchor, token_link};
use super::html::{Html, grouped};
use super::shell::{Shell, facts_list, tabs};

const SECTIONS: [(Section, &str, &str); 5] = [
    (Section::Field, "fields", "Fields"),
    (Section::Derived, "derived", "Derived fields"),
    (Section::Internal, "internal", "Internal fields"),
    (Section::ValueMap, "mapped", "Rows made by value mappings"),
    (Section::Beyond, "beyond", "Beyond the guide"),
];

pub(super) fn page(facts: &Facts<'_>) -> File {
    let info = facts.info;
    let title = format!("{}: guide", info.name);
    let above = vec![(facts.home(), info.name)];
    let shell = Shell { path: facts.guide(), title: &title, name: "Guide", above };
    shell.page(|html, root| {
        tabs(html, root, facts, &facts.guide());
        facts_list(html, &[("Guide", info.title.to_owned()), ("Published", info.published.to_owned())]);
        contents(html, info);
        for (section, anchor, title) in SECTIONS {
            let rows: Vec<(usize, &Row)> =
                info.rows.iter().enumerate().filter(|(_, row)| row.section == section).collect();
            if !rows.is_empty() {
                html.leaf("h2", &[("id", anchor)], title);
                table(html, root, facts, &rows, title);
            }
        }
        if !info.values.is_empty() {
            html.leaf("h2", &[("id", "values")], "Value mappings");
            html.tag("div", &[("class", "maps")], |html| {
                for (number, map) in info.values.iter().enumerate() {
                    value_map(html, root, map, number);
                }
            });
        }
        if !info.enrich.is_empty() {
            html.leaf("h2", &[("id", "enrichment")], "Enrichment");
            enrichment(html, root, info.enrich);
        }
    })
}

fn contents(html: &mut Html, info: &Info) {
    html.tag("nav", &[("class", "contents"), ("aria-label", "On this page")], |html| {
        for (section, anchor, title) in SECTIONS {
            if info.rows.iter().any(|row| row.section == section) {
                html.link(&format!("#{anchor}"), title);
            }
        }
        if !info.values.is_empty() {
            html.link("#values", "Value mappings");
        }
        if !info.enrich.is_empty() {
            html.link("#enrichment", "Enrichment");
        }
    });
}

fn table(html: &mut Html, root: &str, facts: &Facts<'_>, rows: &[(usize, &Row)], title: &str) {
    html.tag("table", &[("class", "sticky guide")], |html| {
        html.leaf("caption", &[("class", "unseen")], title);
        html.heading(&["Row", "Field", "Token", "Sample", "Notes", "Used in"]);
        html.tag("tbody", &[], |html| {
            for (number, row) in rows {
                let class = if row.waived.is_empty() { "" } else { "waived" };
                html.tag("tr", &[("id", &row_anchor(*number)), ("class", class)], |html| {
                    cells(html, root, facts, *number, row);
                });
            }
        });
    });
}

fn cells(html: &mut Html, root: &str, facts: &Facts<'_>, number: usize, row: &Row) {
    html.cell("Row", |html| {
        html.leaf(
            "a",
            &[("class", "anchor"), ("href", &format!("#{}", row_anchor(number)))],
            &(number + 1).to_string(),
        );
    });
    html.text_cell("Field", &field(row));
    html.cell("Token", |html| {
        if let Some(token) = row.token {
            token_code(html, root, token);
        }
    });
    html.cell("Sample", |html| {
        if !row.sample.is_empty() {
            html.leaf("code", &[], row.sample);
        }
    });
    html.cell("Notes", |html| {
        if !row.waived.is_empty() {
            note(html, "waived", "Waived", row.waived);
        } else if let Some(one) = row.token.and_then(|token| facts.info.enrichment(token)) {
            note(html, "enriched", "Enriched", &format!("by {}", one.by.word()));
        }
        if !row.decision.is_empty() {
            note(html, "decision", "Decided", row.decision);
        }
    });
    let used = facts.rows.get(number).copied().unwrap_or(0);
    let (class, text) = if facts.samples() == 0 || !is_countable(facts.info, row) {
        ("number", "–".to_owned())
    } else if used == 0 {
        ("number unused", "none".to_owned())
    } else {
        ("number", grouped(used))
    };
    html.leaf("td", &[("data-label", "Used in"), ("class", class)], &text);
}

fn token_code(html: &mut Html, root: &str, token: Token) {
    html.tag("code", &[], |html| {
        html.link(&token_link(root, token), token.name());
    });
}

fn note(html: &mut Html, class: &str, word: &str, text: &str) {
    html.tag("div", &[("class", "note")], |html| {
        html.leaf("span", &[("class", &format!("mark {class}"))], word);
        html.text(" ").text(text);
    });
}

fn value_map(html: &mut Html, root: &str, map: &ValueMap, number: usize) {
    let anchor = format!("map-{}", number + 1);
    html.tag("section", &[("aria-labelledby", &anchor)], |html| {
        html.tag("h3", &[("id", &anchor)], |html| {
            html.text(map.title);
            if let Some(token) = map.token {
                html.text(" → ");
                token_code(html, root, token);
            }
        });
        if map.beyond {
            note(html, "beyond", "Beyond", "the guide does not have this mapping");
        }
        if !map.decision.is_empty() {
            note(html, "decision", "Decided", map.decision);
        }
        html.tag("table", &[("class", "values")], |html| {
            html.leaf("caption", &[("class", "unseen")], map.title);
            html.heading(&["Source value", "Normalised value"]);
            html.tag("tbody", &[], |html| {
                for (from, to) in map.cases {
                    html.tag("tr", &[], |html| {
                        html.text_cell("Source value", from);
                        html.text_cell("Normalised value", to);
                    });
                }
            });
        });
    });
}

fn enrichment(html: &mut Html, root: &str, declared: &[Declared]) {
    html.tag("table", &[("class", "sticky")], |html| {
        html.leaf("caption", &[("class", "unseen")], "Enrichment");
        html.heading(&["By", "Reads", "Fills"]);
        html.tag("tbody", &[], |html| {
            for one in declared {
                html.tag("tr", &[], |html| {
                    html.text_cell(
                        "By",
                        match one.by {
                            By::Networks => "networks",
                            By::Directory => "directory of users",
                            By::Geo => "database of places",
                            By::Tags => "labels of the run",
                        },
                    );
                    html.cell("Reads", |html| {
                        html.tag("div", &[], |html| {
                            for (index, side) in one.reads.iter().enumerate() {
                                html.text(if index == 0 { "" } else { " and " });
                                tokens(html, root, side, " or ");
                            }
                        });
                    });
                    html.cell("Fills", |html| {
                        html.tag("div", &[], |html| tokens(html, root, one.fills, ", "));
                    });
                });
            }
        });
    });
}

/// Tokens in a sentence.
fn tokens(html: &mut Html, root: &str, tokens: &[Token], between: &str) {
    for (index, token) in tokens.iter().enumerate() {
        html.text(if index == 0 { "" } else { between });
        token_code(html, root, *token);
    }
}
