//! The builds that are measured: sources by themselves, and growing numbers of generated ones.

use serde_json::{Value, json};

use super::spec;
use super::table::table;
use super::tree::{Built, LIMIT, Tree};

/// How many generated specs there are, in turn.
pub(super) const COUNTS: [usize; 4] = [1, 10, 100, 500];

/// A set of specs and what building it took.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// What was built.
    pub(super) name: String,
    /// How many specs.
    pub(super) specs: usize,
    /// Lines and bytes of generated Rust.
    pub(super) generated: (usize, usize),
    /// What the build took; nothing if it took too long.
    pub(super) built: Option<Built>,
}

/// Told each step when it is done.
pub(super) type Tell<'t> = dyn Fn(&Step) -> Result<(), String> + 't;

impl Step {
    /// The figures, to work with.
    pub(super) fn json(&self) -> Value {
        json!({
            "name": self.name, "specs": self.specs, "lines": self.generated.0, "generatedBytes": self.generated.1,
            "seconds": self.built.map(|built| built.seconds),
            "processorSeconds": self.built.and_then(|built| built.processor),
            "binaryBytes": self.built.map(|built| built.binary),
        })
    }
}

/// The tiny spec, each of the workspace's sources, and all of these together. Each is told to `tell` when it is done.
pub(super) fn sources(tree: &Tree, tell: &Tell<'_>) -> Result<Vec<Step>, String> {
    let own = tree.sources()?;
    let sets = own.iter().map(std::slice::from_ref).chain([own.as_slice()]);
    let mut steps = vec![tiny(tree, tell)?];
    for set in sets {
        tree.clear()?;
        set.iter().try_for_each(|name| tree.add_own(name))?;
        let name = if set.len() == 1 { set[0].clone() } else { format!("all {}", set.len()) };
        steps.push(step(tree, name, set, tell)?);
    }
    Ok(steps)
}

/// The tiny spec, and growing numbers of generated ones, up to the first that takes too long.
pub(super) fn specs(tree: &Tree, tell: &Tell<'_>) -> Result<Vec<Step>, String> {
    let mut steps = vec![tiny(tree, tell)?];
    for count in COUNTS {
        tree.clear()?;
        let names: Vec<_> = (0..count).map(|number| format!("scale-{number:03}")).collect();
        for (number, name) in names.iter().enumerate() {
            tree.add(&spec::folder(name, number * spec::SMALL, spec::SMALL))?;
        }
        steps.push(step(tree, format!("{count} generated"), &names, tell)?);
        if steps.last().is_some_and(|step| step.built.is_none()) {
            break;
        }
    }
    Ok(steps)
}

fn tiny(tree: &Tree, tell: &Tell<'_>) -> Result<Step, String> {
    tree.clear()?;
    tree.add(&spec::tiny())?;
    step(tree, "tiny".to_owned(), &["tiny".to_owned()], tell)
}

/// Builds once so that all is warm, then changes one spec and measures. If the first build took more than half of what one may
/// take, it counts itself: it did the same work, for the specs were changed for it too.
fn step(tree: &Tree, name: String, sources: &[String], tell: &Tell<'_>) -> Result<Step, String> {
    let mut built = tree.build()?;
    if let (Some(first), Some(source)) = (built, sources.first())
        && first.seconds * 2.0 < f64::from(u32::try_from(LIMIT).unwrap_or(u32::MAX))
    {
        tree.touch(source)?;
        built = tree.build()?;
    }
    let mut generated = (0, 0);
    if built.is_some() {
        for source in sources {
            let (lines, bytes) = tree.generated(source)?;
            generated = (generated.0 + lines, generated.1 + bytes);
        }
    }
    let step = Step { name, specs: sources.len(), generated, built };
    tell(&step)?;
    Ok(step)
}

/// A table of the steps, in Markdown. The first is the tiny spec, against which the others are told.
#[expect(clippy::cast_precision_loss, reason = "sizes and counts are far below 2^52")]
pub(super) fn report(steps: &[Step]) -> String {
    let head = [
        "specs",
        "lines",
        "KiB of Rust",
        "seconds",
        "processor s",
        "binary KiB",
        "− tiny",
        "s per 1,000 lines",
        "bytes per line",
    ];
    let base = steps.first().and_then(|step| step.built);
    let rows = steps.iter().enumerate().map(|(at, step)| {
        let mut row = vec![step.name.clone(), step.generated.0.to_string(), kib(step.generated.1 as f64)];
        let (Some(built), Some(base)) = (step.built, base) else {
            row.push(format!("over {LIMIT}"));
            row.resize(head.len(), String::new());
            return row;
        };
        let more = built.binary as f64 - base.binary as f64;
        row.push(format!("{:.1}", built.seconds));
        row.push(built.processor.map_or_else(String::new, |seconds| format!("{seconds:.1}")));
        row.extend([kib(built.binary as f64), kib(more)]);
        if at > 0 {
            let lines = step.generated.0 as f64;
            row.push(format!("{:.2}", (cost(&built) - cost(&base)) * 1_000.0 / lines));
            row.push(format!("{:.0}", more / lines));
        }
        row.resize(head.len(), String::new());
        row
    });
    table(&head, rows.collect())
}

/// Processor seconds where they are known.
pub(super) fn cost(built: &Built) -> f64 {
    built.processor.unwrap_or(built.seconds)
}

/// The exponents of the seconds over the number of specs: of all seconds, and of those beyond the tiny spec.
#[expect(clippy::cast_precision_loss, reason = "counts of specs")]
pub(super) fn exponents(steps: &[Step]) -> (f64, f64) {
    let base = steps.first().and_then(|step| step.built).map_or(0.0, |built| cost(&built));
    let points = |less: f64| {
        let of = move |step: &Step| Some((step.specs as f64, cost(&step.built?) - less));
        steps.iter().skip(1).filter_map(of).filter(|(_, seconds)| *seconds > 0.0).collect::<Vec<_>>()
    };
    (super::table::exponent(&points(0.0)), super::table::exponent(&points(base)))
}

fn kib(bytes: f64) -> String {
    format!("{:.0}", bytes / 1024.0)
}
