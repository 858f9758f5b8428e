//! Cookies (RFC 6265, and what RFC 6265bis adds to it), kept as curl keeps them.
//!
//! Never opens a file and never reads a clock: `now` is in seconds since 1970.

mod file;
mod parse;
mod refuse;

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::url::Url;

/// Cookies that one response may set.
const MOST_PER_RESPONSE: usize = 50;
/// Cookies that are sent with one request.
const MOST_SENT: usize = 150;
/// Octets of a `Cookie` field, its name included.
const MOST_SENT_OCTETS: usize = 8_190;
/// Cookies of one domain: many more than curl's users have, and few enough to be looked through for each new one.
const MOST_PER_DOMAIN: usize = 3_000;
/// Cookies in all.
const MOST: usize = 50_000;

/// Cookies (RFC 6265) as curl keeps them: in the Netscape form, which other tools read.
#[derive(Debug, Default)]
pub struct Jar {
    /// By domain, in small letters; the empty one is of cookies from files that say none.
    by_domain: HashMap<Vec<u8>, Vec<Kept>>,
    count: usize,
    created: u64,
}

/// A cookie. Its octets are a stranger's: escape before printing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cookie {
    /// Its host or domain, without a dot before it; empty where a file says none.
    pub domain: Vec<u8>,
    /// Hosts below it, too.
    pub tail_match: bool,
    /// Its path.
    pub path: Vec<u8>,
    /// Over TLS only.
    pub secure: bool,
    /// Not for scripts.
    pub http_only: bool,
    /// Seconds since 1970; `None` for this session.
    pub expires: Option<i64>,
    /// Its name.
    pub name: Vec<u8>,
    /// Its value.
    pub value: Vec<u8>,
}

/// A cookie in the jar.
#[derive(Clone, Debug)]
struct Kept {
    cookie: Cookie,
    /// Smaller is earlier.
    created: u64,
    /// From a response, not from a file.
    is_live: bool,
}

/// Who sets a cookie, or is sent it.
#[derive(Clone, Copy)]
struct Origin<'a> {
    host: &'a str,
    path: &'a str,
    /// TLS, or this very machine (RFC 6265bis §4.1.2.5).
    is_secure: bool,
}

impl<'a> Origin<'a> {
    fn of(url: &'a Url) -> Self {
        let host = url.host.trim_end_matches('.');
        let is_here = host.eq_ignore_ascii_case("localhost") || matches!(host, "127.0.0.1" | "::1");
        Self { host, path: &url.path, is_secure: url.is_secure() || is_here }
    }

    fn is_address(&self) -> bool {
        is_address(self.host)
    }
}

fn is_address(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_ok()
}

impl Jar {
    /// Takes the `Set-Cookie` fields of one response; what was refused, in words (a stranger's octets may be in them).
    pub fn set_all<'a>(
        &mut self,
        url: &Url,
        fields: impl Iterator<Item = &'a [u8]>,
        now: i64,
    ) -> Vec<String> {
        let (mut taken, mut refused) = (0, Vec::new());
        for field in fields {
            if taken == MOST_PER_RESPONSE {
                refused.push(format!("more than {MOST_PER_RESPONSE} cookies in one response"));
                break;
            }
            match self.set(url, field, now) {
                Ok(()) => taken += 1,
                Err(why) => refused.push(why),
            }
        }
        refused
    }

    /// Takes what a `Set-Cookie` field says; what is refused is told in words.
    pub fn set(&mut self, url: &Url, field: &[u8], now: i64) -> Result<(), String> {
        let origin = Origin::of(url);
        let cookie = parse::set_cookie(field, Some(&origin), now)?;
        refuse::prefix(&cookie, false)?;
        let cookie = refuse::public_suffix(cookie, origin.host)?;
        self.keep(cookie, origin.is_secure, true)
    }

    /// The `Cookie` field for a request; `None` where there is none. `url` is the request's, with the host of a `Host`
    /// field that a person gave.
    #[must_use]
    pub fn field(&self, url: &Url, now: i64) -> Option<Vec<u8>> {
        let origin = Origin::of(url);
        let mut found: Vec<&Kept> = self
            .candidates(&origin)
            .filter(|one| one.cookie.is_for(&origin) && !one.cookie.is_expired(now))
            .take(MOST_SENT)
            .collect();
        // The last key is the other way round in RFC 6265 §5.4, which leaves the order open; this is curl's.
        found.sort_by_key(|one| {
            let Cookie { path, domain, name, .. } = &one.cookie;
            (Reverse(path.len()), Reverse(domain.len()), Reverse(name.len()), Reverse(one.created))
        });
        let mut value = Vec::new();
        for Kept { cookie, .. } in found {
            // `Cookie: ` goes before it.
            if 8 + value.len() + cookie.name.len() + cookie.value.len() + 1 >= MOST_SENT_OCTETS {
                break;
            }
            let separator: &[u8] = if value.is_empty() { b"" } else { b"; " };
            value.extend([separator, &cookie.name, b"=", &cookie.value].concat());
        }
        (!value.is_empty()).then_some(value)
    }

    /// Adds what a file of cookies has: Netscape's form, or `Set-Cookie:` lines. Lines that are none are passed over.
    pub fn read(&mut self, text: &[u8], now: i64) {
        for line in text.split(|one| *one == b'\n') {
            let Ok(cookie) = file::line(line, now) else { continue };
            if refuse::prefix(&cookie, true).is_ok() && !cookie.is_expired(now) {
                // One that does not fit in is left out, as a line that is none.
                let _ = self.keep(cookie, true, false);
            }
        }
    }

    /// The file's text: the latest first, as curl has it. Without those that have expired.
    #[must_use]
    pub fn write(&self, now: i64) -> Vec<u8> {
        let all = self.by_domain.values().flatten();
        let mut all: Vec<&Kept> = all
            .filter(|one| !one.cookie.domain.is_empty() && !one.cookie.is_expired(now))
            .collect();
        all.sort_by_key(|one| Reverse(one.created));
        file::text(all.into_iter().map(|one| &one.cookie))
    }

    /// Forgets those of this session (`-j`).
    pub fn forget_session(&mut self) {
        for cookies in self.by_domain.values_mut() {
            cookies.retain(|one| one.cookie.expires.is_some());
        }
        self.recount();
    }

    /// How many there are, expired ones among them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn recount(&mut self) {
        self.by_domain.retain(|_, cookies| !cookies.is_empty());
        self.count = self.by_domain.values().map(Vec::len).sum();
    }

    /// Cookies of the host and of the domains above it.
    fn candidates<'a>(&'a self, origin: &Origin<'_>) -> impl Iterator<Item = &'a Kept> {
        let host = origin.host.to_ascii_lowercase();
        let dots = host.match_indices('.').map(|(at, _)| at + 1);
        let above = dots.filter(|_| !origin.is_address());
        let mut names: Vec<&str> =
            [0].into_iter().chain(above).filter_map(|at| host.get(at..)).collect();
        if origin.is_address() {
            names.push("");
        }
        let found = names.iter().filter_map(|name| self.by_domain.get(name.as_bytes()));
        found.flatten().collect::<Vec<_>>().into_iter()
    }

    /// Puts it in the jar, in the place of one of the same name, domain and path.
    fn keep(&mut self, cookie: Cookie, is_secure: bool, is_live: bool) -> Result<(), String> {
        let is_full = self.count >= MOST;
        let cookies = self.by_domain.entry(cookie.domain.to_ascii_lowercase()).or_default();
        let shielded = cookies.iter().find(|old| old.cookie.is_shielded_from(&cookie));
        if let Some(old) = shielded.filter(|_| !is_secure) {
            return Err(refuse::told(
                &old.cookie,
                "another would overlay it, and it is for TLS only",
            ));
        }
        self.created += 1;
        let mut kept = Kept { cookie, created: self.created, is_live };
        if let Some(at) = cookies.iter().position(|old| old.cookie.is_same(&kept.cookie)) {
            let old = cookies.remove(at);
            if old.is_live && !is_live {
                cookies.insert(at, old);
                return Ok(());
            }
            kept.created = old.created;
            self.count -= 1;
        } else if is_full || cookies.len() >= MOST_PER_DOMAIN {
            return Err(refuse::told(&kept.cookie, "there are too many already"));
        }
        cookies.push(kept);
        self.count += 1;
        Ok(())
    }
}

impl Cookie {
    fn is_expired(&self, now: i64) -> bool {
        self.expires.is_some_and(|expires| expires < now)
    }

    /// Whether it goes with a request there, the host being known to match (RFC 6265 §5.4).
    fn is_for(&self, origin: &Origin<'_>) -> bool {
        let is_own = self.domain.eq_ignore_ascii_case(origin.host.as_bytes());
        let is_host = is_own || self.domain.is_empty() || (self.tail_match && !origin.is_address());
        is_host
            && (origin.is_secure || !self.secure)
            && matches_path(self.plain_path(), origin.path)
    }

    /// The path without the `/` at its end; `/` for one that does not begin with it.
    fn plain_path(&self) -> &[u8] {
        match self.path.strip_suffix(b"/").unwrap_or(&self.path) {
            path @ [b'/', ..] => path,
            _ => b"/",
        }
    }

    fn is_same(&self, new: &Self) -> bool {
        self.name == new.name
            && self.tail_match == new.tail_match
            && self.plain_path().eq_ignore_ascii_case(new.plain_path())
    }

    /// Whether a new one must not stand in its way (RFC 6265bis §5.7, "leave secure cookies alone").
    fn is_shielded_from(&self, new: &Self) -> bool {
        if self.name != new.name || !self.secure || new.secure {
            return false;
        }
        let own = self.plain_path();
        let first = own.iter().skip(1).position(|one| *one == b'/').map_or(own.len(), |at| at + 1);
        let (own, new) = (own.get(..first), new.plain_path().get(..first));
        matches!((own, new), (Some(own), Some(new)) if own.eq_ignore_ascii_case(new))
    }
}

/// RFC 6265 §5.1.4.
fn matches_path(cookie: &[u8], request: &str) -> bool {
    let request = request.split('?').next().unwrap_or_default().as_bytes();
    let request = if request.first() == Some(&b'/') { request } else { b"/" };
    if cookie.len() <= 1 {
        return true;
    }
    match request.strip_prefix(cookie) {
        Some([]) => true,
        Some([first, ..]) => *first == b'/',
        None => false,
    }
}

#[cfg(test)]
mod tests;
