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
        "error: unknown key `max-recrod`\n --> {path}:2:1\n  |\n2 | max-recrod = …\n  | ^^^^^^^^^^\n  |\n  = help: did you mean `max-record`?\n\n\
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
    assert!(done.text().starts_with("error: cannot read `"), "{}", done.text());
    assert!(done.text().contains("no-such.csv") && done.text().contains(&format!("{path}:2:13")));
    assert!(ran(["config", "--check", "no/such.toml"]).expect(1).stderr.contains("no/such.toml"));
    assert!(ran(["config"]).expect(2).stderr.contains("--check"));
}

#[test]
fn the_mark_of_windows_editors_moves_no_place_and_one_mistake_is_told_once() {
    let path = temporary("marked.toml", b"\xef\xbb\xbfzoen = 1\n");
    let done = ran(["config", "--check", &path]).expect(2);
    assert!(done.text().contains(&format!("{path}:1:1\n  |\n1 | zoen = …\n")), "{}", done.text());
    ran(normalize("teleport", &["--config", &path]))
        .expect(2)
        .says(&format!("xdr: error: {path}:1:1: unknown key `zoen`"));
    let path = temporary("one-network.toml", b"[sources.citrix-vpn]\nnetworks = \"10.0.0.0/33\"\n");
    let done = ran(["config", "--check", &path]).expect(2);
    assert_eq!(done.text().matches("error: ").count(), 1, "{}", done.text());
}

#[test]
fn what_stands_behind_an_unknown_key_is_not_printed() {
    let text = b"\"pass\\nword\" = \"hush\"\n[sources.teleport]\ntoken = { a = \"hush\" }\n[limits]\nmax-record = 0\n";
    let path = temporary("secret.toml", text);
    let done = ran(["config", "--check", &path]).expect(2);
    assert!(!done.text().contains("hush") && !done.stderr.contains("hush"), "{}", done.text());
    for shown in ["unknown key `pass\\nword`", "3 | token = …\n", "5 | max-record = 0\n"] {
        assert!(done.text().contains(shown), "{}", done.text());
    }
    let run = fed(normalize("teleport", &["--config", &path]), login("kim").as_bytes()).expect(2);
    assert!(run.stderr.lines().count() == 2 && !run.stderr.contains("hush"), "{}", run.stderr);
}

#[test]
fn values_of_unknown_keys_are_hidden_also_in_lines_of_other_findings() {
    let text = b"[sources]\nteleport = { a = \"hush\", zone = \"Europe/Lodnon\", b = [\"hush\"], c.d = \"hush\", e = \"hush\" }\n\
        [sources.citrix-vpn]\nf.g = \"hush\"\nh = [\n  \"hush\",\n]\n[i]\nj = \"hush\"\n";
    let path = temporary("secrets.toml", text);
    let done = ran(["config", "--check", &path]).expect(2);
    assert!(!done.text().contains("hush"), "{}", done.text());
    let line = "2 | teleport = { a = …, zone = \"Europe/Lodnon\", b = …, c.d = …\n  | ";
    for (at, place) in
        [("14", "             ^\n"), ("28", "                           ^^^^^^^^^^^^^^^\n"), ("45", "")]
    {
        assert!(done.text().contains(&format!(" --> {path}:2:{at}\n  |\n{line}{place}")), "{}", done.text());
    }
    for shown in ["4 | f.g = …\n  | ^\n", "5 | h = …\n  | ^\n", "8 | [i]\n  |  ^\n"] {
        assert!(done.text().contains(shown), "{}", done.text());
    }
}

#[test]
fn of_very_many_mistakes_some_are_shown_and_the_others_counted() {
    let lines: Vec<String> = (0..20_000).map(|number| format!("zone{number} = 1\n")).collect();
    let text = format!("[sources.teleport]\n{}", lines.concat());
    let path = temporary("many.toml", text.as_bytes());
    let began = std::time::Instant::now();
    let done = ran(["config", "--check", &path]).expect(2);
    assert_eq!(done.text().matches("error: ").count(), 1000);
    assert!(done.text().ends_with("19,000 more findings not shown: mend some of these and check again\n"));
    assert!(done.text().contains("\n1001 | zone999 = …\n"));
    // Seconds where each of them looked through all of the text.
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
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

#[test]
fn what_specs_have_no_use_for_and_files_that_are_wrong_are_shown_in_their_lines() {
    temporary("two-users.csv", b"user,userDepartment\nkim,A\nkim,B\n");
    let path = temporary(
        "useless.toml",
        b"[sources.teleport]\nnetworks = [\"private\"]\ngeo = \"no-such.mmdb\"\n[sources.citrix-vpn]\n\
          networks = [\"none\", \"private\"]\ndirectory = \"two-users.csv\"\nzoen = 1\n",
    );
    let done = ran(["config", "--check", &path]).expect(2);
    let places: Vec<&str> = done.text().lines().filter_map(|line| line.strip_prefix(" --> ")).collect();
    let expected = [(2, 12), (3, 7), (5, 12), (6, 13), (7, 1)];
    assert_eq!(places, expected.map(|(line, column)| format!("{path}:{line}:{column}")));
    for text in [
        "enriches nothing by `networks`",
        "no-such.mmdb",
        "`none` and other networks",
        "`kim` stands in line 2",
    ] {
        assert!(done.text().contains(text), "{}", done.text());
    }
}

#[test]
fn each_key_of_the_example_can_be_used() {
    let example = ran(["config", "--example"]).expect(0);
    let lines: Vec<&str> = example.text().lines().collect();
    temporary("users.csv", b"user,userDepartment\nkim,Engineering\n");
    let mut used = 0;
    for (number, line) in lines.iter().enumerate() {
        let Some(key) = line.strip_prefix('#').filter(|line| !line.starts_with(' ')) else { continue };
        if key.starts_with("geo") {
            // There is no such file here.
            continue;
        }
        let mut lines = lines.clone();
        lines[number] = key;
        let path = temporary("one-key.toml", lines.join("\n").as_bytes());
        ran(["config", "--check", &path]).expect(0);
        used += 1;
    }
    assert!(used > 40, "{used}");
}

#[test]
fn what_is_no_text_is_told_with_its_place() {
    let path = temporary("latin.toml", b"[sources.teleport]\ntags = [\"caf\xe9\"]\n");
    for args in [vec!["config", "--check", &path], normalize("teleport", &["--config", &path])] {
        ran(args).expect(2).says(&format!("xdr: error: {path}:2:13: not UTF-8, in which TOML is written"));
    }
    let path = temporary("unknown-source.toml", b"[sources.acme]\n");
    let done = ran(normalize("teleport", &["--config", &path])).expect(2);
    assert_eq!(done.stderr.matches("teleport").count(), 1, "{}", done.stderr);
}
