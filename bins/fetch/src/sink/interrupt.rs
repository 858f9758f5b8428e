//! ^C during a transfer whose file is to go where it fails (`--remove-on-error`).
//!
//! Without that nothing is caught: the process ends as the signal has it, and what came is kept.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// Whether somebody asked for the end.
#[derive(Debug)]
pub(super) struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    /// From here on these signals end the process at the next look.
    pub(super) fn watch() -> Self {
        let number = Arc::new(AtomicUsize::new(0));
        for signal in [SIGHUP, SIGINT, SIGTERM] {
            // Where that fails the process ends at once, and the file stays.
            let as_number = usize::try_from(signal).unwrap_or_default();
            let _ = signal_hook::flag::register_usize(signal, Arc::clone(&number), as_number);
        }
        Self(number)
    }

    /// Ends as the signal has it, without the file.
    pub(super) fn look(&self, file: Option<&Path>) {
        let Ok(signal @ 1..) = i32::try_from(self.0.load(Ordering::Relaxed)) else { return };
        if let Some(path) = file {
            // It is gone where somebody else was faster.
            let _ = std::fs::remove_file(path);
        }
        // Does not return for these.
        let _ = signal_hook::low_level::emulate_default_handler(signal);
    }
}
