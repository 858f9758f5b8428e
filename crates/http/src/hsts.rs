//! HTTP Strict Transport Security (RFC 6797).

use crate::url::Url;

/// Hosts that are reached by TLS alone (RFC 6797), in curl's form: `[.]host "YYYYMMDD HH:MM:SS"`.
#[derive(Debug, Default)]
pub struct Hsts {
    _todo: (),
}

impl Hsts {
    /// Takes a `Strict-Transport-Security` field. `now` in seconds since 1970.
    pub fn set(&mut self, _url: &Url, _field: &[u8], _now: i64) {
        todo!("state")
    }

    /// Whether this host is among them.
    #[must_use]
    pub fn covers(&self, _host: &str, _now: i64) -> bool {
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
