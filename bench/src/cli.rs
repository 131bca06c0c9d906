//! The command line.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};
use xdr_bench::contestants::NAMES;
use xdr_bench::{generate, scale};

/// Measures xdr beside other ways to the same events.
#[derive(Debug, Parser)]
#[command(name = "bench", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Generate(GenerateArgs),
    Run(RunArgs),
    Threads(ThreadsArgs),
    Scale(ScaleArgs),
}

/// Write made-up records of all sources, one file a source: DIR/SOURCE.log
#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// Records of each source
    #[arg(long, default_value_t = 200_000)]
    pub(crate) records: usize,

    /// The folder, which is made if it is not there
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}

/// Check all contestants against xdr, then measure them side by side
///
/// A contestant whose events are not xdr's has no figure, and the run ends with status 1.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Rounds; each contestant has its turn in each
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) rounds: u16,

    /// Only these sources; by default all
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(generate::sources()))]
    pub(crate) source: Vec<String>,

    /// Only these contestants; by default all. Ratios need `vrl`
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(NAMES))]
    pub(crate) only: Vec<String>,

    /// Records of each source that are made up
    #[arg(long, default_value_t = 200_000)]
    pub(crate) records: usize,

    /// Read SOURCE.log of this folder instead of making records up
    #[arg(long, value_name = "DIR", conflicts_with = "records")]
    pub(crate) corpus: Option<PathBuf>,

    /// The release binary of xdr; without it the program is not measured
    #[arg(long, value_name = "FILE")]
    pub(crate) program: Option<PathBuf>,

    /// Write the raw figures to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,

    /// Write one chart a source, DIR/SOURCE.svg
    #[arg(long, value_name = "DIR")]
    pub(crate) plots: Option<PathBuf>,
}

/// Measure what a second thread brings to the program, beside what it brings to the copying of lines
#[derive(Debug, Args)]
pub(crate) struct ThreadsArgs {
    /// Rounds; each contestant has its turn in each
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) rounds: u16,

    /// Only these sources; by default all
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(generate::sources()))]
    pub(crate) source: Vec<String>,

    /// Records of each source that are made up
    #[arg(long, default_value_t = 200_000)]
    pub(crate) records: usize,

    /// The release binary of xdr
    #[arg(long, value_name = "FILE")]
    pub(crate) program: PathBuf,
}

/// Measure how the compiler scales, on a copy of the workspace: figures of each source, of 1 to 500 specs, of 10 and 1,000 messages
#[derive(Debug, Args)]
pub(crate) struct ScaleArgs {
    /// Only this part; by default all
    #[arg(long, value_name = "PART", value_parser = PossibleValuesParser::new(scale::PARTS))]
    pub(crate) only: Option<String>,

    /// The workspace
    #[arg(long, value_name = "DIR", default_value = "..")]
    pub(crate) workspace: PathBuf,

    /// The folder for the copy and what is built of it; what is there is used again
    #[arg(long, value_name = "DIR", default_value_os_t = std::env::temp_dir().join("xdr-scale"))]
    pub(crate) work: PathBuf,

    /// Records of a turn of the messages
    #[arg(long, default_value_t = 200_000)]
    pub(crate) records: usize,

    /// Rounds of the messages
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) rounds: u16,

    /// Write the raw figures to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}
