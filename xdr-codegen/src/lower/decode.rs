//! The steps of `decode`.

use std::collections::BTreeMap;

use super::fields::Fields;
use super::pattern::Patterns;
use super::{catalogue, columns, extension};
use crate::ast;
use crate::diag::{Code, Diagnostic, Diagnostics, near, quote};
use crate::ir;
use crate::node::{Entries, Flag, OneOrMany, Text};
use crate::parse;
use crate::source::FileId;

/// What the steps became.
pub(super) struct Lowered {
    pub(super) list: Vec<ir::Step>,
    pub(super) catalogue: Option<ir::Catalogue>,
}

impl Lowered {
    /// The fields that only name the message: the account tells them.
    pub(super) fn told(&self, spec: &ast::Spec, fields: &Fields) -> Vec<ir::Slot> {
        let mut keys = Vec::new();
        collect_keys(&self.list, &mut keys);
        let by_rows: Vec<_> = super::rows::all(spec)
            .filter_map(super::rows::field)
            .filter_map(|(name, _)| fields.slot(&name))
            .collect();
        keys.retain(|slot| !by_rows.contains(slot));
        keys
    }
}

fn collect_keys(steps: &[ir::Step], keys: &mut Vec<ir::Slot>) {
    for step in steps {
        match step {
            ir::Step::Catalogue(key, _) => match key.as_slice() {
                [slot] if !keys.contains(slot) => keys.push(*slot),
                _ => {}
            },
            ir::Step::OneOf(forms) => forms.iter().for_each(|(_, steps)| collect_keys(steps, keys)),
            _ => {}
        }
    }
}

/// Lowers the steps of one spec.
pub(super) struct Steps<'s, 'c> {
    catalogues: &'s BTreeMap<String, FileId>,
    fields: &'s mut Fields,
    patterns: &'s mut Patterns<'c>,
    diags: &'s mut Diagnostics,
    catalogue: Option<(String, ir::Catalogue)>,
    one_ofs: usize,
    /// Whether a JSON step stood on the way so far.
    json: bool,
}

impl<'s, 'c> Steps<'s, 'c> {
    pub(super) fn new(
        catalogues: &'s BTreeMap<String, FileId>,
        fields: &'s mut Fields,
        patterns: &'s mut Patterns<'c>,
        diags: &'s mut Diagnostics,
    ) -> Self {
        Self { catalogues, fields, patterns, diags, catalogue: None, one_ofs: 0, json: false }
    }

    pub(super) fn all(mut self, steps: &[ast::Step]) -> Lowered {
        let list = self.steps(steps);
        Lowered { list, catalogue: self.catalogue.map(|(_, catalogue)| catalogue) }
    }

    fn steps(&mut self, steps: &[ast::Step]) -> Vec<ir::Step> {
        let mut list = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            let next = steps.get(index + 1);
            match step {
                ast::Step::Syslog(syslog) => list.push(ir::Step::Syslog(self.header(syslog, next))),
                ast::Step::Template(texts) => {
                    let templates = self.patterns.templates(texts, self.fields, self.diags);
                    for (name, at) in self.patterns.always(texts) {
                        self.fields.always(&name, at, self.diags);
                    }
                    self.hands_on(&templates, texts, next);
                    list.push(ir::Step::Template(templates));
                }
                ast::Step::KeyValue(pairs) => list.push(ir::Step::KeyValue(self.key_value(pairs))),
                ast::Step::Cef(cef) => {
                    list.push(ir::Step::Cef(extension::cef(cef, self.fields, self.patterns, self.diags)));
                }
                ast::Step::Leef(leef) => {
                    list.push(ir::Step::Leef(extension::leef(leef, self.fields, self.patterns, self.diags)));
                }
                ast::Step::Csv(csv) => {
                    list.push(ir::Step::Csv(columns::csv(csv, self.fields, self.patterns, self.diags)));
                }
                ast::Step::Json(json) => {
                    self.json = true;
                    for (name, _) in json.paths.iter() {
                        self.fields.define(&name.text, name.span, self.diags);
                    }
                    list.push(ir::Step::Json(super::json::empty()));
                }
                ast::Step::OneOf(forms) => list.push(self.one_of(forms)),
                ast::Step::Catalogue(step) => list.extend(self.catalogue(step)),
            }
            self.leaves(step, list.last(), next);
        }
        list
    }

    fn one_of(&mut self, forms: &Entries<ast::Steps>) -> ir::Step {
        self.one_ofs += 1;
        let number = self.one_ofs;
        let mut all = Vec::new();
        let before = self.json;
        let mut after = before;
        for (index, (name, steps)) in forms.iter().enumerate() {
            self.fields.scope.push((number, index));
            self.json = before;
            all.push((name.text.clone(), self.steps(steps)));
            after |= self.json;
            self.fields.scope.pop();
        }
        self.json = after;
        ir::Step::OneOf(all)
    }

    /// A step that follows templates needs a text from each of them.
    fn hands_on(&mut self, templates: &[ir::Template], texts: &[Text], next: Option<&ast::Step>) {
        if reads_none(next) {
            return;
        }
        let silent = templates.iter().find(|template| !hands(&template.ops));
        if let Some(text) = silent.and_then(|template| texts.iter().find(|text| text.span == template.span)) {
            self.diags.push(
                Diagnostic::new(
                    Code::HandMissing,
                    text.span,
                    "this template leaves no text for the next step",
                )
                .help("capture it as `{*}`"),
            );
        }
    }

    /// A step that follows pairs, columns or an object needs a text from them.
    fn leaves(&mut self, step: &ast::Step, lowered: Option<&ir::Step>, next: Option<&ast::Step>) {
        const KEYS: &str = "hand a value on: write `{*}` or `{name*}` in its template under `keys`";
        const HAND: &str = "name the field whose text the next step reads, as in `hand: message`";
        if reads_none(next) {
            return;
        }
        let (leaves, span, help) = match (step, lowered) {
            (ast::Step::Json(json), _) => (json.hand.is_some(), json.span, HAND),
            (ast::Step::KeyValue(pairs), Some(ir::Step::KeyValue(read))) => {
                (hand_in(&read.keys), pairs.span, KEYS)
            }
            (ast::Step::Cef(cef), Some(ir::Step::Cef(read))) => (hand_in(&read.keys), cef.span, KEYS),
            (ast::Step::Leef(leef), Some(ir::Step::Leef(read))) => (hand_in(&read.keys), leef.span, KEYS),
            (ast::Step::Csv(csv), Some(ir::Step::Csv(read))) => (hand_in(&read.columns), csv.span, KEYS),
            _ => return,
        };
        if !leaves {
            let message = "this step leaves no text for the next one";
            self.diags.push(Diagnostic::new(Code::HandMissing, span, message).help(help));
        }
    }

    fn header(&mut self, syslog: &ast::Syslog, next: Option<&ast::Step>) -> ir::Header {
        let ast::Syslog { host, time, pri, program, pid, msgid, relay, relay_time, before, after, span: _ } =
            syslog;
        let named = [
            (host, "syslog.host"),
            (time, "syslog.time"),
            (pri, "syslog.pri"),
            (program, "syslog.program"),
            (pid, "syslog.pid"),
            (msgid, "syslog.msgid"),
            (relay, "syslog.relay"),
            (relay_time, "syslog.relay.time"),
        ];
        let parts = named.map(|(name, default)| {
            let to = match name {
                Some(name) => {
                    self.fields.always(&name.text, name.span, self.diags);
                    self.fields.define(&name.text, name.span, self.diags)
                }
                None => ir::To::Extra(default.to_owned()),
            };
            ir::Target { to, hand: false }
        });
        let texts = |texts: &[Text]| texts.iter().map(|text| text.text.clone()).collect();
        let mut before: Vec<String> = texts(before);
        let marks = next.into_iter().flat_map(extension::marks).map(str::to_owned);
        // What follows the header is known without a word about it.
        if before.is_empty() && after.is_empty() {
            before.extend(marks);
        }
        let mut columns: Vec<u8> = next.map(columns::separators).unwrap_or_default();
        columns.sort_unstable();
        columns.dedup();
        ir::Header { parts, before, after: texts(after), columns }
    }

    fn key_value(&mut self, pairs: &ast::KeyValue) -> ir::KeyValue {
        let assign = match pairs.assign.as_ref().map(|text| (text.span, text.text.as_bytes())) {
            None => b'=',
            Some((_, [byte])) if byte.is_ascii_punctuation() && *byte != b'"' => *byte,
            Some((span, _)) => {
                self.diags.push(
                    Diagnostic::new(
                        Code::WrongType,
                        span,
                        "expected one punctuation character between key and value",
                    )
                    .help("the default is `=`"),
                );
                b'='
            }
        };
        let keys = keys(&pairs.keys, self.fields, self.patterns, self.diags);
        for (name, _) in pairs.keys.iter() {
            let is_below = |nested: &Text| below(&nested.text, &name.text);
            let slash = pairs.nested.iter().any(is_below);
            let part =
                |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-') || (slash && c == '/');
            let begins = |c: char| c.is_ascii_alphabetic() || c == '_';
            let key = name.text.starts_with(begins) && name.text.chars().all(part);
            if !(key || name.text.is_empty()) {
                let message = format!("{} can be no key of the wire", quote(&name.text));
                self.diags.push(Diagnostic::new(Code::WrongType, name.span, message).help(
                    "keys begin with a letter or `_`, and go on with letters, digits, `_`, `.` and `-`",
                ));
            }
        }
        for named in pairs.first.iter().chain(&pairs.last).chain(&pairs.nested) {
            if !keys.iter().any(|key| key.name == named.text) {
                let message = format!("{} is none of the keys", quote(&named.text));
                let near = near(&named.text, keys.iter().map(|key| key.name.as_str()));
                self.diags.push(
                    Diagnostic::new(Code::UnknownField, named.span, message)
                        .help("name one of the keys listed under `keys`")
                        .suggest(near),
                );
            }
        }
        let is_set = |flag: &Option<Flag>| flag.as_ref().is_some_and(|flag| flag.value);
        let (only_known, escapes) = (is_set(&pairs.only_known), is_set(&pairs.escapes));
        if let Some(nested) = pairs.nested.first().filter(|_| pairs.escapes.is_some()) {
            let message = "a value with escapes cannot be nested";
            self.diags.push(
                Diagnostic::new(Code::ConflictingKeys, nested.span, message)
                    .help("leave out `escapes` or `nested`"),
            );
        }
        let text = |text: &Option<Text>| text.as_ref().map(|text| text.text.clone());
        let nested = pairs.nested.iter().map(|name| {
            let apart = keys.iter().any(|key| below(&name.text, &key.name));
            (name.text.clone(), apart)
        });
        let (first, last, nested) = (text(&pairs.first), text(&pairs.last), nested.collect());
        ir::KeyValue { assign, keys, first, last, only_known, escapes, nested }
    }

    /// The fields of a catalogue's key must be there before the catalogue is asked, unless it does without a key.
    fn key_is_known(&mut self, step: &ast::Catalogue) {
        // A JSON step finds every field that is read: there is none that it could not define.
        if self.json || self.fields.incomplete || step.keyless.is_some() {
            return;
        }
        for name in step.key.iter() {
            if self.fields.is_defined(&name.text, &self.fields.scope) {
                continue;
            }
            let message = format!("no step before the catalogue defines its key {}", quote(&name.text));
            let diagnostic = Diagnostic::new(Code::UnknownCatalogueKey, name.span, message);
            let near = near(&name.text, self.fields.seen().filter(|seen| *seen != name.text));
            self.diags.push(match near {
                Some(near) => diagnostic.suggest(Some(near)),
                None => diagnostic.help("name a field that a step in front of the catalogue captures"),
            });
            self.fields.hush(&name.text);
        }
    }

    fn catalogue(&mut self, step: &ast::Catalogue) -> Option<ir::Step> {
        let key: Vec<_> = step.key.iter().filter_map(|name| self.fields.slot(&name.text)).collect();
        self.key_is_known(step);
        if let Some((file, _)) = &self.catalogue {
            if *file != step.file.text {
                self.diags.push(
                    Diagnostic::new(Code::DuplicateDefinition, step.file.span, "a spec has one catalogue")
                        .help(format!("the other is {}", quote(file))),
                );
            }
            return Some(ir::Step::Catalogue(key, keyless(step)));
        }
        let Some(file) = self.catalogues.get(&step.file.text).copied() else {
            let message = format!("there is no file {} beside the spec", quote(&step.file.text));
            let near = near(&step.file.text, self.catalogues.keys().map(String::as_str));
            self.diags.push(
                Diagnostic::new(Code::UnknownCatalogue, step.file.span, message)
                    .help("a catalogue is a YAML file in the spec's folder")
                    .suggest(near),
            );
            self.fields.incomplete = true;
            self.catalogue = Some((step.file.text.clone(), catalogue::empty()));
            return None;
        };
        let read = parse::catalogue(file, self.patterns.files, self.diags);
        let scope = std::mem::take(&mut self.fields.scope);
        let lowered = if let Some(read) = read {
            catalogue::lower(&read, step, self.fields, self.patterns, self.diags)
        } else {
            self.fields.incomplete = true;
            catalogue::empty()
        };
        self.fields.scope = scope;
        self.catalogue = Some((step.file.text.clone(), lowered));
        Some(ir::Step::Catalogue(key, keyless(step)))
    }
}

/// Whether a key names a member of the map that is another key's value.
fn below(map: &str, key: &str) -> bool {
    key.strip_prefix(map).is_some_and(|rest| rest.starts_with('.'))
}

fn keyless(step: &ast::Catalogue) -> ir::Keyless {
    match step.keyless.map(|keyless| keyless.value) {
        None => ir::Keyless::Unread,
        Some(ast::Keyless::Match) => ir::Keyless::Match,
        Some(ast::Keyless::Require) => ir::Keyless::Require,
    }
}

/// Whether there is no next step, or one that need not read a text.
fn reads_none(next: Option<&ast::Step>) -> bool {
    matches!(next, None | Some(ast::Step::OneOf(_) | ast::Step::Catalogue(_)))
}

/// Whether the value of a key is handed on.
fn hand_in(keys: &[ir::Key]) -> bool {
    keys.iter().any(|key| match &key.value {
        ir::KeyTemplates::Whole(target) => target.hand,
        ir::KeyTemplates::Templates(templates) => templates.iter().any(|template| hands(&template.ops)),
    })
}

fn hands(ops: &[ir::Op]) -> bool {
    ops.iter().any(|op| match op {
        ir::Op::Text(target, _)
        | ir::Op::Last(target, _)
        | ir::Op::Shape(target, _)
        | ir::Op::Address(target)
        | ir::Op::Words(target, _)
        | ir::Op::Rest(target)
        | ir::Op::Close(target) => target.hand,
        _ => false,
    })
}

/// Keys of the wire and what becomes of their values, longest first.
pub(super) fn keys(
    keys: &Entries<OneOrMany<Text>>,
    fields: &mut Fields,
    patterns: &mut Patterns<'_>,
    diags: &mut Diagnostics,
) -> Vec<ir::Key> {
    let mut all = Vec::new();
    for (name, texts) in keys.iter() {
        all.push(ir::Key { name: name.text.clone(), value: value(texts, fields, patterns, diags) });
    }
    all.sort_by_key(|key| std::cmp::Reverse(key.name.len()));
    all
}

/// What becomes of a value that goes through these templates.
pub(super) fn value(
    texts: &OneOrMany<Text>,
    fields: &mut Fields,
    patterns: &mut Patterns<'_>,
    diags: &mut Diagnostics,
) -> ir::KeyTemplates {
    let whole = match texts.items.as_slice() {
        [one] => patterns.whole(one, fields, diags),
        _ => None,
    };
    match whole {
        Some(target) => ir::KeyTemplates::Whole(target),
        None => ir::KeyTemplates::Templates(patterns.templates(texts, fields, diags)),
    }
}
