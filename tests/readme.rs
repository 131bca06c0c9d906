//! Holds the documents to their word: README.md's commands are run and their output compared, its spec is compiled,
//! docs/tutorial.md is followed, and the paths that the documents name are looked up. `.ci/vendor` builds the specs of both and runs them
//! over the records shown.
//!
//! A block of README.md is what the second word behind its opening fence says:
//!
//! | fence | what it is |
//! |---|---|
//! | `sh` | commands; run if the first one is `xdr` or `cargo run` |
//! | `sh parquet` | the same, of a program that was built with that feature |
//! | `json output`, `text output` | what the commands in front of it print; lines may be broken and indented for reading |
//! | `text summary` | what they print on standard error, but for the time it took |
//! | `toml xdr.toml`, `csv users.csv` | files that the commands find in their folder |
//! | `yaml spec` | the spec of the vendor that is added; `text record` and `json event` belong to it |
//! | `text finding` | what is said about that spec if the token `sourceUser` is misspelt |
//!
//! And a block of docs/tutorial.md, whose blocks are taken one after the other in one folder:
//!
//! | fence | what it is |
//! |---|---|
//! | `text file PATH`, `yaml file PATH` | what is put into this file |
//! | `yaml part PATH` | top-level keys that replace those of this file, or are added behind them |
//! | `sh`, `sh fails` | commands, which succeed, or end with status 1; run unless one of them is cargo's |
//! | `sh built` | commands of a program that has the source; `.ci/vendor` runs them |
//! | `sh watch` | a command that does not end |
//! | `text output`, `json output` | what the commands in front of it print; lines of JSON may be broken and indented for reading |
//! | `json event` | what the record becomes; `tests/fixtures` and `.ci/vendor` compare it |
#![cfg(unix)]

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use xdr_codegen::{Input, Style};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect(path)
}

/// A block between fences.
#[derive(Debug)]
struct Block {
    /// The words behind the opening fence.
    info: String,
    text: String,
    /// The line of the opening fence, counted from 1.
    line: usize,
}

/// The blocks of a document, in order.
fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for (at, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(info), None) => {
                open = Some(Block { info: info.to_owned(), text: String::new(), line: at + 1 });
            }
            (Some(_), Some(block)) => found.push(block),
            (None, Some(mut block)) => {
                block.text.push_str(line);
                block.text.push('\n');
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence is not closed: {open:?}");
    found
}

/// The text of the only block of README.md with this info.
fn only(info: &str) -> String {
    let mut found = blocks(&read("README.md"));
    found.retain(|block| block.info == info);
    assert_eq!(found.len(), 1, "blocks `{info}` of README.md");
    found.remove(0).text
}

/// A text without the line breaks and indents that were put into it for reading.
fn joined(text: &str) -> String {
    text.lines().map(str::trim_start).collect()
}

/// A summary without what changes from run to run.
fn steady(text: &str) -> String {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let counted = first.split_once(" in ").map_or(first, |(counted, _)| counted);
    format!("{counted}\n{rest}")
}

/// An empty folder.
fn empty(name: &str) -> io::Result<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Runs commands in a folder that holds the specs and `files`.
fn shell(commands: &str, files: &[(&str, &str)]) -> io::Result<Output> {
    let folder = empty("readme")?;
    std::os::unix::fs::symlink(root().join("mapping-specs"), folder.join("mapping-specs"))?;
    for (name, text) in files {
        fs::write(folder.join(name), text)?;
    }
    run(commands, &folder)
}

/// Runs commands in a shell. The program is `xdr`.
fn run(commands: &str, folder: &Path) -> io::Result<Output> {
    let program = Path::new(env!("CARGO_BIN_EXE_xdr"));
    let mut path = program.parent().unwrap_or(program).as_os_str().to_owned();
    path.push(":");
    path.push(env::var_os("PATH").unwrap_or_default());
    let commands = commands.replace("cargo run --release -- ", "xdr ");
    Command::new("sh")
        .args(["-euc", &commands])
        .current_dir(folder)
        .env("PATH", path)
        .stdin(Stdio::null())
        .output()
}

#[test]
fn commands_print_what_is_shown() {
    let blocks = blocks(&read("README.md"));
    let (config, users) = (only("toml xdr.toml"), only("csv users.csv"));
    let mut compared = 0;
    for (at, block) in blocks.iter().enumerate() {
        let runs = block.text.starts_with("xdr ") || block.text.starts_with("cargo run ");
        let is_shell = block.info == "sh" || (cfg!(feature = "parquet") && block.info == "sh parquet");
        if !is_shell || !runs {
            continue;
        }
        let output = shell(&block.text, &[("xdr.toml", &config), ("users.csv", &users)]).unwrap();
        let place = format!("README.md:{}", block.line);
        let (stdout, stderr) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(output.status.success(), "{place}: {}\n{stderr}", output.status);
        for shown in blocks[at + 1..].iter().take_while(|block| block.info != "sh") {
            match shown.info.as_str() {
                "json output" | "text output" => assert_eq!(joined(&stdout), joined(&shown.text), "{place}"),
                "text summary" => assert_eq!(steady(&stderr), steady(&shown.text), "{place}"),
                _ => continue,
            }
            compared += 1;
        }
    }
    assert!(compared >= 4, "{compared} outputs compared");
}

fn spec(text: &str) -> Input {
    let path = "mapping-specs/acme-vpn/spec.yaml".to_owned();
    Input { name: "acme-vpn".to_owned(), files: vec![(path, text.as_bytes().to_vec())] }
}

#[test]
fn the_vendor_that_is_added_compiles() {
    let input = spec(&only("yaml spec"));
    let checked = xdr_codegen::check(std::slice::from_ref(&input));
    assert!(checked.diagnostics.is_empty(), "{}", xdr_codegen::render(&checked, Style::Plain));
    xdr_codegen::expand(&input).unwrap();
}

#[test]
fn a_misspelt_token_is_reported_as_shown() {
    let text = only("yaml spec");
    let wrong = text.replace("token: sourceUser,", "token: sourceUsr,");
    assert_ne!(text, wrong);
    let checked = xdr_codegen::check(&[spec(&wrong)]);
    assert_eq!(xdr_codegen::render(&checked, Style::Plain).trim_end(), only("text finding").trim_end());
}

/// The top-level keys of a spec, each with its lines.
fn keys(spec: &str) -> Vec<(&str, String)> {
    let mut keys: Vec<(&str, String)> = Vec::new();
    for line in spec.lines() {
        if line.starts_with(|first: char| first.is_ascii_lowercase()) {
            keys.push((line.split(':').next().unwrap_or(line), String::new()));
        }
        let (_, lines) = keys.last_mut().expect("a spec begins with a key");
        lines.push_str(line);
        lines.push('\n');
    }
    keys
}

/// A spec with some of its keys replaced, and others added.
fn replaced(spec: &str, part: &str) -> String {
    // Behind the last key of each stands the line that separates it from what follows.
    let (spec, part) = (format!("{spec}\n"), format!("{part}\n"));
    let mut all = keys(&spec);
    for (key, lines) in keys(&part) {
        match all.iter_mut().find(|(known, _)| *known == key) {
            Some((_, old)) => *old = lines,
            None => all.push((key, lines)),
        }
    }
    let lines: String = all.into_iter().map(|(_, lines)| lines).collect();
    lines.trim_end().to_owned() + "\n"
}

#[test]
fn the_tutorial_goes_as_it_is_written() {
    let folder = empty("tutorial").unwrap();
    std::os::unix::fs::symlink(root().join("examples"), folder.join("examples")).unwrap();
    fs::create_dir(folder.join("mapping-specs")).unwrap();
    let (mut printed, mut ran, mut compared) = (String::new(), 0, 0);
    for Block { info, text, line } in blocks(&read("docs/tutorial.md")) {
        let place = format!("docs/tutorial.md:{line}");
        match info.split(' ').collect::<Vec<_>>()[..] {
            [_, "file", path] => fs::write(folder.join(path), &text).expect(&place),
            [_, "part", path] => {
                let path = folder.join(path);
                let spec = fs::read_to_string(&path).expect(&place);
                fs::write(path, replaced(&spec, &text)).unwrap();
            }
            ["sh", ref how @ ..] if !matches!(how, ["built" | "watch"]) && !text.contains("cargo ") => {
                let output = run(&text, &folder).unwrap();
                let stderr = String::from_utf8(output.stderr).unwrap();
                assert_eq!(output.status.code(), Some(i32::from(how == ["fails"])), "{place}: {stderr}");
                printed = String::from_utf8(output.stdout).unwrap();
                ran += 1;
            }
            ["text", "output"] => {
                assert_eq!(printed.trim_end(), text.trim_end(), "{place}");
                compared += 1;
            }
            ["json", "output"] => {
                assert_eq!(joined(&printed), joined(&text), "{place}");
                compared += 1;
            }
            ["json", "event"] | ["sh"] | ["sh", "built" | "watch"] => {}
            _ => panic!("{place}: `{info}`"),
        }
    }
    assert!(ran >= 7 && compared >= 5, "{ran} blocks ran, {compared} outputs compared");
    let (made, kept) =
        (folder.join("mapping-specs/trend-deep-security"), "examples/tutorial/trend-deep-security");
    for file in ["spec.yaml", "catalogue.yaml", "samples/first.log"] {
        let made = fs::read_to_string(made.join(file)).expect(file);
        assert_eq!(made, read(&format!("{kept}/{file}")), "{file} of the example is what the tutorial makes");
    }
    for link in mentioned(&read("docs/tutorial.md")).iter().filter(|link| link.starts_with("../")) {
        assert!(root().join("docs").join(link).exists(), "docs/tutorial.md links to `{link}`");
    }
}

#[test]
fn the_gate_runs_the_test_command_that_is_shown() {
    let blocks = blocks(&read("README.md"));
    let tests: Vec<&str> = blocks
        .iter()
        .filter(|block| block.info == "sh")
        .flat_map(|block| block.text.lines())
        .filter(|line| line.starts_with("cargo nextest run") || line.starts_with("cargo test"))
        .collect();
    let [command] = tests[..] else { panic!("README.md shows one test command, not {tests:?}") };
    assert!(
        read(".ci/run").lines().any(|line| line.trim() == command),
        "`{command}` is not a line of .ci/run"
    );
}

/// The words in backticks outside of blocks, and the targets of links.
fn mentioned(text: &str) -> Vec<String> {
    let mut inside = false;
    let prose: String = text
        .lines()
        .filter(|line| {
            let fence = line.starts_with("```");
            inside ^= fence;
            !inside && !fence
        })
        .flat_map(|line| [line, "\n"])
        .collect();
    let quoted = prose.split('`').skip(1).step_by(2).map(str::to_owned);
    let links =
        prose.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(to, _)| to.to_owned());
    quoted.chain(links).collect()
}

#[test]
fn paths_that_documents_name_exist() {
    let mut looked_up = 0;
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        for name in mentioned(&read(document)) {
            let path = name.split('#').next().unwrap_or_default();
            let ends = [".rs", ".md", ".yaml", "/", "/run"].iter().any(|end| path.ends_with(end));
            let is_path = ends
                && path.contains('/')
                && !path.contains(['*', ' ', '<', '{', '$'])
                && !path.contains("NAME");
            if is_path {
                assert!(root().join(path).exists(), "{document} names `{name}`, which is not there");
                looked_up += 1;
            }
        }
    }
    assert!(looked_up >= 20, "{looked_up} paths looked up");
}
