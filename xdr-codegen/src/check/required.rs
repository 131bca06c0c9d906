//! Required tokens: rows can give them, each is named once, and a record could be mapped without them.

use xdr_model::Token;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::ir::{Input, Message, Module};
use crate::source::Span;

pub(super) fn check(module: &Module, diags: &mut Diagnostics) {
    for (index, one) in module.required.iter().enumerate() {
        given_by_records(module, one.token, one.span, diags);
        let before = module.required.iter().take(index);
        // A token may be required under several conditions; one of them without any makes the others needless.
        let mut same = before.filter(|other| other.token == one.token);
        if let Some(first) =
            same.find(|other| other.when == one.when || other.when.is_empty() || one.when.is_empty())
        {
            twice(one.token, one.span, first.span, diags);
        }
    }
    for message in module.messages() {
        of_message(module, message, diags);
    }
}

fn of_message(module: &Module, message: &Message, diags: &mut Diagnostics) {
    for (index, (token, span)) in message.required.iter().enumerate() {
        given_by_records(module, *token, *span, diags);
        let own =
            message.required.iter().take(index).find(|(other, _)| other == token).map(|(_, span)| *span);
        let always = module.required.iter().find(|one| one.token == *token && one.when.is_empty());
        if let Some(first) = own.or(always.map(|one| one.span)) {
            twice(*token, *span, first, diags);
        }
    }
    if let Some((token, span)) = message.required.first().filter(|_| message.partial) {
        let said = format!("`{}` is required of a message that is never mapped", token.name());
        diags.push(
            Diagnostic::new(Code::ConflictingKeys, *span, said)
                .also(message.span, "it is partial at best")
                .help("leave `required` away, or give it `status: mapped`"),
        );
    }
}

/// Reports a token that no row takes from a record: then none of the source would ever be mapped, or only as a run is set.
fn given_by_records(module: &Module, token: Token, span: Span, diags: &mut Diagnostics) {
    let plan = module.plans.iter().find(|plan| plan.token == token);
    let of_the_run =
        |input: &Input| matches!(input, Input::Setting(_) | Input::Enriched(_) | Input::Labels(_));
    let message = match plan {
        None => format!("no row fills `{}`, so no record has it", token.name()),
        Some(plan) if plan.candidates.iter().all(|one| of_the_run(&one.input)) => {
            format!("only settings of a run fill `{}`, so no record has it", token.name())
        }
        Some(_) => return,
    };
    diags.push(
        Diagnostic::new(Code::RequiredWithoutRow, span, message)
            .help("name a token that rows take from records, or map it"),
    );
}

fn twice(token: Token, span: Span, first: Span, diags: &mut Diagnostics) {
    let message = format!("`{}` is required twice", token.name());
    diags.push(
        Diagnostic::new(Code::RequiredTwice, span, message)
            .also(first, "required here already")
            .help("leave it away in one place"),
    );
}
