//! `HOST:PORT` as people write it.

use anyhow::Result;
use wireline_cli::Refusal;

use crate::exit::USAGE;

/// A host's name or address, and a port, by number or by the name of a service (services(5)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostPort {
    /// As typed, without brackets.
    pub(crate) host: String,
    /// 1 to 65535.
    pub(crate) port: u16,
}

impl HostPort {
    /// Reads `host:port` and `[v6]:port`; an address of IPv6 must stand in brackets.
    pub(crate) fn parse(word: &str) -> Result<Self> {
        let wrong = |why: &str| Refusal::new(USAGE, format!("{word}: {why}"));
        let (host, port) = word.rsplit_once(':').ok_or_else(|| wrong("HOST:PORT is needed"))?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        if bare.is_none() && host.contains(':') {
            return Err(wrong("an IPv6 address before a port stands in brackets").into());
        }
        let host = bare.unwrap_or(host);
        if host.is_empty() {
            return Err(wrong("a host is needed before the colon").into());
        }
        Ok(Self { host: host.to_owned(), port: read_port(port, word)? })
    }

    /// Reads two words: a host and a port.
    pub(crate) fn of(host: &str, port: &str) -> Result<Self> {
        Ok(Self { host: host.to_owned(), port: read_port(port, port)? })
    }
}

fn read_port(port: &str, word: &str) -> Result<u16> {
    let number = port.parse::<u16>().ok().filter(|port| *port > 0);
    // getaddrinfo(3) takes "0" for the name of a service.
    let port = number.or_else(|| wireline_host::service_port(port, true)).filter(|port| *port > 0);
    port.ok_or_else(|| {
        Refusal::new(USAGE, format!("{word}: a port is 1 to 65535 or the name of a service")).into()
    })
}
