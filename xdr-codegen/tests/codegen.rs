//! Good specs: each folder of `tests/codegen` is a source that shows one feature of the language, and `generated.snap` in it its
//! Rust. The package `tests/fixtures` compiles them and runs the records of `records.log` through them.

use std::path::{Path, PathBuf};

use xdr_codegen::{Checked, Generated, Input, Style, compile, index, load, render};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[expect(clippy::panic, reason = "a helper of tests, which may panic")]
fn rust(inputs: &[Input]) -> (Vec<Generated>, Checked) {
    compile(inputs).unwrap_or_else(|checked| panic!("{}", render(&checked, Style::Plain)))
}

fn compiled(inputs: &[Input]) -> Vec<Generated> {
    let (generated, checked) = rust(inputs);
    assert_eq!(render(&checked, Style::Plain), "", "good specs have no warnings");
    generated
}

#[test]
fn generated_rust() {
    insta::glob!("codegen", "[a-z]*", |folder| {
        let generated = compiled(&load(folder).unwrap());
        let [one] = generated.as_slice() else { panic!("one source a folder") };
        syn::parse_file(&one.text).unwrap();
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(folder);
        settings.remove_snapshot_suffix();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.remove_input_file();
        settings.bind(|| insta::assert_snapshot!("generated", &one.text));
    });
}

#[test]
fn the_same_specs_give_the_same_bytes_in_whatever_order_they_come() {
    for folder in [root().join("mapping-specs"), root().join("xdr-codegen/tests/codegen")] {
        let inputs = load(&folder).unwrap();
        let first = compiled_with_warnings(&inputs);
        assert_eq!(first, compiled_with_warnings(&inputs), "{}", folder.display());
        let mut turned = inputs;
        turned.reverse();
        for input in &mut turned {
            input.files.reverse();
        }
        assert_eq!(first, compiled_with_warnings(&turned), "{}", folder.display());
    }
}

/// Everything that comes out: the registry, the modules and the report.
fn compiled_with_warnings(inputs: &[Input]) -> (String, Vec<String>, String) {
    let (generated, checked) = rust(inputs);
    let texts = generated.iter().map(|one| format!("{} {}\n{}", one.name, one.module, one.text)).collect();
    (index(&generated), texts, render(&checked, Style::Plain))
}

#[test]
fn reports_do_not_depend_on_the_order_either() {
    let cases = root().join("xdr-codegen/tests/ui");
    let mut inputs = Vec::new();
    for case in ["several-problems", "several-catalogue-problems", "E0303-unread-field"] {
        inputs.extend(load(&cases.join(case)).unwrap());
    }
    let report = |inputs: &[Input]| render(&xdr_codegen::check(inputs), Style::Json);
    let first = report(&inputs);
    inputs.reverse();
    for input in &mut inputs {
        input.files.reverse();
    }
    assert_eq!(first, report(&inputs));
}

#[test]
fn one_error_keeps_everything_from_being_written() {
    let mut inputs = load(&root().join("xdr-codegen/tests/codegen")).unwrap();
    inputs.extend(load(&root().join("xdr-codegen/tests/ui/E0301-unknown-token")).unwrap());
    assert!(compile(&inputs).is_err());
}
