//! `xdr check`: what is wrong with specs, in every format.

use super::{ran, temporary};
use serde_json::Value;
use xdr_codegen::diag::Code;

/// A folder with one source that has three things wrong; one of them with a text to write instead.
fn wrong(folder: &str) -> (String, String) {
    let dir = format!("{}/{folder}/acme-vpn", env!("CARGO_TARGET_TMPDIR"));
    std::fs::create_dir_all(&dir).unwrap();
    let text = "source: acme-vpn\nguide: { title: Acme }\ndevice: { type: VPN, vendor: Acme, product: Gäte }\ndecode:\n  \
                - template: \"{User} {Verb}\"\nmap:\n  - { from: User, token: \"sourceUsr\", sample: kim }\n  \
                - { from: Verb, token: action, sample: a }\n  - { from: User, token: action, sample: 10.0 }\n";
    let spec = temporary(&format!("{folder}/acme-vpn/spec.yaml"), text.as_bytes());
    (format!("{}/{folder}", env!("CARGO_TARGET_TMPDIR")), spec)
}

#[test]
fn text_is_for_people() {
    let (dir, spec) = wrong("check-text");
    for args in [
        vec!["check", &dir],
        vec!["check", &dir, "--format", "terminal"],
        vec!["check", &spec[..spec.len() - 10]],
    ] {
        let done = ran(&args).expect(1);
        let text = done.text();
        assert!(
            text.contains(&format!("{spec}:7:26")) && text.contains("did you mean `sourceUser`?"),
            "{text}"
        );
        assert!(!text.contains('\x1b'), "no colours outside a terminal");
    }
}

#[test]
fn a_name_alone_is_told_its_folder() {
    let done = ran(["check", "teleport"]).expect(1);
    assert!(done.stderr.contains("\n  help: did you mean `mapping-specs/teleport`?\n"), "{}", done.stderr);
    assert!(!ran(["check", "nowhere"]).expect(1).stderr.contains("help:"));
}

#[test]
fn a_file_of_a_source_is_told_its_folder() {
    let folder = "mapping-specs/teleport";
    let spec = format!("{folder}/spec.yaml");
    let sample = "mapping-specs/teleport/samples/rubbish.log";
    for args in [
        vec!["check", &spec],
        vec!["check", sample],
        vec!["try", &spec],
        vec!["lock", "--check", &spec],
        vec!["coverage", &spec],
        vec!["mutate", &spec],
        vec!["messages", &spec],
        vec!["generate", &spec],
        vec!["diff", &spec, folder],
        vec!["expand", "teleport", "--dir", &spec],
    ] {
        let done = ran(&args).expect(1);
        let wrong = args.iter().find(|arg| arg.contains('.')).unwrap();
        let said =
            format!("xdr: error: `{wrong}` is a file, not a folder\n  help: did you mean `{folder}`?\n");
        assert_eq!(done.stderr, said, "{args:?}");
    }
    ran(["check", "README.md"]).expect(1).says("xdr: error: `README.md` is a file, not a folder");
}

#[test]
fn a_folder_without_its_spec_is_not_passed_over() {
    let dir = format!("{}/check-folders", env!("CARGO_TARGET_TMPDIR"));
    let _ = std::fs::remove_dir_all(&dir);
    for folder in ["acme-vpn", "empty", ".git", "logs", "deep/acme-gate", "misnamed", "unspecified/samples"] {
        std::fs::create_dir_all(format!("{dir}/{folder}")).unwrap();
    }
    let spec = "source: acme-vpn\nguide: { title: Acme }\ndevice: { type: VPN, vendor: Acme, product: VPN }\n\
                decode:\n  - template: \"{User}\"\nmap:\n  - { from: User, token: sourceUser }\n";
    for file in ["acme-vpn/spec.yaml", ".git/x", "logs/first.log", "deep/acme-gate/spec.yaml"] {
        temporary(&format!("check-folders/{file}"), spec.as_bytes());
    }
    let told = |folder: &str| format!("xdr: warning: `{dir}/{folder}` holds no spec.yaml: it is no source\n");
    let done = ran(["check", &dir]).expect(1);
    assert_eq!(done.stderr, told("deep") + &told("logs"));
    assert!(done.text().contains("unspecified/spec.yaml"), "{}", done.text());

    std::fs::remove_dir_all(format!("{dir}/unspecified")).unwrap();
    let done = ran(["check", &dir]).expect(0);
    assert_eq!((done.text(), &done.stderr), ("1 spec, no problems\n", &(told("deep") + &told("logs"))));

    temporary("check-folders/misnamed/spec.yml", spec.as_bytes());
    for args in [vec!["check", &dir], vec!["check", &format!("{dir}/misnamed")]] {
        let done = ran(&args).expect(1);
        let text = done.text();
        assert!(text.contains("rename `spec.yml`: a spec is always called `spec.yaml`"), "{text}");
        assert!(text.contains(&format!("{dir}/misnamed/spec.yaml:1:1")), "{text}");
    }
}

#[test]
fn github_gets_commands_with_paths_of_the_repository() {
    let (dir, spec) = wrong("check-github");
    let done = ran(["check", &dir, "--format", "github"]).expect(1);
    let first = done.text().lines().next().unwrap();
    assert_eq!(
        first,
        format!(
            "::error file={spec},line=7,col=26,endLine=7,endColumn=37,title=E0301 unknown token::there is no token \
             `sourceUsr`%0Ahelp: did you mean `sourceUser`?"
        )
    );
    let done = ran(["check", "./xdr-codegen/tests/ui/E0301-unknown-token", "--format", "github"]).expect(1);
    for line in done.text().lines() {
        assert!(
            line.starts_with("::error file=xdr-codegen/tests/ui/E0301-unknown-token/spec.yaml,line="),
            "{line}"
        );
    }
}

#[test]
fn json_has_every_place_and_what_to_write_instead() {
    let (dir, spec) = wrong("check-json");
    let done = ran(["check", &dir, "--format", "json"]).expect(1);
    let found: Vec<Value> = serde_json::from_str(done.text()).unwrap();
    let codes: Vec<_> = found.iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["E0301", "E0501", "E0111"], "{found:#?}");
    let token = &found[0];
    assert_eq!((&token["title"], &token["replacement"]), (&"unknown token".into(), &"\"sourceUser\"".into()));
    assert_eq!((&token["file"], &token["line"], &token["endColumn"]), (&spec.into(), &7.into(), &37.into()));
    assert_eq!(found[2]["replacement"], "\"10.0\"");
    assert!(found[1]["replacement"].is_null());
    let labels: Vec<_> = found[1]["labels"].as_array().unwrap().iter().map(|one| &one["line"]).collect();
    assert_eq!(labels, [9, 8]);
}

#[test]
fn sarif_has_the_codes_as_rules_and_findings_as_results() {
    let (dir, spec) = wrong("check-sarif");
    let done = ran(["check", &dir, "--format", "sarif"]).expect(1);
    let log: Value = serde_json::from_str(done.text()).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let ids: Vec<_> = rules.iter().map(|rule| rule["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, Code::ALL.iter().map(ToString::to_string).collect::<Vec<_>>());
    for rule in rules {
        assert!(rule["help"]["text"].as_str().unwrap().contains("Why it matters:"), "{rule}");
    }
    let results = run["results"].as_array().unwrap();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], format!("file://{spec}"));
    }
    let region = serde_json::json!({ "startLine": 7, "startColumn": 26, "endLine": 7, "endColumn": 37 });
    assert_eq!(results[0]["locations"][0]["physicalLocation"]["region"], region);
    let change = &results[0]["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(
        (&change["deletedRegion"], &change["insertedContent"]["text"]),
        (&region, &"\"sourceUser\"".into())
    );
    assert_eq!(results[1]["relatedLocations"][0]["physicalLocation"]["region"]["startLine"], 8);
    let clean = ran(["check", "--format", "sarif"]).expect(0);
    let log: Value = serde_json::from_str(clean.text()).unwrap();
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn lists_for_machines_say_elsewhere_what_they_leave_out() {
    let dir = format!("{}/check-many/acme-vpn", env!("CARGO_TARGET_TMPDIR"));
    std::fs::create_dir_all(&dir).unwrap();
    let keys: Vec<String> = (0..250).map(|number| format!("wrong{number}: 1")).collect();
    temporary("check-many/acme-vpn/spec.yaml", format!("source: acme-vpn\n{}\n", keys.join("\n")).as_bytes());
    for format in ["json", "github", "sarif"] {
        let done = ran(["check", &dir, "--format", format]).expect(1);
        done.says("xdr: 54 more findings not listed: mend some of these and check again");
    }
    let log: Value = serde_json::from_str(ran(["check", &dir, "--format", "sarif"]).text()).unwrap();
    let note = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(note["message"]["text"], "54 more findings are not listed");
}

#[test]
fn codes_are_explained() {
    for code in Code::ALL {
        let done = ran(["check", "--explain", &code.to_string()]).expect(0);
        assert_eq!(done.text(), code.explain());
    }
    ran(["check", "--explain", "E9999"]).expect(2).says(
        "xdr: error: invalid value 'E9999' for '--explain <CODE>': there is no such code; codes look like `E0301`",
    );
}
