//! Pairs in real lines, read as far as a draft needs them.

/// A pair of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair<'l> {
    pub(super) key: &'l str,
    pub(super) value: &'l str,
    /// The byte at which the key begins.
    pub(super) at: usize,
    /// Whether a comma or semicolon ends it.
    pub(super) comma: bool,
}

/// The pairs of a text: keys of letters, digits, `_`, `.` and `-`, each behind a blank, a comma, or at the beginning.
pub(super) fn of(text: &str, assign: char) -> Vec<Pair<'_>> {
    let mut starts: Vec<(usize, usize)> = Vec::new();
    let mut quoted_until = 0;
    for (at, found) in text.char_indices() {
        if found != assign || at < quoted_until {
            continue;
        }
        let before = text.get(..at).unwrap_or_default();
        let part =
            |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '-');
        let key = before.trim_end_matches(part).len();
        let opens = before
            .get(..key)
            .is_some_and(|front| front.is_empty() || front.ends_with([' ', '\t', ',', ';', '|', '>']));
        let letter = before
            .get(key..)
            .is_some_and(|name| name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_'));
        // `07:08` and `http://` are no pairs.
        let behind = text.get(at + 1..).unwrap_or_default();
        if key < at && opens && letter && !behind.starts_with("//") {
            starts.push((key, at));
            if let Some(rest) = behind.strip_prefix('"') {
                quoted_until = at + 2 + rest.find('"').unwrap_or(rest.len());
            }
        }
    }
    let ends = starts.iter().skip(1).map(|(key, _)| *key).chain([text.len()]);
    starts.iter().zip(ends).filter_map(|(&(key, at), end)| pair(text, key, at, end)).collect()
}

fn pair(text: &str, key: usize, at: usize, end: usize) -> Option<Pair<'_>> {
    let raw = text.get(at + 1..end)?.trim();
    let bare = raw.trim_end_matches([',', ';', '|']);
    let value = bare.strip_prefix('"').map_or(bare, |rest| rest.split('"').next().unwrap_or(rest));
    Some(Pair { key: text.get(key..at)?, value: value.trim(), at: key, comma: bare.len() < raw.len() })
}

/// The key that CEF gives a name of its dictionary; the name is in lower case, without blanks.
pub(super) fn cef_key(name: &str) -> Option<&'static str> {
    const KEYS: [(&str, &str); 37] = [
        ("sourceaddress", "src"),
        ("destinationaddress", "dst"),
        ("sourceport", "spt"),
        ("destinationport", "dpt"),
        ("sourcehostname", "shost"),
        ("destinationhostname", "dhost"),
        ("sourceusername", "suser"),
        ("destinationusername", "duser"),
        ("sourceuserid", "suid"),
        ("destinationuserid", "duid"),
        ("sourceprocessname", "sproc"),
        ("destinationprocessname", "dproc"),
        ("sourceprocessid", "spid"),
        ("destinationprocessid", "dpid"),
        ("sourcemacaddress", "smac"),
        ("destinationmacaddress", "dmac"),
        ("sourcentdomain", "sntdom"),
        ("destinationntdomain", "dntdom"),
        ("deviceaction", "act"),
        ("applicationprotocol", "app"),
        ("transportprotocol", "proto"),
        ("devicereceipttime", "rt"),
        ("receipttime", "rt"),
        ("starttime", "start"),
        ("endtime", "end"),
        ("deviceaddress", "dvc"),
        ("devicehostname", "dvchost"),
        ("bytesin", "in"),
        ("bytesout", "out"),
        ("message", "msg"),
        ("filename", "fname"),
        ("filesize", "fsize"),
        ("requesturl", "request"),
        ("devicecategory", "cat"),
        ("baseeventcount", "cnt"),
        ("eventoutcome", "outcome"),
        ("devicedirection", "deviceDirection"),
    ];
    of_dictionary(&KEYS, name)
}

/// As [`cef_key`] for the attributes that LEEF names beforehand.
pub(super) fn leef_key(name: &str) -> Option<&'static str> {
    const KEYS: [(&str, &str); 16] = [
        ("severity", "sev"),
        ("eventtime", "devTime"),
        ("devicetime", "devTime"),
        ("username", "usrName"),
        ("sourceipaddress", "src"),
        ("destinationipaddress", "dst"),
        ("sourceport", "srcPort"),
        ("destinationport", "dstPort"),
        ("sourcemacaddress", "srcMAC"),
        ("destinationmacaddress", "dstMAC"),
        ("sourceaddress", "src"),
        ("destinationaddress", "dst"),
        ("category", "cat"),
        ("protocol", "proto"),
        ("sourcebytes", "srcBytes"),
        ("destinationbytes", "dstBytes"),
    ];
    of_dictionary(&KEYS, name)
}

fn of_dictionary(keys: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    keys.iter().find(|(long, _)| *long == name).map(|(_, key)| *key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hide_pairs_and_commas_end_them() {
        let found = of("x: a=1, b=\"c=2, d\", e=http://x/?f=3", '=');
        let found: Vec<_> = found.iter().map(|pair| (pair.key, pair.value, pair.comma)).collect();
        assert_eq!(found, [("a", "1", true), ("b", "c=2, d", true), ("e", "http://x/?f=3", false)]);
    }

    #[test]
    fn long_names_have_the_keys_of_the_dictionaries() {
        assert_eq!((cef_key("sourceport"), leef_key("sourceport")), (Some("spt"), Some("srcPort")));
        assert_eq!((cef_key("severity"), leef_key("severity")), (None, Some("sev")));
    }

    #[test]
    fn clocks_and_links_are_no_pairs() {
        assert_eq!(of("07:08:09 see http://example.com", ':'), []);
        assert_eq!(of("a:1 b:2", ':').len(), 2);
    }
}
