//! `xdr coverage`: what of a spec its samples use.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, ValueEnum};
use xdr_codegen::diag::near;
use xdr_codegen::{Input, Style};
use xdr_workbench::coverage::{Coverage, Figure, measure, report};

use super::check;
use crate::failure::{DONE, FAILED, Failure};
use crate::input;

const COVERAGE: &str = "\
Examples:
  xdr coverage
  xdr coverage cisco-anyconnect
  xdr coverage ./mapping-specs/acme-vpn acme.log
  xdr coverage --format html > coverage.html
  xdr coverage --format cobertura --min-rows 100 --min-branches 90 > coverage.xml

Rows count as used when they give their token a value, messages when their text is read. Branches
are optional pieces (taken, and left out), alternatives, cases and ranges of value maps,
conditions, fallbacks and refusals. `docs/workbench.md` says what each of them is.

Rows that a run fills, by a setting or a directory, count where a record gives what they look up by.

Exit status: 0 done, 1 a figure is below its --min, or a spec has errors.";

/// Show what of specs their samples use, and what they do not.
#[derive(Debug, Args)]
#[command(after_long_help = COVERAGE)]
pub(crate) struct CoverageArgs {
    /// A source below `--specs`, or the folder of a spec; all sources by default
    #[arg(value_name = "NAME")]
    name: Option<String>,

    /// Records to use in place of the spec's own samples (.gz and .zst too)
    #[arg(value_name = "FILES", requires = "name")]
    files: Vec<PathBuf>,

    /// The folder that holds one folder a source
    #[arg(long, value_name = "DIR", default_value = "./mapping-specs")]
    specs: PathBuf,

    /// Text for people, a page, an array of objects, or a report for CI
    #[arg(long, value_name = "FORMAT", default_value = "terminal")]
    format: CoverageFormat,

    /// Fail if a source uses fewer of its rows, in percent
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    min_rows: Option<f64>,

    /// Fail if a source uses fewer of its messages, in percent
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    min_messages: Option<f64>,

    /// Fail if a source uses fewer of its templates, in percent
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    min_templates: Option<f64>,

    /// Fail if a source uses fewer of its branches, in percent
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    min_branches: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CoverageFormat {
    Terminal,
    Html,
    Json,
    Cobertura,
}

fn percent(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| format!("expected a number from 0 to 100, found `{text}`"))?;
    if (0.0..=100.0).contains(&number) {
        Ok(number)
    } else {
        Err(format!("expected a number from 0 to 100, found `{text}`"))
    }
}

/// Prints the report. The status is 1 if a spec has errors or a figure is below its limit.
pub(super) fn run(args: &CoverageArgs, to: &mut dyn Write) -> Result<u8, Failure> {
    let mut all = Vec::new();
    for (folder, input) in inputs(args)? {
        let files = if args.files.is_empty() { samples(&folder)? } else { args.files.clone() };
        let texts = texts(&files)?;
        match measure(&input, texts.iter().flat_map(|text| lines(text))) {
            Ok(coverage) => all.push(coverage),
            Err(checked) => {
                let found = xdr_codegen::render(&checked, Style::Colour);
                let mut stderr = anstream::stderr().lock();
                stderr
                    .write_all(found.as_bytes())
                    .map_err(|error| Failure::writing("standard error", &error))?;
                return Ok(FAILED);
            }
        }
    }
    let text = match args.format {
        CoverageFormat::Terminal => report::terminal(&all),
        CoverageFormat::Html => report::html(&all),
        CoverageFormat::Json => report::json(&all),
        CoverageFormat::Cobertura => {
            let moment = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
            report::cobertura(&all, ".", u64::try_from(moment).unwrap_or_default())
        }
    };
    to.write_all(text.as_bytes())?;
    to.flush()?;
    let missed = missed(args, &all);
    if missed.is_empty() { Ok(DONE) } else { Err(Failure::failed(missed.join("; "))) }
}

/// The specs that are asked for, each with its folder.
fn inputs(args: &CoverageArgs) -> Result<Vec<(PathBuf, Input)>, Failure> {
    let of = |input: &Input| {
        let is_source = args.specs.join("spec.yaml").is_file();
        if is_source { args.specs.clone() } else { args.specs.join(&input.name) }
    };
    let Some(name) = &args.name else {
        let inputs = check::load(&args.specs)?;
        return Ok(inputs.into_iter().map(|input| (of(&input), input)).collect());
    };
    let folder = Path::new(name);
    if !args.specs.join(name).is_dir() {
        check::no_file(folder)?;
    }
    if folder.join("spec.yaml").is_file() {
        let inputs = check::load(folder)?;
        return Ok(inputs.into_iter().map(|input| (folder.to_owned(), input)).collect());
    }
    let inputs = check::load(&args.specs)?;
    let names: Vec<String> = inputs.iter().map(|input| input.name.clone()).collect();
    let Some(input) = inputs.into_iter().find(|input| input.name == *name) else {
        let specs = args.specs.display();
        let message = format!("`{name}` is neither a source in `{specs}` nor the folder of a spec");
        return Err(Failure::usage(message).suggest(near(name, names.iter().map(String::as_str))));
    };
    Ok(vec![(of(&input), input)])
}

/// The samples of a source, in the order of their names.
fn samples(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let folder = folder.join("samples");
    let unreadable = |error: &std::io::Error| Failure::reading(folder.display(), error);
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).map_err(|error| unreadable(&error))? {
        let path = entry.map_err(|error| unreadable(&error))?.path();
        if path.extension().is_some_and(|extension| extension == "log") {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(Failure::failed(format!("there are no samples in `{}`", folder.display()))
            .help("put records into files there whose names end in .log, or name files"));
    }
    Ok(files)
}

/// The contents of files, unpacked.
fn texts(files: &[PathBuf]) -> Result<Vec<Vec<u8>>, Failure> {
    let read = |input: input::Input| {
        let name = input.name.clone();
        let mut text = Vec::new();
        let started = input.start(&Arc::new(AtomicU64::new(0)));
        started
            .and_then(|(mut from, _)| from.read_to_end(&mut text))
            .map_err(|error| Failure::reading(&name, &error))?;
        Ok(text)
    };
    input::open(files)?.into_iter().map(read).collect()
}

/// The lines of a text that are not blank.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty())
}

/// What is below its limit, a text each.
fn missed(args: &CoverageArgs, all: &[Coverage]) -> Vec<String> {
    let limits = [
        (Figure::Rows, args.min_rows),
        (Figure::Messages, args.min_messages),
        (Figure::Templates, args.min_templates),
        (Figure::Branches, args.min_branches),
    ];
    let mut missed = Vec::new();
    for coverage in all {
        for (figure, least) in limits {
            let share = coverage.share(figure);
            if let Some(least) = least.filter(|least| share.percent() < *least) {
                let (source, word, shown) = (&coverage.source, figure.word(), share.shown());
                missed.push(format!("{source} uses {shown} % of its {word}, {least} % are the least"));
            }
        }
    }
    missed
}
