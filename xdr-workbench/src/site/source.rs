//! The page of a source: who it is, what its samples use, and lines of it with what they become.

use xdr_runtime::info::Records;

use super::facts::Facts;
use super::html::{Html, count, grouped};
use super::shell::{Shell, facts_list, tabs};
use super::{File, line};
use crate::coverage::{Coverage, Figure, Share};

pub(super) fn page(facts: &Facts<'_>) -> File {
    let info = facts.info;
    let shell = Shell { path: facts.home(), title: info.name, name: info.name, above: Vec::new() };
    shell.page(|html, root| {
        tabs(html, root, facts, &facts.home());
        let [kind, vendor, product] = info.device;
        let (rows, waived) = facts.guide_rows();
        facts_list(
            html,
            &[
                ("Guide", info.title.to_owned()),
                ("Published", info.published.to_owned()),
                ("Device", format!("{product} ({vendor}, {kind})")),
                ("Versions", info.versions.join(", ")),
                ("Formats", info.formats.join(", ")),
                (
                    "Input",
                    match info.records {
                        Records::Lines => "a record a line".to_owned(),
                        Records::Json => "JSON, a record or an array of records a line".to_owned(),
                    },
                ),
                ("Rows of the guide", format!("{rows}, {waived} of them waived")),
                ("Messages", grouped(facts.messages().count() as u64)),
            ],
        );
        required(html, root, facts);
        samples(html, facts);
        lines(html, root, facts);
    })
}

fn required(html: &mut Html, root: &str, facts: &Facts<'_>) {
    if facts.info.required.is_empty() {
        return;
    }
    html.tag("p", &[], |html| {
        html.text(
            "Required, some of them under conditions that the spec states; a record without one is partial:",
        );
        for token in facts.info.required {
            html.text(" ");
            html.tag("code", &[], |html| {
                html.link(&super::facts::token_link(root, *token), token.name());
            });
        }
        html.text(".");
    });
}

fn samples(html: &mut Html, facts: &Facts<'_>) {
    html.leaf("h2", &[("id", "samples")], "Samples");
    if facts.samples() == 0 {
        html.leaf("p", &[("class", "none")], "No sample lines were at hand when this page was made.");
        return;
    }
    let [mapped, partial, rejected] = facts.records.map(grouped);
    html.leaf("p", &[], &format!(
        "{} in {}: {mapped} mapped, {partial} partial, {rejected} rejected. Records that cannot be understood are among them on purpose.",
        count(usize::try_from(facts.samples()).unwrap_or(usize::MAX), "record"),
        count(facts.files, "file"),
    ));
    if let Some(coverage) = facts.coverage {
        return measured(html, coverage);
    }
    let (used, all) = facts.used_rows();
    let seen = facts.messages().filter(|(kind, message)| facts.seen(*kind, message) > 0).count();
    html.tag("ul", &[("class", "meters")], |html| {
        meter(html, "rows", Share { used, all });
        if facts.info.catalogue.is_some() {
            meter(html, "messages", Share { used: seen, all: facts.messages().count() });
        }
    });
}

/// What the samples use, and what they do not.
fn measured(html: &mut Html, coverage: &Coverage) {
    html.tag("ul", &[("class", "meters")], |html| {
        for (figure, share) in Figure::ALL.map(|figure| (figure, coverage.share(figure))) {
            if share.all > 0 {
                meter(html, figure.word(), share);
            }
        }
    });
    let unused: Vec<_> = coverage.unused().collect();
    if unused.is_empty() {
        return;
    }
    html.tag("details", &[], |html| {
        html.leaf("summary", &[], &format!("What no sample uses ({})", grouped(unused.len() as u64)));
        html.tag("ul", &[("class", "plain")], |html| {
            for item in unused {
                html.tag("li", &[], |html| {
                    html.leaf("span", &[("class", "name")], item.kind.word()).text(" ");
                    html.leaf("code", &[], &item.name);
                });
            }
        });
    });
}

fn meter(html: &mut Html, what: &str, share: Share) {
    let (used, all) = (share.used.to_string(), share.all.max(1).to_string());
    html.tag("li", &[], |html| {
        html.leaf("span", &[], &format!("{what} used"));
        html.tag("meter", &[("min", "0"), ("max", &all), ("value", &used), ("aria-label", what)], |_| {});
        let of = format!("{} of {}", grouped(share.used as u64), grouped(share.all as u64));
        html.leaf("span", &[("class", "number")], &format!("{of} ({} %)", share.shown()));
    });
}

fn lines(html: &mut Html, root: &str, facts: &Facts<'_>) {
    if facts.lines.is_empty() {
        return;
    }
    html.leaf("h2", &[("id", "lines")], "Lines and what they become");
    html.tag("p", &[], |html| {
        html.text("Lines of the samples that together show the most rows. A coloured piece of a line has a number; the token that it became has the same one below.");
    });
    for (index, one) in facts.lines.iter().enumerate() {
        line::show(html, root, facts, one, index + 1);
    }
}
