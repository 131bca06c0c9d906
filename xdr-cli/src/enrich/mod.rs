//! What a run enriches events with: options, the keys of the configuration file, and the files that they name.

mod live;
pub(crate) mod told;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use xdr_codegen::diag::near;
use xdr_model::Token;
use xdr_runtime::enrich::{By, Directory, Enrichment, Geo, Networks};
use xdr_runtime::info::Info;

use crate::failure::Failure;

pub(crate) use live::Live;

/// What events are enriched with.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Enrichment")]
pub(crate) struct EnrichArgs {
    /// The networks that are local, with commas between them, such as `private,203.0.113.0/24`: `eventContext` follows from them.
    /// `private` stands for those of RFC 1918 and RFC 4193, `none` for no `eventContext` [default: private]
    #[arg(long, value_name = "NETWORKS", value_delimiter = ',', value_parser = network)]
    pub(crate) networks: Vec<String>,

    /// Fill what this table knows of the user: CSV with a column `user` and columns named as tokens, such as `userDepartment`. It is
    /// read again when it changes
    #[arg(long, value_name = "FILE")]
    pub(crate) directory: Option<PathBuf>,

    /// Fill coordinates, country and city of public addresses from this database in MaxMind's format; of several the first that
    /// knows the address counts
    #[arg(long, value_name = "FILE")]
    pub(crate) geo: Vec<PathBuf>,

    /// Put this label on every event, in `tags`; may be repeated
    #[arg(long = "tag", value_name = "TEXT", value_parser = tag)]
    pub(crate) tags: Vec<String>,
}

/// A key of the configuration file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Networks,
    Directory,
    Geo,
    Tags,
}

impl Key {
    pub(crate) const ALL: [Self; 4] = [Self::Networks, Self::Directory, Self::Geo, Self::Tags];

    /// The key's name in the configuration file.
    pub(crate) const fn in_file(self) -> &'static str {
        match self {
            Self::Networks => "networks",
            Self::Directory => "directory",
            Self::Geo => "geo",
            Self::Tags => "tags",
        }
    }

    /// Whether it takes several texts.
    pub(crate) const fn takes_several(self) -> bool {
        !matches!(self, Self::Directory)
    }
}

/// What was given. What is empty was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Given {
    networks: Vec<String>,
    directory: Option<PathBuf>,
    geo: Vec<PathBuf>,
    tags: Vec<String>,
}

impl Given {
    /// Gives one text of a key; files are looked for in `folder`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub(crate) fn set(&mut self, key: Key, text: &str, folder: &Path) -> Result<(), String> {
        match key {
            Key::Networks => self.networks.push(network(text)?),
            Key::Directory => self.directory = Some(folder.join(file(text)?)),
            Key::Geo => self.geo.push(folder.join(file(text)?)),
            Key::Tags => self.tags.push(tag(text)?),
        }
        Ok(())
    }

    /// Whether the texts of a key that was given go together.
    ///
    /// # Errors
    /// Why they do not.
    pub(crate) fn fits(&self, key: Key) -> Result<(), &'static str> {
        match (key, &*self.networks) {
            (Key::Networks, []) => Err("no network; `none` leaves `eventContext` out"),
            (Key::Networks, [_, _, ..]) if self.networks.iter().any(|text| text == NONE) => Err(ALONE),
            _ => Ok(()),
        }
    }

    /// The files that it names.
    pub(crate) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.directory.iter().chain(&self.geo)
    }

    /// What was given by one key.
    pub(crate) fn only(&self, key: Key) -> Self {
        let Self { networks, directory, geo, tags } = self.clone();
        match key {
            Key::Networks => Self { networks, ..Self::default() },
            Key::Directory => Self { directory, ..Self::default() },
            Key::Geo => Self { geo, ..Self::default() },
            Key::Tags => Self { tags, ..Self::default() },
        }
    }

    /// The same with what the command line says instead.
    pub(crate) fn or(self, args: &EnrichArgs) -> Self {
        let or = |args: &[String], given: Vec<String>| if args.is_empty() { given } else { args.to_vec() };
        Self {
            networks: or(&args.networks, self.networks),
            directory: args.directory.clone().or(self.directory),
            geo: if args.geo.is_empty() { self.geo } else { args.geo.clone() },
            tags: or(&args.tags, self.tags),
        }
    }
}

fn network(text: &str) -> Result<String, String> {
    if !matches!(text, PRIVATE | NONE) {
        Networks::none().add(text).map_err(|bad| format!("`{text}` is {bad}"))?;
    }
    Ok(text.to_owned())
}

/// The networks of RFC 1918 and RFC 4193.
const PRIVATE: &str = "private";
/// No networks.
const NONE: &str = "none";
/// Why there can be nothing beside [`NONE`].
const ALONE: &str = "`none` and other networks exclude each other";

/// Whether the spec of a source has a use for this key of the configuration.
pub(crate) fn takes(info: &Info, key: &str) -> bool {
    let is_other = Key::ALL.iter().all(|known| known.in_file() != key);
    is_other || info.enrich.iter().any(|one| one.by.word() == key)
}

fn tag(text: &str) -> Result<String, String> {
    if text.trim().is_empty() { Err("a label is empty".to_owned()) } else { Ok(text.to_owned()) }
}

fn file(text: &str) -> Result<&str, String> {
    if text.is_empty() { Err("the name of a file is empty".to_owned()) } else { Ok(text) }
}

/// What a run over records of a source enriches them with, and the directory's file.
///
/// # Errors
/// The source's spec has no use for something, or a file cannot be read or is not what it should be.
pub(crate) fn load(given: &Given, info: &'static Info) -> Result<(Enrichment, Option<Watched>), Failure> {
    for (by, is_given) in [
        // To enrich nothing is never wrong.
        (By::Networks, !given.networks.is_empty() && given.networks != [NONE]),
        (By::Directory, given.directory.is_some()),
        (By::Geo, !given.geo.is_empty()),
        (By::Tags, !given.tags.is_empty()),
    ] {
        if is_given && !info.enrich.iter().any(|one| one.by == by) {
            let message = format!("the spec of `{}` enriches nothing by `{}`", info.name, by.word());
            let known: Vec<&str> = info.enrich.iter().map(|one| one.by.word()).collect();
            let known = if known.is_empty() { "nothing".to_owned() } else { distinct(known).join(", ") };
            return Err(Failure::usage(message).help(format!("it enriches by: {known}")));
        }
    }
    let mut enrichment = Enrichment { tags: distinct(given.tags.clone()), ..Enrichment::default() };
    if !given.networks.is_empty() {
        enrichment.networks = networks(&given.networks)?;
    }
    if !given.geo.is_empty() {
        let mut geo = Geo::default();
        for path in &given.geo {
            let bytes = std::fs::read(path).map_err(|error| Failure::reading(shown(path), &error))?;
            geo.add(bytes).map_err(|why| Failure::usage(format!("{}: {why}", shown(path))))?;
        }
        enrichment.geo = Some(Arc::new(geo));
    }
    let mut watched = None;
    if let Some(path) = &given.directory {
        let stamp = live::stamp(path);
        enrichment.directory = Some(Arc::new(directory(path, info)?));
        watched = Some(Watched { path: path.clone(), info, stamp });
    }
    Ok((enrichment, watched))
}

/// A directory's file, and when it was read.
#[derive(Debug)]
pub(crate) struct Watched {
    path: PathBuf,
    info: &'static Info,
    stamp: live::Stamp,
}

fn networks(texts: &[String]) -> Result<Networks, Failure> {
    let mut networks = Networks::none();
    for text in texts {
        match text.as_str() {
            NONE if texts.len() == 1 => {}
            NONE => return Err(Failure::usage(ALONE)),
            PRIVATE => networks.add_private(),
            text => networks.add(text).map_err(|bad| Failure::usage(format!("`{text}` is {bad}")))?,
        }
    }
    Ok(networks)
}

/// Reads a directory, of which the source's spec must take something.
fn directory(path: &Path, info: &Info) -> Result<Directory, Failure> {
    let name = shown(path);
    let bytes = std::fs::read(path).map_err(|error| Failure::reading(&name, &error))?;
    let takes: Vec<Token> =
        info.enrich.iter().filter(|one| one.by == By::Directory).flat_map(|one| one.fills).copied().collect();
    let names = || takes.iter().map(|token| token.name());
    let directory = Directory::read(&bytes).map_err(|fault| {
        let failure = Failure::usage(format!("{name}, {fault}"));
        let known = names().chain(["user"]);
        match fault.unknown.as_deref().map(|unknown| (unknown, near(unknown, known.clone()))) {
            Some((_, Some(near))) => failure.suggest(Some(near)),
            Some((_, None)) => failure.help(format!("known: {}", known.collect::<Vec<_>>().join(", "))),
            None => failure,
        }
    })?;
    if !directory.tokens().iter().any(|token| takes.contains(token)) {
        let message = format!("{name}, line 1: no column that `{}` takes", info.name);
        return Err(
            Failure::usage(message).help(format!("it takes: {}", names().collect::<Vec<_>>().join(", ")))
        );
    }
    Ok(directory)
}

fn shown(path: &Path) -> String {
    format!("`{}`", path.display())
}

/// A list without what was in it before.
fn distinct<T: PartialEq>(list: Vec<T>) -> Vec<T> {
    let mut found = Vec::new();
    for member in list {
        if !found.contains(&member) {
            found.push(member);
        }
    }
    found
}
