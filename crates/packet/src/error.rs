/// The result of a parse.
pub type Result<T> = std::result::Result<T, Error>;

/// Why some bytes are not the packet they claim to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The buffer ends before the header, or before a length that the header gives.
    #[error("{what}: {got} octets, need at least {need}")]
    Truncated {
        /// The header being read, as an RFC names it.
        what: &'static str,
        /// Octets needed.
        need: usize,
        /// Octets present.
        got: usize,
    },
    /// The Internet checksum (RFC 1071) does not sum to zero.
    #[error("{what}: checksum is {found:#06x}, should be {want:#06x}")]
    Checksum {
        /// The header being read.
        what: &'static str,
        /// The value in the packet.
        found: u16,
        /// The value that the octets call for.
        want: u16,
    },
    /// A field holds a value that its RFC rules out.
    #[error("{what}: {field} is {value}")]
    Malformed {
        /// The header being read.
        what: &'static str,
        /// The field, as the RFC names it.
        field: &'static str,
        /// What it holds.
        value: usize,
    },
}
