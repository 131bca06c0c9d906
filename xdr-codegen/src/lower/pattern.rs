//! Templates as ops.
//!
//! Guaranteed afterwards: every open text is followed by something that ends it, groups are nested as they should be,
//! and a capture is made once on every way through the template.

use std::collections::{BTreeMap, BTreeSet};

use xdr_model::pattern::Run;

use super::ahead::{AHEAD, OPEN, begins};

use super::fields::Fields;
use crate::diag::{Code, Diagnostic, Diagnostics, near, quote};
use crate::ir::{Op, Slot, Target, Template, To};
use crate::node::Text;
use crate::source::{Files, Span};
use crate::template::{self, KINDS, Kind, Name, Piece};

/// The most ops of one template.
const MOST_OPS: usize = 2000;

/// The most texts that are made to match one template.
const WITNESSES: usize = 12;

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
        let pieces = self.pieces(text, fields, diags)?;
        let pieces = self.without_trailing(pieces);
        let mut build = Build::new(self, fields, diags, text, false);
        build.pieces(&pieces);
        build.captures(&pieces);
        let (ops, places) = (build.ops, build.places);
        let ops = finish(ops, &places, &self.parts, false, diags);
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
        let Some(first) = texts.first() else { return };
        let mut alternatives: Vec<(&Text, Vec<Piece>)> = Vec::new();
        for text in texts {
            alternatives.extend(self.pieces(text, fields, diags).map(|pieces| (text, pieces)));
        }
        let mut build = Build::new(self, fields, diags, first, true);
        build.either(alternatives.iter().map(|(text, pieces)| (Some(*text), pieces.as_slice())));
        let mut captures = BTreeSet::new();
        for (text, pieces) in &alternatives {
            build.text = text;
            captures.extend(build.captures(pieces).into_keys());
        }
        let (ops, places) = (build.ops, build.places);
        let ops = finish(ops, &places, &BTreeMap::new(), true, diags);
        let open = ops.iter().zip(&places).find(|(op, _)| match op {
            Op::Text(_, first) | Op::Last(_, first) => first.end,
            Op::Rest(_) => true,
            _ => false,
        });
        if let Some((_, at)) = open {
            let message = format!("the part {} ends in open text", quote(&name.text));
            diags.push(
                Diagnostic::new(Code::OpenPartEnd, *at, message)
                    .also(name.span, "the part")
                    .help("end it in literal text, or give its last capture a kind"),
            );
        }
        let witnesses = alternatives.iter().flat_map(|(_, pieces)| self.witnesses(pieces));
        let witnesses = witnesses.take(WITNESSES).collect();
        let number = self.parts.len();
        self.parts.insert(name.text.clone(), Part { number, ops, captures, witnesses });
    }

    /// The names that every record fills that one of the templates takes, with their places.
    pub(super) fn always(&self, texts: &[Text]) -> Vec<(String, Span)> {
        let mut common: Option<BTreeMap<String, Span>> = None;
        for text in texts {
            let pieces = template::parse(&text.text).unwrap_or_default();
            let names = template::always(&pieces);
            if let Some(common) = &mut common {
                common.retain(|name, _| names.contains_key(name.as_str()));
            } else {
                let placed = |(name, at): (&str, usize)| (name.to_owned(), self.place(text, at, name.len()));
                common = Some(names.into_iter().map(placed).collect());
            }
        }
        common.into_iter().flatten().collect()
    }

    fn pieces(&self, text: &Text, fields: &mut Fields, diags: &mut Diagnostics) -> Option<Vec<Piece>> {
        match template::parse(&text.text) {
            Ok(pieces) => Some(pieces),
            Err(fault) => {
                fields.incomplete = true;
                let length = fault.kind.as_ref().map_or(1, String::len);
                let at = self.place(text, fault.at, length);
                if let Some(kind) = &fault.kind {
                    let message = format!("there is no kind of capture {}", quote(kind));
                    let diagnostic = Diagnostic::new(Code::UnknownShape, at, message);
                    diags.push(match near(kind, KINDS.into_iter()) {
                        Some(near) => diagnostic.suggest(Some(near)),
                        None => diagnostic
                            .help(format!("known kinds: {}; or classes such as `[A-Z]3`; a fixed text is captured as `{{name=text}}`", KINDS.join(", "))),
                    });
                } else {
                    diags.push(
                        Diagnostic::new(Code::TemplateSyntax, at, fault.message)
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
        let quotes = usize::from(raw.starts_with(['"', '\'']));
        let inner = raw.get(quotes..raw.len().saturating_sub(quotes)).unwrap_or_default();
        if inner == text.text {
            let start = at + quotes;
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
        // A shape can ask for thousands of characters, and a template can have thousands of shapes.
        const LONGEST: usize = 4096;
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
                .flat_map(|text| choices.iter().map(move |more| (text, more)))
                .filter(|(text, more)| text.len() + more.len() <= LONGEST)
                .map(|(text, more)| format!("{text}{more}"))
                .take(WITNESSES)
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
        // The shortest text, and the longest where that is short too: shapes take all they can.
        Kind::Shape(runs) => {
            let text = |long: bool| runs.iter().map(|run| example(run, long)).collect::<String>();
            let mut texts = vec![text(false), text(true)];
            texts.dedup();
            texts
        }
    }
}

/// As few characters of a run as it takes, or as many as it may, preferring digits, then letters.
fn example(run: &Run, long: bool) -> String {
    const SHORT: u16 = 16;
    let preferred = "7aA0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let all = (32u8..127).map(char::from);
    let found = preferred.chars().chain(all).find(|c| u8::try_from(*c).is_ok_and(|byte| run.set.has(byte)));
    let count = if long && run.max <= SHORT { run.max } else { run.min };
    found.unwrap_or('é').to_string().repeat(usize::from(count))
}

/// What the text that is handed on is called among the names of captures.
const HAND: &str = "*";

/// What a capture fills, and where it says so.
fn captured(name: &Name) -> impl Iterator<Item = (String, usize)> {
    let field = (!name.text.is_empty()).then(|| (name.text.clone(), name.at));
    let hand = name.hand.then(|| (HAND.to_owned(), name.at + name.text.len()));
    field.into_iter().chain(hand)
}

fn target(name: &Name, at: Span, fields: &mut Fields, diags: &mut Diagnostics) -> Target {
    let to = if name.text.is_empty() { To::Nothing } else { fields.define(&name.text, at, diags) };
    Target { to, hand: name.hand }
}

struct Build<'b, 'c, 'f> {
    patterns: &'b mut Patterns<'c>,
    fields: &'f mut Fields,
    diags: &'f mut Diagnostics,
    /// The template whose pieces are built now.
    text: &'f Text,
    ops: Vec<Op>,
    /// Where each of the ops stands.
    places: Vec<Span>,
    in_part: bool,
}

impl<'b, 'c, 'f> Build<'b, 'c, 'f> {
    fn new(
        patterns: &'b mut Patterns<'c>,
        fields: &'f mut Fields,
        diags: &'f mut Diagnostics,
        text: &'f Text,
        in_part: bool,
    ) -> Self {
        Self { patterns, fields, diags, text, ops: Vec::new(), places: Vec::new(), in_part }
    }

    fn push(&mut self, op: Op) {
        self.push_at(op, self.text.span);
    }

    fn push_at(&mut self, op: Op, at: Span) {
        self.ops.push(op);
        self.places.push(at);
    }

    fn pieces(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            match piece {
                Piece::Literal(text) => {
                    if !text.is_empty() {
                        self.push(Op::Literal(text.clone()));
                    }
                }
                Piece::Capture { name, kind } => {
                    let target = self.target(name);
                    let at = self.patterns.place(self.text, name.at, name.text.len());
                    let op = match kind {
                        Kind::Text => Op::Text(target, OPEN),
                        Kind::Last => Op::Last(target, OPEN),
                        Kind::Rest => Op::Rest(target),
                        Kind::Address => Op::Address(target),
                        Kind::Shape(runs) => Op::Shape(target, runs.clone()),
                        Kind::Words(words) => Op::Words(target, words.clone()),
                    };
                    self.push_at(op, at);
                }
                Piece::Group { name, pieces } => self.group(name, pieces),
                Piece::Optional(pieces) => {
                    let split = self.ops.len();
                    self.push(Op::Split(0, None, None));
                    self.pieces(pieces);
                    let behind = self.here();
                    self.set(split, Op::Split(behind, None, None));
                }
                Piece::Either(alternatives) => {
                    self.either(alternatives.iter().map(|pieces| (None, pieces.as_slice())));
                }
                Piece::Part { name, at } => self.part(name, *at),
            }
        }
    }

    fn group(&mut self, name: &Name, pieces: &[Piece]) {
        let target = self.target(name);
        self.push(Op::Open);
        self.pieces(pieces);
        self.push(Op::Close(target));
    }

    /// Alternatives, with the text in which they stand if that is another one.
    fn either<'p>(&mut self, alternatives: impl ExactSizeIterator<Item = (Option<&'f Text>, &'p [Piece])>) {
        let mut ends = Vec::new();
        let count = alternatives.len();
        for (index, (text, pieces)) in alternatives.enumerate() {
            self.text = text.unwrap_or(self.text);
            let last = index + 1 == count;
            let split = self.ops.len();
            if !last {
                self.push(Op::Split(0, None, None));
            }
            self.pieces(pieces);
            if !last {
                ends.push(self.ops.len());
                self.push(Op::Jump(0));
                let behind = self.here();
                self.set(split, Op::Split(behind, None, None));
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
            self.fields.incomplete = true;
            self.diags.push(
                Diagnostic::new(Code::TemplateSyntax, place, "a part cannot use another part")
                    .help("write the pieces of the other part here"),
            );
            return;
        }
        if let Some(part) = self.patterns.parts.get(name) {
            let op = Op::Part(part.number);
            self.push_at(op, place);
            self.patterns.used.insert(name.to_owned());
        } else {
            self.fields.incomplete = true;
            let message = format!("there is no part {}", quote(name));
            let diagnostic = Diagnostic::new(Code::UnknownPart, place, message);
            let near = near(name, self.patterns.parts.keys().map(String::as_str));
            self.diags.push(match near {
                Some(near) => diagnostic.suggest(Some(near)),
                None => diagnostic.help("parts are defined under `parts` of the catalogue file"),
            });
        }
    }

    fn target(&mut self, name: &Name) -> Target {
        let at = self.patterns.place(self.text, name.at, name.text.len());
        target(name, at, self.fields, self.diags)
    }

    /// The fields that the pieces capture, and [`HAND`], and where; what stands twice on one way is reported.
    fn captures(&mut self, pieces: &[Piece]) -> BTreeMap<String, usize> {
        let mut all = BTreeMap::new();
        for piece in pieces {
            let names = match piece {
                Piece::Literal(_) => continue,
                Piece::Capture { name, .. } => captured(name).collect(),
                Piece::Group { name, pieces } => {
                    let mut names = self.captures(pieces);
                    names.extend(captured(name));
                    names
                }
                Piece::Optional(pieces) => self.captures(pieces),
                Piece::Either(alternatives) => {
                    alternatives.iter().flat_map(|pieces| self.captures(pieces)).collect()
                }
                Piece::Part { name, at } => {
                    let part = self.patterns.parts.get(name);
                    part.iter().flat_map(|part| &part.captures).map(|name| (name.clone(), *at)).collect()
                }
            };
            for (name, at) in names {
                // Unread captures may stand as often as they like: each is kept.
                if name.starts_with('_') {
                    continue;
                }
                let Some(first) = all.insert(name.clone(), at) else { continue };
                let place = |at| self.patterns.place(self.text, at, name.len());
                self.diags.push(if name == HAND {
                    Diagnostic::new(Code::CaptureTwice, place(at), "one template hands on two texts")
                        .also(place(first), "handed on here already")
                        .help("the first would be lost: capture it under a name, such as `{_before}`")
                } else {
                    let message = format!("{} is captured twice in one template", quote(&name));
                    Diagnostic::new(Code::CaptureTwice, place(at), message)
                        .also(place(first), "captured here already")
                        .help("the first would hold; name one of them otherwise")
                });
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

/// Fills in what ends each open text, and what may begin the ways to choose from.
fn finish(
    mut ops: Vec<Op>,
    places: &[Span],
    parts: &BTreeMap<String, Part>,
    in_part: bool,
    diags: &mut Diagnostics,
) -> Vec<Op> {
    if let Some(at) = places.get(MOST_OPS) {
        let message = format!("more than {MOST_OPS} pieces in one template");
        diags.push(
            Diagnostic::new(Code::TemplateSyntax, *at, message)
                .help("make a list of several templates of it"),
        );
        return Vec::new();
    }
    for index in 0..ops.len() {
        let mut behind = ops.iter().skip(index + 1).skip_while(|op| matches!(op, Op::Open));
        let leads = matches!(behind.next(), Some(Op::Text(..) | Op::Last(..) | Op::Rest(_)));
        if let Some(op @ Op::Literal(_)) = ops.get_mut(index).filter(|_| leads)
            && let Op::Literal(text) = op
        {
            *op = Op::Lead(std::mem::take(text));
        }
    }
    let begins = begins(&ops, parts);
    // Behind the end of a part anything may stand.
    let known = |index: usize| begins.get(index).cloned().flatten().filter(|first| !(in_part && first.end));
    for (index, op) in ops.iter_mut().enumerate() {
        if let Op::Split(other, here, there) = op {
            (*here, *there) = (known(index + 1), known((*other).into()));
        }
    }
    let literals: Vec<bool> = ops.iter().map(|op| matches!(op, Op::Literal(_) | Op::Lead(_))).collect();
    for (index, (op, at)) in ops.iter_mut().zip(places).enumerate() {
        let (Op::Text(_, first) | Op::Last(_, first)) = op else { continue };
        match begins.get(index + 1).and_then(Option::as_ref) {
            Some(next) => {
                *first = next.clone();
                // A literal is looked for as a whole.
                let whole = literals.get(index + 1).is_some_and(|literal| *literal);
                first.sets.truncate(if whole { 1 } else { AHEAD });
            }
            None => diags.push(
                Diagnostic::new(Code::AdjacentCaptures, *at, "open text follows this capture of open text")
                    .help("put text between them, or give one a kind, such as `{name:word}`"),
            ),
        }
    }
    ops
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
