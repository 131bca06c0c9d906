//! `xdr new`: a folder for a source, empty or drafted from a guide.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use xdr_codegen::{Input, Style};
use xdr_workbench::draft::{self, Draft, Layout};
use xdr_workbench::schema;

use crate::failure::{DONE, Failure};
use crate::text::count;

const NEW: &str = "\
Examples:
  xdr new acme-vpn                                      a small spec to fill in
  xdr new acme-vpn --format json --dir my-specs
  xdr new acme-vpn --from-guide guide.txt               the whole spec, drafted from the guide
  xdr new acme-vpn --from-guide guide.txt --lines first.log

A folder NAME is made in the folder of specs, with spec.yaml and samples/first.log. Nothing
is overwritten: if the folder is there, nothing is done. The JSON Schemas that editors check
specs by are written into the folder of specs, if they are not there. Then go on with:
  xdr check DIR/NAME                                    what is wrong, or to be decided
  xdr try DIR/NAME                                      its events, without a build

From a guide:
  The text of a published guide, with tabs between the cells of its tables. All rows are
  taken over, in their order. A token in another spelling (sourceIPv4) is taken and reported.
  A name that is only near to a token is written as printed: `xdr check` refuses it there
  until it is decided. A name that is near to none becomes a waived row. --lines shows how
  records are laid out and which keys the guide's fields have; the lines themselves are not
  copied. What was uncertain stands as a comment in the draft, and on standard error.

Exit status: 0 made, also if `xdr check` has something to say about it, 1 failed, 2 wrong
usage.";

/// Make a folder for a new source, empty or drafted from a guide.
#[derive(Debug, Args)]
#[command(after_long_help = NEW)]
pub(crate) struct NewArgs {
    /// The source's name: lower-case words of letters and digits joined by `-`
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,

    /// The folder that holds one folder a source
    #[arg(long, value_name = "DIR", default_value = "./mapping-specs")]
    dir: PathBuf,

    /// How records are laid out [default: as lines or guide say, else syslog]
    #[arg(long, value_name = "FORMAT")]
    format: Option<NewFormat>,

    /// Draft the whole spec from the text of a guide
    #[arg(long, value_name = "FILE")]
    from_guide: Option<PathBuf>,

    /// Real records, which show how they are laid out; at most the first 16 MiB are read
    #[arg(long, value_name = "FILE", requires = "from_guide")]
    lines: Option<PathBuf>,
}

/// The layouts that a draft can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum NewFormat {
    /// A syslog header and a text
    Syslog,
    /// JSON objects
    Json,
    /// `key=value`, also behind a syslog header
    KeyValue,
    /// Columns with a separator between them, also behind a syslog header
    Csv,
    /// The Common Event Format
    Cef,
    /// The Log Event Extended Format
    Leef,
}

impl From<NewFormat> for Layout {
    fn from(format: NewFormat) -> Self {
        match format {
            NewFormat::Syslog => Self::Text,
            NewFormat::Json => Self::Json,
            NewFormat::KeyValue => Self::Pairs,
            NewFormat::Csv => Self::Columns,
            NewFormat::Cef => Self::Cef,
            NewFormat::Leef => Self::Leef,
        }
    }
}

fn name(text: &str) -> Result<String, String> {
    if xdr_codegen::parse::is_source_name(text) {
        Ok(text.to_owned())
    } else {
        Err("use lower-case words of letters and digits joined by `-`, as in `acme-vpn`".to_owned())
    }
}

/// Makes the folder and says what is in it.
pub(super) fn run(args: &NewArgs, to: &mut dyn Write) -> Result<u8, Failure> {
    let folder = args.dir.join(&args.name);
    if !args.dir.is_dir() {
        return Err(Failure::failed(format!("there is no folder `{}`", args.dir.display()))
            .help("name the folder of specs with --dir, or make it"));
    }
    if folder.symlink_metadata().is_ok() {
        return Err(Failure::failed(format!("`{}` is there already", folder.display()))
            .help("nothing is overwritten: take another name, or remove it"));
    }
    let asked = args.format.map(Layout::from);
    let draft = match &args.from_guide {
        None => draft::skeleton(&args.name, asked.unwrap_or(Layout::Text)),
        Some(path) => {
            let guide = draft::read(&text(path)?);
            if guide.rows.is_empty() {
                return Err(Failure::failed(format!("no table of fields was found in {}", path.display())).help(
                    "a table has a row of heads, such as `Data Source Fields`, `QQL Tokens`, `Sample Values`, with tabs between them",
                ));
            }
            let lines = args.lines.as_deref().map(text).transpose()?;
            draft::from_guide(&args.name, &guide, lines.as_deref(), asked)
        }
    };
    report(&draft);
    write(&folder, &draft)?;
    let schemas = schemas(&args.dir)?;
    let path = folder.join("spec.yaml").display().to_string();
    let input =
        Input { name: args.name.clone(), files: vec![(path.clone(), draft.spec.clone().into_bytes())] };
    let checked = xdr_codegen::check(&[input]);
    let [rows, mapped, waived] = draft.rows;
    if args.from_guide.is_some() {
        let rows = count(rows as u64, "row");
        writeln!(to, "{path}: {rows}, {mapped} mapped, {waived} waived, {} to decide", draft_open(&draft))?;
    } else {
        writeln!(to, "{path}")?;
    }
    writeln!(to, "{}", folder.join("samples").join("first.log").display())?;
    for schema in schemas {
        writeln!(to, "{}", schema.display())?;
    }
    to.write_all(xdr_codegen::render(&checked, Style::Plain).as_bytes())?;
    Ok(DONE)
}

fn draft_open(draft: &Draft) -> usize {
    draft.notes.iter().filter(|note| note.refused).count()
}

/// Says on standard error what was uncertain.
fn report(draft: &Draft) {
    let mut stderr = anstream::stderr().lock();
    for note in &draft.notes {
        let kind = if note.refused { "decide" } else { "note" };
        let place = if note.line == 0 { String::new() } else { format!("line {}: ", note.line) };
        // Nobody is left to be told that standard error cannot be written.
        let _ = writeln!(stderr, "{kind}: {place}{}", crate::text::shown(&note.text, 400));
    }
}

/// The text of a file. Bytes that are not UTF-8 become marks: guides come out of converters.
fn text(path: &Path) -> Result<String, Failure> {
    const MOST: u64 = 16 * 1024 * 1024;
    let file = fs::File::open(path).map_err(|error| Failure::reading(path.display(), &error))?;
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut std::io::Read::take(file, MOST), &mut bytes)
        .map_err(|error| Failure::reading(path.display(), &error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Writes the schemas that first lines of specs and catalogues name, where they are not there; gives those that were written.
fn schemas(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut written = Vec::new();
    for (name, schema) in
        [("spec.schema.json", schema::spec()), ("catalogue.schema.json", schema::catalogue())]
    {
        let path = dir.join(name);
        if path.symlink_metadata().is_ok() {
            continue;
        }
        let mut file =
            fs::File::create_new(&path).map_err(|error| Failure::writing(path.display(), &error))?;
        super::json(&mut file, &schema)?;
        written.push(path);
    }
    Ok(written)
}

/// Writes the folder; what is there is never replaced.
fn write(folder: &Path, draft: &Draft) -> Result<(), Failure> {
    let failed = |path: &Path, error: &std::io::Error| Failure::writing(path.display(), error);
    fs::create_dir(folder).map_err(|error| failed(folder, &error))?;
    let samples = folder.join("samples");
    fs::create_dir(&samples).map_err(|error| failed(&samples, &error))?;
    for (path, text) in [(folder.join("spec.yaml"), &draft.spec), (samples.join("first.log"), &draft.samples)]
    {
        let mut file = fs::File::create_new(&path).map_err(|error| failed(&path, &error))?;
        file.write_all(text.as_bytes()).map_err(|error| failed(&path, &error))?;
    }
    Ok(())
}
