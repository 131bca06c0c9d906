//! Messages: which one a record is to be, the text that makes it so, and whether the record really names it.

use xdr_codegen::ir::{Catalogue, Keyless, Message, Module, Op, Slot, Step, Text, To};
use xdr_model::Token;

use super::pairs;
use super::predict::{Account, Fields};
use super::template::{Fill, Made, Piece, Writer, targets};
use super::value::Value;

/// What a record is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    /// A listed message, by its index.
    Message(usize),
    /// One of a family, by how its key begins or ends.
    Prefix(usize),
    Suffix(usize),
    /// One that is not listed.
    Unlisted,
    /// One that does not name its message and is none by its text.
    Unnamed,
}

/// The number of kinds of records of a catalogue.
pub(super) fn count(catalogue: &Catalogue) -> usize {
    catalogue.messages.len() + catalogue.prefixes.len() + catalogue.suffixes.len() + 2
}

/// The kind of this number.
pub(super) fn intent(catalogue: &Catalogue, number: usize) -> Intent {
    let (messages, prefixes) = (catalogue.messages.len(), catalogue.prefixes.len());
    let families = prefixes + catalogue.suffixes.len();
    match number {
        number if number < messages => Intent::Message(number),
        number if number < messages + prefixes => Intent::Prefix(number - messages),
        number if number < messages + families => Intent::Suffix(number - messages - prefixes),
        number if number == messages + families => Intent::Unlisted,
        _ => Intent::Unnamed,
    }
}

/// The fields that name the message, and whether some form does without them.
pub(super) fn step(steps: &[Step]) -> Option<(&[Slot], bool)> {
    let mut found: Option<(&[Slot], bool)> = None;
    for step in steps {
        let forms: Vec<&[Step]> = match step {
            Step::OneOf(forms) => forms.iter().map(|(_, steps)| steps.as_slice()).collect(),
            _ => Vec::new(),
        };
        let own = match step {
            Step::Catalogue(slots, keyless) => Some((slots.as_slice(), *keyless != Keyless::Unread)),
            _ => None,
        };
        for (slots, keyless) in own.into_iter().chain(forms.into_iter().filter_map(self::step)) {
            let before = found.map_or((slots, false), |found| found);
            found = Some((before.0, before.1 || keyless));
        }
    }
    found
}

/// For each field the kinds of records whose templates capture it; without any, the few whose pairs hold it.
pub(super) fn tellers(module: &Module) -> Vec<Vec<usize>> {
    let mut tellers: Vec<Vec<usize>> = vec![Vec::new(); module.fields.len()];
    let Some(catalogue) = &module.catalogue else { return tellers };
    let entries = catalogue.messages.iter().chain(&catalogue.prefixes).chain(&catalogue.suffixes);
    for (kind, message) in entries.enumerate() {
        let mut slots: Vec<Slot> = Vec::new();
        for template in &message.templates {
            let of_parts = template.ops.iter().filter_map(|op| match op {
                Op::Part(number) => catalogue.parts.get(*number),
                _ => None,
            });
            for ops in of_parts.chain([&template.ops]) {
                slots.extend(targets(ops).filter_map(|target| match target.to {
                    To::Field(slot) => Some(slot),
                    _ => None,
                }));
            }
        }
        slots.sort_unstable();
        slots.dedup();
        for slot in slots {
            if let Some(kinds) = tellers.get_mut(usize::from(slot)) {
                kinds.push(kind);
            }
        }
    }
    let read = |message: &Message| message.text == Text::Pairs;
    let entries = catalogue.messages.iter().chain(&catalogue.prefixes).chain(&catalogue.suffixes);
    let paired: Vec<usize> =
        entries.enumerate().filter(|(_, entry)| read(entry)).map(|(kind, _)| kind).collect();
    // Where many messages are read so, they come to their turn by themselves.
    if paired.len() * 10 > count(catalogue) {
        return tellers;
    }
    let keys = catalogue.pairs.iter().flat_map(|pairs| &pairs.keys);
    for to in keys.flat_map(pairs::targets) {
        if let To::Field(slot) = to
            && let Some(kinds) = tellers.get_mut(usize::from(*slot)).filter(|kinds| kinds.is_empty())
        {
            kinds.clone_from(&paired);
        }
    }
    tellers
}

/// The fields that name a message, each with its part of the key. The first part may be of several words, such as the name of a product.
pub(super) fn parts<'k>(slots: &'k [Slot], key: &'k str) -> impl Iterator<Item = (Slot, &'k str)> {
    slots.iter().rev().copied().zip(key.rsplitn(slots.len(), ' '))
}

fn entry(catalogue: &Catalogue, intent: Intent) -> Option<&Message> {
    match intent {
        Intent::Message(index) => catalogue.messages.get(index),
        Intent::Prefix(index) => catalogue.prefixes.get(index),
        Intent::Suffix(index) => catalogue.suffixes.get(index),
        Intent::Unlisted | Intent::Unnamed => None,
    }
}

/// Where the ways to write the text of such a record are chosen from.
pub(super) fn site(catalogue: &Catalogue, intent: Intent) -> String {
    let key = entry(catalogue, intent).map_or("", |message| message.key.as_str());
    match intent {
        Intent::Message(_) => format!("message {key}"),
        Intent::Prefix(_) => format!("family {key}*"),
        Intent::Suffix(_) => format!("family *{key}"),
        Intent::Unlisted => "a message that is not listed".to_owned(),
        Intent::Unnamed => "a record that names no message".to_owned(),
    }
}

/// How many ways there are to write the text of such a record.
pub(super) fn ways(catalogue: &Catalogue, intent: Intent) -> usize {
    entry(catalogue, intent).map_or(1, |message| {
        let count = message.templates.len();
        count + usize::from(message.text != Text::Templates || count == 0)
    })
}

impl<'g> Writer<'_, 'g> {
    /// Decides the fields that name the message. Now and then, where its text alone may say which it is, none does.
    pub(super) fn name(&mut self, catalogue: &'g Catalogue, intent: Intent, slots: &[Slot], keyless: bool) {
        let key = match (intent, entry(catalogue, intent)) {
            (Intent::Message(_), Some(message)) if !catalogue.folded.is_empty() && self.choose.once_in(3) => {
                message.key.to_ascii_lowercase()
            }
            (Intent::Message(_), Some(message)) => message.key.clone(),
            (Intent::Prefix(_), Some(family)) => {
                format!("{}{}", family.key, self.choose.word(&["90909", "Q90909", "]x", "x", "9"]))
            }
            (Intent::Suffix(_), Some(family)) => {
                format!("{}{}", self.choose.word(&["T90909", "90909", "x"]), family.key)
            }
            (Intent::Unlisted, _) => {
                self.choose.word(&["909090", "ZZZ90909", "NOSUCH THING", "T9090X", "nosuch"]).to_owned()
            }
            _ => return,
        };
        if keyless && matches!(intent, Intent::Message(_)) && self.choose.choose("keyless", 3) == 1 {
            return;
        }
        self.preset.extend(parts(slots, &key).map(|(slot, part)| (slot, part.to_owned())));
    }

    /// The text of a record that is to be this.
    pub(super) fn message(&mut self, catalogue: &'g Catalogue, intent: Intent) -> Made<Piece> {
        let Some(message) = entry(catalogue, intent) else {
            let text = if self.choose.choose("text that no message reads", 2) == 0 {
                self.free()?
            } else {
                String::new()
            };
            return Ok(unread(text));
        };
        let count = message.templates.len();
        let site = site(catalogue, intent);
        let ways = ways(catalogue, intent);
        let way = self.choose.choose(&site, ways);
        if way < count {
            let (index, text, captured) = self.written_by(&site, &message.templates, way, "")?;
            let mut fills = Self::fills(captured);
            let set = message.templates.get(index).map_or(&[][..], |template| template.set.as_slice());
            fills.extend(constants(set));
            fills.extend(constants(&message.set));
            return Ok(Piece { text, fills, left: None });
        }
        let piece = match (message.text, catalogue.pairs.as_ref()) {
            (Text::Pairs, Some(known)) => pairs::body(self, known)?,
            (Text::Any, _) => unread(self.free()?),
            (Text::Pairs, None) => return Err("there are no pairs".to_owned()),
            // A family without templates is kept with its text, and partial then.
            (Text::Templates, _)
                if matches!(intent, Intent::Prefix(_) | Intent::Suffix(_)) && self.choose.once_in(2) =>
            {
                unread(self.free()?)
            }
            (Text::Templates, _) => Piece::default(),
        };
        if self.first(&message.templates, &piece.text)?.is_some() {
            return Err("a template of the message reads its text".to_owned());
        }
        let mut fills = piece.fills;
        fills.extend(constants(&message.set));
        Ok(Piece { fills, ..piece })
    }

    /// What the account says of the record, worked out from its fields. An error if it is not what it was to be.
    pub(super) fn account(
        &self,
        catalogue: &'g Catalogue,
        intent: Intent,
        fields: &Fields,
        body: &str,
    ) -> Made<Account> {
        let Some((slots, keyless)) = self.lookup else { return Ok(Account::default()) };
        let key = fields.key(slots);
        let found =
            if key.is_empty() { self.by_text(catalogue, keyless, body)? } else { by_key(catalogue, &key) };
        if found != intent {
            return Err(format!("the record is not that message: its key is `{key}`"));
        }
        let named = match slots {
            [_] => Some(key),
            _ => None,
        };
        let otherwise = catalogue.otherwise_partial;
        Ok(match (intent, entry(catalogue, intent)) {
            (Intent::Message(_), Some(message)) => Account {
                message: Some(message.key.clone()),
                partial: message.partial,
                required: required(message),
            },
            (_, Some(family)) => {
                let unread =
                    family.templates.is_empty() && family.text == Text::Templates && !body.is_empty();
                Account { message: named, partial: family.partial || unread, required: required(family) }
            }
            (Intent::Unnamed, _) => Account { partial: otherwise, ..Account::default() },
            _ => Account { message: named, partial: otherwise, required: Vec::new() },
        })
    }

    /// What a record without a key is by its text.
    fn by_text(&self, catalogue: &'g Catalogue, keyless: Keyless, body: &str) -> Made<Intent> {
        if keyless == Keyless::Unread {
            return Ok(Intent::Unnamed);
        }
        for index in &catalogue.keyless {
            let index = usize::from(*index);
            let Some(message) = catalogue.messages.get(index) else { continue };
            if self.first(&message.templates, body)?.is_some() {
                return Ok(Intent::Message(index));
            }
        }
        match keyless {
            Keyless::Require => Err("a text that no template matches is a reject".to_owned()),
            _ => Ok(Intent::Unnamed),
        }
    }
}

/// What a key names: the message of that key, else one but for its letters' case, else the family whose words are longest.
fn by_key(catalogue: &Catalogue, key: &str) -> Intent {
    let messages = &catalogue.messages;
    let exact = messages.iter().position(|message| message.key == key);
    let folded = || {
        let same = |message: &Message| message.key.eq_ignore_ascii_case(key);
        messages.iter().position(same).filter(|_| !catalogue.folded.is_empty())
    };
    if let Some(index) = exact.or_else(folded) {
        return Intent::Message(index);
    }
    let longest = |families: &[Message], fits: &dyn Fn(&str) -> bool| {
        let fitting = families.iter().enumerate().filter(|(_, family)| fits(&family.key));
        fitting.max_by_key(|(_, family)| family.key.len()).map(|(index, family)| (index, family.key.len()))
    };
    let first = longest(&catalogue.prefixes, &|word| key.starts_with(word));
    let last = longest(&catalogue.suffixes, &|word| key.ends_with(word));
    match (first, last) {
        (Some((_, one)), Some((index, other))) if other > one => Intent::Suffix(index),
        (Some((index, _)), _) => Intent::Prefix(index),
        (None, Some((index, _))) => Intent::Suffix(index),
        (None, None) => Intent::Unlisted,
    }
}

/// A text that is kept as it is.
fn unread(text: String) -> Piece {
    let left = (!text.trim().is_empty()).then(|| text.clone());
    Piece { text, fills: Vec::new(), left }
}

fn constants(set: &[(Slot, String)]) -> impl Iterator<Item = Fill> + '_ {
    set.iter().map(|(slot, text)| Fill::Constant(*slot, text.clone()))
}

/// The text that no step reads, as the account names it.
pub(super) fn left_over(piece: &mut Piece) {
    if let Some(text) = piece.left.take() {
        piece.fills.push(Fill::Extra("text".to_owned(), Value::text(text)));
    }
}

/// What a message requires.
fn required(message: &Message) -> Vec<Token> {
    message.required.iter().map(|(token, _)| *token).collect()
}
