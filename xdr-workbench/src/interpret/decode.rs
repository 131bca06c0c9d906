//! Walks the steps of a source, as a generated `parse` calls them.

use std::cell::RefCell;

use xdr_codegen::ir;
use xdr_runtime::catalogue::{self, Catalogue, Keyless};
use xdr_runtime::decode::{self, Form, Template};
use xdr_runtime::format::{cef, csv, json, key_value, leef, syslog};
use xdr_runtime::record::Reject;

use super::Parts;
use super::observe::{List, Message, Observer};
use super::patterns::Patterns;
use super::pool::Pool;
use super::watch::{self, Held, Watch};

/// A step, with its tables.
pub(super) enum Step {
    Syslog(Box<syslog::Header>),
    Template(usize, &'static [Template]),
    /// With the twin of its keys.
    KeyValue(usize, &'static key_value::KeyValue, &'static [key_value::Key]),
    /// With the twin of its keys; so the next.
    Cef(usize, &'static cef::Cef, &'static [key_value::Key]),
    Leef(usize, &'static leef::Leef, &'static [key_value::Key]),
    Csv(usize, &'static csv::Csv, &'static [key_value::Key]),
    Json {
        tree: &'static json::Json,
        prefer: Vec<(u16, Vec<u16>)>,
        named: u16,
        hand: Option<u16>,
    },
    OneOf(usize, Vec<Form<Vec<Step>>>),
    /// The fields that name the message, and what becomes of a record without them.
    Catalogue(Vec<u16>, Keyless),
}

/// The messages that a catalogue's step looks up.
#[derive(Clone, Copy)]
pub(super) struct Messages {
    pub(super) catalogue: &'static Catalogue,
    /// The twin of the keys of its pairs.
    pub(super) twin: &'static [key_value::Key],
}

impl Messages {
    pub(super) fn new(catalogue: &'static Catalogue, pool: &mut Pool) -> Self {
        let twin = catalogue.pairs.map_or(&[][..], |pairs| watch::twin(pairs.keys, pool));
        Self { catalogue, twin }
    }
}

/// Makes the steps of a source.
pub(super) struct Steps<'s, 'p> {
    pub(super) patterns: &'s mut Patterns<'p>,
    pub(super) named: u16,
    /// How many steps there are so far.
    pub(super) count: usize,
}

impl Steps<'_, '_> {
    pub(super) fn all(&mut self, steps: &[ir::Step]) -> Vec<Step> {
        steps.iter().filter_map(|step| self.step(step)).collect()
    }

    fn step(&mut self, step: &ir::Step) -> Option<Step> {
        let number = self.count;
        self.count += 1;
        Some(match step {
            ir::Step::Syslog(header) => Step::Syslog(Box::new(self.patterns.header(header))),
            ir::Step::Template(templates) => Step::Template(number, self.patterns.templates(templates)),
            ir::Step::KeyValue(pairs) => {
                let pairs = self.patterns.key_value(pairs);
                Step::KeyValue(number, pairs, watch::twin(pairs.keys, self.patterns.pool))
            }
            ir::Step::Cef(form) => {
                let form = self.patterns.cef(form)?;
                Step::Cef(number, form, watch::twin(form.keys, self.patterns.pool))
            }
            ir::Step::Leef(form) => {
                let form = self.patterns.leef(form)?;
                Step::Leef(number, form, watch::twin(form.keys, self.patterns.pool))
            }
            ir::Step::Csv(form) => {
                let form = self.patterns.csv(form);
                Step::Csv(number, form, watch::twin(form.columns, self.patterns.pool))
            }
            ir::Step::Json(json) => Step::Json {
                tree: self.patterns.json(json),
                prefer: json.prefer.clone(),
                named: self.named,
                hand: json.hand,
            },
            ir::Step::OneOf(forms) => {
                let form = |(name, steps): &(String, Vec<ir::Step>)| Form {
                    name: self.patterns.pool.text(name),
                    needs: self.patterns.pool.text(xdr_codegen::tables::needs(steps)),
                    steps: self.all(steps),
                };
                Step::OneOf(number, forms.iter().map(form).collect())
            }
            ir::Step::Catalogue(key, keyless) => {
                let keyless = match keyless {
                    ir::Keyless::Unread => Keyless::Unread,
                    ir::Keyless::Match => Keyless::Match,
                    ir::Keyless::Require => Keyless::Require,
                };
                Step::Catalogue(key.clone(), keyless)
            }
        })
    }
}

/// Takes a record apart.
pub(super) fn all<O: Observer>(
    steps: &[Step],
    parts: &mut Parts<'_>,
    watch: &Watch<'_, O>,
) -> Result<(), Reject> {
    steps.iter().try_for_each(|step| one(step, parts, watch))
}

fn one<O: Observer>(step: &Step, parts: &mut Parts<'_>, watch: &Watch<'_, O>) -> Result<(), Reject> {
    let text = parts.hand();
    match step {
        Step::Syslog(header) => decode::syslog(parts, header),
        Step::Template(number, templates) => {
            if O::WATCHES {
                watch.templates(List::Step(*number), templates, text);
            }
            decode::template(parts, templates)?;
        }
        Step::KeyValue(number, pairs, twin) => {
            decode::key_value(parts, pairs)?;
            if O::WATCHES {
                watch.key_value(*number, pairs, twin, text);
            }
        }
        Step::Cef(number, form, twin) => {
            decode::cef(parts, form)?;
            if O::WATCHES {
                watch.cef(*number, form, twin, text);
            }
        }
        Step::Leef(number, form, twin) => {
            decode::leef(parts, form)?;
            if O::WATCHES {
                watch.leef(*number, form, twin, text);
            }
        }
        Step::Csv(number, form, twin) => {
            let read = decode::csv(parts, form);
            if O::WATCHES {
                watch.csv(*number, form, twin, text);
            }
            read?;
        }
        Step::Json { tree, prefer, named, hand } => {
            decode::json(parts, tree)?;
            for (slot, others) in prefer {
                decode::prefer(parts, *slot, others, *named);
            }
            if let Some(slot) = hand {
                decode::hand(parts, *slot);
            }
        }
        Step::OneOf(number, forms) => one_of(*number, forms, parts, watch)?,
        Step::Catalogue(key, keyless) => {
            // Who has such a step has a catalogue.
            let Some(Messages { catalogue, twin }) = watch.messages else { return Ok(()) };
            let named = if O::WATCHES { watch::named(parts, catalogue, key) } else { None };
            watch.observer.asked(named.unwrap_or(Message::Unnamed));
            catalogue::read(parts, catalogue, key, *keyless)?;
            if O::WATCHES {
                watch.message(catalogue, twin, named, parts, text);
            }
        }
    }
    Ok(())
}

fn one_of<O: Observer>(
    number: usize,
    forms: &[Form<Vec<Step>>],
    parts: &mut Parts<'_>,
    watch: &Watch<'_, O>,
) -> Result<(), Reject> {
    if !O::WATCHES {
        return decode::one_of_by(parts, forms, |form, parts| all(&form.steps, parts, watch));
    }
    // What a form has used that fails is nothing that the record has used.
    let taken = RefCell::new((None, Held::default()));
    let read = decode::one_of_by(parts, forms, |form, parts| {
        let held = Held::default();
        let read = all(&form.steps, parts, &watch.with(&held));
        if read.is_ok() {
            let place = forms.iter().position(|known| std::ptr::eq(known, form));
            taken.replace((place, held));
        } else {
            held.tell_asked(watch.observer);
        }
        read
    });
    let (form, held) = taken.into_inner();
    watch.observer.form(number, form);
    held.tell(watch.observer);
    read
}
