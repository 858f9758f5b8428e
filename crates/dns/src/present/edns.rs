//! The OPT record and its options (RFC 6891) as dig writes them.

use crate::{Rdata, Record};

/// What the COOKIE of a reply is worth (RFC 7873 §5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieCheck {
    /// Nobody looked, or this is a query.
    None,
    /// It begins with ours: `(good)` or, where there is no server's, `(echoed)`.
    Ours,
    /// It does not: `(bad)`.
    NotOurs,
}

/// A line of YAML, by how many levels below `OPT_PSEUDOSECTION:` it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdnsLine {
    /// Levels of indentation below that heading: 1 for `EDNS:`.
    pub level: usize,
    /// The line without its end.
    pub text: String,
}

/// The options of an OPT, code and data, as far as they can be read.
pub fn edns_options<'m>(data: Rdata<'m>) -> impl Iterator<Item = (u16, &'m [u8])> {
    let mut reader = data.reader();
    std::iter::from_fn(move || {
        let (code, length) = (reader.u16().ok()?, reader.u16().ok()?);
        Some((code, reader.take(usize::from(length)).ok()?))
    })
}

/// The lines below `;; OPT PSEUDOSECTION:`, each without its end: `; EDNS: version: 0, flags: do; udp: 1232`
/// and one for each option.
#[must_use]
pub fn edns_text(opt: &Record<'_>, cookie: CookieCheck) -> Vec<String> {
    let _ = (opt, cookie);
    Vec::new()
}

/// The lines below `OPT_PSEUDOSECTION:` in `+yaml`.
#[must_use]
pub fn edns_yaml(opt: &Record<'_>, cookie: CookieCheck) -> Vec<EdnsLine> {
    let _ = (opt, cookie);
    Vec::new()
}

/// What an extended error is called, as in `DNSSEC Bogus` (RFC 8914 §4), where dig has a name for it.
#[must_use]
pub fn ede_name(code: u16) -> Option<&'static str> {
    let _ = code;
    None
}
