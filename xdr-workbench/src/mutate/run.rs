//! Maps samples, and the rows of the table of messages, by mutants, and finds those that neither notices.
//!
//! A mutant is noticed if what a snapshot holds of some record differs. It meets no more than it can touch: a change of a row meets the records that use
//! the row first, a change of a message those that name it, a change of a part those whose messages have it. Of a catalogue only the messages that
//! such a record can come to are made anew.
//!
//! A record that names no message may be read by any. It notices a change of messages that are not its own if one of them now reads its text
//! and stands in front of its own: those in front did not read it before, and those behind are not asked.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use xdr_codegen::ir::{self, Catalogue, Module, Op, Text};
use xdr_runtime::engine::Engine;
use xdr_runtime::settings::Settings;

use super::Evidence;
use super::mutant::{Mutant, Scope};
use super::views::{self, Views};
use crate::interpret::Interpreted;
use crate::interpret::observe::{Mapping, Message, Observer, Outcome};
use crate::messages::{self, Entry, Row, Shown};
use crate::snapshot;

/// A record of the samples, and what the spec makes of it.
struct Record {
    bytes: Vec<u8>,
    line: Vec<u8>,
    shown: String,
    /// The listed messages that it asks for, and the one that it is.
    listed: BTreeSet<usize>,
    /// The listed message that it is.
    is: Option<usize>,
    /// Whether it asks for a message that is not listed.
    unlisted: bool,
    /// Whether its text may say which message it is.
    unnamed: bool,
    /// The rows that gave it a value.
    rows: Vec<usize>,
}

/// A row of the table of messages, and what the spec makes of it.
struct TableRow {
    row: Row,
    shown: Shown,
    /// Whether it is a template's, or no row before it fills the same tokens.
    is_first: bool,
}

/// Notes what a record uses.
#[derive(Default)]
struct Uses {
    asked: RefCell<Vec<Message>>,
    is: Cell<Option<usize>>,
    rows: RefCell<Vec<usize>>,
}

impl Observer for Uses {
    fn asked(&self, message: Message) {
        self.asked.borrow_mut().push(message);
    }
    fn message(&self, message: Message) {
        if let Message::Listed(index) = message {
            self.is.set(Some(index));
        }
    }
    fn tried(&self, mapping: Mapping, outcome: Outcome) {
        if outcome == Outcome::Value {
            self.rows.borrow_mut().push(mapping.row);
        }
    }
}

/// A mutant, made, and what it has to meet.
enum Made {
    /// All records and all rows of the table.
    Whole(Interpreted),
    /// All records, those first that use the row of the spec with this number; of the table's rows those that are not alike.
    Plans(Interpreted, Option<usize>),
    /// All records; rows of the table go through no steps.
    Steps(Interpreted),
    /// What uses some of the catalogue.
    Catalogue {
        source: Interpreted,
        /// The listed messages that are changed.
        changed: BTreeSet<usize>,
        /// The listed messages that the source has, in its order.
        has: Vec<usize>,
        /// Whether records of messages that are not listed are touched too.
        unlisted: bool,
    },
}

/// A spec, and what it makes of its samples.
pub(super) struct Run<'v, 'm> {
    views: &'v Views<'m>,
    source: Interpreted,
    settings: Settings,
    records: Vec<Record>,
    table: Vec<TableRow>,
}

impl<'v, 'm> Run<'v, 'm> {
    /// Maps the samples, given as files, and the rows of the table of messages.
    pub(super) fn new(views: &'v Views<'m>, samples: &[Vec<u8>]) -> Self {
        let (source, settings) = (Interpreted::new(views.whole()), snapshot::settings());
        let lines = samples.iter().flat_map(|file| snapshot::lines(file));
        let records = lines.flat_map(|line| source.records(line));
        let records = records.map(|bytes| Record::new(&source, bytes, &settings)).collect();
        let mut kinds = BTreeSet::new();
        let table = messages::rows(views.whole()).into_iter().map(|row| {
            let shown = messages::read(&source, &row, &settings);
            let is_first = row.is_templates || kinds.insert(shown.names().join(" "));
            TableRow { row, shown, is_first }
        });
        let table = table.collect();
        Self { views, source, settings, records, table }
    }

    /// How many records the samples hold, and how many rows the table.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.records.len(), self.table.len())
    }

    /// What notices each of the mutants.
    pub(super) fn noticed(&self, mutants: &[Mutant]) -> Vec<Option<Evidence>> {
        let noticed = Mutex::new(vec![None; mutants.len()]);
        let work = |copy: &mut Module, number: usize| {
            let Some(made) = mutants.get(number).and_then(|mutant| self.made(mutant, copy)) else { return };
            let evidence = if self.samples_notice(&made) {
                Some(Evidence::Samples)
            } else {
                self.table_notices(&made).then_some(Evidence::Table)
            };
            let mut noticed = noticed.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(place) = noticed.get_mut(number) {
                *place = evidence;
            }
        };
        in_threads(mutants.len(), || self.views.whole().clone(), work);
        noticed.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a mutant. `copy` is a copy of the whole module, and is one again afterwards.
    fn made(&self, mutant: &Mutant, copy: &mut Module) -> Option<Made> {
        let whole = self.views.whole();
        match mutant.scope {
            Scope::Plans => {
                let row = whole.rows.iter().position(|row| {
                    let own = row.span.start..row.span.end;
                    row.span.file == mutant.span.file && own.contains(&mutant.span.start)
                });
                Some(Made::Plans(self.source.with_plans(&self.views.changed(mutant)), row))
            }
            Scope::Steps => Some(Made::Steps(self.source.with_steps(&self.views.changed(mutant)))),
            Scope::Message(index) => {
                let message = self.views.message(mutant, index, copy)?;
                self.catalogue(None, BTreeSet::from([index]), Some(&message), false)
            }
            Scope::Part(number) => {
                let with = self.having(|one| {
                    one.templates.iter().any(|template| template.ops.contains(&Op::Part(number)))
                });
                self.catalogue(self.views.changed(mutant).catalogue.as_ref(), with, None, true)
            }
            Scope::Families => {
                self.catalogue(self.views.changed(mutant).catalogue.as_ref(), BTreeSet::new(), None, true)
            }
            Scope::Pairs => {
                let with = self.having(|one| one.text == Text::Pairs);
                self.catalogue(self.views.changed(mutant).catalogue.as_ref(), with, None, true)
            }
            Scope::Whole => Some(Made::Whole(Interpreted::new(&self.views.changed(mutant)))),
        }
    }

    /// The listed messages for which this holds.
    fn having(&self, is: impl Fn(&ir::Message) -> bool) -> BTreeSet<usize> {
        let messages = self.views.whole().catalogue.iter().flat_map(|all| all.messages.iter().enumerate());
        messages.filter(|(_, message)| is(message)).map(|(index, _)| index).collect()
    }

    /// A mutant of messages: `changed` ones, which share other things now, or of which one is another now.
    fn catalogue(
        &self,
        shared: Option<&Catalogue>,
        changed: BTreeSet<usize>,
        one: Option<&ir::Message>,
        unlisted: bool,
    ) -> Option<Made> {
        let whole = self.views.whole().catalogue.as_ref()?;
        let touched = self.records.iter().filter(|record| record.is_touched(&changed, unlisted));
        let mut has = changed.clone();
        has.extend(touched.flat_map(|record| &record.listed));
        let message = |index: usize| {
            let old = whole.messages.get(index)?;
            Some((index, one.filter(|_| changed.contains(&index)).unwrap_or(old).clone()))
        };
        let messages = has.iter().filter_map(|index| message(*index)).collect();
        let source = match shared {
            Some(shared) => self.source.with_catalogue(&views::catalogue(whole, shared, messages)),
            None => self.source.with_messages(&views::catalogue(whole, &views::empty(whole), messages)),
        };
        Some(Made::Catalogue { source, changed, has: has.into_iter().collect(), unlisted })
    }

    fn samples_notice(&self, made: &Made) -> bool {
        match made {
            Made::Steps(source) | Made::Whole(source) => {
                self.records.iter().any(|record| self.differs(source, record))
            }
            Made::Plans(source, row) => {
                let uses = |record: &&Record| row.is_some_and(|row| record.rows.contains(&row));
                let first = self.records.iter().filter(uses);
                let rest = self.records.iter().filter(|record| !uses(record));
                first.chain(rest).any(|record| self.differs(source, record))
            }
            Made::Catalogue { source, changed, has, unlisted } => {
                let mut touched = self.records.iter().filter(|one| one.is_touched(changed, *unlisted));
                touched.any(|record| self.differs(source, record))
                    || self.takes_any(source, changed, has, *unlisted)
            }
        }
    }

    /// Whether a changed message takes a record that names none from those behind it.
    fn takes_any(
        &self,
        source: &Interpreted,
        changed: &BTreeSet<usize>,
        has: &[usize],
        unlisted: bool,
    ) -> bool {
        let Some(catalogue) = &self.views.whole().catalogue else { return false };
        let order = |index: usize| catalogue.keyless.iter().position(|one| usize::from(*one) == index);
        if !changed.iter().any(|index| order(*index).is_some()) {
            return false;
        }
        let mut others = self.records.iter().filter(|one| one.unnamed && !one.is_touched(changed, unlisted));
        others.any(|record| {
            let uses = Uses::default();
            mapped(&source.observed(&uses), &record.bytes, &self.settings);
            let taken = uses.is.get().and_then(|place| has.get(place)).filter(|one| changed.contains(one));
            let (taken, before) = (taken.and_then(|one| order(*one)), record.is.and_then(order));
            taken.is_some_and(|taken| before.is_none_or(|before| taken < before))
        })
    }

    fn table_notices(&self, made: &Made) -> bool {
        let (source, concerned): (_, &dyn Fn(&TableRow) -> bool) = match made {
            Made::Whole(source) => (source, &|_| true),
            // What a plan makes of one message that is known by name, it makes of all that have the same fields.
            Made::Plans(source, _) => (source, &|one| one.is_first),
            Made::Steps(_) => return false,
            Made::Catalogue { source, changed, unlisted, .. } => (source, &|one| match one.row.entry {
                Entry::Listed(index) => changed.contains(&index),
                Entry::Prefix(_) | Entry::Suffix(_) => *unlisted,
            }),
        };
        let mut rows = self.table.iter().filter(|one| concerned(one));
        rows.any(|one| messages::read(source, &one.row, &self.settings) != one.shown)
    }

    fn differs(&self, source: &Interpreted, record: &Record) -> bool {
        let line = mapped(source, &record.bytes, &self.settings);
        line != record.line && snapshot::event(&line) != record.shown
    }
}

impl Record {
    fn new(source: &Interpreted, bytes: &[u8], settings: &Settings) -> Self {
        let uses = Uses::default();
        let line = mapped(&source.observed(&uses), bytes, settings);
        let (mut listed, mut unlisted, mut unnamed) = (BTreeSet::new(), false, false);
        for message in uses.asked.take() {
            match message {
                Message::Listed(index) => drop(listed.insert(index)),
                Message::Prefix(_) | Message::Suffix(_) | Message::Unlisted => unlisted = true,
                Message::Unnamed => unnamed = true,
            }
        }
        let is = uses.is.get();
        listed.extend(is);
        let shown = snapshot::event(&line);
        Self { bytes: bytes.to_vec(), line, shown, listed, is, unlisted, unnamed, rows: uses.rows.take() }
    }

    /// Whether it uses one of these listed messages, or one that is not listed.
    fn is_touched(&self, changed: &BTreeSet<usize>, unlisted: bool) -> bool {
        unlisted && self.unlisted || !self.listed.is_disjoint(changed)
    }
}

fn mapped(source: &dyn Engine, record: &[u8], settings: &Settings) -> Vec<u8> {
    let mut line = Vec::new();
    source.normalize(record, 0, settings, snapshot::KEEP, &mut line);
    line
}

/// Does the work with each number, in as many threads as there are processors, each with something of its own.
fn in_threads<T>(count: usize, own: impl Fn() -> T + Sync, work: impl Fn(&mut T, usize) + Sync) {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(count);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut own = own();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    work(&mut own, number);
                }
            });
        }
    });
}
