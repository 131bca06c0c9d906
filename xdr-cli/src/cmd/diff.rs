//! `xdr diff`: what changed in the events of sources, and what it means to those who use them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use xdr_codegen::Input;
use xdr_workbench::lock::changes::overall;
use xdr_workbench::lock::{Change, Class, Lock, Version, compare, text};

use super::{check, lock};
use crate::failure::{DONE, FAILED, Failure};

const EXAMPLES: &str = "\
Examples:
  xdr diff HEAD:mapping-specs mapping-specs                       since the last commit
  xdr diff origin/main:mapping-specs/teleport mapping-specs/teleport
  xdr diff old/lock.json mapping-specs/teleport/lock.json
  xdr diff v1:mapping-specs v2:mapping-specs --refuse unmarked
  xdr diff HEAD:mapping-specs mapping-specs --format json | jq '.[].changes[]'

Each change is breaking (what was built on the events may find no more what it looks for), minor
(events have more; what was there stays) or patch (events stay as they are).

Exit status: 0 done, 1 failed, or there is a change that --refuse names.";

/// Say what changed in the events of sources, and whether it breaks what was built on them.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct DiffArgs {
    /// What was: a folder of specs, a source's folder or a lock file; or one of these in a revision of git, as REVISION:PATH
    #[arg(value_name = "OLD")]
    old: String,

    /// What is, named in the same way
    #[arg(value_name = "NEW")]
    new: String,

    /// End with status 1 if there is such a change
    #[arg(long, value_name = "WHAT")]
    refuse: Option<Refuse>,

    /// Text for people, or an array of objects
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Refuse {
    /// One that the version of the lock does not mark
    Unmarked,
    /// A breaking one
    Breaking,
    /// A minor or breaking one
    Minor,
    /// Any
    Patch,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// The changes of one source.
struct Compared {
    source: String,
    versions: [Option<Version>; 2],
    changes: Vec<Change>,
    unmarked: bool,
}

/// Prints the changes. The status is 1 if one of them is refused.
pub(super) fn run(args: &DiffArgs, to: &mut dyn Write) -> Result<u8, Failure> {
    let (old, new) = (locks(&args.old)?, locks(&args.new)?);
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let all: Vec<Compared> =
        names.into_iter().map(|name| compared(name, old.get(name), new.get(name))).collect();
    match args.format {
        Format::Text => print_all(&all, to)?,
        Format::Json => {
            super::json(to, &all.iter().map(object).collect::<Vec<_>>())?;
        }
    }
    let class = all.iter().filter_map(|one| overall(&one.changes)).max();
    let refused = match args.refuse {
        None => false,
        Some(Refuse::Unmarked) => all.iter().any(|one| one.unmarked),
        Some(Refuse::Breaking) => class == Some(Class::Breaking),
        Some(Refuse::Minor) => class >= Some(Class::Minor),
        Some(Refuse::Patch) => class.is_some(),
    };
    Ok(if refused { FAILED } else { DONE })
}

fn compared(source: &str, old: Option<&Lock>, new: Option<&Lock>) -> Compared {
    let whole = |class, what: &str, why| Change {
        class,
        section: "about",
        entry: source.to_owned(),
        what: what.to_owned(),
        why,
    };
    let changes = match (old, new) {
        (Some(old), Some(new)) => compare(old, new),
        (Some(_), None) => vec![whole(Class::Breaking, "the source is gone", "its records give no events")],
        _ => vec![whole(Class::Minor, "the source is new", "its records give events")],
    };
    let versions = [old, new].map(|lock| lock.map(|lock| lock.version));
    let unmarked = match (old, new) {
        (Some(old), Some(new)) => lock::unmarked(old, new, &changes),
        (Some(_), None) => true,
        _ => false,
    };
    Compared { source: source.to_owned(), versions, changes, unmarked }
}

fn print_all(all: &[Compared], to: &mut dyn Write) -> Result<(), Failure> {
    for one in all {
        let Some(class) = overall(&one.changes) else { continue };
        let versions = match one.versions {
            [Some(old), Some(new)] if old == new => format!("{new}"),
            [Some(old), Some(new)] => format!("{old} → {new}"),
            [Some(old), None] => format!("{old}"),
            [_, new] => new.map_or_else(String::new, |new| new.to_string()),
        };
        let marked = match one.versions {
            [Some(old), Some(_)] if one.unmarked => format!(", needs {}", old.marking(class)),
            _ => String::new(),
        };
        writeln!(to, "{}: {versions}, {}{marked}", one.source, class.word())?;
        print(&one.changes, to)?;
    }
    let classes = all.iter().filter_map(|one| overall(&one.changes));
    match classes.max() {
        Some(class) => writeln!(to, "overall: {}", class.word())?,
        None => writeln!(to, "nothing changed")?,
    }
    Ok(())
}

/// Prints changes, those that matter most first.
pub(super) fn print(changes: &[Change], to: &mut dyn Write) -> Result<(), Failure> {
    for class in [Class::Breaking, Class::Minor, Class::Patch] {
        for Change { section, entry, what, why, .. } in changes.iter().filter(|change| change.class == class)
        {
            let why = if why.is_empty() { String::new() } else { format!("\n{:12}{why}", "") };
            writeln!(to, "  {:8}  {section}: `{entry}`: {what}{why}", class.word())?;
        }
    }
    Ok(())
}

fn object(one: &Compared) -> Value {
    let [old, new] = one.versions.map(|version| version.map(|version| version.to_string()));
    let changes: Vec<Value> = one
        .changes
        .iter()
        .map(|Change { class, section, entry, what, why }| {
            json!({ "class": class.word(), "section": section, "entry": entry, "what": what, "why": why })
        })
        .collect();
    json!({
        "source": one.source,
        "old": old,
        "new": new,
        "class": overall(&one.changes).map(Class::word),
        "marked": !one.unmarked,
        "changes": changes,
    })
}

/// The locks of the sources that a folder holds, a lock file tells of, or either of them in a revision of git.
fn locks(place: &str) -> Result<BTreeMap<String, Lock>, Failure> {
    let path = Path::new(place);
    match place.split_once(':') {
        Some((revision, path)) if !Path::new(place).exists() => committed(revision, path),
        _ if path.is_file() => {
            if path.extension().is_some_and(|end| end == "yaml" || end == "yml") {
                check::no_file(path)?;
            }
            let wrong =
                |error: &dyn std::fmt::Display| Failure::failed(format!("cannot read {place}: {error}"));
            let bytes = fs::read_to_string(path).map_err(|error| wrong(&error))?;
            let lock = text::read(&bytes).map_err(|error| wrong(&error))?;
            Ok(BTreeMap::from([(lock.source.clone(), lock)]))
        }
        _ => check::load(path)?
            .iter()
            .map(|input| {
                let folder =
                    if path.join("spec.yaml").is_file() { path.to_owned() } else { path.join(&input.name) };
                named(input, lock::read(&folder)?)
            })
            .collect(),
    }
}

/// The lock of a spec, under the source's name and with the version of the lock beside it.
fn named(input: &Input, beside: Option<Lock>) -> Result<(String, Lock), Failure> {
    let lock = lock::lock(input, beside.map_or(Version::FIRST, |lock| lock.version))?;
    Ok((lock.source.clone(), lock))
}

/// The locks of what stands at a path in a revision.
fn committed(revision: &str, path: &str) -> Result<BTreeMap<String, Lock>, Failure> {
    let path = path.trim_start_matches("./").trim_end_matches('/');
    let wrong = |error: String| Failure::failed(format!("cannot read {revision}:{path}: {error}"));
    if Path::new(path).extension().is_some_and(|end| end == "json") {
        let lock = text::read(&git(&["show", &format!("{revision}:./{path}")])?).map_err(wrong)?;
        return Ok(BTreeMap::from([(lock.source.clone(), lock)]));
    }
    let listed = git(&["ls-tree", "-r", "-z", "--name-only", revision, &format!("./{path}/")])?;
    let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in listed.split('\0') {
        let Some((folder, name)) = file.rsplit_once('/') else { continue };
        if name == text::FILE || Path::new(name).extension().is_some_and(|end| end == "yaml" || end == "yml")
        {
            folders.entry(folder).or_default().push(name);
        }
    }
    let mut locks = BTreeMap::new();
    for (folder, names) in folders.into_iter().filter(|(_, names)| names.contains(&"spec.yaml")) {
        let read = |name: &str| git(&["show", &format!("{revision}:./{folder}/{name}")]);
        let mut input =
            Input { name: folder.rsplit('/').next().unwrap_or(folder).to_owned(), files: Vec::new() };
        let mut beside = None;
        for name in names {
            let text = read(name)?;
            if name == text::FILE {
                beside = Some(text::read(&text).map_err(wrong)?);
            } else {
                input.files.push((format!("{folder}/{name}"), text.into_bytes()));
            }
        }
        locks.extend([named(&input, beside)?]);
    }
    if locks.is_empty() {
        return Err(wrong("there is no spec".to_owned()));
    }
    Ok(locks)
}

/// What git prints.
fn git(args: &[&str]) -> Result<String, Failure> {
    let done = Command::new("git").args(args).output();
    let done = done.map_err(|error| Failure::failed(format!("cannot run git: {error}")))?;
    if done.status.success() {
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    } else {
        Err(Failure::failed(format!(
            "git {}: {}",
            args.join(" "),
            String::from_utf8_lossy(&done.stderr).trim()
        )))
    }
}
