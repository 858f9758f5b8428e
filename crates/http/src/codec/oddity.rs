//! What a response does that it should not, and that is passed over.

/// Lines that end in LF alone.
pub(super) const BARE_LF: &str = "lines end in LF without CR (RFC 9112 §2.2)";
pub(super) const FOLDED: &str = "a field goes on in the next line (RFC 9112 §5.2)";
pub(super) const SPACE_BEFORE_COLON: &str =
    "white space between a field's name and its colon (RFC 9112 §5.1)";
pub(super) const NO_NAME: &str = "a field without name (RFC 9110 §5.1)";
pub(super) const BAD_NAME: &str = "a field's name is no token (RFC 9110 §5.6.2)";
pub(super) const CONTROL: &str = "control octets in a field or the status line (RFC 9110 §5.5)";
pub(super) const OTHER_VERSION: &str =
    "the status line speaks of a version that this is not (RFC 9112 §2.3)";
pub(super) const LOOSE_STATUS_LINE: &str =
    "the status line is not version, space, three digits, space, reason (RFC 9112 §4)";
pub(super) const HIGH_STATUS: &str = "a status beyond 599 (RFC 9110 §15)";
pub(super) const LENGTH_AND_CHUNKS: &str = "both Content-Length and Transfer-Encoding, of which the latter counts: \
     somebody in between may think otherwise (RFC 9112 §6.3)";
pub(super) const REPEATED_LENGTH: &str = "the same Content-Length more than once (RFC 9110 §8.6)";
pub(super) const BAD_LENGTH_UNUSED: &str =
    "a Content-Length that is no number, where it does not count (RFC 9110 §8.6)";
pub(super) const OLD_CHUNKS: &str = "Transfer-Encoding in a response of HTTP/1.0 (RFC 9112 §6.1)";
pub(super) const IDENTITY: &str =
    "Transfer-Encoding: identity, which is none any more (RFC 9112 §7)";
pub(super) const UNUSED_CODING: &str = "Transfer-Encoding where there is no body (RFC 9112 §6.1)";
pub(super) const SPACE_IN_CHUNK: &str = "white space behind a chunk's size (RFC 9112 §7.1.1)";
pub(super) const BARE_LF_IN_CHUNK: &str = "chunks' lines end in LF without CR (RFC 9112 §7.1)";
pub(super) const OLD: &str = "a body without head (HTTP/0.9)";

/// Each told once.
#[derive(Debug, Default)]
pub(super) struct Oddities {
    known: Vec<&'static str>,
    told: usize,
}

impl Oddities {
    pub(super) fn add(&mut self, what: &'static str) {
        if !self.known.contains(&what) {
            self.known.push(what);
        }
    }

    /// The next that was not told.
    pub(super) fn next(&mut self) -> Option<&'static str> {
        let next = *self.known.get(self.told)?;
        self.told = self.told.saturating_add(1);
        Some(next)
    }
}
