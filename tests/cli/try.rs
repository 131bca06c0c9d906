//! `xdr try`: a folder's spec, run without being built.

use super::{fed, normalize, ran, temporary, xdr};
use std::io::{BufRead, BufReader};

const SPEC: &str = r#"source: gate
guide: { title: Gate, published: 2024-03-14, formats: [Syslog] }
device: { type: VPN, vendor: Acme, product: Gate, versions: ["1.0"] }
decode: [ template: "{Verb:word} {User}" ]
map:
  - { from: Verb, token: action, sample: permitted, values: verbs }
  - { from: User, token: sourceUser, sample: kim }
values:
  verbs: { title: verb, otherwise: keep, cases: { permitted: Allow, refused: Deny } }
"#;

/// A folder of a source `gate` with a sample.
fn gate(name: &str, spec: &str) -> String {
    let dir = format!("{}/{name}/gate", env!("CARGO_TARGET_TMPDIR"));
    std::fs::create_dir_all(format!("{dir}/samples")).unwrap();
    temporary(&format!("{name}/gate/spec.yaml"), spec.as_bytes());
    temporary(&format!("{name}/gate/samples/first.log"), b"permitted kim\nnonsense\n");
    dir
}

#[test]
fn a_spec_that_is_tried_writes_what_the_compiled_one_writes() {
    for source in xdr_sources::sources() {
        let name = source.info.name;
        let dir = format!("mapping-specs/{name}");
        let samples = std::fs::read_dir(format!("{dir}/samples")).unwrap();
        let mut files: Vec<String> =
            samples.map(|entry| entry.unwrap().path().to_str().unwrap().to_owned()).collect();
        files.sort();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let compiled = ran(normalize(name, &files)).expect(0);
        let tried = ran(["try", &dir, "--received-at", "2024-03-14T07:08:09Z"]).expect(0);
        assert!(tried.stdout == compiled.stdout, "{name}");
        let account = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(account(&tried.stderr), account(&compiled.stderr), "{name}");
    }
}

#[test]
fn lines_of_standard_input_are_mapped_by_settings_and_options() {
    let dir = gate("try-input", SPEC);
    let done = fed(["try", &dir, "-", "--quiet"], b"refused lee\n").expect(0);
    assert_eq!(
        (&done.events()[0]["action"], &done.events()[0]["sourceUser"]),
        (&"Deny".into(), &"lee".into())
    );
    assert!(done.stderr.is_empty());
    ran(["try", &dir, "--strict", "--quiet"]).expect(3);
    let done = ran(["try", &dir, "--raw"]).expect(0);
    assert_eq!(done.events()[0]["xdr"]["raw"], "permitted kim");
    assert!(done.stderr.starts_with("gate: 2 records"), "{}", done.stderr);
}

#[test]
fn what_is_wrong_with_the_spec_is_said_and_nothing_is_mapped() {
    let dir = gate("try-wrong", &SPEC.replace("token: sourceUser", "token: sourceUsr"));
    let done = ran(["try", &dir]).expect(1);
    assert!(done.stdout.is_empty());
    assert!(done.stderr.contains("error[E0301]: there is no token `sourceUsr`"), "{}", done.stderr);
    assert!(done.stderr.contains("spec.yaml:7:26"), "{}", done.stderr);
    ran(["try", "src"]).expect(1).says("xdr: error: there is no spec.yaml in `src`");
    let name = ran(["try", "teleport"]).expect(1);
    assert!(name.stderr.contains("help: did you mean `mapping-specs/teleport`?"), "{}", name.stderr);
    ran(["try", &dir, "-", "--watch"]).expect(2).says("xdr: error: standard input cannot be read again");
}

#[test]
fn what_differs_from_the_snapshots_is_shown() {
    for source in xdr_sources::sources() {
        ran(["try", &format!("mapping-specs/{}", source.info.name), "--diff", "--quiet"]).expect(0);
    }
    let dir = gate("try-diff", SPEC);
    let snapshots = format!("{}/try-diff/corpus", env!("CARGO_TARGET_TMPDIR"));
    // What an earlier run of this test left.
    let _ = std::fs::remove_dir_all(&snapshots);
    std::fs::create_dir_all(format!("{snapshots}/gate")).unwrap();
    let none = ran(["try", &dir, "--diff", "--snapshots", &snapshots]);
    if none.status == Some(1) {
        assert!(none.text().contains("there is no snapshot"), "{}", none.text());
    }
    let accepted = "---\nsource: tests/corpus.rs\n---\n\n\n#1 permitted kim\n  action \"Deny\"\n  sourceUser \"kim\"\n  xdr.status \"mapped\"\n";
    temporary("try-diff/corpus/gate/first.snap", accepted.as_bytes());
    let done = ran(["try", &dir, "--diff", "--snapshots", &snapshots]).expect(1);
    assert!(
        done.text().contains("permitted kim\n- action \"Deny\"\n+ action \"Allow\"\n"),
        "{}",
        done.text()
    );
    assert!(done.text().contains("nonsense  (new)\n"), "{}", done.text());
}

#[test]
fn a_save_runs_it_again() {
    let dir = gate("try-watch", SPEC);
    let mut child = xdr(["try", &dir, "--watch", "--quiet"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().contains("\"action\":\"Allow\""));
    assert!(lines.next().unwrap().contains("\"status\":\"rejected\""));
    temporary("try-watch/gate/spec.yaml", SPEC.replace("permitted: Allow", "permitted: Permit").as_bytes());
    assert!(lines.next().unwrap().contains("\"action\":\"Permit\""));
    child.kill().unwrap();
    child.wait().unwrap();
}
