//! The command line: commands, options and the help texts that teach them.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use clap::builder::{PossibleValuesParser, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use xdr_model::time::DateOrder;
use xdr_runtime::ndjson::Keep;

use crate::cmd::check::CheckArgs;
use crate::cmd::config::ConfigArgs;
use crate::cmd::coverage::CoverageArgs;
use crate::cmd::diff::DiffArgs;
use crate::cmd::generate::GenerateArgs;
use crate::cmd::lock::LockArgs;
use crate::cmd::man::ManArgs;
use crate::cmd::mutate::MutateArgs;
use crate::cmd::schema::SchemaArgs;
use crate::cmd::site::SiteArgs;
use crate::cmd::r#try::TryArgs;
use crate::config::{LONGEST_RECORD, Limits, MOST_THREADS};
use crate::enrich::EnrichArgs;
use crate::settings::{self, Assignment};

const EXAMPLES: &str = "\
Examples:
  xdr sources                                          what can be read
  xdr normalize --source citrix-vpn vpn.log > events   records to events, one JSON object a line
  xdr explain --source citrix-vpn < vpn.log            where each token of a record came from
  xdr help normalize                                   more about a command

Exit status: 0 done, 1 failed, 2 wrong usage, 3 done with rejects under --strict; 130 or
143 when stopped by a signal.";

const STYLES: Styles = Styles::styled();

/// Turns the logs of many vendors into events of one schema.
///
/// Each source was compiled from a mapping spec, the transcription of its vendor's data mapping guide. `xdr sources` lists
/// them, `xdr tokens` lists the schema.
#[derive(Debug, Parser)]
#[command(name = "xdr", version, arg_required_else_help = true, styles = STYLES)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Normalize(NormalizeArgs),
    Replay(ReplayArgs),
    Try(TryArgs),
    Mutate(MutateArgs),
    Messages(crate::cmd::messages::MessagesArgs),
    Explain(ExplainArgs),
    New(crate::cmd::new::NewArgs),
    Check(CheckArgs),
    Lock(LockArgs),
    Diff(DiffArgs),
    Guide(GuideArgs),
    Expand(ExpandArgs),
    Schema(SchemaArgs),
    Generate(GenerateArgs),
    Sources(SourcesArgs),
    Tokens(TokensArgs),
    Config(ConfigArgs),
    Coverage(CoverageArgs),
    Worker(Box<crate::cmd::worker::WorkerArgs>),
    Site(SiteArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

const NORMALIZE: &str = "\
Examples:
  xdr normalize --source cisco-anyconnect asa.log > events.ndjson
  zcat -f asa.log* | xdr normalize --source cisco-anyconnect --strict > events.ndjson
  xdr normalize --source citrix-vpn --zone Europe/London --date-order dmy ns.log.gz
  xdr normalize --source citrix-vpn --rejects bad.ndjson ns.log > events.ndjson
  xdr normalize --source teleport --compress zstd --output events.ndjson.zst audit.log
  xdr normalize --source teleport --follow --checkpoint state --output events.ndjson audit.log
  xdr normalize --source teleport --set customerId=d656b196-edb7-45e6-8485-3748a740d002 audit.log
  xdr normalize --source teleport --config xdr.toml --quiet - < audit.log
  xdr normalize --source citrix-vpn --geo city.mmdb --directory users.csv ns.log

Output:
  One object a record, in the order of the input. Keys are tokens in the schema's order;
  `xdr` is the account of the record:
    {\"eventTime\":\"2024-03-14T07:08:09Z\",…,\"xdr\":{\"source\":\"citrix-vpn\",\"status\":\"mapped\"}}
  A record of which no event could be made has the status `rejected`, with the reason and
  its raw text (base64 if not UTF-8).
  The same input and settings give the same bytes. --received-at fixes the only setting
  that changes by itself.
  Output is written in whole records. If the disk is full the run fails, and a file ends
  behind its last whole record.

Configuration (--config; `xdr config --example` prints one with every key):
  [limits]
  max-record = 65536
  threads = 2

  [sources.citrix-vpn]
  zone = \"Europe/London\"
  date-order = \"dmy\"
  device-host = \"gw.example.com\"
  customer-id = \"d656b196-edb7-45e6-8485-3748a740d002\"
  networks = [\"private\", \"203.0.113.0/24\"]
  directory = \"users.csv\"
  geo = \"city.mmdb\"
  tags = [\"dmz\"]
  Also collector-id and event-source-id. Files are looked for beside this one. What the
  command line says wins.

Exit status: 0 done, 1 failed, 2 wrong usage, 3 done with rejects under --strict; 130 or
143 when stopped by a signal.";

/// Read records of one source and write events.
///
/// Records are lines; for sources of JSON a line may also hold an array of records, and an object over several lines is put on
/// one by `jq -c .` beforehand. Blank lines are skipped. Events go to standard output, an account of the run goes to standard
/// error.
#[derive(Debug, Args)]
#[command(after_long_help = NORMALIZE)]
pub(crate) struct NormalizeArgs {
    #[command(flatten)]
    pub(crate) source: SourceArg,

    /// Files to read, one after the other; `-` or none: standard input
    ///
    /// gzip and zstd are unpacked; they are known by their first bytes. All files are looked for before the first is read.
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) to: ToArgs,

    /// How many threads map records; 1 to 256 [default: one for each processor]
    ///
    /// What is written does not depend on it. One more thread reads and unpacks; one writes, unless there is only one that maps.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=i64::from(MOST_THREADS)))]
    pub(crate) threads: Option<u16>,

    /// Keep in this file how far the run has come, and go on from there if it is there
    ///
    /// However the run before was ended, each record is in the output once. Needs --output, and files as inputs.
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Option<PathBuf>,

    /// Wait for more at the end of the files, also when they are rotated (renamed, or copied and cut), until a signal comes
    #[arg(long)]
    pub(crate) follow: bool,

    /// The place of the input's first byte, if it is a piece of a longer one
    ///
    /// Places, and so ids, are those of a run over the whole, if the piece begins and ends where a line does.
    #[arg(long, value_name = "BYTES", default_value_t = 0, conflicts_with_all = ["checkpoint", "follow"],
        value_parser = clap::value_parser!(u64).range(..1 << 62))]
    pub(crate) position: u64,

    #[command(flatten)]
    pub(crate) how: HowArgs,

    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
}

const REPLAY: &str = "\
Examples:
  xdr replay rejects.ndjson > events.ndjson
  xdr replay rejects.ndjson --rejects still.ndjson --output events.ndjson
  xdr replay events.ndjson --output mended.ndjson      rejects among events, in their places

A reject holds its source, the record, its place in the input and the moment of receipt. So
with the same settings it becomes the event, with the same eventId, that it would have
become had the spec been so from the start. Give zone, ids and so on as before.
What is rejected again comes out as a reject that can be replayed again. The pieces of a
line that was too long are joined if they follow each other, and judged by --max-record.
Pieces without their beginning, and what an input that broke off left of a record, stay
rejects as they are. Events are passed on as they are.

Exit status: 0 done, 1 failed, also if a line is neither a reject nor an event, 2 wrong
usage, 3 done with rejects under --strict.";

/// Map rejects again, after a spec was mended.
///
/// Reads what `xdr normalize` wrote: rejects, of any source, or events with rejects among them. What they become is written in their
/// order.
#[derive(Debug, Args)]
#[command(after_long_help = REPLAY)]
pub(crate) struct ReplayArgs {
    /// Files to read, one after the other; `-` or none: standard input; gzip and zstd are unpacked
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) to: ToArgs,

    #[command(flatten)]
    pub(crate) how: HowArgs,

    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
}

const EXPLAIN: &str = "\
Examples:
  xdr explain --source cisco-anyconnect \"$(head -n 1 asa.log)\"
  xdr explain --source teleport --format json < audit.log
  jq -r .xdr.raw rejects.ndjson | xdr explain --source citrix-vpn

Places are bytes from the beginning of the record, counted from 0. `eventId` is that of a
record at the beginning of its input.";

/// Tell where each token of a record comes from.
///
/// For each record: its message; each token with its value, the row of the guide that gave it, and the bytes of the record it
/// was made of; what could not be mapped, and why. Of a record that was not understood, the furthest byte that was reached
/// and what was expected there.
#[derive(Debug, Args)]
#[command(after_long_help = EXPLAIN)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    pub(crate) source: SourceArg,

    /// The record; none, or `-`: lines of standard input
    #[arg(value_name = "LINE")]
    pub(crate) line: Option<String>,

    /// Text for people, or one JSON object a record
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ListFormat,

    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
}

const GUIDE: &str = "\
Examples:
  xdr guide juniper-pulse-secure
  xdr guide qualys-endpoint --format json | jq -r '.[] | select(.waived) | .token'

JSON is an array, in the guide's order, of
  {\"section\":\"field|derived|internal|value-map\",\"from\":[…],\"token\":…,\"sample\":…,\"waived\":…}
For value maps `from` is the source's value and `sample` the normalised one. `waived`, the
reason, is there only in rows that are not mapped; `enrich` only in rows whose token is filled
with what no record holds, and says by what.";

/// Print the guide's tables, written back from the compiled spec.
#[derive(Debug, Args)]
#[command(after_long_help = GUIDE)]
pub(crate) struct GuideArgs {
    /// The source; `xdr sources` lists them
    #[arg(value_name = "NAME", value_parser = source_names())]
    pub(crate) name: String,

    /// Tables for people, or an array of rows
    #[arg(long, value_name = "FORMAT", default_value = "markdown")]
    pub(crate) format: GuideFormat,
}

const EXPAND: &str = "\
Examples:
  xdr expand teleport
  xdr expand acme-vpn --dir mapping-specs      compiled now, from the folder's spec";

/// Print the Rust that was generated for a source.
#[derive(Debug, Args)]
#[command(after_long_help = EXPAND)]
pub(crate) struct ExpandArgs {
    /// The source; `xdr sources` lists those compiled in
    #[arg(value_name = "NAME")]
    pub(crate) name: String,

    /// Compile the spec in this folder of specs instead
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

/// List the sources that are compiled in.
///
/// Rows counts the rows of the guide's tables and waived those of them that are not mapped; messages counts the catalogue.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  xdr sources\n  xdr sources --format json | jq -r '.[].name'")]
pub(crate) struct SourcesArgs {
    /// Text for people, or an array of objects
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ListFormat,
}

const TOKENS: &str = "\
Examples:
  xdr tokens
  xdr tokens --format json | jq -r '.[] | select(.sources | length > 3) | .name'
  xdr tokens --format json-schema > event.schema.json";

/// List the tokens of the schema.
///
/// In the schema's order, which is that of the keys of an event, with the sources that have a row for each.
#[derive(Debug, Args)]
#[command(after_long_help = TOKENS)]
pub(crate) struct TokensArgs {
    /// Text for people, an array of objects, or a JSON Schema of events
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: TokensFormat,
}

/// Print a completion script for a shell.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  xdr completions bash > ~/.local/share/bash-completion/completions/xdr"
)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct SourceArg {
    /// The source of the records; `xdr sources` lists them
    #[arg(long = "source", short = 's', value_name = "NAME", value_parser = source_names())]
    pub(crate) name: String,
}

/// Where events and rejects go, and in which form.
#[derive(Debug, Args)]
pub(crate) struct ToArgs {
    /// Write events to this file instead of standard output; it is made or emptied
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Write rejects to this file instead of among the events
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,

    /// Pack events and rejects
    ///
    /// In frames of some hundred kilobytes that hold whole records, so what was written can be unpacked even if the run was killed.
    /// In Parquet files it is the pages that are packed: by zstd with `--compress zstd`, else by snappy.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) compress: Option<Compress>,

    /// The form of events
    #[arg(long, value_name = "FORMAT", default_value = "ndjson")]
    pub(crate) format: EventFormat,

    /// Write Parquet files into folders below --output, one for each `day` of eventTime in UTC, each `source`, or both
    #[arg(long, value_name = "BY", value_delimiter = ',')]
    pub(crate) partition: Vec<By>,
}

/// What becomes of records.
#[derive(Debug, Args)]
pub(crate) struct HowArgs {
    /// What becomes of fields that no row of the guide takes
    #[arg(long, value_name = "WHAT", default_value = "keep")]
    pub(crate) unmapped: Unmapped,

    /// Keep the raw record with every event, as `xdr.raw`
    #[arg(long)]
    pub(crate) raw: bool,

    /// End with status 3 if there was a reject
    #[arg(long)]
    pub(crate) strict: bool,

    /// The longest record, in bytes [default: 1048576, which is 1 MiB]
    ///
    /// A longer line becomes rejects, each with a piece of at most this length.
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..=i64::from(LONGEST_RECORD)))]
    max_record: Option<u32>,

    /// Print no account of the run, and no progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

impl HowArgs {
    /// The longest record, in bytes.
    pub(crate) fn max_record(&self, limits: Limits) -> u32 {
        self.max_record.or(limits.max_record).unwrap_or(1 << 20)
    }

    /// What goes into the account of a record.
    pub(crate) fn keep(&self) -> Keep {
        Keep { unmapped: self.unmapped == Unmapped::Keep, raw: self.raw }
    }
}

/// What a run is told from outside.
#[derive(Debug, Args)]
#[command(next_help_heading = "Settings")]
pub(crate) struct SettingsArgs {
    /// The zone of times that state none, and of zone words with several meanings, by its name in the tz database, such as
    /// `Europe/London` [default: UTC, counted as assumed]
    #[arg(long, value_name = "ZONE", value_parser = settings::zone)]
    pub(crate) zone: Option<Tz>,

    /// How to read dates such as 08/07/2024: day first, month first, or as the date itself tells and else as the product does [default: auto]
    #[arg(long, value_name = "ORDER")]
    pub(crate) date_order: Option<OrderArg>,

    /// The moment of receipt in RFC 3339, such as 2024-03-14T07:08:09Z; times without a year get theirs by it [default: now]
    #[arg(long, value_name = "TIME", value_parser = settings::moment)]
    pub(crate) received_at: Option<DateTime<Utc>>,

    /// Give a token that records do not hold: customerId, collectorId or eventSourceId (UUIDs), or deviceHost where a record names
    /// none; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<Assignment>,

    /// Take the settings of sources, and limits, from this TOML file
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) enrich: EnrichArgs,
}

pub(crate) fn source_names() -> PossibleValuesParser {
    PossibleValuesParser::new(crate::registry::sources().iter().map(|source| source.info.name))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Unmapped {
    /// They travel with the event, as `xdr.unmapped`
    Keep,
    /// They are dropped
    Drop,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Compress {
    /// zstd, level 3
    Zstd,
    /// gzip, level 6; slower and bigger, but read by everything
    Gzip,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EventFormat {
    /// One JSON object a line
    Ndjson,
    /// A Parquet file, named by --output, with a column for each token; only if xdr was built with it
    Parquet,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum By {
    Day,
    Source,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OrderArg {
    /// What only one order allows; else the order the product writes by default, counted as assumed
    Auto,
    /// Day, month, year
    Dmy,
    /// Month, day, year
    Mdy,
}

impl From<OrderArg> for DateOrder {
    fn from(order: OrderArg) -> Self {
        match order {
            OrderArg::Auto => Self::Auto,
            OrderArg::Dmy => Self::Dmy,
            OrderArg::Mdy => Self::Mdy,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TokensFormat {
    Text,
    Json,
    JsonSchema,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GuideFormat {
    Markdown,
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_an_example_in_its_help() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains(&format!("xdr {}", command.get_name())), "{}", command.get_name());
        }
    }
}
