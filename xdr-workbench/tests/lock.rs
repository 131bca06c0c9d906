//! Locks: what each kind of change of a spec means to those who use its events.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::fs;
use std::path::Path;

use xdr_codegen::Input;
use xdr_workbench::lock::changes::overall;
use xdr_workbench::lock::{Change, Class, Lock, Version, compare, of, text};

use Class::{Breaking, Minor, Patch};

/// The example's files, with one text in place of another that stands there once.
fn acme(from: &str, to: &str) -> Lock {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/add_a_vendor/acme-vpn");
    let read = |name: &str| fs::read_to_string(dir.join(name)).unwrap();
    let (mut spec, mut catalogue) = (read("spec.yaml"), read("catalogue.yaml"));
    if !from.is_empty() {
        assert_eq!(spec.matches(from).count() + catalogue.matches(from).count(), 1, "{from}");
        spec = spec.replace(from, to);
        catalogue = catalogue.replace(from, to);
    }
    let files = [("spec.yaml", spec), ("catalogue.yaml", catalogue)];
    let files = files.map(|(name, text)| (name.to_owned(), text.into_bytes())).to_vec();
    of::lock(&Input { name: "acme-vpn".to_owned(), files }, Version::FIRST).unwrap()
}

/// What follows from a change of the example: classes, parts and what changed.
fn changed(from: &str, to: &str) -> Vec<Change> {
    compare(&acme("", ""), &acme(from, to))
}

/// Asserts the changes that an edit gives.
fn gives(from: &str, to: &str, expected: &[(Class, &str, &str, &str)]) {
    let changes = changed(from, to);
    let found: Vec<_> = changes
        .iter()
        .map(|change| (change.class, change.section, change.entry.as_str(), change.what.as_str()))
        .collect();
    assert_eq!(found, expected, "{from} → {to}");
    for change in &changes {
        assert_eq!(change.why.is_empty(), change.class == Patch, "{change:?}");
    }
}

#[test]
fn a_lock_is_read_back_as_it_was_and_equal_specs_have_no_changes() {
    let lock = acme("", "");
    let text = text::write(&lock);
    assert_eq!(text::read(&text).unwrap(), lock);
    assert_eq!(text, text::write(&acme("# Each step takes", "# Every step takes")));
    assert_eq!(overall(&changed("", "")), None);
}

#[test]
fn what_documents_is_a_patch() {
    for (from, to, expected) in [
        ("title: Acme VPN", "title: Acme VPN 2", ("about", "guide", "title: `Acme VPN` is `Acme VPN 2` now")),
        ("sample: AUTH0001", "sample: AUTH0002", ("rows", "Id", "sample: `AUTH0001` is `AUTH0002` now")),
        (
            "a user directory",
            "LDAP",
            ("rows", "Department", "waived: `needs a user directory` is `needs LDAP` now"),
        ),
        (
            "versions: [\"1.0\"]",
            "versions: [\"1.0\", \"2.0\"]",
            ("about", "device", "versions: `2.0` is new"),
        ),
        ("{ title: verb,", "{ title: the verb,", ("values", "verbs", "title: `verb` is `the verb` now")),
    ] {
        gives(from, to, &[(Patch, expected.0, expected.1, expected.2)]);
    }
    gives(
        "  - { from: Department, token: userDepartment, sample: Research, waived: needs a user directory }\n",
        "",
        &[(Patch, "rows", "Department", "gone")],
    );
}

#[test]
fn what_is_new_is_minor() {
    gives(
        "  - { from: Port, token",
        "  - { from: _x, field: User, token: userName }\n  - { from: Port, token",
        &[(Minor, "tokens", "userName", "new"), (Minor, "rows", "_x", "new → `userName`")],
    );
    gives(
        "  TUN0002:",
        "  TUN0001:\n    set: { Name: Tunnel opened }\n  TUN0002:",
        &[(Minor, "messages", "TUN0001", "new")],
    );
    gives(
        "text: \"{@from}, {Sent:digits} bytes in {Duration}\"",
        "text: [\"{@from}, {Sent:digits} bytes in {Duration}\", \"{@from} closed\"]",
        &[(Minor, "messages", "TUN0002", "text: `{@from} closed` is new")],
    );
    gives(
        "set: { Name: Tunnel closed }",
        "set: { Name: Tunnel closed, Result: Success }",
        &[(Minor, "messages", "TUN0002", "set Result: `Success` is new")],
    );
    gives(
        "\"%Y-%m-%dT%H:%M:%S%.f%z\"]",
        "\"%Y-%m-%dT%H:%M:%S%.f%z\", \"%s\"]",
        &[(Minor, "rows", "Time", "formats: `%s` is new")],
    );
    gives(
        "token: userDepartment, sample: Research, waived: needs a user directory",
        "field: User, token: userDepartment, sample: Research",
        &[
            (Minor, "tokens", "userDepartment", "new"),
            (Patch, "rows", "Department", "waived: without `needs a user directory`"),
            (Minor, "rows", "Department", "token: `userDepartment` is new"),
            (Patch, "rows", "Department", "field: `User` is new"),
        ],
    );
}

#[test]
fn what_rules_look_for_and_find_no_more_breaks() {
    gives(
        "  - { from: Reason, token: reason, sample: wrong password }\n",
        "",
        &[(Breaking, "tokens", "reason", "gone"), (Breaking, "rows", "Reason", "gone → `reason`")],
    );
    gives(
        "{ from: User, token: sourceUser",
        "{ from: User, token: userName",
        &[
            (Breaking, "tokens", "sourceUser", "gone"),
            (Minor, "tokens", "userName", "new"),
            (Breaking, "rows", "User", "token: `sourceUser` is `userName` now"),
        ],
    );
    gives(
        "refused: Deny",
        "refused: Block",
        &[(Breaking, "cases", "verbs: refused", "to: `Deny` is `Block` now")],
    );
    gives(", refused: Deny", "", &[(Breaking, "cases", "verbs: refused", "gone → `Deny`")]);
    gives(
        "otherwise: keep",
        "otherwise: none",
        &[(Breaking, "values", "verbs", "otherwise: `keep` is `none` now")],
    );
    gives(
        "Result: Failure",
        "Result: Denied",
        &[
            (
                Breaking,
                "messages",
                "AUTH0001",
                "text: without `{Verb=refused}: {@from} ({Reason}) (sets Result = Failure)`",
            ),
            (
                Minor,
                "messages",
                "AUTH0001",
                "text: `{Verb=refused}: {@from} ({Reason}) (sets Result = Denied)` is new",
            ),
        ],
    );
    gives(
        "Name: Tunnel closed",
        "Name: Tunnel down",
        &[(Breaking, "messages", "TUN0002", "set Name: `Tunnel closed` is `Tunnel down` now")],
    );
    gives(
        "  TUN0002:",
        "  TUN0003:",
        &[(Breaking, "messages", "TUN0002", "gone"), (Minor, "messages", "TUN0003", "new")],
    );
    gives("year: past", "year: nearest", &[(Breaking, "rows", "Time", "year: `past` is `nearest` now")]);
    gives(
        "none: [\"(unknown)\"]",
        "none: [\"(unknown)\", \"-\"]",
        &[(Breaking, "rows", "User", "none: `-` is new")],
    );
    gives(
        "values: verbs }\n",
        "values: verbs, when: { Result: present } }\n",
        &[(Breaking, "rows", "Verb", "when: `Result is present` is new")],
    );
}

#[test]
fn a_case_that_replaces_a_value_which_was_kept_breaks_and_one_outside_the_map_is_new() {
    gives(
        "refused: Deny",
        "refused: Deny, held: Audit",
        &[(Breaking, "cases", "verbs: held", "new → `Audit`")],
    );
    gives("refused: Deny", "refused: Deny, held: held", &[(Minor, "cases", "verbs: held", "new → `held`")]);
    let refusing = acme("otherwise: keep", "otherwise: refuse");
    let more = acme("otherwise: keep, cases: {", "otherwise: refuse, cases: { held: Audit,");
    let [change] = &compare(&refusing, &more)[..] else { panic!() };
    assert_eq!((change.class, change.entry.as_str()), (Minor, "verbs: held"));
}

#[test]
fn what_comes_in_front_of_others_or_in_another_order_breaks() {
    gives(
        "deviceHost: { first: [Host, setting] }",
        "deviceHost: { first: [setting, Host] }",
        &[(Breaking, "tokens", "deviceHost", "from: another order, `setting`, `Host`")],
    );
    gives(
        "      - { match: \"{Verb=permitted}",
        "      - \"{Verb=held}: {*}\"\n      - { match: \"{Verb=permitted}",
        &[(Breaking, "messages", "AUTH0001", "text: `{Verb=held}: {*}` is new, in front of others")],
    );
    gives(
        "[\"user={User} from {Address:ip} port {Port:digits}\", \"user={User} from {Address:ip}\"]",
        "[\"user={User} from {Address:ip}\", \"user={User} from {Address:ip} port {Port:digits}\"]",
        &[(
            Breaking,
            "decode",
            "part from",
            "text: another order, `user={User} from {Address:ip}`, `user={User} from {Address:ip} port {Port:digits}`",
        )],
    );
}

#[test]
fn what_takes_records_from_a_family_breaks_where_they_lose_something() {
    let family = "  \"SYS*\": { set: { Name: System message } }\n";
    let beside = |more: &str| format!("{family}{more}");
    let listed = |message: &str| format!("  SYS0001: {message}\n  TUN0002:");
    for (message, class) in [
        ("{ set: { Name: System message } }", Minor),
        ("{ set: { Name: System message, Result: Success }, status: partial }", Minor),
        ("{ set: { Name: System message }, text: \"{Reason}\" }", Minor),
        ("{ set: { Name: Start } }", Breaking),
        ("{ set: { Result: Success } }", Breaking),
        ("{ set: { Name: System message }, required: sourceUser }", Breaking),
    ] {
        gives("  TUN0002:", &listed(message), &[(class, "messages", "SYS0001", "new")]);
    }
    for (more, name, class) in [
        ("  \"SYS0*\": { set: { Name: System message, Result: Success } }\n", "SYS0*", Minor),
        ("  \"SYS0*\": { set: { Name: Start } }\n", "SYS0*", Breaking),
        ("  \"SY*\": { set: { Name: Start } }\n", "SY*", Minor),
        ("  \"*SYS\": { set: { Name: Start } }\n", "*SYS", Minor),
    ] {
        gives(family, &beside(more), &[(class, "families", name, "new")]);
    }
    // Of two families the longer one has the records.
    let longer = beside("  \"SYS0*\": { set: { Name: Start } }\n");
    for (name, class) in [("Start", Minor), ("System message", Breaking)] {
        let message = format!("  SYS0001: {{ set: {{ Name: {name} }} }}\nfamilies:\n{longer}");
        let new = acme(&format!("families:\n{family}"), &message);
        let [change] = &compare(&acme(family, &longer), &new)[..] else { panic!("{name}") };
        assert_eq!((change.class, change.entry.as_str()), (class, "SYS0001"), "{name}");
    }
    // Records of a family that is mapped are partial if their own message cannot read them.
    let mapped = "  \"SYS*\": { set: { Name: System message }, status: mapped }\n";
    let old = acme(family, mapped);
    for (message, class) in [
        ("{ set: { Name: System message } }", Minor),
        ("{ set: { Name: System message }, text: \"{Reason}\" }", Breaking),
        ("{ set: { Name: System message }, status: partial }", Breaking),
    ] {
        let new =
            acme(&format!("families:\n{family}"), &format!("  SYS0001: {message}\nfamilies:\n{mapped}"));
        let [change] = &compare(&old, &new)[..] else { panic!("{message}") };
        assert_eq!((change.class, change.entry.as_str()), (class, "SYS0001"), "{message}");
    }
}

#[test]
fn what_a_family_requires_is_locked() {
    gives(
        "{ set: { Name: System message } }",
        "{ set: { Name: System message }, required: sourceUser }",
        &[(Breaking, "families", "SYS*", "required: `sourceUser` is new")],
    );
}

#[test]
fn what_takes_records_apart_elsewhere_breaks() {
    let header = "syslog: { host: Host, time: Time }";
    gives(
        header,
        "syslog: { host: Host, time: Time, before: [\"AUTH\"] }",
        &[(Breaking, "decode", "1 syslog", "before: `AUTH` is new")],
    );
    gives(
        header,
        "syslog: { host: Host, time: Time, after: [\"acme:\"] }",
        &[(Breaking, "decode", "1 syslog", "after: `acme:` is new")],
    );
    // Only where listed keys alone end a value does a new key end values that went on.
    let steps = "- template: \"{Id:[A-Z]2-4[0-9]4}: {*}\"\n";
    for (only, class) in [("", Minor), ("only-known: true, ", Breaking)] {
        let pairs =
            |keys: &str| format!("{steps}  - key-value: {{ {only}keys: {{ msg: \"{{*}}\"{keys} }} }}\n");
        let (old, new) = (acme(steps, &pairs("")), acme(steps, &pairs(", ref: \"{_ref}\"")));
        let [change] = &compare(&old, &new)[..] else { panic!("{only}") };
        assert_eq!((change.class, change.entry.as_str()), (class, "3 key-value ref"), "{only}");
    }
    let object = |envelope: &str| format!("- json: {{ envelope: [{envelope}], hand: msg }}\n  {steps}");
    let (old, new) = (acme(steps, &object("data")), acme(steps, &object("data, event")));
    let [change] = &compare(&old, &new)[..] else { panic!() };
    assert_eq!((change.class, change.what.as_str()), (Breaking, "envelope: `event` is new"));
}

#[test]
fn a_state_breaks_where_it_becomes_partial() {
    gives(
        "    set: { Name: Tunnel closed }\n",
        "    set: { Name: Tunnel closed }\n    status: partial\n",
        &[(Breaking, "messages", "TUN0002", "status: `partial` is new")],
    );
    gives(
        "{ set: { Name: System message } }",
        "{ set: { Name: System message }, status: mapped }",
        &[(Minor, "families", "SYS*", "status: `mapped` is new")],
    );
}

#[test]
fn a_kind_that_changes_breaks() {
    let (old, mut new) = (acme("", ""), acme("", ""));
    let tokens = new.sections.iter_mut().find(|section| section.name == "tokens").unwrap();
    let port = tokens.entries.iter_mut().find(|entry| entry.key == "sourcePort").unwrap();
    port.says[0].1 = vec!["string".to_owned()];
    let [change] = &compare(&old, &new)[..] else { panic!() };
    assert_eq!((change.class, change.what.as_str()), (Breaking, "kind: `port` is `string` now"));
}

#[test]
fn messages_that_are_found_by_text_have_an_order() {
    let keyed = "{ key: Id, file: catalogue.yaml }";
    let swapped = |lock: &Lock| {
        let mut lock = lock.clone();
        lock.sections.iter_mut().find(|section| section.name == "messages").unwrap().entries.reverse();
        lock
    };
    let by_key = acme("", "");
    assert_eq!(compare(&by_key, &swapped(&by_key)), []);
    let by_text = acme(keyed, "{ key: Id, file: catalogue.yaml, keyless: match }");
    let [change] = &compare(&by_text, &swapped(&by_text))[..] else { panic!() };
    assert_eq!((change.class, change.what.as_str()), (Breaking, "stands elsewhere among the messages"));
}

#[test]
fn a_wrong_spec_has_no_lock() {
    let files = vec![("spec.yaml".to_owned(), b"source: acme-vpn\n".to_vec())];
    let error = of::lock(&Input { name: "acme-vpn".to_owned(), files }, Version::FIRST).unwrap_err();
    assert_eq!(error, "the spec of `acme-vpn` has errors; `xdr check` shows them");
}
