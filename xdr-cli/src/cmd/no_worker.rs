//! What stands in for `xdr worker` in a program that was built without it.

use clap::Args;

use crate::failure::Failure;

/// Map messages of a broker (not in this build).
///
/// Build it with `cargo build --release --features nats`, or `kafka`, or both.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  cargo build --release --features nats
  xdr worker --group xdr --input 'logs.>' --output events --rejects rejects")]
pub(crate) struct WorkerArgs {
    /// Whatever it is told
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    rest: Vec<String>,
}

/// Says how to build a program that has it.
pub(super) fn run(args: &WorkerArgs) -> Result<u8, Failure> {
    let asked = args.rest.join(" ");
    let transport = if asked.contains("kafka://") { "kafka" } else { "nats" };
    Err(Failure::usage("this xdr was built without `xdr worker`")
        .help(format!("build it with `cargo build --release --features {transport}`")))
}
