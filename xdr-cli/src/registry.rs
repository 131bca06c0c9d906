//! The sources that the program has compiled in. It is handed them when it starts, so that a change of a spec compiles the program's
//! own code no more.

use std::sync::OnceLock;

use xdr_runtime::engine::{Registry, Source};

static REGISTRY: OnceLock<&'static Registry> = OnceLock::new();

/// Says what is compiled in. The first call counts.
pub(crate) fn install(registry: &'static Registry) {
    // A second run in one process has the same sources.
    let _ = REGISTRY.set(registry);
}

#[cfg(not(test))]
fn registry() -> Option<&'static Registry> {
    REGISTRY.get().copied()
}

#[cfg(test)]
#[expect(clippy::unnecessary_wraps, reason = "it stands in for the one above")]
fn registry() -> Option<&'static Registry> {
    Some(REGISTRY.get_or_init(|| &xdr_sources::REGISTRY))
}

/// Every source, sorted by name.
pub(crate) fn sources() -> &'static [Source] {
    registry().map_or(&[], |registry| registry.sources)
}

/// The source of this name.
pub(crate) fn source(name: &str) -> Option<&'static Source> {
    registry()?.source(name)
}

/// The generated Rust of the source of this name.
pub(crate) fn expanded(name: &str) -> Option<&'static str> {
    registry()?.expanded(name)
}
