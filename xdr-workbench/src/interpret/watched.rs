//! The sink in front of the sink of a record that is watched.

use std::borrow::Cow;
use std::cell::Cell;

use xdr_model::{Token, Value};
use xdr_runtime::enrich::Part;
use xdr_runtime::field::{Field, Name};
use xdr_runtime::record::Status;
use xdr_runtime::sink::{Assumed, Issue, Origin, Sink};

use super::observe::Observer;

/// Hands everything on, counts issues and tells of them.
pub(super) struct Watched<'w, S, O> {
    pub(super) sink: &'w mut S,
    pub(super) observer: &'w O,
    pub(super) issues: &'w Cell<usize>,
}

impl<'a, S: Sink<'a>, O: Observer> Sink<'a> for Watched<'_, S, O> {
    fn value(&mut self, token: Token, value: Value<'a>, origin: Origin<'a>) {
        self.sink.value(token, value, origin);
    }
    fn text(&mut self, token: Token, text: &'a str, origin: Origin<'a>) {
        self.sink.text(token, text, origin);
    }
    fn escaped(&mut self, token: Token, origin: Origin<'a>) {
        self.sink.escaped(token, origin);
    }
    fn joined(&mut self, token: Token, list: &[Cow<'a, str>], separator: &'static str, origin: Origin<'a>) {
        self.sink.joined(token, list, separator, origin);
    }
    fn texts(&mut self, token: Token, list: &[Cow<'a, str>], origin: Origin<'a>) {
        self.sink.texts(token, list, origin);
    }
    fn enriched(&mut self, token: Token, part: Part, origin: Origin<'a>) -> bool {
        self.sink.enriched(token, part, origin)
    }
    fn issue(&mut self, issue: Issue<'a>) {
        self.issues.set(self.issues.get() + 1);
        self.observer.issue(issue.token, issue.reason);
        self.sink.issue(issue);
    }
    fn assumed(&mut self, what: Assumed) {
        self.sink.assumed(what);
    }
    fn account(&mut self, status: Status, message: Option<&'a str>) {
        self.sink.account(status, message);
    }
    fn unmapped(&mut self, name: Name<'a>, fields: &[Field<'a>]) {
        self.sink.unmapped(name, fields);
    }
}
