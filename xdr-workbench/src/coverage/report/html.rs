//! Coverage as one page of HTML that needs nothing else: the figures, and the text of each spec with what is used and what is not.

use std::fmt::Write as _;

use super::{by_line, escaped};
use crate::coverage::{Coverage, Figure, Item, Kind};

/// The styles: light or dark as the reader's system is, and readable at 360 pixels.
const STYLE: &str = "\
:root{color-scheme:light dark;--text:#1b1f24;--back:#fff;--soft:#59636e;--line:#d1d9e0;--good:#dafbe1;--part:#fff3c4;--bad:#ffe3e0;\
--good-edge:#1a7f37;--part-edge:#9a6700;--bad-edge:#cf222e}\
@media(prefers-color-scheme:dark){:root{--text:#e6edf3;--back:#0d1117;--soft:#9da7b1;--line:#3d444d;--good:#12261e;--part:#2e2411;\
--bad:#301a1c;--good-edge:#3fb950;--part-edge:#d29922;--bad-edge:#f85149}}\
*{box-sizing:border-box}body{margin:0 auto;padding:1rem;max-width:80rem;color:var(--text);background:var(--back);\
font:1rem/1.5 system-ui,sans-serif}h1{font-size:1.4rem}h2{font-size:1.2rem;margin-top:2.5rem}h3{font-size:1rem;overflow-wrap:anywhere}\
a{color:inherit}.figures{overflow-x:auto}table{border-collapse:collapse}th,td{padding:.2rem .6rem;text-align:right;\
border-bottom:1px solid var(--line);white-space:nowrap}th:first-child,td:first-child{text-align:left;padding-left:0}\
.key span{padding:0 .4rem;border-left:4px solid;margin-right:.6rem;white-space:nowrap}\
ol{margin:0;padding:0;list-style:none;font:.8rem/1.5 ui-monospace,monospace;border:1px solid var(--line)}\
li{display:grid;grid-template-columns:3rem 1fr;border-left:4px solid transparent}li>b{font-weight:normal;color:var(--soft);text-align:right;\
padding-right:.6rem;user-select:none}pre{margin:0;font:inherit;white-space:pre-wrap;overflow-wrap:anywhere}\
.good{background:var(--good);border-color:var(--good-edge)}.part{background:var(--part);border-color:var(--part-edge)}\
.bad{background:var(--bad);border-color:var(--bad-edge)}mark{color:inherit;background:none;\
text-decoration:underline wavy var(--bad-edge);text-underline-offset:3px}\
ul{grid-column:2;margin:0;padding:0 0 .2rem 1rem;color:var(--soft);overflow-wrap:anywhere}ul li{display:list-item;border:0;list-style:disc}\
details{margin:.5rem 0}summary{cursor:pointer;color:var(--soft);padding:.2rem 0}";

/// The page.
pub fn html(all: &[Coverage]) -> String {
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Coverage of mapping specs</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>Coverage of mapping specs</h1>\n"
    );
    figures(&mut out, all);
    out.push_str(
        "<p class=\"key\"><span class=\"good\">used</span><span class=\"part\">used in part</span><span class=\"bad\">not used</span> \
         What of a line is not used stands below it.</p>\n",
    );
    for coverage in all {
        let name = escaped(&coverage.source);
        let _ = writeln!(out, "<h2 id=\"{name}\">{name}</h2>");
        for (file, text) in &coverage.files {
            self::file(&mut out, coverage, file, text);
        }
    }
    out.push_str("</body>\n</html>\n");
    out
}

fn figures(out: &mut String, all: &[Coverage]) {
    out.push_str("<div class=\"figures\"><table>\n<thead><tr><th scope=\"col\">source</th><th scope=\"col\">records</th>");
    for figure in Figure::ALL {
        let _ = write!(out, "<th scope=\"col\">{}</th>", figure.word());
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for coverage in all {
        let name = escaped(&coverage.source);
        let _ = write!(out, "<tr><td><a href=\"#{name}\">{name}</a></td><td>{}</td>", coverage.records);
        for figure in Figure::ALL {
            let share = coverage.share(figure);
            let _ = write!(out, "<td title=\"{} of {}\">{} %</td>", share.used, share.all, share.shown());
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table></div>\n");
}

/// The text of a file, line by line.
fn file(out: &mut String, coverage: &Coverage, file: &str, text: &str) {
    let lines = by_line(coverage, file);
    if lines.is_empty() {
        return;
    }
    let short = escaped(file.rsplit(['/', '\\']).next().unwrap_or(file));
    let unused: usize = lines.iter().flat_map(|(_, items)| items).filter(|item| item.hits == 0).count();
    let _ = writeln!(
        out,
        "<details open><summary>{short}: {unused} not used</summary>\n<ol aria-label=\"{short}\">"
    );
    let mut start = 0;
    let mut lines = lines.into_iter().peekable();
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let items = lines.next_if(|(number, _)| *number == index + 1).map(|(_, items)| items);
        self::line(out, index + 1, (start, line), &items.unwrap_or_default());
        start += line.len();
    }
    out.push_str("</ol></details>\n");
}

fn line(out: &mut String, number: usize, (start, text): (usize, &str), items: &[&Item]) {
    let used = items.iter().filter(|item| item.hits > 0).count();
    let class = match used {
        _ if items.is_empty() => "",
        0 => " class=\"bad\"",
        all if all == items.len() => " class=\"good\"",
        _ => " class=\"part\"",
    };
    let text = text.trim_end_matches(['\n', '\r']);
    let _ = write!(out, "<li{class}><b>{number}</b><pre>{}</pre>", marked(text, start, items));
    let unused: Vec<_> = items.iter().filter(|item| item.hits == 0).collect();
    if !unused.is_empty() {
        out.push_str("<ul>");
        for item in unused {
            let _ = write!(out, "<li>{}: {}</li>", item.kind.word(), escaped(&item.name));
        }
        out.push_str("</ul>");
    }
    out.push_str("</li>\n");
}

/// A line of the file with the pieces underlined that no record uses; pieces within such pieces are not underlined again. What is about a piece as a whole
/// but is not the piece, such as its refusal, underlines nothing.
fn marked(text: &str, start: usize, items: &[&Item]) -> String {
    let mut unused: Vec<(usize, usize)> = items
        .iter()
        .filter(|item| {
            item.hits == 0 && !matches!(item.kind, Kind::Refusal | Kind::Exception | Kind::Fallback)
        })
        .map(|item| (item.place.bytes.0.saturating_sub(start), item.place.bytes.1.saturating_sub(start)))
        .map(|(from, to)| (from.min(text.len()), to.min(text.len())))
        .filter(|(from, to)| from < to)
        .collect();
    unused.sort_by_key(|(from, to)| (*from, std::cmp::Reverse(*to)));
    let (mut out, mut at) = (String::new(), 0);
    for (from, to) in unused {
        if from < at {
            continue;
        }
        let piece = |from: usize, to: usize| escaped(text.get(from..to).unwrap_or_default());
        let _ = write!(out, "{}<mark>{}</mark>", piece(at, from), piece(from, to));
        at = to;
    }
    out + &escaped(text.get(at..).unwrap_or_default())
}
