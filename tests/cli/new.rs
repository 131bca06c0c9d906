//! `xdr new`: what it writes, what it refuses, and what it says.

use std::fs;
use std::path::PathBuf;

use super::ran;

const GUIDE: &str = "xdr-workbench/tests/draft/northwall.txt";
const LINES: &str = "xdr-workbench/tests/draft/northwall.log";

/// An empty folder of specs.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("new").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn a_new_source_has_no_findings_in_any_format() {
    let dir = folder("formats");
    let dir = dir.to_str().unwrap();
    for (number, format) in ["syslog", "json", "key-value", "csv", "cef", "leef"].into_iter().enumerate() {
        let name = format!("acme-{format}");
        let done = ran(["new", &name, "--dir", dir, "--format", format]).expect(0);
        // The first one brings the schemas that the specs name.
        let schemas = format!("{dir}/spec.schema.json\n{dir}/catalogue.schema.json\n");
        let more = if number == 0 { schemas.as_str() } else { "" };
        assert_eq!(done.text(), format!("{dir}/{name}/spec.yaml\n{dir}/{name}/samples/first.log\n{more}"));
        assert!(done.stderr.is_empty(), "{}", done.stderr);
        let spec = fs::read_to_string(format!("{dir}/{name}/spec.yaml")).unwrap();
        assert!(spec.starts_with("# yaml-language-server: $schema=../spec.schema.json\n#"), "{spec}");
    }
    assert_eq!(ran(["check", dir]).expect(0).text(), "6 specs, no problems\n");
    for (name, of) in [("spec.schema.json", "spec"), ("catalogue.schema.json", "catalogue")] {
        let written = fs::read_to_string(PathBuf::from(dir).join(name)).unwrap();
        assert_eq!(written, ran(["schema", of]).expect(0).text(), "{name} is what `xdr schema` prints");
    }
}

#[test]
fn nothing_is_overwritten() {
    let dir = folder("twice");
    let spec = dir.join("acme-vpn/spec.yaml");
    let args = ["new", "acme-vpn", "--dir", dir.to_str().unwrap()];
    ran(args).expect(0);
    fs::write(&spec, "mine").unwrap();
    let done = ran(args).expect(1);
    done.says(&format!("xdr: error: `{}` is there already", dir.join("acme-vpn").display()));
    assert_eq!(fs::read_to_string(spec).unwrap(), "mine");
}

#[test]
fn wrong_names_folders_and_guides_are_refused() {
    let dir = folder("wrong");
    let here = dir.to_str().unwrap();
    for name in ["Acme", "acme_vpn", "-acme", "acme-", "7acme", "../acme", ""] {
        let done = ran(["new", "--dir", here, "--", name]).expect(2);
        assert!(done.stderr.contains("lower-case words"), "{name}: {}", done.stderr);
    }
    ran(["new", "acme-vpn", "--dir", "no/such"]).expect(1).says("xdr: error: there is no folder `no/such`");
    ran(["new", "acme-vpn", "--dir", here, "--from-guide", "no/such"])
        .expect(1)
        .says("xdr: error: cannot read no/such: No such file or directory (os error 2)");
    let done = ran(["new", "acme-vpn", "--dir", here, "--from-guide", "README.md"]).expect(1);
    done.says("xdr: error: no table of fields was found in README.md");
    ran(["new", "acme-vpn", "--dir", here, "--lines", LINES]).expect(2);
    assert_eq!(fs::read_dir(dir).unwrap().count(), 0, "nothing was made");
}

#[test]
fn a_guide_becomes_a_spec_and_a_report() {
    let dir = folder("guide");
    let here = dir.to_str().unwrap();
    let done = ran(["new", "northwall", "--dir", here, "--from-guide", GUIDE, "--lines", LINES]).expect(0);
    let spec = fs::read_to_string(dir.join("northwall/spec.yaml")).unwrap();
    let samples = fs::read_to_string(dir.join("northwall/samples/first.log")).unwrap();
    let shown =
        format!("{}--- stderr\n{}--- spec.yaml\n{spec}--- first.log\n{samples}", done.text(), done.stderr);
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("northwall", shown.replace(here, "DIR"));
    });
    // What was to be decided is all that is found: when one thing is, the other is, and then there is nothing.
    ran(["check", here]).expect(1);
    let typo = spec.replace("sourceUsr,", "sourceUser,");
    fs::write(dir.join("northwall/spec.yaml"), &typo).unwrap();
    ran(["check", here]).expect(1);
    let decided = typo.replace("otherwise: \"?\"", "otherwise: destinationHost");
    fs::write(dir.join("northwall/spec.yaml"), decided).unwrap();
    assert_eq!(ran(["check", here]).expect(0).text(), "1 spec, no problems\n");
}
