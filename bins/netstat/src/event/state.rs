//! What `--explain` writes.

use serde::Serialize;

/// What a state of TCP means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StateExplained {
    /// As in a `socket`.
    pub state: String,
    /// As RFC 9293 writes it.
    pub rfc: &'static str,
    /// How many were listed.
    pub sockets: u64,
    /// What it means.
    pub meaning: &'static str,
    /// Who acts next.
    pub next: &'static str,
    /// How it ends.
    pub ends: &'static str,
    /// When it is a problem.
    pub trouble: &'static str,
}
