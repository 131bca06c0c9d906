//! Bad specs: each folder of `tests/ui` is a source with something wrong, and `report.snap` in it what the compiler says.
//!
//! A folder named after a code shows that code; the others hold several problems at once, or hostile texts.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use xdr_codegen::diag::{Code, Diagnostic};
use xdr_codegen::source::MAX_BYTES;
use xdr_codegen::{Checked, Input, Style, check, render};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui")
}

/// The names of the cases.
fn cases() -> Vec<String> {
    let entries = fs::read_dir(folder()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Checks a case. Its files are named as if they stood in the source's own folder.
fn checked(case: &str) -> Checked {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder().join(case)).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let mut bytes = fs::read(&path).unwrap();
            if case == "E0105-too-big" {
                // Kept small in the repository.
                bytes.resize(MAX_BYTES + 1, b'\n');
            }
            files.push((name, bytes));
        }
    }
    check(&[Input { name: "acme-vpn".to_owned(), files }])
}

/// File, line and column at which a finding begins, and the text it underlines.
fn place<'c>(found: &Diagnostic, checked: &'c Checked) -> (&'c str, usize, usize, &'c str) {
    let span = found.primary.span;
    let file = checked.files.get(span.file).unwrap();
    let (line, column) = file.line_column(span.start);
    (&file.name, line, column, file.slice(span))
}

#[test]
fn reports() {
    insta::glob!("ui", "[Ehs]*", |folder| {
        let case = folder.file_name().unwrap().to_str().unwrap();
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(folder);
        settings.remove_snapshot_suffix();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.remove_input_file();
        settings.bind(|| insta::assert_snapshot!("report", render(&checked(case), Style::Plain)));
    });
}

#[test]
fn every_code_has_a_case_that_gives_it() {
    let cases = cases();
    for &code in Code::ALL {
        let prefix = format!("{code}-");
        let case = cases.iter().find(|case| case.starts_with(&prefix));
        let case = case.unwrap_or_else(|| panic!("no folder of tests/ui shows {code}, {}", code.title()));
        let codes = checked(case).diagnostics.codes();
        assert!(codes.contains(&code), "{case} gives {codes:?}");
    }
    for case in cases.iter().filter(|case| case.starts_with('E')) {
        let code = case.split('-').next().unwrap();
        assert!(code.parse::<Code>().is_ok(), "{case} shows a code that does not exist");
    }
}

#[test]
fn every_finding_is_one_line_with_a_place_and_help() {
    for case in cases() {
        let checked = checked(&case);
        let found = checked.diagnostics.sorted();
        assert!(!found.is_empty(), "{case} has nothing wrong");
        for found in found {
            let message = &found.message;
            assert!(!message.starts_with(|first: char| first.is_uppercase()), "{case}: {message}");
            assert!(!message.ends_with('.') && !message.contains('\n'), "{case}: {message}");
            assert!(
                found.help.as_ref().is_some_and(|help| !help.ends_with('.')),
                "{case}: {message}: no help"
            );
            for label in std::iter::once(&found.primary).chain(&found.secondary) {
                let file = checked.files.get(label.span.file).unwrap();
                let range = label.span.start as usize..label.span.end as usize;
                assert!(file.text.get(range).is_some(), "{case}: {message}: {label:?}");
            }
        }
    }
}

/// The files of a case, as [`checked`] names them.
fn texts(checked: &Checked) -> Vec<(String, Vec<u8>)> {
    let ids = checked.diagnostics.sorted().into_iter().map(|found| found.primary.span.file);
    let files = ids.collect::<BTreeSet<_>>().into_iter().map(|id| checked.files.get(id).unwrap());
    files.map(|file| (file.name.clone(), file.text.clone().into_bytes())).collect()
}

#[test]
fn what_is_to_be_written_instead_mends_what_was_found() {
    let mut mended = BTreeSet::new();
    for case in cases() {
        let before = checked(&case);
        for found in before.diagnostics.sorted() {
            let Some(replacement) = found.replacement(&before.files) else { continue };
            let span = found.primary.span;
            let name = &before.files.get(span.file).unwrap().name;
            let mut files = texts(&before);
            for entry in fs::read_dir(folder().join(&case)).unwrap() {
                let path = entry.unwrap().path();
                let beside = path.file_name().unwrap().to_str().unwrap().to_owned();
                if Path::new(&beside).extension().is_some_and(|end| end == "yaml")
                    && files.iter().all(|(file, _)| *file != beside)
                {
                    files.push((beside, fs::read(&path).unwrap()));
                }
            }
            let (_, bytes) = files.iter_mut().find(|(file, _)| file == name).unwrap();
            bytes.splice(span.start as usize..span.end as usize, replacement.bytes());
            let after = check(&[Input { name: "acme-vpn".to_owned(), files }]);
            let same = |checked: &Checked| {
                let all = checked.diagnostics.sorted();
                all.iter().filter(|one| one.code == found.code && one.message == found.message).count()
            };
            assert!(same(&after) < same(&before), "{case}: {} by {replacement}", found.message);
            mended.insert(found.code);
        }
    }
    for code in [
        Code::UnquotedTrap,
        Code::UnknownKey,
        Code::UnknownWord,
        Code::UnknownToken,
        Code::UnknownField,
        Code::UnknownStep,
    ] {
        assert!(mended.contains(&code), "{code} has no case with a text to write instead: {mended:?}");
    }
}

#[test]
fn findings_stand_at_their_line_and_column() {
    for (case, code, expected) in [
        ("E0103-not-yaml", Code::NotYaml, ("spec.yaml", 7, 49, ":")),
        ("E0112-control-character", Code::ControlCharacter, ("spec.yaml", 2, 19, "\0")),
        ("E0202-missing-key", Code::MissingKey, ("spec.yaml", 2, 10, "published")),
        ("E0302-unknown-field", Code::UnknownField, ("spec.yaml", 7, 46, "Verb")),
        ("E0303-unread-field", Code::UnreadField, ("catalogue.yaml", 4, 15, "Login")),
        ("E0404-conversion-misfit", Code::ConversionMisfit, ("spec.yaml", 7, 42, "{ time: \"%H:%M\" }")),
        ("E0503-fan-in-incomplete", Code::FanInIncomplete, ("spec.yaml", 10, 24, "[login]")),
        ("E0804-capture-twice", Code::CaptureTwice, ("spec.yaml", 5, 44, "Address")),
        ("E0807-open-part-end", Code::OpenPartEnd, ("catalogue.yaml", 4, 14, "User")),
        ("hostile-list", Code::WrongType, ("spec.yaml", 1, 1, "- acme-vpn\n- source")),
    ] {
        let checked = checked(case);
        let sorted = checked.diagnostics.sorted();
        let found = sorted.iter().find(|found| found.code == code).unwrap();
        assert_eq!(place(found, &checked), expected, "{case}");
    }
}

#[test]
fn several_problems_are_reported_in_one_run_at_their_lines() {
    let checked = checked("several-problems");
    let sorted = checked.diagnostics.sorted();
    let found: Vec<_> = sorted.iter().map(|found| (place(found, &checked).1, found.code)).collect();
    let expected = [
        (2, Code::BadDate),
        (3, Code::UnknownKey),
        (6, Code::UnknownShape),
        (8, Code::ZoneMissing),
        (8, Code::YearMissing),
        (9, Code::UnknownToken),
        (10, Code::UnknownValueMap),
        (11, Code::UnquotedTrap),
        (12, Code::SampleRefused),
        (13, Code::RowWithoutToken),
        (15, Code::NoInput),
        (16, Code::UnknownSetting),
        (18, Code::UnusedValueMap),
        (18, Code::CaseOnlyDuplicate),
    ];
    assert_eq!(found, expected);
}

#[test]
fn columns_count_characters_and_escapes_widen_to_the_whole_text() {
    let spec = |template: &str| {
        let head = "source: acme-vpn\nguide: { title: é }\ndevice: { type: a, vendor: b, product: c }\n";
        let files = vec![(
            "spec.yaml".to_owned(),
            format!("{head}decode: [ {{ template: {template} }} ]\nmap: []\n").into_bytes(),
        )];
        check(&[Input { name: "acme-vpn".to_owned(), files }])
    };
    for (template, column, text) in [
        ("'über {User}'", 30, "User"),
        ("\"über {User}\"", 30, "User"),
        // Quotes that are doubled and escapes shift what follows: the whole text is shown.
        ("'it''s {User}'", 23, "'it''s {User}'"),
        ("\"a\\tb {User}\"", 23, "\"a\\tb {User}\""),
        // Quotes of the template's own are no quotes of YAML.
        ("'\"{User}\"'", 26, "User"),
    ] {
        let checked = spec(template);
        let sorted = checked.diagnostics.sorted();
        let [found] = sorted.as_slice() else { panic!("{template}: {sorted:?}") };
        assert_eq!(place(found, &checked), ("spec.yaml", 4, column, text), "{template}");
    }
}
