//! Text for people: columns, numbers, and bytes of records made harmless for a terminal.

use std::fmt::Write;

/// Rows as columns that are wide enough, two blanks between them; the last column is not padded. Widths count characters.
pub(crate) fn columns<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..N).map(|column| width(column).unwrap_or(0)).collect();
    rows.iter()
        .map(|row| {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                let _ = write!(line, "{cell:width$}  ");
            }
            line.truncate(line.trim_end().len());
            line
        })
        .collect()
}

/// A number with a comma between thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number of bytes in the unit that suits it.
pub(crate) fn bytes(number: u64) -> String {
    let mut unit = "B";
    #[expect(clippy::cast_precision_loss, reason = "shown with one digit after the point")]
    let mut amount = number as f64;
    for next in ["KiB", "MiB", "GiB", "TiB"] {
        if amount < 1024.0 {
            break;
        }
        amount /= 1024.0;
        unit = next;
    }
    if unit == "B" { format!("{number} B") } else { format!("{amount:.1} {unit}") }
}

/// `1 record`, `2 records`.
pub(crate) fn count(number: u64, thing: &str) -> String {
    format!("{} {thing}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// A character of a record as a terminal may show it: control characters, and those that turn the direction of writing, are
/// escaped.
fn harmless(out: &mut String, character: char) {
    let turning =
        matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if character.is_control() || turning {
        out.extend(character.escape_default());
    } else {
        out.push(character);
    }
}

/// A text of a record as a terminal may show it, cut after `longest` characters.
pub(crate) fn shown(text: &str, longest: usize) -> String {
    let mut out = String::new();
    for character in text.chars().take(longest) {
        harmless(&mut out, character);
    }
    if text.chars().nth(longest).is_some() {
        out.push('…');
    }
    out
}

/// A message as a terminal may show it, lines and columns as they are: names of files and values of settings may hold anything.
pub(crate) fn message(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\n' | '\t') { out.push(character) } else { harmless(&mut out, character) }
    }
    out
}

/// How much of a long record is shown around a place, in characters on either side.
const AROUND: usize = 60;

/// The part of a record around byte `at`, and the column of that byte in it, both as shown by [`shown`].
pub(crate) fn around(text: &str, at: usize) -> (String, usize) {
    let at = (0..=at.min(text.len())).rev().find(|&place| text.is_char_boundary(place)).unwrap_or(0);
    let (before, behind) = (text.get(..at).unwrap_or_default(), text.get(at..).unwrap_or_default());
    let mut out = String::new();
    let start = before.char_indices().rev().nth(AROUND - 1).map_or(0, |(start, _)| start);
    if start > 0 {
        out.push('…');
    }
    for character in before.get(start..).unwrap_or_default().chars() {
        harmless(&mut out, character);
    }
    let column = out.chars().count();
    out.push_str(&shown(behind, AROUND));
    (out, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |a: &str, b: &str| [a.to_owned(), b.to_owned()];
        assert_eq!(columns(&[row("a", "b"), row("léa", ""), row("", "c")]), ["a    b", "léa", "     c"]);
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (number, expected) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), expected);
        }
        assert_eq!((count(1, "record"), count(0, "record")), ("1 record".to_owned(), "0 records".to_owned()));
    }

    #[test]
    fn bytes_take_the_unit_that_suits_them() {
        for (number, expected) in [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (1 << 30, "1.0 GiB")] {
            assert_eq!(bytes(number), expected);
        }
        assert_eq!(bytes(u64::MAX), "16777216.0 TiB");
    }

    #[test]
    fn a_terminal_gets_no_control_characters() {
        assert_eq!(shown("a\x1b[2Jb\tc\u{202e}", 50), "a\\u{1b}[2Jb\\tc\\u{202e}");
        assert_eq!(
            message("cannot read `ü\u{9b}\x1b[2J\r`:\n\tno"),
            "cannot read `ü\\u{9b}\\u{1b}[2J\\r`:\n\tno"
        );
        assert_eq!(shown("éé", 1), "é…");
        assert_eq!(shown("éé", 2), "éé");
    }

    #[test]
    fn a_place_is_shown_with_what_stands_around_it() {
        assert_eq!(around("abc", 1), ("abc".to_owned(), 1));
        assert_eq!(around("a\tc", 2), ("a\\tc".to_owned(), 3));
        assert_eq!(around("é", 1), ("é".to_owned(), 0));
        assert_eq!(around("abc", 99), ("abc".to_owned(), 3));
        let long = "x".repeat(500);
        let (text, column) = around(&long, 250);
        assert_eq!((text.chars().count(), column), (122, 61));
    }
}
