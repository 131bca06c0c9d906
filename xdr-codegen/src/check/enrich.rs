//! Enrichments: each token is filled once and has a row, and what is read is mapped.

use xdr_model::Token;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::ir::{Enrichment, Input, Module, Part};
use crate::source::Span;

pub(super) fn check(module: &Module, diags: &mut Diagnostics) {
    filled_once(&module.enrich, diags);
    filled_have_rows(module, diags);
    for enrichment in &module.enrich {
        reads_are_mapped(module, enrichment, diags);
        reads_differ(enrichment, diags);
    }
}

fn fills(enrichments: &[Enrichment]) -> impl Iterator<Item = (Token, Part, Span)> {
    enrichments.iter().flat_map(|one| one.fills.iter().copied())
}

fn filled_once(enrichments: &[Enrichment], diags: &mut Diagnostics) {
    for (at, (token, _, span)) in fills(enrichments).enumerate() {
        if let Some((_, _, first)) = fills(enrichments).take(at).find(|(other, ..)| *other == token) {
            let message = format!("two enrichments fill `{}`", token.name());
            diags.push(
                Diagnostic::new(Code::EnrichedTwice, span, message)
                    .also(first, "the first one")
                    .help("leave one of them away"),
            );
        }
    }
}

fn filled_have_rows(module: &Module, diags: &mut Diagnostics) {
    for enrichment in &module.enrich {
        for (token, part, span) in &enrichment.fills {
            let mut candidates =
                module.plans.iter().filter(|plan| plan.token == *token).flat_map(|plan| &plan.candidates);
            let has_row = candidates.any(|candidate| match &candidate.input {
                Input::Enriched(_) => *part != Part::Labels,
                Input::Labels(_) => *part == Part::Labels,
                _ => false,
            });
            if !has_row {
                let message = format!("no row says that `{}` is enriched", token.name());
                let word = enrichment.by.word();
                diags.push(Diagnostic::new(Code::EnrichedWithoutRow, *span, message).help(format!(
                    "add `enrich: {word}` to the guide's row, or a row `{{ token: {}, enrich: {word} }}` under `beyond`",
                    token.name()
                )));
            }
        }
    }
}

fn reads_are_mapped(module: &Module, enrichment: &Enrichment, diags: &mut Diagnostics) {
    for (token, span) in enrichment.reads.iter().flatten() {
        let plan = module.plans.iter().find(|plan| plan.token == *token);
        let enriched = fills(&module.enrich).any(|(filled, ..)| filled == *token);
        let message = if enriched {
            format!("`{}` is filled by an enrichment, and they read what records say", token.name())
        } else if plan.is_none() {
            format!("nothing maps `{}`, so there is never a value to read", token.name())
        } else {
            continue;
        };
        diags.push(
            Diagnostic::new(Code::NothingToRead, *span, message)
                .help("name a token that rows map, or leave it away"),
        );
    }
}

fn reads_differ(enrichment: &Enrichment, diags: &mut Diagnostics) {
    let reads: Vec<&(Token, Span)> = enrichment.reads.iter().flatten().collect();
    for (at, (token, span)) in reads.iter().copied().enumerate() {
        if let Some((_, first)) = reads.iter().take(at).find(|(other, _)| other == token) {
            let message = format!("`{}` is named twice", token.name());
            diags.push(
                Diagnostic::new(Code::ReadTwice, *span, message)
                    .also(*first, "named first here")
                    .help("leave it away in one place"),
            );
        }
    }
}
