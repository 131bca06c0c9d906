//! Lists what of a spec records can use.
//!
//! What there is comes from the IR, which the interpreter walks; where it stands comes from the spec as it is written. What no record can show apart from
//! something else is not listed: the formats of a time, alternative paths of JSON, keys that come whole, and mappings of `by` that would be tried first anyway. Nor are
//! required tokens: they are there to be held, not to be broken.

mod map;
mod templates;

use xdr_codegen::ast;
use xdr_codegen::ir;
use xdr_codegen::node::Text;
use xdr_codegen::source::{Files, Span};

use super::item::{Item, Kind, Place, Used};
use crate::interpret::observe::{self, Keys, List, Message, Unread};

/// A spec as it is written, beside its IR.
pub(super) struct Written<'w> {
    pub(super) module: &'w ir::Module,
    pub(super) spec: &'w ast::Spec,
    pub(super) catalogue: Option<&'w ast::CatalogueFile>,
    pub(super) files: &'w Files,
}

/// An item, and what shows that a record used it: any of these.
pub(super) type Listed = (Item, Vec<Used>);

/// All items of a spec, in the order of the spec's text.
pub(super) fn list(written: &Written<'_>) -> Vec<Listed> {
    let mut lister = Lister { written, items: Vec::new() };
    lister.decode();
    lister.messages();
    lister.map();
    let mut items = lister.items;
    items.sort_by(|(one, _), (other, _)| {
        let place = |item: &Item| (item.place.file.clone(), item.place.bytes.0);
        (place(one), one.kind).cmp(&(place(other), other.kind))
    });
    // The spec comes before its catalogue.
    let spec = Place::of(written.spec.span, written.files).file;
    items.sort_by_key(|(item, _)| item.place.file != spec);
    items
}

struct Lister<'w> {
    written: &'w Written<'w>,
    items: Vec<Listed>,
}

impl<'w> Lister<'w> {
    fn add(&mut self, kind: Kind, name: impl Into<String>, at: Span, used: impl IntoIterator<Item = Used>) {
        let place = Place::of(at, self.written.files);
        let item = Item { kind, name: name.into(), place, hits: 0 };
        self.items.push((item, used.into_iter().collect()));
    }

    /// The steps of `decode`.
    fn decode(&mut self) {
        let steps = observe::steps(self.written.module);
        let mut written = Vec::new();
        collect(&self.written.spec.decode, true, &mut written);
        for (number, (step, (written, is_outer))) in steps.into_iter().zip(written).enumerate() {
            match (step, written) {
                (ir::Step::Template(list), ast::Step::Template(texts)) => {
                    let list_of = List::Step(number);
                    self.templates("decode", list_of, list, texts);
                    // A template that takes everything leaves none over.
                    let takes_all = |template: &ir::Template| {
                        matches!(template.ops.as_slice(), [ir::Op::Text(..) | ir::Op::Rest(_)])
                    };
                    if is_outer && !list.iter().any(takes_all) {
                        let refused = [Used::NoTemplate(list_of)];
                        self.add(Kind::Refusal, "a text that no template matches", texts.span, refused);
                    }
                }
                (ir::Step::KeyValue(pairs), ast::Step::KeyValue(block)) => {
                    self.keys(Keys::Step(number), &pairs.keys, &block.keys);
                    if is_outer {
                        let refused = [Used::Reject("no pairs")];
                        self.add(Kind::Refusal, "a text that has no such pairs", block.span, refused);
                    }
                }
                (ir::Step::Csv(form), ast::Step::Csv(block)) => {
                    self.keys(Keys::Step(number), &form.columns, &block.keys);
                    self.columns(number, form, block);
                }
                (ir::Step::Cef(form), ast::Step::Cef(block)) => {
                    self.keys(Keys::Step(number), &form.keys, &block.keys);
                    if is_outer {
                        self.add(
                            Kind::Refusal,
                            "a text that is no CEF",
                            block.span,
                            [Used::Reject("no CEF")],
                        );
                    }
                }
                (ir::Step::Leef(form), ast::Step::Leef(block)) => {
                    self.keys(Keys::Step(number), &form.keys, &block.keys);
                    if is_outer {
                        self.add(
                            Kind::Refusal,
                            "a text that is no LEEF",
                            block.span,
                            [Used::Reject("no LEEF")],
                        );
                    }
                }
                (ir::Step::Json(_), ast::Step::Json(block)) if is_outer => {
                    let refused = [Used::Reject("not a JSON object")];
                    self.add(Kind::Refusal, "a text that is no JSON object", block.span, refused);
                }
                (ir::Step::OneOf(forms), ast::Step::OneOf(entries)) => {
                    for (form, ((name, _), (text, _))) in forms.iter().zip(entries.iter()).enumerate() {
                        let what = format!("form `{name}`");
                        self.add(Kind::Form, what, text.span, [Used::Form(number, form)]);
                    }
                    if is_outer {
                        let refused = [Used::NoForm(number)];
                        self.add(Kind::Refusal, "a record of no form", entries.span, refused);
                    }
                }
                (ir::Step::Catalogue(_, keyless), ast::Step::Catalogue(block)) => {
                    let at = block.key.span;
                    // Two steps may share the catalogue; which of them a record came by does not matter.
                    if self.items.iter().all(|(_, used)| *used != [Used::Seen(Message::Unlisted)]) {
                        let name = "a message that the catalogue does not list";
                        self.add(Kind::Fallback, name, at, [Used::Seen(Message::Unlisted)]);
                        if self.written.module.messages().any(|message| !message.templates.is_empty()) {
                            let name = "a text that no template of its message matches";
                            self.add(Kind::Refusal, name, at, [Used::Missed]);
                        }
                    }
                    if *keyless == ir::Keyless::Match {
                        let unnamed = [Used::Seen(Message::Unnamed)];
                        self.add(
                            Kind::Fallback,
                            "a record that names no message and is like none",
                            at,
                            unnamed,
                        );
                    }
                }
                _ => {}
            }
        }
    }

    /// What a step `csv` leaves out or refuses. Of a form too: that another form was taken does not say why this one was not.
    fn columns(&mut self, number: usize, form: &ir::Csv, block: &ast::Csv) {
        let at = block.least.as_ref().map_or(block.span, |least| least.span);
        let (least, all) = (form.least, form.columns.len());
        if least < all {
            let (some, whole) = (format!("fewer than {all} columns"), format!("all {all} columns"));
            self.add(Kind::Optional, some, at, [Used::Columns(number, false)]);
            self.add(Kind::Optional, whole, at, [Used::Columns(number, true)]);
        }
        let kind = form.kind.and_then(|kind| Some((kind, block.kind.as_ref()?)));
        // A text has always one column.
        let needed = least.max(kind.map_or(0, |(kind, _)| kind + 1));
        if needed > 1 {
            let what = format!("a text of fewer than {needed} columns");
            self.add(Kind::Refusal, what, at, [Used::Refused(number, Unread::Short)]);
        }
        if let Some((_, name)) = kind {
            let what = format!("a text whose `{}` is of another kind", name.text);
            self.add(Kind::Refusal, what, name.span, [Used::Refused(number, Unread::Kind)]);
        }
    }

    /// The messages and families of the catalogue, and its parts and pairs.
    fn messages(&mut self) {
        let (Some(catalogue), Some(written)) = (&self.written.module.catalogue, self.written.catalogue)
        else {
            return;
        };
        for (number, (ops, (name, texts))) in catalogue.parts.iter().zip(written.parts.iter()).enumerate() {
            self.part(number, ops, name, texts);
        }
        if let (Some(pairs), Some(block)) = (&catalogue.pairs, &written.pairs) {
            self.keys(Keys::Pairs, &pairs.keys, &block.keys);
        }
        let listed = catalogue.messages.iter().enumerate().map(|(index, one)| (Message::Listed(index), one));
        let prefixes =
            catalogue.prefixes.iter().enumerate().map(|(index, one)| (Message::Prefix(index), one));
        let suffixes =
            catalogue.suffixes.iter().enumerate().map(|(index, one)| (Message::Suffix(index), one));
        for (number, message) in listed.chain(prefixes).chain(suffixes) {
            let texts = self.texts(number, message);
            self.message(number, message, &texts);
        }
    }

    /// The templates of a message as they are written.
    fn texts(&self, number: Message, message: &ir::Message) -> Vec<&'w Text> {
        let Some(file) = self.written.catalogue else { return Vec::new() };
        let text = if let Message::Listed(_) = number {
            file.messages.get(&message.key).and_then(|one| one.text.as_ref())
        } else {
            let mut families = file.families.iter();
            families.find(|(key, _)| key.span == message.span).and_then(|(_, one)| one.text.as_ref())
        };
        text.iter().flat_map(|entries| entries.iter()).map(ast::TextEntry::template).collect()
    }

    fn message(&mut self, number: Message, message: &ir::Message, texts: &[&Text]) {
        let name = match number {
            Message::Prefix(_) => format!("family `{}*`", message.key),
            Message::Suffix(_) => format!("family `*{}`", message.key),
            _ => format!("message `{}`", message.key),
        };
        // What is known by its name alone has no text to read.
        let known_by_name = message.templates.is_empty() && message.text == ir::Text::Templates;
        let used = if known_by_name { Used::Seen(number) } else { Used::Read(number) };
        self.add(Kind::Message, &name, message.span, [used]);
        self.templates_of(&name, List::Message(number), &message.templates, texts);
        if !message.templates.is_empty() && message.text != ir::Text::Templates {
            let how = if message.text == ir::Text::Pairs { "pairs" } else { "any text" };
            let what = format!("{name} read as {how}");
            self.add(Kind::Fallback, what, message.span, [Used::Beside(number)]);
        }
    }

    /// The templates of listed keys; a key whose value is taken whole has none.
    fn keys<T: std::ops::Deref<Target = [Text]>>(
        &mut self,
        list: Keys,
        keys: &[ir::Key],
        written: &xdr_codegen::node::Entries<T>,
    ) {
        for (index, key) in keys.iter().enumerate() {
            let ir::KeyTemplates::Templates(templates) = &key.value else { continue };
            let Some(texts) = written.get(&key.name) else { continue };
            self.templates(&format!("key `{}`", key.name), List::Key(list, index), templates, texts);
        }
    }
}

/// The steps as they are written, in the order of their numbers, and whether each stands outside of every form.
fn collect<'w>(steps: &'w [ast::Step], is_outer: bool, all: &mut Vec<(&'w ast::Step, bool)>) {
    for step in steps {
        all.push((step, is_outer));
        if let ast::Step::OneOf(forms) = step {
            for (_, steps) in forms.iter() {
                collect(steps, false, all);
            }
        }
    }
}
