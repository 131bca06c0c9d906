//! The spec run backwards: records that a source must understand, each with the event that it must give.
//!
//! Values are chosen first, then written through conversions, templates and steps until a record stands there. What its event must be
//! is worked out from the chosen values and the spec's plans; neither the mapper nor the program's matcher is asked, so that
//! generating and mapping are two readings of one spec. A text that does not read back as it was written, by the language's
//! reference, is thrown away and another one tried; what never comes off is told by [`Generator::notes`].

mod catalogue;
mod columns;
mod convert;
mod extension;
mod header;
mod hostile;
mod moment;
mod object;
mod pairs;
mod predict;
mod promise;
mod random;
pub(crate) mod reading;
mod steps;
mod template;
mod value;
mod wrap;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::Value as Json;
use uuid::Uuid;
use xdr_codegen::diag::near;
use xdr_codegen::ir::{Candidate, Condition, How, Input, Module, Slot, Step};
use xdr_runtime::settings::{Settings, event_id};

use catalogue::Intent;
use predict::{Account, Fields, Predict};
use random::Chooser;
use template::{Made, Piece, Wish, Writer};
use value::Makers;

pub use promise::{Attack, Pair, Promise};
pub use random::Never;

/// How often a record is tried before the next one is begun.
const TRIES: usize = 40;

/// How many records in a row may come to nothing before the end.
const BARREN: usize = 25;

/// How many records are made for a row that gives no value in any.
const SEARCHES: u32 = 50;

/// What a run of the mapper is told that the events depend on. Its zone and order of dates are the defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The moment of receipt.
    pub received: DateTime<Utc>,
    /// The setting `customerId`.
    pub customer_id: Option<Uuid>,
    /// The setting `collectorId`.
    pub collector_id: Option<Uuid>,
    /// The setting `eventSourceId`.
    pub event_source_id: Option<Uuid>,
    /// The setting `deviceHost`.
    pub device_host: Option<String>,
}

impl Run {
    /// A run without settings.
    pub fn new(received: DateTime<Utc>) -> Self {
        Self { received, customer_id: None, collector_id: None, event_source_id: None, device_host: None }
    }

    /// The settings of the runtime that are the same.
    pub fn settings(&self) -> Settings {
        let mut settings = Settings::new(self.received);
        settings.customer_id = self.customer_id;
        settings.collector_id = self.collector_id;
        settings.event_source_id = self.event_source_id;
        settings.device_host.clone_from(&self.device_host);
        settings
    }

    fn received_text(&self) -> String {
        let digits = if self.received.timestamp_subsec_nanos() == 0 { 0 } else { 3 };
        moment::printed(self.received, digits)
    }
}

/// What is to be generated.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the choices begin; the same seed gives the same records.
    pub seed: u64,
    /// Whether records are made that somebody means harm with.
    pub hostile: bool,
    /// The key of the only message to make.
    pub message: Option<String>,
    /// What the run is told.
    pub run: Run,
}

/// A record as it was made.
#[derive(Clone, Debug)]
struct Draft {
    /// Wrapped, if it is.
    record: String,
    /// Without wrapper.
    text: String,
    event: Json,
    rows: Vec<usize>,
}

/// A mapping that is to give a value, and those that come before it.
type Turn<'m> = (&'m Candidate, &'m [Candidate]);

/// What a record is made for.
#[derive(Clone, Debug, Default)]
struct Goal {
    /// The row that must give a value in it.
    row: Option<usize>,
    /// What is wanted of fields.
    wishes: BTreeMap<Slot, Wish>,
}

/// Makes records of a source, one after the other.
#[derive(Debug)]
pub struct Generator<'m> {
    module: &'m Module,
    makers: Makers,
    /// For each field the kinds of records whose texts may fill it.
    tellers: Vec<Vec<usize>>,
    choose: Chooser,
    run: Run,
    hostile: bool,
    only: Option<usize>,
    position: u64,
    /// How many records each row gave a value in.
    rows: BTreeMap<usize, u64>,
    /// How many records each row was to give a value in when none had.
    sought: BTreeMap<usize, u32>,
    /// Kinds of records that were made.
    made: BTreeSet<usize>,
    /// The last reason for which a kind of record did not come off.
    failed: BTreeMap<usize, String>,
}

impl<'m> Generator<'m> {
    /// A generator of records of this source.
    ///
    /// # Errors
    /// There is no such message.
    pub fn new(module: &'m Module, options: Options) -> Result<Self, String> {
        let only = options.message.as_deref().map(|key| message(module, key)).transpose()?;
        Ok(Self {
            module,
            makers: Makers::new(module),
            tellers: catalogue::tellers(module),
            choose: Chooser::new(options.seed),
            run: options.run,
            hostile: options.hostile,
            only,
            position: 0,
            rows: BTreeMap::new(),
            sought: BTreeMap::new(),
            made: BTreeSet::new(),
            failed: BTreeMap::new(),
        })
    }

    /// From now on makes only records of the kind with this number, below the second of [`Self::kinds`]; or, without one, of all.
    pub fn only(&mut self, kind: Option<usize>) {
        self.only = kind;
    }

    /// How many ways there are to write the text of a kind of record: its templates, and what else its message allows.
    pub fn ways(&self, kind: usize) -> usize {
        self.module
            .catalogue
            .as_ref()
            .map_or(1, |known| catalogue::ways(known, catalogue::intent(known, kind)))
    }

    /// The kinds of records that were tried and never came off, or of which a way to write the text never did.
    pub fn missing(&self) -> Vec<usize> {
        let Some(catalogue) = &self.module.catalogue else { return Vec::new() };
        let never = self.choose.never();
        let sites: BTreeSet<&str> = never.iter().map(|never| never.site.as_str()).collect();
        let site = |kind: usize| catalogue::site(catalogue, catalogue::intent(catalogue, kind));
        (0..catalogue::count(catalogue))
            .filter(|kind| self.failed.contains_key(kind) || sites.contains(site(*kind).as_str()))
            .collect()
    }

    /// One record, tried until it comes off; `None` if it never does.
    fn draft(&mut self) -> Option<Draft> {
        let count = self.module.catalogue.as_ref().map_or(1, catalogue::count);
        let mut kind = match self.only {
            Some(kind) => kind,
            // What is not listed would have its turn once in so many messages.
            None if self.choose.once_in(30) => count.saturating_sub(1 + self.choose.below(2)),
            None => self.choose.choose("kind of record", count),
        };
        let goal = self.goal(&mut kind);
        self.choose.settle(None);
        for attempt in 0..TRIES {
            // A wish that does not come true is given up.
            let goal = if attempt < TRIES / 2 { goal.clone() } else { Goal::default() };
            match self.attempt(kind, goal.wishes) {
                Ok(draft) if goal.row.is_some_and(|row| !draft.rows.contains(&row)) => {
                    self.choose.settle(Some("the row that the record was for gave no value"));
                }
                Ok(draft) => {
                    self.choose.settle(None);
                    self.made.insert(kind);
                    self.failed.remove(&kind);
                    for row in draft.rows.iter().collect::<BTreeSet<_>>() {
                        *self.rows.entry(*row).or_default() += 1;
                    }
                    return Some(draft);
                }
                Err(why) => {
                    self.choose.settle(Some(&why));
                    if !self.made.contains(&kind) {
                        self.failed.insert(kind, why);
                    }
                }
            }
        }
        None
    }

    /// What fields must be for a row that has its turn to give a value. A row that is for certain messages decides the kind too.
    ///
    /// Now and then it is the turn of a row that no record gave a value yet: one that speaks where many others are silent may have
    /// to wait long for chance. Then only a record will do in which it does.
    fn goal(&mut self, kind: &mut usize) -> Goal {
        let module = self.module;
        let fields = |candidate: &Candidate| matches!(candidate.input, Input::Field(..) | Input::Constant(_));
        // Each with those that come before it, which speak in its place.
        let candidates: Vec<Turn<'_>> = module
            .plans
            .iter()
            .flat_map(|plan| (0..plan.candidates.len()).filter_map(|at| plan.candidates.split_at_checked(at)))
            .filter_map(|(before, from)| Some((from.first()?, before)))
            .filter(|(candidate, _)| fields(candidate))
            .collect();
        let sought = self.sought(&candidates);
        let index = self.choose.choose("row to show", candidates.len());
        let chance = candidates.get(index).filter(|_| !self.choose.once_in(3));
        let Some((candidate, before)) = sought.as_ref().or(chance) else {
            return Goal::default();
        };
        let mut wishes = BTreeMap::new();
        if sought.is_some() || self.choose.once_in(2) {
            wishes.extend(before.iter().filter_map(|other| match other.input {
                Input::Field(slot, _) => Some((slot, Wish::Absent)),
                _ => None,
            }));
        }
        if let Input::Field(slot, how) = &candidate.input {
            let case = match how {
                How::Values(map) => module.values.get(*map).and_then(|map| self.choose.pick(&map.cases)),
                _ => None,
            };
            wishes.insert(*slot, case.map_or(Wish::Present, |(from, _)| Wish::Text(from.clone())));
            // A field of texts is filled by certain messages only.
            let tellers = self.tellers.get(usize::from(*slot)).map_or(&[][..], Vec::as_slice);
            if self.only.is_none() && !tellers.is_empty() && self.choose.once_in(2) {
                *kind = self.choose.pick(tellers).copied().unwrap_or(*kind);
            }
        }
        for condition in &candidate.when {
            match condition {
                Condition::Is(slot, texts) => {
                    let text = self.choose.pick(texts).cloned().unwrap_or_default();
                    if let Some(known) = self.kind_of(*slot, &text).filter(|_| self.only.is_none()) {
                        *kind = known;
                    }
                    wishes.insert(*slot, Wish::Text(text));
                }
                Condition::Present(slot) => {
                    wishes.insert(*slot, Wish::Present);
                }
                Condition::Absent(slot) => {
                    wishes.insert(*slot, Wish::Absent);
                }
            }
        }
        Goal { row: sought.map(|(candidate, _)| candidate.row), wishes }
    }

    /// Now and then one of the mappings whose row gave no value yet, unless it was sought often enough.
    fn sought<'c>(&mut self, candidates: &[Turn<'c>]) -> Option<Turn<'c>> {
        if self.only.is_some() || !self.choose.once_in(4) {
            return None;
        }
        let is_silent = |(candidate, _): &&Turn<'c>| {
            let tries = self.sought.get(&candidate.row).copied().unwrap_or_default();
            !self.rows.contains_key(&candidate.row) && tries < SEARCHES
        };
        let silent: Vec<Turn<'c>> = candidates.iter().filter(is_silent).copied().collect();
        let found = self.choose.pick(&silent).copied()?;
        *self.sought.entry(found.0.row).or_default() += 1;
        Some(found)
    }

    /// A kind of record in whose key the field has this text, if the field is one that a key comes from.
    fn kind_of(&mut self, slot: Slot, text: &str) -> Option<usize> {
        let module = self.module;
        let catalogue = module.catalogue.as_ref()?;
        let (slots, _) = catalogue::step(&module.steps)?;
        let is_part = |key: Slot| slot == key || prefers(&module.steps, key, slot);
        let names = |key: &str| catalogue::parts(slots, key).any(|(key, part)| is_part(key) && part == text);
        let messages = catalogue.messages.iter().enumerate();
        let kinds: Vec<usize> =
            messages.filter(|(_, message)| names(&message.key)).map(|(kind, _)| kind).collect();
        self.choose.pick(&kinds).copied()
    }

    fn attempt(&mut self, kind: usize, wishes: BTreeMap<Slot, Wish>) -> Made<Draft> {
        let module = self.module;
        let mut writer = Writer {
            module,
            makers: &self.makers,
            choose: &mut self.choose,
            run: &self.run,
            preset: BTreeMap::new(),
            lookup: None,
            wishes,
            forms: String::new(),
            headed: false,
            hints: Vec::new(),
        };
        let plan = module.catalogue.as_ref().map(|catalogue| (catalogue, catalogue::intent(catalogue, kind)));
        if let (Some((catalogue, intent)), Some((slots, keyless))) = (plan, catalogue::step(&module.steps)) {
            writer.name(catalogue, intent, slots, keyless);
        }
        let mut body: Option<String> = None;
        let mut write = |writer: &mut Writer<'_, 'm>| {
            let Some((catalogue, intent)) = plan else { return Ok(Piece::default()) };
            let piece = writer.message(catalogue, intent)?;
            body = Some(piece.text.clone());
            Ok(piece)
        };
        let chain: Vec<&Step> = module.steps.iter().collect();
        let mut piece = writer.steps(&chain, &mut write)?;
        catalogue::left_over(&mut piece);
        let fields = Fields::of(module, &piece.fills);
        let account = match (plan, body) {
            (Some((catalogue, intent)), Some(body)) => writer.account(catalogue, intent, &fields, &body)?,
            // A form of the source without messages: which kind was asked for does not matter.
            (Some((_, intent)), None) if self.only.is_some() && intent != Intent::Unnamed => {
                return Err("the form has no messages".to_owned());
            }
            _ => Account::default(),
        };
        let record = wrap::wrap(module, writer.choose, &piece.text)?;
        let mut predict = Predict::new(module, &self.run, &fields);
        let event = predict.event(&account)?;
        let rows = std::mem::take(&mut predict.rows);
        Ok(Draft { record, text: piece.text, event, rows })
    }

    /// The place of the next record, after one of this length.
    fn advance(&mut self, length: usize) -> u64 {
        let position = self.position;
        self.position += length as u64 + 1;
        position
    }

    /// The event with its id.
    fn identified(&self, draft: &Draft, position: u64) -> Json {
        let mut event = draft.event.clone();
        let plans = self.module.plans.iter();
        for plan in plans.filter(|plan| plan.candidates.iter().any(|one| one.input == Input::EventId)) {
            if let Some(value) = event.get_mut(plan.token.name()).filter(|value| **value == "") {
                *value = Json::from(event_id(&self.module.name, position, &draft.text).to_string());
            }
        }
        event
    }

    fn pair(&mut self) -> Option<Pair> {
        let draft = self.draft()?;
        if self.hostile {
            let (attack, record, promises) = hostile::spoil(&mut self.choose, self.module, &draft);
            self.choose.settle(None);
            self.advance(record.len());
            return Some(Pair { record, attack: Some(attack), event: None, promises });
        }
        let position = self.advance(draft.record.len());
        let event = self.identified(&draft, position);
        Some(Pair {
            record: draft.record.into_bytes(),
            attack: None,
            event: Some(event),
            promises: Vec::new(),
        })
    }

    /// What the records so far do not show, and why: rows without a value, kinds of records and alternatives that did not come off.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for (number, row) in self.module.rows.iter().enumerate() {
            let Some(token) = row.token.filter(|_| row.waived.is_empty() && !self.rows.contains_key(&number))
            else {
                continue;
            };
            let inputs: Vec<_> = self
                .module
                .plans
                .iter()
                .flat_map(|plan| &plan.candidates)
                .filter(|candidate| candidate.row == number)
                .map(|candidate| &candidate.input)
                .collect();
            let why = if inputs.iter().any(|input| matches!(input, Input::Enriched(_) | Input::Labels(_))) {
                "it asks for what no record holds"
            } else if inputs.iter().any(|input| matches!(input, Input::Setting(_))) {
                "no record came to need the setting, or it was not given"
            } else {
                "no record gave it a value"
            };
            let from =
                if row.from.is_empty() { String::new() } else { format!(" from {}", row.from.join(".")) };
            notes.push(format!("row {} ({}{from}): {why}", number + 1, token.name()));
        }
        for (kind, why) in &self.failed {
            notes.push(format!("{}: {why}", self.kind_name(*kind)));
        }
        for never in self.choose.never() {
            notes.push(format!(
                "{}, alternative {}: {} in {} tries",
                self.named(&never.site),
                never.option + 1,
                never.why,
                never.tries
            ));
        }
        if self.module.json_records {
            notes.push("lines that hold an array of records: not made, a record is a line".to_owned());
        }
        notes
    }

    /// The alternatives that were tried and of which no record came.
    pub fn never(&self) -> Vec<Never> {
        self.choose.never()
    }

    /// How many rows of the spec gave a value, and how many could with what records hold.
    pub fn rows(&self) -> (usize, usize) {
        let plans = self.module.plans.iter().flat_map(|plan| &plan.candidates);
        let fields =
            plans.filter(|candidate| matches!(candidate.input, Input::Field(..) | Input::Constant(_)));
        let rows: BTreeSet<_> = fields.map(|candidate| candidate.row).collect();
        (rows.iter().filter(|row| self.rows.contains_key(row)).count(), rows.len())
    }

    /// How many kinds of records were made: messages, families, unlisted and unnamed ones; and how many there are.
    pub fn kinds(&self) -> (usize, usize) {
        (self.made.len(), self.module.catalogue.as_ref().map_or(1, catalogue::count))
    }

    /// A site with the names of fields in place of their numbers.
    fn named(&self, site: &str) -> String {
        let number = site.strip_prefix("value of field ").and_then(|number| number.parse::<usize>().ok());
        match number.and_then(|number| self.module.fields.get(number)) {
            Some(name) => format!("value of field `{name}`"),
            None => site.to_owned(),
        }
    }

    fn kind_name(&self, kind: usize) -> String {
        let catalogue = self.module.catalogue.as_ref();
        catalogue.map_or_else(
            || "records".to_owned(),
            |known| catalogue::site(known, catalogue::intent(known, kind)),
        )
    }
}

impl Iterator for Generator<'_> {
    type Item = Pair;

    fn next(&mut self) -> Option<Pair> {
        (0..BARREN).find_map(|_| self.pair())
    }
}

/// Whether a field of JSON may take the value of another one.
fn prefers(steps: &[Step], slot: Slot, other: Slot) -> bool {
    steps.iter().any(|step| match step {
        Step::Json(json) => json.prefer.iter().any(|(of, others)| *of == slot && others.contains(&other)),
        Step::OneOf(forms) => forms.iter().any(|(_, steps)| prefers(steps, slot, other)),
        _ => false,
    })
}

/// The number of the kind of record that is the message with this key.
fn message(module: &Module, key: &str) -> Result<usize, String> {
    let Some(catalogue) = &module.catalogue else {
        return Err(format!("`{}` has no catalogue, so no message `{key}`", module.name));
    };
    let all = catalogue.messages.iter().chain(&catalogue.prefixes).chain(&catalogue.suffixes);
    let keys: Vec<&str> = all.map(|message| message.key.as_str()).collect();
    let found = keys.iter().position(|known| *known == key.trim_matches('*'));
    found.ok_or_else(|| {
        let hint =
            near(key, keys.into_iter()).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        format!("`{}` has no message `{key}`{hint}", module.name)
    })
}
