//! A progress bar or spinner on standard error, only where somebody watches and nothing else is written there.

use std::io::{IsTerminal, stderr, stdin, stdout};

use indicatif::{ProgressBar, ProgressStyle};

use crate::input::Input;
use crate::text::grouped;

/// Shows how far the run is. Taken off the screen when it is dropped.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// A bar if the sizes of all inputs are known, else a spinner; nothing unless standard error is a terminal and standard output and
    /// input are not. Files that are followed are none of the inputs: they have no size to go by.
    pub(crate) fn new(inputs: &[Input], quiet: bool) -> Self {
        if quiet || !stderr().is_terminal() || stdout().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let sizes: Option<Vec<u64>> = inputs.iter().map(|input| input.size).collect();
        let (bar, template) = match sizes {
            Some(sizes) if !sizes.is_empty() => {
                let bar = ProgressBar::new(sizes.iter().sum());
                (bar, "{bar:30} {percent:>3} %  {bytes} of {total_bytes}  {bytes_per_sec}  {eta} left  {msg}")
            }
            _ if stdin().is_terminal() => return Self(ProgressBar::hidden()),
            _ => (ProgressBar::new_spinner(), "{spinner} {bytes}  {bytes_per_sec}  {msg}"),
        };
        // A template that indicatif cannot read leaves its own style.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// So many bytes were read, before unpacking, and so many records done.
    pub(crate) fn show(&self, bytes: u64, records: u64) {
        if !self.0.is_hidden() {
            self.0.set_message(format!("{} records", grouped(records)));
            self.0.set_position(bytes);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
