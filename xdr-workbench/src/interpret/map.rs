//! Walks the plans of a source over the mapper's methods, as a generated `map` calls them.

use std::cell::Cell;

use xdr_runtime::enrich::{self, Enriching};
use xdr_runtime::map::{Mapper, Otherwise, Values};
use xdr_runtime::settings::Settings;
use xdr_runtime::sink::Sink;

use super::observe::{Arm, Mapping, Observer, Outcome};
use super::plans::{Candidate, Condition, From, Making, Plan, Plans, Preference};
use super::watched::Watched;
use super::{FIELDS, Names, Parts};

impl Plans {
    /// Tells the sink what a record becomes.
    pub(super) fn map<'a, S: Sink<'a>, O: Observer>(
        &self,
        parts: &Parts<'a>,
        names: &'static Names,
        settings: &'a Settings,
        sink: &mut S,
        observer: &O,
    ) {
        if !self.looks_up || !enrich::is_given(self.declared, settings) {
            return self.record(parts, names, settings, sink, observer, true);
        }
        let mut sink = Enriching::new(sink, self.declared, settings);
        if let Some(ahead) = &self.ahead {
            sink.ahead_by(parts, names, settings, |mapper, token| {
                let plan = ahead.iter().filter_map(|index| self.each.get(*index));
                if let Some(plan) = plan.into_iter().find(|plan| plan.token == token) {
                    let walk = Walk { plans: self, observer: &(), issues: &Cell::new(0) };
                    let _ = walk.plan(mapper, 0, plan);
                }
            });
        }
        self.record(parts, names, settings, &mut sink, observer, true);
    }

    /// As [`Self::map`], for a message by itself: of the tokens that it lacks only those count that the message requires, and nothing is looked up.
    pub(super) fn message<'a, S: Sink<'a>>(
        &self,
        parts: &Parts<'a>,
        names: &'static Names,
        settings: &'a Settings,
        sink: &mut S,
    ) {
        self.record(parts, names, settings, sink, &(), false);
    }

    /// `whole`: what the source requires of every record counts.
    fn record<'a, S: Sink<'a>, O: Observer>(
        &self,
        parts: &Parts<'a>,
        names: &'static Names,
        settings: &'a Settings,
        sink: &mut S,
        observer: &O,
        whole: bool,
    ) {
        let issues = Cell::new(0);
        let mut sink = Watched { sink, observer, issues: &issues };
        let mut m = Mapper::new(parts, names, settings, &mut sink);
        for slot in &self.told {
            m.told(*slot);
        }
        let walk = Walk { plans: self, observer, issues: &issues };
        for (number, plan) in self.each.iter().enumerate() {
            if !walk.plan(&mut m, number, plan) && is_required(&m, plan, whole) {
                m.lacks(plan.token);
            }
        }
        m.finish();
    }
}

/// Whether a mapped event must have the token of a plan.
fn is_required<'a, S: Sink<'a>>(m: &Mapper<'_, 'a, S, FIELDS>, plan: &Plan, whole: bool) -> bool {
    let all_hold = |when: &Vec<Condition>| when.iter().all(|condition| holds(m, condition));
    plan.required_by_messages && m.is_required(plan.token) || whole && plan.required.iter().any(all_hold)
}

fn holds<'a, S: Sink<'a>>(m: &Mapper<'_, 'a, S, FIELDS>, condition: &Condition) -> bool {
    match condition {
        Condition::Is(slot, texts) => m.is(*slot, texts),
        Condition::Present(slot) => m.present(*slot),
        Condition::Absent(slot) => m.absent(*slot),
    }
}

/// One walk over the plans of a record.
struct Walk<'w, O> {
    plans: &'w Plans,
    observer: &'w O,
    /// How many issues there are so far.
    issues: &'w Cell<usize>,
}

impl<O: Observer> Walk<'_, O> {
    /// Gives a token its value, if there is one; whether there is.
    fn plan<'a, S: Sink<'a>>(&self, m: &mut Mapper<'_, 'a, S, FIELDS>, number: usize, plan: &Plan) -> bool {
        let mapping = |index: usize, candidate: &Candidate| Mapping {
            plan: number,
            candidate: index,
            row: candidate.row.into(),
        };
        if plan.gather {
            return self.gather(m, plan, mapping);
        }
        let by = plan.by.as_ref().map(|(slot, cases)| (m.peek(*slot), cases));
        let mut preferred = None;
        if let Some((by, cases)) = by
            && let Some(Preference { case, candidate: index, .. }) =
                cases.iter().find(|known| known.value == by)
            && let Some(candidate) = plan.candidates.get(*index)
        {
            preferred = Some(*index);
            self.observer.preferred(number, *case);
            if self.attempt(m, plan, candidate, mapping(*index, candidate)) {
                return true;
            }
        }
        for (index, candidate) in plan.candidates.iter().enumerate() {
            // A candidate is tried once, for one that refuses its text tells of it.
            if preferred != Some(index) && self.attempt(m, plan, candidate, mapping(index, candidate)) {
                return true;
            }
        }
        false
    }

    fn gather<'a, S: Sink<'a>>(
        &self,
        m: &mut Mapper<'_, 'a, S, FIELDS>,
        plan: &Plan,
        mapping: impl Fn(usize, &Candidate) -> Mapping,
    ) -> bool {
        let field = |candidate: &Candidate| match candidate.input {
            From::Field(slot, _) => Some((slot, candidate.row)),
            _ => None,
        };
        let fields: Vec<(u16, u16)> = plan.candidates.iter().filter_map(field).collect();
        let before = self.issues.get();
        let some = m.gather(plan.token, &fields);
        for (index, candidate) in plan.candidates.iter().enumerate() {
            let has = field(candidate).is_some_and(|(slot, _)| m.present(slot));
            let outcome = match (some && has, has && self.issues.get() > before) {
                (true, _) => Outcome::Value,
                (false, true) => Outcome::Issue,
                (false, false) => Outcome::Nothing,
            };
            self.observer.tried(mapping(index, candidate), outcome);
        }
        some
    }

    /// Tries a candidate; whether it gave the token its value.
    fn attempt<'a, S: Sink<'a>>(
        &self,
        m: &mut Mapper<'_, 'a, S, FIELDS>,
        plan: &Plan,
        candidate: &Candidate,
        mapping: Mapping,
    ) -> bool {
        let before = self.issues.get();
        let outcome = match Self::refusal(m, candidate) {
            Some(outcome) => outcome,
            None if self.input(m, plan, candidate) => Outcome::Value,
            None if self.issues.get() > before => Outcome::Issue,
            None => Outcome::Nothing,
        };
        self.observer.tried(mapping, outcome);
        outcome == Outcome::Value
    }

    /// Why a candidate is not tried.
    fn refusal<'a, S: Sink<'a>>(m: &Mapper<'_, 'a, S, FIELDS>, candidate: &Candidate) -> Option<Outcome> {
        if let Some(unmet) = candidate.when.iter().position(|condition| !holds(m, condition)) {
            return Some(Outcome::Unmet(unmet));
        }
        match candidate.input {
            From::Field(slot, _) if !candidate.none.is_empty() && !m.given(slot, &candidate.none) => {
                let text = candidate.none.iter().position(|text| m.is(slot, &[text]));
                Some(Outcome::None(text.unwrap_or_default()))
            }
            _ => None,
        }
    }

    fn input<'a, S: Sink<'a>>(
        &self,
        m: &mut Mapper<'_, 'a, S, FIELDS>,
        plan: &Plan,
        candidate: &Candidate,
    ) -> bool {
        let (token, row) = (plan.token, candidate.row);
        match &candidate.input {
            From::Field(slot, making) => self.field(m, plan, (*slot, row), making),
            From::Constant(text) => m.constant(token, text, row),
            From::Setting(setting) => m.setting(token, *setting, row),
            From::EventId => m.event_id(token, self.plans.source, row),
            From::Received => m.received(token, row),
            From::Enriched(part) => m.enriched(token, *part, row),
            From::Labels(own) => m.tagged(token, own, row),
        }
    }

    fn field<'a, S: Sink<'a>>(
        &self,
        m: &mut Mapper<'_, 'a, S, FIELDS>,
        plan: &Plan,
        (slot, row): (u16, u16),
        making: &Making,
    ) -> bool {
        let token = plan.token;
        match making {
            Making::Text => m.text(token, slot, row),
            Making::Cut(cut) => m.cut(token, slot, row, *cut),
            Making::Phrase(before, after) => m.phrase(token, slot, row, before, after),
            Making::Values(map) => m.mapped_by(token, slot, row, self.values(*map)),
            Making::PriSeverity(map) => m.pri_severity_by(token, slot, row, map.map(|map| self.values(map))),
            Making::List(separator) => m.list(token, slot, row, *separator),
            Making::Addresses(separator, others) => m.addresses(token, slot, row, *separator, others),
            Making::Kind(others) => m.kind_or(token, slot, row, others),
            Making::Refused(by) => m.refused(token, slot, row, by),
            Making::Socket(others) => m.socket(token, slot, row, others),
            Making::SocketRefused(by) => m.socket_refused(token, slot, row, by),
            Making::SocketPort => m.socket_port(token, slot, row),
            Making::Time(rule, None) => m.time(token, slot, row, rule),
            Making::Time(rule, Some(beside)) => m.time_beside(token, slot, row, rule, beside),
        }
    }

    fn values(&self, number: usize) -> Values<impl Fn(&str) -> Option<&'static str> + Copy> {
        let map = self.plans.maps.get(number);
        let find = move |text: &str| {
            let found = map?.find(text);
            self.observer.value(number, found.map_or(Arm::Otherwise, |(arm, _)| Arm::Case(arm)));
            found.map(|(_, value)| value)
        };
        Values { map: find, otherwise: map.map_or(Otherwise::Refuse, |map| map.otherwise) }
    }
}
