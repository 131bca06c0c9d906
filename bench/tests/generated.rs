//! The generated records are what they are meant to be: records that xdr understands, the same ones each time.

use xdr_bench::generate;
use xdr_runtime::ndjson::Keep;
use xdr_runtime::record::Status;
use xdr_runtime::settings::Settings;

const RECORDS: usize = 2_000;

#[test]
fn more_than_99_of_100_records_are_mapped_and_none_is_rejected() {
    let settings = Settings::new("2024-04-01T00:00:00Z".parse().expect("a time"));
    let keep = Keep { unmapped: true, raw: false };
    for name in generate::sources() {
        let source = xdr_sources::source(name).expect("a source that is compiled in");
        let corpus = generate::corpus(name, RECORDS).expect("records of it");
        let mut mapped = 0;
        let mut odd = Vec::new();
        for line in corpus.strip_suffix(b"\n").expect("a last line break").split(|byte| *byte == b'\n') {
            let mut out = Vec::new();
            let outcome = source.normalize(line, 0, &settings, keep, &mut out);
            assert_ne!(outcome.status, Some(Status::Rejected), "{name}: {}", String::from_utf8_lossy(line));
            mapped += usize::from(outcome.status == Some(Status::Mapped));
            if outcome.status != Some(Status::Mapped) || !outcome.issues.is_empty() {
                odd.push(String::from_utf8_lossy(line).into_owned());
            }
        }
        assert!(mapped * 100 > RECORDS * 99, "{name}: {mapped} of {RECORDS} mapped; {:?}", odd.first());
        assert!(odd.len() * 100 < RECORDS, "{name}: {} with issues; {:?}", odd.len(), odd.first());
    }
}

#[test]
fn the_same_records_each_time() {
    for name in generate::sources() {
        let first = generate::corpus(name, 100);
        assert!(first.is_some());
        assert_eq!(first, generate::corpus(name, 100), "{name}");
        // A longer corpus begins with the shorter one.
        let longer = generate::corpus(name, 200).expect("records");
        assert!(longer.starts_with(&first.expect("records")), "{name}");
    }
    assert_eq!(generate::corpus("nobody", 1), None);
}
