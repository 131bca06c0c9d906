//! The `xdr` program with the sources that are compiled in. What it does is in `xdr-cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    xdr_cli::main(&xdr_sources::REGISTRY)
}
