//! The first page: the sources.

use xdr_model::Token;

use super::File;
use super::facts::Facts;
use super::html::{Html, count, grouped};
use super::shell::Shell;
use crate::coverage::{Figure, Share};

pub(super) fn page(sources: &[Facts<'_>]) -> File {
    let shell = Shell { path: "index.html".to_owned(), title: "Sources", name: "Sources", above: Vec::new() };
    shell.page(|html, root| {
        html.tag("p", &[("class", "lead")], |html| {
            let messages: usize = sources.iter().map(|facts| facts.messages().count()).sum();
            html.text(&format!(
                "{} with {} map their logs to the ",
                count(sources.len(), "source"),
                count(messages, "message")
            ));
            html.link(&format!("{root}tokens.html"), &format!("{} tokens", grouped(Token::COUNT as u64)));
            html.text(" of one schema. Each source was compiled from the transcription of its vendor’s data mapping guide.");
        });
        table(html, root, sources);
        html.leaf("h2", &[], "How to read it");
        html.tag("dl", &[("class", "words")], |html| {
            for (word, meaning) in [
                ("Row", "A line of a guide’s tables: a field of the record and the token that it becomes."),
                ("Waived", "A row that is not mapped; its page says why."),
                ("Enriched", "A row whose token is filled with what no record holds, if a run can look it up."),
                ("Beyond", "A row that the guide does not have."),
                ("Branch", "What a spec decides by a record: optional pieces, alternatives, cases, conditions, refusals."),
                ("Used", "What at least one sample record uses: a row by giving its token a value, or what the value is looked up by."),
            ] {
                html.leaf("dt", &[], word).leaf("dd", &[], meaning);
            }
        });
    })
}

fn table(html: &mut Html, root: &str, sources: &[Facts<'_>]) {
    let measured = sources.iter().any(|facts| facts.coverage.is_some());
    let mut columns =
        vec!["Source", "Device", "Guide", "Rows", "Waived", "Beyond", "Messages", "Samples", "Rows used"];
    if measured {
        columns.push("Branches used");
    }
    html.tag("table", &[("class", "sticky sources")], |html| {
        html.leaf("caption", &[("class", "unseen")], "Sources");
        html.heading(&columns);
        html.tag("tbody", &[], |html| {
            for facts in sources {
                html.tag("tr", &[("id", facts.info.name)], |html| {
                    source(html, root, facts);
                    if measured {
                        share(
                            html,
                            "Branches used",
                            facts.coverage.map(|coverage| coverage.share(Figure::Branches)),
                        );
                    }
                });
            }
        });
    });
}

fn source(html: &mut Html, root: &str, facts: &Facts<'_>) {
    let info = facts.info;
    html.tag("th", &[("scope", "row")], |html| {
        html.link(&format!("{root}{}", facts.home()), info.name);
    });
    let [kind, vendor, product] = info.device;
    html.cell("Device", |html| {
        html.text(product);
        html.leaf("small", &[], &parts(&[vendor, kind]));
    });
    html.cell("Guide", |html| {
        html.link(&format!("{root}{}", facts.guide()), info.title);
        html.leaf("small", &[], &parts(&[info.published, &info.formats.join(", ")]));
    });
    let (rows, waived) = facts.guide_rows();
    let beyond = info.rows.iter().filter(|row| row.section == xdr_runtime::info::Section::Beyond).count();
    for (label, number) in [("Rows", rows), ("Waived", waived), ("Beyond", beyond)] {
        html.number(label, number as u64);
    }
    html.tag("td", &[("data-label", "Messages"), ("class", "number")], |html| {
        html.link(&format!("{root}{}", facts.messages_page()), &grouped(facts.messages().count() as u64));
    });
    html.number("Samples", facts.samples());
    let counted = || {
        let (used, all) = facts.used_rows();
        (facts.samples() > 0).then_some(Share { used, all })
    };
    share(html, "Rows used", facts.coverage.map(|coverage| coverage.share(Figure::Rows)).or_else(counted));
}

/// A cell with a share, if it is known.
fn share(html: &mut Html, label: &str, share: Option<Share>) {
    let text = share.map(|share| format!("{} of {}", grouped(share.used as u64), grouped(share.all as u64)));
    html.leaf("td", &[("data-label", label), ("class", "number")], text.as_deref().unwrap_or("–"));
}

/// What there is of these, with dots between.
fn parts(texts: &[&str]) -> String {
    texts.iter().copied().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ")
}
