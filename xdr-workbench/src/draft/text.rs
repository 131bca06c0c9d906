//! The lines of a guide's text: cells between tabs, without the marks that a converter put around words.

/// A line, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Counted from 1.
    pub(super) number: usize,
    /// What stands between tabs; one cell where there is no tab.
    pub(super) cells: Vec<String>,
}

impl Line {
    /// The text of a line without tabs.
    pub(super) fn single(&self) -> Option<&str> {
        match self.cells.as_slice() {
            [text] => Some(text),
            _ => None,
        }
    }

    /// Whether nothing stands in it.
    pub(super) fn is_empty(&self) -> bool {
        self.cells.iter().all(String::is_empty)
    }

    /// The cell at a place; empty behind the last.
    pub(super) fn cell(&self, at: usize) -> &str {
        self.cells.get(at).map_or("", String::as_str)
    }
}

/// All lines of a text. A row between bars is a row of cells too.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    for (at, raw) in text.lines().enumerate() {
        let plain = plain(raw);
        let cells: Vec<String> = match barred(&plain) {
            Some(cells) => cells,
            None => plain.split('\t').map(unmarked).collect(),
        };
        let rule = cells.len() > 1 && cells.iter().all(|cell| is_rule(cell)) && plain.contains("--");
        if !rule {
            lines.push(Line { number: at + 1, cells });
        }
    }
    lines
}

/// The dashes below the head of a table between bars.
fn is_rule(cell: &str) -> bool {
    cell.chars().all(|character| matches!(character, '-' | ':'))
}

/// Odd blanks made plain, characters without width and tags left out.
fn plain(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    for character in raw.chars() {
        match character {
            '\u{a0}' | '\u{2007}' | '\u{202f}' => text.push(' '),
            '\u{200b}' | '\u{feff}' | '\u{ad}' | '\r' | '\u{c}' => {}
            other => text.push(other),
        }
    }
    for (tag, instead) in
        [("<b>", ""), ("</b>", ""), ("<strong>", ""), ("</strong>", ""), ("<br>", " "), ("<br/>", " ")]
    {
        if text.contains(tag) {
            text = text.replace(tag, instead);
        }
    }
    text
}

/// The cells of a row that bars enclose.
fn barred(text: &str) -> Option<Vec<String>> {
    let inner = text.trim().strip_prefix('|')?.strip_suffix('|')?;
    (!text.contains('\t')).then(|| inner.split('|').map(unmarked).collect())
}

/// A cell without the marks of headings and bold words around it, and with single blanks around nothing.
fn unmarked(cell: &str) -> String {
    let mut text = cell.trim().trim_start_matches('#').trim_start();
    while let Some(inner) = text.strip_prefix("**").and_then(|text| text.strip_suffix("**")) {
        // A row of stars is a value.
        if inner.is_empty() || inner.contains('*') {
            break;
        }
        text = inner.trim();
    }
    // A cell that begins with `#` and has no heading's blank behind it is a value such as `#7`.
    let hashes = cell.trim().len() - cell.trim().trim_start_matches('#').len();
    if hashes > 0 && !cell.trim().trim_start_matches('#').starts_with(' ') {
        return cell.trim().to_owned();
    }
    text.to_owned()
}

/// The words of a text: letters and digits, in lower case.
pub(super) fn words(text: &str) -> Vec<String> {
    let words = text.split(|character: char| !character.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// A text without all but letters and digits, in lower case: what spellings of one name have in common.
pub(super) fn folded(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A path without the places in lists, such as `[0]`, and the paths of these lists.
pub(super) fn without_places(name: &str) -> (String, Vec<String>) {
    let mut out = String::new();
    let mut lists = Vec::new();
    let mut rest = name;
    while let Some((front, behind)) = rest.split_once('[') {
        let Some((_, more)) = behind
            .split_once(']')
            .filter(|(place, _)| place.bytes().all(|byte| byte.is_ascii_digit() || byte == b'*'))
        else {
            break;
        };
        out.push_str(front);
        lists.push(out.clone());
        rest = more;
    }
    out.push_str(rest);
    (out, lists)
}

/// What opens an item of a list, taken off.
pub(super) fn without_bullet(text: &str) -> &str {
    let text = text.trim();
    let rest = text.strip_prefix(['-', '•', '*', '–', '—', '▪', '●', '\u{f0b7}']).map(str::trim_start);
    rest.unwrap_or(text)
}

/// A text without bold marks anywhere in it.
pub(super) fn without_bold(text: &str) -> String {
    text.replace("**", "")
}

/// Whether a cell says that nothing belongs there.
pub(super) fn is_nothing(cell: &str) -> bool {
    const WORDS: [&str; 8] =
        ["na", "none", "nil", "notapplicable", "notmapped", "unmapped", "notavailable", "tbd"];
    let bare = folded(cell);
    bare.is_empty() && !cell.contains(['*', '%']) || WORDS.contains(&bare.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_lose_marks_and_keep_values() {
        let text = "## **Overview**\n**id**\t*****\t#7\n| a | `b` |\n|---|---|\n\u{a0}x<br>y\u{200b}\n";
        let lines = lines(text);
        let cells: Vec<Vec<&str>> =
            lines.iter().map(|line| line.cells.iter().map(String::as_str).collect()).collect();
        assert_eq!(cells, [vec!["Overview"], vec!["id", "*****", "#7"], vec!["a", "`b`"], vec!["x y"]]);
        assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 2, 3, 5]);
    }

    #[test]
    fn places_in_lists_belong_to_no_path() {
        let lists = |lists: &[&str]| lists.iter().map(|list| (*list).to_owned()).collect::<Vec<_>>();
        assert_eq!(without_places("a[0].b"), ("a.b".to_owned(), lists(&["a"])));
        assert_eq!(without_places("a.b[].c[*].d"), ("a.b.c.d".to_owned(), lists(&["a.b", "a.b.c"])));
        assert_eq!(without_places("a[x].b"), ("a[x].b".to_owned(), Vec::new()));
    }

    #[test]
    fn nothing_has_many_words() {
        for cell in ["", "-", "—", "N/A", "n.a.", "None", "Not Mapped"] {
            assert!(is_nothing(cell), "{cell}");
        }
        for cell in ["0", "*****", "%", "no", "nat"] {
            assert!(!is_nothing(cell), "{cell}");
        }
    }
}
