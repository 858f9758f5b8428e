//! What caches may do with a response (RFC 9111), and why.

use crate::head::{Fields, Head};

/// What was asked, as far as caches look at it.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The URL, whole.
    pub url: String,
    /// The fields that were sent.
    pub fields: Fields,
}

/// What caches may do with a response.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Explanation {
    _todo: (),
}

/// Explains it; `received` is when the response came, `now` is what its age is told for. Seconds since 1970.
#[must_use]
pub fn explain(_request: &Request, _head: &Head, _received: i64, _now: i64) -> Explanation {
    todo!("state")
}
