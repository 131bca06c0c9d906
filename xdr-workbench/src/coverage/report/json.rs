//! Coverage as JSON: an array with one object a source.

use xdr_model::write;

use crate::coverage::{Coverage, Figure, Item};

/// An array of `{"source","records","rows":{"used","all","percent"},…,"items":[{"kind","name","file","line","column","hits"}]}`.
pub fn json(all: &[Coverage]) -> String {
    let mut out = Vec::new();
    out.push(b'[');
    for (index, coverage) in all.iter().enumerate() {
        out.extend_from_slice(if index > 0 { b",\n" } else { b"\n" });
        source(&mut out, coverage);
    }
    out.extend_from_slice(b"\n]\n");
    String::from_utf8_lossy(&out).into_owned()
}

fn source(out: &mut Vec<u8>, coverage: &Coverage) {
    out.extend_from_slice(b"{\"source\":");
    write::string(out, &coverage.source);
    out.extend_from_slice(format!(",\"records\":{}", coverage.records).as_bytes());
    for figure in Figure::ALL {
        let share = coverage.share(figure);
        let (word, used, all, percent) = (figure.word(), share.used, share.all, share.shown());
        out.extend_from_slice(
            format!(",\"{word}\":{{\"used\":{used},\"all\":{all},\"percent\":{percent}}}").as_bytes(),
        );
    }
    out.extend_from_slice(b",\"items\":[");
    for (index, one) in coverage.items.iter().enumerate() {
        out.extend_from_slice(if index > 0 { b",\n  " } else { b"\n  " });
        item(out, one);
    }
    out.extend_from_slice(b"\n]}");
}

fn item(out: &mut Vec<u8>, item: &Item) {
    out.extend_from_slice(format!("{{\"kind\":\"{}\",\"name\":", item.kind.word()).as_bytes());
    write::string(out, &item.name);
    out.extend_from_slice(b",\"file\":");
    write::string(out, &item.place.file);
    let (line, column, hits) = (item.place.line, item.place.column, item.hits);
    out.extend_from_slice(format!(",\"line\":{line},\"column\":{column},\"hits\":{hits}}}").as_bytes());
}
