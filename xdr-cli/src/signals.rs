//! Ctrl-C and SIGTERM: the first asks the run to stop at the end of a record, the second ends it at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Whether the run was asked to stop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop(Arc<AtomicUsize>);

impl Stop {
    /// Watches for signals from now on.
    ///
    /// # Errors
    /// The operating system's.
    pub(crate) fn watch() -> io::Result<Self> {
        let stop = Self::default();
        let armed = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // In this order: the first signal finds the flag down and raises it, the second finds it up.
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&armed))?;
            flag::register(signal, Arc::clone(&armed))?;
            flag::register_usize(signal, Arc::clone(&stop.0), usize::try_from(signal).unwrap_or(usize::MAX))?;
        }
        Ok(stop)
    }

    /// The number of the signal that came last, if one came.
    pub(crate) fn signal(&self) -> Option<u8> {
        match self.0.load(Ordering::Relaxed) {
            0 => None,
            signal => Some(u8::try_from(signal).unwrap_or(u8::MAX)),
        }
    }
}

/// The name of a signal that [`Stop`] watches for.
pub(crate) fn name(signal: u8) -> &'static str {
    if i32::from(signal) == SIGINT { "SIGINT" } else { "SIGTERM" }
}
