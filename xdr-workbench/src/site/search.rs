//! The index that the search of every page reads: a script, because pages that were opened as files may read nothing else.

use std::fmt::Write;

use xdr_model::Token;

use super::File;
use super::facts::{Facts, field, in_guide, row_anchor};
use super::html::string;

/// The index: the pages, and for each thing that can be found its kind, name, a word about it, the number of its page, and the anchor there.
pub(super) fn index(sources: &[Facts<'_>]) -> File {
    let mut index = Index { pages: Vec::new(), entries: String::new() };
    for facts in sources {
        let page = index.page(facts.home());
        index.entry("source", facts.info.name, facts.info.title, page, "");
    }
    let tokens = index.page("tokens.html".to_owned());
    for token in Token::ALL {
        index.entry("token", token.name(), token.description(), tokens, token.name());
    }
    for facts in sources {
        guide(&mut index, facts);
        messages(&mut index, facts);
    }
    let pages: Vec<String> = index.pages.iter().map(|page| string(page)).collect();
    let text = format!("const PAGES = [{}];\nconst INDEX = [\n{}];\n", pages.join(", "), index.entries);
    File { path: "assets/index.js".to_owned(), text }
}

struct Index {
    pages: Vec<String>,
    entries: String,
}

impl Index {
    /// Adds a page; gives its number.
    fn page(&mut self, path: String) -> usize {
        self.pages.push(path);
        self.pages.len() - 1
    }

    fn entry(&mut self, kind: &str, name: &str, about: &str, page: usize, anchor: &str) {
        let [kind, name, about, anchor] = [kind, name, about, anchor].map(string);
        // Writing to a string does not fail.
        let _ = writeln!(self.entries, "[{kind},{name},{about},{page},{anchor}],");
    }
}

fn guide(index: &mut Index, facts: &Facts<'_>) {
    let page = index.page(facts.guide());
    let source = facts.info.name;
    for (number, row) in facts.info.rows.iter().enumerate() {
        let token = row.token.map_or("", Token::name);
        let name = if row.from.is_empty() { token.to_owned() } else { field(row) };
        let kind = if in_guide(row) { "row" } else { "beyond" };
        index.entry(kind, &name, &format!("{source} → {token}"), page, &row_anchor(number));
    }
    for (number, map) in facts.info.values.iter().enumerate() {
        index.entry("values", map.title, source, page, &format!("map-{}", number + 1));
    }
}

fn messages(index: &mut Index, facts: &Facts<'_>) {
    let page = index.page(facts.messages_page());
    let name =
        facts.info.fields.iter().position(|field| field.to_ascii_lowercase().replace(' ', "") == "eventname");
    for (kind, message) in facts.messages() {
        let called = message.set.iter().find(|(field, _)| Some(usize::from(*field)) == name);
        let about = match called {
            Some((_, called)) => format!("{called} · {}", facts.info.name),
            None => facts.info.name.to_owned(),
        };
        index.entry("message", &kind.shown(message.key), &about, page, &kind.anchor(message.key));
    }
}
