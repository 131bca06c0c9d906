//! Columns, whole: quotes of all sorts, short and long records, kinds, and what was written read back.

use proptest::prelude::*;
use xdr_model::pattern::{Op, Pattern, Target};

use super::*;
use crate::format::sink::Sink;

const fn whole(name: &'static str, slot: u16) -> Key {
    Key { name, value: Values::Whole(Target::Field(slot)) }
}

const KIND: &[Pattern<'static>] = &[Pattern::new(&[Op::Literal("LOGIN")], "")];

const LOG: Csv = Csv {
    separator: b',',
    columns: &[whole("time", 0), Key { name: "kind", value: Values::Patterns(KIND) }, whole("user", 2)],
    least: 3,
    kind: Some(1),
};

const ANY: Csv = Csv { columns: &[whole("a", 0), whole("b", 1), whole("c", 2)], least: 1, kind: None, ..LOG };

/// Fields as `slot=text`, then extras, then faults with their values.
fn found(form: &Csv, text: &str) -> Result<Vec<String>, Miss> {
    let (scratch, mut sink) = (Scratch::new(), Sink::default());
    read(form, text, &scratch, &mut sink)?;
    let mut found: Vec<_> = sink.fields.iter().map(|(slot, field)| format!("{slot}={}", field.raw)).collect();
    found.extend(sink.extras());
    found.extend(sink.faults.iter().map(|(name, field, reason)| format!("{name}: {reason}: {}", field.raw)));
    Ok(found)
}

fn check(text: &str, expected: &[&str]) {
    assert_eq!(found(&ANY, text).unwrap(), expected, "{text}");
}

#[test]
fn columns_are_fields_with_and_without_quotes() {
    check("x,y z,", &["0=x", "1=y z", "2="]);
    check(r#""a, b","say ""hi""","""""#, &["0=a, b", r#"1=say "hi""#, r#"2=""#]);
    check(r#""""#, &["0="]);
    check(r#"""""#, &[r#"0=""#, "a: quote is never closed: \"\""]);
    check(r#"" a " , "b",c "#, &["0=a", "1=b", "2=c"]);
}

#[test]
fn a_quote_that_nothing_follows_in_order_is_text() {
    check(r#""say "hi" to all",b"#, &[r#"0=say "hi" to all"#, "1=b"]);
    check(r#"5" disk,b"c"#, &[r#"0=5" disk"#, r#"1=b"c"#]);
    check(r#"a,"cut, off"#, &["0=a", "1=cut, off", "b: quote is never closed: cut, off"]);
}

#[test]
fn what_stands_behind_the_last_column_is_kept_as_it_is() {
    check(r#"a,b,c,"d, e",f"#, &["0=a", "1=b", "2=c", r#"csv.more="d, e",f"#]);
    check("a,b,c,", &["0=a", "1=b", "2=c", "csv.more="]);
}

#[test]
fn a_short_record_fills_what_it_has_if_that_is_allowed() {
    check("a", &["0=a"]);
    check("", &["0="]);
    let miss = found(&LOG, "a,LOGIN").unwrap_err();
    assert_eq!(miss, Miss { at: 2, expected: "a column with another one behind it" });
}

#[test]
fn another_kind_is_another_form() {
    assert_eq!(found(&LOG, "t,LOGIN,kim").unwrap(), ["0=t", "2=kim"]);
    assert_eq!(found(&LOG, "t,\"LOGIN\",kim").unwrap(), ["0=t", "2=kim"]);
    assert_eq!(
        found(&LOG, "t,TRAFFIC,kim").unwrap_err(),
        Miss { at: 2, expected: "a value that the template of the kind reads" }
    );
    let short = Csv { least: 1, ..LOG };
    assert!(found(&short, "t").is_err() && found(&short, "t,LOGIN").is_ok());
    let open = Csv { kind: None, ..LOG };
    assert_eq!(
        found(&open, "t,TRAFFIC,kim").unwrap(),
        ["0=t", "2=kim", "kind=TRAFFIC", "kind: does not match its template: TRAFFIC"]
    );
}

#[test]
fn tabs_bars_and_blanks_separate_too() {
    for separator in [b'\t', b'|', b';', b' '] {
        let form = Csv { separator, ..ANY };
        let between = char::from(separator);
        let text = format!("a{between}\"b{between}c\"{between}d");
        assert_eq!(
            found(&form, &text).unwrap(),
            ["0=a".to_owned(), format!("1=b{between}c"), "2=d".to_owned()]
        );
    }
    let tabs = Csv { separator: b'\t', ..ANY };
    assert_eq!(found(&tabs, "\t\tc").unwrap(), ["0=", "1=", "2=c"]);
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(texts in prop::collection::vec("[a-z\", ;é]{0,12}", 3), quoted in any::<[bool; 3]>()) {
        let texts: Vec<&str> = texts.iter().map(|text| text.trim()).collect();
        let written: Vec<String> = texts.iter().zip(quoted).map(|(text, quoted)| {
            let must = quoted || text.contains([',', '"']);
            if must { format!("\"{}\"", text.replace('"', "\"\"")) } else { (*text).to_owned() }
        }).collect();
        let line = written.join(",");
        let expected: Vec<_> = texts.iter().enumerate().map(|(slot, text)| format!("{slot}={text}")).collect();
        prop_assert_eq!(found(&ANY, &line).unwrap(), expected);
        prop_assert_eq!(columns(b',', &line).collect::<Vec<_>>(), texts);
    }

    #[test]
    fn any_text_is_read_without_loss(text in "[a,\" é]{0,24}") {
        let all: usize = columns(b',', &text).map(|column| column.len() + 1).sum();
        prop_assert!(all <= text.len() + 1);
        prop_assert!(found(&ANY, &text).is_ok());
    }
}
