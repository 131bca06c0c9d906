//! The registry is whole, and its texts have their form.

use super::*;
use std::collections::BTreeSet;

#[test]
fn numbers_rise_and_titles_are_unique() {
    let numbers: Vec<_> = Code::ALL.iter().map(|code| code.number()).collect();
    assert!(numbers.is_sorted_by(|left, right| left < right), "{numbers:?}");
    let titles: BTreeSet<_> = Code::ALL.iter().map(|code| code.title()).collect();
    assert_eq!(titles.len(), Code::ALL.len());
}

#[test]
fn every_code_is_read_back_from_its_name() {
    for &code in Code::ALL {
        assert_eq!(code.to_string().parse(), Ok(code));
    }
    assert_eq!("e301".parse(), Ok(Code::UnknownToken));
    for text in ["", "E", "E9999", "x301", "E-1", "99999999"] {
        assert_eq!(text.parse::<Code>(), Err(NoSuchCode), "{text}");
    }
}

#[test]
fn documentation_is_whole_and_the_mended_spec_is_another() {
    for &code in Code::ALL {
        let docs = code.docs();
        for text in [docs.catches, docs.matters] {
            assert!(text.ends_with('.'), "{code}: {text}");
        }
        assert_ne!(docs.bad, docs.good, "{code}");
        assert!(!code.title().ends_with('.'), "{code}");
    }
}

#[test]
fn explanation_shows_both_specs() {
    insta::assert_snapshot!(Code::Alias.explain(), @r"
    E0107: anchor or alias

    The file uses `&name` or `*name`.

    Why it matters: A spec is read beside the guide: what a row says must stand in the row.

    Wrong:

        - { from: A, token: &t action }
        - { from: B, token: *t }

    Right:

        - { from: A, token: action }
        - { from: B, token: action }
    ");
}
