//! `xdr schema`: the JSON Schemas of specs and catalogues.

use std::io::Write;

use clap::{Args, ValueEnum};
use xdr_workbench::schema;

use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  xdr schema spec > mapping-specs/spec.schema.json
  xdr schema catalogue > mapping-specs/catalogue.schema.json

A spec names its schema in its first line, for editors with yaml-language-server:
  # yaml-language-server: $schema=../spec.schema.json
`xdr tokens --format json-schema` is the schema of events.";

/// Print the JSON Schema of specs or of catalogues, for editors.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct SchemaArgs {
    /// Of which files
    #[arg(value_name = "OF")]
    of: Of,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Of {
    /// Of spec.yaml
    Spec,
    /// Of the catalogues beside it
    Catalogue,
}

/// Prints the schema.
pub(super) fn run(args: &SchemaArgs, to: &mut dyn Write) -> Result<u8, Failure> {
    let schema = match args.of {
        Of::Spec => schema::spec(),
        Of::Catalogue => schema::catalogue(),
    };
    super::json(to, &schema)
}
