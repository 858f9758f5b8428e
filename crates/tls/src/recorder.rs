use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::Step;

/// Sees a handshake from outside: every record that comes and goes, and what is made of it. Clones are the same one.
///
/// It is told of octets by whoever moves them ([`Recorder::received`], [`Recorder::sent`]), and of what they mean by
/// the hooks that [`Client::config_for`](crate::Client::config_for) puts into rustls.
#[derive(Clone)]
pub struct Recorder {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Box<dyn Fn() -> Duration + Send + Sync>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    steps: Vec<Step>,
}

impl Recorder {
    /// With a clock: since the transfer began.
    pub fn new(clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self { inner: Arc::new(Inner { clock: Box::new(clock), state: Mutex::default() }) }
    }

    /// Octets came, as they are on the wire.
    pub fn received(&self, _octets: &[u8]) {}

    /// Octets went, as they are on the wire.
    pub fn sent(&self, _octets: &[u8]) {}

    /// What was seen since this was asked last, in order.
    #[must_use]
    pub fn take(&self) -> Vec<Step> {
        let mut state = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut state.steps)
    }

    /// On its clock.
    #[must_use]
    pub fn now(&self) -> Duration {
        (self.inner.clock)()
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}
