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
    /// Steps, but not the catalogue.
    Steps,
    /// One listed message, by its index.
    Message(usize),
    /// A part of the catalogue's templates, by its number.
    Part(usize),
    /// Families.
    Families,
    /// The catalogue's pairs.
    Pairs,
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

#[cfg(test)]
mod tests {
    use xdr_codegen::{Input, read};

    use super::*;
    use crate::mutate::views::Views;

    #[test]
    fn what_changes_nothing_is_not_counted() {
        let spec = "source: gate\nguide: { title: Gate, published: 2024-03-14, formats: [Syslog] }\n\
            device: { type: VPN, vendor: Acme, product: Gate, versions: [\"1.0\"] }\ndecode: [ template: \"{User} {Level}\" ]\nmap:\n  \
            - { from: User, token: sourceUser, sample: kim }\n  - { from: Level, token: severity, sample: \"8\", values: levels }\n\
            values:\n  levels: { title: level, otherwise: keep, ranges: { \"0-6\": Warning, \"7-10\": Critical }, over: 0-10 }\n";
        let files = vec![("spec.yaml".to_owned(), spec.as_bytes().to_vec())];
        let (modules, checked) = read(&[Input { name: "gate".to_owned(), files }]);
        let module = modules.first().unwrap();
        let mut mutants = Mutants { module, files: &checked.files, list: Vec::new() };
        mutants.rows();
        let real = mutants.list.len();
        for scope in [Scope::Plans, Scope::Steps, Scope::Message(0), Scope::Part(0), Scope::Whole] {
            mutants.add("nothing", Span::default(), scope, String::new(), |_| {});
        }
        // The cases of a map of ranges are what the guide prints, and nothing is looked up in them.
        mutants.add("drop-range", Span::default(), Scope::Plans, String::new(), |module| {
            module.values.iter_mut().for_each(|map| map.ranges.truncate(1));
        });
        let left = Views::new(module).that_change(mutants.list);
        assert!(real > 0);
        assert_eq!(left.len(), real + 1);
        assert_eq!(left.iter().filter(|mutant| mutant.operator == "nothing").count(), 0);
    }
}
