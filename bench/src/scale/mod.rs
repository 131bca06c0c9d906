//! How the compiler scales: what a source costs in generated lines, seconds and bytes, how that grows with the number of sources,
//! and whether the time of a record grows with the number of messages.

pub mod messages;
pub mod spec;
mod steps;
mod table;
mod tree;

use std::path::PathBuf;

use serde_json::{Value, json};

/// The two catalogues whose dispatch is compared, compiled into this package by its build script.
pub mod generated {
    include!(concat!(env!("OUT_DIR"), "/sources.rs"));
}

/// The parts of the measurement, by their names.
pub const PARTS: [&str; 3] = ["messages", "sources", "specs"];

/// What is measured, and where.
#[derive(Debug)]
pub struct Plan {
    /// The workspace.
    pub workspace: PathBuf,
    /// The folder for its copy and what is built of it.
    pub work: PathBuf,
    /// Records of a turn of the messages.
    pub records: usize,
    /// Rounds of the messages.
    pub rounds: usize,
}

/// Told a piece of text as it comes; it may fail to print it.
pub type Say = dyn Fn(&str) -> Result<(), String>;

/// Measures one of the [`PARTS`]: its text for `say`, which is told as it comes, and its figures.
///
/// # Errors
/// What keeps a build from succeeding, or a record that is not mapped as it should be.
pub fn run(part: &str, plan: &Plan, say: &Say) -> Result<Value, String> {
    if part == "messages" {
        let figures = messages::measure(plan.records, plan.rounds)?;
        say(&format!("{}\n", messages::report(&figures)))?;
        return Ok(messages::json(&figures));
    }
    let tree = tree::Tree::new(&plan.workspace, &plan.work)?;
    let tell = |step: &steps::Step| say(&format!("{part}: {} is measured\n", step.name));
    if part == "sources" {
        let steps = steps::sources(&tree, &tell)?;
        say(&format!("\n{}\n", steps::report(&steps)))?;
        return Ok(steps.iter().map(steps::Step::json).collect());
    }
    let steps = steps::specs(&tree, &tell)?;
    let (all, beyond) = steps::exponents(&steps);
    say(&format!("\n{}\n", steps::report(&steps)))?;
    say(&format!(
        "exponent over the number of specs: {all:.2} of all seconds, {beyond:.2} of those beyond tiny\n\n"
    ))?;
    let figures: Value = steps.iter().map(steps::Step::json).collect();
    Ok(json!({ "steps": figures, "exponent": all, "exponentBeyondTiny": beyond }))
}
