//! Mutants of `decode`: headers, keys, paths, forms.

use xdr_codegen::ast;
use xdr_codegen::ir::{
    Choose, Csv, Extension, Json, Key, KeyTemplates, KeyValue, Keyless, Module, Node, Pairs, Step, Target, To,
};
use xdr_codegen::source::Span;

use super::mutant::{Mutants, Scope};

/// The step with this number, counted as they are written.
fn step(module: &mut Module, number: usize) -> Option<&mut Step> {
    fn find<'m>(steps: &'m mut [Step], left: &mut usize) -> Option<&'m mut Step> {
        for step in steps {
            if *left == 0 {
                return Some(step);
            }
            *left -= 1;
            if let Step::OneOf(forms) = step {
                for (_, steps) in forms {
                    if let Some(found) = find(steps, left) {
                        return Some(found);
                    }
                }
            }
        }
        None
    }
    find(&mut module.steps, &mut { number })
}

fn key_value(module: &mut Module, number: usize) -> Option<&mut KeyValue> {
    match step(module, number)? {
        Step::KeyValue(pairs) => Some(pairs),
        _ => None,
    }
}

fn json(module: &mut Module, number: usize) -> Option<&mut Json> {
    match step(module, number)? {
        Step::Json(json) => Some(json),
        _ => None,
    }
}

fn keys(module: &mut Module, number: usize) -> Option<&mut Vec<Key>> {
    if number == PAIRS {
        return Some(&mut module.catalogue.as_mut()?.pairs.as_mut()?.keys);
    }
    match step(module, number)? {
        Step::KeyValue(pairs) => Some(&mut pairs.keys),
        Step::Cef(form) | Step::Leef(form) => Some(&mut form.keys),
        Step::Csv(form) => Some(&mut form.columns),
        _ => None,
    }
}

type Change = fn(&mut KeyValue);

/// What a mutant does to a catalogue's pairs.
type PairsChange = fn(&mut Pairs);

/// Stands for the catalogue's pairs in place of a step.
const PAIRS: usize = usize::MAX;

impl Mutants<'_> {
    pub(super) fn steps(&mut self, spec: &ast::Spec, catalogue: Option<&ast::CatalogueFile>) {
        let span = spec.decode.span;
        for (number, one) in crate::interpret::observe::steps(self.module).into_iter().enumerate() {
            match one {
                Step::Syslog(header) => {
                    for (index, part) in header.parts.iter().enumerate() {
                        let To::Field(slot) = &part.to else { continue };
                        let place = self.within(span, &self.field(*slot), 0);
                        let what = format!("does not fill `{}`", self.field(*slot));
                        self.add("drop-part", place, Scope::Steps, what, move |module| {
                            if let Some(Step::Syslog(header)) = step(module, number)
                                && let Some(part) = header.parts.get_mut(index)
                            {
                                part.to = To::Extra("dropped".to_owned());
                            }
                        });
                    }
                    for (before, words) in [(true, &header.before), (false, &header.after)] {
                        for (index, word) in words.iter().enumerate() {
                            let place = self.within(span, word, 0);
                            self.add(
                                "drop-word",
                                place,
                                Scope::Steps,
                                format!("drops `{word}`"),
                                move |module| {
                                    if let Some(Step::Syslog(header)) = step(module, number) {
                                        let words =
                                            if before { &mut header.before } else { &mut header.after };
                                        words.remove(index);
                                    }
                                },
                            );
                        }
                    }
                }
                Step::Template(templates) => {
                    self.list(
                        templates,
                        Scope::Steps,
                        |module, [number, _]| match step(module, number)? {
                            Step::Template(list) => Some(list),
                            _ => None,
                        },
                        [number, 0],
                    );
                }
                Step::KeyValue(pairs) => self.key_value(number, pairs, span),
                Step::Cef(form) | Step::Leef(form) => self.extension(number, form, span),
                Step::Csv(form) => self.csv(number, form, span),
                Step::Json(json) => self.json(number, json, span),
                Step::OneOf(forms) => {
                    for (index, (name, _)) in forms.iter().enumerate() {
                        let place = self.within(span, &format!("{name}:"), 0);
                        self.add(
                            "drop-form",
                            place,
                            Scope::Steps,
                            format!("drops the form `{name}`"),
                            move |module| {
                                if let Some(Step::OneOf(forms)) = step(module, number) {
                                    forms.remove(index);
                                }
                            },
                        );
                    }
                }
                Step::Catalogue(_, keyless) => {
                    let others = [Keyless::Unread, Keyless::Match, Keyless::Require];
                    for other in
                        others.into_iter().filter(|other| other != keyless && *keyless != Keyless::Unread)
                    {
                        let place = self.within(span, "keyless", 0);
                        self.add(
                            "swap-keyless",
                            place,
                            Scope::Steps,
                            format!("`keyless` is {other:?}"),
                            move |module| {
                                if let Some(Step::Catalogue(_, keyless)) = step(module, number) {
                                    *keyless = other;
                                }
                            },
                        );
                    }
                }
            }
        }
        self.pairs(catalogue);
    }

    /// The catalogue's pairs.
    fn pairs(&mut self, catalogue: Option<&ast::CatalogueFile>) {
        let pairs = self.module.catalogue.as_ref().and_then(|all| all.pairs.as_ref());
        let written = catalogue.and_then(|all| all.pairs.as_ref());
        let (Some(pairs), Some(written)) = (pairs, written) else { return };
        self.keys(PAIRS, &pairs.keys, written.span);
        let changes: [(bool, &str, &str, PairsChange); 2] = [
            (pairs.prefix.is_some(), "drop-part", "prefix", |pairs| pairs.prefix = None),
            (!pairs.unlisted.is_empty(), "drop-option", "unlisted", |pairs| pairs.unlisted.clear()),
        ];
        for (_, kind, key, change) in changes.into_iter().filter(|(given, ..)| *given) {
            let place = self.within(written.span, key, 0);
            self.add(kind, place, Scope::Pairs, format!("drops `{key}`"), move |module| {
                if let Some(pairs) = module.catalogue.as_mut().and_then(|all| all.pairs.as_mut()) {
                    change(pairs);
                }
            });
        }
    }

    fn key_value(&mut self, number: usize, pairs: &KeyValue, span: Span) {
        self.keys(number, &pairs.keys, span);
        let changes: [(bool, &str, Change); 4] = [
            (pairs.first.is_some(), "first", |pairs| pairs.first = None),
            (pairs.last.is_some(), "last", |pairs| pairs.last = None),
            (pairs.only_known, "only-known", |pairs| pairs.only_known = false),
            (pairs.escapes, "escapes", |pairs| pairs.escapes = false),
        ];
        for (_, key, change) in changes.into_iter().filter(|(given, ..)| *given) {
            let place = self.within(span, &format!("{key}:"), 0);
            self.add("drop-key", place, Scope::Steps, format!("drops `{key}`"), move |module| {
                if let Some(pairs) = key_value(module, number) {
                    change(pairs);
                }
            });
        }
        for (index, (key, _)) in pairs.nested.iter().enumerate() {
            let place = self.within(span, key, 0);
            self.add(
                "drop-nested",
                place,
                Scope::Steps,
                format!("drops `{key}` of `nested`"),
                move |module| {
                    if let Some(pairs) = key_value(module, number) {
                        pairs.nested.remove(index);
                    }
                },
            );
        }
    }

    fn extension(&mut self, number: usize, form: &Extension, span: Span) {
        self.keys(number, &form.keys, span);
        for (index, part) in form.parts.iter().enumerate() {
            let To::Field(slot) = &part.to else { continue };
            let place = self.within(span, &self.field(*slot), 0);
            let what = format!("does not fill `{}`", self.field(*slot));
            self.add("drop-part", place, Scope::Steps, what, move |module| {
                if let Some(Step::Cef(form) | Step::Leef(form)) = step(module, number)
                    && let Some(part) = form.parts.get_mut(index)
                {
                    part.to = To::Extra("dropped".to_owned());
                }
            });
        }
        let place = self.within(span, "labels", 0);
        let what = if form.labels { "drops `labels`" } else { "adds `labels`" };
        self.add("swap-labels", place, Scope::Steps, what.to_owned(), move |module| {
            if let Some(Step::Cef(form) | Step::Leef(form)) = step(module, number) {
                form.labels = !form.labels;
            }
        });
    }

    /// A column is not dropped, for that would move all behind it: it becomes one that nothing reads.
    fn csv(&mut self, number: usize, form: &Csv, span: Span) {
        for (index, key) in form.columns.iter().enumerate() {
            if !matches!(&key.value, KeyTemplates::Whole(target) if matches!(target.to, To::Field(_))) {
                continue;
            }
            let (place, what) =
                (self.named(span, &key.name), format!("does not read the column `{}`", key.name));
            self.add("drop-column", place, Scope::Steps, what, move |module| {
                if let Some(key) = keys(module, number).and_then(|columns| columns.get_mut(index)) {
                    key.value =
                        KeyTemplates::Whole(Target { to: To::Extra("dropped".to_owned()), hand: false });
                }
            });
        }
        self.templates_of(number, &form.columns, Scope::Steps);
        if form.kind.is_some() {
            let place = self.within(span, "kind:", 0);
            self.add("drop-key", place, Scope::Steps, "drops `kind`".to_owned(), move |module| {
                if let Some(Step::Csv(form)) = step(module, number) {
                    form.kind = None;
                }
            });
        }
        if form.least < form.columns.len() {
            let place = self.within(span, "least:", 0);
            self.add("drop-key", place, Scope::Steps, "drops `least`".to_owned(), move |module| {
                if let Some(Step::Csv(form)) = step(module, number) {
                    form.least = form.columns.len();
                }
            });
        }
    }

    /// The place where a key is listed.
    fn named(&self, span: Span, name: &str) -> Span {
        let written = [format!(" {name}:"), format!("\"{name}\""), format!("'{name}'"), name.to_owned()];
        let found = written.iter().find(|text| self.files.slice(span).contains(text.as_str()));
        found.map_or(span, |text| self.within(span, text, 0))
    }

    fn keys(&mut self, number: usize, known: &[Key], span: Span) {
        let scope = if number == PAIRS { Scope::Pairs } else { Scope::Steps };
        for (index, key) in known.iter().enumerate() {
            let (place, what) = (self.named(span, &key.name), format!("drops the key `{}`", key.name));
            self.add("drop-key", place, scope, what, move |module| {
                if let Some(keys) = keys(module, number) {
                    keys.remove(index);
                }
            });
        }
        self.templates_of(number, known, scope);
    }

    /// The templates of values.
    fn templates_of(&mut self, number: usize, known: &[Key], scope: Scope) {
        for (index, key) in known.iter().enumerate() {
            match &key.value {
                KeyTemplates::Templates(templates) => {
                    self.list(
                        templates,
                        scope,
                        |module, [number, index]| match &mut keys(module, number)?.get_mut(index)?.value {
                            KeyTemplates::Templates(list) => Some(list),
                            KeyTemplates::Whole(_) => None,
                        },
                        [number, index],
                    );
                }
                KeyTemplates::Whole(_) => {}
            }
        }
    }

    fn json(&mut self, number: usize, tree: &Json, span: Span) {
        for (index, path) in tree.envelopes.iter().enumerate() {
            let place = self.within(span, &path.join("."), 0);
            let what = format!("drops the envelope `{}`", path.join("."));
            self.add("drop-envelope", place, Scope::Steps, what, move |module| {
                if let Some(json) = json(module, number) {
                    json.envelopes.remove(index);
                }
            });
        }
        for (index, (slot, others)) in tree.prefer.iter().enumerate() {
            let field = self.field(*slot);
            for other in 0..others.len() {
                let place = self.within(span, &field, 0);
                let what = format!("drops path {} of `{field}`", other + 2);
                self.add("drop-path", place, Scope::Steps, what, move |module| {
                    if let Some((_, others)) =
                        json(module, number).and_then(|json| json.prefer.get_mut(index))
                    {
                        others.remove(other);
                    }
                });
            }
        }
        let mut path = Vec::new();
        self.nodes(number, &tree.root, &mut path, span);
    }

    /// `path`: the indices of the children that lead to the node.
    fn nodes(&mut self, number: usize, node: &Node, path: &mut Vec<usize>, span: Span) {
        let others: &[Choose] = match node.choose {
            Choose::None => &[],
            Choose::First => &[Choose::Each],
            Choose::Highest(_) => &[Choose::First, Choose::Each],
            Choose::By(_) | Choose::Each => &[Choose::First],
        };
        for other in others {
            let (at, other) = (path.clone(), other.clone());
            let place = self.within(span, &node.path, 0);
            let what = format!("`{}` chooses otherwise: {other:?}", node.path);
            self.add("swap-choose", place, Scope::Steps, what, move |module| {
                if let Some(node) = walk(module, number, &at) {
                    node.choose = other.clone();
                }
            });
        }
        for (index, child) in node.children.iter().enumerate() {
            path.push(index);
            self.nodes(number, child, path, span);
            path.pop();
        }
    }
}

fn walk<'m>(module: &'m mut Module, number: usize, path: &[usize]) -> Option<&'m mut Node> {
    path.iter().try_fold(&mut json(module, number)?.root, |node, index| node.children.get_mut(*index))
}
