//! Templates that can never match, because one before them matches all that they do, and messages that are taken for others.
//!
//! The check runs the run-time matcher over lines that a template was made to match. What it reports is therefore true at run time;
//! what it does not report may still be shadowed for some texts.

use std::collections::BTreeMap;

use xdr_model::pattern::{Captures, Next, Op, Pattern, Target};

use crate::diag::{Code, Diagnostic, Diagnostics, quote};
use crate::ir::{self, Catalogue, Key, KeyTemplates, Keyless, Message, Module, Step, Template};

/// The most lines that are matched for one spec. Real catalogues need a tenth of it; a hostile one ends the check early.
const MOST_MATCHES: usize = 3_000_000;

/// Checks the templates of a spec and its catalogue.
pub(super) fn check(module: &Module, diags: &mut Diagnostics) {
    let mut lists = Vec::new();
    of_steps(&module.steps, &mut lists);
    if let Some(catalogue) = &module.catalogue {
        of_catalogue(catalogue, &mut lists);
    }
    let parts = module.catalogue.as_ref().map_or(&[][..], |catalogue| &catalogue.parts);
    let part_words: Vec<_> = parts.iter().map(|ops| words(ops)).collect();
    let parts: Vec<_> = parts.iter().zip(&part_words).map(|(ops, words)| borrow(ops, words, &[])).collect();
    let list_words: Vec<Vec<_>> =
        lists.iter().map(|list| list.iter().map(|template| words(&template.ops)).collect()).collect();
    let mut budget = MOST_MATCHES;
    for (list, words) in lists.iter().zip(&list_words) {
        let prepared = list.iter().zip(words);
        let prepared: Vec<_> =
            prepared.map(|(one, words)| Prepared::new(one, words, &parts, &mut budget)).collect();
        shadowed(&prepared, &mut budget, diags);
    }
    if let Some(catalogue) = module.catalogue.as_ref().filter(|_| finds_by_text(&module.steps)) {
        let messages: Vec<&Message> = catalogue
            .keyless
            .iter()
            .filter_map(|index| catalogue.messages.get(usize::from(*index)))
            .collect();
        let words: Vec<Vec<_>> = messages
            .iter()
            .map(|message| message.templates.iter().map(|template| words(&template.ops)).collect())
            .collect();
        let mut prepared = Vec::new();
        for (message, words) in messages.iter().zip(&words) {
            let templates = message.templates.iter().zip(words);
            prepared
                .push(templates.map(|(one, words)| Prepared::new(one, words, &parts, &mut budget)).collect());
        }
        ambiguous(&messages, &prepared, &mut budget, diags);
    }
}

fn of_steps<'m>(steps: &'m [Step], lists: &mut Vec<&'m [Template]>) {
    for step in steps {
        match step {
            Step::Template(templates) => lists.push(templates),
            Step::KeyValue(pairs) => of_keys(&pairs.keys, lists),
            Step::Cef(extension) | Step::Leef(extension) => of_keys(&extension.keys, lists),
            Step::Csv(csv) => of_keys(&csv.columns, lists),
            Step::OneOf(forms) => forms.iter().for_each(|(_, steps)| of_steps(steps, lists)),
            _ => {}
        }
    }
}

fn of_catalogue<'m>(catalogue: &'m Catalogue, lists: &mut Vec<&'m [Template]>) {
    let messages = catalogue.messages.iter().chain(&catalogue.prefixes).chain(&catalogue.suffixes);
    lists.extend(messages.map(|message| message.templates.as_slice()));
    catalogue.pairs.iter().for_each(|pairs| of_keys(&pairs.keys, lists));
}

fn of_keys<'m>(keys: &'m [Key], lists: &mut Vec<&'m [Template]>) {
    for key in keys {
        if let KeyTemplates::Templates(templates) = &key.value {
            lists.push(templates);
        }
    }
}

/// Whether a step finds the message of a record by its text.
fn finds_by_text(steps: &[Step]) -> bool {
    steps.iter().any(|step| match step {
        Step::Catalogue(_, keyless) => *keyless != Keyless::Unread,
        Step::OneOf(forms) => forms.iter().any(|(_, steps)| finds_by_text(steps)),
        _ => false,
    })
}

/// A template as the matcher wants it.
struct Prepared<'t> {
    template: &'t Template,
    ops: Vec<Op<'t>>,
    /// Lines that it matches.
    lines: Vec<Line<'t>>,
    /// A word that is in every line that it matches; looking for it is much faster than matching.
    word: Line<'t>,
}

/// A text, and a set that holds every pair of bytes of it: two texts can be told apart by it without a look at them.
#[derive(Clone, Copy)]
struct Line<'t> {
    text: &'t str,
    pairs: u128,
}

impl<'t> Line<'t> {
    fn new(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        let pairs = bytes.iter().zip(bytes.iter().skip(1));
        // Pairs share their places in the set, so it says surely only what a text does not hold.
        let place = |(one, other): (&u8, &u8)| 1 << ((u32::from(*one) * 31 + u32::from(*other)) % u128::BITS);
        Self { text, pairs: pairs.map(place).fold(0, |all: u128, one: u128| all | one) }
    }

    fn contains(self, word: Line<'_>) -> bool {
        self.pairs & word.pairs == word.pairs && self.text.contains(word.text)
    }
}

impl<'t> Prepared<'t> {
    fn new(
        template: &'t Template,
        words: &'t [Vec<&'t str>],
        parts: &'t [Vec<Op<'t>>],
        budget: &mut usize,
    ) -> Self {
        let ops = borrow(&template.ops, words, parts);
        let word = Line::new(ir::longest_word(&template.ops));
        let mut prepared = Self { template, ops, lines: Vec::new(), word };
        // Where a part has alternatives a line can miss that was made by a later one.
        let lines = template.witnesses.iter().map(|line| Line::new(line));
        prepared.lines = lines.filter(|line| prepared.matches(*line, budget)).collect();
        prepared
    }

    fn matches(&self, line: Line<'_>, budget: &mut usize) -> bool {
        let Some(left) = budget.checked_sub(1) else { return false };
        *budget = left;
        if !line.contains(self.word) {
            return false;
        }
        let pattern = Pattern::new(&self.ops, &self.template.trailing);
        pattern.captures(line.text, &mut Captures::new()).is_ok()
    }
}

fn shadowed(list: &[Prepared<'_>], budget: &mut usize, diags: &mut Diagnostics) {
    for (index, Prepared { template, lines, .. }) in list.iter().enumerate() {
        let Some(witness) = lines.first() else {
            if *budget > 0 {
                dead(template, diags);
            }
            continue;
        };
        let mut earlier = list.iter().take(index);
        let earlier = earlier.find(|earlier| lines.iter().all(|line| earlier.matches(*line, budget)));
        if let Some(earlier) = earlier {
            let message = format!(
                "this template is never reached: the one before it matches {} too",
                quote(witness.text)
            );
            diags.push(
                Diagnostic::new(Code::ShadowedTemplate, template.span, message)
                    .also(earlier.template.span, "matches first")
                    .help("put the more special template first, or delete one of them"),
            );
        }
    }
}

/// A template that does not even match the texts made for it.
fn dead(template: &Template, diags: &mut Diagnostics) {
    let Some(witness) = template.witnesses.first() else { return };
    let message = format!("nothing matches this template, not even {}", quote(witness));
    diags.push(
        Diagnostic::new(Code::ShadowedTemplate, template.span, message)
            .help("a shape such as `word` takes all it can and gives nothing back: end it with a character it does not take"),
    );
}

/// Messages whose text an earlier message takes, where records are found by their text alone.
///
/// A later message that takes more than an earlier one is fine: special ones stand in front of general ones. So are two whose
/// templates take the same: vendors do print one text under several keys, and no order could tell them apart.
fn ambiguous(
    messages: &[&Message],
    templates: &[Vec<Prepared<'_>>],
    budget: &mut usize,
    diags: &mut Diagnostics,
) {
    let mut earlier: BTreeMap<&str, Vec<(&Message, &Prepared<'_>)>> = BTreeMap::new();
    for (message, templates) in messages.iter().zip(templates) {
        let found = templates.iter().find_map(|own| {
            own.lines.iter().find_map(|line| {
                let mut likely = (0..=HEAD).filter_map(|end| earlier.get(line.text.get(..end)?)).flatten();
                let (first, other) = likely.find(|(_, other)| other.matches(*line, budget))?;
                let same = other.lines.iter().all(|line| own.matches(*line, budget));
                (!same).then_some((own.template.span, line, *first, other.template.span))
            })
        });
        if let Some((at, line, first, other)) = found {
            let text = format!(
                "the text {} of the message {} is taken for {} where there is no key",
                quote(line.text),
                quote(&message.key),
                quote(&first.key),
            );
            diags.push(
                Diagnostic::new(Code::AmbiguousTemplates, at, text)
                    .also(other, "matches first")
                    .help("put the message with the more special text first"),
            );
        }
        for own in templates {
            earlier.entry(head(own.template)).or_default().push((*message, own));
        }
    }
}

/// How many bytes of a template's beginning sort it.
const HEAD: usize = 6;

/// What every text that the template matches begins with: a few bytes at most, without blanks, of which a text may have more.
fn head(template: &Template) -> &str {
    let Some(ir::Op::Literal(text) | ir::Op::Lead(text)) = template.ops.first() else { return "" };
    let word = text.split(' ').next().unwrap_or_default();
    (0..=HEAD.min(word.len())).rev().find_map(|end| word.get(..end)).unwrap_or_default()
}

/// The words of each op.
fn words(ops: &[ir::Op]) -> Vec<Vec<&str>> {
    ops.iter()
        .map(|op| match op {
            ir::Op::Words(_, words) => words.iter().map(String::as_str).collect(),
            _ => Vec::new(),
        })
        .collect()
}

/// The ops as the matcher wants them; captures go nowhere.
fn borrow<'p>(ops: &'p [ir::Op], words: &'p [Vec<&'p str>], parts: &'p [Vec<Op<'p>>]) -> Vec<Op<'p>> {
    const NOWHERE: Target<'static> = Target::Hand;
    let next = |first: &'p ir::First| {
        if first.sets.is_empty() { Next::End } else { Next::Set(&first.sets, first.end) }
    };
    let way = |first: &'p Option<ir::First>| first.as_ref().map_or(Next::Any, next);
    ops.iter()
        .zip(words)
        .map(|(op, words)| match op {
            ir::Op::Literal(text) => Op::Literal(text),
            ir::Op::Lead(text) => Op::Lead(text),
            ir::Op::Text(_, first) => Op::Text(NOWHERE, next(first)),
            ir::Op::Last(_, first) => Op::Last(NOWHERE, next(first)),
            ir::Op::Shape(_, runs) => Op::Shape(NOWHERE, runs),
            ir::Op::Address(_) => Op::Address(NOWHERE),
            ir::Op::Words(..) => Op::Words(NOWHERE, words),
            ir::Op::Rest(_) => Op::Rest(NOWHERE),
            ir::Op::Open => Op::Open,
            ir::Op::Close(_) => Op::Close(NOWHERE),
            ir::Op::Split(to, here, there) => Op::Split(*to, way(here), way(there)),
            ir::Op::Jump(to) => Op::Jump(*to),
            ir::Op::Part(number) => Op::Part(parts.get(*number).map_or(&[], Vec::as_slice)),
        })
        .collect()
}
