//! How the tokens of a source get their values, as the walk wants it: texts kept, times as rules, maps as lists.

use xdr_codegen::ir::{self, How, Input};
use xdr_codegen::tables;
use xdr_model::time::{TimeRule, Zone};
use xdr_model::{Kind, Token};
use xdr_runtime::enrich;
use xdr_runtime::map::{Beside, Cut, Otherwise, folded};
use xdr_runtime::settings::Setting;

use super::pool::Pool;

/// How the tokens of a source get their values.
pub(super) struct Plans {
    pub(super) source: &'static str,
    pub(super) told: Vec<u16>,
    pub(super) each: Vec<Plan>,
    pub(super) maps: Vec<ValueMap>,
    /// Whether something has to be looked up for each record.
    pub(super) looks_up: bool,
    /// The plans of the tokens that are read ahead, by their indices; `None` if nothing is looked up then.
    pub(super) ahead: Option<Vec<usize>>,
    pub(super) declared: &'static [enrich::Declared],
}

pub(super) struct Plan {
    pub(super) token: Token,
    pub(super) gather: bool,
    /// The field of `by`, and the mappings that its values prefer.
    pub(super) by: Option<(u16, Vec<Preference>)>,
    pub(super) candidates: Vec<Candidate>,
    /// Under which conditions the source requires the token; each with those that must all hold.
    pub(super) required: Vec<Vec<Condition>>,
    /// Whether messages require it.
    pub(super) required_by_messages: bool,
}

/// A value of `by`, and the mapping that it prefers.
pub(super) struct Preference {
    /// The case, an index into the IR's.
    pub(super) case: usize,
    pub(super) value: String,
    pub(super) candidate: usize,
}

pub(super) struct Candidate {
    pub(super) row: u16,
    pub(super) when: Vec<Condition>,
    pub(super) none: Vec<&'static str>,
    pub(super) input: From,
}

pub(super) enum Condition {
    Is(u16, Vec<&'static str>),
    Present(u16),
    Absent(u16),
}

pub(super) enum From {
    Field(u16, Making),
    Constant(&'static str),
    Setting(Setting),
    EventId,
    Received,
    Enriched(enrich::Part),
    Labels(Vec<&'static str>),
}

/// [`How`], with what has to be kept.
pub(super) enum Making {
    Text,
    Cut(Cut),
    Phrase(&'static str, &'static str),
    Values(usize),
    PriSeverity(Option<usize>),
    List(Option<&'static str>),
    Addresses(Option<&'static str>, Vec<Kind>),
    Kind(Vec<Kind>),
    Refused(Vec<Token>),
    Socket(Vec<Kind>),
    SocketRefused(Vec<Token>),
    SocketPort,
    Time(TimeRule<'static>, Option<Beside<'static>>),
}

pub(super) struct ValueMap {
    pub(super) arms: Arms,
    pub(super) otherwise: Otherwise,
}

pub(super) enum Arms {
    Cases(&'static [(&'static str, &'static str)]),
    Folded(&'static [(&'static str, &'static str)]),
    Ranges(Vec<(i64, i64, &'static str)>),
}

impl ValueMap {
    /// The normalised value, and the arm that has it.
    pub(super) fn find(&self, text: &str) -> Option<(usize, &'static str)> {
        let arm = |cases: &[(&str, &'static str)], is: &dyn Fn(&str) -> bool| {
            cases.iter().enumerate().find(|(_, (from, _))| is(from)).map(|(arm, (_, to))| (arm, *to))
        };
        match &self.arms {
            Arms::Cases(cases) => arm(cases, &|from| from == text),
            Arms::Folded(cases) => {
                let value = folded(text, cases)?;
                arm(cases, &|from| from.eq_ignore_ascii_case(text)).map(|(arm, _)| (arm, value))
            }
            Arms::Ranges(ranges) => {
                let number = xdr_model::read::integer(text).ok()?;
                let mut arms = ranges.iter().enumerate();
                arms.find(|(_, (low, high, _))| (low..=high).contains(&&number))
                    .map(|(arm, (.., to))| (arm, *to))
            }
        }
    }
}

impl Plans {
    pub(super) fn new(module: &ir::Module, declared: &'static [enrich::Declared], pool: &mut Pool) -> Self {
        let ahead = tables::read_ahead(module).map(|plans| {
            let tokens: Vec<Token> = plans.map(|plan| plan.token).collect();
            let is_read = |(_, plan): &(usize, &ir::Plan)| tokens.contains(&plan.token);
            module.plans.iter().enumerate().filter(is_read).map(|(index, _)| index).collect()
        });
        Self {
            source: pool.text(&module.name),
            told: module.told.clone(),
            each: module.plans.iter().map(|plan| Plan::new(plan, module, pool)).collect(),
            maps: module.values.iter().map(|map| ValueMap::new(map, pool)).collect(),
            looks_up: tables::looks_up(module),
            ahead,
            declared,
        }
    }
}

impl Plan {
    fn new(plan: &ir::Plan, module: &ir::Module, pool: &mut Pool) -> Self {
        let by = plan.by.as_ref().map(|by| {
            let preferred: Vec<_> = tables::preferred(by).collect();
            let case =
                |value: &str| by.cases.iter().position(|(known, _)| known == value).unwrap_or_default();
            let cases = preferred.into_iter().map(|(value, candidate)| Preference {
                case: case(value),
                value: value.to_owned(),
                candidate,
            });
            (by.slot, cases.collect())
        });
        let candidates = plan.candidates.iter().map(|candidate| Candidate::new(candidate, pool)).collect();
        let required = module.required.iter().filter(|one| one.token == plan.token);
        let required = required.map(|one| conditions(&one.when, pool)).collect();
        let required_by_messages = module.is_required_by_messages(plan.token);
        Self { token: plan.token, gather: plan.gather, by, candidates, required, required_by_messages }
    }
}

fn conditions(when: &[ir::Condition], pool: &mut Pool) -> Vec<Condition> {
    let condition = |condition: &ir::Condition| match condition {
        ir::Condition::Is(slot, list) => {
            Condition::Is(*slot, list.iter().map(|text| pool.text(text)).collect())
        }
        ir::Condition::Present(slot) => Condition::Present(*slot),
        ir::Condition::Absent(slot) => Condition::Absent(*slot),
    };
    when.iter().map(condition).collect()
}

impl Candidate {
    fn new(candidate: &ir::Candidate, pool: &mut Pool) -> Self {
        let when = conditions(&candidate.when, pool);
        // What means no value is asked of fields only.
        let none = candidate.none.iter().map(|text| pool.text(text)).collect();
        Self {
            row: u16::try_from(candidate.row).unwrap_or(u16::MAX),
            when,
            none,
            input: From::new(&candidate.input, pool),
        }
    }
}

impl From {
    fn new(input: &Input, pool: &mut Pool) -> Self {
        let small = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
        match input {
            Input::Field(slot, how) => Self::Field(*slot, Making::new(how, pool)),
            Input::Constant(text) => Self::Constant(pool.text(text)),
            Input::Setting(setting) => Self::Setting(match setting {
                ir::Setting::CustomerId => Setting::CustomerId,
                ir::Setting::CollectorId => Setting::CollectorId,
                ir::Setting::EventSourceId => Setting::EventSourceId,
                ir::Setting::DeviceHost => Setting::DeviceHost,
            }),
            Input::EventId => Self::EventId,
            Input::Received => Self::Received,
            Input::Enriched(part) => Self::Enriched(match part {
                ir::Part::Context | ir::Part::Labels => enrich::Part::Context,
                ir::Part::Column => enrich::Part::Column,
                ir::Part::Coordinates(number) => enrich::Part::Coordinates(small(*number)),
                ir::Part::Country(number) => enrich::Part::Country(small(*number)),
                ir::Part::City(number) => enrich::Part::City(small(*number)),
            }),
            Input::Labels(own) => Self::Labels(own.iter().map(|text| pool.text(text)).collect()),
        }
    }
}

impl Making {
    fn new(how: &How, pool: &mut Pool) -> Self {
        let mut text = |text: &String| pool.text(text);
        match how {
            How::Text => Self::Text,
            How::BaseName => Self::Cut(Cut::BaseName),
            How::DirName => Self::Cut(Cut::DirName),
            How::Phrase(before, after) => Self::Phrase(text(before), text(after)),
            How::Values(map) => Self::Values(*map),
            How::PriSeverity(map) => Self::PriSeverity(*map),
            How::List(separator) => Self::List(separator.as_ref().map(text)),
            How::Addresses(separator, others) => {
                Self::Addresses(separator.as_ref().map(text), others.clone())
            }
            How::Kind(others) => Self::Kind(others.clone()),
            How::Refused(by) => Self::Refused(by.clone()),
            How::Socket(others) => Self::Socket(others.clone()),
            How::SocketRefused(by) => Self::SocketRefused(by.clone()),
            How::SocketPort => Self::SocketPort,
            How::Time(rule) => Self::Time(time_rule(rule, pool), beside(rule, pool)),
        }
    }
}

/// The fields that a time asks for what its text leaves open, if it asks any.
fn beside(rule: &ir::TimeRule, pool: &mut Pool) -> Option<Beside<'static>> {
    let order = pool.list(rule.order_from.clone());
    let beside = Beside { zone: rule.zone_from, year: rule.year_from, order };
    (beside != Beside::default()).then_some(beside)
}

fn time_rule(rule: &ir::TimeRule, pool: &mut Pool) -> TimeRule<'static> {
    let formats = rule.formats.iter().map(|format| pool.list(format.clone())).collect();
    TimeRule {
        formats: pool.list(formats),
        zone: match &rule.zone {
            ir::Zone::Stated => Zone::Stated,
            ir::Zone::Device => Zone::Device,
            ir::Zone::Utc => Zone::Utc,
            ir::Zone::Named(zone) => Zone::Named(*zone),
        },
        year: rule.year,
        order_setting: rule.order_setting,
        either_order: false,
        alone: 0,
        unset: pool.texts(&rule.unset),
    }
}

impl ValueMap {
    fn new(map: &ir::ValueMap, pool: &mut Pool) -> Self {
        let arms = if map.ranges.is_empty() {
            let cases = map.cases.iter().map(|(from, to)| (pool.text(from), pool.text(to))).collect();
            let cases = pool.list(cases);
            if map.fold { Arms::Folded(cases) } else { Arms::Cases(cases) }
        } else {
            let range = |(low, high, to): &(i64, i64, String)| (*low, *high, pool.text(to));
            Arms::Ranges(map.ranges.iter().map(range).collect())
        };
        let otherwise = match map.otherwise {
            ir::Otherwise::Keep => Otherwise::Keep,
            ir::Otherwise::Refuse => Otherwise::Refuse,
            ir::Otherwise::Nothing => Otherwise::Nothing,
        };
        Self { arms, otherwise }
    }
}
