//! What of a spec some records use, and what none of them does.
//!
//! A spec is interpreted over the records, and an observer counts what they use: rows, messages, templates, and the branches of all of them. So the figures
//! are those of the very steps that make the events, and nothing is guessed from the events themselves.

mod choices;
mod item;
mod list;
mod recorder;
pub mod report;

use std::collections::BTreeMap;

use xdr_codegen::diag::Diagnostics;
use xdr_codegen::{Checked, Input, ir, parse};
use xdr_runtime::engine::Engine;
use xdr_runtime::ndjson::Keep;
use xdr_runtime::settings::Settings;

use crate::interpret::Interpreted;
use item::Used;
use list::Written;
use recorder::Recorder;

pub use item::{Figure, Item, Kind, Place};

/// What the records of one source use of its spec.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// The source's name.
    pub source: String,
    /// How many records there were.
    pub records: u64,
    /// All that records can use, in the order of the spec, then of the catalogue.
    pub items: Vec<Item>,
    /// The texts of the spec and its catalogue, by the names that places have.
    pub files: Vec<(String, String)>,
}

/// How much of something is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// What is used.
    pub used: usize,
    /// What there is.
    pub all: usize,
}

impl Share {
    /// In percent; what does not exist is used in full.
    #[expect(clippy::cast_precision_loss, reason = "shown with one digit after the point")]
    pub fn percent(self) -> f64 {
        if self.all == 0 { 100.0 } else { self.used as f64 * 100.0 / self.all as f64 }
    }

    /// The share as people write it, rounded down, so that only what is whole is 100.0.
    pub fn shown(self) -> String {
        let mille = (self.used * 1000).checked_div(self.all).unwrap_or(1000);
        format!("{}.{}", mille / 10, mille % 10)
    }

    fn count(items: impl Iterator<Item = bool>) -> Self {
        items.fold(Self::default(), |Self { used, all }, is_used| Self {
            used: used + usize::from(is_used),
            all: all + 1,
        })
    }
}

impl Coverage {
    /// How much of a figure is used.
    pub fn share(&self, figure: Figure) -> Share {
        Share::count(self.items.iter().filter(|item| item.kind.figure() == figure).map(|item| item.hits > 0))
    }

    /// How much of the items of a kind is used.
    pub fn share_of(&self, kind: Kind) -> Share {
        Share::count(self.items.iter().filter(|item| item.kind == kind).map(|item| item.hits > 0))
    }

    /// What no record uses.
    pub fn unused(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.hits == 0)
    }
}

/// Runs a spec over lines of input and counts what their records use.
///
/// # Errors
/// What keeps the spec from being run.
pub fn measure<'l>(
    input: &Input,
    lines: impl IntoIterator<Item = &'l [u8]>,
) -> Result<Coverage, Box<Checked>> {
    let Watched { name, listed, records, counts } = watch(input, lines, |_, _| {})?;
    let items = listed.into_iter().map(|(item, used)| {
        let hits = used.iter().filter_map(|used| counts.get(used)).sum();
        Item { hits, ..item }
    });
    let (items, files) = (items.collect(), texts(input));
    Ok(Coverage { source: name, records, items, files })
}

/// What came of watching records.
struct Watched {
    name: String,
    listed: Vec<list::Listed>,
    records: u64,
    counts: BTreeMap<Used, u64>,
}

/// Runs a spec over lines of input; says of each line whether its records use an item that none before did.
fn watch<'l>(
    input: &Input,
    lines: impl IntoIterator<Item = &'l [u8]>,
    mut each: impl FnMut(usize, bool),
) -> Result<Watched, Box<Checked>> {
    let (modules, mut checked) = xdr_codegen::read(std::slice::from_ref(input));
    let Some(module) = modules.first().filter(|_| !checked.has_errors()) else {
        return Err(Box::new(checked));
    };
    let listed = listed(module, input, &mut checked);
    let source = Interpreted::new(module);
    let recorder = Recorder::new(module, listed.iter().flat_map(|(_, used)| used.iter().copied()));
    let observed = source.observed(&recorder);
    let (settings, keep) = (settings(), Keep { unmapped: true, raw: false });
    let (mut records, mut event) = (0, Vec::new());
    for (index, line) in lines.into_iter().enumerate() {
        let before = recorder.variety();
        for record in source.records(line) {
            event.clear();
            observed.normalize(record, 0, &settings, keep, &mut event);
            records += 1;
        }
        each(index, recorder.variety() > before);
    }
    Ok(Watched { name: module.name.clone(), records, counts: recorder.counts(), listed })
}

/// Of lines of input, by their indices, those whose records use something that no record before them did: enough of them for the figures of all.
///
/// # Errors
/// What keeps the spec from being run.
pub fn telling<'l>(
    input: &Input,
    lines: impl IntoIterator<Item = &'l [u8]>,
) -> Result<Vec<usize>, Box<Checked>> {
    let mut telling = Vec::new();
    watch(input, lines, |line, grows| telling.extend(grows.then_some(line)))?;
    Ok(telling)
}

/// The settings of a run that is given all that a spec may ask of it. Records tell of times near the moment of receipt or state their year, so
/// any moment does.
fn settings() -> Settings {
    let mut settings = Settings::new("2024-03-14T08:00:00Z".parse().unwrap_or_default());
    let id = "00000000-0000-4000-8000-000000000001";
    settings.customer_id = id.parse().ok();
    settings.collector_id = id.parse().ok();
    settings.event_source_id = id.parse().ok();
    settings.device_host = Some("host.example.com".to_owned());
    settings
}

/// The items of a spec, with their places.
fn listed(module: &ir::Module, input: &Input, checked: &mut Checked) -> Vec<list::Listed> {
    // The spec was read without errors before; this is the same text once more, for its places.
    let mut quiet = Diagnostics::new();
    let mut named = BTreeMap::new();
    for (path, bytes) in &input.files {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        if let Some(file) = checked.files.add_bytes(path, bytes.clone(), &mut quiet) {
            named.insert(name.to_owned(), file);
        }
    }
    let files = &checked.files;
    let Some(spec) = named.get("spec.yaml").and_then(|file| parse::spec(*file, files, &mut quiet)) else {
        return Vec::new();
    };
    let catalogue = catalogue_of(&spec.decode).and_then(|name| named.get(name));
    let catalogue = catalogue.and_then(|file| parse::catalogue(*file, files, &mut quiet));
    list::list(&Written { module, spec: &spec, catalogue: catalogue.as_ref(), files })
}

/// The file of the catalogue that the steps name.
fn catalogue_of(steps: &[xdr_codegen::ast::Step]) -> Option<&str> {
    use xdr_codegen::ast::Step;
    steps.iter().find_map(|step| match step {
        Step::Catalogue(step) => Some(step.file.text.as_str()),
        Step::OneOf(forms) => forms.iter().find_map(|(_, steps)| catalogue_of(steps)),
        _ => None,
    })
}

/// The files of a spec as texts.
fn texts(input: &Input) -> Vec<(String, String)> {
    let text =
        |(path, bytes): &(String, Vec<u8>)| (path.clone(), String::from_utf8_lossy(bytes).into_owned());
    input.files.iter().map(text).collect()
}

#[cfg(test)]
mod tests;
