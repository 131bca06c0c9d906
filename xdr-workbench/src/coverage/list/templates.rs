//! Templates, and the choices in them.

use xdr_codegen::ir;
use xdr_codegen::node::{OneOrMany, Text};
use xdr_codegen::source::Span;

use super::Lister;
use crate::coverage::choices::{Choice, scan, splits};
use crate::coverage::item::{Kind, Scope, Used};
use crate::interpret::observe::List;

/// The most characters of a piece that a name shows.
const SHOWN: usize = 48;

impl Lister<'_> {
    /// The templates of a list.
    pub(super) fn templates(&mut self, of: &str, list: List, templates: &[ir::Template], texts: &[Text]) {
        let texts: Vec<&Text> = texts.iter().collect();
        self.templates_of(of, list, templates, &texts);
    }

    pub(super) fn templates_of(&mut self, of: &str, list: List, templates: &[ir::Template], texts: &[&Text]) {
        for (number, (template, text)) in templates.iter().zip(texts).enumerate() {
            let name = format!("template {} of {of}", number + 1);
            self.add(Kind::Template, name, template.span, [Used::Template(list, number)]);
            let scope = Scope::Template(list, number);
            let mut splits = splits(&template.ops).into_iter();
            self.choices(scope, text, &mut splits);
        }
    }

    /// A part: its alternatives, and the choices in them.
    pub(super) fn part(&mut self, number: usize, ops: &[ir::Op], name: &Text, texts: &OneOrMany<Text>) {
        let scope = Scope::Part(number);
        let mut splits = splits(ops).into_iter();
        let mut before = None;
        for (index, text) in texts.iter().enumerate() {
            let is_last = index + 1 == texts.len();
            let used =
                if is_last { before.map(|at| (at, false)) } else { splits.next().map(|at| (at, true)) };
            if let Some((at, taken)) = used {
                before = Some(at);
                let what = format!("alternative {} of part `{}`", index + 1, name.text);
                self.add(Kind::Alternative, what, text.span, [Used::Way(scope, at, taken)]);
            }
            self.choices(scope, text, &mut splits);
        }
    }

    /// The choices of one text, whose ops are the next ones of `splits`.
    fn choices(&mut self, scope: Scope, text: &Text, splits: &mut impl Iterator<Item = usize>) {
        // The op of the alternative before, for each choice between several that is open.
        let mut before: Vec<usize> = Vec::new();
        for choice in scan(&text.text) {
            match choice {
                Choice::Optional(start, end) => {
                    let Some(at) = splits.next() else { return };
                    let (piece, span) = self.piece(text, start, end);
                    let with = format!("`{piece}` taken");
                    self.add(Kind::Optional, with, span, [Used::Way(scope, at, true)]);
                    let without = format!("`{piece}` left out");
                    self.add(Kind::Optional, without, span, [Used::Way(scope, at, false)]);
                }
                Choice::Either { start, end, index, last } => {
                    if index == 0 && last {
                        continue;
                    }
                    let (piece, span) = self.piece(text, start, end);
                    let used = if last {
                        before.pop().map(|at| Used::Way(scope, at, false))
                    } else {
                        let Some(at) = splits.next() else { return };
                        if index > 0 {
                            before.pop();
                        }
                        before.push(at);
                        Some(Used::Way(scope, at, true))
                    };
                    self.add(Kind::Alternative, format!("`{piece}`"), span, used);
                }
            }
        }
    }

    /// A piece of a template as it is shown, and its place: that of the whole text, if the file writes it otherwise.
    fn piece(&self, text: &Text, start: usize, end: usize) -> (String, Span) {
        let raw = self.written.files.slice(text.span);
        let quotes = usize::from(raw.starts_with(['"', '\'']));
        let is_plain = raw.get(quotes..raw.len().saturating_sub(quotes)) == Some(&text.text);
        let span = if is_plain { text.span.part(start + quotes, end + quotes) } else { text.span };
        let piece = text.text.get(start..end).unwrap_or_default();
        let mut shown: String = piece.chars().take(SHOWN).collect();
        if piece.chars().nth(SHOWN).is_some() {
            shown.push('…');
        }
        (shown, span)
    }
}
