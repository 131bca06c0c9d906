//! What changed from one lock to another, and what it means to those who use the events.

use std::collections::{BTreeMap, BTreeSet};

use super::{Entry, Lock, rules};

/// How much a change matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Events stay as they are.
    Patch,
    /// Events have more; what was there stays.
    Minor,
    /// What was built on the events may find no more what it looks for.
    Breaking,
}

impl Class {
    /// The word: `patch`, `minor` or `breaking`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Breaking => "breaking",
        }
    }
}

/// A change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// How much it matters.
    pub class: Class,
    /// The part of the lock.
    pub section: &'static str,
    /// The entry.
    pub entry: String,
    /// What changed.
    pub what: String,
    /// Why it has that class; empty where nothing follows from it.
    pub why: &'static str,
}

/// The class of all changes together: that of the one which matters most.
pub fn overall(changes: &[Change]) -> Option<Class> {
    changes.iter().map(|change| change.class).max()
}

/// The changes from one lock to another, in the order of the parts and entries. Versions are not compared.
pub fn compare(old: &Lock, new: &Lock) -> Vec<Change> {
    let mut changes = Vec::new();
    for section in &new.sections {
        entries(section.name, old, new, &mut changes);
    }
    if by_text(old) || by_text(new) {
        order_of_messages(old, new, &mut changes);
    }
    changes
}

fn entries(section: &'static str, before: &Lock, after: &Lock, changes: &mut Vec<Change>) {
    let (old, new) = (before.section(section), after.section(section));
    let (pairs, gone) = pair(old, new);
    let whole = |entry: &Entry, what: &str, (class, why)| Change {
        class,
        section,
        entry: entry.key.clone(),
        what: what.to_owned(),
        why,
    };
    for entry in gone {
        changes.push(whole(entry, &format!("gone{}", brief(section, entry)), rules::gone(section, entry)));
    }
    for (entry, known) in new.iter().zip(pairs) {
        let Some(known) = known else {
            let took = rules::took(section, entry, before);
            let class = took.map_or_else(|| rules::new(section, entry), |why| (Class::Breaking, why));
            changes.push(whole(entry, &format!("new{}", brief(section, entry)), class));
            continue;
        };
        said(section, known, entry, changes);
    }
}

/// What an entry is for, if its name does not say it.
fn brief(section: &str, entry: &Entry) -> String {
    let name = match section {
        "rows" => "token",
        "cases" => "to",
        _ => return String::new(),
    };
    entry.get(name).first().map_or_else(String::new, |value| format!(" → `{value}`"))
}

/// For each new entry the old one that it was, and the old entries that none is. Of entries that share a name those belong together
/// of which the same is said first.
fn pair<'e>(old: &'e [Entry], new: &[Entry]) -> (Vec<Option<&'e Entry>>, Vec<&'e Entry>) {
    let mut left: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in old {
        left.entry(&entry.key).or_default().push(entry);
    }
    let mut pairs: Vec<Option<&Entry>> = vec![None; new.len()];
    for exact in [true, false] {
        for (entry, pair) in new.iter().zip(&mut pairs).filter(|(_, pair)| pair.is_none()) {
            let Some(same) = left.get_mut(entry.key.as_str()) else { continue };
            let alike = |old: &&Entry| !exact || old.says.first() == entry.says.first();
            *pair = same.iter().position(alike).map(|at| same.remove(at));
        }
    }
    let left: BTreeSet<*const Entry> = left.into_values().flatten().map(std::ptr::from_ref).collect();
    (pairs, old.iter().filter(|entry| left.contains(&std::ptr::from_ref(*entry))).collect())
}

/// The changes of what is said about an entry.
fn said(section: &'static str, old: &Entry, new: &Entry, changes: &mut Vec<Change>) {
    let names = old.says.iter().chain(&new.says).map(|(name, _)| name.as_str());
    let mut seen = BTreeSet::new();
    // Of a row that was not mapped, or is not any more, only the token counts.
    let unmapped = section == "rows" && (old.get("token").is_empty() || new.get("token").is_empty());
    for name in names.filter(|name| seen.insert(*name)) {
        let (before, after) = (old.get(name), new.get(name));
        if before == after {
            continue;
        }
        let mut rule = rules::said(section, &new.key, name);
        if unmapped && name != "token" {
            rule = rules::said("about", "", "");
        } else if name == "status" {
            let class = Some(rules::status(section, after));
            rule = rules::Rule { added: class, removed: class, changed: class, ..rule };
        }
        let mut tell = |class: Option<Class>, what: String, breaks: &'static str| {
            let Some(class) = class else { return };
            let why = match class {
                Class::Breaking => breaks,
                Class::Minor => rule.adds,
                Class::Patch => "",
            };
            changes.push(Change { class, section, entry: new.key.clone(), what, why });
        };
        if let ([was], [is]) = (before, after) {
            tell(rule.changed, format!("{name}: `{was}` is `{is}` now"), rule.breaks);
            continue;
        }
        let known: BTreeSet<&String> = before.iter().collect();
        let kept: BTreeSet<&String> = after.iter().filter(|value| known.contains(value)).collect();
        for value in before.iter().filter(|value| !kept.contains(value)) {
            tell(rule.removed, format!("{name}: without `{value}`"), rule.breaks);
        }
        // Whatever stands in front of one that was there comes before it now.
        let last = after.iter().rposition(|value| kept.contains(value));
        for (at, value) in after.iter().enumerate().filter(|(_, value)| !kept.contains(value)) {
            let front = last.is_some_and(|last| at < last);
            let class = if front { rule.added.max(rule.moved) } else { rule.added };
            let (place, breaks) =
                if front { (", in front of others", rules::MOVES) } else { ("", rule.breaks) };
            tell(class, format!("{name}: `{value}` is new{place}"), breaks);
        }
        let order = |values: &[String]| {
            values.iter().filter(|value| kept.contains(value)).cloned().collect::<Vec<_>>()
        };
        if order(before) != order(after) {
            tell(rule.moved, format!("{name}: another order, {}", quoted(after)), rules::MOVES);
        }
    }
}

fn quoted(values: &[String]) -> String {
    values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ")
}

/// Whether the source finds messages by their text, so that their order counts.
fn by_text(lock: &Lock) -> bool {
    let decode = lock.sections.iter().filter(|section| section.name == "decode");
    decode.flat_map(|section| &section.entries).any(|entry| !entry.get("keyless").is_empty())
}

fn order_of_messages(old: &Lock, new: &Lock, changes: &mut Vec<Change>) {
    let keys = |lock: &Lock| -> Vec<String> {
        let messages = lock.sections.iter().filter(|section| section.name == "messages");
        messages.flat_map(|section| section.entries.iter().map(|entry| entry.key.clone())).collect()
    };
    let (before, after) = (keys(old), keys(new));
    let (known, kept): (BTreeSet<_>, BTreeSet<_>) = (before.iter().collect(), after.iter().collect());
    let mut was = before.iter().filter(|key| kept.contains(key));
    let is = after.iter().filter(|key| known.contains(key));
    if let Some(key) = is.into_iter().find(|key| was.next() != Some(key)) {
        changes.push(Change {
            class: Class::Breaking,
            section: "messages",
            entry: key.clone(),
            what: "stands elsewhere among the messages".to_owned(),
            why: "a record without a key is taken for the first message whose text it has",
        });
    }
}
