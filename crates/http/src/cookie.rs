//! Cookies (RFC 6265).

use crate::url::Url;

/// Cookies (RFC 6265) as curl keeps them: in the Netscape form, which other tools read.
#[derive(Debug, Default)]
pub struct Jar {
    cookies: Vec<Cookie>,
}

/// A cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// Its host or domain, without a dot before it.
    pub domain: String,
    /// Hosts below it, too.
    pub tail_match: bool,
    /// Its path.
    pub path: String,
    /// Over TLS only.
    pub secure: bool,
    /// Not for scripts.
    pub http_only: bool,
    /// Seconds since 1970; `None` for this session.
    pub expires: Option<i64>,
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl Jar {
    /// Takes the `Set-Cookie` fields of one response; what was refused, in words.
    pub fn set_all<'a>(
        &mut self,
        _url: &Url,
        _fields: impl Iterator<Item = &'a [u8]>,
        _now: i64,
    ) -> Vec<String> {
        todo!("state")
    }

    /// Takes what a `Set-Cookie` field says; what is refused is told in words. `now` in seconds since 1970.
    pub fn set(&mut self, _url: &Url, _field: &[u8], _now: i64) -> Result<(), String> {
        todo!("state")
    }

    /// The `Cookie` field for a request; `None` where there is none.
    #[must_use]
    pub fn field(&self, _url: &Url, _now: i64) -> Option<Vec<u8>> {
        todo!("state")
    }

    /// Adds what a file of cookies has: Netscape's form, or `Set-Cookie:` lines.
    pub fn read(&mut self, _text: &[u8], _now: i64) {
        todo!("state")
    }

    /// The file's text.
    #[must_use]
    pub fn write(&self, _now: i64) -> Vec<u8> {
        todo!("state")
    }

    /// Forgets those of this session (`-j`).
    pub fn forget_session(&mut self) {
        self.cookies.retain(|one| one.expires.is_some());
    }
}
