//! A source that is interpreted makes of any record what the compiled one makes of it.

use std::path::Path;
use std::sync::LazyLock;

use xdr_runtime::engine::{Engine, Explanation, Outcome};
use xdr_runtime::ndjson::Keep;
use xdr_runtime::settings::Settings;
use xdr_workbench::interpret::Interpreted;

/// The compiled sources' specs, interpreted, in the order of [`xdr_sources::sources`].
static SOURCES: LazyLock<Vec<Interpreted>> = LazyLock::new(|| {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../mapping-specs");
    let inputs = xdr_codegen::load(&specs).expect("the project's specs");
    inputs.iter().map(|input| Interpreted::load(input).0.expect("a sound spec")).collect()
});

/// The first byte chooses the source, the rest is a line of its log.
pub(crate) fn run(data: &[u8]) {
    let Some((number, line)) = data.split_first() else { return };
    let number = usize::from(*number) % SOURCES.len();
    let (Some(compiled), Some(interpreted)) = (xdr_sources::sources().get(number), SOURCES.get(number))
    else {
        return;
    };
    assert_eq!(compiled.info.name, interpreted.info().name);
    let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let records: Vec<_> = compiled.records(line).collect();
    assert_eq!(records, interpreted.records(line).collect::<Vec<_>>());
    for record in records {
        assert_eq!(made(interpreted, record), made(compiled.engine(), record));
    }
}

fn made(source: &dyn Engine, record: &[u8]) -> (String, Outcome, Explanation) {
    let settings = Settings::new("2024-03-14T08:00:00Z".parse().expect("a time"));
    let mut out = Vec::new();
    let outcome = source.normalize(record, 0, &settings, Keep { unmapped: true, raw: false }, &mut out);
    (String::from_utf8(out).expect("output is UTF-8"), outcome, source.explain(record, &settings))
}
