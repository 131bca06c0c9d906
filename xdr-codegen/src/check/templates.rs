//! Templates that can never match, because one before them matches all that they do.
//!
//! The check runs the run-time matcher over lines that a template was made to match. What it reports is therefore true at run time;
//! what it does not report may still be shadowed for some texts.

use xdr_model::pattern::{Captures, Op, Pattern, Target};

use crate::diag::{Code, Diagnostic, Diagnostics, quote};
use crate::ir::{self, KeyTemplates, Module, Step, Template};

pub(super) fn check(module: &Module, diags: &mut Diagnostics) {
    let none = Vec::new();
    let parts = module.catalogue.as_ref().map_or(&none, |catalogue| &catalogue.parts);
    steps(&module.steps, parts, diags);
    let Some(catalogue) = &module.catalogue else { return };
    for message in catalogue.messages.iter().chain(&catalogue.prefixes).chain(&catalogue.suffixes) {
        shadowed(&message.templates, parts, diags);
    }
    keys(catalogue.pairs.iter().flat_map(|pairs| &pairs.keys), parts, diags);
}

fn steps(list: &[Step], parts: &[Vec<ir::Op>], diags: &mut Diagnostics) {
    for step in list {
        match step {
            Step::Template(templates) => shadowed(templates, parts, diags),
            Step::KeyValue(pairs) => keys(pairs.keys.iter(), parts, diags),
            Step::OneOf(forms) => forms.iter().for_each(|(_, list)| steps(list, parts, diags)),
            _ => {}
        }
    }
}

fn keys<'k>(keys: impl Iterator<Item = &'k ir::Key>, parts: &[Vec<ir::Op>], diags: &mut Diagnostics) {
    for key in keys {
        if let KeyTemplates::Templates(templates) = &key.value {
            shadowed(templates, parts, diags);
        }
    }
}

fn shadowed(templates: &[Template], parts: &[Vec<ir::Op>], diags: &mut Diagnostics) {
    if templates.len() < 2 {
        return;
    }
    for (index, template) in templates.iter().enumerate().skip(1) {
        let earlier = templates.iter().take(index).find(|earlier| {
            !template.witnesses.is_empty()
                && template.witnesses.iter().all(|line| matches(earlier, parts, line))
        });
        if let Some(earlier) = earlier {
            let witness = template.witnesses.first().map_or("", String::as_str);
            let message =
                format!("this template is never reached: the one before it matches {} too", quote(witness));
            diags.push(
                Diagnostic::new(Code::ShadowedTemplate, template.span, message)
                    .also(earlier.span, "matches first")
                    .help("put the more special template first, or delete one of them"),
            );
        }
    }
}

/// Whether the run-time matcher matches a line with a template.
fn matches(template: &Template, parts: &[Vec<ir::Op>], line: &str) -> bool {
    let words: Vec<Vec<Vec<&str>>> =
        std::iter::once(&template.ops).chain(parts).map(|ops| ops.iter().map(words).collect()).collect();
    let mut lists =
        std::iter::once(&template.ops).chain(parts).zip(&words).map(|(ops, words)| borrow(ops, words, &[]));
    let Some(first) = lists.next() else { return false };
    let parts: Vec<Vec<Op<'_>>> = lists.collect();
    let own: Vec<Op<'_>> = match words.first() {
        Some(words) if template.ops.iter().any(|op| matches!(op, ir::Op::Part(_))) => {
            borrow(&template.ops, words, &parts)
        }
        _ => first,
    };
    let mut captures = Captures::new();
    Pattern { ops: &own, trailing: &template.trailing }.captures(line, &mut captures).is_ok()
}

fn words(op: &ir::Op) -> Vec<&str> {
    match op {
        ir::Op::Words(_, words) => words.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The ops as the matcher wants them; captures go nowhere.
fn borrow<'p>(ops: &'p [ir::Op], words: &'p [Vec<&'p str>], parts: &'p [Vec<Op<'p>>]) -> Vec<Op<'p>> {
    const NOWHERE: Target<'static> = Target::Hand;
    let next = |first: &ir::First| xdr_model::pattern::Next::Set(first.set, first.end);
    ops.iter()
        .zip(words)
        .map(|(op, words)| match op {
            ir::Op::Literal(text) => Op::Literal(text),
            ir::Op::Text(_, first) => Op::Text(NOWHERE, next(first)),
            ir::Op::Last(_, first) => Op::Last(NOWHERE, next(first)),
            ir::Op::Shape(_, runs) => Op::Shape(NOWHERE, runs),
            ir::Op::Address(_) => Op::Address(NOWHERE),
            ir::Op::Words(..) => Op::Words(NOWHERE, words),
            ir::Op::Rest(_) => Op::Rest(NOWHERE),
            ir::Op::Open(group) => Op::Open(*group),
            ir::Op::Close(group, _) => Op::Close(*group, NOWHERE),
            ir::Op::Split(to) => Op::Split(*to),
            ir::Op::Jump(to) => Op::Jump(*to),
            ir::Op::Part(number) => Op::Part(parts.get(*number).map_or(&[], Vec::as_slice)),
        })
        .collect()
}
