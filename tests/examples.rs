//! The examples do what they say: the programs on good and bad input, the vendor through `xdr check` and the compiler.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

// Their `main` is not called here.
#[expect(dead_code, reason = "the program's own entry is not called")]
#[path = "../examples/count_by_user.rs"]
mod count_by_user;
#[expect(dead_code, reason = "the program's own entry is not called")]
#[path = "../examples/embed.rs"]
mod embed;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{root, sample_files, samples};
use xdr_sources::sources;

/// What `embed` prints, and on which stream; the numbers are those of events and rejects.
fn embedded(source: &str, input: &[u8]) -> (String, String, (u64, u64)) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let numbers = embed::run(source, input, &mut out, &mut err).unwrap();
    (String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap(), numbers)
}

#[test]
fn embed_prints_a_few_tokens_of_each_event() {
    let input = b"Mar 14 2024 07:08:09 asa1 : %ASA-6-113005: AAA user authentication Rejected : reason = AAA failure : \
        server = 192.0.2.1 : user = kim : user IP = 192.168.0.7\n\nMar 14 2024 07:08:10 asa1 : %ASA-6-113007: User lee \
        unlocked by administrator\r\n";
    let (out, err, numbers) = embedded("cisco-anyconnect", input);
    assert_eq!(
        out,
        "2024-03-14T07:08:09+00:00, AAA user authentication Rejected, by kim, from 192.168.0.7 (private), Failure\n\
         2024-03-14T07:08:10+00:00, User unlocked, by lee, Success\n"
    );
    assert_eq!((err.as_str(), numbers), ("", (2, 0)));
}

#[test]
fn embed_goes_on_after_a_bad_record() {
    let (out, err, numbers) =
        embedded("teleport", b"not json\n\xff\xfe\n{\"event\":\"user.login\",\"user\":\"kim\"}\n");
    assert_eq!(out, "Login, by kim\n");
    assert_eq!(
        err,
        "line 1: no form of the source matches at byte 4: expected ` [AUDIT` (form `text`)\n\
         line 2: not UTF-8 at byte 0: expected UTF-8\n"
    );
    assert_eq!(numbers, (1, 2));
}

#[test]
fn embed_takes_every_sample() {
    for source in sources() {
        let name = source.info.name;
        let input: Vec<u8> = sample_files(name).iter().flat_map(|path| fs::read(path).unwrap()).collect();
        let (.., (events, rejects)) = embedded(name, &input);
        assert_eq!(usize::try_from(events + rejects).unwrap(), samples(name).len(), "{name}");
    }
}

#[test]
fn examples_name_the_sources_that_there_are() {
    let error = embed::run("acme", &b""[..], &mut Vec::new(), &mut Vec::new()).unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("there is no source `acme`, expected one of ") && text.contains("`teleport`"),
        "{text}"
    );
    let error = count_by_user::count("acme", &b""[..], &mut count_by_user::Counts::default()).unwrap_err();
    assert_eq!(error.to_string(), "there is no source `acme`");
}

#[test]
fn events_are_counted_by_user() {
    let mut counts = count_by_user::Counts::default();
    let input =
        b"Mar 14 07:08:09 asa1 : %ASA-6-113005: AAA user authentication Rejected : reason = AAA failure : \
        server = 192.0.2.1 : user = kim : user IP = 192.0.2.7\n\
        Mar 14 07:08:10 asa1 : %ASA-6-113007: User kim unlocked by administrator\n\
        Mar 14 07:08:11 asa1 : %ASA-2-113027: Error activating tunnel-group scripts\n\
        rubbish\n";
    // Two files of it, say.
    for _ in 0..2 {
        count_by_user::count("cisco-anyconnect", &input[..], &mut counts).unwrap();
    }
    let mut out = Vec::new();
    count_by_user::print(&counts, &mut out).unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        " events   failed  user\n      4        2  kim\n      2        2  -\n      2  records without an event\n"
    );
}

#[test]
fn the_vendor_of_the_example_compiles() {
    let folder = root().join("examples/add_a_vendor");
    let output = Command::new(env!("CARGO_BIN_EXE_xdr")).arg("check").arg(&folder).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert_eq!(text, "1 spec, no problems\n");
    let inputs = xdr_codegen::load(&folder).unwrap();
    let (generated, _) = xdr_codegen::compile(&inputs).unwrap_or_else(|_| panic!("does not compile"));
    assert_eq!(generated.len(), 1);
    assert_eq!(generated[0].name, "acme-vpn");
    assert!(generated[0].text.contains("pub fn map"));
    assert!(!support::entries(&folder.join("acme-vpn/samples")).is_empty());
}

#[test]
fn the_vendor_of_the_tutorial_compiles_where_a_reader_puts_it() {
    let (name, kept) = ("trend-deep-security", root().join("examples/tutorial"));
    let specs = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tutorial-specs");
    let folder = specs.join(name);
    fs::create_dir_all(&folder).unwrap();
    for file in ["spec.yaml", "catalogue.yaml"] {
        fs::copy(kept.join(name).join(file), folder.join(file)).unwrap();
    }
    let inputs = xdr_codegen::load(&specs).unwrap();
    let (generated, checked) = xdr_codegen::compile(&inputs).unwrap_or_else(|_| panic!("does not compile"));
    assert!(checked.diagnostics.is_empty() && generated.len() == 1);
    let text = &generated[0].text;
    assert!(text.contains("decode::cef(") && text.contains("decode::leef("));
    // Each row of the guide stands in the spec, with its sample.
    let (guide, spec) = (
        fs::read_to_string(kept.join("guide.txt")).unwrap(),
        fs::read_to_string(folder.join("spec.yaml")).unwrap(),
    );
    let rows = guide.lines().filter(|line| line.matches('\t').count() == 3).skip(1);
    let mut found = 0;
    for row in rows {
        let cells: Vec<&str> = row.split('\t').collect();
        let row = format!("from: {}, token: {}, sample: ", cells[0], cells[1]);
        let line = spec.lines().find(|line| line.contains(&row));
        assert!(line.is_some_and(|line| line.contains(cells[2])), "{row}{}", cells[2]);
        found += 1;
    }
    assert_eq!(found, 33);
}
