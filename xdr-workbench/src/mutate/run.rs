//! Maps samples by mutants, and finds those that no sample notices.
//!
//! A mutant is noticed if what a snapshot holds of some record differs. Most are noticed by one of the records that used the changed message or row,
//! so these are mapped first, and the first that differs is enough; only mutants that survive have met all records.
//!
//! Mutants of messages are met together, one of each message in one catalogue: a record that names a listed message is read by that message alone,
//! so it tells the mutant of its own message from the spec and no other. Records that name none may be read by any: of what is left, one mutant of each
//! message is met together once more. If nothing differs, none of them differs, because a record that another message takes away from its own is
//! another event, which names another message. Else half of them are met, and the other half, down to those that differ.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use xdr_codegen::ir::{self, Module};
use xdr_runtime::engine::Engine;
use xdr_runtime::settings::Settings;

use super::mutant::{Mutant, Scope};
use crate::interpret::Interpreted;
use crate::interpret::observe::{Mapping, Message, Observer, Outcome};
use crate::snapshot;

/// A record of the samples, and what the spec makes of it.
struct Record {
    bytes: Vec<u8>,
    line: Vec<u8>,
    shown: String,
    /// The listed message that it names, if it asks for no other.
    named: Option<usize>,
    /// The rows that gave it a value.
    rows: Vec<usize>,
}

/// Notes what a record asks for.
#[derive(Default)]
struct Uses {
    asked: RefCell<Vec<Message>>,
    rows: RefCell<Vec<usize>>,
}

impl Observer for Uses {
    fn asked(&self, message: Message) {
        self.asked.borrow_mut().push(message);
    }
    fn tried(&self, mapping: Mapping, outcome: Outcome) {
        if outcome == Outcome::Value {
            self.rows.borrow_mut().push(mapping.row);
        }
    }
}

/// A spec, and what it makes of its samples.
pub(super) struct Run<'m> {
    module: &'m Module,
    /// The module without what plans do not need.
    light: Module,
    source: Interpreted,
    settings: Settings,
    records: Vec<Record>,
}

impl<'m> Run<'m> {
    /// Maps the samples, given as files.
    pub(super) fn new(module: &'m Module, samples: &[Vec<u8>]) -> Self {
        let source = Interpreted::new(module);
        let light = light(module);
        let mut run = Self { module, light, source, settings: snapshot::settings(), records: Vec::new() };
        for line in samples.iter().flat_map(|file| snapshot::lines(file)) {
            for record in run.source.records(line) {
                let uses = Uses::default();
                let line = mapped(&run.source.observed(&uses), record, &run.settings);
                let named = match uses.asked.take().as_slice() {
                    [Message::Listed(index)] => Some(*index),
                    _ => None,
                };
                let shown = snapshot::event(&line);
                run.records.push(Record {
                    bytes: record.to_vec(),
                    line,
                    shown,
                    named,
                    rows: uses.rows.take(),
                });
            }
        }
        run
    }

    /// The module as mutants of plans meet it.
    pub(super) fn light(&self) -> &Module {
        &self.light
    }

    pub(super) fn records(&self) -> usize {
        self.records.len()
    }

    /// Which of the mutants some record notices.
    pub(super) fn noticed(&self, mutants: &[Mutant]) -> Vec<bool> {
        let noticed: Vec<AtomicBool> = mutants.iter().map(|_| AtomicBool::new(false)).collect();
        let notice = |index: usize| {
            if let Some(flag) = noticed.get(index) {
                flag.store(true, Ordering::Relaxed);
            }
        };
        let left = |index: usize| noticed.get(index).is_some_and(|flag| !flag.load(Ordering::Relaxed));
        let single: Vec<usize> = pick(mutants, |scope| !matches!(scope, Scope::Message(_)));
        in_threads(single.len(), |at| {
            if let Some((index, mutant)) =
                single.get(at).and_then(|index| Some((*index, mutants.get(*index)?)))
                && self.notices(mutant)
            {
                notice(index);
            }
        });
        let of_messages = pick(mutants, |scope| matches!(scope, Scope::Message(_)));
        let rounds = rounds(mutants, &of_messages);
        in_threads(rounds.len(), |at| {
            let Some(round) = rounds.get(at) else { return };
            let source = self.together(mutants, round);
            for record in &self.records {
                let own = |index: &&usize| {
                    mutants.get(**index).is_some_and(|mutant| {
                        record.named.is_some_and(|named| mutant.scope == Scope::Message(named))
                    })
                };
                if let Some(index) = round.iter().find(own)
                    && left(*index)
                    && self.differs(&source, record)
                {
                    notice(*index);
                }
            }
        });
        let survivors: Vec<usize> = of_messages.into_iter().filter(|index| left(*index)).collect();
        let rounds = self::rounds(mutants, &survivors);
        let unnamed = || self.records.iter().filter(|record| record.named.is_none());
        in_threads(rounds.len(), |at| {
            let mut left: Vec<&[usize]> = rounds.get(at).map(Vec::as_slice).into_iter().collect();
            while let Some(some) = left.pop() {
                let source = self.together(mutants, some);
                if unnamed().any(|record| self.differs(&source, record)) {
                    match some {
                        [one] => notice(*one),
                        _ => left.extend(<[_; 2]>::from(some.split_at(some.len() / 2))),
                    }
                }
            }
        });
        noticed.into_iter().map(AtomicBool::into_inner).collect()
    }

    /// The spec with these changes.
    fn together(&self, mutants: &[Mutant], round: &[usize]) -> Interpreted {
        let mut module = self.module.clone();
        for mutant in round.iter().filter_map(|index| mutants.get(*index)) {
            (mutant.edit)(&mut module);
        }
        Interpreted::new(&module)
    }

    /// Whether some record notices the mutant.
    fn notices(&self, mutant: &Mutant) -> bool {
        let source = if mutant.scope == Scope::Plans {
            let mut module = self.light.clone();
            (mutant.edit)(&mut module);
            self.source.with_plans(&module)
        } else {
            let mut module = self.module.clone();
            (mutant.edit)(&mut module);
            Interpreted::new(&module)
        };
        let row = self.module.rows.iter().position(|row| {
            row.span.file == mutant.span.file && (row.span.start..row.span.end).contains(&mutant.span.start)
        });
        let uses = |record: &&Record| row.is_some_and(|row| record.rows.contains(&row));
        let first = self.records.iter().filter(uses);
        let rest = self.records.iter().filter(|record| !uses(record));
        first.chain(rest).any(|record| self.differs(&source, record))
    }

    fn differs(&self, source: &Interpreted, record: &Record) -> bool {
        let line = mapped(source, &record.bytes, &self.settings);
        line != record.line && snapshot::event(&line) != record.shown
    }
}

/// A module with no more than plans need: of the catalogue, what messages require.
fn light(module: &Module) -> Module {
    let requires = |message: &&ir::Message| !message.required.is_empty();
    let bare =
        |message: &ir::Message| ir::Message { templates: Vec::new(), set: Vec::new(), ..message.clone() };
    let messages = |list: &[ir::Message]| list.iter().filter(requires).map(bare).collect();
    let catalogue = module.catalogue.as_ref().map(|all| ir::Catalogue {
        parts: Vec::new(),
        messages: messages(&all.messages),
        prefixes: messages(&all.prefixes),
        suffixes: messages(&all.suffixes),
        pairs: None,
        otherwise_partial: all.otherwise_partial,
        folded: Vec::new(),
        keyless: Vec::new(),
    });
    Module { steps: Vec::new(), catalogue, ..module.clone() }
}

fn mapped(source: &dyn Engine, record: &[u8], settings: &Settings) -> Vec<u8> {
    let mut line = Vec::new();
    source.normalize(record, 0, settings, snapshot::KEEP, &mut line);
    line
}

fn pick(mutants: &[Mutant], is: impl Fn(Scope) -> bool) -> Vec<usize> {
    mutants.iter().enumerate().filter(|(_, mutant)| is(mutant.scope)).map(|(index, _)| index).collect()
}

/// Mutants of messages in rounds, at most one of each message in a round.
fn rounds(mutants: &[Mutant], of: &[usize]) -> Vec<Vec<usize>> {
    let mut rounds: Vec<Vec<usize>> = Vec::new();
    let (mut last, mut round) = (None, 0);
    for index in of {
        let scope = mutants.get(*index).map(|mutant| mutant.scope);
        round = if last == scope { round + 1 } else { 0 };
        last = scope;
        if rounds.len() <= round {
            rounds.push(Vec::new());
        }
        if let Some(round) = rounds.get_mut(round) {
            round.push(*index);
        }
    }
    rounds
}

/// Does the work with each number, in as many threads as there are processors.
fn in_threads(count: usize, work: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(count);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    work(number);
                }
            });
        }
    });
}
