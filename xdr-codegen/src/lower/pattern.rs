//! Templates as ops.
//!
//! Guaranteed afterwards: every open text is followed by something that ends it, groups are nested no deeper than the matcher
//! goes, and a capture is made once on every way through the template.

use std::collections::{BTreeMap, BTreeSet};

use xdr_model::pattern::{ByteSet, GROUPS, Run};

use super::fields::Fields;
use crate::diag::{Code, Diagnostic, Diagnostics, near, quote};
use crate::ir::{First, Op, Slot, Target, Template, To};
use crate::node::Text;
use crate::source::{Files, Span};
use crate::template::{self, KINDS, Kind, Name, Piece};

/// The most ops of one template.
const MOST_OPS: usize = 2000;

/// A part of a catalogue's templates.
pub(super) struct Part {
    /// Its number.
    pub(super) number: usize,
    /// Its ops.
    pub(super) ops: Vec<Op>,
    /// The fields it captures.
    captures: BTreeSet<String>,
    /// Texts that it matches.
    witnesses: Vec<String>,
}

/// Lowers the templates of one spec.
pub(super) struct Patterns<'c> {
    pub(super) files: &'c Files,
    pub(super) parts: BTreeMap<String, Part>,
    /// Parts that a template used.
    pub(super) used: BTreeSet<String>,
    pub(super) trailing: String,
}

impl Patterns<'_> {
    /// A template's ops, with its constants still empty. `None` if it is broken, which is reported.
    pub(super) fn template(
        &mut self,
        text: &Text,
        fields: &mut Fields,
        diags: &mut Diagnostics,
    ) -> Option<Template> {
        let pieces = self.pieces(text, diags)?;
        let pieces = self.without_trailing(pieces);
        let mut build =
            Build { patterns: self, fields, diags, text, ops: Vec::new(), groups: 0, in_part: false };
        build.pieces(&pieces);
        let captures = build.captures(&pieces);
        let ops = finish(build.ops, &self.parts, text.span, diags);
        drop(captures);
        let witnesses = self.witnesses(&pieces);
        Some(Template { ops, trailing: self.trailing.clone(), set: Vec::new(), witnesses, span: text.span })
    }

    /// Several templates; broken ones are left out.
    pub(super) fn templates(
        &mut self,
        texts: &[Text],
        fields: &mut Fields,
        diags: &mut Diagnostics,
    ) -> Vec<Template> {
        texts.iter().filter_map(|text| self.template(text, fields, diags)).collect()
    }

    /// The single target of a template that is one open capture.
    pub(super) fn whole(
        &mut self,
        text: &Text,
        fields: &mut Fields,
        diags: &mut Diagnostics,
    ) -> Option<Target> {
        match template::parse(&text.text).ok()?.as_slice() {
            [Piece::Capture { name, kind: Kind::Text | Kind::Rest }] => {
                let at = self.place(text, name.at, name.text.len());
                Some(target(name, at, fields, diags))
            }
            _ => None,
        }
    }

    /// Keeps a part under its name.
    pub(super) fn part(&mut self, name: &Text, texts: &[Text], fields: &mut Fields, diags: &mut Diagnostics) {
        let mut alternatives = Vec::new();
        for text in texts {
            alternatives.extend(self.pieces(text, diags));
        }
        let pieces = match <[_; 1]>::try_from(alternatives) {
            Ok([one]) => one,
            Err(several) => vec![Piece::Either(several)],
        };
        let Some(text) = texts.first() else { return };
        let mut build =
            Build { patterns: self, fields, diags, text, ops: Vec::new(), groups: 0, in_part: true };
        build.pieces(&pieces);
        let captures = build.captures(&pieces);
        let ops = finish(build.ops, &BTreeMap::new(), text.span, diags);
        if ops.iter().any(|op| {
            matches!(op, Op::Text(_, first) | Op::Last(_, first) if first.end) || matches!(op, Op::Rest(_))
        }) {
            let message = format!("the part {} ends in open text", quote(&name.text));
            diags.push(
                Diagnostic::new(Code::OpenPartEnd, name.span, message)
                    .help("end it in literal text, or give its last capture a kind"),
            );
        }
        let witnesses = self.witnesses(&pieces);
        let number = self.parts.len();
        self.parts.insert(name.text.clone(), Part { number, ops, captures, witnesses });
    }

    fn pieces(&self, text: &Text, diags: &mut Diagnostics) -> Option<Vec<Piece>> {
        match template::parse(&text.text) {
            Ok(pieces) => Some(pieces),
            Err(fault) => {
                let length = fault.kind.as_ref().map_or(1, String::len);
                let at = self.place(text, fault.at, length);
                if let Some(kind) = &fault.kind {
                    let message = format!("there is no kind of capture {}", quote(kind));
                    let diagnostic = Diagnostic::new(Code::UnknownShape, at, message);
                    diags.push(match near(kind, KINDS.into_iter()) {
                        Some(near) => diagnostic.suggest(Some(near)),
                        None => diagnostic
                            .help(format!("known kinds: {}; or classes such as `[A-Z]3`", KINDS.join(", "))),
                    });
                } else {
                    let message = format!("expected {}", fault.message);
                    diags.push(
                        Diagnostic::new(Code::TemplateSyntax, at, message)
                            .help("captures are written `{name}`, optional pieces `{? …}`, a brace `{{`"),
                    );
                }
                None
            }
        }
    }

    /// The place of a piece of a template: exact where the text stands in the file as it is meant, else the whole text.
    fn place(&self, text: &Text, at: usize, length: usize) -> Span {
        let raw = self.files.get(text.span.file).map_or("", |file| file.slice(text.span));
        let inner = raw.trim_matches(['"', '\'']);
        if inner == text.text {
            let start = at + raw.find(inner).unwrap_or(0);
            text.span.part(start, start + length.max(1))
        } else {
            text.span
        }
    }

    /// What may trail any text need not be said at a template's end.
    fn without_trailing(&self, mut pieces: Vec<Piece>) -> Vec<Piece> {
        if let Some(Piece::Literal(last)) = pieces.last_mut() {
            let kept = last.trim_end_matches(|c: char| self.trailing.contains(c)).len();
            last.truncate(kept);
            if last.is_empty() && pieces.len() > 1 {
                pieces.pop();
            }
        }
        pieces
    }

    /// Texts that the pieces match: with and without what is optional, one for each alternative.
    fn witnesses(&self, pieces: &[Piece]) -> Vec<String> {
        const MOST: usize = 12;
        let mut all = vec![String::new()];
        for piece in pieces {
            let choices: Vec<String> = match piece {
                Piece::Literal(text) => vec![text.clone()],
                Piece::Capture { kind, .. } => witness(kind),
                Piece::Group { pieces, .. } => self.witnesses(pieces),
                Piece::Optional(pieces) => {
                    let mut choices = self.witnesses(pieces);
                    choices.push(String::new());
                    choices
                }
                Piece::Either(all) => all.iter().flat_map(|pieces| self.witnesses(pieces)).collect(),
                Piece::Part { name, .. } => {
                    self.parts.get(name).map(|part| part.witnesses.clone()).unwrap_or_default()
                }
            };
            all = all
                .iter()
                .flat_map(|text| choices.iter().map(move |more| format!("{text}{more}")))
                .take(MOST)
                .collect();
        }
        all
    }
}

/// Texts of a kind. Open text is a word that no literal holds.
fn witness(kind: &Kind) -> Vec<String> {
    match kind {
        Kind::Text | Kind::Last | Kind::Rest => vec!["Zq".to_owned()],
        Kind::Address => vec!["192.0.2.7".to_owned()],
        Kind::Words(words) => words.clone(),
        Kind::Shape(runs) => vec![runs.iter().map(example).collect()],
    }
}

/// As few characters of a run as it takes, preferring digits, then letters.
fn example(run: &Run) -> String {
    let preferred = "7aA0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let all = (32u8..127).map(char::from);
    let found = preferred.chars().chain(all).find(|c| u8::try_from(*c).is_ok_and(|byte| run.set.has(byte)));
    found.unwrap_or('é').to_string().repeat(usize::from(run.min))
}

fn target(name: &Name, at: Span, fields: &mut Fields, diags: &mut Diagnostics) -> Target {
    let to = if name.text.is_empty() { To::Nothing } else { fields.define(&name.text, at, diags) };
    Target { to, hand: name.hand }
}

struct Build<'b, 'c, 'f> {
    patterns: &'b mut Patterns<'c>,
    fields: &'f mut Fields,
    diags: &'f mut Diagnostics,
    text: &'f Text,
    ops: Vec<Op>,
    groups: usize,
    in_part: bool,
}

impl Build<'_, '_, '_> {
    fn pieces(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            match piece {
                Piece::Literal(text) => {
                    if !text.is_empty() {
                        self.ops.push(Op::Literal(text.clone()));
                    }
                }
                Piece::Capture { name, kind } => {
                    let target = self.target(name);
                    self.ops.push(match kind {
                        Kind::Text => Op::Text(target, OPEN),
                        Kind::Last => Op::Last(target, OPEN),
                        Kind::Rest => Op::Rest(target),
                        Kind::Address => Op::Address(target),
                        Kind::Shape(runs) => Op::Shape(target, runs.clone()),
                        Kind::Words(words) => Op::Words(target, words.clone()),
                    });
                }
                Piece::Group { name, pieces } => self.group(name, pieces),
                Piece::Optional(pieces) => {
                    let split = self.ops.len();
                    self.ops.push(Op::Split(0));
                    self.pieces(pieces);
                    let behind = self.here();
                    self.set(split, Op::Split(behind));
                }
                Piece::Either(alternatives) => self.either(alternatives),
                Piece::Part { name, at } => self.part(name, *at),
            }
        }
    }

    fn group(&mut self, name: &Name, pieces: &[Piece]) {
        if self.groups >= GROUPS {
            let at = self.patterns.place(self.text, name.at, name.text.len());
            let message = format!("groups are nested deeper than {GROUPS}");
            self.diags.push(Diagnostic::new(Code::TemplateSyntax, at, message));
            return;
        }
        let target = self.target(name);
        let number = u8::try_from(self.groups).unwrap_or_default();
        self.groups += 1;
        self.ops.push(Op::Open(number));
        self.pieces(pieces);
        self.ops.push(Op::Close(number, target));
        self.groups -= 1;
    }

    fn either(&mut self, alternatives: &[Vec<Piece>]) {
        let mut ends = Vec::new();
        for (index, pieces) in alternatives.iter().enumerate() {
            let last = index + 1 == alternatives.len();
            let split = self.ops.len();
            if !last {
                self.ops.push(Op::Split(0));
            }
            self.pieces(pieces);
            if !last {
                ends.push(self.ops.len());
                self.ops.push(Op::Jump(0));
                let behind = self.here();
                self.set(split, Op::Split(behind));
            }
        }
        let behind = self.here();
        for end in ends {
            self.set(end, Op::Jump(behind));
        }
    }

    fn part(&mut self, name: &str, at: usize) {
        let place = self.patterns.place(self.text, at, name.len() + 1);
        if self.in_part {
            self.diags.push(Diagnostic::new(Code::TemplateSyntax, place, "a part cannot use another part"));
            return;
        }
        match self.patterns.parts.get(name) {
            Some(part) => {
                self.ops.push(Op::Part(part.number));
                self.patterns.used.insert(name.to_owned());
            }
            None => {
                let message = format!("there is no part {}", quote(name));
                let diagnostic = Diagnostic::new(Code::UnknownPart, place, message);
                let near = near(name, self.patterns.parts.keys().map(String::as_str));
                self.diags.push(match near {
                    Some(near) => diagnostic.suggest(Some(near)),
                    None => diagnostic.help("parts are defined under `parts` of the catalogue file"),
                });
            }
        }
    }

    fn target(&mut self, name: &Name) -> Target {
        let at = self.patterns.place(self.text, name.at, name.text.len());
        target(name, at, self.fields, self.diags)
    }

    /// The fields that the pieces capture; one that is captured twice on one way is reported.
    fn captures(&mut self, pieces: &[Piece]) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for piece in pieces {
            let (names, at) = match piece {
                Piece::Literal(_) => continue,
                Piece::Capture { name, .. } => (BTreeSet::from([name.text.clone()]), name.at),
                Piece::Group { name, pieces } => {
                    let mut names = self.captures(pieces);
                    names.insert(name.text.clone());
                    (names, name.at)
                }
                Piece::Optional(pieces) => (self.captures(pieces), 0),
                Piece::Either(alternatives) => {
                    (alternatives.iter().flat_map(|pieces| self.captures(pieces)).collect(), 0)
                }
                Piece::Part { name, at } => {
                    let part = self.patterns.parts.get(name);
                    (part.map(|part| part.captures.clone()).unwrap_or_default(), *at)
                }
            };
            for name in names {
                // Unread captures may stand as often as they like: each is kept.
                if !name.starts_with('_') && !name.is_empty() && !all.insert(name.clone()) {
                    let place = self.patterns.place(self.text, at, name.len());
                    let message = format!("{} is captured twice in one template", quote(&name));
                    self.diags.push(
                        Diagnostic::new(Code::CaptureTwice, place, message)
                            .help("the first would hold; name one of them otherwise"),
                    );
                }
            }
        }
        all
    }

    fn here(&self) -> u16 {
        u16::try_from(self.ops.len()).unwrap_or(u16::MAX)
    }

    fn set(&mut self, at: usize, op: Op) {
        if let Some(place) = self.ops.get_mut(at) {
            *place = op;
        }
    }
}

const OPEN: First = First { set: ByteSet { ascii: 0, wide: false }, end: false };

/// Fills in what ends each open text.
fn finish(mut ops: Vec<Op>, parts: &BTreeMap<String, Part>, at: Span, diags: &mut Diagnostics) -> Vec<Op> {
    if ops.len() > MOST_OPS {
        diags.push(Diagnostic::new(
            Code::TemplateSyntax,
            at,
            format!("more than {MOST_OPS} pieces in one template"),
        ));
        return Vec::new();
    }
    let by_number: BTreeMap<usize, &Part> = parts.values().map(|part| (part.number, part)).collect();
    let firsts: Vec<Option<First>> =
        (0..ops.len()).map(|index| first(&ops, index + 1, &by_number, 0)).collect();
    let mut open = false;
    for (op, found) in ops.iter_mut().zip(firsts) {
        if let Op::Text(_, next) | Op::Last(_, next) = op {
            match found {
                Some(found) => *next = found,
                None => open = true,
            }
        }
    }
    if open {
        diags.push(
            Diagnostic::new(
                Code::AdjacentCaptures,
                at,
                "two captures of open text with nothing between them",
            )
            .help("put text between them, or give one a kind, such as `{name:word}`"),
        );
    }
    ops
}

/// What may begin at an op; `None` if that is anything, because an open text begins there.
fn first(ops: &[Op], mut index: usize, parts: &BTreeMap<usize, &Part>, depth: usize) -> Option<First> {
    let mut all = OPEN;
    // Optional pieces in a row are few; a template that nests them deeper gets the widest answer.
    if depth > 64 {
        return None;
    }
    loop {
        let Some(op) = ops.get(index) else {
            all.end = true;
            return Some(all);
        };
        index += 1;
        match op {
            Op::Literal(text) => {
                add(&mut all.set, text.bytes().next());
                return Some(all);
            }
            Op::Words(_, words) => {
                words.iter().for_each(|word| add(&mut all.set, word.bytes().next()));
                return Some(all);
            }
            Op::Address(_) => {
                "0123456789abcdefABCDEF.:".bytes().for_each(|byte| add(&mut all.set, Some(byte)));
                return Some(all);
            }
            Op::Shape(_, runs) => {
                for run in runs {
                    all.set.ascii |= run.set.ascii;
                    all.set.wide |= run.set.wide;
                    if run.min > 0 {
                        return Some(all);
                    }
                }
            }
            Op::Text(..) | Op::Last(..) | Op::Rest(_) => return None,
            Op::Open(_) | Op::Close(..) => {}
            Op::Jump(to) => index = usize::from(*to),
            Op::Split(other) => {
                let other = first(ops, usize::from(*other), parts, depth + 1)?;
                all.set.ascii |= other.set.ascii;
                all.set.wide |= other.set.wide;
                all.end |= other.end;
            }
            Op::Part(number) => {
                let begins =
                    parts.get(number).map_or(Some(OPEN), |part| first(&part.ops, 0, parts, depth + 1))?;
                all.set.ascii |= begins.set.ascii;
                all.set.wide |= begins.set.wide;
                if !begins.end {
                    return Some(all);
                }
            }
        }
    }
}

fn add(set: &mut ByteSet, byte: Option<u8>) {
    match byte {
        Some(byte) if byte < 128 => set.ascii |= 1 << byte,
        Some(_) => set.wide = true,
        None => {}
    }
}

/// Constants as fields and texts.
pub(super) fn constants(
    set: &crate::node::Entries<Text>,
    fields: &mut Fields,
    diags: &mut Diagnostics,
) -> Vec<(Slot, String)> {
    let mut constants = Vec::new();
    for (name, value) in set.iter() {
        if let To::Field(slot) = fields.define(&name.text, name.span, diags) {
            constants.push((slot, value.text.clone()));
        } else if name.text.starts_with('_') {
            let message =
                format!("a constant goes to a field that is read, and {} is not", quote(&name.text));
            diags.push(
                Diagnostic::new(Code::UnreadField, name.span, message)
                    .help("give the field a row, or leave it out"),
            );
        }
    }
    constants
}
