//! `xdr lock` and `xdr diff`: what changed in a source's events, and whether its version says so.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ran;
use serde_json::Value;

/// A folder with the example's source in it, empty but for that.
fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&dir);
    let source = dir.join("acme-vpn");
    fs::create_dir_all(&source).unwrap();
    for file in ["spec.yaml", "catalogue.yaml"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/add_a_vendor/acme-vpn").join(file);
        fs::copy(from, source.join(file)).unwrap();
    }
    dir
}

fn edit(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{from}");
    fs::write(file, text.replace(from, to)).unwrap();
}

fn run(args: &[&str], dir: &Path, status: i32) -> String {
    let dir = dir.to_str().unwrap();
    let args: Vec<String> = args.iter().map(|arg| arg.replace("{}", dir)).collect();
    ran(args).expect(status).text().to_owned()
}

fn git(dir: &Path, args: &[&str]) {
    let mut git = Command::new("git");
    git.current_dir(dir).args(["-c", "user.name=kim", "-c", "user.email=kim@example.com"]).args(args);
    let done = git.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn the_project_s_locks_are_those_of_its_specs() {
    assert_eq!(ran(["lock", "--check"]).expect(0).text(), "");
}

#[test]
fn a_change_moves_the_version_and_a_break_must_be_meant() {
    let dir = folder("lock-version");
    let (spec, lock) = (dir.join("acme-vpn/spec.yaml"), dir.join("acme-vpn/lock.json"));
    let missing = run(&["lock", "{}", "--check"], &dir, 1);
    assert_eq!(missing, format!("acme-vpn: there is no {}; `xdr lock` writes it\n", lock.display()));
    assert_eq!(run(&["lock", "{}"], &dir, 0), "acme-vpn: locked as 1.0.0\n");
    assert_eq!(run(&["lock", "{}"], &dir, 0), "acme-vpn: 1.0.0, nothing changed\n");
    run(&["lock", "{}", "--check"], &dir, 0);

    edit(&spec, "sample: kim", "sample: lee");
    let text = run(&["lock", "{}/acme-vpn"], &dir, 0);
    assert_eq!(
        text,
        "acme-vpn: 1.0.0 → 1.0.1, patch\n  patch     rows: `User`: sample: `kim` is `lee` now\n"
    );

    edit(&spec, "refused: Deny", "refused: Block");
    let before = fs::read(&lock).unwrap();
    let text = run(&["lock", "{}", "--check"], &dir, 1);
    assert!(text.starts_with("acme-vpn: breaking changes that are not in its lock\n"), "{text}");
    let text = run(&["lock", "{}"], &dir, 1);
    assert!(text.contains("  breaking  cases: `verbs: refused`: to: `Deny` is `Block` now\n"), "{text}");
    assert!(text.contains("xdr lock --breaking") && text.ends_with("makes it 2.0.0\n"), "{text}");
    assert_eq!(fs::read(&lock).unwrap(), before, "a break that is not meant is not written");
    let text = run(&["lock", "{}", "--breaking"], &dir, 0);
    assert!(text.starts_with("acme-vpn: 1.0.1 → 2.0.0, breaking\n"), "{text}");
    run(&["lock", "{}", "--check"], &dir, 0);

    edit(&spec, "source: acme-vpn", "source: Acme");
    ran(["lock", dir.to_str().unwrap(), "--check"])
        .expect(1)
        .says("xdr: error: the spec of `acme-vpn` has errors; `xdr check` shows them");
    edit(&spec, "source: Acme", "source: acme-vpn");
    fs::write(&lock, "{}").unwrap();
    let wrong = format!("xdr: error: cannot read {}: no lock: expected the member `form`", lock.display());
    ran(["lock", dir.to_str().unwrap()]).expect(1).says(&wrong);
}

#[test]
fn a_spec_that_is_refused_is_not_locked() {
    let dir = folder("lock-refused");
    let (spec, lock) = (dir.join("acme-vpn/spec.yaml"), dir.join("acme-vpn/lock.json"));
    run(&["lock", "{}"], &dir, 0);
    let before = fs::read(&lock).unwrap();
    edit(&spec, "token: sourceUser", "token: sourceUsr");
    let done = ran(["lock", "--breaking", dir.to_str().unwrap()]).expect(1);
    done.says("error[E0301]: there is no token `sourceUsr`");
    assert!(
        done.stderr.contains("\nxdr: error: nothing was locked: a spec has errors\n  help: "),
        "{}",
        done.stderr
    );
    assert!(done.text().is_empty() && fs::read(&lock).unwrap() == before);
}

#[test]
fn a_break_whose_version_stays_is_refused_since_a_revision() {
    let dir = folder("lock-since");
    let (spec, lock) = (dir.join("acme-vpn/spec.yaml"), dir.join("acme-vpn/lock.json"));
    git(&dir, &["init", "-q", "."]);
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-qm", "without a lock"]);
    run(&["lock", "{}"], &dir, 0);
    run(&["lock", "{}", "--check", "--since", "HEAD"], &dir, 0);
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-qm", "with a lock"]);
    edit(&spec, "token: sourceUser", "token: userName");
    run(&["lock", "{}", "--breaking"], &dir, 0);
    run(&["lock", "{}", "--check", "--since", "HEAD"], &dir, 0);
    // Somebody takes the number back.
    edit(&lock, "\"version\": \"2.0.0\"", "\"version\": \"1.1.0\"");
    run(&["lock", "{}", "--check"], &dir, 0);
    let text = run(&["lock", "{}", "--check", "--since", "HEAD"], &dir, 1);
    assert!(
        text.starts_with("acme-vpn: breaking changes and the version 1.1.0; after 1.0.0 they need 2.0.0\n"),
        "{text}"
    );
    run(&["lock", "{}", "--check", "--since", "HEAD~1"], &dir, 0);
    let unknown = format!("xdr: error: git knows no revision `nothing` in `{}/acme-vpn`", dir.display());
    ran(["lock", dir.to_str().unwrap(), "--check", "--since", "nothing"]).expect(1).says(&unknown);
}

#[test]
fn folders_and_locks_are_compared() {
    let (old, new) = (folder("diff-old"), folder("diff-new"));
    let (old_dir, new_dir) = (old.to_str().unwrap(), new.to_str().unwrap());
    assert_eq!(ran(["diff", old_dir, new_dir, "--refuse", "patch"]).expect(0).text(), "nothing changed\n");
    for dir in [&old, &new] {
        run(&["lock", "{}"], dir, 0);
    }
    edit(
        &new.join("acme-vpn/catalogue.yaml"),
        "  TUN0002:",
        "  TUN0001: { set: { Name: Tunnel opened } }\n  TUN0002:",
    );
    for refuse in ["unmarked", "minor", "patch"] {
        ran(["diff", old_dir, new_dir, "--refuse", refuse]).expect(1);
    }
    let done = ran(["diff", old_dir, new_dir, "--refuse", "breaking"]).expect(0);
    let expected = "acme-vpn: 1.0.0, minor, needs 1.1.0\n  minor     messages: `TUN0001`: new\n            another message is \
                    known\noverall: minor\n";
    assert_eq!(done.text(), expected);
    run(&["lock", "{}"], &new, 0);
    let locks = [&old, &new].map(|dir| dir.join("acme-vpn/lock.json").to_str().unwrap().to_owned());
    let done = ran(["diff", &locks[0], &locks[1], "--format", "json", "--refuse", "unmarked"]).expect(0);
    let found: Vec<Value> = serde_json::from_str(done.text()).unwrap();
    assert_eq!(found[0]["class"], "minor");
    assert_eq!(
        (&found[0]["old"], &found[0]["new"], &found[0]["marked"]),
        (&"1.0.0".into(), &"1.1.0".into(), &true.into())
    );
    assert_eq!(found[0]["changes"][0]["entry"], "TUN0001");

    fs::rename(new.join("acme-vpn"), new.join("acme-mail")).unwrap();
    edit(&new.join("acme-mail/spec.yaml"), "source: acme-vpn", "source: acme-mail");
    let done = ran(["diff", old_dir, new_dir, "--refuse", "breaking"]).expect(1);
    assert!(
        done.text().contains("the source is gone") && done.text().contains("the source is new"),
        "{}",
        done.text()
    );
    ran(["diff", old_dir, "no/such"])
        .expect(1)
        .says("xdr: error: cannot read no/such: No such file or directory (os error 2)");
}

#[test]
fn revisions_of_git_are_compared() {
    let dir = folder("diff-git");
    git(&dir, &["init", "-q", "."]);
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-qm", "first"]);
    edit(&dir.join("acme-vpn/spec.yaml"), "token: sourceUser", "token: userName");
    run(&["lock", "{}"], &dir, 0);
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-qm", "second"]);
    let diff = |args: &[&str]| {
        let mut xdr = Command::new(env!("CARGO_BIN_EXE_xdr"));
        let done = xdr.arg("diff").args(args).current_dir(&dir).output().unwrap();
        (
            done.status.code(),
            String::from_utf8(done.stdout).unwrap() + &String::from_utf8(done.stderr).unwrap(),
        )
    };
    for args in [
        ["HEAD~1:.", "HEAD:."],
        ["HEAD~1:acme-vpn", "acme-vpn"],
        ["HEAD~1:./acme-vpn/", "HEAD:acme-vpn/lock.json"],
    ] {
        let (status, text) = diff(&[args[0], args[1], "--refuse", "breaking"]);
        assert!(
            status == Some(1) && text.contains("token: `sourceUser` is `userName` now"),
            "{args:?}: {text}"
        );
    }
    let (status, text) = diff(&["nothing:.", "."]);
    assert!(status == Some(1) && text.starts_with("xdr: error: git ls-tree"), "{text}");
    let (status, text) = diff(&["HEAD:nothing", "."]);
    assert_eq!(
        (status, text.lines().next()),
        (Some(1), Some("xdr: error: cannot read HEAD:nothing: there is no spec"))
    );
}
