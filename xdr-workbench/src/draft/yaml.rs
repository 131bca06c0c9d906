//! YAML as the hand-written specs lay it out: a row a line, broken where it gets long.

use std::fmt::Write as _;

/// The longest line that is written.
const WIDTH: usize = 140;

/// A text as a scalar of a flow collection, in quotes where some reader could take it for something else.
pub(super) fn scalar(text: &str) -> String {
    if is_plain(text) {
        text.to_owned()
    } else if text.contains('\\') && !text.contains('\'') && !text.chars().any(char::is_control)
        || text.contains('"') && !text.contains(['\'', '\\'])
    {
        format!("'{text}'")
    } else {
        quoted(text)
    }
}

/// A text in double quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            '\t' => out.push_str("\\t"),
            control if control.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// Whether a text stands for itself without quotes, everywhere in a spec.
fn is_plain(text: &str) -> bool {
    const OPENING: &str = "-?:,[]{}#&*!|>'\"%@`<=~\\";
    let digits =
        text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b':' | b'_'));
    let address = text.parse::<std::net::Ipv4Addr>().is_ok();
    let odd = |character: char| {
        matches!(character, ',' | '[' | ']' | '{' | '}' | '"' | '\\') || character.is_control()
    };
    !text.is_empty()
        && text.trim() == text
        && !text.starts_with(|first| OPENING.contains(first))
        && !text.contains(odd)
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with(':')
        && (!digits || address)
        && xdr_codegen::node::trap(text).is_none()
}

/// A list of scalars.
pub(super) fn list(items: &[String]) -> String {
    format!("[{}]", items.iter().map(|item| scalar(item)).collect::<Vec<_>>().join(", "))
}

/// Members of a flow map, `key: value` each, behind an opening such as `  - ` and broken where the line gets long.
pub(super) fn flow(opening: &str, members: &[String]) -> String {
    let mut out = format!("{opening}{{ ");
    let mut width = out.chars().count();
    let indent = " ".repeat(opening.len() - opening.trim_start().len() + 4);
    for (at, member) in members.iter().enumerate() {
        let more = member.chars().count();
        if at > 0 {
            out.push(',');
            if width + more + 4 > WIDTH {
                out.push('\n');
                out.push_str(&indent);
                width = indent.len();
            } else {
                out.push(' ');
                width += 2;
            }
        }
        out.push_str(member);
        width += more;
    }
    out.push_str(" }\n");
    out
}

/// A comment: a sentence, broken into lines.
pub(super) fn comment(indent: &str, text: &str) -> String {
    let mut out = String::new();
    // A spec holds no control characters, not even in comments.
    let mut letters = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if text.ends_with(['.', ':', '!', '?']) { "" } else { "." };
    let text = format!("{first}{}{end}", letters.collect::<String>());
    let mut line = format!("{indent}#");
    for word in text.split_whitespace() {
        if line.chars().count() + word.chars().count() + 1 > WIDTH && line.trim() != "#" {
            out.push_str(&line);
            out.push('\n');
            line = format!("{indent}#");
        }
        line.push(' ');
        line.push_str(word);
    }
    out.push_str(&line);
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_hold_no_control_characters() {
        assert_eq!(
            comment("  ", "of the field a\u{1}b\u{85} nothing is known"),
            "  # Of the field a b nothing is known.\n"
        );
    }

    #[test]
    fn texts_are_quoted_where_they_must_be() {
        for (text, expected) in [
            ("kim", "kim"),
            ("192.0.2.7", "192.0.2.7"),
            ("6", "\"6\""),
            ("00:05:07", "\"00:05:07\""),
            ("a, b", "\"a, b\""),
            ("%ASA-6-113005", "\"%ASA-6-113005\""),
            ("no", "\"no\""),
            ("", "\"\""),
            (r"C:\\Windows", r"'C:\\Windows'"),
            (r#""a""#, r#"'"a"'"#),
            (r#""it's""#, r#""\"it's\"""#),
            ("<local>", "\"<local>\""),
            ("2022-09-12T14:43:32.093Z", "2022-09-12T14:43:32.093Z"),
            ("a: b", "\"a: b\""),
        ] {
            assert_eq!(scalar(text), expected, "{text}");
        }
    }

    #[test]
    fn long_rows_are_broken_between_members() {
        let members = ["from: a".to_owned(), format!("sample: {}", "x".repeat(140)), "token: b".to_owned()];
        let text = flow("  - ", &members);
        assert_eq!(text.lines().count(), 3);
        assert!(text.ends_with("\n      token: b }\n"), "{text}");
    }
}
