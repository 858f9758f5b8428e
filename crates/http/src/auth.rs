//! Who asks: `Authorization` and `Proxy-Authorization` (RFC 7617, RFC 7616, RFC 6750).
//!
//! Never draws random octets itself, and never keeps a secret longer than whoever holds an [`Authenticator`].

mod challenge;
mod digest;

use data_encoding::BASE64;

use crate::spec::AuthSchemes;
use challenge::Challenge;
use digest::Digest;

/// Fresh nonces that a server may ask for before that is a loop (`stale=true`).
const MOST_STALE: u32 = 10;

/// What is shown to one origin, or to one proxy: what it asked for, and what is left to show.
#[derive(Clone, Debug, Default)]
pub struct Authenticator {
    schemes: AuthSchemes,
    login: Option<(String, String)>,
    bearer: Option<String>,
    chosen: Chosen,
    /// What was chosen has been sent.
    is_shown: bool,
    stale: u32,
}

#[derive(Clone, Debug, Default)]
enum Chosen {
    /// Nothing, until there is a challenge.
    #[default]
    Nothing,
    Basic,
    Bearer,
    Digest(Box<Digest>),
}

/// What becomes of a 401 or 407.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reaction {
    /// The request is to be made again: [`Authenticator::field`] now has something else to say.
    Again,
    /// There is nothing (else) to show; the response is the answer. Why, in words.
    GiveUp(String),
    /// The server asks for a fresh answer without end: curl counts these as redirects (exit 47). In words.
    Loop(String),
}

impl Authenticator {
    /// Shows this login in one of these schemes, or the bearer's token, which goes first.
    #[must_use]
    pub fn new(
        schemes: AuthSchemes,
        login: Option<(String, String)>,
        bearer: Option<String>,
    ) -> Self {
        let chosen = match (schemes, &login, &bearer) {
            (AuthSchemes::Any, ..) => Chosen::Nothing,
            (_, _, Some(_)) => Chosen::Bearer,
            (AuthSchemes::Basic, Some(_), None) => Chosen::Basic,
            _ => Chosen::Nothing,
        };
        Self { schemes, login, bearer, chosen, is_shown: false, stale: 0 }
    }

    /// The value of `Authorization` (`Proxy-Authorization`) for the next request, `None` where there is nothing to send
    /// (yet). `target` as in the request line; `seed` is random, anew for each request.
    pub fn field(&mut self, method: &str, target: &str, seed: [u8; 16]) -> Option<Vec<u8>> {
        let login = self.login.as_ref();
        let value = match &mut self.chosen {
            Chosen::Nothing => None,
            Chosen::Basic => login.map(|(user, password)| {
                format!("Basic {}", BASE64.encode(format!("{user}:{password}").as_bytes()))
            }),
            Chosen::Bearer => self.bearer.as_ref().map(|token| format!("Bearer {token}")),
            Chosen::Digest(digest) => {
                login.map(|(user, password)| digest.answer(user, password, method, target, seed))
            }
        };
        self.is_shown = value.is_some();
        value.map(String::into_bytes)
    }

    /// Whether the next request is answered by a challenge in any case, so that its body can stay at home (curl sends
    /// `Content-Length: 0`).
    #[must_use]
    pub fn awaits_challenge(&self) -> bool {
        let is_digest = self.schemes == AuthSchemes::Digest && self.bearer.is_none();
        is_digest && self.login.is_some() && matches!(self.chosen, Chosen::Nothing)
    }

    /// A 401 (407) came, with these values of `WWW-Authenticate` (`Proxy-Authenticate`), in order.
    pub fn challenged<'a>(&mut self, fields: impl Iterator<Item = &'a [u8]>) -> Reaction {
        if self.login.is_none() && self.bearer.is_none() {
            return Reaction::GiveUp("the server wants a login, and there is none".to_owned());
        }
        let challenges = challenge::parse(fields);
        if self.is_shown {
            return self.refused(&challenges);
        }
        match self.choose(&challenges) {
            Ok(chosen) => {
                self.chosen = chosen;
                Reaction::Again
            }
            Err(why) => Reaction::GiveUp(why),
        }
    }

    /// Another response came, with this `Authentication-Info` (`Proxy-Authentication-Info`; RFC 7616 §3.5).
    pub fn told(&mut self, field: &[u8]) {
        let Chosen::Digest(digest) = &mut self.chosen else { return };
        if let Some(nonce) = challenge::parameters(field).get("nextnonce") {
            digest.renew(nonce);
        }
    }

    /// What was shown is not good: the only way on is a nonce that was too old.
    fn refused(&mut self, challenges: &[Challenge]) -> Reaction {
        let Chosen::Digest(digest) = &mut self.chosen else {
            return Reaction::GiveUp("the server does not take this login".to_owned());
        };
        let mut fresh = challenges.iter().filter(|one| one.is("Digest") && one.is_stale());
        let Some(fresh) = fresh.find_map(|one| Digest::new(one).ok()) else {
            return Reaction::GiveUp("the server does not take this login".to_owned());
        };
        self.stale += 1;
        if self.stale > MOST_STALE {
            return Reaction::Loop(format!("{MOST_STALE} nonces were stale, one after the other"));
        }
        **digest = fresh;
        Reaction::Again
    }

    /// The best that is asked for and that there is something for.
    fn choose(&self, challenges: &[Challenge]) -> Result<Chosen, String> {
        let named = |scheme: &str| challenges.iter().any(|one| one.is(scheme));
        let is_any = self.schemes == AuthSchemes::Any;
        if is_any && self.bearer.is_some() && named("Bearer") {
            return Ok(Chosen::Bearer);
        }
        let mut why = None;
        if self.login.is_some() && self.schemes != AuthSchemes::Basic {
            for one in challenges.iter().filter(|one| one.is("Digest")) {
                match Digest::new(one) {
                    Ok(digest) => return Ok(Chosen::Digest(Box::new(digest))),
                    Err(fault) => why = Some(fault),
                }
            }
        }
        if is_any && self.login.is_some() && named("Basic") {
            return Ok(Chosen::Basic);
        }
        let asked: Vec<&str> = challenges.iter().map(|one| one.scheme.as_str()).take(8).collect();
        Err(why
            .unwrap_or_else(|| format!("the server asks for other schemes: {}", asked.join(", "))))
    }
}

#[cfg(test)]
mod tests;
