//! The table of messages: what each message of a catalogue is by its key, and what its templates take out of their texts, a row each.
//!
//! Samples show whole records; nobody would invent, or read, one for each of thousands of messages that differ in a name and a type. The table
//! shows only what the catalogue itself decides: the key stands alone, without a header around it, so what a row holds is the message's own. Each
//! template has rows of its own, whose texts are written from it: captures hold the name of their field, an address or a number. So the texts show
//! that the template reads what it says, not that a device writes so; that is what samples are for.

mod texts;

use std::fmt::Write as _;

use xdr_codegen::ir::{Catalogue, Message, Module, Text};
use xdr_runtime::engine::Engine;
use xdr_runtime::settings::Settings;

use crate::interpret::Interpreted;
use crate::snapshot;

/// An entry of a catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entry {
    /// A listed message, by its index.
    Listed(usize),
    /// A family by how its keys begin, by its index.
    Prefix(usize),
    /// A family by how its keys end, by its index.
    Suffix(usize),
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The key, of a family its pattern.
    pub key: String,
    /// What it is in the catalogue.
    pub entry: Entry,
    /// The text that is read; empty, or a word that means nothing, in a message's first row.
    pub text: String,
    /// Whether a template wrote the text.
    pub is_templates: bool,
}

/// What a row shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The word of the record's status.
    pub status: String,
    /// The members of the event, each its name and its JSON.
    pub members: Vec<String>,
}

impl Shown {
    /// The names of the members.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.members.iter().map(|member| name(member)).collect()
    }
}

/// What rows may have in common besides what samples may: a setting and a constant.
const COMMON: [&str; 2] = ["deviceHost", "tags"];

/// A text that no template reads and no key stands in.
const WORD: &str = "text";

/// The rows of a source, in the order of its keys: each message by its key alone, then the texts of its templates; none without a catalogue.
pub fn rows(module: &Module) -> Vec<Row> {
    let Some(catalogue) = &module.catalogue else { return Vec::new() };
    let writer = texts::Writer::new(module, catalogue);
    let mut rows = Vec::new();
    for (entry, key, message) in entries(catalogue) {
        // Who reads any text is to show it; who reads none is complete without one.
        let bare = if message.text == Text::Templates { "" } else { WORD };
        let row = |text: String, is_templates| Row { key: key.clone(), entry, text, is_templates };
        rows.push(row(bare.to_owned(), false));
        rows.extend(writer.texts(message).into_iter().map(|text| row(text, true)));
    }
    rows
}

/// The entries of a catalogue with their keys as they are written.
fn entries(catalogue: &Catalogue) -> impl Iterator<Item = (Entry, String, &Message)> {
    let listed = catalogue.messages.iter().enumerate();
    let listed = listed.map(|(index, one)| (Entry::Listed(index), one.key.clone(), one));
    let prefixes = catalogue.prefixes.iter().enumerate();
    let prefixes = prefixes.map(|(index, one)| (Entry::Prefix(index), format!("{}*", one.key), one));
    let suffixes = catalogue.suffixes.iter().enumerate();
    let suffixes = suffixes.map(|(index, one)| (Entry::Suffix(index), format!("*{}", one.key), one));
    listed.chain(prefixes).chain(suffixes)
}

/// What a source makes of a row; nothing if it has no catalogue.
pub fn read(source: &Interpreted, row: &Row, settings: &Settings) -> Shown {
    let mut line = Vec::new();
    if let Some(keyed) = source.keyed(&row.key) {
        keyed.normalize(row.text.as_bytes(), 0, settings, snapshot::KEEP, &mut line);
    }
    let event = snapshot::event(&line);
    let own = format!("xdr.message {}", serde_json::Value::from(row.key.as_str()));
    let mut shown = Shown { status: String::new(), members: Vec::new() };
    for member in event.lines().map(str::trim_start) {
        if let Some(status) = member.strip_prefix("xdr.status ") {
            status.trim_matches('"').clone_into(&mut shown.status);
        } else if member != own && !(row.text.is_empty() && is_about_no_text(member)) {
            shown.members.push(member.to_owned());
        }
    }
    shown
}

/// Whether a member is the issue that there was no text.
fn is_about_no_text(member: &str) -> bool {
    member.starts_with("xdr.issue {\"field\":\"text\",\"value\":\"\",")
}

/// The table, as its snapshot holds it: on top what all rows have in common of what constants and settings fill; then a line for each message, and two
/// for each text of a template, which show what its key alone does not.
pub fn table(module: &Module) -> String {
    let (source, settings) = (Interpreted::new(module), snapshot::settings());
    let rows: Vec<(Row, Shown)> = rows(module)
        .into_iter()
        .map(|row| {
            let shown = read(&source, &row, &settings);
            (row, shown)
        })
        .collect();
    let is_common = |member: &str| snapshot::is_common(name(member)) || COMMON.contains(&name(member));
    let mut common: Vec<&str> = Vec::new();
    if let Some(((_, first), rest)) = rows.split_first() {
        let in_all = |member: &&str| rest.iter().all(|(_, row)| row.members.iter().any(|one| one == member));
        common.extend(
            first.members.iter().map(String::as_str).filter(|member| is_common(member)).filter(in_all),
        );
    }
    let mut out = common.iter().fold(String::new(), |out, member| out + member + "\n");
    out.push('\n');
    let mut bare: &[String] = &[];
    for (row, shown) in &rows {
        let mut cells = vec![shown.status.clone()];
        let own = shown.members.iter().filter(|member| !common.contains(&member.as_str()));
        if row.is_templates {
            cells.extend(own.filter(|member| !bare.contains(member)).cloned());
            let names = shown.names();
            let gone = bare.iter().map(|member| name(member)).filter(|name| !names.contains(name));
            cells.extend(gone.map(|name| format!("no {name}")));
            let _ = writeln!(out, "  {}\n    {}", row.text, cells.join(" | "));
        } else {
            bare = &shown.members;
            cells.extend(own.cloned());
            let _ = writeln!(out, "{}: {}", row.key, cells.join(" | "));
        }
    }
    out
}

fn name(member: &str) -> &str {
    member.split(' ').next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
