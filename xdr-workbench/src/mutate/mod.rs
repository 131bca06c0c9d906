//! Changes a spec in small ways and tells which changes no sample notices.
//!
//! A change is one that somebody could make by mistake: a row dropped, a date's order swapped, a capture renamed. A sample notices it if its snapshot
//! would differ. What no sample notices is either not tested or says nothing. Changes are made to the checked IR, so that none has to
//! be written, read and checked again; each has its place in the YAML.

mod mutant;
mod rows;
mod run;
mod steps;
mod texts;
mod values;

use xdr_codegen::diag::Diagnostics;
use xdr_codegen::source::Span;
use xdr_codegen::{Checked, Input, ast, parse};

use mutant::Mutants;
use run::Run;

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

/// What became of the mutants of a spec.
#[derive(Clone, Debug)]
pub struct Report {
    /// The source.
    pub source: String,
    /// How many records the samples hold.
    pub records: usize,
    /// How many mutants samples could notice.
    pub mutants: usize,
    /// Those that no sample notices, by their places.
    pub survivors: Vec<Finding>,
    /// Those that no record at all could tell from the spec, and why.
    pub equivalent: Vec<(Finding, &'static str)>,
    /// The kinds of change; of each, how many mutants there are, and how many are noticed.
    pub operators: Vec<(&'static str, usize, usize)>,
}

impl Report {
    /// How many mutants samples notice.
    pub fn noticed(&self) -> usize {
        self.mutants.saturating_sub(self.survivors.len())
    }

    /// The share of mutants that samples notice, in percent; 100 if there are none.
    #[expect(clippy::cast_precision_loss, reason = "a share in percent")]
    pub fn score(&self) -> f64 {
        if self.mutants == 0 { 100.0 } else { self.noticed() as f64 * 100.0 / self.mutants as f64 }
    }
}

/// Changes the spec of a source and maps its samples, given as files.
///
/// # Errors
/// What is wrong with the spec.
pub fn run(input: &Input, samples: &[Vec<u8>]) -> Result<Report, Checked> {
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
    let run = Run::new(module, samples);
    let list = mutant::that_change(module, run.light(), mutants.list);
    let (told, equivalent): (Vec<_>, Vec<_>) = list.into_iter().partition(|one| one.equivalent.is_none());
    let noticed = run.noticed(&told);
    let finding = |one: &mutant::Mutant| finding(&checked, one);
    let mut operators: Vec<(&'static str, usize, usize)> = Vec::new();
    for (one, noticed) in told.iter().zip(&noticed) {
        match operators.iter_mut().find(|(known, ..)| *known == one.operator) {
            Some((_, all, some)) => (*all, *some) = (*all + 1, *some + usize::from(*noticed)),
            None => operators.push((one.operator, 1, usize::from(*noticed))),
        }
    }
    operators.sort_unstable();
    let left = told.iter().zip(&noticed).filter(|(_, noticed)| !**noticed);
    let mut survivors: Vec<Finding> = left.map(|(one, _)| finding(one)).collect();
    survivors.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    let why = |one: &mutant::Mutant| Some((finding(one), one.equivalent?));
    Ok(Report {
        source: module.name.clone(),
        records: run.records(),
        mutants: told.len(),
        survivors,
        equivalent: equivalent.iter().filter_map(why).collect(),
        operators,
    })
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
