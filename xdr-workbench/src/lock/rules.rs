//! What a change of each thing that a lock says means to those who use the events.

use super::{Class, Entry, Lock};

/// What a change means. Without a class it is told by something else that changed with it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// A value that was not there.
    pub(super) added: Option<Class>,
    /// A value that is gone.
    pub(super) removed: Option<Class>,
    /// A value in place of another one.
    pub(super) changed: Option<Class>,
    /// A value in front of one that was there, or values in another order.
    pub(super) moved: Option<Class>,
    /// Why, where something breaks.
    pub(super) breaks: &'static str,
    /// Why, where something is new.
    pub(super) adds: &'static str,
}

/// Nothing of an event follows from it.
const DOC: Rule = Rule {
    added: Some(Class::Patch),
    removed: Some(Class::Patch),
    changed: Some(Class::Patch),
    moved: Some(Class::Patch),
    breaks: "",
    adds: "",
};

/// What is told by something else.
const QUIET: Rule = Rule { added: None, removed: None, changed: None, moved: None, ..DOC };

const fn all(breaks: &'static str) -> Rule {
    let class = Some(Class::Breaking);
    Rule { added: class, removed: class, changed: class, moved: class, breaks, adds: "" }
}

/// More is new, less breaks, and order tells nothing.
const fn grows(adds: &'static str, breaks: &'static str) -> Rule {
    Rule { added: Some(Class::Minor), moved: Some(Class::Patch), adds, ..all(breaks) }
}

/// Why order breaks, where it does.
pub(super) const MOVES: &str = "what several of these take is taken by another one";

const VALUE: &str = "events get another value from the same record";
const LOST: &str = "records that were understood are understood no more";
const FOUND: &str = "records are understood that were not";
const APART: &str = "the same record is taken apart otherwise";

/// The rule for what is said of an entry under a name.
pub(super) fn said(section: &str, entry: &str, name: &str) -> Rule {
    match (section, name) {
        ("tokens", "kind") => all("its values have another form"),
        // Which rows fill a token is told by the rows.
        ("tokens", "from") => Rule { moved: Some(Class::Breaking), ..QUIET },
        ("tokens", _) => all("a record that has several of these gives another value"),
        (_, "required") => Rule {
            removed: Some(Class::Minor),
            moved: Some(Class::Patch),
            adds: "records without it are no longer partial",
            ..all("records without it are partial")
        },
        ("decode", "text") if entry.starts_with("part ") || entry.contains("template") => {
            Rule { moved: Some(Class::Breaking), ..grows(FOUND, LOST) }
        }
        ("decode", "forms" | "embedded in") => Rule { moved: Some(Class::Breaking), ..grows(FOUND, LOST) },
        // A new word ends the header of records that have it in their text.
        ("decode", "before" | "after") => Rule { moved: Some(Class::Patch), ..all(APART) },
        (
            "decode",
            "host" | "time" | "pri" | "program" | "pid" | "msgid" | "relay" | "relay-time" | "prefix",
        ) => grows("a part of the record gets a field", "its field has another value, or none"),
        ("decode", _) => all(APART),
        ("rows", "token") => Rule {
            added: Some(Class::Minor),
            adds: "the field fills a token",
            ..all("what looks for the field's value finds it no more where it was")
        },
        ("rows", "formats") => {
            Rule { moved: Some(Class::Breaking), ..grows("times are read that were refused", VALUE) }
        }
        ("rows", "when") => Rule {
            removed: Some(Class::Minor),
            adds: "records get the token that had it not",
            ..all("records lose the token, or get it in other cases")
        },
        ("rows", "otherwise") => Rule {
            moved: Some(Class::Breaking),
            ..grows("a value that was refused fills a token", "a value that filled a token is refused")
        },
        ("values", "title" | "decision" | "beyond")
        | ("rows", "table" | "sample" | "alternatives" | "decision" | "waived")
        | ("about", _)
        | (_, "note") => DOC,
        ("rows" | "values", _) | ("cases", "to") => all(VALUE),
        ("cases", _) => QUIET,
        (_, "text") => Rule { moved: Some(Class::Breaking), ..grows(FOUND, LOST) },
        (_, "read") => grows(FOUND, LOST),
        // The class depends on the status; see `status`.
        (_, "status") => Rule { adds: FOUND, ..all("its records are partial") },
        (_, name) if name.starts_with("set ") => {
            grows("its events get a value more", "its events have another value, or none")
        }
        _ => all(VALUE),
    }
}

/// The class of a status: what makes records partial breaks.
pub(super) fn status(section: &str, now: &[String]) -> Class {
    let default = if section == "families" { "partial" } else { "mapped" };
    if now.first().map_or(default, String::as_str) == "partial" { Class::Breaking } else { Class::Minor }
}

/// The class of a whole entry that is new, and why.
pub(super) fn new(section: &str, entry: &Entry) -> (Class, &'static str) {
    match section {
        "decode" if entry.key == "required" => (Class::Breaking, "records without these are partial"),
        "about" => (Class::Patch, ""),
        "rows" if entry.get("token").is_empty() => (Class::Patch, ""),
        "rows" => (Class::Minor, "another field fills the token"),
        "tokens" => (Class::Minor, "events have a token more"),
        "values" => (Class::Minor, ""),
        "cases" if keeps(entry) => {
            (Class::Breaking, "this value stood in events as it is, and is replaced now")
        }
        "cases" => (Class::Minor, "a value outside the map gets an output"),
        "messages" => (Class::Minor, "another message is known"),
        "families" => (Class::Minor, "more messages are known"),
        _ => (Class::Minor, "more of a record is taken apart"),
    }
}

/// Why an entry that is new breaks, if it takes what something else had until now.
pub(super) fn took(section: &str, entry: &Entry, old: &Lock) -> Option<&'static str> {
    match section {
        // Where only listed keys end a value, each new one ends values that went on.
        "decode" => {
            let above =
                |step: &&Entry| entry.key.strip_prefix(&step.key).is_some_and(|rest| rest.starts_with(' '));
            let mut steps = old.section(section).iter().filter(above);
            steps.any(|step| !step.get("only-known").is_empty()).then_some(APART)
        }
        "messages" | "families" => {
            let families = old.section("families").iter().filter(|family| holds(&family.key, &entry.key));
            // Of several the longest has the records.
            families
                .max_by_key(|family| family.key.len())
                .filter(|family| loses(family, section, entry))
                .map(|_| "its records were a family's: they lose its constants, or may be partial now")
        }
        _ => None,
    }
}

/// Whether a family takes all records of a message, or of another family.
fn holds(family: &str, key: &str) -> bool {
    match (family.strip_suffix('*'), family.strip_prefix('*')) {
        (Some(start), _) => key.starts_with(start),
        (None, Some(end)) => key.ends_with(end),
        (None, None) => false,
    }
}

/// Whether records of a family lose something by an entry of their own.
fn loses(family: &Entry, section: &str, entry: &Entry) -> bool {
    let mut constants = family.says.iter().filter(|(name, _)| name.starts_with("set "));
    let mapped = |section: &str, entry: &Entry| status(section, entry.get("status")) == Class::Minor;
    let reads = |entry: &Entry| !entry.get("text").is_empty() || !entry.get("read").is_empty();
    let partial = !mapped(section, entry) || (reads(entry) && !reads(family));
    constants.any(|(name, value)| entry.get(name) != value.as_slice())
        || (mapped("families", family) && partial)
        || entry.get("required").iter().any(|token| !family.get("required").contains(token))
}

/// The class of a whole entry that is gone, and why.
pub(super) fn gone(section: &str, entry: &Entry) -> (Class, &'static str) {
    match section {
        "decode" if entry.key == "required" => (Class::Minor, "records without these are no longer partial"),
        "about" => (Class::Patch, ""),
        "rows" if entry.get("token").is_empty() => (Class::Patch, ""),
        "rows" => (Class::Breaking, "the field fills the token no more"),
        "tokens" => (Class::Breaking, "events have it no more"),
        "values" => (Class::Breaking, "what went through it has other values"),
        "cases" if keeps(entry) => (Class::Breaking, "the value stands in events as it is now"),
        "cases" => (Class::Breaking, "the value has no output any more"),
        "messages" => (Class::Breaking, "its records are partial, without its constants"),
        "families" => (Class::Breaking, "its records lose its constants"),
        _ => (Class::Breaking, APART),
    }
}

/// Whether values outside the map of a case stay as they are, and the case is not one that does the same.
fn keeps(case: &Entry) -> bool {
    let same = case
        .get("to")
        .first()
        .is_some_and(|to| case.key.split_once(": ").is_some_and(|(_, from)| from == to));
    case.get("else").first().is_some_and(|outside| outside == "keep") && !same
}
