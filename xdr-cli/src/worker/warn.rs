//! Warnings on standard error: a broker that is away for an hour is worth some lines, not millions.

use std::io::Write;
use std::time::{Duration, Instant};

/// How long the same kind of warning stays unsaid after it was said.
const QUIET: Duration = Duration::from_secs(5);

/// Says warnings, but not too often.
#[derive(Debug, Default)]
pub(crate) struct Warnings {
    said: Option<Instant>,
    unsaid: u64,
}

impl Warnings {
    /// Says a warning, unless one was said a moment ago.
    pub(crate) fn say(&mut self, text: &str) {
        if self.said.is_some_and(|said| said.elapsed() < QUIET) {
            self.unsaid += 1;
            return;
        }
        let more = match self.unsaid {
            0 => String::new(),
            unsaid => format!(" ({unsaid} more such in between)"),
        };
        // Nobody is left to be told that standard error cannot be written.
        let _ = writeln!(anstream::stderr(), "xdr: warning: {text}{more}");
        (self.said, self.unsaid) = (Some(Instant::now()), 0);
    }
}
