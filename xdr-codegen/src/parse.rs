//! The first stage: a text becomes an [`ast`].
//!
//! Guaranteed afterwards, when nothing was reported: the text is YAML without what a spec refuses of it, every block has the
//! keys it needs and no others, the source's name and the guide's date have their form, rows of `map` say where they come
//! from, and names are not empty. That names name something is not looked at.

use crate::ast::{self, FanIn, Step};
use crate::diag::{Code, Diagnostic, Diagnostics, quote};
use crate::node::{FromNode, Text};
use crate::source::{FileId, Files};
use crate::yaml;

/// Reads a `spec.yaml`. Everything found is pushed; the spec is given as far as it can be built, and may lack parts
/// whenever [`Diagnostics::has_errors`].
pub fn spec(file: FileId, files: &Files, diags: &mut Diagnostics) -> Option<ast::Spec> {
    let node = yaml::read(file, files, diags)?;
    let spec = ast::Spec::from_node(&node, diags)?;
    source_name(&spec.source, diags);
    for published in spec.guide.published.iter().filter(|date| !is_date(date)) {
        let message = format!("{} is no date", quote(published));
        diags.push(
            Diagnostic::new(Code::BadDate, published.span, message)
                .help("write year, month and day, as in 2024-03-14"),
        );
    }
    for row in &spec.map {
        if row.from.is_none() && !diags.has_error_in(row.span) {
            diags.push(
                Diagnostic::new(Code::MissingKey, row.span, "a row of `map` lacks the key `from`")
                    .help("name the guide's first column; mappings of your own belong under `beyond`"),
            );
        }
    }
    for name in spec_names(&spec) {
        filled(name, diags);
    }
    let rows = spec.map.iter().chain(&spec.internal).chain(&spec.beyond);
    for value in rows.filter_map(|row| row.value.as_ref()).filter(|value| value.text.trim().is_empty()) {
        diags.push(
            Diagnostic::new(Code::Empty, value.span, "a constant may not be empty")
                .help("fill it in, or leave the row away"),
        );
    }
    steps(&spec.decode, diags);
    Some(spec)
}

/// Reads a catalogue file, as [`spec`] reads a spec.
pub fn catalogue(file: FileId, files: &Files, diags: &mut Diagnostics) -> Option<ast::CatalogueFile> {
    let node = yaml::read(file, files, diags)?;
    let catalogue = ast::CatalogueFile::from_node(&node, diags)?;
    let sets = catalogue.messages.iter().flat_map(|(_, message)| message.set.iter());
    let families = catalogue.families.iter().flat_map(|(_, family)| family.set.iter());
    let fields = sets.chain(families).map(|(field, _)| field);
    let keys = catalogue.messages.iter().map(|(key, _)| key);
    let parts = catalogue.parts.iter().map(|(name, _)| name);
    for name in keys.chain(parts).chain(fields) {
        filled(name, diags);
    }
    Some(catalogue)
}

fn filled(name: &Text, diags: &mut Diagnostics) {
    if name.text.trim().is_empty() {
        diags.push(
            Diagnostic::new(Code::Empty, name.span, "a name may not be empty")
                .help("fill it in, or leave the key away"),
        );
    }
}

/// The names of a spec that must not be empty.
fn spec_names(spec: &ast::Spec) -> impl Iterator<Item = &Text> {
    let rows = spec.map.iter().chain(&spec.internal).chain(&spec.beyond).flat_map(|row| {
        let from = row.from.iter().chain(&row.otherwise).flat_map(|texts| texts.iter());
        let others = [&row.token, &row.field, &row.values, &row.waived];
        let tests = row.when.iter().flat_map(|when| when.tests.iter().map(|(field, _)| field));
        from.chain(others.into_iter().flatten()).chain(tests)
    });
    let maps = spec.values.iter().flat_map(|(name, map)| [Some(name), map.from.as_ref(), map.token.as_ref()]);
    let policies = spec.fan_in.iter().flat_map(|(token, policy)| {
        let named = match policy {
            FanIn::Rule(rule) => Some(rule.first.iter().chain(&rule.by)),
            FanIn::First(_) | FanIn::List(_) => None,
        };
        std::iter::once(token).chain(named.into_iter().flatten())
    });
    rows.chain(maps.flatten()).chain(policies)
}

fn steps(list: &[Step], diags: &mut Diagnostics) {
    for step in list {
        match step {
            Step::Syslog(syslog) => {
                let ast::Syslog {
                    host,
                    time,
                    pri,
                    program,
                    pid,
                    msgid,
                    relay,
                    relay_time,
                    before,
                    after,
                    span: _,
                } = syslog;
                let fields = [host, time, pri, program, pid, msgid, relay, relay_time].into_iter().flatten();
                for name in fields.chain(before).chain(after) {
                    filled(name, diags);
                }
            }
            Step::KeyValue(pairs) => {
                let keys = pairs.keys.iter().map(|(key, _)| key);
                for name in keys.chain(&pairs.assign).chain(&pairs.first) {
                    filled(name, diags);
                }
            }
            Step::Cef(cef) => {
                let ast::Cef { prefix, version, vendor, product, device_version, signature, name, .. } = cef;
                let parts =
                    [prefix, version, vendor, product, device_version, signature, name, &cef.severity];
                let keys = cef.keys.iter().map(|(key, _)| key);
                parts.into_iter().flatten().chain(keys).for_each(|name| filled(name, diags));
            }
            Step::Leef(leef) => {
                let ast::Leef { prefix, version, vendor, product, device_version, event, .. } = leef;
                let parts = [prefix, version, vendor, product, device_version, event];
                let keys = leef.keys.iter().map(|(key, _)| key);
                parts.into_iter().flatten().chain(keys).for_each(|name| filled(name, diags));
            }
            Step::Csv(csv) => {
                let keys = csv.keys.iter().map(|(key, _)| key);
                for name in csv.columns.iter().chain(keys).chain(&csv.kind) {
                    filled(name, diags);
                }
            }
            Step::Json(json) => {
                for name in json.paths.iter().map(|(field, _)| field).chain(&json.hand) {
                    filled(name, diags);
                }
            }
            Step::OneOf(lists) => {
                if lists.is_empty() {
                    diags.push(
                        Diagnostic::new(Code::Empty, lists.span, "`one-of` has no list of steps")
                            .help("name a list: `{ plain: [ … ] }`"),
                    );
                }
                for (name, list) in lists.iter() {
                    filled(name, diags);
                    steps(list, diags);
                }
            }
            Step::Catalogue(step) => {
                for name in step.key.iter().chain([&step.file]) {
                    filled(name, diags);
                }
            }
            Step::Template(_) => {}
        }
    }
}

/// Whether a name can be a source's: lower-case words of letters and digits, joined by `-`, the first beginning with a letter.
pub fn is_source_name(name: &str) -> bool {
    let letter = name.starts_with(|first: char| first.is_ascii_lowercase());
    let part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    letter && name.split('-').all(|word| !word.is_empty() && word.bytes().all(part))
}

fn source_name(name: &Text, diags: &mut Diagnostics) {
    if !is_source_name(&name.text) {
        let message = format!("{} is no name of a source", quote(&name.text));
        diags.push(
            Diagnostic::new(Code::BadSourceName, name.span, message)
                .help("use lower-case words of letters and digits joined by `-`, as in `acme-vpn`"),
        );
    }
}

/// Whether it is a day of the calendar in the form `2024-03-14`.
fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut number = |digits: usize| {
        let part = parts.next().filter(|part| part.len() == digits)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u32>().ok())?
    };
    let (Some(year), Some(month), Some(day)) = (number(4), number(2), number(2)) else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=last).contains(&day) && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::render::{Style, render};
    use crate::node::NodeKind;
    use proptest::prelude::*;
    use proptest::sample::{Index, select};

    const SPEC: &str = r#"source: acme-vpn
guide: { title: Acme VPN, published: 2024-03-14, formats: [Syslog] }
device: { type: VPN, vendor: Acme, product: Acme VPN, versions: ["1.0"] }
decode:
  - syslog: { host: Host, time: Time, before: ["acme["] }
  - one-of:
      text: [ template: "acme[{_pid:digits}]: {Verb:word} user={User}" ]
      pairs: [ key-value: { assign: "=", keys: { u: "{User}", m: ["{a} {b}", "{a}"] }, only-known: true } ]
      json: [ json: { envelope: [data], paths: { User: [u, v] }, hand: text, choose: { u: first, i: { highest: score } } } ]
  - catalogue: { key: [Verb, User], file: catalogue.yaml, otherwise: mapped, keyless: match }
map:
  - { from: Time, token: eventTime, sample: "Mar 14 07:08:09",
      as: { time: ["%b %d %H:%M:%S"], year: nearest, zone: device, order: setting, unset: "0" } }
  - { from: [user, name], token: sourceUser, sample: kim, field: User, when: { User: present, Verb: [a, b], x: absent } }
  - { from: Verb, token: action, values: verbs, none: [N/A], decision: as printed }
  - { from: Country, waived: needs a geo database }
internal:
  - { token: deviceType, value: VPN, section: internal }
  - { token: customerId, setting: customerId }
  - { token: eventId, run: event-id }
values:
  verbs: { title: verb, otherwise: keep, fold: case, cases: { permitted: Allow } }
  risk: { from: Risk, token: severity, ranges: { "10": Alert, 0-9: Notice }, over: 0-10, beyond: true }
fan-in:
  userName: first
  participants: list
  sourceUser: { by: Verb, cases: { a: User }, first: [User, name] }
beyond:
  - { from: Address, token: sourceIpv4, as: { socket: sourcePort }, otherwise: sourceIpv6 }
  - { from: Groups, token: groups, as: { split: ", " } }
  - { from: Path, token: fileName, as: base-name }
"#;

    const CATALOGUE: &str = r#"trailing: ". "
parts:
  who: ["Group <{Group}> ", "Group {Group} "]
messages:
  "113039":
    set: { Event Name: session started }
    text: "{@who}started."
  "106100":
    text:
      - { match: "access-list {Policy} denied", set: { Outcome: Failure } }
      - "access-list {Policy} {_rest}"
  LOGIN: { read: pairs, status: partial, note: seen in 2024 }
families:
  "AUT*": { set: { eventType: Authenticate }, status: mapped }
pairs: { separator: " - ", keys: { User: "{User}" }, prefix: Name }
"#;

    fn parsed(text: &str) -> (Option<ast::Spec>, String) {
        let mut files = Files::new();
        let file = files.add("spec.yaml", text);
        let mut diags = Diagnostics::new();
        let spec = spec(file, &files, &mut diags);
        assert!(spec.is_some() || diags.has_errors());
        (spec, render(&diags, &files, Style::Plain))
    }

    /// What is reported for the spec above with a piece replaced.
    fn changed(from: &str, to: &str) -> String {
        assert_eq!(SPEC.matches(from).count(), 1, "{from}");
        parsed(&SPEC.replace(from, to)).1
    }

    #[test]
    fn a_whole_spec_is_read() {
        let (spec, report) = parsed(SPEC);
        assert_eq!(report, "");
        let spec = spec.unwrap();
        let [first, second, ..] = spec.map.as_slice() else { panic!() };
        assert_eq!(&*first.sample.as_ref().unwrap().text, "Mar 14 07:08:09");
        let Some(ast::Conversion::Time(rule)) = &first.conversion else { panic!("{first:?}") };
        assert_eq!(rule.unset.as_ref().unwrap().len(), 1);
        let tests = &second.when.as_ref().unwrap().tests;
        assert!(matches!(
            tests.iter().map(|(_, test)| test).collect::<Vec<_>>().as_slice(),
            [ast::Test::Present(_), ast::Test::Is(_), ast::Test::Absent(_)]
        ));
        let ranges: Vec<_> =
            spec.values.get("risk").unwrap().ranges.iter().map(|(range, _)| &*range.text).collect();
        assert_eq!(ranges, ["10", "0-9"]);
        assert!(matches!(spec.fan_in.get("sourceUser"), Some(FanIn::Rule(rule)) if rule.by.is_some()));
    }

    #[test]
    fn a_whole_catalogue_is_read() {
        let mut files = Files::new();
        let file = files.add("catalogue.yaml", CATALOGUE);
        let mut diags = Diagnostics::new();
        let catalogue = catalogue(file, &files, &mut diags).unwrap();
        assert_eq!(render(&diags, &files, Style::Plain), "");
        let text = catalogue.messages.get("106100").unwrap().text.as_ref().unwrap();
        let templates: Vec<_> = text.iter().map(|entry| entry.template().text.as_str()).collect();
        assert_eq!(templates, ["access-list {Policy} denied", "access-list {Policy} {_rest}"]);
    }

    #[test]
    fn the_spec_in_the_reference_is_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../mapping-specs/README.md");
        let reference = std::fs::read_to_string(path).unwrap();
        let section = reference.split("## A whole spec").nth(1).unwrap();
        let text = section.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let (spec, report) = parsed(text);
        assert_eq!(report, "");
        assert_eq!(spec.unwrap().map.len(), 6);
    }

    #[test]
    fn the_word_present_in_quotes_is_a_text() {
        let (spec, _) = parsed(&SPEC.replace("User: present", "User: \"present\""));
        let spec = spec.unwrap();
        let tests = &spec.map.get(1).unwrap().when.as_ref().unwrap().tests;
        assert!(
            matches!(tests.first(), Some((_, ast::Test::Is(words))) if &*words.first().unwrap().text == "present")
        );
    }

    #[test]
    fn reading_errors_are_shown_in_the_source() {
        let reports = [
            changed("sample: kim", "sample: 10.0"),
            changed("permitted: Allow", "no: Allow"),
            changed("value: VPN", "value: ~"),
            changed("sample: kim", "sample: kim, sample: lee"),
            changed("sample: kim", "sample: &who kim"),
            changed("decision: as printed", "decision: *who"),
            changed("value: VPN", "value: !!str VPN"),
            changed("value: VPN", "<<: { value: VPN }"),
            changed("internal:\n", "---\ninternal:\n"),
            changed("sample: \"Mar 14 07:08:09\"", "sample: Mar: 14: 07"),
            changed("  - { token: deviceType", "\t- { token: deviceType"),
            changed("\"acme[{_pid:digits}]: {Verb:word} user={User}\"", "{User} from {Address}"),
        ];
        insta::assert_snapshot!(reports.concat());
    }

    #[test]
    fn shape_errors_are_shown_in_the_source() {
        let reports = [
            changed("source: acme-vpn", "source: Acme_VPN"),
            changed("published: 2024-03-14", "published: 14.3.2024"),
            changed("published: 2024-03-14", "published: 2023-02-29"),
            changed("vendor: Acme, ", ""),
            changed("token: sourceUser", "tokn: sourceUser"),
            changed("setting: customerId", "setting: customer"),
            changed("run: event-id", "run: record-number"),
            changed("as: base-name", "as: basename"),
            changed("as: base-name", "as: { base-name: x }"),
            changed("as: base-name", "as: split"),
            changed("as: { split: \", \" }", "as: { split: \", \", text: x }"),
            changed("template: \"acme[{_pid:digits}]: {Verb:word} user={User}\"", "template: {User}"),
            changed("one-of:", "oneof:"),
            changed("[data]", "data"),
            changed("i: { highest: score }", "i: last"),
            changed("only-known: true", "only-known: \"true\""),
            changed("- { from: Verb,", "- {"),
            changed("from: Verb", "from: \"\""),
            changed("none: [N/A]", "none: []"),
            changed("by: Verb, ", ""),
            changed("fold: case", "fold: ignore"),
            changed("{ User: present, Verb: [a, b], x: absent }", "{}"),
            changed("value: VPN", "value:"),
        ];
        insta::assert_snapshot!(reports.concat());
    }

    #[test]
    fn everything_wrong_is_reported_at_once() {
        let slips =
            [("token: ", "tokn: "), ("title: ", "titel: "), ("product: ", "colour: "), ("kim", "1.0")];
        let text = slips.iter().fold(SPEC.to_owned(), |text, (right, wrong)| text.replace(right, wrong));
        let mut files = Files::new();
        let file = files.add("spec.yaml", text);
        let mut diags = Diagnostics::new();
        assert!(spec(file, &files, &mut diags).is_none(), "the guide has no title");
        let codes = diags.codes();
        assert_eq!(codes.iter().filter(|&&code| code == Code::UnknownKey).count(), 13, "{codes:?}");
        assert!(codes.contains(&Code::UnquotedTrap), "{codes:?}");
        // What is misspelt is not missing as well.
        assert_eq!(codes.iter().filter(|&&code| code == Code::MissingKey).count(), 1, "{codes:?}");
    }

    #[test]
    fn dates_are_days_of_the_calendar() {
        for (text, expected) in [
            ("2024-02-29", true),
            ("2100-02-29", false),
            ("2000-02-29", true),
            ("2024-04-31", false),
            ("2024-12-31", true),
            ("2024-13-01", false),
            ("2024-1-01", false),
            ("2024-01-00", false),
            ("2024-01-01-01", false),
            ("+024-01-01", false),
            ("", false),
        ] {
            assert_eq!(is_date(text), expected, "{text}");
        }
    }

    fn read_any(bytes: Vec<u8>) {
        let mut files = Files::new();
        let mut diags = Diagnostics::new();
        let Some(file) = files.add_bytes("any", bytes, &mut diags) else {
            assert!(diags.has_errors());
            return;
        };
        let mut others = Diagnostics::new();
        assert!(spec(file, &files, &mut diags).is_some() || diags.has_errors());
        assert!(catalogue(file, &files, &mut others).is_some() || others.has_errors());
        diags.append(others);
        for found in diags.sorted() {
            assert!(found.help.is_some(), "{found:?}");
        }
        for style in [Style::Plain, Style::Colour, Style::Github, Style::Json] {
            let _ = render(&diags, &files, style);
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            read_any(bytes);
        }

        #[test]
        fn mutated_specs_never_panic(
            whole in select(vec![SPEC, CATALOGUE]),
            cuts in proptest::collection::vec((any::<Index>(), 0_usize..6, "[-{}\\[\\]:,\"'#&*! \\n\\tano0.é]{0,3}"), 1..6),
        ) {
            let mut text: Vec<char> = whole.chars().collect();
            for (place, length, piece) in cuts {
                let start = place.index(text.len() + 1);
                let end = (start + length).min(text.len());
                text.splice(start..end, piece.chars());
            }
            read_any(text.into_iter().collect::<String>().into_bytes());
        }

        #[test]
        fn values_of_any_type_in_any_place_never_panic(
            place in any::<Index>(),
            value in select(vec!["", "~", "[]", "{}", "[[x]]", "{x: y}", "x", "'x'", "[{}, [], ~, x]", "{[x]: y}", "*x"]),
        ) {
            let ends: Vec<_> = SPEC.match_indices(": ").map(|(at, _)| at + 2).collect();
            let start = *place.get(&ends);
            let rest = SPEC.get(start..).unwrap();
            let end = start + rest.find([',', '}', '\n']).unwrap();
            read_any(format!("{}{value}{}", SPEC.get(..start).unwrap(), SPEC.get(end..).unwrap()).into_bytes());
        }
    }

    #[test]
    fn refused_nodes_are_reported_once() {
        let mut files = Files::new();
        let file = files.add("spec.yaml", SPEC.replace("Verb: [a, b]", "Verb: [*a, b]"));
        let mut diags = Diagnostics::new();
        assert!(spec(file, &files, &mut diags).is_some());
        assert_eq!(diags.codes(), [Code::Alias]);
        assert_eq!(NodeKind::Refused.what(), "something that is refused");
    }
}
