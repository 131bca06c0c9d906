//! Finds out which entries of `decode`'s tables a record has used, by asking the tables once more.
//!
//! The primitives do not say which entries they used, as only an observer wants to know. So for an observer what they have matched is matched again;
//! that gives the same, for they are the same functions.

use std::cell::RefCell;

use xdr_model::pattern::{Captures, Op, Pattern, Target, first_of};
use xdr_runtime::catalogue::{self, Catalogue, LONGEST_KEY, Text};
use xdr_runtime::decode::Template;
use xdr_runtime::field::{Fault, Field, Fill, Name};
use xdr_runtime::format::cef::{self, Cef};
use xdr_runtime::format::csv::{self, Csv};
use xdr_runtime::format::key_value::{self, Key, KeyValue, Values};
use xdr_runtime::format::leef::{self, Leef};
use xdr_runtime::format::pairs::{self, Pairs};
use xdr_runtime::record::Scratch;

use super::Parts;
use super::decode::Messages;
use super::observe::{Body, Keys, List, Matched, Message, Observer, Unread, Way};
use super::pool::Pool;
use super::ways::ways;

/// Who is told, and what it takes to find out.
pub(super) struct Watch<'o, O> {
    pub(super) observer: &'o O,
    /// The parts of the catalogue's templates, by their numbers.
    pub(super) parts: &'o [&'static [Op<'static>]],
    /// What messages are looked up in.
    pub(super) messages: Option<Messages>,
}

impl<'o, O: Observer> Watch<'o, O> {
    /// The same for another observer.
    pub(super) fn with<P>(&self, observer: &'o P) -> Watch<'o, P> {
        Watch { observer, parts: self.parts, messages: self.messages }
    }

    /// Tells which of these templates matches a text; whether one does.
    pub(super) fn templates(&self, list: List, templates: &[Template], text: &str) -> bool {
        self.first(list, templates, |template| &template.pattern, text)
    }

    fn first<T>(&self, list: List, all: &[T], pattern: impl Fn(&T) -> &Pattern<'static>, text: &str) -> bool {
        let number = first_of(all, &pattern, text, &mut Captures::new());
        let found = number.and_then(|number| Some((number, pattern(all.get(number)?))));
        let ways = found.map(|(_, pattern)| ways(pattern, self.parts, text)).unwrap_or_default();
        self.observer.template(list, found.map(|(template, _)| Matched { template, ways: &ways }));
        found.is_some()
    }

    /// Tells which of the listed keys a text has, and what their values are read by. `twin` is the table of [`twin`].
    pub(super) fn key_value(&self, step: usize, known: &KeyValue, twin: &'static [Key], text: &str) {
        let (scratch, mut found) = (Scratch::new(), Found::default());
        // What is wrong with the text was found when it was read.
        let _ = key_value::read(&KeyValue { keys: twin, ..*known }, text, &scratch, &mut found);
        self.keys(Keys::Step(step), known.keys, &found);
    }

    /// As [`Self::key_value`].
    pub(super) fn cef(&self, step: usize, known: &Cef, twin: &'static [Key], text: &str) {
        let (scratch, mut found) = (Scratch::new(), Found::default());
        let _ = cef::read(&Cef { keys: twin, ..*known }, text, &scratch, &mut found);
        self.keys(Keys::Step(step), known.keys, &found);
    }

    /// As [`Self::key_value`].
    pub(super) fn leef(&self, step: usize, known: &Leef, twin: &'static [Key], text: &str) {
        let (scratch, mut found) = (Scratch::new(), Found::default());
        let _ = leef::read(&Leef { keys: twin, ..*known }, text, &scratch, &mut found);
        self.keys(Keys::Step(step), known.keys, &found);
    }

    /// As [`Self::key_value`].
    pub(super) fn csv(&self, step: usize, known: &Csv, twin: &'static [Key], text: &str) {
        let (scratch, mut found) = (Scratch::new(), Found::default());
        // The twin's keys have no templates, which a kind is told by.
        let refused = csv::read(known, text, &scratch, &mut Found::default()).err();
        if let Some(miss) = refused {
            let why = if miss.expected == csv::THE_KIND { Unread::Kind } else { Unread::Short };
            return self.observer.refused(step, why);
        }
        let _ = csv::read(&Csv { columns: twin, kind: None, ..*known }, text, &scratch, &mut found);
        self.keys(Keys::Step(step), known.columns, &found);
        self.observer.columns(step, csv::columns(known.separator, text).count() >= twin.len());
    }

    fn pairs(&self, known: &Pairs, twin: &'static [Key], text: &str) -> bool {
        let mut found = Found::default();
        let read = pairs::read(&Pairs { keys: twin, ..*known }, text, &mut found).is_ok();
        self.keys(Keys::Pairs, known.keys, &found);
        read
    }

    fn keys(&self, list: Keys, known: &[Key], found: &Found<'_>) {
        for (index, text) in &found.0 {
            let number = usize::from(*index);
            self.observer.key(list, number);
            if let Some(Key { value: Values::Patterns(patterns), .. }) = known.get(number) {
                self.first(List::Key(list, number), patterns, |pattern| pattern, text);
            }
        }
    }

    /// Tells which message a record is and how its text was read. `named` is what it was called before the text was read.
    pub(super) fn message(
        &self,
        catalogue: &Catalogue,
        twin: &'static [Key],
        named: Option<Message>,
        parts: &Parts<'_>,
        text: &str,
    ) {
        let by_text = || {
            let found =
                parts.message.and_then(|key| catalogue.messages.iter().position(|one| one.key == key));
            found.map_or(Message::Unnamed, Message::Listed)
        };
        let message = named.unwrap_or_else(by_text);
        self.observer.message(message);
        let entry = match message {
            Message::Listed(index) => catalogue.messages.get(index),
            Message::Prefix(index) => catalogue.prefixes.get(index),
            Message::Suffix(index) => catalogue.suffixes.get(index),
            Message::Unlisted => {
                let pairs = catalogue.pairs.as_ref();
                if pairs.is_some_and(|known| self.pairs(known, twin, text)) {
                    self.observer.body(message, Body::Pairs);
                }
                return;
            }
            Message::Unnamed => return,
        };
        let Some(entry) = entry else { return };
        let body = if self.templates(List::Message(message), entry.templates, text) {
            Body::Template
        } else {
            match entry.text {
                Text::Any => Body::Unread,
                Text::Pairs
                    if catalogue.pairs.as_ref().is_some_and(|known| self.pairs(known, twin, text)) =>
                {
                    Body::Pairs
                }
                Text::Templates if entry.templates.is_empty() && text.trim().is_empty() => Body::Unread,
                Text::Pairs | Text::Templates => Body::Missed,
            }
        };
        self.observer.body(message, body);
    }
}

/// The message that a record names; `None` if it names none.
pub(super) fn named(parts: &Parts<'_>, catalogue: &Catalogue, key: &[u16]) -> Option<Message> {
    let mut buffer = [0; LONGEST_KEY];
    let name = catalogue::name(parts, key, &mut buffer)?;
    let place = |list: &[catalogue::Message], one: &catalogue::Message| {
        list.iter().position(|known| std::ptr::eq(known, one))
    };
    if let Some(message) = catalogue.message(name) {
        return place(catalogue.messages, message).map(Message::Listed);
    }
    let Some(family) = catalogue.family(name) else { return Some(Message::Unlisted) };
    let prefix = place(catalogue.prefixes, family).map(Message::Prefix);
    prefix.or_else(|| place(catalogue.suffixes, family).map(Message::Suffix))
}

/// The same keys, each with its whole value, which goes to the field of the key's number.
pub(super) fn twin(keys: &[Key], pool: &mut Pool) -> &'static [Key] {
    let numbers = 0_u16..;
    let key = |(number, key): (u16, &Key)| Key { value: Values::Whole(Target::Field(number)), ..*key };
    pool.list(numbers.zip(keys).map(key).collect())
}

/// Numbers of keys, and the values that hold.
#[derive(Default)]
struct Found<'a>(Vec<(u16, &'a str)>);

impl<'a> Fill<'a> for Found<'a> {
    fn field(&mut self, slot: u16, field: Field<'a>) {
        self.0.push((slot, field.raw));
    }
    fn further(&mut self, _slot: u16, _field: Field<'a>) {}
    fn extra(&mut self, _name: Name<'a>, _field: Field<'a>) {}
    fn fault(&mut self, _fault: Fault<'a>) {}
    fn hand(&mut self, _text: &'a str) -> bool {
        true
    }
}

/// Keeps what happens while a form is tried, to be told if it is taken.
#[derive(Default)]
pub(super) struct Held(RefCell<Vec<Event>>);

enum Event {
    Form(usize, Option<usize>),
    Template(List, Option<(usize, Vec<Way>)>),
    Key(Keys, usize),
    Columns(usize, bool),
    Refused(usize, Unread),
    Asked(Message),
    Message(Message),
    Body(Message, Body),
}

impl Held {
    pub(super) fn tell(self, observer: &impl Observer) {
        for event in self.0.into_inner() {
            match event {
                Event::Form(step, form) => observer.form(step, form),
                Event::Template(list, matched) => {
                    let matched = matched.as_ref();
                    observer.template(
                        list,
                        matched.map(|(template, ways)| Matched { template: *template, ways }),
                    );
                }
                Event::Key(list, key) => observer.key(list, key),
                Event::Columns(step, all) => observer.columns(step, all),
                Event::Refused(step, why) => observer.refused(step, why),
                Event::Asked(message) => observer.asked(message),
                Event::Message(message) => observer.message(message),
                Event::Body(message, body) => observer.body(message, body),
            }
        }
    }

    /// Tells only what is told of forms that fail.
    pub(super) fn tell_asked(self, observer: &impl Observer) {
        for event in self.0.into_inner() {
            match event {
                Event::Asked(message) => observer.asked(message),
                Event::Refused(step, why) => observer.refused(step, why),
                _ => {}
            }
        }
    }

    fn hold(&self, event: Event) {
        self.0.borrow_mut().push(event);
    }
}

impl Observer for Held {
    fn form(&self, step: usize, form: Option<usize>) {
        self.hold(Event::Form(step, form));
    }
    fn template(&self, list: List, matched: Option<Matched<'_>>) {
        self.hold(Event::Template(list, matched.map(|matched| (matched.template, matched.ways.to_vec()))));
    }
    fn key(&self, list: Keys, key: usize) {
        self.hold(Event::Key(list, key));
    }
    fn columns(&self, step: usize, all: bool) {
        self.hold(Event::Columns(step, all));
    }
    fn refused(&self, step: usize, why: Unread) {
        self.hold(Event::Refused(step, why));
    }
    fn asked(&self, message: Message) {
        self.hold(Event::Asked(message));
    }
    fn message(&self, message: Message) {
        self.hold(Event::Message(message));
    }
    fn body(&self, message: Message, body: Body) {
        self.hold(Event::Body(message, body));
    }
}
