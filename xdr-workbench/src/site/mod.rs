//! A catalogue of sources as static pages: what each guide says, what was decided, which messages are known, and what a real line becomes.
//!
//! Pages are made of what the sources say of themselves ([`Info`](xdr_runtime::info::Info)) and of what becomes of their sample lines ([`Source::explain`]).
//! There is a module for each kind of page. The same input gives the same bytes, and a page needs nothing but the files beside it.

mod facts;
mod guide;
mod home;
mod html;
mod line;
mod messages;
mod search;
mod shell;
mod source;
mod templates;
#[cfg(test)]
mod tests;
mod tokens;

use xdr_runtime::engine::Source;
use xdr_runtime::settings::Settings;

use crate::coverage::Coverage;
use facts::Facts;

/// A source of the catalogue.
pub struct Entry<'a> {
    /// The source.
    pub source: &'a Source,
    /// Its samples; without them nothing is said of what rows and messages were seen in.
    pub samples: Vec<Sample>,
    /// What its samples use of its spec, if that was measured; of the spec that the source was made from.
    pub coverage: Option<Coverage>,
}

/// A file of sample lines.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The file's name, as it is shown.
    pub name: String,
    /// Its lines.
    pub text: Vec<u8>,
}

/// A file of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path below the catalogue's folder, with `/` between parts.
    pub path: String,
    /// What is in it.
    pub text: String,
}

impl File {
    /// Whether it is a page, and not what pages are shown or searched with.
    pub fn is_page(&self) -> bool {
        !self.path.starts_with("assets/")
    }
}

/// The files of a catalogue, sorted by path. Samples are mapped with these settings.
pub fn files(entries: &[Entry<'_>], settings: &Settings) -> Vec<File> {
    let facts: Vec<Facts<'_>> = entries.iter().map(|entry| Facts::of(entry, settings)).collect();
    let mut files = vec![home::page(&facts), tokens::page(&facts), search::index(&facts)];
    for facts in &facts {
        files.push(source::page(facts));
        files.push(guide::page(facts));
        files.push(messages::page(facts));
    }
    for (path, text) in [
        ("assets/site.css", include_str!("assets/site.css")),
        ("assets/site.js", include_str!("assets/site.js")),
    ] {
        files.push(File { path: path.to_owned(), text: text.to_owned() });
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}
