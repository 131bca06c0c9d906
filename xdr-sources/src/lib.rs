//! The sources that are compiled in: a module for each folder of `mapping-specs/`, and their registry.
//!
//! The modules are written by the build script; nothing else is here, so that a change of a spec compiles them again and little more.
//!
//! ```
//! use xdr_runtime::record::Scratch;
//! use xdr_runtime::settings::Settings;
//!
//! let source = xdr_sources::source("teleport").ok_or("not compiled in")?;
//! let settings = Settings::new("2024-03-14T07:08:09Z".parse()?);
//! let record = br#"{"event":"session.start","code":"T2000I","user":"kim","time":"2024-03-14T07:08:09.5Z"}"#;
//! let scratch = Scratch::new();
//! let event = source.event(record, 0, &settings, &scratch)?;
//! assert_eq!(event.user_name(), Some("kim"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use xdr_runtime::engine::{Registry, Source};

/// The modules that `xdr-codegen` wrote, one a source, and their registry.
pub mod generated {
    include!(concat!(env!("OUT_DIR"), "/sources.rs"));
}

/// Every source that is compiled in, with its generated Rust.
pub static REGISTRY: Registry = Registry { sources: generated::SOURCES, expanded: generated::EXPANDED };

/// Every source that is compiled in, sorted by name.
pub fn sources() -> &'static [Source] {
    REGISTRY.sources
}

/// The source of this name.
pub fn source(name: &str) -> Option<&'static Source> {
    REGISTRY.source(name)
}
