//! The settings of a run as they are now: a directory that changes is read again.
//!
//! A block of the input is mapped with the settings that it began with. If a changed directory cannot be read, the one before stays,
//! and standard error says so: a run of days must not end because somebody saved half a file.

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use xdr_runtime::enrich::Directory;
use xdr_runtime::settings::Settings;

use super::{Watched, directory, shown};
use crate::failure::Failure;

/// What tells one state of a file from another; `None` if there is no regular file: to read a pipe again would wait for somebody to
/// write to it.
pub(super) type Stamp = Option<(Option<SystemTime>, u64)>;

/// The stamp of a file.
pub(super) fn stamp(path: &Path) -> Stamp {
    path.metadata().ok().filter(std::fs::Metadata::is_file).map(|data| (data.modified().ok(), data.len()))
}

/// Settings that may change between blocks.
#[derive(Debug)]
pub(crate) struct Live {
    /// The settings, and the stamp that the directory had.
    state: Mutex<(Arc<Settings>, Stamp)>,
    watched: Option<Watched>,
}

impl From<Settings> for Live {
    /// Settings that never change.
    fn from(settings: Settings) -> Self {
        Self::new(settings, None)
    }
}

impl Live {
    pub(crate) fn new(settings: Settings, watched: Option<Watched>) -> Self {
        let stamp = watched.as_ref().and_then(|watched| watched.stamp);
        Self { state: Mutex::new((Arc::new(settings), stamp)), watched }
    }

    /// Sets the moment of receipt of all records.
    pub(crate) fn receive_at(&mut self, moment: DateTime<Utc>) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut state.0).clock.received = moment;
    }

    /// The settings for the next block, whose records were received at this moment if it has one of its own.
    pub(crate) fn at(&self, moment: Option<DateTime<Utc>>) -> Arc<Settings> {
        let mut settings = self.now();
        if let Some(moment) = moment.filter(|moment| *moment != settings.clock.received) {
            Arc::make_mut(&mut settings).clock.received = moment;
        }
        settings
    }

    /// The settings for the next block.
    pub(crate) fn now(&self) -> Arc<Settings> {
        // What is behind the lock is whole at any time.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(watched) = &self.watched {
            let found = stamp(&watched.path);
            if found != state.1 {
                state.1 = found;
                match again(watched) {
                    Ok(directory) => {
                        Arc::make_mut(&mut state.0).enrichment.directory = Some(Arc::new(directory));
                    }
                    Err(failure) => warn(&failure),
                }
            }
        }
        Arc::clone(&state.0)
    }
}

/// Reads a directory that has changed.
fn again(watched: &Watched) -> Result<Directory, Failure> {
    if watched.path.metadata().is_ok_and(|data| !data.is_file()) {
        return Err(Failure::failed(format!("{} is no file any more", shown(&watched.path))));
    }
    directory(&watched.path, watched.info)
}

fn warn(failure: &Failure) {
    if let Failure::Error { message, .. } = failure {
        // Nobody is left to be told that standard error cannot be written.
        let _ = writeln!(anstream::stderr(), "xdr: warning: {message}, the directory as it was stays in use");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrich::{Given, Key, load};
    use xdr_model::Token;

    #[test]
    fn a_directory_that_changes_is_read_again_and_a_broken_one_is_not_taken() {
        let path = std::env::temp_dir().join(format!("xdr-live-{}.csv", std::process::id()));
        let write = |text: &str| std::fs::write(&path, text).unwrap();
        write("user,userStatus\nkim,here\n");
        let mut given = Given::default();
        given.set(Key::Directory, path.to_str().unwrap(), Path::new("")).unwrap();
        let info = crate::registry::source("citrix-vpn").unwrap().info;
        let (enrichment, watched) = load(&given, info).unwrap();
        let mut settings = Settings::new("2024-03-14T07:08:09Z".parse().unwrap());
        settings.enrichment = enrichment;
        let live = Live::new(settings, watched);
        let status = |settings: &Settings| {
            let directory = settings.enrichment.directory.as_ref().unwrap();
            directory.person("kim").and_then(|person| person.get(Token::UserStatus).map(ToString::to_string))
        };
        let first = live.now();
        assert_eq!(status(&first).as_deref(), Some("here"));
        assert!(Arc::ptr_eq(&first, &live.now()), "what does not change is not read");
        write("user,userStatus\nkim,on leave\n");
        assert_eq!(status(&live.now()).as_deref(), Some("on leave"));
        assert_eq!(status(&first).as_deref(), Some("here"), "a block keeps the settings that it began with");
        write("user,userStatus\nkim\n");
        assert_eq!(status(&live.now()).as_deref(), Some("on leave"));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(status(&live.now()).as_deref(), Some("on leave"));
        #[cfg(unix)]
        {
            write("user,userStatus\nkim,on leave\n");
            assert_eq!(status(&live.now()).as_deref(), Some("on leave"));
            std::fs::remove_file(&path).unwrap();
            // To read it would wait for ever.
            assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
            assert_eq!(status(&live.now()).as_deref(), Some("on leave"));
            std::fs::remove_file(&path).unwrap();
        }
        write("user,userStatus\nlee,new\n");
        assert_eq!(status(&live.now()), None);
        std::fs::remove_file(&path).unwrap();
    }
}
