//! Pairs written backwards: those of `key-value`, and those that a catalogue's bodies are made of.

use xdr_codegen::ir::{Key, KeyTemplates, KeyValue, Pairs, Target, Template, To};

use super::extension::{has_escapes, in_value};
use super::template::targets as captures;
use super::template::{Fill, Made, Piece, Wish, Writer, fill, hands_on};
use super::value::Value;

/// How a value stands in its record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoted {
    No,
    Yes,
    /// It runs to the end of the record, whatever it holds.
    Last,
}

/// A text of `key=value` pairs; the text in hand behind it goes into the key that hands one on.
pub(super) fn key_value<'g>(w: &mut Writer<'_, 'g>, pairs: &'g KeyValue, inner: Piece) -> Made<Piece> {
    let handing = handing(w, &pairs.keys, &inner)?;
    let order = order(w, pairs, handing);
    let escapes = pairs.escapes && w.choose.choose("escapes of pairs", 2) == 1;
    let mut texts: Vec<String> = Vec::new();
    let mut fills: Vec<Fill> = Vec::new();
    let mut left = inner.left.clone();
    let mut done: Vec<&str> = Vec::new();
    for index in order {
        let Some(key) = pairs.keys.get(index) else { continue };
        if done.contains(&key.name.as_str()) {
            continue;
        }
        done.push(&key.name);
        // Keys below one that may hold a map are written into a map.
        let (text, some) = if let Some(name) = below(pairs, key) {
            if done.contains(&name) || w.choose.once_in(2) {
                continue;
            }
            done.push(name);
            map(w, pairs, name)?
        } else {
            let handed = if handing == Some(index) { inner.text.as_str() } else { "" };
            let (text, some, named) = pair(w, pairs, key, escapes, handed)?;
            if handing == Some(index) && named {
                left = None;
            }
            (text, some)
        };
        texts.push(text);
        fills.extend(some);
    }
    if !pairs.only_known && w.choose.once_in(3) {
        let value = word(w);
        let at = texts.len().min(1);
        texts.insert(at, format!("x-more{}{value}", char::from(pairs.assign)));
        fills.push(Fill::Extra("x-more".to_owned(), Value::text(value)));
    }
    fills.extend(inner.fills);
    if texts.is_empty() {
        return Err("there is no key to write".to_owned());
    }
    let text = texts.join(" ");
    if pairs.escapes && !escapes && has_escapes(&text) {
        return Err("its text would be taken for one with escapes".to_owned());
    }
    Ok(Piece { text, fills, left })
}

/// Which keys, and in which order: the first one first, the last one last, the one that hands on in any case.
fn order(w: &mut Writer<'_, '_>, pairs: &KeyValue, handing: Option<usize>) -> Vec<usize> {
    let count = pairs.keys.len();
    let density = *w.choose.pick(&[8, 3, 2]).unwrap_or(&3);
    let place = |name: &Option<String>| {
        name.as_ref().and_then(|name| pairs.keys.iter().position(|key| key.name == *name))
    };
    let (first, last) = (place(&pairs.first), place(&pairs.last));
    let mut order = Vec::new();
    for (index, key) in pairs.keys.iter().enumerate() {
        let wanted = handing == Some(index);
        let keyed =
            targets(key).iter().any(|to| matches!(to, To::Field(slot) if w.preset.contains_key(slot)));
        let chosen = w.choose.choose(&format!("key {}", key.name), 2) == 0 && w.choose.once_in(density);
        if unwanted(w, key) && !wanted {
            continue;
        }
        if wanted || wished(w, key) || (keyed && !w.choose.once_in(4)) || chosen {
            order.push(index);
        }
    }
    if order.is_empty() {
        order.push(w.choose.below(count));
    }
    if w.choose.once_in(2) {
        w.choose.shuffle(&mut order);
    }
    order.retain(|index| Some(*index) != first && Some(*index) != last);
    let mut all: Vec<usize> = first.into_iter().collect();
    all.append(&mut order);
    let wants_last = last.filter(|index| handing == Some(*index) || w.choose.once_in(2));
    all.extend(wants_last);
    all
}

/// The key that hands the text behind its step on, if there is such a text: one, as only the first of them is read.
pub(super) fn handing(w: &mut Writer<'_, '_>, keys: &[Key], inner: &Piece) -> Made<Option<usize>> {
    if inner.text.is_empty() {
        return Ok(None);
    }
    let able: Vec<usize> = (0..).zip(keys).filter(|(_, key)| hands(key)).map(|(index, _)| index).collect();
    match able.as_slice() {
        [] => Err("no key hands a text on to the next step".to_owned()),
        [one] => Ok(Some(*one)),
        several => Ok(several.get(w.choose.choose("the key that hands on", several.len())).copied()),
    }
}

/// Whether the key would fill a field that is wanted to have no value.
fn unwanted(w: &Writer<'_, '_>, key: &Key) -> bool {
    targets(key).into_iter().any(|to| w.is_unwanted(to))
}

/// Whether a field is wanted that the key fills.
pub(super) fn wished(w: &Writer<'_, '_>, key: &Key) -> bool {
    targets(key).iter().any(|to| match to {
        To::Field(slot) => w.wishes.get(slot).is_some_and(|wish| *wish != Wish::Absent),
        _ => false,
    })
}

pub(super) fn hands(key: &Key) -> bool {
    match &key.value {
        KeyTemplates::Whole(target) => target.hand,
        KeyTemplates::Templates(templates) => templates.iter().any(hands_on),
    }
}

pub(super) fn targets(key: &Key) -> Vec<&To> {
    match &key.value {
        KeyTemplates::Whole(target) => vec![&target.to],
        KeyTemplates::Templates(templates) => {
            templates.iter().flat_map(|template| captures(&template.ops)).map(|target| &target.to).collect()
        }
    }
}

/// The key with a map that this key belongs into.
fn below<'p>(pairs: &'p KeyValue, key: &Key) -> Option<&'p str> {
    let nested = pairs.nested.iter().filter(|(_, apart)| *apart);
    let inside = |name: &str| key.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    nested.into_iter().find(|(name, _)| inside(name)).map(|(name, _)| name.as_str())
}

/// A pair, what it fills, and whether a field keeps what it hands on.
fn pair<'g>(
    w: &mut Writer<'_, 'g>,
    pairs: &'g KeyValue,
    key: &'g Key,
    escapes: bool,
    inner: &str,
) -> Made<(String, Vec<Fill>, bool)> {
    let is_last = pairs.last.as_ref() == Some(&key.name);
    let is_nested = pairs.nested.iter().any(|(name, _)| *name == key.name);
    let (text, fills, named) = of_key(w, &format!("key {}, templates", key.name), key, inner)?;
    let text = if escapes { in_value(w, &text) } else { text };
    let quoted = if is_last {
        Quoted::Last
    } else if w.choose.once_in(2) && !is_nested {
        Quoted::Yes
    } else {
        Quoted::No
    };
    let plain = plain(pairs, &text) && (!is_nested || nested(&text));
    let written = match quoted {
        // Behind a quote the value must end in one; without one, a quote in front would open it.
        Quoted::Last if text.starts_with('"') || w.choose.once_in(2) => format!("\"{text}\""),
        Quoted::Last => text,
        Quoted::No if plain && !text.is_empty() => text,
        _ if is_nested || text.contains('"') => {
            return Err(format!("`{text}` has no form as a value of pairs"));
        }
        _ => format!("\"{text}\""),
    };
    Ok((format!("{}{}{written}", key.name, char::from(pairs.assign)), fills, named))
}

/// Whether a text may stand without quotes: it has none in front and nothing in it opens another pair.
fn plain(pairs: &KeyValue, text: &str) -> bool {
    let opens = |word: &str| {
        let key: String =
            word.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')).collect();
        let is_key = !key.is_empty()
            && word.get(key.len()..).is_some_and(|rest| rest.starts_with(char::from(pairs.assign)));
        is_key && (!pairs.only_known || pairs.keys.iter().any(|known| known.name == key))
    };
    !text.starts_with('"') && !text.split([' ', '\t']).skip(1).any(opens)
}

/// Whether a value of a key that may be nested ends where it should: brackets are closed, and none is opened by chance.
fn nested(text: &str) -> bool {
    let opens = text.starts_with('[') || text.starts_with("map[");
    let count = |c| text.matches(c).count();
    !opens || count('[') == count(']')
}

/// Key and value of a map as Go prints it.
fn map<'g>(w: &mut Writer<'_, 'g>, pairs: &'g KeyValue, name: &str) -> Made<(String, Vec<Fill>)> {
    let assign = char::from(pairs.assign);
    let (mut members, mut fills) = (Vec::new(), Vec::new());
    for key in pairs.keys.iter().filter(|key| below(pairs, key) == Some(name)) {
        if w.choose.choose(&format!("key {}", key.name), 2) == 1 {
            continue;
        }
        let (text, some, _) = of_key(w, &format!("key {}, templates", key.name), key, "")?;
        let inside = key.name.get(name.len() + 1..).unwrap_or_default();
        let balanced = text.matches('[').count() == text.matches(']').count();
        if !balanced || text.split(' ').skip(1).any(|word| word.contains(assign)) {
            return Err(format!("`{text}` has no form as a member of a map"));
        }
        members.push(format!("{inside}{assign}{text}"));
        fills.extend(some);
    }
    if members.is_empty() {
        let value = word(w);
        members.push(format!("own{assign}{value}"));
        fills.push(Fill::Extra(format!("{name}.own"), Value::text(value)));
    }
    Ok((format!("{name}{assign}map[{}]", members.join(" ")), fills))
}

/// Why a value cannot be written.
const BLANKS: &str = "blanks around a value belong to no value";

/// The text of a key's value and what it fills; whether a field keeps what it hands on.
pub(super) fn of_key<'g>(
    w: &mut Writer<'_, 'g>,
    site: &str,
    key: &'g Key,
    inner: &str,
) -> Made<(String, Vec<Fill>, bool)> {
    match &key.value {
        KeyTemplates::Whole(target) if target.hand => {
            if inner.trim() != inner {
                return Err(BLANKS.to_owned());
            }
            let named = target.to != To::Nothing;
            Ok((inner.to_owned(), fill(&target.to, Value::text(inner)).into_iter().collect(), named))
        }
        KeyTemplates::Whole(Target { to, .. }) => {
            let fits = |text: &str| text.trim() == text && !text.contains('"');
            let value = w.value(to, fits, |choose| choose.word(&["kim", "lee"]).to_owned())?;
            Ok((value.text.clone(), by_key(key, to, value).into_iter().collect(), false))
        }
        KeyTemplates::Templates(templates) => {
            let inner = if templates.iter().any(hands_on) { inner } else { "" };
            let (index, text, captured) = w.by_one_of(site, templates, inner)?;
            let named = templates.get(index).is_some_and(named);
            if text.trim() != text {
                return Err(BLANKS.to_owned());
            }
            Ok((text, Writer::fills(captured), named))
        }
    }
}

/// What the value of a key fills, if anything.
pub(super) fn by_key(key: &Key, to: &To, value: Value) -> Option<Fill> {
    match fill(to, value)? {
        Fill::Field(slot, value) => Some(Fill::Key(slot, key.name.clone(), value)),
        other => Some(other),
    }
}

/// Whether a field keeps what the template hands on.
fn named(template: &Template) -> bool {
    captures(&template.ops).any(|target| target.hand && target.to != To::Nothing)
}

fn word(w: &mut Writer<'_, '_>) -> String {
    w.choose.word(&["one", "seven", "w-9"]).to_owned()
}

/// A body of a catalogue's pairs.
pub(super) fn body<'g>(w: &mut Writer<'_, 'g>, pairs: &'g Pairs) -> Made<Piece> {
    let density = *w.choose.pick(&[12, 6, 3]).unwrap_or(&6);
    let mut chosen: Vec<usize> = (0..pairs.keys.len())
        .filter(|index| {
            let Some(key) = pairs.keys.get(*index).filter(|key| !unwanted(w, key)) else { return false };
            wished(w, key)
                || w.choose.once_in(density) && w.choose.choose(&format!("pair {}", key.name), 2) == 0
        })
        .collect();
    if chosen.is_empty() {
        chosen.push(w.choose.choose("pair", pairs.keys.len()));
    }
    w.choose.shuffle(&mut chosen);
    let (mut texts, mut fills): (Vec<String>, Vec<Fill>) = (Vec::new(), Vec::new());
    if let Some(prefix) = pairs.prefix.as_ref().filter(|_| w.choose.once_in(4)) {
        let text = word(w);
        fills.extend(fill(&prefix.to, Value::text(text.clone())));
        texts.push(text);
    }
    for index in chosen {
        let Some(key) = pairs.keys.get(index) else { continue };
        let (text, some, _) = of_key(w, &format!("pair {}, templates", key.name), key, "")?;
        if !closed(pairs, &key.name, &text) {
            return Err(format!("`{text}` has no form as a value of `{}`", key.name));
        }
        let written = match w.choose.below(4) {
            0 if !text.contains('"') && !text.is_empty() => format!("\"{text}\""),
            _ => text,
        };
        // A key ends in front of a blank.
        let gap = if written.is_empty() && pairs.separator.starts_with(' ') { "" } else { " " };
        texts.push(format!("{}{gap}{written}", key.name));
        fills.extend(some);
    }
    Ok(Piece { text: texts.join(&pairs.separator), fills, left: None })
}

/// Whether a value ends where its pair does: nothing in it begins another one, and with its key it makes no longer key.
fn closed(pairs: &Pairs, key: &str, text: &str) -> bool {
    let core = pairs.separator.trim();
    let whole = format!("{key} {text}");
    let stands = |known: &Key, text: &str| {
        text.strip_prefix(known.name.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
    };
    let longer = |known: &Key| known.name.len() > key.len() && stands(known, &whole);
    let is_key = |word: &str| word.contains('_') && pairs.keys.iter().any(|known| known.name == word);
    // A separator counts where a key follows.
    let separates = text.match_indices(core).any(|(at, _)| {
        let behind = text.get(at + core.len()..).unwrap_or_default().trim_start();
        behind.is_empty() || pairs.keys.iter().any(|known| stands(known, behind))
    });
    !text.contains('"') && !separates && !text.split(' ').any(is_key) && !pairs.keys.iter().any(longer)
}
