//! Pages of sources whose texts try to break out of them.

use xdr_codegen::Input;
use xdr_runtime::engine::Source;

use super::*;
use crate::coverage::{Item, Kind, Place};
use crate::interpret::Interpreted;

/// A source whose names, decisions and values are markup.
const HOSTILE: &str = r#"
source: acme-vpn
guide: { title: "</title><script>title()</script>", published: 2024-03-14, formats: ["<b>Syslog"] }
device: { type: VPN, vendor: "<i>", product: "Acme'><img src=x onerror=product()>", versions: ["1.0&lt;"] }

decode:
  - template: '{<script>verb()</script>:word} user={User" onmouseover}'
  - catalogue: { key: "<script>verb()</script>", file: catalogue.yaml }

map:
  - { from: "User\" onmouseover", token: sourceUser, sample: "</td><script>sample()</script>",
      decision: "</script><!-- decided" }
  - { from: Odd, token: policy, sample: "-->", waived: "<svg/onload=waived()>" }

internal:
  - { token: deviceType, value: "<u>VPN" }
"#;

const CATALOGUE: &str =
    "messages:\n  \"<m'>\":\n    set: { \"<script>verb()</script>\": \"<set>\" }\n    read: any\n";

fn source(spec: &str, catalogue: Option<&str>) -> &'static Source {
    let mut files = vec![("acme-vpn/spec.yaml".to_owned(), spec.as_bytes().to_vec())];
    files.extend(catalogue.map(|text| ("acme-vpn/catalogue.yaml".to_owned(), text.as_bytes().to_vec())));
    let (source, checked) = Interpreted::load(&Input { name: "acme-vpn".to_owned(), files });
    source.unwrap_or_else(|| panic!("{}", xdr_codegen::render(&checked, xdr_codegen::Style::Plain))).leak()
}

fn settings() -> Settings {
    Settings::new("2024-03-14T08:00:00Z".parse().unwrap())
}

fn entry(source: &'static Source, text: &[u8]) -> Entry<'static> {
    let samples = vec![Sample { name: "<a>.log".to_owned(), text: text.to_vec() }];
    let place = Place::default();
    let item = |name: &str, hits| Item { kind: Kind::Row, name: name.to_owned(), place: place.clone(), hits };
    let items = vec![item("used", 1), item("<row>", 0)];
    let coverage = Coverage { source: "acme-vpn".to_owned(), records: 1, items, files: Vec::new() };
    Entry { source, samples, coverage: Some(coverage) }
}

/// Fails unless every tag of the page is one that pages are made of, and closed in order.
fn sound(file: &File) {
    const EMPTY: [&str; 4] = ["!doctype", "meta", "link", "input"];
    const KNOWN: &str = " html head title script body header nav main footer form label p ul ol li a h1 h2 h3 small span div dl dt dd \
        table caption thead tbody tr th td code pre section details summary meter b i ";
    let (mut open, mut rest) = (Vec::new(), file.text.as_str());
    while let Some(at) = rest.find('<') {
        let end = at + rest[at..].find('>').unwrap();
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        let name = tag.trim_start_matches('/').split(' ').next().unwrap();
        assert!(!tag.contains('<'), "{}: <{tag}>", file.path);
        if EMPTY.contains(&name) {
            continue;
        }
        assert!(KNOWN.contains(&format!(" {name} ")), "{}: <{tag}>", file.path);
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{}", file.path);
        } else {
            open.push(name);
            let handlers = tag.split('"').step_by(2).any(|outside| outside.contains(" on"));
            assert!(!handlers && tag.matches('"').count() % 2 == 0, "{}: <{tag}>", file.path);
            assert!(name != "script" || rest.starts_with("</script>"), "{}: a script in the page", file.path);
        }
    }
    assert!(open.is_empty(), "{}: {open:?}", file.path);
}

#[test]
fn no_text_becomes_markup() {
    let source = source(HOSTILE, Some(CATALOGUE));
    let line = b"<script>line()</script> user=\"><img src=x onerror=line()>\xff\x1b[31m\n";
    let files = files(&[entry(source, line)], &settings());
    let pages: Vec<&File> = files.iter().filter(|file| file.is_page()).collect();
    assert_eq!(pages.len(), 5);
    for page in &pages {
        sound(page);
        assert!(!page.text.contains('\u{1b}'), "{}", page.path);
    }
    // The texts are there all the same.
    let guide = pages.iter().find(|page| page.path.ends_with("guide.html")).unwrap();
    for text in
        ["&lt;/td&gt;&lt;script&gt;sample()", "&lt;/script&gt;&lt;!-- decided", "&lt;svg/onload=waived()&gt;"]
    {
        assert!(guide.text.contains(text), "{text}");
    }
    let index = files.iter().find(|file| file.path == "assets/index.js").unwrap();
    assert!(!index.text.contains('<') && index.text.contains("\\x3cm'>"));
}

#[test]
fn coverage_is_shown_where_it_was_measured() {
    let source = source(HOSTILE, Some(CATALOGUE));
    let measured = files(&[entry(source, b"x user=y\n")], &settings());
    let plain = files(&[Entry { coverage: None, ..entry(source, b"x user=y\n") }], &settings());
    let page = |files: &[File], path: &str| files.iter().find(|file| file.path == path).unwrap().text.clone();
    assert!(page(&measured, "index.html").contains("Branches used"));
    let overview = page(&measured, "sources/acme-vpn/index.html");
    assert!(overview.contains("1 of 2 (50.0 %)") && overview.contains("&lt;row&gt;"));
    assert!(!page(&plain, "index.html").contains("Branches used"));
    assert!(!page(&plain, "sources/acme-vpn/index.html").contains("What no sample uses"));
}

#[test]
fn a_source_without_samples_says_so() {
    let source = source(HOSTILE, Some(CATALOGUE));
    let files = files(&[Entry { samples: Vec::new(), ..entry(source, b"") }], &settings());
    let page = files.iter().find(|file| file.path == "sources/acme-vpn/index.html").unwrap();
    assert!(page.text.contains("No sample lines were at hand"));
}
