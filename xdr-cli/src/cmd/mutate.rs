//! `xdr mutate`: which changes of a spec nothing notices.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use xdr_codegen::Style;
use xdr_workbench::mutate::{self, Finding, Operator, Report};

use super::r#try::{folder, samples};
use crate::cli::ListFormat;
use crate::failure::{DONE, FAILED, Failure};
use crate::text::{columns, count};

const EXAMPLES: &str = "\
Examples:
  xdr mutate acme-vpn                                  mapping-specs/acme-vpn
  xdr mutate examples/acme-vpn --min 95                for CI: fails below 95 %
  xdr mutate acme-vpn --format json | jq -r '.survivors[] | \"\\(.file):\\(.line)\"'

A mutant is noticed if the snapshot of some sample would differ, or a row of the table of
messages (`xdr messages`). What neither notices is not tested: write a sample that needs it,
or drop it from the spec. A row says that a change would be noticed; that the row is right
is known only by reading it.

JSON is an object of
  {\"source\":…,\"records\":…,\"rows\":…,\"mutants\":…,\"noticed\":…,\"byTable\":…,\"score\":…,
   \"operators\":[{\"name\",\"mutants\",\"noticed\",\"byTable\"}],
   \"survivors\":[{\"operator\",\"what\",\"file\",\"line\",\"column\"}],\"equivalent\":[{…,\"why\"}]}

Exit status: 0 done, 1 the spec has errors, or fewer mutants are noticed than --min asks
for, 2 wrong usage.";

/// Change a spec in small ways and say which changes nothing notices.
///
/// Rows are dropped, dates swapped, ranges shifted, captures renamed and so on, one change at a time; the samples and the rows of the table of
/// messages are mapped by each.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct MutateArgs {
    /// The source: its name below ./mapping-specs, or its folder
    #[arg(value_name = "NAME|DIR")]
    source: PathBuf,

    /// The share of mutants, in percent, that must be noticed
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    min: Option<u8>,

    /// Text for people, or an object
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ListFormat,
}

/// Prints which mutants no sample notices.
pub(super) fn run(args: &MutateArgs, to: &mut dyn Write) -> Result<u8, Failure> {
    let dir = place(&args.source);
    let input = folder(&dir)?;
    let mut files = Vec::new();
    for path in samples(&dir)? {
        files.push(
            std::fs::read(&path)
                .map_err(|error| Failure::reading(format!("`{}`", path.display()), &error))?,
        );
    }
    let report = match mutate::run(&input, &files, 1) {
        Ok(report) => report,
        Err(checked) => {
            writeln!(to, "{}", xdr_codegen::render(&checked, Style::Plain).trim_end())?;
            return Ok(FAILED);
        }
    };
    match args.format {
        ListFormat::Json => drop(super::json(to, &shown(&report))?),
        ListFormat::Text => text(&report, to)?,
    }
    match args.min {
        Some(min) if report.score() < f64::from(min) => {
            // The report says the rest.
            to.flush()?;
            let message =
                format!("{:.1} % of the mutants are noticed, and --min asks for {min} %", report.score());
            Err(Failure::failed(message))
        }
        _ => Ok(DONE),
    }
}

/// The folder of a source: a folder with a spec, or that of this name among the project's.
pub(super) fn place(source: &Path) -> PathBuf {
    let named = Path::new("mapping-specs").join(source);
    if !source.join("spec.yaml").is_file() && named.join("spec.yaml").is_file() {
        named
    } else {
        source.to_owned()
    }
}

fn text(report: &Report, to: &mut dyn Write) -> std::io::Result<()> {
    let place = |one: &Finding| format!("{}:{}:{}", one.file, one.line, one.column);
    if !report.survivors.is_empty() {
        writeln!(to, "nothing notices")?;
        let rows: Vec<_> = report
            .survivors
            .iter()
            .map(|one| [format!("  {}", place(one)), one.operator.to_owned(), one.what.clone()])
            .collect();
        columns(&rows).iter().try_for_each(|line| writeln!(to, "{line}"))?;
    }
    let mut reasons: Vec<(&str, u64)> = Vec::new();
    for (_, why) in &report.equivalent {
        match reasons.iter_mut().find(|(known, _)| known == why) {
            Some((_, times)) => *times += 1,
            None => reasons.push((why, 1)),
        }
    }
    for (why, times) in reasons {
        writeln!(to, "left out: {}, as {why}", count(times, "mutant"))?;
    }
    let row = |one: &Operator| {
        let by_table = if one.table == 0 { String::new() } else { format!("{} by the table", one.table) };
        let noticed = one.samples + one.table;
        [format!("  {}", one.name), format!("{noticed:>6} of {}", one.mutants), by_table]
    };
    let operators: Vec<_> = report.operators.iter().map(row).collect();
    columns(&operators).iter().try_for_each(|line| writeln!(to, "{}", line.trim_end()))?;
    let mutants = count(report.mutants() as u64, "mutant");
    let records = count(report.records as u64, "record");
    write!(to, "{}: {} of {mutants} noticed", report.source, report.noticed())?;
    if report.rows == 0 {
        writeln!(to, " by {records}, {:.1} %", report.score())
    } else {
        let rows = count(report.rows as u64, "row");
        let (samples, table) = (report.by_samples(), report.by_table());
        let score = report.score();
        writeln!(to, ", {samples} by {records}, {table} more by the {rows} of its messages, {score:.1} %")
    }
}

#[derive(Serialize)]
struct Shown<'r> {
    source: &'r str,
    records: usize,
    rows: usize,
    mutants: usize,
    noticed: usize,
    #[serde(rename = "byTable")]
    by_table: usize,
    score: f64,
    operators: Vec<ShownOperator>,
    survivors: Vec<Mutant<'r>>,
    equivalent: Vec<Mutant<'r>>,
}

#[derive(Serialize)]
struct ShownOperator {
    name: &'static str,
    mutants: usize,
    noticed: usize,
    #[serde(rename = "byTable")]
    by_table: usize,
}

#[derive(Serialize)]
struct Mutant<'r> {
    operator: &'static str,
    what: &'r str,
    file: &'r str,
    line: usize,
    column: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
}

fn shown(report: &Report) -> Shown<'_> {
    let operator = |one: &Operator| ShownOperator {
        name: one.name,
        mutants: one.mutants,
        noticed: one.samples + one.table,
        by_table: one.table,
    };
    Shown {
        source: &report.source,
        records: report.records,
        rows: report.rows,
        mutants: report.mutants(),
        noticed: report.noticed(),
        by_table: report.by_table(),
        score: (report.score() * 10.0).round() / 10.0,
        operators: report.operators.iter().map(operator).collect(),
        survivors: report.survivors.iter().map(|one| mutant(one, None)).collect(),
        equivalent: report.equivalent.iter().map(|(one, why)| mutant(one, Some(why))).collect(),
    }
}

fn mutant<'r>(one: &'r Finding, why: Option<&'static str>) -> Mutant<'r> {
    let Finding { operator, what, file, line, column } = one;
    Mutant { operator, what, file, line: *line, column: *column, why }
}
