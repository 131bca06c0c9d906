//! The small grammars, and the compiler as a whole: an answer or a finding, never a panic.

use xdr_codegen::{Input, Style, check, path, render, template};
use xdr_model::time::{Clock, DateOrder, TimeRule, Year, Zone, parse_format, read};

/// Formats of the compiled specs, and others that leave more open.
const FORMATS: [&str; 12] = [
    "%b %d %Y %H:%M:%S%.f",
    "%b %d %H:%M:%S%.f %Z",
    "%b %d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f%z",
    "%m/%d/%Y:%H:%M:%S %Z",
    "%d/%m/%Y:%H:%M:%S",
    "%Y/%m/%d:%H:%M:%S",
    "%Y-%m-%d %H:%M:%S{? %z}",
    "%a %b %d %H:%M:%S %Y",
    "%d %b %Y %I:%M:%S %p",
    "%s",
    "%H:%M:%S",
];

/// The first byte chooses the format and what is left open, the others are the text.
pub(crate) fn time(data: &[u8]) {
    let Some((choice, text)) = data.split_first() else { return };
    let choice = usize::from(*choice);
    let text = String::from_utf8_lossy(text);
    let formats: Vec<_> = FORMATS.iter().filter_map(|format| parse_format(format).ok()).collect();
    assert_eq!(formats.len(), FORMATS.len(), "every format is one");
    let (Some(first), Some(second)) =
        (formats.get(choice % formats.len()), formats.get((choice + 1) % formats.len()))
    else {
        return;
    };
    let rule = TimeRule {
        formats: &[first, second],
        zone: [Zone::Stated, Zone::Device, Zone::Utc].get(choice / 12 % 3).copied().unwrap_or(Zone::Utc),
        year: [Year::Stated, Year::Nearest, Year::Past].get(choice / 36 % 3).copied().unwrap_or_default(),
        order_setting: choice.is_multiple_of(2),
        either_order: false,
        alone: 0,
        unset: &[],
    };
    let received = chrono::DateTime::from_timestamp(1_710_400_089, 0).unwrap_or_default();
    let clock = Clock { zone: None, order: DateOrder::Auto, received };
    if let Ok(reading) = read(&rule, &text, &clock) {
        assert_eq!(read(&rule, &text, &clock), Ok(reading));
        assert!(reading.time.digits <= 9);
    }
}

pub(crate) fn time_format(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Err(error) = parse_format(&text) {
        assert!(!error.to_string().is_empty());
    }
}

pub(crate) fn template(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match template::parse(&text) {
        Ok(pieces) => drop(template::always(&pieces)),
        Err(fault) => assert!(fault.at <= text.len(), "the place of a fault is in the text"),
    }
}

pub(crate) fn path(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match path::parse(&text) {
        Ok(keys) => assert!(!keys.is_empty()),
        Err(at) => assert!(at <= text.len(), "the place of a fault is in the text"),
    }
}

/// The spec, and, behind a NUL, its catalogue.
pub(crate) fn compiler(data: &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == 0);
    let mut files = vec![("spec.yaml".to_owned(), parts.next().unwrap_or_default().to_vec())];
    files.extend(parts.next().map(|catalogue| ("catalogue.yaml".to_owned(), catalogue.to_vec())));
    let checked = check(&[Input { name: "acme-vpn".to_owned(), files }]);
    assert!(render(&checked, Style::Plain).len() < 64 << 20);
}
