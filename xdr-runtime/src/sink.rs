//! Where mapped records go.
//!
//! A generated `map` function is generic over its sink: writing NDJSON, building a typed event and explaining where a value
//! came from are three sinks, and none pays for the others.

use std::borrow::Cow;

use xdr_model::{Token, Value};

pub use xdr_model::time::Assumed;

use crate::enrich::{Part, Ready};
use crate::field::{Field, Name};
use crate::record::Status;

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The row of the spec, an index into its `Info::rows`.
    pub row: u16,
    /// The field it was made of; absent for constants and settings.
    pub field: Field<'a>,
}

/// Something in a record that could not be mapped as the spec says. It travels with the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Issue<'a> {
    /// The token that stays without a value, if it is about one.
    pub token: Option<Token>,
    /// The field.
    pub name: Name<'a>,
    /// The text that was refused.
    pub value: Field<'a>,
    /// Why.
    pub reason: Reason,
}

/// Why something is an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The token's kind does not take the value.
    Refused(xdr_model::Refusal),
    /// Anything else, in a few words.
    Other(&'static str),
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// Constants of tokens that stand together.
#[derive(Clone, Copy, Debug)]
pub struct Constants {
    /// Token, text and row of each, in the schema's order.
    pub list: &'static [(Token, &'static str, u16)],
    /// What they are as members of JSON, with a comma in front of each.
    pub json: &'static str,
}

/// Takes what a record becomes. Calls come in this order: values in the schema's order, with issues between them; the account;
/// unmapped fields and the record's own faults.
pub trait Sink<'a> {
    /// A token's value.
    fn value(&mut self, token: Token, value: Value<'a>, origin: Origin<'a>);
    /// A token's value that JSON has as this text of the record, the quotes of kinds that have them aside.
    fn printed(&mut self, token: Token, value: &Value<'a>, text: &'a str, origin: Origin<'a>) {
        let _ = text;
        self.value(token, value.clone(), origin);
    }
    /// A token's value that is text of the record or a constant.
    fn text(&mut self, token: Token, text: &'a str, origin: Origin<'a>) {
        self.value(token, Value::Text(Cow::Borrowed(text)), origin);
    }
    /// A token's value that is a text whose JSON was made beforehand.
    fn ready(&mut self, token: Token, text: &'a Ready, origin: Origin<'a>) {
        self.text(token, text, origin);
    }
    /// Tokens' values that are constants.
    fn constants(&mut self, constants: &'static Constants) {
        for (token, text, row) in constants.list {
            self.text(*token, text, Origin { row: *row, field: Field::default() });
        }
    }
    /// A token's value that is the text of a field with escapes.
    fn escaped(&mut self, token: Token, origin: Origin<'a>) {
        self.value(token, Value::Text(origin.field.decoded()), origin);
    }
    /// A token's value that is several texts, with a separator between them.
    fn joined(&mut self, token: Token, list: &[Cow<'a, str>], separator: &'static str, origin: Origin<'a>) {
        self.value(token, Value::Text(Cow::Owned(list.join(separator))), origin);
    }
    /// A token's value that is a list of texts.
    fn texts(&mut self, token: Token, list: &[Cow<'a, str>], origin: Origin<'a>) {
        self.value(token, Value::TextList(list.to_vec()), origin);
    }
    /// Fills a token with what no record holds; says whether something was found. Sinks find nothing, but
    /// [`Enriching`](crate::enrich::Enriching).
    fn enriched(&mut self, token: Token, part: Part, origin: Origin<'a>) -> bool {
        let _ = (token, part, origin);
        false
    }
    /// Something that could not be mapped.
    fn issue(&mut self, issue: Issue<'a>);
    /// Something that a time did not state.
    fn assumed(&mut self, what: Assumed);
    /// All values are told; this is how much of the record was understood, and which message it is.
    fn account(&mut self, status: Status, message: Option<&'a str>);
    /// Fields of one name that no row has taken; mostly one.
    fn unmapped(&mut self, name: Name<'a>, fields: &[Field<'a>]);
}
