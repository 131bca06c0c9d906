//! `xdr mutate`: changes that nothing notices; `xdr messages`: the table that notices some.

use super::{ran, temporary};
use serde_json::Value;

const SPEC: &str = r#"source: gate
guide: { title: Gate, published: 2024-03-14, formats: [Syslog] }
device: { type: VPN, vendor: Acme, product: Gate, versions: ["1.0"] }
decode: [ template: "{Verb:word} {User}{? from {Address}}" ]
map:
  - { from: Verb,    token: action,     sample: permitted, values: verbs }
  - { from: User,    token: sourceUser, sample: kim, none: [nobody] }
  - { from: Address, token: sourceIpv4, sample: 192.0.2.7, otherwise: sourceIpv6 }
values:
  verbs: { title: verb, otherwise: keep, cases: { permitted: Allow, refused: Deny, same: same } }
"#;

fn gate(name: &str, samples: &str) -> String {
    let dir = format!("{}/{name}/gate", env!("CARGO_TARGET_TMPDIR"));
    std::fs::create_dir_all(format!("{dir}/samples")).unwrap();
    temporary(&format!("{name}/gate/spec.yaml"), SPEC.as_bytes());
    temporary(&format!("{name}/gate/samples/first.log"), samples.as_bytes());
    dir
}

fn report(dir: &str) -> Value {
    serde_json::from_str(ran(["mutate", dir, "--format", "json"]).expect(0).text()).unwrap()
}

fn survivors(report: &Value) -> Vec<String> {
    let one = |one: &Value| {
        let text = |key: &str| one[key].as_str().unwrap().to_owned();
        format!("{}:{} {}", one["line"], one["column"], text("what"))
    };
    report["survivors"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn what_no_sample_notices_is_named_with_its_place() {
    let report = report(&gate("mutate-some", "permitted kim from 192.0.2.7\nasked nobody\n"));
    assert_eq!(
        survivors(&report),
        ["8:60 drops `otherwise: sourceIpv6`", "10:69 drops the entry `refused` of `verbs`",]
    );
    let equivalent = report["equivalent"].as_array().unwrap();
    assert_eq!(equivalent.len(), 1, "{equivalent:?}");
    assert_eq!(equivalent[0]["what"], "drops the entry `same` of `verbs`");
    assert!(equivalent[0]["why"].as_str().unwrap().contains("kept"));
    let count = |key: &str| report[key].as_u64().unwrap();
    assert_eq!(count("mutants"), count("noticed") + 2);
}

#[test]
fn samples_that_need_everything_notice_everything() {
    let samples = "permitted kim from 192.0.2.7\nasked nobody\nrefused lee from 2001:db8::7\n";
    let dir = gate("mutate-all", samples);
    assert_eq!(survivors(&report(&dir)), [] as [String; 0]);
    let done = ran(["mutate", &dir, "--min", "100"]).expect(0);
    assert!(done.text().lines().last().unwrap().ends_with("100.0 %"), "{}", done.text());
}

#[test]
fn a_range_that_a_sample_uses_is_noticed_and_one_that_none_uses_is_named_at_its_place() {
    let spec = SPEC.replace("{Verb:word} {User}", "{Verb:word} {Level:number} {User}").replace(
        "values:\n",
        "  - { from: Level, token: severity, sample: \"8\", values: levels }\nvalues:\n",
    ) + "  levels:\n    title: level\n    otherwise: keep\n    ranges:\n      \"7-10\": Critical\n      \"0-2\": Notice\n      \"3-5\": Error\n      \"6\": Warning\n    over: 0-10\n";
    let samples =
        "permitted 7 kim from 192.0.2.7\nasked 10 nobody\nasked 11 nobody\nrefused 4 lee from 2001:db8::7\n";
    let dir = gate("mutate-ranges", samples);
    temporary("mutate-ranges/gate/spec.yaml", spec.as_bytes());
    assert_eq!(
        survivors(&report(&dir)),
        [
            "17:7 drops the entry `0-2` of `levels`",
            "17:7 begins later the range `0-2` of `levels`",
            "17:7 ends sooner the range `0-2` of `levels`",
            "18:7 begins later the range `3-5` of `levels`",
            "18:7 ends sooner the range `3-5` of `levels`",
            "19:7 drops the entry `6` of `levels`",
        ]
    );
}

#[test]
fn too_few_are_a_failure_that_ci_sees() {
    let dir = gate("mutate-few", "permitted kim\n");
    let done = ran(["mutate", &dir, "--min", "95"]).expect(1);
    assert!(
        done.stderr.starts_with("xdr: error: ") && done.stderr.contains("--min asks for 95 %"),
        "{}",
        done.stderr
    );
    assert!(done.text().starts_with("nothing notices\n"), "{}", done.text());
}

const CATALOGUE: &str = r#"messages:
  permitted: { set: { Name: Login }, read: any }
  refused: { set: { Name: Denied Login }, text: "{User}{? from {Address}}" }
"#;

#[test]
fn a_message_that_no_sample_has_is_noticed_by_its_row() {
    let dir = gate("mutate-table", "permitted kim\n");
    let spec = SPEC
        .replace("{User}{? from {Address}}\" ]", "{*}\", catalogue: { key: Verb, file: catalogue.yaml } ]")
        .replace("values:\n", "  - { from: Name, token: eventName, sample: Login }\nvalues:\n");
    temporary("mutate-table/gate/spec.yaml", spec.as_bytes());
    temporary("mutate-table/gate/catalogue.yaml", CATALOGUE.as_bytes());
    let report = report(&dir);
    let count = |key: &str| report[key].as_u64().unwrap();
    assert_eq!(count("records"), 1);
    assert_eq!(count("rows"), 4);
    assert!(count("byTable") > 0 && count("byTable") < count("noticed"), "{report}");
    let left = survivors(&report).join("\n");
    assert!(!left.contains("`refused` has") && !left.contains("of `refused`"), "{left}");

    let done = ran(["messages", &dir]).expect(0);
    let refused: Vec<&str> = done.text().lines().skip_while(|line| !line.starts_with("refused:")).collect();
    assert!(refused[0].contains("eventName \"Denied Login\""), "{refused:?}");
    assert_eq!(refused[1], "  User from 192.0.2.2");
    assert!(refused[2].contains("sourceIpv4 \"192.0.2.2\" | sourceUser \"User\""), "{refused:?}");
}

#[test]
fn a_source_without_a_catalogue_has_no_table() {
    let dir = format!("{}/messages-none/acme-vpn", env!("CARGO_TARGET_TMPDIR"));
    std::fs::create_dir_all(&dir).unwrap();
    let spec = "source: acme-vpn\nguide: { title: Acme }\ndevice: { type: VPN, vendor: Acme, product: VPN }\n\
                decode:\n  - template: \"{User}\"\nmap:\n  - { from: User, token: sourceUser }\n";
    temporary("messages-none/acme-vpn/spec.yaml", spec.as_bytes());
    ran(["messages", &dir])
        .expect(1)
        .says("xdr: error: `acme-vpn` has no catalogue, so there are no messages");
}
