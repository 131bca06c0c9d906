//! Coverage as people and programs read it.

mod cobertura;
mod html;
mod json;
mod terminal;

pub use cobertura::cobertura;
pub use html::html;
pub use json::json;
pub use terminal::terminal;

use super::{Coverage, Figure, Item};

/// The items of each line of a file that has some, in order: the line's number, and its items.
fn by_line<'c>(coverage: &'c Coverage, file: &str) -> Vec<(usize, Vec<&'c Item>)> {
    let mut items: Vec<&Item> = coverage.items.iter().filter(|item| item.place.file == file).collect();
    items.sort_by_key(|item| item.place.bytes.0);
    let lines = items.chunk_by(|one, next| one.place.line == next.place.line);
    lines.map(|items| (items.first().map_or(0, |item| item.place.line), items.to_vec())).collect()
}

/// A text in XML or HTML, as content or in quotes. Control characters, which XML cannot hold, become pictures of them.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(character),
            control if control.is_control() => out.push(char::REPLACEMENT_CHARACTER),
            plain => out.push(plain),
        }
    }
    out
}

/// The figures of several sources together.
fn total(all: &[Coverage], figure: Figure) -> super::Share {
    all.iter().map(|one| one.share(figure)).fold(super::Share::default(), |sum, one| super::Share {
        used: sum.used + one.used,
        all: sum.all + one.all,
    })
}
