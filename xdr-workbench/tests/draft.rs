//! Drafts are held against the hand-written specs: what the guides of these say is written back as the text of a guide, and the draft
//! of that text must have the same rows and values.
//!
//! The published guides themselves are no part of the project. With the folder that holds their texts (`NAME.txt`) in `XDR_GUIDES`,
//! `cargo nextest run -p xdr-workbench --run-ignored all published --no-capture` measures the drafts of them too, and lists every row
//! that differs.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod draft_support;

use std::fmt::Write as _;
use std::path::PathBuf;

use draft_support::{drafted, of_source, written_back};
use xdr_runtime::engine::Engine;
use xdr_runtime::ndjson::Keep;
use xdr_runtime::settings::Settings;
use xdr_workbench::draft::{self, Draft, Layout};
use xdr_workbench::interpret::Interpreted;

fn fixture(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/draft").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// What is wrong with a draft, as `xdr check` would say it.
fn findings(name: &str, draft: &Draft) -> String {
    let files = vec![("spec.yaml".to_owned(), draft.spec.clone().into_bytes())];
    let checked = xdr_codegen::check(&[xdr_codegen::Input { name: name.to_owned(), files }]);
    xdr_codegen::render(&checked, xdr_codegen::Style::Plain)
}

/// The spec with the host for what is no IPv4 address, as all sources decide. The check refuses it before.
fn host_decided(spec: &str) -> String {
    let line = |line: &str| line.replace("otherwise: \"?\"", "otherwise: destinationHost") + "\n";
    spec.lines().map(line).collect()
}

#[test]
fn guides_that_are_written_back_give_the_rows_of_the_specs() {
    for source in xdr_sources::sources() {
        let text = written_back(source.info);
        let guide = draft::read(&text);
        let made = draft::from_guide(source.info.name, &guide, None, None);
        let (expected, found) = (of_source(source.info), drafted(&made.spec));
        assert_eq!(expected.differences(&found), Vec::<String>::new(), "{}\n{}", source.info.name, made.spec);
        let decided = Draft { spec: host_decided(&made.spec), ..made };
        assert_eq!(findings(source.info.name, &decided), "", "{}", source.info.name);
        assert_eq!(guide.title.as_deref(), Some(source.info.title));
        assert_eq!(guide.published.as_deref().unwrap_or_default(), source.info.published);
    }
}

#[test]
fn no_row_is_lost_in_a_table_without_heads_or_in_another_order() {
    for source in xdr_sources::sources() {
        let text = written_back(source.info);
        let without: String = text
            .lines()
            .filter(|line| {
                !line.starts_with("Data Source Fields\t")
                    && !line.starts_with("Qualys Context XDR QQL Tokens\t")
            })
            .fold(String::new(), |text, line| text + line + "\n");
        let (guide, whole) = (draft::read(&without), draft::read(&text));
        assert_eq!(
            (guide.rows.len(), guide.internal.len()),
            (whole.rows.len(), whole.internal.len()),
            "{}",
            source.info.name
        );
        // The table of internal fields first.
        let (front, tables) = text.split_once("Data Field Mappings\n").unwrap();
        let (fields, internal) = tables.split_once("Qualys Internal Fields\n").unwrap();
        let turned = format!("{front}Qualys Internal Fields\n{internal}\nData Field Mappings\n{fields}");
        let turned = draft::read(&turned);
        assert_eq!(
            (turned.rows.len(), turned.internal.len()),
            (whole.rows.len(), whole.internal.len()),
            "{}",
            source.info.name
        );
        assert_eq!(turned.maps.len(), whole.maps.len(), "{}", source.info.name);
    }
}

#[test]
#[ignore = "needs the published guides, whose folder XDR_GUIDES names"]
fn published_guides_give_the_rows_of_the_specs() {
    let Some(folder) = std::env::var_os("XDR_GUIDES").map(PathBuf::from) else { return };
    let mut report = String::new();
    let mut few = Vec::new();
    for source in xdr_sources::sources() {
        let name = source.info.name;
        let text = std::fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap();
        let guide = draft::read(&text);
        let made = draft::from_guide(name, &guide, None, None);
        let (expected, found) = (of_source(source.info), drafted(&made.spec));
        let differences = expected.differences(&found);
        let all = expected.len();
        let same = all - differences.len().min(all);
        let _ = writeln!(
            report,
            "{name}: {same} of {all} rows and values are identical ({} rows, {} drafted)",
            expected.rows.len(),
            found.rows.len()
        );
        for difference in &differences {
            let _ = writeln!(report, "  {difference}");
        }
        if guide.scanned {
            let unsaid = made.notes.iter().filter(|note| note.text.contains("scanned, compare")).count();
            let _ = writeln!(report, "  scanned: {unsaid} rows are reported, of {}", found.rows.len());
            if unsaid < found.rows.len() || found.rows.len() < expected.rows.len() {
                few.push(name);
            }
        } else if found.rows.len() < expected.rows.len() || same * 100 < all * 98 {
            few.push(name);
        }
    }
    println!("{report}");
    assert!(few.is_empty(), "too few rows: {few:?}");
}

/// The draft of a fixture, and what the author is told.
fn shown(name: &str, with_lines: bool) -> String {
    let guide = draft::read(&fixture(&format!("{name}.txt")));
    let lines = with_lines.then(|| fixture(&format!("{name}.log")));
    let made = draft::from_guide(name, &guide, lines.as_deref(), None);
    let mut text = format!("{}--- samples\n{}--- notes\n", made.spec, made.samples);
    for note in &made.notes {
        let kind = if note.refused { "decide" } else { "note" };
        let _ = writeln!(text, "{kind}: {}: {}", note.line, note.text);
    }
    let _ = write!(text, "--- check\n{}", findings(name, &made));
    text
}

#[test]
fn drafts_of_invented_guides() {
    for (name, with_lines) in [
        ("northwall", true),
        ("brookline", true),
        ("brookline", false),
        ("southgate", true),
        ("southgate", false),
    ] {
        let title = if with_lines { name.to_owned() } else { format!("{name}-alone") };
        insta::with_settings!({ omit_expression => true, snapshot_path => "draft", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(title, shown(name, with_lines));
        });
    }
}

#[test]
fn a_firewall_s_guide_is_two_edits_from_a_spec() {
    let guide = draft::read(&fixture("northwall.txt"));
    let made = draft::from_guide("northwall", &guide, Some(&fixture("northwall.log")), None);
    let decided = made.notes.iter().filter(|note| note.refused).count();
    let spec = host_decided(&made.spec.replace("token: sourceUsr", "token: sourceUser"));
    let mended = Draft { spec, ..made };
    assert_eq!((decided, findings("northwall", &mended)), (2, String::new()));
}

#[test]
fn folders_without_a_guide_have_no_findings() {
    for layout in [Layout::Text, Layout::Columns, Layout::Json, Layout::Pairs, Layout::Cef, Layout::Leef] {
        let made = draft::skeleton("acme-vpn", layout);
        assert_eq!(findings("acme-vpn", &made), "", "{layout:?}\n{}", made.spec);
    }
}

/// The event that a draft makes of a line.
fn event(name: &str, draft: &Draft, line: &str) -> serde_json::Value {
    let files = vec![("spec.yaml".to_owned(), draft.spec.clone().into_bytes())];
    let (interpreted, _) = Interpreted::load(&xdr_codegen::Input { name: name.to_owned(), files });
    let (mut out, keep) = (Vec::new(), Keep { unmapped: true, raw: false });
    let settings = Settings::new("2024-03-15T00:00:00Z".parse().unwrap());
    interpreted.unwrap().normalize(line.as_bytes(), 0, &settings, keep, &mut out);
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn lines_of_folders_without_a_guide_are_mapped() {
    for layout in [Layout::Text, Layout::Columns, Layout::Json, Layout::Pairs, Layout::Cef, Layout::Leef] {
        let made = draft::skeleton("acme-vpn", layout);
        let event = event("acme-vpn", &made, made.samples.trim_end());
        assert_eq!(event["xdr"]["status"], "mapped", "{layout:?} {event}");
        assert_eq!(
            (&event["sourceUser"], &event["sourceIpv4"]),
            (&"kim".into(), &"192.0.2.7".into()),
            "{event}"
        );
        assert!(event["eventTime"].is_string(), "{event}");
    }
}

#[test]
fn cef_is_drafted_as_its_step_with_the_names_that_lines_tell() {
    let (guide, lines) = (draft::read(&fixture("southgate.txt")), fixture("southgate.log"));
    let made = draft::from_guide("southgate", &guide, Some(&lines), None);
    assert_eq!(findings("southgate", &made), "");
    let expected = [
        ("deviceId", "241"),
        ("policy", "office=out"),
        ("filePath", "C:\\Users\\kim\\a.txt"),
        ("deviceModel", "Host Guard"),
        ("deviceEventId", "4000"),
    ];
    let first = lines.lines().next().unwrap();
    for line in [first, made.samples.trim_end()] {
        let event = event("southgate", &made, line);
        assert_eq!(event["xdr"]["status"], "mapped", "{event}");
        for (token, text) in expected {
            assert_eq!(event[token], text, "{event}");
        }
    }
    assert_eq!(event("southgate", &made, first)["xdr"]["unmapped"]["Shift"], "seven");
    // Without lines the names of the guide are told by labels.
    let alone = draft::from_guide("southgate", &guide, None, None);
    let mapped = event("southgate", &alone, alone.samples.trim_end());
    assert_eq!(
        (&mapped["xdr"]["status"], &mapped["policy"]),
        (&"mapped".into(), &"office=out".into()),
        "{mapped}"
    );
    // Who lists the bare keys reads them, not the names.
    let spec = of_row("cs1\tpolicy\tx", "CEF:0|Acme|Wall|1|100|Deny|5|cs1=x cs1Label=Rule\n");
    assert!(spec.contains("cs1: \"{cs1}\"") && !spec.contains("labels"), "{spec}");
    let spec = of_row("Rule\tpolicy\tx", "LEEF:2.0|Acme|Wall|1|100|^|a=b^cs1=x^cs1Label=Rule\n");
    assert!(
        spec.contains("- leef:") && spec.contains("labels: true") && spec.contains("Rule: \"{Rule}\""),
        "{spec}"
    );
}

#[test]
fn what_is_no_guide_has_no_rows() {
    for text in ["", "\t\t\n", "Some words.\n\nMore of them\tand\ttabs\n", "\u{0}\t\u{1}"] {
        assert!(draft::read(text).rows.is_empty(), "{text:?}");
    }
}

/// A guide of one row, and the `decode` and `map` that lines make of it.
fn of_row(row: &str, lines: &str) -> String {
    let text = format!(
        "Acme Wall\n\nData Mapping Guide\n\nDevice Details\n\nDevice Type: Firewall\nDevice Vendor: Acme\nDevice Product: Wall\n\n\
         Data Field Mappings\n\nField\tQQL Token\tSample\n{row}\n"
    );
    let made = draft::from_guide("acme-wall", &draft::read(&text), Some(lines), None);
    assert_eq!(findings("acme-wall", &made), "", "{}", made.spec);
    made.spec.split_once("\ndecode:\n").unwrap().1.to_owned()
}

/// The draft of a guide with these rows and these tables of values, for JSON.
fn with_values(rows: &str, tables: &str) -> Draft {
    let text = format!(
        "Acme Wall\n\nData Mapping Guide\n\nDevice Details\n\nDevice Type: Firewall\nDevice Vendor: Acme\nDevice Product: Wall\n\n\
         Data Field Mappings\n\nField\tQQL Token\tSample\n{rows}\nField Value Mappings\n\n{tables}\n"
    );
    draft::from_guide("acme-wall", &draft::read(&text), None, Some(Layout::Json))
}

const LEVELS: &str = "Source Values\tQualys Normalized Values\n0-6\tWarning\n7-10\tCritical\n";

#[test]
fn a_table_belongs_to_the_row_whose_field_is_its_title() {
    // `risk` is a token too, of a threat's name.
    let made = with_values("risk\tseverity\t8\n", &format!("Data source field: risk\n\n{LEVELS}"));
    assert!(made.spec.contains("token: severity, sample: \"8\", values: risk }"), "{}", made.spec);
    assert!(!made.spec.contains("token: risk"), "{}", made.spec);
    assert_eq!(findings("acme-wall", &made), "", "{}", made.spec);
    // One field fills two tokens: the map stands at the row of its own, and not beside it.
    let rows = "Severity\triskScore\t8\nSeverity\tseverity\t8\n";
    let made = with_values(rows, &format!("Data source field: severity\n\n{LEVELS}"));
    assert!(made.spec.contains("token: severity, sample: \"8\", values: severity }"), "{}", made.spec);
    assert!(!made.spec.contains("fan-in"), "{}", made.spec);
    assert_eq!(findings("acme-wall", &made), "", "{}", made.spec);
}

#[test]
fn a_table_of_which_two_readings_are_possible_is_to_be_decided() {
    for (rows, title, says) in [
        ("risk\triskScore\t8\n", "risk", "`risk` is the name of a token too"),
        (
            "a\tseverity\t8\nb\tseverity\t9\n",
            "severity",
            "several rows may have these values (`a` for `severity`, `b` for",
        ),
        ("lvl\tseverity, action\t8\n", "lvl", "several rows may have these values"),
    ] {
        let made = with_values(rows, &format!("Data source field: {title}\n\n{LEVELS}"));
        let open: Vec<&str> =
            made.notes.iter().filter(|note| note.refused).map(|note| note.text.as_str()).collect();
        assert!(open.iter().any(|note| note.contains(says)), "{title}: {open:?}");
        assert!(made.spec.contains("# Decide: "), "{}", made.spec);
        assert!(findings("acme-wall", &made).contains("error["), "{}", made.spec);
    }
}

#[test]
fn what_is_no_ipv4_address_is_decided_where_the_schema_has_no_token_for_it() {
    let made =
        with_values("src\tsourceIpv4\t192.0.2.7\ndst\tdestinationIpv4/destinationIpv6\t198.51.100.9\n", "");
    assert!(made.spec.contains("sample: 192.0.2.7, otherwise: sourceIpv6 }"), "{}", made.spec);
    assert!(made.spec.contains("sample: 198.51.100.9, otherwise: \"?\" }"), "{}", made.spec);
    assert!(findings("acme-wall", &made).contains("`?`"), "{}", findings("acme-wall", &made));
    let decided = Draft { spec: host_decided(&made.spec), ..made.clone() };
    assert_eq!(findings("acme-wall", &decided), "", "{}", decided.spec);
    let several = made.notes.iter().filter(|note| note.text.contains("several tokens in one cell")).count();
    assert_eq!(several, 1, "{:?}", made.notes);
}

#[test]
fn a_time_in_two_keys_is_one_field() {
    let lines = "<189>date=2023-06-05 time=10:11:12 devname=\"gw\" user=kim\n";
    let spec = of_row("time\teventTime\t2023-06-05 10:11:12", lines);
    assert!(spec.contains("{date and time=date={_date:word} time={_time:word}} {*}"), "{spec}");
    assert!(spec.contains("[\"date=%Y-%m-%d time=%H:%M:%S\", \"%Y-%m-%d %H:%M:%S\"]"), "{spec}");
}

#[test]
fn a_clock_whose_day_is_in_another_row_gets_it() {
    let lines = "<189>date=2023-06-05 time=10:11:12 tz=\"+0100\" user=kim moment=1710400089123456789\n";
    let rows = "date\tN/A\t2023-06-05\ntime\teventTime\t10:11:12\nmoment\tbeginningTime\t1710400089123456789";
    let spec = of_row(rows, lines);
    assert!(spec.contains("sample: date=2023-06-05 time=10:11:12,"), "{spec}");
    assert!(spec.contains("as: { time: [\"%9Q\"] }"), "{spec}");
    assert!(spec.contains("write `tz: \"{tz}\"` under `keys` and `zone-from: tz` here"), "{spec}");
}

#[test]
fn texts_for_no_value_are_none() {
    let lines = "<189>host=N/A user=kim src=0.0.0.0\n<189>host=gw user=- src=192.0.2.7\n";
    let spec = of_row("host\tdeviceHost\tN/A\nuser\tsourceUser\tkim\nsrc\tsourceIpv4\t192.0.2.7", lines);
    for row in ["deviceHost, sample: N/A, none: [N/A] }", "sample: kim, none: [\"-\"] }", "none: [0.0.0.0] }"]
    {
        assert!(spec.contains(row), "{row}: {spec}");
    }
}

/// A guide of a product that sends columns, its rows in their order.
const COLUMNS: &str = "Time\teventTime\t2024-03-14 07:08:09\nSerial\tdeviceId\tA12\nKind\tN/A\tLOGIN\nUser\tsourceUser\trobin\n\
    Address\tsourceIpv4\t192.0.2.7\nGateways\ttags\tgw1,20;gw2,35\nHost\tdestinationHost\tvpn.example.com\n";

#[test]
fn the_rows_of_a_guide_are_the_columns_of_its_records() {
    let lines = "<14>Mar 14 07:08:09 gw 1,2024-03-14 07:08:09,A12,LOGIN,\"Lee, Kim\",192.0.2.7,,vpn.example.com,0\n\
        <14>Mar 14 07:09:09 gw 1,2024-03-14 07:09:09,A12,LOGIN,kim,192.0.2.8,\"gw1,20;gw2,35\",vpn.example.com,0\n";
    let spec = of_row(COLUMNS, lines);
    let names = ["column 1", "Time", "Serial", "Kind", "User", "Address", "Gateways", "Host", "column 9"];
    let columns = format!("      columns:\n        - {}\n", names.join("\n        - "));
    assert!(spec.contains(&columns), "{spec}");
    assert!(spec.contains("as: { split: \";\" }"), "{spec}");
    assert!(!spec.contains("Lee"), "{spec}");
    // Without lines the guide's order is all there is.
    let text = format!(
        "Supported Formats\n\n- Syslog (CSV)\n\nData Source Field\tQQL Token\tSample Value\n{COLUMNS}"
    );
    let alone = draft::from_guide("acme-wall", &draft::read(&text), None, None);
    assert!(alone.spec.contains("      columns:\n        - Time\n        - Serial\n"), "{}", alone.spec);
    assert!(alone.samples.contains(",192.0.2.7,\"gw1,20;gw2,35\",vpn"), "{}", alone.samples);
}

#[test]
fn columns_and_lists_are_drafted_from_lines() {
    let spec = of_row("User\tsourceUser\tkim", "1,kim,192.0.2.7,allow,443\n2,robin,192.0.2.8,deny,80\n");
    let columns =
        ["column 1", "User", "column 3", "column 4", "column 5"].map(|name| format!("        - {name}\n"));
    assert!(spec.contains("  - csv:\n") && spec.contains(&columns.concat()), "{spec}");
    let spec =
        of_row("target[0].id\taccountName\tx", r#"{"target":[{"id":"7"}],"chain":[{"ip":"192.0.2.7"}]}"#);
    assert!(spec.contains("choose: { target: first }"), "{spec}");
    let spec = of_row("chain[].ip\tdeviceIPAddresses\t192.0.2.7", r#"{"chain":[{"ip":"192.0.2.7"}]}"#);
    assert!(spec.contains("choose: { chain: each }"), "{spec}");
    let spec = of_row("sourceAddress\tsourceIpv4\t192.0.2.7", "CEF:0|Acme|Wall|1|100|Deny|5|src=192.0.2.7\n");
    assert!(spec.contains("src: \"{sourceAddress}\""), "{spec}");
}

#[test]
fn a_guide_that_breaks_off_or_has_odd_cells_gives_sound_yaml() {
    let whole = fixture("northwall.txt");
    let lines: Vec<&str> = whole.lines().collect();
    let odd =
        ["a: b # c", "{x}", "'", "\"", "\\", "- ", "%@`", "no", "é\u{85}", "|", "[1", "*x", "&y", "!z", ": "];
    for cut in (0..lines.len()).step_by(7) {
        let mut text = lines.get(..cut).unwrap().join("\n");
        for (at, cell) in odd.iter().enumerate() {
            let _ = write!(
                text,
                "\n{cell}\t\t\tsourceUser\t{cell}\tx\n\t{cell}{at}\t\tpolicy\t{}",
                odd[(at + cut) % odd.len()]
            );
        }
        let made = draft::from_guide("acme-vpn", &draft::read(&text), None, None);
        let found = findings("acme-vpn", &made);
        assert!(!found.contains("error[E01"), "{cut}: {found}\n{}", made.spec);
    }
}
