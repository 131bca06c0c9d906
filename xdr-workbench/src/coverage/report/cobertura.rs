//! Coverage in the form of Cobertura, which CI systems show: lines are lines of the YAML, branches their conditions.

use std::fmt::Write as _;

use super::{by_line, escaped, total};
use crate::coverage::{Coverage, Figure, Item, Share};

/// A document that keeps to Cobertura's `coverage-04.dtd`: a package a source, a class a file. `root` is the folder that file names are relative
/// to; `moment` counts milliseconds since 1970.
pub fn cobertura(all: &[Coverage], root: &str, moment: u64) -> String {
    let lines = all.iter().map(lines_of).fold(Share::default(), add);
    let branches = total(all, Figure::Branches);
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE coverage SYSTEM \"http://cobertura.sourceforge.net/xml/coverage-04.dtd\">\n",
    );
    let _ = writeln!(
        out,
        "<coverage line-rate=\"{}\" branch-rate=\"{}\" lines-covered=\"{}\" lines-valid=\"{}\" branches-covered=\"{}\" \
         branches-valid=\"{}\" complexity=\"0\" version=\"{}\" timestamp=\"{moment}\">",
        rate(lines),
        rate(branches),
        lines.used,
        lines.all,
        branches.used,
        branches.all,
        env!("CARGO_PKG_VERSION")
    );
    let _ = writeln!(out, "<sources><source>{}</source></sources>\n<packages>", escaped(root));
    for coverage in all {
        package(&mut out, coverage);
    }
    out.push_str("</packages>\n</coverage>\n");
    out
}

fn add(one: Share, other: Share) -> Share {
    Share { used: one.used + other.used, all: one.all + other.all }
}

/// The share as a number from 0 to 1.
fn rate(share: Share) -> String {
    format!("{:.4}", share.percent() / 100.0)
}

/// How many lines of a source are used.
fn lines_of(coverage: &Coverage) -> Share {
    let lines = coverage.files.iter().flat_map(|(name, _)| by_line(coverage, name));
    Share::count(lines.map(|(_, items)| hits(&items) > 0))
}

/// How often a line is used: as often as what it says that is no branch, else as often as its branches.
fn hits(items: &[&Item]) -> u64 {
    let most = |is_branch: bool| {
        let own = items.iter().filter(|item| (item.kind.figure() == Figure::Branches) == is_branch);
        own.map(|item| item.hits).max()
    };
    most(false).or_else(|| most(true)).unwrap_or_default()
}

fn package(out: &mut String, coverage: &Coverage) {
    let (lines, branches) = (lines_of(coverage), coverage.share(Figure::Branches));
    let name = escaped(&coverage.source);
    let _ = writeln!(
        out,
        "<package name=\"{name}\" line-rate=\"{}\" branch-rate=\"{}\" complexity=\"0\">\n<classes>",
        rate(lines),
        rate(branches)
    );
    for (file, _) in &coverage.files {
        let lines = by_line(coverage, file);
        if !lines.is_empty() {
            class(out, file, &lines);
        }
    }
    out.push_str("</classes>\n</package>\n");
}

fn class(out: &mut String, file: &str, lines: &[(usize, Vec<&Item>)]) {
    let used = Share::count(lines.iter().map(|(_, items)| hits(items) > 0));
    let branches = lines.iter().map(|(_, items)| branches_of(items)).fold(Share::default(), add);
    let name = escaped(file.rsplit(['/', '\\']).next().unwrap_or(file));
    let _ = writeln!(
        out,
        "<class name=\"{name}\" filename=\"{}\" line-rate=\"{}\" branch-rate=\"{}\" complexity=\"0\">\n<methods/>\n<lines>",
        escaped(file.trim_start_matches("./")),
        rate(used),
        rate(branches)
    );
    for (number, items) in lines {
        let (hits, branches) = (hits(items), branches_of(items));
        if branches.all == 0 {
            let _ = writeln!(out, "<line number=\"{number}\" hits=\"{hits}\" branch=\"false\"/>");
            continue;
        }
        let whole = |share: Share| share.used * 100 / share.all.max(1);
        let _ = writeln!(
            out,
            "<line number=\"{number}\" hits=\"{hits}\" branch=\"true\" condition-coverage=\"{}% ({}/{})\">\n<conditions>",
            whole(branches),
            branches.used,
            branches.all
        );
        let conditions = items.iter().filter(|item| item.kind.figure() == Figure::Branches);
        for (condition, item) in conditions.enumerate() {
            let share = if item.hits > 0 { 100 } else { 0 };
            let _ = writeln!(
                out,
                "<condition number=\"{condition}\" type=\"{}\" coverage=\"{share}%\"/>",
                item.kind.word()
            );
        }
        out.push_str("</conditions>\n</line>\n");
    }
    out.push_str("</lines>\n</class>\n");
}

fn branches_of(items: &[&Item]) -> Share {
    Share::count(items.iter().filter(|item| item.kind.figure() == Figure::Branches).map(|item| item.hits > 0))
}
