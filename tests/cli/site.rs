//! `xdr site`: the catalogue's pages hold together, say what the sources say, and are the same each time.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::ran;
use xdr_model::Token;
use xdr_runtime::info::Section;
use xdr_sources::sources;

/// A folder for a catalogue, with nothing in it.
fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    path
}

/// Makes a catalogue; gives its files by their paths, and what was printed.
fn site(name: &str, more: &[&str]) -> (BTreeMap<String, String>, String) {
    let folder = folder(name);
    let args = [&["site", folder.to_str().unwrap()], more].concat();
    let printed = ran(args).expect(0).text().to_owned();
    let mut files = BTreeMap::new();
    collect(&folder, &folder, &mut files);
    (files, printed)
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

/// Whether a file is a page, and not what pages are shown or searched with.
fn is_page(path: &str) -> bool {
    !path.starts_with("assets/")
}

/// The values of an attribute on a page.
fn values<'t>(text: &'t str, attribute: &str) -> Vec<&'t str> {
    let start = format!(" {attribute}=\"");
    text.split(&start).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

/// Where a link leads that stands on the page at `from`: a path below the catalogue's folder, and the anchor.
fn resolved(from: &str, link: &str) -> (String, String) {
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    if path.is_empty() {
        return (from.to_owned(), anchor.to_owned());
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            ".." => assert!(parts.pop().is_some(), "{from}: {link} leaves the catalogue"),
            part => parts.push(part),
        }
    }
    (parts.join("/"), anchor.to_owned())
}

#[test]
fn every_link_and_every_entry_of_the_index_leads_somewhere() {
    let (files, _) = site("site-links", &[]);
    let anchors: BTreeMap<&str, BTreeSet<&str>> =
        files.iter().map(|(path, text)| (path.as_str(), values(text, "id").into_iter().collect())).collect();
    let mut links = 0;
    for (path, text) in files.iter().filter(|(path, _)| is_page(path)) {
        assert_eq!(values(text, "id").len(), anchors[path.as_str()].len(), "{path} has an anchor twice");
        for link in
            values(text, "href").into_iter().chain(values(text, "src")).filter(|link| *link != "data:,")
        {
            assert!(!link.contains(':'), "{path} links to {link}, which is elsewhere");
            let (to, anchor) = resolved(path, link);
            let there = anchors
                .get(to.as_str())
                .is_some_and(|known| anchor.is_empty() || known.contains(anchor.as_str()));
            assert!(there, "{path} links to {link}, which is not there");
            links += 1;
        }
    }
    assert!(links > 5000, "{links}");

    let index = &files["assets/index.js"];
    let (pages, entries) = index.split_once("const INDEX = ").unwrap();
    let pages = pages.trim().strip_prefix("const PAGES = ").unwrap().trim_end_matches(';');
    let pages: Vec<String> = serde_json::from_str(pages).unwrap();
    let mut found = 0;
    for line in entries.lines().filter_map(|line| line.strip_prefix("[\"")) {
        let entry = format!("[\"{}", line.trim_end_matches(',')).replace("\\x3c", "<");
        let (_, name, _, page, anchor): (String, String, String, usize, String) =
            serde_json::from_str(&entry).unwrap();
        let known = &anchors[pages[page].as_str()];
        assert!(
            anchor.is_empty() || known.contains(anchor.as_str()),
            "{name}: no #{anchor} in {}",
            pages[page]
        );
        found += 1;
    }
    assert!(found > 5000, "{found}");
}

#[test]
fn the_same_program_and_samples_give_the_same_bytes() {
    assert_eq!(site("site-once", &[]).0, site("site-twice", &[]).0);
}

#[test]
fn pages_say_all_that_the_sources_say() {
    let (files, printed) = site("site-whole", &[]);
    assert_eq!(files.keys().filter(|path| is_page(path)).count(), 2 + 3 * sources().len());
    assert!(printed.starts_with(&format!(
        "{} pages of {} sources in ",
        2 + 3 * sources().len(),
        sources().len()
    )));
    let tokens = &files["tokens.html"];
    for token in Token::ALL {
        assert!(tokens.contains(&format!("<tr id=\"{}\">", token.name())), "{}", token.name());
    }
    for source in sources() {
        let page = |name: &str| &files[&format!("sources/{}/{name}.html", source.info.name)];
        let guide = page("guide");
        for number in 1..=source.info.rows.len() {
            assert_eq!(
                guide.matches(&format!("<tr id=\"row-{number}\"")).count(),
                1,
                "{} {number}",
                source.info.name
            );
        }
        let waived = source.info.rows.iter().filter(|row| !row.waived.is_empty()).count();
        assert_eq!(guide.matches("mark waived").count(), waived, "{}", source.info.name);
        let decided = source.info.rows.iter().filter(|row| !row.decision.is_empty()).count()
            + source.info.values.iter().filter(|map| !map.decision.is_empty()).count();
        assert_eq!(guide.matches("mark decision").count(), decided, "{}", source.info.name);
        let cases: usize = source.info.values.iter().map(|map| map.cases.len()).sum();
        assert_eq!(guide.matches("data-label=\"Normalised value\"").count(), cases, "{}", source.info.name);
        let catalogue = source.info.catalogue.unwrap();
        let listed = catalogue.messages.len() + catalogue.prefixes.len() + catalogue.suffixes.len();
        assert_eq!(page("messages").matches("data-label=\"Sets\"").count(), listed, "{}", source.info.name);
        // Each row that took something from the shown lines links to its row of the guide.
        let overview = page("index");
        assert!(
            overview.contains("class=\"piece c0\"") && overview.contains("guide.html#row-"),
            "{}",
            source.info.name
        );
        assert_eq!(
            guide.contains("id=\"internal\""),
            source.info.rows.iter().any(|row| row.section == Section::Internal)
        );
    }
}

#[test]
fn a_piece_of_a_line_is_the_text_its_token_was_made_of() {
    let (files, _) = site("site-pieces", &[]);
    let page = &files["sources/cisco-anyconnect/index.html"];
    let record = page.split("<pre class=\"record\">").nth(1).unwrap().split("</pre>").next().unwrap();
    let first = record.split("<a class=\"piece").nth(1).unwrap();
    let text = first.split('>').nth(1).unwrap().split('<').next().unwrap();
    let told = values(first, "href")[0].trim_start_matches('#');
    let row = page.split(&format!("<tr id=\"{told}\"")).nth(1).unwrap().split("</tr>").next().unwrap();
    let bytes = row.split("data-label=\"Bytes\">").nth(1).unwrap().split('<').next().unwrap();
    let (from, to) = bytes.split_once('–').unwrap();
    let before = record.split("<a class=\"piece").next().unwrap().replace("&lt;", "<").replace("&gt;", ">");
    assert_eq!(
        (before.len().to_string().as_str(), (before.len() + text.len()).to_string().as_str()),
        (from, to)
    );
}

#[test]
fn without_samples_there_are_no_lines_and_the_program_says_so() {
    let empty = folder("site-no-specs");
    fs::create_dir_all(&empty).unwrap();
    let (files, printed) = site("site-bare", &["--specs", empty.to_str().unwrap()]);
    assert!(printed.contains("no samples of teleport in "), "{printed}");
    assert!(files["sources/teleport/index.html"].contains("No sample lines were at hand"));
    assert!(!files["sources/teleport/index.html"].contains("class=\"piece"));
}

#[test]
fn coverage_is_that_of_the_spec_that_is_compiled_in() {
    let (files, printed) = site("site-measured", &[]);
    assert!(files["index.html"].contains("Branches used") && !printed.contains("no coverage"), "{printed}");
    let reported = ran(["coverage", "qualys-endpoint", "--format", "json"]).expect(0);
    let reported: serde_json::Value = serde_json::from_str(reported.text()).unwrap();
    let branches = &reported[0]["branches"];
    let shown = format!("{} of {}", branches["used"], branches["all"]);
    assert!(files["sources/qualys-endpoint/index.html"].contains(&shown), "{shown}");

    // Another spec of that name says nothing of what is compiled in.
    let changed = folder("site-changed");
    let to = changed.join("qualys-endpoint/samples");
    fs::create_dir_all(&to).unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("mapping-specs/qualys-endpoint");
    let spec = fs::read_to_string(from.join("spec.yaml")).unwrap();
    let other = spec.replace("title: Qualys Endpoint", "title: Another");
    assert_ne!(other, spec);
    fs::write(changed.join("qualys-endpoint/spec.yaml"), other).unwrap();
    fs::copy(from.join("catalogue.yaml"), changed.join("qualys-endpoint/catalogue.yaml")).unwrap();
    fs::copy(from.join("samples/guide.log"), to.join("guide.log")).unwrap();
    let (files, printed) = site("site-unmeasured", &["--specs", changed.to_str().unwrap()]);
    assert!(printed.contains("the spec of qualys-endpoint in "), "{printed}");
    let overview = &files["sources/qualys-endpoint/index.html"];
    assert!(overview.contains("class=\"piece") && !overview.contains("branches used"));
}

#[test]
fn a_folder_of_specs_that_is_not_there_is_an_error() {
    let out = folder("site-never");
    let done = ran(["site", out.to_str().unwrap(), "--specs", "no/such/folder"]).expect(1);
    done.says("xdr: error: there is no folder `no/such/folder`");
    assert!(!out.exists());
}
