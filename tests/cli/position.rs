//! `--position`: a piece of an input gives what it gives in the whole.

use super::{fed, normalize, ran};

/// The samples of a source whose lines are all records of their own, some of them rejects.
fn samples() -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/mapping-specs/citrix-vpn/samples");
    ["sslvpn.log", "rubbish.log", "aaa.log"]
        .iter()
        .flat_map(|name| std::fs::read(format!("{folder}/{name}")).unwrap())
        .collect()
}

#[test]
fn pieces_give_the_output_of_the_whole() {
    let input = samples();
    let whole = fed(normalize("citrix-vpn", &["--quiet"]), &input);
    assert_eq!(whole.status, Some(0));
    assert!(whole.stdout.windows(10).any(|some| some == b"\"position\""), "a reject tells its place");
    let breaks: Vec<usize> = (1..=input.len()).filter(|end| input[end - 1] == b'\n').collect();
    assert!(breaks.len() > 20);
    for step in [1, 7, breaks.len() / 2] {
        let (mut out, mut start) = (Vec::new(), 0);
        for end in breaks.iter().copied().skip(step - 1).step_by(step).chain([input.len()]) {
            let position = start.to_string();
            let piece =
                fed(normalize("citrix-vpn", &["--quiet", "--position", &position]), &input[start..end]);
            assert_eq!(piece.status, Some(0));
            out.extend(piece.stdout);
            start = end;
        }
        assert!(out == whole.stdout, "pieces of {step} lines give something else");
    }
}

#[test]
fn a_piece_without_its_place_has_other_ids() {
    let input = samples();
    let at =
        |position: &str| fed(normalize("citrix-vpn", &["--quiet", "--position", position]), &input).stdout;
    assert_eq!(at("0"), fed(normalize("citrix-vpn", &["--quiet"]), &input).stdout);
    assert_ne!(at("0"), at("1"));
}

#[test]
fn places_that_cannot_be_are_refused() {
    for (more, why) in [
        (vec!["--position", "half"], "invalid value"),
        (vec!["--position", "18446744073709551615"], "is not in"),
        (vec!["--position", "1", "--follow", "x"], "cannot be used with"),
        (vec!["--position", "1", "--checkpoint", "x", "--output", "y", "z"], "cannot be used with"),
    ] {
        let done = ran(normalize("citrix-vpn", &more));
        assert_eq!(done.status, Some(2), "{more:?}");
        assert!(done.stderr.contains(why), "{more:?}: {}", done.stderr);
    }
}
