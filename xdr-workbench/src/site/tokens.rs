//! The page of the schema: every token, and the rows of every source that fill it.

use xdr_model::{Category, Token};

use super::File;
use super::facts::{Facts, field, row_anchor};
use super::html::{Html, count};
use super::shell::{Shell, filter};

pub(super) fn page(sources: &[Facts<'_>]) -> File {
    let shell = Shell { path: "tokens.html".to_owned(), title: "Tokens", name: "Tokens", above: Vec::new() };
    shell.page(|html, root| {
        let fed =
            Token::ALL.into_iter().filter(|token| sources.iter().any(|facts| feeds(facts, *token))).count();
        html.leaf(
            "p",
            &[("class", "lead")],
            &format!(
                "The schema: {} in the order of an event’s keys, {} of them filled by a source.",
                count(Token::COUNT, "token"),
                if fed == Token::COUNT { "all".to_owned() } else { fed.to_string() }
            ),
        );
        let categories = categories();
        html.tag("nav", &[("class", "contents"), ("aria-label", "Categories")], |html| {
            for (category, _) in &categories {
                html.link(&format!("#category-{}", category.name()), category.name());
            }
        });
        filter(html, "schema", "tokens");
        html.tag("table", &[("class", "sticky schema"), ("id", "schema")], |html| {
            html.leaf("caption", &[("class", "unseen")], "Tokens");
            html.heading(&["Token", "Kind", "Meaning", "Filled by"]);
            for (category, tokens) in &categories {
                html.tag("tbody", &[("id", &format!("category-{}", category.name()))], |html| {
                    html.tag("tr", &[("class", "group")], |html| {
                        html.leaf("th", &[("colspan", "4"), ("scope", "rowgroup")], category.name());
                    });
                    for token in tokens {
                        row(html, root, sources, *token);
                    }
                });
            }
        });
    })
}

/// The categories in the order in which the schema begins them, each with its tokens.
fn categories() -> Vec<(Category, Vec<Token>)> {
    let mut categories: Vec<(Category, Vec<Token>)> = Vec::new();
    for token in Token::ALL {
        match categories.iter_mut().find(|(category, _)| *category == token.category()) {
            Some((_, tokens)) => tokens.push(token),
            None => categories.push((token.category(), vec![token])),
        }
    }
    categories
}

/// Whether a source has a row for the token which is not waived.
fn feeds(facts: &Facts<'_>, token: Token) -> bool {
    facts.info.rows.iter().any(|row| row.token == Some(token) && row.waived.is_empty())
}

fn row(html: &mut Html, root: &str, sources: &[Facts<'_>], token: Token) {
    html.tag("tr", &[("id", token.name())], |html| {
        html.tag("th", &[("scope", "row")], |html| {
            html.tag("code", &[], |html| {
                html.link(&format!("#{}", token.name()), token.name());
            });
        });
        html.text_cell("Kind", token.kind().name());
        html.text_cell("Meaning", token.description());
        html.cell("Filled by", |html| {
            let mut any = false;
            for facts in sources {
                any |= filled_by(html, root, facts, token);
            }
            if !any {
                html.leaf("span", &[("class", "none")], "no source");
            }
        });
    });
}

/// The rows of a source that have the token; says whether there is one.
fn filled_by(html: &mut Html, root: &str, facts: &Facts<'_>, token: Token) -> bool {
    let rows: Vec<_> =
        facts.info.rows.iter().enumerate().filter(|(_, row)| row.token == Some(token)).collect();
    if rows.is_empty() {
        return false;
    }
    html.tag("div", &[("class", "feeds")], |html| {
        html.leaf("a", &[("class", "name"), ("href", &format!("{root}{}", facts.home()))], facts.info.name);
        for (number, row) in rows {
            let name = match field(row) {
                name if name.is_empty() => row.section.word().to_owned(),
                name => name,
            };
            html.text(" ");
            let class = if row.waived.is_empty() { "chip" } else { "chip waived" };
            let shown = if row.waived.is_empty() { name } else { format!("{name} (waived)") };
            let to = format!("{root}{}#{}", facts.guide(), row_anchor(number));
            html.leaf("a", &[("class", class), ("href", &to)], &shown);
        }
    });
    true
}
