//! The fields of a spec: who reads them, who defines them.
//!
//! Reads are collected first, so that each definer learns at once whether somebody reads what it defines.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Code, Diagnostic, Diagnostics, near, quote};
use crate::ir::{Slot, To};
use crate::source::Span;

/// The most fields that rows may read; the runtime has sets of so many.
const MOST_FIELDS: usize = 256;

/// The lists of steps inside which something is defined: which `one-of`, and which of its forms.
pub(super) type Scope = Vec<(usize, usize)>;

/// Whether what is defined in one scope can be there when the other is read: they are not two forms of one `one-of`.
pub(super) fn meet(a: &Scope, b: &Scope) -> bool {
    a.iter().all(|(one_of, form)| b.iter().all(|(other, other_form)| one_of != other || form == other_form))
}

struct Entry {
    name: String,
    read_at: Span,
    defined: Vec<Scope>,
    /// Where steps define it for every record that they take.
    always: Vec<(Scope, Span)>,
}

/// The fields that are read, by their numbers.
#[derive(Default)]
pub(super) struct Fields {
    entries: Vec<Entry>,
    index: BTreeMap<String, usize>,
    /// The scope in which definers stand now.
    pub(super) scope: Scope,
    /// Whether a definer could not be read: nobody knows then what it would have defined.
    pub(super) incomplete: bool,
    /// Names that definers gave, for suggestions. Each once: thousands of messages define the same few.
    seen: Vec<String>,
    known: BTreeSet<String>,
}

impl Fields {
    /// Notes that a field is read, and gives its number.
    pub(super) fn read(&mut self, name: &str, at: Span) -> Slot {
        let next = self.entries.len();
        let index = *self.index.entry(name.to_owned()).or_insert(next);
        if index == next {
            self.entries.push(Entry {
                name: name.to_owned(),
                read_at: at,
                defined: Vec::new(),
                always: Vec::new(),
            });
        }
        Slot::try_from(index).unwrap_or(Slot::MAX)
    }

    /// The number of a field that is read.
    pub(super) fn slot(&self, name: &str) -> Option<Slot> {
        self.index.get(name).and_then(|index| Slot::try_from(*index).ok())
    }

    /// Adds a field that stands in for another one; it is defined by the path it has.
    pub(super) fn stand_in(&mut self, name: String) -> Slot {
        let slot = self.entries.len();
        self.entries.push(Entry {
            name,
            read_at: Span::default(),
            defined: vec![Scope::new()],
            always: Vec::new(),
        });
        Slot::try_from(slot).unwrap_or(Slot::MAX)
    }

    /// Notes that a field is defined here, and says where its text goes. A name that begins with `_` goes to the fields that
    /// no row reads; another one that nothing reads is reported.
    pub(super) fn define(&mut self, name: &str, at: Span, diags: &mut Diagnostics) -> To {
        if let Some(extra) = name.strip_prefix('_') {
            return To::Extra(extra.to_owned());
        }
        self.see(name);
        let Some(index) = self.index.get(name).copied() else {
            let near = near(name, self.index.keys().map(String::as_str));
            let asked = near.map(|near| format!("did you mean {}? else ", quote(near))).unwrap_or_default();
            let help = format!("{asked}name it `_{name}` to keep it under `unmapped`, or give it a row");
            let message = format!("the field {} is defined, but nothing reads it", quote(name));
            diags.push(Diagnostic::new(Code::UnreadField, at, message).suggest(near).help(help));
            return To::Extra(name.to_owned());
        };
        if let Some(entry) = self.entries.get_mut(index) {
            entry.defined.push(self.scope.clone());
        }
        Slot::try_from(index).map_or(To::Nothing, To::Field)
    }

    /// Notes a name that may have been meant where another one is read.
    pub(super) fn see(&mut self, name: &str) {
        if !self.known.contains(name) {
            self.known.insert(name.to_owned());
            self.seen.push(name.to_owned());
        }
    }

    /// Notes that a step fills a field of every record that it takes. A second such step on the same way is reported: the
    /// field keeps its first text, so the other one could never be seen.
    pub(super) fn always(&mut self, name: &str, at: Span, diags: &mut Diagnostics) {
        let Some(entry) = self.index.get(name).and_then(|index| self.entries.get_mut(*index)) else { return };
        if let Some((_, first)) = entry.always.iter().find(|(scope, _)| meet(scope, &self.scope)) {
            let message = format!("{} is defined a second time for the same records", quote(name));
            diags.push(
                Diagnostic::new(Code::DuplicateDefinition, at, message)
                    .also(*first, "defined here already")
                    .help("the first text would hold; give one of them another name"),
            );
        }
        entry.always.push((self.scope.clone(), at));
    }

    /// The fields that are read, in the order in which they were, and the place of the first reader.
    pub(super) fn reads(&self) -> impl Iterator<Item = (&str, Span)> {
        self.entries.iter().map(|entry| (entry.name.as_str(), entry.read_at))
    }

    /// The names that definers gave so far.
    pub(super) fn seen(&self) -> impl Iterator<Item = &str> {
        self.seen.iter().map(String::as_str)
    }

    /// Keeps quiet about a field from here on: something else was said about it.
    pub(super) fn hush(&mut self, name: &str) {
        if let Some(entry) = self.index.get(name).and_then(|index| self.entries.get_mut(*index)) {
            entry.defined.push(Scope::new());
        }
    }

    /// Whether a field is defined where `scope` is read.
    pub(super) fn is_defined(&self, name: &str, scope: &Scope) -> bool {
        let entry = self.index.get(name).and_then(|index| self.entries.get(*index));
        entry.is_some_and(|entry| entry.defined.iter().any(|defined| meet(defined, scope)))
    }

    /// Reports fields that are read and nowhere defined, if all definers are known.
    pub(super) fn report_unknown(&self, diags: &mut Diagnostics) {
        if self.incomplete {
            return;
        }
        for entry in self.entries.iter().filter(|entry| entry.defined.is_empty()) {
            let message = format!("nothing defines the field {}", quote(&entry.name));
            let diagnostic = Diagnostic::new(Code::UnknownField, entry.read_at, message);
            diags.push(match near(&entry.name, self.seen().filter(|name| *name != entry.name)) {
                Some(near) => diagnostic.suggest(Some(near)),
                None => diagnostic
                    .help("capture it in `decode` or the catalogue, or waive the row with its reason"),
            });
        }
    }

    /// Reports that more fields are read than a record has room for.
    pub(super) fn report_many(&self, diags: &mut Diagnostics) {
        if let Some(entry) = self.entries.get(MOST_FIELDS) {
            let message = format!("{} fields are read, {MOST_FIELDS} are the most", self.entries.len());
            diags.push(
                Diagnostic::new(Code::TooManyFields, entry.read_at, message)
                    .help("make several sources of it, or leave out rows that no record fills"),
            );
        }
    }

    /// The fields' names, by their numbers.
    pub(super) fn names(&self) -> Vec<String> {
        self.entries.iter().map(|entry| entry.name.clone()).collect()
    }
}
