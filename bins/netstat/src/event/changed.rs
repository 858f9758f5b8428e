//! What `--watch` writes beside whole sockets.

use serde::Serialize;

use super::Socket;

/// A socket is in another state, has other queues, or something went through it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangedSocket {
    /// As it is now.
    #[serde(flatten)]
    pub socket: Socket,
    /// The state at the look before.
    pub was: String,
    /// Octets a second, since the look before.
    pub received_per_second: u64,
    /// Octets a second that the peer has acknowledged, since the look before.
    pub acked_per_second: u64,
}
