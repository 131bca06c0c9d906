//! Why a run fails, and the exit status that says so.

use std::fmt::Display;
use std::io;

/// Exit status: all done.
pub(crate) const DONE: u8 = 0;
/// Exit status: the run failed.
pub(crate) const FAILED: u8 = 1;
/// Exit status: the command line or the configuration is wrong.
pub(crate) const USAGE: u8 = 2;
/// Exit status: all done, but there were rejects and `--strict` was given.
pub(crate) const REJECTS: u8 = 3;

/// Why a command ends early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Whoever read our output does not want more of it. That is no error.
    Closed,
    /// Something is wrong; one line, lower case, without a final stop.
    Error {
        /// What.
        message: String,
        /// What to do about it.
        help: Option<String>,
        /// The exit status.
        status: u8,
    },
}

impl Failure {
    /// The run cannot go on.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::Error { message: message.into(), help: None, status: FAILED }
    }

    /// The command line or the configuration is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Error { message: message.into(), help: None, status: USAGE }
    }

    /// A file that cannot be read; `name` is its path.
    pub(crate) fn reading(name: impl Display, error: &io::Error) -> Self {
        Self::failed(format!("cannot read {name}: {error}"))
    }

    /// Output that cannot be written; `name` is its path.
    pub(crate) fn writing(name: impl Display, error: &io::Error) -> Self {
        Self::failed(format!("cannot write {name}: {error}"))
    }

    /// Says what to do about it.
    #[must_use]
    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        if let Self::Error { help, .. } = &mut self {
            *help = Some(text.into());
        }
        self
    }

    /// Asks whether a near name was meant, if there is one.
    #[must_use]
    pub(crate) fn suggest(self, near: Option<&str>) -> Self {
        match near {
            Some(name) => self.help(format!("did you mean `{name}`?")),
            None => self,
        }
    }
}

/// Errors of writing a command's text to standard output.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::Closed
        } else {
            Self::writing("standard output", &error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_no_error_and_a_full_disk_is() {
        assert!(matches!(Failure::from(io::Error::from(io::ErrorKind::BrokenPipe)), Failure::Closed));
        let full = Failure::from(io::Error::from(io::ErrorKind::StorageFull));
        let Failure::Error { message, status, .. } = full else { panic!("{full:?}") };
        assert_eq!((message.as_str(), status), ("cannot write standard output: no storage space", FAILED));
    }
}
