//! Changes a spec in small ways and tells which changes nothing notices.
//!
//! A change is one that somebody could make by mistake: a row dropped, a date's order swapped, a capture renamed. A sample notices it if its snapshot
//! would differ; the [table of messages](crate::messages) does if a row would. What neither notices is either not tested or says nothing. Changes are
//! made to the checked IR, so that none has to be written, read and checked again; each has its place in the YAML.

mod mutant;
mod rows;
mod run;
mod steps;
mod texts;
mod values;
mod views;

use xdr_codegen::diag::Diagnostics;
use xdr_codegen::source::Span;
use xdr_codegen::{Checked, Input, ast, parse};

use mutant::Mutants;
use run::Run;
use views::Views;

/// A mutant, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The kind of change, such as `drop-row`.
    pub operator: &'static str,
    /// What is changed.
    pub what: String,
    /// The file.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1 in characters.
    pub column: usize,
}

/// What notices a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Evidence {
    /// The snapshot of some sample.
    Samples,
    /// The table of messages, and no sample.
    Table,
}

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator {
    /// Its name, such as `drop-row`.
    pub name: &'static str,
    /// How many mutants there are.
    pub mutants: usize,
    /// How many of them samples notice.
    pub samples: usize,
    /// How many of them no sample notices, but the table of messages does.
    pub table: usize,
}

/// What became of the mutants of a spec.
#[derive(Clone, Debug)]
pub struct Report {
    /// The source.
    pub source: String,
    /// How many records the samples hold.
    pub records: usize,
    /// How many rows the table of messages has.
    pub rows: usize,
    /// Those that nothing notices, by their places.
    pub survivors: Vec<Finding>,
    /// Those that no record at all could tell from the spec, and why.
    pub equivalent: Vec<(Finding, &'static str)>,
    /// The kinds of change, by their names.
    pub operators: Vec<Operator>,
}

impl Report {
    /// How many mutants something could notice.
    pub fn mutants(&self) -> usize {
        self.operators.iter().map(|operator| operator.mutants).sum()
    }

    /// How many mutants samples notice.
    pub fn by_samples(&self) -> usize {
        self.operators.iter().map(|operator| operator.samples).sum()
    }

    /// How many mutants no sample notices, but the table of messages does.
    pub fn by_table(&self) -> usize {
        self.operators.iter().map(|operator| operator.table).sum()
    }

    /// How many mutants are noticed.
    pub fn noticed(&self) -> usize {
        self.by_samples() + self.by_table()
    }

    /// The share of mutants that are noticed, in percent; 100 if there are none.
    #[expect(clippy::cast_precision_loss, reason = "a share in percent")]
    pub fn score(&self) -> f64 {
        let mutants = self.mutants();
        if mutants == 0 { 100.0 } else { self.noticed() as f64 * 100.0 / mutants as f64 }
    }
}

/// Changes the spec of a source and maps its samples, given as files, and the rows of its table of messages. Of the changes every so-manieth is made: with 1,
/// all of them.
///
/// # Errors
/// What is wrong with the spec.
pub fn run(input: &Input, samples: &[Vec<u8>], every: usize) -> Result<Report, Checked> {
    let (modules, checked) = xdr_codegen::read(std::slice::from_ref(input));
    let module = match modules.first() {
        Some(module) if !checked.has_errors() => module,
        _ => return Err(checked),
    };
    let mut mutants = Mutants { module, files: &checked.files, list: Vec::new() };
    let (spec, catalogue) = written(&checked, input);
    mutants.rows();
    if let Some(spec) = &spec {
        mutants.values(spec);
        mutants.steps(spec, catalogue.as_ref());
    }
    if let Some(catalogue) = &catalogue {
        mutants.catalogue(catalogue);
    }
    let views = Views::new(module);
    let list = mutants.list.into_iter().step_by(every.max(1)).collect();
    let list = views.that_change(list);
    let (told, equivalent): (Vec<_>, Vec<_>) = list.into_iter().partition(|one| one.equivalent.is_none());
    let run = Run::new(&views, samples);
    let noticed = run.noticed(&told);
    let finding = |one: &mutant::Mutant| finding(&checked, one);
    let mut operators: Vec<Operator> = Vec::new();
    for (one, noticed) in told.iter().zip(&noticed) {
        let place = operators.iter().position(|known| known.name == one.operator).unwrap_or_else(|| {
            operators.push(Operator { name: one.operator, mutants: 0, samples: 0, table: 0 });
            operators.len() - 1
        });
        if let Some(operator) = operators.get_mut(place) {
            operator.mutants += 1;
            match noticed {
                Some(Evidence::Samples) => operator.samples += 1,
                Some(Evidence::Table) => operator.table += 1,
                None => {}
            }
        }
    }
    operators.sort_unstable_by_key(|operator| operator.name);
    let left = told.iter().zip(&noticed).filter(|(_, noticed)| noticed.is_none());
    let mut survivors: Vec<Finding> = left.map(|(one, _)| finding(one)).collect();
    survivors.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    let why = |one: &mutant::Mutant| Some((finding(one), one.equivalent?));
    let (records, rows) = run.counts();
    let equivalent = equivalent.iter().filter_map(why).collect();
    Ok(Report { source: module.name.clone(), records, rows, survivors, equivalent, operators })
}

/// Spec and catalogue as they are written, for the places of their entries.
fn written(checked: &Checked, input: &Input) -> (Option<ast::Spec>, Option<ast::CatalogueFile>) {
    let (mut spec, mut catalogue) = (None, None);
    for (id, file) in checked.files.iter() {
        if !input.files.iter().any(|(path, _)| *path == file.name) {
            continue;
        }
        // What is wrong with them was found before.
        let mut diags = Diagnostics::new();
        if file.name.ends_with("spec.yaml") {
            spec = parse::spec(id, &checked.files, &mut diags);
        } else {
            catalogue = parse::catalogue(id, &checked.files, &mut diags).or(catalogue);
        }
    }
    (spec, catalogue)
}

fn finding(checked: &Checked, one: &mutant::Mutant) -> Finding {
    let Span { file, start, .. } = one.span;
    let found = checked.files.get(file);
    let (line, column) = found.map_or((1, 1), |file| file.line_column(start));
    let file = found.map(|file| file.name.clone()).unwrap_or_default();
    Finding { operator: one.operator, what: one.what.clone(), file, line, column }
}
