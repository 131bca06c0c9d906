//! Runs a spec without compiling it: walks the checked IR over the very primitives of `xdr-runtime` that generated code calls.
//!
//! What emission writes as Rust is done here at run time, construct by construct; what the tables hold beyond what the spec says comes from
//! [`xdr_codegen::tables`] in both. So an interpreted source is a second reading of the IR: `tests/interpreted.rs` holds it against the compiled one.
//!
//! [`Interpreted`] is a [`Mapping`], so all that runs a compiled source runs it: lines of JSON, typed events, explanations, enrichment, the repair of
//! what is not UTF-8. The tables that primitives read live as long as the program and are kept once by content (`pool.rs`): to load a
//! spec again costs the memory of what was changed in it, and no more.

mod decode;
mod info;
mod keyed;
mod map;
pub mod observe;
mod patterns;
mod plans;
mod pool;
mod tables;
mod watch;
mod watched;
mod ways;

use std::sync::Arc;

use xdr_codegen::{Checked, Input, ir};
use xdr_model::pattern::Op;
use xdr_runtime::engine::{self, Mapping, Source, Split};
use xdr_runtime::info::Info;
use xdr_runtime::prepare::Around;
use xdr_runtime::record::{self, Reject, Scratch};
use xdr_runtime::settings::Settings;
use xdr_runtime::sink::Sink;

use decode::{Messages, Step, Steps};
pub use keyed::Keyed;
use observe::Observer;
use patterns::Patterns;
use plans::Plans;
use pool::Pool;
use watch::Watch;

/// As many fields as a source may have: a record has room for all of them, whatever the source.
const FIELDS: usize = 256;

/// A record, taken apart.
pub type Parts<'a> = record::Parts<'a, FIELDS>;

/// The fields' names, by their numbers.
type Names = [&'static str; FIELDS];

/// A source that is run by its IR.
pub struct Interpreted {
    info: &'static Info,
    names: &'static Names,
    steps: Arc<Vec<Step>>,
    /// The catalogue that steps look messages up in.
    messages: Option<Messages>,
    plans: Arc<Plans>,
    /// The parts of the catalogue's templates, by their numbers.
    parts: Arc<Vec<&'static [Op<'static>]>>,
}

impl Interpreted {
    /// The source that this module describes. The module must have come through the checks without errors.
    pub fn new(module: &ir::Module) -> Self {
        let mut pool = Pool::open();
        let none = Vec::new();
        let parts = module.catalogue.as_ref().map_or(&none, |catalogue| &catalogue.parts);
        let mut patterns = Patterns::new(&mut pool, parts);
        let catalogue = module.catalogue.as_ref().map(|catalogue| patterns.catalogue(catalogue));
        let steps = Steps { patterns: &mut patterns, named: named(module), count: 0 }.all(&module.steps);
        let parts = patterns.parts;
        let info = info::info(module, catalogue, &mut pool);
        let plans = Plans::new(module, info.enrich, &mut pool);
        Self {
            info,
            names: names(info.fields, &mut pool),
            steps: Arc::new(steps),
            messages: catalogue.map(|catalogue| Messages::new(catalogue, &mut pool)),
            plans: Arc::new(plans),
            parts: Arc::new(parts),
        }
    }

    /// The same source with the plans and value maps of another module; all else must be the same in both.
    #[must_use]
    pub fn with_plans(&self, module: &ir::Module) -> Self {
        let plans = Arc::new(Plans::new(module, self.info.enrich, &mut Pool::open()));
        Self { plans, ..self.share() }
    }

    /// The same source with the steps of another module; all else must be the same in both.
    #[must_use]
    pub fn with_steps(&self, module: &ir::Module) -> Self {
        let mut pool = Pool::open();
        let mut patterns = Patterns { pool: &mut pool, parts: self.parts.to_vec() };
        let steps = Steps { patterns: &mut patterns, named: named(module), count: 0 }.all(&module.steps);
        Self { steps: Arc::new(steps), ..self.share() }
    }

    /// The same source with another catalogue. What it says of itself stays.
    #[must_use]
    pub fn with_catalogue(&self, catalogue: &ir::Catalogue) -> Self {
        let mut pool = Pool::open();
        let mut patterns = Patterns::new(&mut pool, &catalogue.parts);
        let catalogue = patterns.catalogue(catalogue);
        let parts = Arc::new(patterns.parts);
        Self { messages: Some(Messages::new(catalogue, &mut pool)), parts, ..self.share() }
    }

    /// The same source with the listed messages of another catalogue; all else must be the same in both, or is not looked at. A source without a
    /// catalogue stays as it is.
    #[must_use]
    pub fn with_messages(&self, catalogue: &ir::Catalogue) -> Self {
        let mut pool = Pool::open();
        let mut patterns = Patterns { pool: &mut pool, parts: self.parts.to_vec() };
        let listed = |known: Messages| Messages {
            catalogue: patterns.listed(catalogue, known.catalogue),
            twin: known.twin,
        };
        Self { messages: self.messages.map(listed), ..self.share() }
    }

    /// The same source once more.
    fn share(&self) -> Self {
        let (steps, plans, parts) =
            (Arc::clone(&self.steps), Arc::clone(&self.plans), Arc::clone(&self.parts));
        Self { info: self.info, names: self.names, steps, messages: self.messages, plans, parts }
    }

    /// The source of this folder, and what was found in it; no source if that are errors.
    pub fn load(input: &Input) -> (Option<Self>, Checked) {
        let (modules, checked) = xdr_codegen::read(std::slice::from_ref(input));
        let source = modules.first().filter(|_| !checked.has_errors()).map(Self::new);
        (source, checked)
    }

    /// This source as one that lives as long as the program, for what wants one. It is never given back.
    pub fn leak(self) -> &'static Source {
        let source: &'static Self = Box::leak(Box::new(self));
        Box::leak(Box::new(Source::of(source.info, source)))
    }

    /// What the source says of itself.
    pub const fn info(&self) -> &'static Info {
        self.info
    }

    /// The records that one line of input holds.
    pub fn records<'a>(&self, line: &'a [u8]) -> Split<'a> {
        engine::records(self.info.records, line)
    }

    /// This source, watched: the observer is told what each record uses.
    pub fn observed<'o, O: Observer>(&'o self, observer: &'o O) -> Observed<'o, O> {
        Observed { source: self, observer }
    }
}

/// How many fields have names of their own.
fn named(module: &ir::Module) -> u16 {
    u16::try_from(module.named).unwrap_or(u16::MAX)
}

/// The names of all fields that a record has room for.
fn names(fields: &[&'static str], pool: &mut Pool) -> &'static Names {
    static NONE: Names = [""; FIELDS];
    let unused = std::iter::repeat_n("", FIELDS.saturating_sub(fields.len()));
    let names = fields.iter().copied().chain(unused).collect();
    pool.list(names).first_chunk().unwrap_or(&NONE)
}

/// A source that is watched.
#[derive(Clone, Copy)]
pub struct Observed<'o, O> {
    source: &'o Interpreted,
    observer: &'o O,
}

impl<O: Observer> Mapping for Observed<'_, O> {
    type Record<'a> = Parts<'a>;

    fn info(&self) -> &'static Info {
        self.source.info
    }

    fn record<'a>(&self, text: &'a str, position: u64, scratch: &'a Scratch) -> Parts<'a> {
        Parts::new(text, position, scratch)
    }

    fn parse(&self, record: &mut Parts<'_>) -> Result<(), Reject> {
        let Interpreted { parts, messages, .. } = self.source;
        let watch = Watch { observer: self.observer, parts, messages: *messages };
        let read = decode::all(&self.source.steps, record, &watch);
        match &read {
            Ok(()) => xdr_runtime::decode::rest(record),
            Err(reject) => self.observer.reject(reject),
        }
        read
    }

    fn around<'a>(&self, record: &mut Parts<'a>, around: &'a Around) {
        around.keep(record);
    }

    fn map<'a, S: Sink<'a>>(&self, record: &Parts<'a>, settings: &'a Settings, sink: &mut S) {
        self.source.plans.map(record, self.source.names, settings, sink, self.observer);
        self.observer.event();
    }
}

impl Mapping for Interpreted {
    type Record<'a> = Parts<'a>;

    fn info(&self) -> &'static Info {
        self.info
    }

    fn record<'a>(&self, text: &'a str, position: u64, scratch: &'a Scratch) -> Parts<'a> {
        self.observed(&()).record(text, position, scratch)
    }

    fn parse(&self, record: &mut Parts<'_>) -> Result<(), Reject> {
        self.observed(&()).parse(record)
    }

    fn around<'a>(&self, record: &mut Parts<'a>, around: &'a Around) {
        self.observed(&()).around(record, around);
    }

    fn map<'a, S: Sink<'a>>(&self, record: &Parts<'a>, settings: &'a Settings, sink: &mut S) {
        self.observed(&()).map(record, settings, sink);
    }
}

#[cfg(test)]
mod tests;
