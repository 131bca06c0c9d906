//! Enrichment adds tokens and changes nothing else: over all samples of all sources.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::collections::BTreeSet;

use support::{KEEP, Members, enriched, samples, settings};
use xdr_model::Token;
use xdr_runtime::enrich::Networks;
use xdr_runtime::record::Scratch;
use xdr_runtime::settings::Settings;
use xdr_sources::sources;

/// The settings with nothing to look up in.
fn bare() -> Settings {
    let mut settings = settings();
    settings.enrichment.networks = Networks::none();
    settings
}

fn members(
    source: &xdr_runtime::engine::Source,
    record: &[u8],
    settings: &Settings,
) -> Vec<(String, String)> {
    let mut out = Vec::new();
    source.normalize(record, 0, settings, KEEP, &mut out);
    let Members(members) = Members::of(std::str::from_utf8(&out).unwrap());
    members.into_iter().map(|(key, value)| (key, value.get().to_owned())).collect()
}

#[test]
fn all_that_is_not_enriched_stays_as_it_is() {
    let (with, without) = (enriched(), bare());
    let mut added = BTreeSet::new();
    for source in sources() {
        let fills: BTreeSet<&str> =
            source.info.enrich.iter().flat_map(|one| one.fills).map(|token| token.name()).collect();
        for record in samples(source.info.name) {
            let (plain, mut full) = (members(source, &record, &without), members(source, &record, &with));
            let keys = full.iter().filter_map(|(key, _)| Token::from_name(key)).map(Token::index);
            let keys: Vec<usize> = keys.collect();
            assert!(keys.is_sorted_by(|one, next| one < next), "{}", String::from_utf8_lossy(&record));
            full.retain(|(key, value)| {
                let stays = plain.contains(&(key.clone(), value.clone()));
                if !stays {
                    assert!(fills.contains(key.as_str()), "{key} of {}", String::from_utf8_lossy(&record));
                    added.insert((source.info.name, key.clone()));
                }
                stays
            });
            let kept: Vec<_> = plain.iter().filter(|(key, _)| key != "tags").collect();
            assert_eq!(full.iter().collect::<Vec<_>>(), kept, "{}", String::from_utf8_lossy(&record));
        }
    }
    let declared: usize =
        sources().iter().flat_map(|source| source.info.enrich).map(|one| one.fills.len()).sum();
    assert_eq!(added.len(), declared, "what is declared is added somewhere: {added:?}");
}

#[test]
fn typed_events_are_enriched_as_lines_are() {
    let settings = enriched();
    for source in sources() {
        for record in samples(source.info.name) {
            let scratch = Scratch::new();
            let Ok(event) = source.event(&record, 0, &settings, &scratch) else { continue };
            let line = members(source, &record, &settings);
            let typed: Vec<_> = event.iter().map(|(token, _)| token.name().to_owned()).collect();
            let keys: Vec<_> = line.into_iter().map(|(key, _)| key).filter(|key| key != "xdr").collect();
            if std::str::from_utf8(&record).is_ok() {
                assert_eq!(typed, keys, "{}", String::from_utf8_lossy(&record));
            }
        }
    }
}
