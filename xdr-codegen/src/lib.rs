//! Compiles mapping specs: YAML in, diagnostics or Rust out.
//!
//! A spec goes through five stages, each a plain function that pushes what it finds and goes on:
//!
//! | stage | from | to |
//! |---|---|---|
//! | [`parse`] | YAML text | [`ast`], the blocks as written |
//! | [`lower`] | `ast` | [`ir`], every name resolved |
//! | [`check`](mod@check) | `ir` | diagnostics about the whole |
//! | [`emit`] | `ir` | Rust tokens; cannot fail |
//! | [`format`](mod@format) | tokens | text |
//!
//! There is a barrier before `emit`: nothing is written for specs with errors. Only [`disk`] touches files.

pub mod ast;
pub mod check;
pub mod diag;
pub mod disk;
pub mod emit;
pub mod format;
pub mod ident;
pub mod ir;
pub mod lower;
pub mod node;
pub mod parse;
pub mod path;
pub mod source;
pub mod tables;
pub mod template;
pub mod yaml;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

pub use diag::render::Style;
pub use disk::{Input, load};

use diag::Diagnostics;
use source::{FileId, Files};

/// What a check found, with the texts that it is about.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The findings.
    pub diagnostics: Diagnostics,
    /// The texts.
    pub files: Files,
}

impl Checked {
    /// Whether something keeps a spec from compiling.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.has_errors()
    }
}

/// One source as Rust.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The source's name.
    pub name: String,
    /// The name of its Rust module.
    pub module: String,
    /// The text of the module.
    pub text: String,
}

/// Checks sources without writing Rust.
pub fn check(inputs: &[Input]) -> Checked {
    check_on(inputs, 1)
}

/// Checks sources on so many threads. What is found, and its order, does not depend on their number.
pub fn check_on(inputs: &[Input], threads: usize) -> Checked {
    let mut checked = Checked::default();
    let folders = folders(inputs, &mut checked.files);
    let mut all: Vec<Diagnostics> = folders.iter().map(|_| Diagnostics::new()).collect();
    // Each thread takes the next folder and the place for what is found in it.
    let work = Mutex::new(folders.into_iter().zip(&mut all));
    let files = &checked.files;
    let next = || work.lock().unwrap_or_else(PoisonError::into_inner).next();
    let run = || {
        while let Some((folder, found)) = next() {
            *found = folder.module(files).1;
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(inputs.len()) {
            scope.spawn(run);
        }
        run();
    });
    drop(work);
    for found in all {
        checked.diagnostics.append(found);
    }
    checked
}

/// Reads, lowers and checks sources without writing Rust: what is left of each, sorted by name. Only if nothing was found that keeps
/// them from compiling may they be emitted or interpreted.
pub fn read(inputs: &[Input]) -> (Vec<ir::Module>, Checked) {
    let mut checked = Checked::default();
    let modules = modules(inputs, &mut checked);
    (modules, checked)
}

/// Compiles sources. Neither their order nor that of their files matters: the modules come sorted by name.
///
/// # Errors
/// What keeps one of them from compiling; nothing is written then for any of them.
pub fn compile(inputs: &[Input]) -> Result<(Vec<Generated>, Checked), Checked> {
    let mut checked = Checked::default();
    let modules = modules(inputs, &mut checked);
    if checked.has_errors() {
        return Err(checked);
    }
    let idents = ident::distinct(modules.iter().map(|module| module.name.as_str()), &[]);
    let generated = modules
        .iter()
        .zip(idents)
        .map(|(module, ident)| Generated {
            name: module.name.clone(),
            module: ident,
            text: format::file(&module.name, &emit::module(module)),
        })
        .collect();
    Ok((generated, checked))
}

/// The Rust of one source.
///
/// # Errors
/// What keeps it from compiling.
pub fn expand(input: &Input) -> Result<String, Checked> {
    let (generated, _) = compile(std::slice::from_ref(input))?;
    Ok(generated.into_iter().map(|one| one.text).collect())
}

/// One source with all its names resolved, for tools that work on what a spec means.
///
/// # Errors
/// What keeps it from compiling.
pub fn resolve(input: &Input) -> Result<ir::Module, Checked> {
    let (mut modules, checked) = read(std::slice::from_ref(input));
    match modules.pop() {
        Some(module) if !checked.has_errors() => Ok(module),
        _ => Err(checked),
    }
}

/// The text of the file that declares the modules and the registry of sources. Each module's text is expected beside it, as
/// `{module}.rs`.
pub fn index(generated: &[Generated]) -> String {
    let each = |line: &dyn Fn(&str, &str) -> String| -> String {
        generated.iter().map(|one| line(&one.name, &one.module)).collect()
    };
    let modules = each(&|name, module| {
        let file = format!("include!(concat!(env!(\"OUT_DIR\"), \"/{module}.rs\"));");
        format!("\n/// The source `{name}`, generated from its spec.\npub mod {module} {{\n    {file}\n}}\n")
    });
    let sources = each(&|_, module| {
        format!("    ::xdr_runtime::engine::Source::of(&{module}::INFO, &{module}::Source),\n")
    });
    let texts = each(&|name, module| {
        format!("    (\"{name}\", include_str!(concat!(env!(\"OUT_DIR\"), \"/{module}.rs\"))),\n")
    });
    [
        "// Generated by xdr-codegen from mapping-specs. Edit the specs, not this file.\n",
        &modules,
        "\n/// Every source, sorted by name.\npub static SOURCES: &[::xdr_runtime::engine::Source] = &[\n",
        &sources,
        "];\n\n/// The generated text of every source.\npub static EXPANDED: &[(&str, &str)] = &[\n",
        &texts,
        "];\n",
    ]
    .concat()
}

/// The findings as text.
pub fn render(checked: &Checked, style: Style) -> String {
    diag::render::render(&checked.diagnostics, &checked.files, style)
}

/// Reads, lowers and checks every source. What cannot be read leaves no module, and a diagnostic.
fn modules(inputs: &[Input], checked: &mut Checked) -> Vec<ir::Module> {
    let folders = folders(inputs, &mut checked.files);
    let mut modules = Vec::new();
    for folder in folders {
        let (module, found) = folder.module(&checked.files);
        checked.diagnostics.append(found);
        modules.extend(module);
    }
    modules
}

/// The name of a source's spec.
const SPEC: &str = "spec.yaml";

fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Whether a file was meant to be a spec: `spec.yml`, `Spec.yaml`.
fn is_misnamed(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(stem, _)| stem.eq_ignore_ascii_case("spec"))
}

/// A source's folder whose texts are kept.
struct Folder<'i> {
    name: &'i str,
    spec: Option<FileId>,
    /// The files beside the spec, by name.
    others: BTreeMap<String, FileId>,
    /// What was found while they were kept.
    found: Diagnostics,
}

/// Keeps the texts of sources, in the order of their names.
fn folders<'i>(inputs: &'i [Input], files: &mut Files) -> Vec<Folder<'i>> {
    let mut inputs: Vec<_> = inputs.iter().collect();
    inputs.sort_by(|one, other| one.name.cmp(&other.name));
    inputs.into_iter().map(|input| folder(input, files)).collect()
}

fn folder<'i>(input: &'i Input, files: &mut Files) -> Folder<'i> {
    let mut found = Diagnostics::new();
    let mut others = BTreeMap::new();
    let mut sorted: Vec<_> = input.files.iter().collect();
    sorted.sort();
    for (path, bytes) in &sorted {
        if let Some(file) = files.add_bytes(path, bytes.clone(), &mut found) {
            others.insert(base_name(path).to_owned(), file);
        }
    }
    if !input.files.iter().any(|(path, _)| base_name(path) == SPEC) {
        // Beside another file of the folder, if there is one: its path is known.
        let beside = sorted.first().map(|(path, _)| path.strip_suffix(base_name(path)).unwrap_or_default());
        let path =
            beside.map_or_else(|| format!("{}/{SPEC}", input.name), |folder| format!("{folder}{SPEC}"));
        let meant = sorted.iter().map(|(path, _)| base_name(path)).find(|name| is_misnamed(name));
        let help = meant.map_or_else(
            || format!("put the spec there; a spec is always called `{SPEC}`"),
            |name| format!("rename `{name}`: a spec is always called `{SPEC}`"),
        );
        files.add_unreadable(path, &"there is no such file", help, &mut found);
    }
    Folder { name: &input.name, spec: others.remove(SPEC), others, found }
}

impl Folder<'_> {
    /// The source, if it can be read at all, and what was found in it.
    fn module(self, files: &Files) -> (Option<ir::Module>, Diagnostics) {
        let mut diags = self.found;
        let spec = self.spec.and_then(|file| parse::spec(file, files, &mut diags));
        let module = spec.map(|spec| {
            // Rules over the whole would repeat what a broken shape has caused.
            let broken = diags.has_errors();
            let module = lower::lower(&spec, self.name, &self.others, files, &mut diags);
            if !broken && !diags.has_errors() {
                check::check(&module, &mut diags);
            }
            module
        });
        (module, diags)
    }
}
