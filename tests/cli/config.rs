//! `xdr config`, and limits out of the configuration file.

use serde_json::json;

use super::{fed, login, normalize, ran, temporary};

#[test]
fn the_example_is_right_as_it_is() {
    let example = ran(["config", "--example"]).expect(0).stdout;
    let path = temporary("example.toml", &example);
    let done = ran(["config", "--check", &path]).expect(0);
    assert_eq!(done.text(), format!("{path}: settings of 5 sources, no problems\n"));
}

#[test]
fn all_that_is_wrong_is_shown_in_its_lines() {
    let path = temporary(
        "wrong.toml",
        b"[limits]\nmax-recrod = 1\n\n[sources.teleport]\nzone = \"Europe/Lodnon\"\n",
    );
    let done = ran(["config", "--check", &path]).expect(2);
    let expected = format!(
        "error: unknown key `max-recrod`\n --> {path}:2:1\n  |\n2 | max-recrod = 1\n  | ^^^^^^^^^^\n  |\n  = help: did you mean `max-record`?\n\n\
         error: `zone`: unknown time zone `Europe/Lodnon`, did you mean `Europe/London`?\n --> {path}:5:8\n  |\n\
         5 | zone = \"Europe/Lodnon\"\n  |        ^^^^^^^^^^^^^^^\n\n"
    );
    assert_eq!(done.text(), expected);
    let run = fed(normalize("teleport", &["--config", &path]), login("kim").as_bytes()).expect(2);
    assert_eq!(
        run.stderr,
        format!(
            "xdr: error: {path}:2:1: unknown key `max-recrod`\n  help: did you mean `max-record`? `xdr config --check {path}` shows 1 more\n"
        )
    );
}

#[test]
fn files_that_it_names_are_opened() {
    let path = temporary("names.toml", b"[sources.citrix-vpn]\ndirectory = \"no-such.csv\"\n");
    let done = ran(["config", "--check", &path]).expect(1);
    assert!(done.stderr.contains("no-such.csv"), "{}", done.stderr);
    assert!(ran(["config", "--check", "no/such.toml"]).expect(1).stderr.contains("no/such.toml"));
    assert!(ran(["config"]).expect(2).stderr.contains("--check"));
}

#[test]
fn limits_are_those_of_the_file_unless_the_command_line_says_others() {
    let path = temporary("limits.toml", b"[limits]\nmax-record = 20\nthreads = 1\n");
    let status = |more: &[&str]| {
        let done = fed(normalize("teleport", more), login("kim").as_bytes()).expect(0);
        done.events()[0]["xdr"]["status"].clone()
    };
    assert_eq!(status(&["--config", &path]), json!("rejected"));
    assert_ne!(status(&["--config", &path, "--max-record", "1000"]), json!("rejected"));
}
