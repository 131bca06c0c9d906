//! A configuration that shows every key.

use std::fmt::Write;

use super::{LONGEST_RECORD, MOST_THREADS};

/// What a key of a source is for, and a value of it. The order is that of the example.
const KEYS: [(&str, &str, &str); 10] = [
    ("zone", "The zone of times that state none, by its name in the tz database.", "\"Europe/London\""),
    ("date-order", "How to read 08/07/2024: `dmy`, `mdy`, or `auto` to let the date tell.", "\"dmy\""),
    ("device-host", "The device, where records name none.", "\"gw.example.com\""),
    (
        "customer-id",
        "Token `customerId` where the guide has a row for it, a UUID.",
        "\"d656b196-edb7-45e6-8485-3748a740d002\"",
    ),
    ("collector-id", "Likewise `collectorId`.", "\"0f8fad5b-d9cb-469f-a165-70867728950e\""),
    ("event-source-id", "Likewise `eventSourceId`.", "\"7c9e6679-7425-40de-944b-e07fc1f90ae7\""),
    (
        "networks",
        "The networks that are local: `private` for those of RFC 1918 and RFC 4193, or `none`.",
        "[\"private\", \"203.0.113.0/24\"]",
    ),
    ("directory", "What is known of users: CSV with a column `user`. Beside this file.", "\"users.csv\""),
    ("geo", "Where addresses are: databases in MaxMind's format. Beside this file.", "[\"city.mmdb\"]"),
    ("tags", "Labels that every event gets.", "[\"dmz\"]"),
];

/// The example, with a table of settings for each of `sources`. All but the tables' names is commented out, so it changes nothing
/// before somebody takes a `#` away. `takes` says which source has a use for which key.
pub(crate) fn example(sources: &[&str], takes: impl Fn(&str, &str) -> bool) -> String {
    let mut text =
        "# Settings of xdr, for `--config`. What the command line says wins.\n\n[limits]\n".to_owned();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "# The longest record, in bytes; 1 to {LONGEST_RECORD}.\n#max-record = 1048576");
    let _ = writeln!(
        text,
        "# How many threads map records; 1 to {MOST_THREADS}. Absent: one for each processor.\n#threads = 2"
    );
    let mut told = Vec::new();
    for source in sources {
        let _ = writeln!(text, "\n[sources.{source}]");
        for (key, what, value) in KEYS.into_iter().filter(|(key, ..)| takes(source, key)) {
            if !told.contains(&key) {
                told.push(key);
                let _ = writeln!(text, "# {what}");
            }
            let _ = writeln!(text, "#{key} = {value}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;
    use crate::enrich;
    use crate::settings::Key;

    #[test]
    fn the_example_shows_every_key_and_is_right_with_and_without_its_hashes() {
        let shown: Vec<&str> = KEYS.iter().map(|(key, ..)| *key).collect();
        let known: Vec<&str> = Key::ALL
            .map(Key::in_file)
            .into_iter()
            .chain(enrich::Key::ALL.map(enrich::Key::in_file))
            .collect();
        assert_eq!(shown, known);
        let sources = ["acme-vpn", "acme-edr"];
        let text = example(&sources, |source, key| source == "acme-edr" || key != "networks");
        let (vpn, edr) = text.split_at(text.find("[sources.acme-edr]").unwrap_or_default());
        assert!(!vpn.contains("networks") && edr.contains("# The networks that are local"));
        assert_eq!(check("xdr.toml", &text, &sources).1, []);
        let used: String = text
            .lines()
            .map(|line| if line.starts_with("# ") { line } else { line.trim_start_matches('#') })
            .flat_map(|line| [line, "\n"])
            .collect();
        let (config, findings) = check("xdr.toml", &used, &sources);
        assert_eq!(findings, []);
        assert!(config.limits.max_record.is_some() && config.limits.threads.is_some());
        assert_eq!(config.source("acme-edr").zone, Some(chrono_tz::Europe::London));
    }
}
