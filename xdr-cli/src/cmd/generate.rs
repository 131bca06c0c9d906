//! `xdr generate`: records that a source must understand, made of its spec, each with the event that it must give.

use std::io::Write;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use xdr_codegen::Style;
use xdr_codegen::diag::near;
use xdr_codegen::ir::Module;
use xdr_workbench::generate::{Generator, Options, Run};

use super::check;
use crate::failure::{DONE, Failure};
use crate::settings;

const HELP: &str = "\
Examples:
  xdr generate citrix-vpn --count 1000 --seed 7 > records.log
  xdr generate citrix-vpn --with-events | head -1        a record and the event it must give
  xdr generate cisco-anyconnect --message 113005 --count 20
  xdr generate teleport --hostile --with-events          what must hold of harmful records
  xdr generate acme-vpn --dir my-specs                   a spec that is not compiled in

The records are made from the spec: each message, template, optional piece, value map and
form of header has its turn. Their events are worked out from the values that were chosen,
not by mapping; this run gives the same:
  xdr generate citrix-vpn --count 1000 > records.log
  xdr normalize --source citrix-vpn --received-at 2024-03-14T08:00:00Z records.log
With --with-events a line is {\"record\":…,\"event\":…}; issues in it have no reason. Harmful
records have {\"attack\":…,\"must\":…} in place of the event; one that is not UTF-8 is in
hexadecimal digits, as `recordHex`.

The same spec, count and seed give the same bytes. Standard error says what the records do
not show, and why.

Exit status: 0 done, 1 the spec has errors or no record can be made of it, 2 wrong usage.";

/// Make records of a source from its spec, with the events that they must give.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub(crate) struct GenerateArgs {
    /// The source: a folder of --dir, or the path of a folder that holds a spec.yaml
    ///
    /// The spec is read from its folder; the program holds only what was generated from it.
    #[arg(value_name = "NAME")]
    name: String,

    /// The folder that holds one folder a source
    #[arg(long, value_name = "DIR", default_value = "./mapping-specs")]
    dir: PathBuf,

    /// How many records
    #[arg(long, value_name = "N", default_value_t = 100)]
    count: usize,

    /// Where chance begins; another number gives other records
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,

    /// Only records of this message, by its key in the catalogue
    #[arg(long, value_name = "KEY")]
    message: Option<String>,

    /// Records that somebody means harm with: forged pairs, repeated keys, cut lines, control characters, bytes that are not
    /// UTF-8, endless fields, deep nesting, records within records
    #[arg(long)]
    hostile: bool,

    /// What a line is
    #[arg(long, value_name = "FORMAT", default_value = "records")]
    format: GenerateFormat,

    /// Print each record with what it must become; the same as --format ndjson
    #[arg(long)]
    with_events: bool,

    /// The moment of receipt that times without a year follow
    #[arg(long, value_name = "TIME", default_value = "2024-03-14T08:00:00Z", value_parser = settings::moment)]
    received_at: DateTime<Utc>,

    /// Say all that the records do not show, alternatives of templates and values included
    #[arg(long)]
    notes: bool,
}

/// What a line of output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GenerateFormat {
    /// The record
    Records,
    /// A JSON object of the record and its event
    Ndjson,
}

/// Prints records, and on standard error what they do not show.
pub(super) fn run(args: &GenerateArgs, to: &mut dyn Write) -> Result<u8, Failure> {
    let module = module(args)?;
    let options = Options {
        seed: args.seed,
        hostile: args.hostile,
        message: args.message.clone(),
        run: Run::new(args.received_at),
    };
    let mut generator = Generator::new(&module, options).map_err(Failure::usage)?;
    let mut made = 0;
    for pair in generator.by_ref().take(args.count) {
        made += 1;
        if args.with_events || args.format == GenerateFormat::Ndjson {
            serde_json::to_writer(&mut *to, &pair.to_json()).map_err(std::io::Error::from)?;
        } else {
            to.write_all(&pair.record)?;
        }
        to.write_all(b"\n")?;
    }
    to.flush()?;
    report(&generator, args, made)?;
    if made == 0 && args.count > 0 {
        return Err(Failure::failed(format!("no record of `{}` could be made", module.name))
            .help("the notes above say what failed"));
    }
    Ok(DONE)
}

/// What the records show, and what they do not.
fn report(generator: &Generator<'_>, args: &GenerateArgs, made: usize) -> Result<(), Failure> {
    let mut stderr = anstream::stderr().lock();
    let (rows, all_rows) = generator.rows();
    let (kinds, all_kinds) = generator.kinds();
    let notes = generator.notes();
    let shown: Vec<&str> = notes
        .iter()
        .map(String::as_str)
        .filter(|note| args.notes || !note.contains(", alternative "))
        .collect();
    let hidden = notes.len() - shown.len();
    let more = match hidden {
        0 => String::new(),
        _ => format!("note: {hidden} alternatives of templates and values were tried in vain; see --notes\n"),
    };
    let plural = if made == 1 { "" } else { "s" };
    let head = format!(
        "{made} record{plural}; {rows} of {all_rows} rows gave a value, {kinds} of {all_kinds} kinds of records were made\n"
    );
    let shown = shown.into_iter().flat_map(|note| ["note: ", note, "\n"]);
    let text: String = [head.as_str()].into_iter().chain(shown).chain([more.as_str()]).collect();
    stderr.write_all(text.as_bytes()).map_err(|error| Failure::writing("standard error", &error))
}

/// The spec, with all its names resolved.
fn module(args: &GenerateArgs) -> Result<Module, Failure> {
    let folder = PathBuf::from(&args.name);
    if !args.dir.join(&folder).is_dir() {
        check::no_file(&folder)?;
    }
    let dir = if folder.join("spec.yaml").is_file() { &folder } else { &args.dir };
    let inputs = check::load(dir)?;
    let only = (dir == &folder).then(|| inputs.first()).flatten();
    let Some(input) = only.or_else(|| inputs.iter().find(|input| input.name == args.name)) else {
        let names = inputs.iter().map(|input| input.name.as_str());
        let message = format!("there is no spec of `{}` in `{}`", args.name, dir.display());
        return Err(Failure::usage(message).suggest(near(&args.name, names)));
    };
    xdr_codegen::resolve(input).map_err(|checked| {
        let found = xdr_codegen::render(&checked, Style::Plain);
        Failure::failed(format!("the spec of `{}` has errors\n{}", input.name, found.trim_end()))
    })
}
