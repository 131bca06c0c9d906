//! The outputs of a run together: events, and rejects where they are kept apart.

use std::path::{Path, PathBuf};

use crate::cli::ToArgs;
use crate::failure::Failure;
use crate::output::Output;

/// Where events and rejects go.
pub(crate) struct Outputs {
    pub(crate) events: Output,
    /// If they are kept apart.
    pub(crate) rejects: Option<Output>,
}

impl Outputs {
    /// Opens the outputs. `inputs` are the files that are read.
    ///
    /// # Errors
    /// A file that cannot be written, is an input, or is to take both.
    pub(crate) fn open(to: &ToArgs, inputs: &[PathBuf]) -> Result<Self, Failure> {
        for (path, what) in [(&to.output, "events"), (&to.rejects, "rejects")] {
            if let Some(path) = path {
                not_an_input(path, what, inputs)?;
            }
        }
        not_the_same(to)?;
        let events = to.output.as_deref().map_or_else(Output::stdout, Output::create)?;
        let rejects = to.rejects.as_deref().map(Output::create).transpose()?;
        Ok(Self {
            events: events.packed(to.compress),
            rejects: rejects.map(|rejects| rejects.packed(to.compress)),
        })
    }

    /// Writes what was gathered where it is much.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn settle(&mut self) -> Result<(), Failure> {
        self.events.settle()?;
        self.rejects.as_mut().map_or(Ok(()), Output::settle)
    }

    /// Writes all that was gathered; if one output fails, the other still has its records.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        let events = self.events.flush();
        let rejects = self.rejects.as_mut().map_or(Ok(()), Output::flush);
        events.and(rejects)
    }
}

/// Writing would empty a file that is still to be read.
fn not_an_input(path: &Path, what: &str, inputs: &[PathBuf]) -> Result<(), Failure> {
    let Ok(target) = path.canonicalize() else { return Ok(()) };
    let same = |input: &&PathBuf| target.is_file() && input.canonicalize().is_ok_and(|path| path == target);
    match inputs.iter().find(same) {
        Some(input) => {
            Err(Failure::usage(format!("`{}` is read, so {what} cannot be written to it", input.display())))
        }
        None => Ok(()),
    }
}

/// Two outputs in one file would overwrite each other.
fn not_the_same(to: &ToArgs) -> Result<(), Failure> {
    let (Some(output), Some(rejects)) = (&to.output, &to.rejects) else { return Ok(()) };
    let same = match (output.canonicalize(), rejects.canonicalize()) {
        (Ok(output), Ok(rejects)) => output.is_file() && output == rejects,
        _ => output == rejects,
    };
    if same {
        let message = format!("`{}` is to take both events and rejects", output.display());
        return Err(Failure::usage(message).help("without --rejects, rejects stand among the events"));
    }
    Ok(())
}
