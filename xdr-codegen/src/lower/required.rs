//! The tokens that mapped events must have.

use xdr_model::Token;

use super::fields::Fields;
use super::rows::{conditions, token};
use crate::ast;
use crate::diag::Diagnostics;
use crate::ir::Required;
use crate::node::{OneOrMany, Text};
use crate::source::Span;

/// Those of a source.
pub(super) fn of_source(spec: &ast::Spec, fields: &Fields, diags: &mut Diagnostics) -> Vec<Required> {
    let all = spec.required.iter().flat_map(|all| all.iter());
    let lowered = all.filter_map(|one| {
        let when = one.when().map(|when| conditions(when, fields)).unwrap_or_default();
        Some(Required { token: token(one.token(), diags)?, when, span: one.token().span })
    });
    lowered.collect()
}

/// Those of a message or family.
pub(super) fn of_message(required: Option<&OneOrMany<Text>>, diags: &mut Diagnostics) -> Vec<(Token, Span)> {
    let all = required.into_iter().flat_map(|all| all.iter());
    all.filter_map(|text| Some((token(text, diags)?, text.span))).collect()
}
