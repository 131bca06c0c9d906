//! Columns with a separator between them: CSV (RFC 4180), and what is written like it with bars, tabs or blanks.
//!
//! A column that begins with a quote runs to the first quote that a separator or the end follows; two quotes in it are one. A quote inside a column
//! that does not begin with one means nothing. A quote that is never closed runs to the end of the text, because writers cut long
//! records, and is a fault. Blanks around a column and its quotes are no part of it.

use std::borrow::Cow;

use xdr_model::pattern::{Captures, first_of};

use crate::field::{Fault, Field, Fill, Name};
use crate::format::Miss;
use crate::format::part::{Key, Values, value};
use crate::format::text::{after, slice, trim};
use crate::record::Scratch;

/// How a spec reads columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Csv {
    /// What stands between two columns.
    pub separator: u8,
    /// What becomes of each column, in their order; the names are those under which a value is kept that its template does not read.
    pub columns: &'static [Key],
    /// How many columns a text has at least.
    pub least: usize,
    /// The column whose template must match, so that forms are told apart.
    pub kind: Option<usize>,
}

/// The reason of the fault of a quote that nothing closes.
const UNCLOSED: &str = "quote is never closed";

/// What was expected of a text that is too short.
pub const MORE_COLUMNS: &str = "a column with another one behind it";

/// What was expected of a text of another kind.
pub const THE_KIND: &str = "a value that the template of the kind reads";

/// The name of what stands behind the last column that a spec lists.
const MORE: &str = "csv.more";

/// Reads all of `text`. What stands behind the last listed column is one extra, as it is written.
///
/// # Errors
/// The text has too few columns, or is of another kind.
pub fn read<'a>(
    form: &Csv,
    text: &'a str,
    scratch: &'a Scratch,
    fill: &mut impl Fill<'a>,
) -> Result<(), Miss> {
    let (mut next, mut last) = (Some(0), 0);
    for (index, key) in form.columns.iter().enumerate() {
        let Some(at) = next else {
            if index < form.least || form.kind.is_some_and(|kind| index <= kind) {
                return Err(Miss { at: last, expected: MORE_COLUMNS });
            }
            return Ok(());
        };
        let column = column(form.separator, text, at);
        let found = match column.value() {
            Cow::Borrowed(found) => found,
            Cow::Owned(found) => scratch.keep(&found),
        };
        if form.kind == Some(index) && !matches(key, found) {
            return Err(Miss { at, expected: THE_KIND });
        }
        if !column.closed {
            let fault =
                Fault { name: Name::known(key.name), value: Field::text(column.text), reason: UNCLOSED };
            fill.fault(fault);
        }
        value(fill, key, true, found);
        (next, last) = (column.next, at);
    }
    if let Some(at) = next {
        fill.extra(Name::known(MORE), Field::text(trim(after(text, at))));
    }
    Ok(())
}

/// The columns of a text, without their quotes.
pub fn columns(separator: u8, text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let column = column(separator, text, next?);
        next = column.next;
        Some(column.value())
    })
}

/// Whether the template of a column reads this text.
fn matches(key: &Key, text: &str) -> bool {
    match key.value {
        Values::Whole(_) => true,
        Values::Patterns(patterns) => {
            first_of(patterns, |pattern| pattern, text, &mut Captures::new()).is_some()
        }
    }
}

/// A column as it stands in the text.
struct Column<'a> {
    text: &'a str,
    /// Whether two quotes in it stand for one.
    doubled: bool,
    /// Whether its quote is closed, if it has one.
    closed: bool,
    /// Where the next one begins.
    next: Option<usize>,
}

impl<'a> Column<'a> {
    fn value(&self) -> Cow<'a, str> {
        if self.doubled { Cow::Owned(self.text.replace("\"\"", "\"")) } else { Cow::Borrowed(self.text) }
    }
}

/// The column that begins at `at`.
fn column(separator: u8, text: &str, at: usize) -> Column<'_> {
    let start = skip(separator, text, at);
    if text.as_bytes().get(start) == Some(&b'"') {
        return quoted(separator, text, start + 1);
    }
    let hit = memchr::memchr(separator, after(text, at).as_bytes()).map(|hit| at + hit);
    let end = hit.unwrap_or(text.len());
    Column { text: trim(slice(text, at, end)), doubled: false, closed: true, next: hit.map(|hit| hit + 1) }
}

/// The column in quotes whose text begins at `at`.
fn quoted(separator: u8, text: &str, at: usize) -> Column<'_> {
    let bytes = text.as_bytes();
    let (mut from, mut doubled) = (at, false);
    while let Some(hit) = bytes.get(from..).and_then(|rest| memchr::memchr(b'"', rest)) {
        let quote = from + hit;
        from = quote + 1;
        if bytes.get(from) == Some(&b'"') {
            doubled = true;
            from += 1;
            continue;
        }
        let behind = skip(separator, text, from);
        let next = match bytes.get(behind) {
            None => None,
            Some(byte) if *byte == separator => Some(behind + 1),
            Some(_) => continue,
        };
        return Column { text: trim(slice(text, at, quote)), doubled, closed: true, next };
    }
    Column { text: trim(after(text, at)), doubled, closed: false, next: None }
}

/// Where the blanks at `at` end, if they are no separators.
fn skip(separator: u8, text: &str, at: usize) -> usize {
    if separator == b' ' {
        return at;
    }
    let rest = after(text, at);
    at + (rest.len() - rest.trim_start_matches(' ').len())
}

#[cfg(test)]
mod tests;
