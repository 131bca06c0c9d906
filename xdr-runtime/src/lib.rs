//! Reads records of every compiled source and maps them to events.
//!
//! The generated modules of [`sources`](mod@generated) say what a record is; this crate is what they call: [`format`](mod@format) takes
//! texts apart, [`decode`] and [`catalogue`] run a spec's steps, [`map`] makes typed values, [`engine`] runs a source over
//! records. Nothing here knows a vendor.
//!
//! ```
//! use xdr_runtime::record::Scratch;
//! use xdr_runtime::settings::Settings;
//!
//! let source = xdr_runtime::source("teleport").ok_or("not compiled in")?;
//! let settings = Settings::new("2024-03-14T07:08:09Z".parse()?);
//! let record = br#"{"event":"session.start","code":"T2000I","user":"kim","time":"2024-03-14T07:08:09.5Z"}"#;
//! let scratch = Scratch::new();
//! let event = source.event(record, 0, &settings, &scratch)?;
//! assert_eq!(event.user_name(), Some("kim"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![warn(clippy::indexing_slicing, clippy::string_slice, clippy::cast_possible_truncation)]

extern crate self as xdr_runtime;

pub mod catalogue;
pub mod decode;
pub mod engine;
pub mod enrich;
pub mod field;
pub mod format;
pub mod info;
pub mod lookup;
pub mod map;
pub mod ndjson;
pub mod record;
pub mod settings;
pub mod sink;

/// The modules that `xdr-codegen` wrote, one a source, and their registry.
pub mod generated {
    include!(concat!(env!("OUT_DIR"), "/sources.rs"));
}

pub use xdr_model;

use engine::Source;

/// Every source that is compiled in, sorted by name.
pub fn sources() -> &'static [Source] {
    generated::SOURCES
}

/// The source of this name.
pub fn source(name: &str) -> Option<&'static Source> {
    sources().iter().find(|source| source.info.name == name)
}

/// The generated Rust of the source of this name.
pub fn expanded(name: &str) -> Option<&'static str> {
    generated::EXPANDED.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
