//! CEF and LEEF written backwards: a header between bars, pairs behind it, and pairs that name other pairs.

use xdr_codegen::ir::{Extension, Key, KeyTemplates, Slot, Target, To};

use super::pairs::{by_key, handing, of_key, targets, wished};
use super::template::{Fill, Made, Piece, Wish, Writer, fill};
use super::value::Value;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Cef,
    Leef,
}

/// Keys without a meaning of their own, whose names other pairs tell.
const STEMS: [&str; 6] = ["cs1", "cs6", "cn1", "cn3", "deviceCustomDate1", "flexString2"];

/// A separator of LEEF 2.0 as its header declares it, and the character that it is.
const SEPARATORS: [(&str, char); 6] =
    [("^", '^'), ("x5E", '^'), ("0x5e", '^'), ("xa6", '¦'), ("~", '~'), ("0x09", '\t')];

/// A pair: its key, the text of its value, and what it fills.
struct Pair {
    key: String,
    text: String,
    fills: Vec<Fill>,
}

/// A record of the format; the text in hand behind it goes into the key that hands one on.
pub(super) fn write<'g>(
    w: &mut Writer<'_, 'g>,
    format: Format,
    extension: &'g Extension,
    inner: Piece,
) -> Made<Piece> {
    let (head, version, mut fills) = header(w, format, extension)?;
    let mut left = inner.left.clone();
    let mut draft = Draft { format, extension, pairs: Vec::new(), labels: Vec::new(), orphan: None };
    let handing = handing(w, &extension.keys, &inner)?;
    for index in order(w, extension, handing) {
        let Some(key) = extension.keys.get(index) else { continue };
        let handed = if handing == Some(index) { inner.text.as_str() } else { "" };
        let (text, some, named) = draft.value(w, key, handed)?;
        if handing == Some(index) && named {
            left = None;
        }
        draft.put(w, &key.name, text, some)?;
    }
    draft.strangers(w)?;
    draft.place_labels(w);
    let Draft { pairs, orphan, .. } = draft;
    let text = match format {
        Format::Cef => cef(w, head, &pairs),
        Format::Leef => leef(w, head, &version, &pairs)?,
    };
    fills.extend(pairs.into_iter().flat_map(|pair| pair.fills));
    fills.extend(orphan);
    fills.extend(inner.fills);
    Ok(Piece { text, fills, left })
}

/// Whether a text holds a whole header, and behind it pairs or nothing.
pub(super) fn stands(format: Format, text: &str) -> bool {
    let (mark, bars) = match format {
        Format::Cef => ("CEF:", 6),
        Format::Leef => ("LEEF:", 4),
    };
    let behind = text.match_indices(mark).find_map(|(at, _)| {
        let (before, behind) = (text.get(..at)?, text.get(at + mark.len()..)?);
        let version = behind.trim_start_matches([' ', '\t']);
        let rest = version.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let is_header = rest.len() < version.len() && rest.starts_with('|');
        (is_header && !before.ends_with(|c: char| c.is_ascii_alphanumeric())).then_some(rest)
    });
    let mut escaped = false;
    let is_bar = |c: char| {
        let is_bar = c == '|' && !escaped;
        escaped = format == Format::Cef && c == '\\' && !escaped;
        is_bar
    };
    behind.is_some_and(|rest| rest.chars().map(is_bar).filter(|is_bar| *is_bar).count() >= bars)
}

/// The header without the bar behind its last part, its version, and what it fills.
fn header<'g>(
    w: &mut Writer<'_, 'g>,
    format: Format,
    extension: &'g Extension,
) -> Made<(String, String, Vec<Fill>)> {
    let [prefix, version, parts @ ..] = extension.parts.as_slice() else {
        return Err("the header has no parts".to_owned());
    };
    let (mark, versions, usual): (_, &[&str], &[&str]) = match format {
        Format::Cef => ("CEF:", &["0", "1", "1.0"], &["Acme", "Acme Gate", "1.0", "100", "Login", "5"]),
        Format::Leef => ("LEEF:", &["1.0", "2.0", "1", "2"], &["Acme", "Acme Gate", "1.0", "100"]),
    };
    let mut fills = Vec::new();
    let mut text = String::new();
    // Behind a syslog header such a text would be taken for a part of that.
    if !w.headed && w.choose.once_in(6) {
        let front = w.choose.word(&["forwarded by relay7", "lost", "[7]"]);
        text = format!("{front} ");
        fills.extend(fill(&prefix.to, Value::text(front)));
    }
    let number = w.choose.choose(&format!("version of {mark}"), versions.len());
    let usual_version = versions.get(number).copied().unwrap_or("0");
    let is_version = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_digit())
            && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    let version = part(w, version, is_version, usual_version, &mut fills)?;
    let blank = if w.choose.once_in(8) { " " } else { "" };
    text = format!("{text}{mark}{blank}{version}");
    for (target, usual) in parts.iter().zip(usual) {
        let fits = |text: &str| {
            text.trim() == text && !text.contains('\n') && (format == Format::Cef || !text.contains('|'))
        };
        let value = part(w, target, fits, usual, &mut fills)?;
        let blank = if w.choose.once_in(24) { " " } else { "" };
        let value = match format {
            Format::Cef => in_header(w, &value),
            Format::Leef => value,
        };
        text = format!("{text}|{blank}{value}");
    }
    Ok((text, version, fills))
}

/// A part of the header. One that would name the message of a record that is to name none is empty.
fn part<'g>(
    w: &mut Writer<'_, 'g>,
    target: &'g Target,
    fits: impl Fn(&str) -> bool,
    usual: &str,
    fills: &mut Vec<Fill>,
) -> Made<String> {
    let value = match &target.to {
        To::Field(slot) if (nameless(w, *slot) || w.wishes.get(slot) == Some(&Wish::Absent)) && fits("") => {
            Value::text("")
        }
        // Where no row reads the part, now and then with a character that has an escape.
        To::Extra(_) if fits("a|b\\") && w.choose.once_in(12) => Value::text("a|b\\c=d\\"),
        To::Extra(_) => Value::text(usual),
        To::Field(_) | To::Nothing => w.value(&target.to, fits, |_| usual.to_owned())?,
    };
    let text = value.text.clone();
    fills.extend(fill(&target.to, value));
    Ok(text)
}

/// Whether a field names the message, and no text is decided for it.
pub(super) fn nameless(w: &Writer<'_, '_>, slot: Slot) -> bool {
    is_name(w, slot) && !w.preset.contains_key(&slot)
}

fn is_name(w: &Writer<'_, '_>, slot: Slot) -> bool {
    w.lookup.is_some_and(|(slots, _)| slots.contains(&slot))
}

/// Which keys, and in which order; the one that hands on in any case.
fn order(w: &mut Writer<'_, '_>, extension: &Extension, handing: Option<usize>) -> Vec<usize> {
    let density = *w.choose.pick(&[8, 3, 2]).unwrap_or(&3);
    let mut order = Vec::new();
    for (index, key) in extension.keys.iter().enumerate() {
        let fields: Vec<Slot> = targets(key)
            .into_iter()
            .filter_map(|to| match to {
                To::Field(slot) => Some(*slot),
                _ => None,
            })
            .collect();
        let unwanted =
            fields.iter().any(|slot| w.wishes.get(slot) == Some(&Wish::Absent) || nameless(w, *slot));
        let wanted = handing == Some(index);
        let keyed = fields.iter().any(|slot| w.preset.contains_key(slot));
        let chosen = w.choose.choose(&format!("key {}", key.name), 2) == 0 && w.choose.once_in(density);
        let some = wished(w, key) || (keyed && !w.choose.once_in(4)) || chosen;
        if wanted || (some && !unwanted) {
            order.push(index);
        }
    }
    if w.choose.once_in(2) {
        w.choose.shuffle(&mut order);
    }
    order
}

/// The pairs as they come along.
struct Draft<'g> {
    format: Format,
    extension: &'g Extension,
    pairs: Vec<Pair>,
    /// Keys, and the names that other pairs tell of them.
    labels: Vec<(&'static str, String)>,
    /// What a name of nothing fills.
    orphan: Option<Fill>,
}

impl<'g> Draft<'g> {
    /// The text of a key's value and what it fills; whether a field keeps what it hands on.
    fn value(&self, w: &mut Writer<'_, 'g>, key: &'g Key, inner: &str) -> Made<(String, Vec<Fill>, bool)> {
        let KeyTemplates::Whole(target) = &key.value else {
            return of_key(w, &format!("key {}, templates", key.name), key, inner);
        };
        if target.hand {
            return of_key(w, "", key, inner);
        }
        let fits = |text: &str| text.trim() == text && !text.contains(['\n', '\t']);
        let slot = match &target.to {
            To::Field(slot) => Some(*slot),
            _ => None,
        };
        let decided = slot.is_some_and(|slot| {
            is_name(w, slot) || w.preset.contains_key(&slot) || w.wishes.contains_key(&slot)
        });
        let mut value = w.value(&target.to, fits, |choose| choose.word(&["kim", "lee"]).to_owned())?;
        if self.format == Format::Cef && !decided && !value.text.is_empty() && w.choose.once_in(24) {
            let line = w.choose.word(&["\nlee", "\r\nsecond=line", "\n\\n"]);
            value = Value::text(format!("{}{line}", value.text));
        }
        Ok((value.text.clone(), by_key(key, &target.to, value).into_iter().collect(), false))
    }

    /// Adds a pair, whose name another pair tells if it cannot be a key, and sometimes if it can.
    fn put(&mut self, w: &mut Writer<'_, 'g>, name: &str, text: String, fills: Vec<Fill>) -> Made<()> {
        let is_key = is_key(self.format, name);
        let site = format!("key {name}, named by another");
        let labelled = self.extension.labels && (!is_key || w.choose.choose(&site, 2) == 1);
        let key = match self.stem(w).filter(|_| labelled) {
            Some(stem) => {
                self.labels.push((stem, name.to_owned()));
                stem.to_owned()
            }
            None if is_key => name.to_owned(),
            None => return Err(format!("no key is left that `{name}` could be the name of")),
        };
        self.pairs.push(Pair { key, text, fills });
        Ok(())
    }

    /// A key that is free.
    fn stem(&self, w: &mut Writer<'_, 'g>) -> Option<&'static str> {
        let is_free = |stem: &&&str| {
            !self.is_listed(stem)
                && !self.labels.iter().any(|(taken, _)| taken == *stem)
                && !self.pairs.iter().any(|pair| pair.key == ***stem)
        };
        let free: Vec<&str> = STEMS.iter().filter(is_free).copied().collect();
        w.choose.pick(&free).copied()
    }

    fn is_listed(&self, name: &str) -> bool {
        self.extension.keys.iter().any(|key| key.name == name)
    }

    /// Pairs that the spec does not list.
    fn strangers(&mut self, w: &mut Writer<'_, 'g>) -> Made<()> {
        if w.choose.once_in(3) && !self.is_listed("x-more") {
            let value = w.value(
                &To::Nothing,
                |text| text.trim() == text && !text.contains(['\n', '\t']),
                |_| "one".to_owned(),
            )?;
            let text = value.text.clone();
            self.pairs.push(Pair {
                key: "x-more".to_owned(),
                text,
                fills: vec![Fill::Extra("x-more".to_owned(), value)],
            });
        }
        if w.choose.once_in(6)
            && !self.is_listed("Own = name")
            && let Some(stem) = self.stem(w)
        {
            // Where names are not looked at, both are pairs like others.
            let name = if self.format == Format::Cef { "Own = name" } else { "Own name" };
            let value = Value::text(w.choose.word(&["inner", "7"]));
            let field = if self.extension.labels { name } else { stem };
            self.pairs.push(Pair {
                key: stem.to_owned(),
                text: value.text.clone(),
                fills: vec![Fill::Extra(field.to_owned(), value)],
            });
            self.labels.push((stem, name.to_owned()));
        }
        if w.choose.once_in(8)
            && let Some(stem) = self.stem(w)
        {
            self.labels.push((stem, "Nothing".to_owned()));
        }
        let at = w.choose.below(self.pairs.len() + 1);
        self.pairs.rotate_left(at);
        Ok(())
    }

    /// Puts the pairs with names in front of those that they name, behind them, or anywhere.
    fn place_labels(&mut self, w: &mut Writer<'_, 'g>) {
        for (stem, name) in std::mem::take(&mut self.labels) {
            let key = format!("{stem}Label");
            let place = self.pairs.iter().position(|pair| pair.key == stem);
            let kept = Fill::Extra(key.clone(), Value::text(name.clone()));
            let mut fills = Vec::new();
            match place {
                _ if !self.extension.labels => fills.push(kept),
                None => self.orphan = Some(kept),
                Some(_) => {}
            }
            let at = match place {
                Some(place) if !w.choose.once_in(3) => place + w.choose.below(2),
                _ => w.choose.below(self.pairs.len() + 1),
            };
            self.pairs.insert(at, Pair { key, text: name, fills });
        }
    }
}

/// Whether a name can be the key of a pair.
fn is_key(format: Format, name: &str) -> bool {
    match format {
        Format::Cef => opens_pair(name),
        Format::Leef => !name.contains(['=', '\t', '\n']),
    }
}

/// Whether a word in front of `=` is a key of CEF.
fn opens_pair(word: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']');
    word.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') && word.chars().all(part)
}

/// A part of CEF's header with its escapes. A backslash may stand as it is where it escapes nothing.
fn in_header(w: &mut Writer<'_, '_>, text: &str) -> String {
    let bare = w.choose.once_in(3);
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let escapes = chars.peek().is_none_or(|next| matches!(next, '|' | '\\'));
        match c {
            '\\' if bare && !escapes => {}
            '|' | '\\' => out.push('\\'),
            _ => {}
        }
        out.push(c);
    }
    out
}

/// A value of CEF with its escapes. Many writers leave those out that a reader can do without.
pub(super) fn in_value(w: &mut Writer<'_, '_>, text: &str) -> String {
    let bare = w.choose.once_in(3);
    let mut out = String::new();
    for (at, c) in text.char_indices() {
        let (before, behind) =
            (text.get(..at).unwrap_or_default(), text.get(at + c.len_utf8()..).unwrap_or_default());
        let escapes = behind.is_empty() || behind.starts_with(['\\', '=', 'n', 'r', '\n', '\r']);
        // The first word stands behind the sign of its own pair.
        let opens = before.rsplit_once([' ', '\t']).is_some_and(|(_, word)| opens_pair(word));
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\\' if bare && !escapes => out.push('\\'),
            '=' if bare && !opens => out.push('='),
            '\\' | '=' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}

/// Whether a text is taken for one with escapes where not all are.
pub(super) fn has_escapes(text: &str) -> bool {
    text.contains("\\=") || text.contains("\\\\")
}

fn cef(w: &mut Writer<'_, '_>, head: String, pairs: &[Pair]) -> String {
    // Some writers leave the last bar out where nothing follows.
    if pairs.is_empty() && w.choose.once_in(2) {
        return head;
    }
    let pairs: Vec<String> =
        pairs.iter().map(|pair| format!("{}={}", pair.key, in_value(w, &pair.text))).collect();
    let blanks = if w.choose.once_in(12) { "  " } else { " " };
    format!("{head}|{}", pairs.join(blanks))
}

fn leef(w: &mut Writer<'_, '_>, head: String, version: &str, pairs: &[Pair]) -> Made<String> {
    if pairs.is_empty() && w.choose.once_in(2) {
        return Ok(head);
    }
    let count = if version.starts_with('1') { 1 } else { SEPARATORS.len() + 2 };
    let (part, separator) = match w.choose.choose("separator of pairs", count) {
        0 => (None, '\t'),
        1 => (Some(""), '\t'),
        other => {
            SEPARATORS.get(other - 2).map_or((None, '\t'), |(part, separator)| (Some(*part), *separator))
        }
    };
    let pairs: Vec<String> = pairs.iter().map(|pair| format!("{}={}", pair.key, pair.text)).collect();
    if pairs.iter().any(|pair| pair.contains([separator, '\n'])) {
        return Err("a pair holds the separator of pairs".to_owned());
    }
    let pairs = pairs.join(&separator.to_string());
    match part {
        Some(part) => Ok(format!("{head}|{part}|{pairs}")),
        // A bar in the first key would make what is in front of it a separator.
        None if pairs.split_once('|').is_some_and(|(front, _)| !front.contains('=')) => {
            Err("the first key would be taken for a separator".to_owned())
        }
        None => Ok(format!("{head}|{pairs}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_headers_are_told_from_what_only_begins_as_one() {
        for (format, text, expected) in [
            (Format::Cef, "x CEF: 0|a|b|c|d|e|f", true),
            (Format::Cef, "CEF:0|a|b|c|d|e\\|f", false),
            (Format::Cef, "CEF:0|a|b|c|d|e\\\\|f", true),
            (Format::Cef, "7CEF:0|a|b|c|d|e|f|", false),
            (Format::Cef, "CEF:|a|b|c|d|e|f|", false),
            (Format::Leef, "LEEF:1.0|a|b|c|d", true),
            (Format::Leef, "LEEF:1.0|a|b|c", false),
            (Format::Leef, "CEF:0|a|b|c|d|e|f|", false),
        ] {
            assert_eq!(stands(format, text), expected, "{text}");
        }
    }
}
