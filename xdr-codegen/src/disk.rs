//! The one module that reads and writes files: the folders of specs, and the generated text.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A source's folder as it was read.
#[derive(Clone, Debug)]
pub struct Input {
    /// The folder's name.
    pub name: String,
    /// The YAML files in it: path as shown, and bytes. Sorted by path.
    pub files: Vec<(String, Vec<u8>)>,
}

/// Reads every source below `dir`: each folder that holds YAML or samples, sorted by name. `dir` may be such a folder itself.
///
/// # Errors
/// A folder or file that cannot be read, with its path.
pub fn load(dir: &Path) -> io::Result<Vec<Input>> {
    if dir.join("spec.yaml").is_file() {
        return Ok(vec![folder(dir)?]);
    }
    let mut inputs = Vec::new();
    for path in entries(dir)?.into_iter().filter(|path| path.is_dir()) {
        if is_source(&path)? {
            inputs.push(folder(&path)?);
        }
    }
    // A folder of that name alone, as in a misspelt `spec.yml`.
    if inputs.is_empty() && entries(dir)?.iter().any(|file| is_yaml(file)) {
        inputs.push(folder(dir)?);
    }
    Ok(inputs)
}

/// The folders below `dir` that are no sources for [`load`], although they hold something.
///
/// # Errors
/// A folder that cannot be read, with its path.
pub fn passed_over(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    if dir.join("spec.yaml").is_file() {
        return Ok(folders);
    }
    for path in entries(dir)?.into_iter().filter(|path| path.is_dir() && !is_hidden(path)) {
        if !is_source(&path)? && entries(&path)?.iter().any(|file| !is_hidden(file)) {
            folders.push(path);
        }
    }
    Ok(folders)
}

/// The paths that the generated text depends on: the folder, the sources' folders and their YAML files.
///
/// # Errors
/// A folder that cannot be read, with its path.
pub fn dependencies(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = vec![dir.to_owned()];
    for path in entries(dir)? {
        if path.is_dir() {
            let files = entries(&path)?;
            paths.extend(files.into_iter().filter(|file| is_yaml(file)));
        }
    }
    Ok(paths)
}

/// Writes a file unless it holds this text already.
///
/// # Errors
/// A file that cannot be written, with its path.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    fs::write(path, text).map_err(|error| at(path, &error))
}

fn folder(dir: &Path) -> io::Result<Input> {
    let name = fs::canonicalize(dir).map_err(|error| at(dir, &error))?;
    let name = name.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut files = Vec::new();
    for path in entries(dir)? {
        if is_yaml(&path) && path.is_file() {
            let bytes = fs::read(&path).map_err(|error| at(&path, &error))?;
            files.push((path.display().to_string(), bytes));
        }
    }
    Ok(Input { name, files })
}

/// Whether a folder is a source's. One without its spec is one too, and an error later.
fn is_source(dir: &Path) -> io::Result<bool> {
    Ok(dir.join("samples").is_dir() || entries(dir)?.iter().any(|file| is_yaml(file)))
}

/// Whether the name begins with a dot.
fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

fn entries(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir).map_err(|error| at(dir, &error))? {
        paths.push(entry.map_err(|error| at(dir, &error))?.path());
    }
    paths.sort();
    Ok(paths)
}

fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
