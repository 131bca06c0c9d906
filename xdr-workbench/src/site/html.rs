//! Writes HTML. Names of tags and attributes are constants of this crate; whatever else comes in is text and is escaped, so no text can
//! become markup.

use std::fmt::Write;

/// A piece of HTML.
#[derive(Clone, Debug, Default)]
pub(super) struct Html(String);

/// Names and values of attributes.
pub(super) type Attributes<'a> = &'a [(&'static str, &'a str)];

impl Html {
    /// The HTML so far.
    pub(super) fn finish(self) -> String {
        self.0
    }

    /// Text.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        escape(&mut self.0, text);
        self
    }

    /// An element and what is in it.
    pub(super) fn tag(
        &mut self,
        name: &'static str,
        attributes: Attributes<'_>,
        inside: impl FnOnce(&mut Self),
    ) -> &mut Self {
        self.open(name, attributes);
        inside(self);
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
        if BLOCKS.contains(&name) {
            self.0.push('\n');
        }
        self
    }

    /// An element that holds nothing but text.
    pub(super) fn leaf(&mut self, name: &'static str, attributes: Attributes<'_>, text: &str) -> &mut Self {
        self.tag(name, attributes, |html| {
            html.text(text);
        })
    }

    /// A link.
    pub(super) fn link(&mut self, to: &str, text: &str) -> &mut Self {
        self.leaf("a", &[("href", to)], text)
    }

    /// The start of an element, or all of one that has no end.
    pub(super) fn open(&mut self, name: &'static str, attributes: Attributes<'_>) -> &mut Self {
        self.0.push('<');
        self.0.push_str(name);
        for (key, value) in attributes {
            self.0.push(' ');
            self.0.push_str(key);
            if !value.is_empty() {
                self.0.push_str("=\"");
                escape(&mut self.0, value);
                self.0.push('"');
            }
        }
        self.0.push('>');
        self
    }

    /// The heading of a table.
    pub(super) fn heading(&mut self, columns: &[&str]) -> &mut Self {
        self.tag("thead", &[], |html| {
            html.tag("tr", &[], |html| {
                for column in columns {
                    html.leaf("th", &[("scope", "col")], column);
                }
            });
        })
    }

    /// A cell. Where tables are shown as cards, `label` stands in front of it.
    pub(super) fn cell(&mut self, label: &str, inside: impl FnOnce(&mut Self)) -> &mut Self {
        self.tag("td", &[("data-label", label)], inside)
    }

    /// A cell that holds nothing but text.
    pub(super) fn text_cell(&mut self, label: &str, text: &str) -> &mut Self {
        self.cell(label, |html| {
            html.text(text);
        })
    }

    /// A cell with a number.
    pub(super) fn number(&mut self, label: &str, number: u64) -> &mut Self {
        self.leaf("td", &[("data-label", label), ("class", "number")], &grouped(number))
    }
}

/// Elements behind which a line ends, so that pages can be compared line by line.
const BLOCKS: [&str; 17] = [
    "head", "body", "header", "main", "footer", "nav", "section", "table", "thead", "tbody", "tr", "ul",
    "li", "p", "h1", "h2", "h3",
];

/// Appends a text as HTML. Characters that steer a terminal or turn the direction of writing are written as escapes.
fn escape(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(character),
            _ if is_harmful(character) => out.extend(character.escape_default()),
            _ => out.push(character),
        }
    }
}

/// Whether a character does something to those around it.
fn is_harmful(character: char) -> bool {
    let turning =
        matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    character.is_control() || turning || matches!(character, '\u{2028}' | '\u{2029}')
}

/// A string of JavaScript.
pub(super) fn string(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            // No end of a script, and no start of a comment.
            '<' => out.push_str("\\x3c"),
            _ if is_harmful(character) => {
                // As it is shown on pages: the escape itself.
                for part in character.escape_default() {
                    if part == '\\' {
                        out.push('\\');
                    }
                    out.push(part);
                }
            }
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}

/// A text as a part of a path or an anchor: letters, digits and `-` are kept, all else is written as its number, so different texts give
/// different parts.
pub(super) fn slug(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        if character.is_ascii_alphanumeric() || character == '-' {
            out.push(character);
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "_{:x}_", u32::from(character));
        }
    }
    out
}

/// A number with a comma between thousands.
pub(super) fn grouped(number: u64) -> String {
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

/// `1 record`, `2 records`.
pub(super) fn count(number: usize, thing: &str) -> String {
    format!("{} {thing}{}", grouped(number as u64), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_are_escaped() {
        let mut html = Html::default();
        html.leaf("a", &[("href", "x\"'><b>"), ("hidden", "")], "<i>&\u{1b}\u{202e}");
        assert_eq!(
            html.finish(),
            "<a href=\"x&quot;&#39;&gt;&lt;b&gt;\" hidden>&lt;i&gt;&amp;\\u{1b}\\u{202e}</a>"
        );
    }

    #[test]
    fn strings_of_scripts_end_where_they_should() {
        assert_eq!(string("a\"\\</script>\n"), r#""a\"\\\x3c/script>\\n""#);
    }

    #[test]
    fn paths_stay_below_the_folder() {
        assert_eq!(slug("../a b"), "_2e__2e__2f_a_20_b");
        assert_eq!(slug("teleport-2"), "teleport-2");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            (grouped(1_234_567), count(1, "row"), count(0, "row")),
            ("1,234,567".into(), "1 row".into(), "0 rows".into())
        );
    }
}
