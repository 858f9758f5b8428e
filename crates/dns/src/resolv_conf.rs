//! `/etc/resolv.conf` (resolv.conf(5)), as BIND's tools read it.
//!
//! Reads text, opens no file.

use std::net::IpAddr;

/// What the file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvConf {
    /// Addresses of servers as they were written, `%scope` included, three at the most; this host's where
    /// there is none.
    pub servers: Vec<String>,
    /// The search list, eight domains at the most.
    pub search: Vec<String>,
    /// A name with at least so many dots is tried as it is.
    pub ndots: u8,
    /// How often a server is asked; 0 where nothing is said.
    pub attempts: u8,
    /// How long it may take, in seconds; 0 where nothing is said.
    pub timeout: u8,
}

/// The file makes no sense, so that BIND's tools refuse to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("parse of /etc/resolv.conf failed")]
pub struct Malformed;

const MOST_SERVERS: usize = 3;
const MOST_DOMAINS: usize = 8;

impl Default for ResolvConf {
    /// As if there were no file.
    fn default() -> Self {
        Self { servers: local(), search: Vec::new(), ndots: 1, attempts: 3, timeout: 0 }
    }
}

fn local() -> Vec<String> {
    vec!["::1".to_owned(), "127.0.0.1".to_owned()]
}

impl ResolvConf {
    /// Reads the file's contents.
    pub fn parse(text: &[u8]) -> Result<Self, Malformed> {
        let mut conf = Self { servers: Vec::new(), ..Self::default() };
        for line in text.split(|octet| *octet == b'\n') {
            let line = String::from_utf8_lossy(line);
            let mut words = line.split_ascii_whitespace();
            // A comment begins where a word may.
            let words = std::iter::from_fn(|| words.next().filter(|w| !w.starts_with([';', '#'])));
            conf.line(&words.fuse().collect::<Vec<_>>())?;
        }
        if conf.servers.is_empty() {
            conf.servers = local();
        }
        Ok(conf)
    }

    fn line(&mut self, words: &[&str]) -> Result<(), Malformed> {
        match words {
            ["nameserver", address] => self.server(address)?,
            ["domain", domain] => self.search = vec![(*domain).to_owned()],
            // Of no domains at all is an empty list, as the C library has it.
            ["search", domains @ ..] => {
                let domains = domains.iter().take(MOST_DOMAINS);
                self.search = domains.map(|domain| (*domain).to_owned()).collect();
            }
            ["options", options @ ..] => {
                options.iter().try_for_each(|word| self.option(word))?;
            }
            ["nameserver" | "domain", ..] => return Err(Malformed),
            // What a list for sorting says is of no use to us.
            _ => {}
        }
        Ok(())
    }

    fn server(&mut self, address: &str) -> Result<(), Malformed> {
        if self.servers.len() == MOST_SERVERS {
            return Ok(());
        }
        let bare = address.split_once('%').map_or(address, |(bare, _)| bare);
        let parsed: IpAddr = bare.parse().map_err(|_| Malformed)?;
        self.servers.push(match parsed {
            // "This host" is what RFC 1122 §3.2.1.3 calls it, and BIND takes it for that.
            IpAddr::V4(v4) if v4.is_unspecified() => "127.0.0.1".to_owned(),
            _ => address.to_owned(),
        });
        Ok(())
    }

    fn option(&mut self, word: &str) -> Result<(), Malformed> {
        let number = |text: &str| text.parse::<u8>().map_err(|_| Malformed);
        match word.split_once(':') {
            Some(("ndots", value)) => self.ndots = number(value)?,
            Some(("attempts", value)) => self.attempts = number(value)?,
            Some(("timeout", value)) => self.timeout = number(value)?,
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ResolvConf, Malformed> {
        ResolvConf::parse(text.as_bytes())
    }

    #[test]
    fn a_common_file_is_read() {
        let conf = parse(
            "# by hand\nnameserver 192.0.2.1 ; first\nnameserver\t2001:db8::1\nnameserver fe80::1%eth0\n\
             nameserver 192.0.2.4\nsearch a.example b.example\noptions ndots:2 timeout:1 edns0\n",
        )
        .unwrap();
        assert_eq!(conf.servers, ["192.0.2.1", "2001:db8::1", "fe80::1%eth0"]);
        assert_eq!(conf.search, ["a.example", "b.example"]);
        assert_eq!((conf.ndots, conf.timeout, conf.attempts), (2, 1, 3));
    }

    #[test]
    fn last_of_domain_and_search_counts() {
        assert_eq!(parse("search a b\ndomain c\n").unwrap().search, ["c"]);
        assert_eq!(parse("domain c\nsearch a b\n").unwrap().search, ["a", "b"]);
    }

    #[test]
    fn nothing_is_this_host() {
        assert_eq!(parse("").unwrap().servers, ["::1", "127.0.0.1"]);
        assert_eq!(parse("nameserver 0.0.0.0").unwrap().servers, ["127.0.0.1"]);
    }

    #[test]
    fn what_bind_refuses_is_refused() {
        for text in ["nameserver x", "nameserver ::1 2", "domain a b", "options ndots:256"] {
            assert_eq!(parse(text), Err(Malformed), "{text}");
        }
        assert!(parse("nonsense x y z").is_ok());
    }

    #[test]
    fn lists_of_nothing_are_empty() {
        let conf = parse("search a\nsearch\noptions\nsortlist\nnameserver 192.0.2.1\n").unwrap();
        assert_eq!(
            (conf.servers.as_slice(), conf.search.len()),
            (&["192.0.2.1".to_owned()][..], 0)
        );
    }
}
