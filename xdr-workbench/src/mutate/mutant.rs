//! A mutant: one change of a spec, and where it stands.

use xdr_codegen::ir::Module;
use xdr_codegen::source::{Files, Span};

/// A change of a module.
pub(super) type Edit = Box<dyn Fn(&mut Module) + Send + Sync>;

/// What a change can reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Plans and value maps.
    Plans,
    /// One listed message, by its index.
    Message(usize),
    /// Everything.
    Whole,
}

/// One change.
pub(super) struct Mutant {
    pub(super) operator: &'static str,
    pub(super) what: String,
    pub(super) span: Span,
    pub(super) scope: Scope,
    pub(super) edit: Edit,
    /// Why no record can tell it from the spec.
    pub(super) equivalent: Option<&'static str>,
}

/// Collects mutants.
pub(super) struct Mutants<'m> {
    pub(super) module: &'m Module,
    pub(super) files: &'m Files,
    pub(super) list: Vec<Mutant>,
}

impl Mutants<'_> {
    pub(super) fn add(
        &mut self,
        operator: &'static str,
        span: Span,
        scope: Scope,
        what: String,
        edit: impl Fn(&mut Module) + Send + Sync + 'static,
    ) {
        let edit = Box::new(edit);
        self.list.push(Mutant { operator, what, span, scope, edit, equivalent: None });
    }

    /// Says of the mutant that was added last why nothing can tell it from the spec.
    pub(super) fn equivalent(&mut self, why: Option<&'static str>) {
        if let Some(last) = self.list.last_mut() {
            last.equivalent = why;
        }
    }

    /// The place of a text within a span: the `nth` one, counted from 0; the span itself if there is none.
    pub(super) fn within(&self, span: Span, text: &str, nth: usize) -> Span {
        let found = self.files.slice(span).match_indices(text).nth(nth);
        found.map_or(span, |(at, text)| span.part(at, at + text.len()))
    }

    /// The name of a field.
    pub(super) fn field(&self, slot: u16) -> String {
        self.module.fields.get(usize::from(slot)).cloned().unwrap_or_default()
    }
}
