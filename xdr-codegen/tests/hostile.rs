//! Texts that nobody would write: they end soon, with a finding, and never with a panic.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::sample::Index;
use xdr_codegen::diag::Code;
use xdr_codegen::{Checked, Input, Style, check, compile, load, render};

const HEAD: &str =
    "source: acme-vpn\nguide: { title: Acme VPN }\ndevice: { type: VPN, vendor: Acme, product: Acme VPN }\n";
const MAP: &str = "map: [ { from: User, token: sourceUser } ]\n";

/// How long one text may take, with room for a slow machine and a build without optimisation.
const SOON: Duration = Duration::from_secs(60);

fn input(files: &[(&str, &[u8])]) -> Input {
    let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
    Input { name: "acme-vpn".to_owned(), files }
}

fn checked(input: &Input) -> Checked {
    let started = Instant::now();
    let checked = check(std::slice::from_ref(input));
    for style in [Style::Plain, Style::Colour, Style::Github, Style::Json] {
        let report = render(&checked, style);
        assert!(report.len() < 64 << 20, "a report of {} bytes", report.len());
    }
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    checked
}

fn codes(files: &[(&str, &[u8])]) -> Vec<Code> {
    checked(&input(files)).diagnostics.codes()
}

/// So many lines.
fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect::<Vec<_>>().join("\n") + "\n"
}

/// A spec whose only step is this template.
fn with_template(template: &str) -> String {
    format!("{HEAD}decode: [ {{ template: '{template}' }} ]\n{MAP}")
}

#[test]
fn bytes_that_are_no_spec() {
    let brackets = b"[".repeat(10 << 20);
    let nul = [HEAD.as_bytes(), b"decode: \0\n"].concat();
    let marked = [b"\xef\xbb\xbf", HEAD.as_bytes()].concat();
    let laughs = lines(40, |n| format!("a{n}: &a{n} [*a{n}, *a{n}, *a{n}]"));
    let latin = [HEAD.as_bytes(), b"decode: caf\xe9\n"].concat();
    let wide: Vec<u8> = HEAD.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, bytes, code) in [
        ("nothing", &b""[..], Code::EmptyFile),
        ("blanks", b" \n\n \n", Code::EmptyFile),
        ("latin-1", &latin, Code::NotUtf8),
        ("UTF-16", &wide, Code::ControlCharacter),
        ("a program", b"\x7fELF\x02\x01\x01\0\0\0\0\xff\xfe", Code::NotUtf8),
        ("ten MiB of brackets", &brackets, Code::TooBig),
        ("one MiB of brackets", &brackets[..1 << 20], Code::TooDeep),
        ("deep maps", "{a: ".repeat(1 << 16).as_bytes(), Code::TooDeep),
        ("deep blocks", lines(500, |n| format!("{}a:", " ".repeat(n))).as_bytes(), Code::TooDeep),
        ("NUL", &nul, Code::ControlCharacter),
        ("a byte order mark", &marked, Code::ByteOrderMark),
        ("a billion laughs", laughs.as_bytes(), Code::Alias),
        ("a tag bomb", "!".repeat(1 << 16).as_bytes(), Code::NotYaml),
        ("an open quote", format!("{HEAD}x: \"{}", "y".repeat(1 << 20)).as_bytes(), Code::NotYaml),
    ] {
        let found = codes(&[("spec.yaml", bytes)]);
        assert!(found.contains(&code), "{name}: {found:?}");
        // As a catalogue too.
        let spec = format!(
            "{HEAD}decode: [ {{ template: '{{id:digits}} {{*}}' }}, {{ catalogue: {{ key: id, file: catalogue.yaml }} }} ]\n{MAP}"
        );
        let found = codes(&[("spec.yaml", spec.as_bytes()), ("catalogue.yaml", bytes)]);
        assert!(found.contains(&code), "{name} as catalogue: {found:?}");
    }
}

#[test]
fn files_that_are_missing() {
    assert_eq!(codes(&[]), [Code::UnreadableFile]);
    assert_eq!(codes(&[("spec.yml", HEAD.as_bytes())]), [Code::UnreadableFile]);
    let spec = format!(
        "{HEAD}decode: [ {{ template: '{{id}}: {{*}}' }}, {{ catalogue: {{ key: id, file: ../../x.yaml }} }} ]\n{MAP}"
    );
    assert_eq!(codes(&[("spec.yaml", spec.as_bytes())]), [Code::UnknownCatalogue]);
    let own = spec.replace("../../x.yaml", "spec.yaml");
    assert_eq!(codes(&[("spec.yaml", own.as_bytes())]), [Code::UnknownCatalogue]);
}

#[test]
fn long_lines() {
    let long = "x".repeat(1 << 20);
    assert_eq!(codes(&[("spec.yaml", with_template(&format!("{{User}}{long}")).as_bytes())]), []);
    let bad = with_template(&format!("{long}{{User:wrd}}"));
    assert_eq!(codes(&[("spec.yaml", bad.as_bytes())]), [Code::UnknownShape]);
    let many = format!(
        "{HEAD}decode: [ {{ template: '{{User}}' }} ]\nmap: [ {} ]\n",
        "{ from: User }, ".repeat(60_000)
    );
    let found = checked(&input(&[("spec.yaml", many.as_bytes())]));
    assert!(found.diagnostics.codes().iter().all(|code| *code == Code::RowWithoutToken));
    assert_eq!(found.diagnostics.errors(), 60_000, "counted, though not all are kept");
}

#[test]
fn templates_of_many_pieces() {
    for (name, template, expected) in [
        ("optional pieces that may be empty", format!("{{User}}{}", "{?{_x:[a-z]0-1}}".repeat(400)), None),
        ("optional pieces in a row", format!("{{User}}{}", "{? a}".repeat(400)), None),
        ("captures", format!("{{User}} {}", "{_x} ".repeat(900)), None),
        // Each looks for its end from behind: the matcher's budget is spent before all are found.
        ("last captures", format!("{{User}} {}", "{_x:last} ".repeat(900)), Some(Code::ShadowedTemplate)),
        ("huge shapes", format!("{{User}} {}", "{_x:[a-z]65534}".repeat(1500)), None),
        ("alternatives", format!("{{User}} {{|{}z}}", "a|".repeat(500)), None),
        ("too many pieces", format!("{{User}} {}", "{_x:word} ".repeat(100_000)), Some(Code::TemplateSyntax)),
        ("deep braces", "{?".repeat(100_000), Some(Code::TemplateSyntax)),
        ("closing braces", "}".repeat(100_001), Some(Code::TemplateSyntax)),
        ("open braces", "{".repeat(100_001), Some(Code::TemplateSyntax)),
        ("empty words", format!("{{User:{}}}", "|".repeat(100_000)), Some(Code::TemplateSyntax)),
    ] {
        let found = codes(&[("spec.yaml", with_template(&template).as_bytes())]);
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn lists_of_many_templates() {
    let same = lines(20_000, |n| format!("      - 'x{n} {{User}}'"));
    let spec = format!("{HEAD}decode:\n  - template:\n{same}{MAP}");
    assert_eq!(codes(&[("spec.yaml", spec.as_bytes())]), []);
    let spec = format!(
        "{HEAD}decode: [ {{ template: ['{{id:digits}}: {{*}}', '{{*}}'] }}, {{ catalogue: {{ key: id, file: catalogue.yaml, keyless: match }} }} ]\n{MAP}"
    );
    let messages = lines(10_000, |n| format!("  '{n}': {{ text: '{{User}} of {n}' }}"));
    let found = codes(&[
        ("spec.yaml", spec.as_bytes()),
        ("catalogue.yaml", format!("messages:\n{messages}").as_bytes()),
    ]);
    assert_eq!(found, []);
}

#[test]
fn names_that_make_no_good_identifiers() {
    let names = [
        "type",
        "self",
        "Self",
        "crate",
        "a b",
        "a.b",
        "A B",
        "1",
        "é",
        "ü",
        "--",
        "parts",
        "new",
        "r#fn",
        "x\u{200d}y",
        "\"",
        "{x",
    ];
    let mut spec = format!("{HEAD}decode:\n  - json:\n      paths:\n");
    for (index, name) in names.iter().enumerate() {
        writeln!(spec, "        '{name}': k{index}").unwrap();
    }
    spec.push_str("map:\n");
    for name in names {
        writeln!(spec, "  - {{ from: '{name}', token: tags }}").unwrap();
    }
    spec.push_str("fan-in: { tags: list }\n");
    let (generated, _) = compile(&[input(&[("spec.yaml", spec.as_bytes())])])
        .unwrap_or_else(|checked| panic!("{}", render(&checked, Style::Plain)));
    syn::parse_file(&generated[0].text).unwrap();
}

/// The specs of the repository.
fn real() -> Vec<Input> {
    let specs = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../mapping-specs")).unwrap();
    assert!(specs.len() >= 5, "{}", specs.len());
    specs
}

/// A change of a text.
#[derive(Clone, Debug)]
enum Change {
    /// Another byte in place of one.
    Byte(Index, u8),
    /// A line less.
    Delete(Index),
    /// A line twice.
    Double(Index),
    /// Two lines in each other's place.
    Swap(Index, Index),
    /// The end is missing.
    Cut(Index),
    /// A piece of YAML or of a template somewhere.
    Insert(Index, &'static str),
}

fn change() -> impl Strategy<Value = Change> {
    let pieces = [
        "{", "}", "[", "]", ": ", "- ", "\"", "'", "{?", "{|", "{*}", "|", "\t", "é", "~", "#", "&a ", "*a",
        "\n", "{@", ":rest}", "%",
    ];
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        any::<Index>().prop_map(Change::Delete),
        any::<Index>().prop_map(Change::Double),
        (any::<Index>(), any::<Index>()).prop_map(|(one, other)| Change::Swap(one, other)),
        any::<Index>().prop_map(Change::Cut),
        (any::<Index>(), proptest::sample::select(pieces.to_vec()))
            .prop_map(|(at, piece)| Change::Insert(at, piece)),
    ]
}

impl Change {
    fn apply(&self, text: &mut Vec<u8>) {
        let mut lines: Vec<Vec<u8>> =
            text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        if lines.is_empty() {
            return;
        }
        match self {
            Self::Byte(at, byte) => {
                let at = at.index(text.len());
                text[at] = *byte;
                return;
            }
            Self::Cut(at) => return text.truncate(at.index(text.len())),
            Self::Insert(at, piece) => {
                let at = at.index(text.len());
                text.splice(at..at, piece.bytes());
                return;
            }
            Self::Delete(at) => {
                lines.remove(at.index(lines.len()));
            }
            Self::Double(at) => {
                let line = lines[at.index(lines.len())].clone();
                lines.insert(at.index(lines.len()), line);
            }
            Self::Swap(one, other) => {
                let count = lines.len();
                lines.swap(one.index(count), other.index(count));
            }
        }
        *text = lines.concat();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes(spec in proptest::collection::vec(any::<u8>(), 0..300), catalogue in proptest::collection::vec(any::<u8>(), 0..300)) {
        let checked = checked(&input(&[("spec.yaml", &spec), ("catalogue.yaml", &catalogue)]));
        prop_assert!(checked.has_errors());
    }

    #[test]
    fn arbitrary_templates(template in "[-{}?|@*:=a-c \\[\\]0-9+.é]{0,40}") {
        let checked = checked(&input(&[("spec.yaml", with_template(&template).as_bytes())]));
        // The row's field is hardly ever captured: what matters is that everything has a place and help.
        for found in checked.diagnostics.sorted() {
            prop_assert!(found.help.is_some(), "{found:?}");
            prop_assert!(checked.files.get(found.primary.span.file).is_some());
        }
    }
}

proptest! {
    // Real specs are long: a case takes up to a second without optimisation.
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn changed_specs(
        source in any::<Index>(),
        in_catalogue in proptest::bool::weighted(0.4),
        changes in proptest::collection::vec(change(), 1..5),
    ) {
        let mut input = source.get(&real()).clone();
        let name = if in_catalogue { "catalogue.yaml" } else { "spec.yaml" };
        let (_, bytes) = input.files.iter_mut().find(|(path, _)| path.ends_with(name)).unwrap();
        for change in &changes {
            change.apply(bytes);
        }
        let found = checked(&input);
        if !found.has_errors() {
            let (generated, _) = compile(&[input]).map_err(|_| TestCaseError::fail("check and compile disagree"))?;
            prop_assert!(generated.iter().all(|one| syn::parse_file(&one.text).is_ok()), "no Rust");
        }
    }
}

#[test]
fn bad_specs_that_end_too_early() {
    // Each file of each case cut at each of its lines, so that every construct ends too early once.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    for entry in fs::read_dir(folder).unwrap() {
        let dir = entry.unwrap().path();
        let Ok(whole) = fs::read(dir.join("spec.yaml")) else { continue };
        let catalogue = fs::read(dir.join("catalogue.yaml")).unwrap_or_default();
        for end in (0..whole.len()).step_by(7) {
            checked(&input(&[("spec.yaml", &whole[..end]), ("catalogue.yaml", &catalogue)]));
        }
        for end in (0..catalogue.len()).step_by(7) {
            checked(&input(&[("spec.yaml", &whole), ("catalogue.yaml", &catalogue[..end])]));
        }
    }
}
