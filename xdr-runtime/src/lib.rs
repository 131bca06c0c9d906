//! Reads records of every compiled source and maps them to events.
//!
//! Modules that `xdr-codegen` writes say what a record is; this crate is what they call: [`format`](mod@format) takes
//! texts apart, [`decode`] and [`catalogue`] run a spec's steps, [`map`] makes typed values, [`engine`] runs a source over
//! records. Nothing here knows a vendor.
#![warn(clippy::indexing_slicing, clippy::string_slice, clippy::cast_possible_truncation)]

pub mod catalogue;
#[cfg(feature = "columns")]
pub mod columns;
pub mod decode;
pub mod engine;
pub mod enrich;
pub mod field;
pub mod format;
pub mod info;
pub mod lookup;
pub mod map;
pub mod ndjson;
pub mod prepare;
pub mod record;
pub mod settings;
pub mod sink;

pub use xdr_model;
