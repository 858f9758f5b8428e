//! What is kept of a body, for what is told of it.

use wireline_http::fingerprint::Fingerprint;

/// What is kept of a body.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample {
    /// Its first octets.
    pub(crate) start: Vec<u8>,
    /// All of it.
    pub(crate) body: Fingerprint,
    /// It came in a coding that was undone.
    pub(crate) is_decoded: bool,
}

impl Sample {
    /// Octets at the beginning.
    const START: usize = 16;

    pub(crate) fn put(&mut self, octets: &[u8]) {
        let missing = Self::START.saturating_sub(self.start.len());
        self.start.extend(octets.iter().take(missing));
        self.body.put(octets);
    }
}
