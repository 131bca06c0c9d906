//! Enrichment: what a run looks up, from options and from the configuration file, and what is wrong with either.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::{Value, json};

use super::{Done, fed, normalize, ran, temporary, xdr};

#[path = "../support/mmdb.rs"]
mod mmdb;

/// A record of `citrix-vpn` with a user and two addresses.
fn session(user: &str, source: &str, destination: &str) -> String {
    format!(
        "<134> 03/14/2024:07:08:09 GMT gw1 0-PPE-0 : default SSLVPN TCPCONNSTAT 42 0 : User {user} - Client_ip {source} \
         - Source {source}:50500 - Destination {destination}:443 - Access Allowed\n"
    )
}

const USERS: &str = "user,userEmployeeId,userDepartment,userStatus\nkim,E7,Engineering,Full Time Employee\nlee,E8,,Contractor\n";

/// Some tokens of an event.
fn some(event: &Value, tokens: &[&str]) -> Value {
    tokens.iter().map(|token| event[*token].clone()).collect()
}

const PLACE: [&str; 6] = [
    "geoSourceCoordinates",
    "geoSourceCountry",
    "geoSourceCity",
    "geoDestinationCoordinates",
    "geoDestinationCountry",
    "geoDestinationCity",
];
const PERSON: [&str; 3] = ["userEmployeeId", "userDepartment", "userStatus"];

#[test]
fn tokens_are_filled_at_their_place_among_the_keys() {
    let geo = temporary("enrich.mmdb", &mmdb::documentation());
    let users = temporary("enrich.csv", USERS.as_bytes());
    let input = session("Kim", "203.0.113.5", "198.51.100.9");
    let options = [
        "--geo",
        &geo,
        "--directory",
        &users,
        "--tag",
        "dmz",
        "--tag",
        "VPN",
        "--networks",
        "203.0.113.0/24",
    ];
    let done = fed(normalize("citrix-vpn", &options), input.as_bytes()).expect(0);
    let event = &done.events()[0];
    assert_eq!(some(event, &["eventContext", "tags"]), json!(["local-to-remote", ["VPN", "dmz"]]));
    assert_eq!(some(event, &PERSON), json!(["E7", "Engineering", "Full Time Employee"]));
    assert_eq!(
        some(event, &PLACE),
        json!(["34.164,-118.2387", "United States", "Glendale", "22.5626,88.363", "India", "Kolkata"])
    );
    // The keys stand in the schema's order.
    let schema = ran(["tokens", "--format", "json"]).expect(0);
    let schema: Vec<Value> = serde_json::from_slice(&schema.stdout).unwrap();
    let place = |key: &str| schema.iter().position(|token| token["name"] == key);
    let text = done.text();
    // Nothing in the record looks like a key.
    let keys =
        text.split(",\"xdr\":").next().unwrap().split("\":").filter_map(|piece| piece.rsplit('"').next());
    let keys: Vec<usize> = keys.filter_map(place).collect();
    assert!(keys.len() > 20 && keys.is_sorted(), "{keys:?}");
}

#[test]
fn by_default_only_the_direction_is_filled() {
    let sides = [
        ("10.0.0.5", "198.51.100.9"),
        ("198.51.100.9", "192.168.7.7"),
        ("172.16.0.1", "10.1.1.1"),
        ("192.0.2.1", "198.51.100.9"),
    ];
    let input: String = sides.iter().map(|(from, to)| session("kim", from, to)).collect();
    let events = fed(normalize("citrix-vpn", &[]), input.as_bytes()).expect(0).events();
    let found: Vec<&Value> = events.iter().map(|event| &event["eventContext"]).collect();
    assert_eq!(found, ["local-to-remote", "remote-to-local", "local-to-local", "remote-to-remote"]);
    assert_eq!(some(&events[0], &["tags", "userStatus", "geoDestinationCity"]), json!([["VPN"], null, null]));
    let none = fed(normalize("citrix-vpn", &["--networks", "none"]), input.as_bytes()).expect(0).events();
    assert!(none.iter().all(|event| event["eventContext"].is_null()));
}

#[test]
fn private_addresses_and_strangers_get_nothing() {
    let anywhere = mmdb::database("t", 6, &[("0.0.0.0/0", mmdb::flat("Oslo", "NO", 60.0, 10.5))]);
    let geo = temporary("enrich-anywhere.mmdb", &anywhere);
    let users = temporary("enrich-strangers.csv", USERS.as_bytes());
    let input = session("sam", "10.0.0.5", "198.51.100.9");
    let done =
        fed(normalize("citrix-vpn", &["--geo", &geo, "--directory", &users]), input.as_bytes()).expect(0);
    let event = &done.events()[0];
    assert_eq!(some(event, &PLACE), json!([null, null, null, "60,10.5", "Norway", "Oslo"]));
    assert_eq!(some(event, &PERSON), json!([null, null, null]));
    assert_eq!(event["xdr"]["issues"], Value::Null);
}

#[test]
fn the_configuration_file_says_the_same_and_the_command_line_wins() {
    temporary("enrich-city.mmdb", &mmdb::documentation());
    temporary("enrich-users.csv", USERS.as_bytes());
    let config = temporary(
        "enrich.toml",
        b"[sources.citrix-vpn]\nnetworks = [\"private\", \"203.0.113.0/24\"]\ndirectory = \"enrich-users.csv\"\n\
          geo = [\"enrich-city.mmdb\"]\ntags = [\"a\", \"b\"]\n",
    );
    let input = session("lee", "203.0.113.5", "10.0.0.9");
    let event = &fed(normalize("citrix-vpn", &["--config", &config]), input.as_bytes()).expect(0).events()[0];
    assert_eq!(some(event, &["eventContext", "tags"]), json!(["local-to-local", ["VPN", "a", "b"]]));
    assert_eq!(some(event, &PERSON), json!(["E8", null, "Contractor"]));
    assert_eq!(event["geoSourceCity"], "Glendale");
    let wins = ["--config", &config, "--tag", "c", "--networks", "private"];
    let event = &fed(normalize("citrix-vpn", &wins), input.as_bytes()).expect(0).events()[0];
    assert_eq!(some(event, &["eventContext", "tags"]), json!(["remote-to-local", ["VPN", "c"]]));
    assert_eq!(event["userEmployeeId"], "E8", "what the command line does not say stays");
}

#[test]
fn what_cannot_be_used_is_an_error_with_its_place() {
    let users = |name: &str, text: &str| temporary(name, text.as_bytes());
    let cell = users("enrich-cell.csv", "user,userStatus\nkim,\"a\nlee,b\n");
    let column = users("enrich-column.csv", "user,userStaus\n");
    let other = users("enrich-other.csv", "user,group\n");
    let asn = temporary(
        "enrich-asn.mmdb",
        &mmdb::database("Acme-ASN", 4, &[("192.0.2.0/24", mmdb::Data::Map(vec![]))]),
    );
    for (options, status, line, help) in [
        (
            ["--directory", &cell],
            2,
            format!("`{cell}`, line 2, column 2: a quote that is not closed in its line"),
            "",
        ),
        (
            ["--directory", &column],
            2,
            format!("`{column}`, line 1, column 2: the column `userStaus` is neither `user` nor a token"),
            "did you mean `userStatus`?",
        ),
        (
            ["--directory", &other],
            2,
            format!("`{other}`, line 1: no column that `citrix-vpn` takes"),
            "it takes: userEmployeeId, userDepartment, userStatus",
        ),
        (
            ["--directory", "none.csv"],
            1,
            "cannot read `none.csv`: No such file or directory (os error 2)".to_owned(),
            "",
        ),
        (
            ["--geo", "none.mmdb"],
            1,
            "cannot read `none.mmdb`: No such file or directory (os error 2)".to_owned(),
            "",
        ),
        (
            ["--geo", &asn],
            2,
            format!("`{asn}`: the database `Acme-ASN` holds neither cities, countries nor coordinates"),
            "",
        ),
        (["--networks", "none,private"], 2, "`none` and other networks exclude each other".to_owned(), ""),
    ] {
        let done = ran(normalize("citrix-vpn", &options)).expect(status);
        done.says(&format!("xdr: error: {line}"));
        assert_eq!(
            done.stderr.lines().nth(1).unwrap_or_default().trim(),
            if help.is_empty() { String::new() } else { format!("help: {help}") }
        );
    }
    let done = ran(normalize("teleport", &["--networks", "10.0.0.0/8"])).expect(2);
    done.says("xdr: error: the spec of `teleport` enriches nothing by `networks`");
    let done = ran(normalize("citrix-vpn", &["--networks", "10.0.0.1/8"])).expect(2);
    assert!(done.stderr.contains("which is `10.0.0.0/8`"), "{}", done.stderr);
}

#[test]
fn explain_says_what_was_looked_up_and_what_could_be() {
    let geo = temporary("enrich-explain.mmdb", &mmdb::documentation());
    let line = session("kim", "203.0.113.5", "198.51.100.9");
    let text = ran(["explain", "--source", "citrix-vpn", "--geo", &geo, line.trim()]).expect(0);
    let row = |token: &str| {
        text.text().lines().find(|line| line.trim().starts_with(token)).unwrap_or_default().to_owned()
    };
    assert!(
        row("geoSourceCity")
            .ends_with("(internal)                  not of the record: geo of sourceIpv4 or sourceIpv6")
    );
    assert!(
        row("eventContext").ends_with("networks of sourceIpv4 or sourceIpv6 and destinationIpv4"),
        "{}",
        row("eventContext")
    );
    let missing = text.text().split("not enriched in this run").nth(1).unwrap();
    assert_eq!(
        missing.lines().nth(2).unwrap().split_whitespace().collect::<Vec<_>>().join(" "),
        "directory userName userEmployeeId, userDepartment, userStatus --directory"
    );
    assert!(!missing.contains("--geo"));
}

/// Blocks of a pipe end where reading did, so a record that follows an answer is mapped with the file as it is then.
#[test]
#[cfg(unix)]
fn a_directory_that_changes_is_read_again_while_the_run_goes_on() {
    let path = temporary("enrich-changing.csv", USERS.as_bytes());
    let options = ["--directory", &path, "--threads", "2"];
    let mut child = xdr(normalize("citrix-vpn", &options)).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut status = |user: &str| {
        stdin.write_all(session(user, "203.0.113.5", "198.51.100.9").as_bytes()).unwrap();
        stdin.flush().unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        serde_json::from_str::<Value>(&line).unwrap()["userStatus"].clone()
    };
    assert_eq!(status("kim"), "Full Time Employee");
    std::fs::write(&path, "user,userStatus\nkim,on leave until May\n").unwrap();
    assert_eq!(status("kim"), "on leave until May");
    std::fs::write(&path, "user,userStatus\nkim\n").unwrap();
    assert_eq!(status("kim"), "on leave until May", "a broken file is not taken");
    std::fs::write(&path, "user,userStatus\nlee,new\n").unwrap();
    assert_eq!((status("kim"), status("lee")), (Value::Null, json!("new")));
    drop(stdin);
    let done = Done::of(child).expect(0);
    let warning = format!(
        "xdr: warning: `{path}`, line 2: cells: 1, where the first line names 2 columns, the directory as it was stays in use"
    );
    assert_eq!(done.stderr.lines().filter(|line| *line == warning).count(), 1, "{}", done.stderr);
}

/// The cache is shared by the threads, and no answer depends on it.
#[test]
fn any_number_of_threads_enriches_alike() {
    let geo = temporary("enrich-threads.mmdb", &mmdb::documentation());
    let users = temporary("enrich-threads.csv", USERS.as_bytes());
    let input: String = (0..4000)
        .map(|number| {
            session(
                ["kim", "lee", "sam"][number % 3],
                &format!("203.0.113.{}", number % 250),
                &format!("198.51.{}.7", number % 130),
            )
        })
        .collect();
    let input = temporary("enrich-threads.log", input.as_bytes());
    let run = |threads: &str| {
        let options = ["--geo", &geo, "--directory", &users, "--threads", threads, &input];
        ran(normalize("citrix-vpn", &options)).expect(0).stdout
    };
    let one = run("1");
    assert!(one == run("2") && one == run("7"));
}
