//! `xdr site`: a catalogue of what is compiled in, as static pages.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use uuid::Uuid;
use xdr_runtime::engine::Source;
use xdr_runtime::settings::Settings;
use xdr_workbench::coverage::{Coverage, measure};
use xdr_workbench::interpret::Interpreted;
use xdr_workbench::site::{self, Entry, Sample};

use crate::failure::{DONE, Failure};
use crate::text::count;

const HELP: &str = "\
Examples:
  xdr site catalogue
  xdr site catalogue --specs ../specs        samples from another folder
  open catalogue/index.html                  no server is needed

Files that were made before are written anew; nothing is deleted. The pages need no network,
and the same program and samples give the same bytes.";

/// The folder of specs that is looked into if none is named.
const SPECS: &str = "./mapping-specs";
/// The moment of receipt of the samples.
const RECEIVED: &str = "2024-03-14T08:00:00Z";
/// The identities of the run, which no record holds.
const IDS: Uuid = Uuid::from_u128(0x0000_0000_0000_4000_8000_0000_0000_0001);

/// Write a catalogue of what is compiled in, as static pages.
///
/// For each source its guide's tables with what was decided and waived, its messages, and lines of its samples with the tokens they
/// became; the schema with the rows that fill each token; a search over all of it.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub(crate) struct SiteArgs {
    /// The folder to write the pages to; it is made if it is not there
    #[arg(value_name = "DIR")]
    dir: PathBuf,

    /// The folder of specs whose samples are shown, `SOURCE/samples/*.log` [default: ./mapping-specs, if it is there]
    #[arg(long, value_name = "DIR")]
    specs: Option<PathBuf>,
}

/// Writes the pages, and says how many.
pub(super) fn run(args: &SiteArgs, to: &mut dyn Write) -> Result<u8, Failure> {
    let specs = match &args.specs {
        Some(specs) if !specs.is_dir() => {
            let message = format!("there is no folder `{}`", specs.display());
            return Err(Failure::failed(message).help("name the folder that holds one folder a source"));
        }
        Some(specs) => specs.as_path(),
        None => Path::new(SPECS),
    };
    let mut entries = Vec::new();
    for source in crate::registry::sources() {
        let folder = specs.join(source.info.name);
        let samples = samples(&folder.join("samples"))?;
        let coverage = coverage(source, &folder, &samples)?;
        entries.push(Entry { source, samples, coverage });
    }
    let files = site::files(&entries, &settings());
    for file in &files {
        write(&args.dir.join(&file.path), &file.text)?;
    }
    let pages = files.iter().filter(|file| file.is_page()).count();
    let (pages, sources) = (count(pages as u64, "page"), count(entries.len() as u64, "source"));
    writeln!(to, "{pages} of {sources} in {}", args.dir.display())?;
    for entry in &entries {
        let (name, specs) = (entry.source.info.name, specs.display());
        if entry.samples.is_empty() {
            writeln!(to, "no samples of {name} in {specs}: its pages show no lines")?;
        } else if entry.coverage.is_none() {
            writeln!(
                to,
                "the spec of {name} in {specs} is not what is compiled in: its pages show no coverage"
            )?;
        }
    }
    Ok(DONE)
}

/// The files of samples in a folder, by their names; none if there is no such folder.
fn samples(folder: &Path) -> Result<Vec<Sample>, Failure> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let reading = |error| Failure::reading(folder.display(), &error);
    let mut samples = Vec::new();
    for entry in fs::read_dir(folder).map_err(reading)? {
        let path = entry.map_err(reading)?.path();
        if path.extension().is_some_and(|extension| extension == "log") && path.is_file() {
            let text = fs::read(&path).map_err(|error| Failure::reading(path.display(), &error))?;
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            samples.push(Sample { name, text });
        }
    }
    samples.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(samples)
}

/// What the samples use of the source's spec; `None` unless the spec in the folder is the one that was compiled in.
fn coverage(source: &Source, folder: &Path, samples: &[Sample]) -> Result<Option<Coverage>, Failure> {
    if samples.is_empty() || !folder.join("spec.yaml").is_file() {
        return Ok(None);
    }
    let inputs =
        xdr_codegen::load(folder).map_err(|error| Failure::failed(format!("cannot read {error}")))?;
    let Some(input) = inputs.first() else { return Ok(None) };
    let (Some(read), _) = Interpreted::load(input) else { return Ok(None) };
    if read.info() != source.info {
        return Ok(None);
    }
    let lines = samples.iter().flat_map(|sample| sample.text.split(|byte| *byte == b'\n'));
    Ok(measure(input, lines.filter(|line| !line.trim_ascii().is_empty())).ok())
}

/// The settings by which samples are mapped: all of them given, and none by the clock, so that pages change only if what they show does.
fn settings() -> Settings {
    let mut settings = Settings::new(RECEIVED.parse().unwrap_or_default());
    settings.customer_id = Some(IDS);
    settings.collector_id = Some(IDS);
    settings.event_source_id = Some(IDS);
    settings.device_host = Some("host.example.com".to_owned());
    settings
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| Failure::writing(folder.display(), &error))?;
    }
    fs::write(path, text).map_err(|error| Failure::writing(path.display(), &error))
}
