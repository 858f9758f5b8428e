//! What carries a query: TCP, TLS, HTTP, QUIC.

use std::net::SocketAddr;

use super::{Done, invalid, valued};
use crate::options::Proxy;
use crate::plus::{Plus, Word};
use crate::reader::Reader;
use crate::stop::Stop;

/// RFC 8484 §4.1 names none; this is the one that servers have.
const PATH: &str = "/dns-query";

impl Reader<'_> {
    pub(super) fn carried(&mut self, word: &Word<'_>, plus: Plus) -> Done {
        let state = word.state;
        let carrier = &mut self.options().carrier;
        match plus {
            Plus::NoHttp => (carrier.https, carrier.path) = (false, None),
            Plus::Http { plain, get } => {
                carrier.https = true;
                // As dig has it, what was plain once stays so, and what was GET.
                carrier.plain |= plain;
                carrier.get |= get;
                self.connect(true);
                let path = path(word)?;
                self.options().carrier.path = Some(path);
            }
            Plus::Tcp => (carrier.tcp, carrier.tcp_chosen) = (state, true),
            Plus::KeepOpen => self.state.process.keep_open = state,
            Plus::Proxy | Plus::ProxyPlain => {
                carrier.proxy_plain = state && plus == Plus::ProxyPlain;
                carrier.proxy = if state { Some(proxy(word)?) } else { None };
            }
            Plus::Http3 => {
                (carrier.http3, carrier.https) = (state, state);
                carrier.path = state.then(|| PATH.to_owned());
                self.connect(state);
            }
            _ => carrier.quic = state,
        }
        Ok(())
    }

    pub(super) fn tls(&mut self, word: &Word<'_>, plus: Plus) -> Done {
        self.connect(word.state);
        let options = self.options();
        if plus == Plus::Tls {
            options.carrier.tls = word.state;
            return Ok(());
        }
        let tls = &mut options.tls;
        // As dig and kdig have it: who names anything to verify by, wants it verified. A pin is its own
        // authority, and a name that is said verifies nothing.
        tls.verify |= word.state && !matches!(plus, Plus::TlsPin | Plus::TlsSni);
        let named = word.value.filter(|_| word.state);
        match plus {
            Plus::TlsCa => {
                tls.verify = word.state;
                tls.ca = named.map(Into::into).or(tls.ca.take());
                return Ok(());
            }
            Plus::TlsCertFile => tls.certificate = named.map(Into::into),
            Plus::TlsHostname => tls.hostname = named.map(str::to_owned),
            Plus::TlsKeyFile => tls.key = named.map(Into::into),
            Plus::TlsSni => tls.sni = named.map(str::to_owned),
            _ if word.state => tls.pins.push(valued(word)?.to_owned()),
            _ => tls.pins.clear(),
        }
        if word.state && named.is_none() {
            return Err(unnamed(word, plus));
        }
        Ok(())
    }

    /// A connection, unless `+[no]tcp` has settled that.
    fn connect(&mut self, state: bool) {
        let carrier = &mut self.options().carrier;
        if !carrier.tcp_chosen {
            carrier.tcp = state;
        }
    }
}

fn unnamed(word: &Word<'_>, plus: Plus) -> Stop {
    let what = match plus {
        Plus::TlsCertFile => ";; TLS certificate file is not specified\n",
        Plus::TlsHostname => ";; TLS hostname is not specified\n",
        Plus::TlsKeyFile => ";; TLS private key file is not specified\n",
        _ => "",
    };
    let stop = invalid(word);
    Stop { why: format!("{what}{}", stop.why), ..stop }
}

fn path(word: &Word<'_>) -> Result<String, Stop> {
    let path = word.value.unwrap_or(PATH);
    if is_path(path) {
        return Ok(path.to_owned());
    }
    let stop = invalid(word);
    let why =
        format!(";; The given HTTP path \"{path}\" is not a valid absolute path\n{}", stop.why);
    Err(Stop { why, ..stop })
}

/// `path-absolute` of RFC 3986 §3.3.
fn is_path(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else { return false };
    !rest.starts_with('/') && is_pchars(rest)
}

fn is_pchars(text: &str) -> bool {
    let mut octets = text.bytes();
    while let Some(octet) = octets.next() {
        let is_good = match octet {
            b'%' => {
                let hex = |octet: Option<u8>| octet.is_some_and(|octet| octet.is_ascii_hexdigit());
                hex(octets.next()) && hex(octets.next())
            }
            other => other.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/".contains(&other),
        };
        if !is_good {
            return false;
        }
    }
    true
}

/// `SOURCE[#PORT]-DESTINATION[#PORT]`, as BIND's later dig and kdig have it.
fn proxy(word: &Word<'_>) -> Result<Proxy, Stop> {
    let Some(value) = word.value else { return Ok(Proxy::Local) };
    let ends = value
        .split_once('-')
        .and_then(|(source, destination)| Some((end(source, 0)?, end(destination, 53)?)));
    let (source, destination) = ends
        .filter(|(source, destination)| source.is_ipv4() == destination.is_ipv4())
        .ok_or_else(|| Stop::fatal(format!("invalid PROXY addresses '{value}'")))?;
    Ok(Proxy::Addresses { source, destination })
}

fn end(text: &str, usual: u16) -> Option<SocketAddr> {
    let (address, port) = match text.split_once('#') {
        Some((address, port)) => (address, port.parse().ok()?),
        None => (text, usual),
    };
    Some(SocketAddr::new(address.parse().ok()?, port))
}

#[cfg(test)]
mod tests {
    use super::is_path;

    #[test]
    fn paths_are_absolute_and_of_the_characters_of_rfc_3986() {
        for good in ["/", "/dns-query", "/a/b//", "/%41", "/a;b=c@d:e"] {
            assert!(is_path(good), "{good}");
        }
        for bad in ["", "a", "//", "/%4", "/%zz", "/a?b", "/ü", "/a b", "/#"] {
            assert!(!is_path(bad), "{bad}");
        }
    }
}
