//! `bench`: makes up records, checks the contestants and measures them.

mod cli;

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use xdr_bench::corpus::Corpus;
use xdr_bench::run::{self, Plan};
use xdr_bench::{contestants, generate, plot, scale as scaling};

use crate::cli::{Cli, Command, GenerateArgs, RunArgs, ScaleArgs, ThreadsArgs};

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Generate(args) => generate(&args).map(|()| true),
        Command::Run(args) => measure(args),
        Command::Threads(args) => threads(&args),
        Command::Scale(args) => scale(args).map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Nobody is left to be told that standard error is closed.
            let _ = writeln!(io::stderr(), "bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn generate(args: &GenerateArgs) -> Result<(), String> {
    fs::create_dir_all(&args.folder).map_err(|error| at(&args.folder, &error))?;
    for name in generate::sources() {
        let file = args.folder.join(format!("{name}.log"));
        let bytes = generate::corpus(name, args.records).unwrap_or_default();
        fs::write(&file, &bytes).map_err(|error| at(&file, &error))?;
        say(&format!("{}: {} records, {} bytes\n", file.display(), args.records, bytes.len()))?;
    }
    Ok(())
}

/// Whether every contestant has a figure.
fn measure(args: RunArgs) -> Result<bool, String> {
    let plan = Plan { rounds: usize::from(args.rounds), only: args.only, program: args.program };
    if let Some(folder) = &args.plots {
        fs::create_dir_all(folder).map_err(|error| at(folder, &error))?;
    }
    let (mut all, mut figures) = (true, Vec::new());
    for name in sources(args.source) {
        let corpus = match &args.corpus {
            Some(folder) => Corpus::from_folder(&name, folder)?,
            None => Corpus::made_up(&name, args.records)?,
        };
        let report = run::run(&corpus, &plan)?;
        all &= report.lines.iter().all(|line| line.rounds.is_some());
        say(&format!("{}\n", report.table()))?;
        if let Some(folder) = &args.plots {
            plot::draw(&report, &folder.join(format!("{name}.svg")))?;
        }
        figures.push(report.json());
    }
    if let Some(file) = &args.json {
        fs::write(file, format!("{:#}\n", serde_json::Value::from(figures)))
            .map_err(|error| at(file, &error))?;
    }
    Ok(all)
}

/// Whether every contestant has a figure.
fn threads(args: &ThreadsArgs) -> Result<bool, String> {
    let mut all = true;
    for name in sources(args.source.clone()) {
        let corpus = Corpus::made_up(&name, args.records)?;
        let mut contestants = contestants::threads(&args.program)?;
        let report = run::report(&corpus, &mut contestants, usize::from(args.rounds))?;
        all &= report.lines.iter().all(|line| line.rounds.is_some());
        say(&report.table())?;
        let ours = report.speed_up("xdr 1 thread", "xdr 2 threads");
        if let (Some(ours), Some(copy)) = (ours, report.speed_up("memcpy 1 thread", "memcpy 2 threads")) {
            let of = ours / copy;
            say(&format!(
                "\nspeed-up of 2 threads: xdr {ours:.2}, memcpy {copy:.2}; xdr ÷ memcpy {of:.2}\n"
            ))?;
        }
        say("\n")?;
    }
    Ok(all)
}

fn scale(args: ScaleArgs) -> Result<(), String> {
    let ScaleArgs { only, workspace, work, records, rounds, json } = args;
    let plan = scaling::Plan { workspace, work, records, rounds: usize::from(rounds) };
    let mut figures = serde_json::Map::new();
    for part in scaling::PARTS.into_iter().filter(|part| only.as_ref().is_none_or(|only| only == part)) {
        figures.insert(part.to_owned(), scaling::run(part, &plan, &say)?);
    }
    json.map_or(Ok(()), |file| {
        let text = format!("{:#}\n", serde_json::Value::from(figures));
        fs::write(&file, text).map_err(|error| at(&file, &error))
    })
}

/// The sources that were named, or all.
fn sources(named: Vec<String>) -> Vec<String> {
    if named.is_empty() { generate::sources().map(str::to_owned).collect() } else { named }
}

fn say(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| format!("standard output: {error}"))
}

fn at(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}
