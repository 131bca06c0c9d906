//! The page of a source's messages: keys, what they set, and the templates of their texts.

use xdr_runtime::catalogue::{Message, Text};
use xdr_runtime::record::Status;

use super::File;
use super::facts::{Facts, Listed, token_link};
use super::html::{Html, count, grouped};
use super::shell::{Shell, filter, tabs};
use super::templates::{Parts, Writer};

pub(super) fn page(facts: &Facts<'_>) -> File {
    let info = facts.info;
    let title = format!("{}: messages", info.name);
    let shell = Shell {
        path: facts.messages_page(),
        title: &title,
        name: "Messages",
        above: vec![(facts.home(), info.name)],
    };
    shell.page(|html, root| {
        tabs(html, root, facts, &facts.messages_page());
        let Some(catalogue) = info.catalogue else {
            html.leaf(
                "p",
                &[("class", "none")],
                "This source has no catalogue: all its records are read the same way.",
            );
            return;
        };
        let families = catalogue.prefixes.len() + catalogue.suffixes.len();
        html.leaf(
            "p",
            &[("class", "lead")],
            &format!(
                "{}, {families} of them families of keys. A record whose message is not listed is {}.",
                count(facts.messages().count(), "message"),
                catalogue.otherwise.word()
            ),
        );
        let mut parts = Parts::default();
        filter(html, "messages", "messages");
        html.tag("table", &[("class", "sticky messages"), ("id", "messages")], |html| {
            html.leaf("caption", &[("class", "unseen")], "Messages");
            html.heading(&["Message", "Sets", "Text", "Samples"]);
            html.tag("tbody", &[], |html| {
                for (kind, message) in facts.messages() {
                    row(html, root, facts, kind, message, &mut parts);
                }
            });
        });
        shared(html, facts, &mut parts);
    })
}

fn row(
    html: &mut Html,
    root: &str,
    facts: &Facts<'_>,
    kind: Listed,
    message: &'static Message,
    parts: &mut Parts,
) {
    let anchor = kind.anchor(message.key);
    html.tag("tr", &[("id", &anchor)], |html| {
        html.tag("th", &[("scope", "row")], |html| {
            html.link(&format!("#{anchor}"), &kind.shown(message.key));
        });
        html.cell("Sets", |html| constants(html, facts, message.set));
        html.cell("Text", |html| text(html, root, facts, message, parts));
        let seen = facts.seen(kind, message);
        let shown = if seen == 0 { "–".to_owned() } else { grouped(seen) };
        html.leaf("td", &[("data-label", "Samples"), ("class", "number")], &shown);
    });
}

/// Fields and their constants.
fn constants(html: &mut Html, facts: &Facts<'_>, set: &[(u16, &str)]) {
    for (field, constant) in set {
        let name = facts.info.fields.get(usize::from(*field)).copied().unwrap_or_default();
        html.tag("div", &[], |html| {
            html.leaf("span", &[("class", "name")], name).text(" ").text(constant);
        });
    }
}

fn text(html: &mut Html, root: &str, facts: &Facts<'_>, message: &'static Message, parts: &mut Parts) {
    for template in message.templates {
        html.tag("div", &[("class", "template")], |html| {
            html.tag("code", &[], |html| {
                Writer { fields: facts.info.fields, parts }.write(html, template.pattern.ops);
            });
            if !template.set.is_empty() {
                html.tag("div", &[("class", "sets")], |html| constants(html, facts, template.set));
            }
        });
    }
    let how = match (message.text, message.templates.is_empty()) {
        (Text::Templates, false) => "",
        (Text::Templates, true) => "only its name is known",
        (Text::Pairs, true) => "read as pairs",
        (Text::Pairs, false) => "else read as pairs",
        (Text::Any, true) => "any text",
        (Text::Any, false) => "any other text too",
    };
    html.leaf("span", &[("class", "none")], how);
    if message.status == Status::Partial {
        html.leaf("div", &[("class", "none")], "partial at best");
    }
    if !message.required.is_empty() {
        html.tag("div", &[("class", "none")], |html| {
            html.text("requires");
            for token in message.required {
                html.text(" ").link(&token_link(root, *token), token.name());
            }
        });
    }
}

/// The parts that templates share. They hold no other part.
fn shared(html: &mut Html, facts: &Facts<'_>, parts: &mut Parts) {
    let all: Vec<_> = parts.all().collect();
    if all.is_empty() {
        return;
    }
    html.leaf("h2", &[("id", "parts")], "Parts that templates share");
    html.tag("table", &[("class", "sticky parts")], |html| {
        html.leaf("caption", &[("class", "unseen")], "Parts");
        html.heading(&["Part", "Text"]);
        html.tag("tbody", &[], |html| {
            for (number, ops) in all {
                html.tag("tr", &[("id", &format!("part-{number}"))], |html| {
                    html.leaf("th", &[("scope", "row")], &format!("part {number}"));
                    html.cell("Text", |html| {
                        html.tag("code", &[], |html| {
                            Writer { fields: facts.info.fields, parts }.write(html, ops);
                        });
                    });
                });
            }
        });
    });
}
