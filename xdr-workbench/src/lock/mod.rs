//! Locks: what a source's events are made of, written down, so that a change shows and can be judged.
//!
//! A [`Lock`] is read from a spec ([`of`]) or from its file ([`text`]). [`changes`] compares two and says of each change whether it can break
//! what others have built on the events: rules, dashboards, queries. [`version`] says which version such changes ask for.

pub mod changes;
pub mod of;
mod rules;
pub mod text;
pub mod version;

pub use changes::{Change, Class, compare};
pub use version::Version;

/// What a source's events are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// The source.
    pub source: String,
    /// The version of what is locked.
    pub version: Version,
    /// Its parts, each of the [`SECTIONS`] once, in their order.
    pub sections: Vec<Section>,
}

impl Lock {
    /// The entries of a part.
    fn section(&self, name: &str) -> &[Entry] {
        self.sections.iter().find(|section| section.name == name).map_or(&[], |section| &section.entries)
    }
}

/// A part of a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its name, one of [`SECTIONS`].
    pub name: &'static str,
    /// Its entries, in the order of the spec.
    pub entries: Vec<Entry>,
}

/// An entry, such as a row or a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// What it is called. A few rows share a name.
    pub key: String,
    /// Name and values of what is said about it, in a fixed order; none is without a value.
    pub says: Vec<(String, Vec<String>)>,
}

impl Entry {
    /// An entry of which nothing is said yet.
    pub fn new(key: impl Into<String>) -> Self {
        Self { key: key.into(), says: Vec::new() }
    }

    /// Adds what is said, if it is anything.
    #[must_use]
    pub fn with(mut self, name: &str, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let values: Vec<String> = values.into_iter().map(Into::into).collect();
        if !values.is_empty() {
            self.says.push((name.to_owned(), values));
        }
        self
    }

    /// The values of that name.
    pub fn get(&self, name: &str) -> &[String] {
        self.says.iter().find(|(known, _)| known == name).map_or(&[], |(_, values)| values)
    }
}

/// The parts of a lock, in their order.
pub const SECTIONS: [&str; 8] =
    ["about", "tokens", "decode", "rows", "values", "cases", "messages", "families"];
