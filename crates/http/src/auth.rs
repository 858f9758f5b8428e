//! Who asks: `Authorization` and `Proxy-Authorization` (RFC 7617, RFC 7616, RFC 6750).

use crate::spec::AuthSchemes;

/// What is shown to one origin, or to one proxy: what it asked for, and what is left to show.
#[derive(Clone, Debug, Default)]
pub struct Authenticator {
    _todo: (),
}

/// What becomes of a 401 or 407.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// The request is to be made again: [`Authenticator::field`] now has something else to say.
    Again,
    /// There is nothing (else) to show; the response is the answer. Why, in words.
    GiveUp(String),
}

impl Authenticator {
    /// Shows this login in one of these schemes, or the bearer's token.
    #[must_use]
    pub fn new(
        _schemes: AuthSchemes,
        _login: Option<(String, String)>,
        _bearer: Option<String>,
    ) -> Self {
        todo!("state")
    }

    /// The value of `Authorization` (`Proxy-Authorization`) for the next request, `None` where there is nothing to send
    /// (yet). `target` as in the request line; `seed` is random, anew for each request.
    pub fn field(&mut self, _method: &str, _target: &str, _seed: [u8; 16]) -> Option<Vec<u8>> {
        todo!("state")
    }

    /// Whether the next request is answered by a challenge in any case, so that its body can stay at home (curl sends
    /// `Content-Length: 0`).
    #[must_use]
    pub fn awaits_challenge(&self) -> bool {
        todo!("state")
    }

    /// A 401 (407) came, with these values of `WWW-Authenticate` (`Proxy-Authenticate`), in order.
    pub fn challenged<'a>(&mut self, _fields: impl Iterator<Item = &'a [u8]>) -> Reaction {
        todo!("state")
    }

    /// Another response came, with this `Authentication-Info` (`Proxy-Authentication-Info`; RFC 7616 §3.5).
    pub fn told(&mut self, _field: &[u8]) {
        todo!("state")
    }
}
