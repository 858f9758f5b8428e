//! Other ways to a host (RFC 7838).

use crate::head::Version;
use crate::url::Url;

/// Other ways to a host (RFC 7838), in curl's form.
#[derive(Debug, Default)]
pub struct AltServices {
    _todo: (),
}

/// Another way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// How.
    pub version: Version,
    /// Where.
    pub host: String,
    /// Where.
    pub port: u16,
}

impl AltServices {
    /// Takes an `Alt-Svc` field of a response over `version`. `now` in seconds since 1970.
    pub fn set(&mut self, _url: &Url, _version: Version, _field: &[u8], _now: i64) {
        todo!("state")
    }

    /// Other ways to this URL's host, the best first.
    #[must_use]
    pub fn of(&self, _url: &Url, _version: Version, _now: i64) -> Vec<Alternative> {
        todo!("state")
    }

    /// Adds what a file has.
    pub fn read(&mut self, _text: &[u8], _now: i64) {
        todo!("state")
    }

    /// The file's text.
    #[must_use]
    pub fn write(&self, _now: i64) -> Vec<u8> {
        todo!("state")
    }
}
