//! Coverage as text: the figures of each source, then what no record uses, each with its place.

use std::fmt::Write as _;

use super::total;
use crate::coverage::{Coverage, Figure, Kind, Share};

/// A table of each source, and below it what is not used. With `kinds` branches are told apart too.
pub fn terminal(all: &[Coverage]) -> String {
    let mut out = String::new();
    for coverage in all {
        let plural = if coverage.records == 1 { "" } else { "s" };
        let _ = writeln!(out, "{}: {} record{plural}", coverage.source, coverage.records);
        for figure in Figure::ALL {
            line(&mut out, figure.word(), coverage.share(figure), 2);
        }
        let branches = Kind::ALL.into_iter().filter(|kind| kind.figure() == Figure::Branches);
        for kind in branches.filter(|kind| coverage.share_of(*kind).all > 0) {
            line(&mut out, kind.word(), coverage.share_of(kind), 4);
        }
        let unused: Vec<_> = coverage.unused().collect();
        if !unused.is_empty() {
            let _ = writeln!(out, "  not used: {}", unused.len());
        }
        for item in unused {
            let place = &item.place;
            let _ = writeln!(
                out,
                "    {}:{}:{}: {} {}",
                place.file,
                place.line,
                place.column,
                item.kind.word(),
                visible(&item.name)
            );
        }
        out.push('\n');
    }
    if all.len() > 1 {
        let _ = writeln!(out, "all {} sources", all.len());
        for figure in Figure::ALL {
            line(&mut out, figure.word(), total(all, figure), 2);
        }
    } else {
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    out
}

fn line(out: &mut String, word: &str, share: Share, indent: usize) {
    let width = 14_usize.saturating_sub(indent);
    let _ = writeln!(
        out,
        "{:indent$}{word:width$}{:>6} of {:>6} {:>6} %",
        "",
        share.used,
        share.all,
        share.shown()
    );
}

/// A name as a terminal may show it.
fn visible(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            let shown: Vec<char> =
                if character.is_control() { character.escape_default().collect() } else { vec![character] };
            shown
        })
        .collect()
}
