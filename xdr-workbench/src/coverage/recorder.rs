//! Watches records and counts what they use.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use xdr_codegen::ir::{self, Input};
use xdr_model::Token;
use xdr_runtime::record::Reject;

use super::item::{Scope, Used};
use crate::interpret::observe::{Arm, Body, List, Mapping, Matched, Message, Observer, Outcome, Unread};

/// Counts what records use.
pub(super) struct Recorder<'m> {
    module: &'m ir::Module,
    /// How often each thing that counts was used; those that were not are there too.
    counts: RefCell<BTreeMap<Used, u64>>,
    /// How many of them were.
    variety: Cell<usize>,
    /// The tokens that the record at hand gave a value.
    filled: RefCell<BTreeSet<Token>>,
    /// Its mappings by an enrichment that were asked and found nothing.
    asked: RefCell<Vec<(usize, usize)>>,
}

impl<'m> Recorder<'m> {
    /// Counts these things.
    pub(super) fn new(module: &'m ir::Module, listed: impl Iterator<Item = Used>) -> Self {
        Self {
            module,
            counts: RefCell::new(listed.map(|used| (used, 0)).collect()),
            variety: Cell::default(),
            filled: RefCell::default(),
            asked: RefCell::default(),
        }
    }

    /// What was counted.
    pub(super) fn counts(self) -> BTreeMap<Used, u64> {
        self.counts.into_inner()
    }

    /// How many different things were used so far.
    pub(super) fn variety(&self) -> usize {
        self.variety.get()
    }

    fn count(&self, used: Used) {
        if let Some(count) = self.counts.borrow_mut().get_mut(&used) {
            self.variety.set(self.variety.get() + usize::from(*count == 0));
            *count += 1;
        }
    }

    fn token(&self, plan: usize) -> Option<Token> {
        self.module.plans.get(plan).map(|plan| plan.token)
    }

    /// Whether a mapping takes what an enrichment finds.
    fn is_enriched(&self, plan: usize, candidate: usize) -> bool {
        let candidate = self.module.plans.get(plan).and_then(|plan| plan.candidates.get(candidate));
        candidate.is_some_and(|one| matches!(one.input, Input::Enriched(_) | Input::Labels(_)))
    }

    /// Whether the record gave all that the enrichment of a token looks up by.
    fn can_be_looked_up(&self, token: Token) -> bool {
        let filled = self.filled.borrow();
        let by = self.module.enrich.iter().find(|one| one.fills.iter().any(|(fills, ..)| *fills == token));
        by.is_some_and(|one| {
            one.reads.iter().all(|list| list.iter().any(|(token, _)| filled.contains(token)))
        })
    }
}

impl Observer for Recorder<'_> {
    fn form(&self, step: usize, form: Option<usize>) {
        self.count(form.map_or(Used::NoForm(step), |form| Used::Form(step, form)));
    }

    fn template(&self, list: List, matched: Option<Matched<'_>>) {
        let Some(Matched { template, ways }) = matched else { return self.count(Used::NoTemplate(list)) };
        self.count(Used::Template(list, template));
        for way in ways {
            let scope = way.part.map_or(Scope::Template(list, template), Scope::Part);
            self.count(Used::Way(scope, way.split, way.taken));
        }
    }

    fn columns(&self, step: usize, all: bool) {
        self.count(Used::Columns(step, all));
    }

    fn refused(&self, step: usize, why: Unread) {
        self.count(Used::Refused(step, why));
    }

    fn message(&self, message: Message) {
        self.count(Used::Seen(message));
    }

    fn body(&self, message: Message, body: Body) {
        match body {
            Body::Template => self.count(Used::Read(message)),
            Body::Pairs | Body::Unread => {
                self.count(Used::Read(message));
                self.count(Used::Beside(message));
            }
            Body::Missed => self.count(Used::Missed),
        }
    }

    fn preferred(&self, plan: usize, case: usize) {
        self.count(Used::Preferred(plan, case));
    }

    fn tried(&self, Mapping { plan, candidate, .. }: Mapping, outcome: Outcome) {
        match outcome {
            Outcome::Value => {
                self.count(Used::Value(plan, candidate));
                self.filled.borrow_mut().extend(self.token(plan));
            }
            Outcome::Unmet(_) => self.count(Used::Unmet(plan, candidate)),
            Outcome::None(text) => self.count(Used::None(plan, candidate, text)),
            Outcome::Issue => self.count(Used::Issue(plan, candidate)),
            Outcome::Nothing if self.is_enriched(plan, candidate) => {
                self.asked.borrow_mut().push((plan, candidate));
            }
            Outcome::Nothing => {}
        }
    }

    fn value(&self, map: usize, arm: Arm) {
        self.count(Used::Arm(map, arm));
    }

    fn reject(&self, reject: &Reject) {
        self.count(Used::Reject(reject.reason));
    }

    fn event(&self) {
        // What a run looks up in is no part of a spec. So such a row counts as used where a record gives what is looked up by.
        for (plan, candidate) in self.asked.take() {
            if self.token(plan).is_some_and(|token| self.can_be_looked_up(token)) {
                self.count(Used::Value(plan, candidate));
            }
        }
        self.filled.take();
    }
}
