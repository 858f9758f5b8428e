//! From what was asked for to what a lookup needs: servers found, times and search lists settled.

use std::fs;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use wireline_cli::Refusal;
use wireline_dns::lookup::{Config, Mode, Search, Server};
use wireline_dns::tsig::Key;
use wireline_dns::{Cookie, Edns, Form, Header, RecordType, ResolvConf};
use wireline_host::{Family, Target};

use crate::exit;
use crate::options::{self, Globals, Options, Query, Subnet};

/// What the system says of resolving.
pub(crate) struct System {
    conf: ResolvConf,
    family: Family,
}

impl System {
    /// Reads `/etc/resolv.conf`.
    pub(crate) fn read(globals: &Globals) -> Result<Self, Refusal> {
        let refused = || Refusal::new(exit::USAGE, wireline_dns::Malformed.to_string());
        let conf = match fs::read("/etc/resolv.conf") {
            Ok(text) => ResolvConf::parse(&text).map_err(|_| refused())?,
            Err(why) if why.kind() == io::ErrorKind::NotFound => ResolvConf::default(),
            Err(_) => return Err(refused()),
        };
        Ok(Self { conf, family: globals.family })
    }

    /// The servers of a query: its own, or the system's.
    pub(crate) fn servers(&self, options: &Options) -> Result<Vec<Server>, Refusal> {
        let port = options.port();
        if !options.servers.is_empty() {
            let mut servers = Vec::new();
            for word in &options.servers {
                let addresses = self.addresses(word).map_err(|why| {
                    let why = format!("couldn't get address for '{word}': {why}");
                    Refusal::new(exit::USAGE, why)
                })?;
                servers.extend(addresses.into_iter().map(|address| server(address, port, word)));
            }
            return Ok(servers);
        }
        let of_system = self.conf.servers.iter().filter_map(|word| {
            let address = self.addresses(word).ok()?.into_iter().next()?;
            let is_mapped =
                word.parse::<IpAddr>().is_ok_and(|it| it.is_ipv4() && address.is_ipv6());
            (!is_mapped).then(|| server(address, port, word))
        });
        let servers: Vec<_> = of_system.collect();
        Ok(if servers.is_empty() { self.fallback(port) } else { servers })
    }

    fn fallback(&self, port: u16) -> Vec<Server> {
        let words = match self.family {
            Family::Any => &["::1", "127.0.0.1"][..],
            Family::V4 => &["127.0.0.1"],
            Family::V6 => &["::1"],
        };
        let parsed = words.iter().filter_map(|word| {
            let address = word.parse::<IpAddr>().ok()?;
            Some(server(SocketAddr::new(address, 0), port, word))
        });
        parsed.collect()
    }

    /// What a host is called by its addresses, in the system's way and BIND's words.
    pub(crate) fn addresses(&self, name: &str) -> Result<Vec<SocketAddr>, &'static str> {
        match (name.parse::<IpAddr>(), self.family) {
            // As BIND does: an IPv4 address becomes an IPv6 one, which is then passed over.
            (Ok(IpAddr::V4(v4)), Family::V6) => {
                return Ok(vec![SocketAddr::new(v4.to_ipv6_mapped().into(), 0)]);
            }
            (Ok(IpAddr::V6(_)), Family::V4) => return Err("address family not supported"),
            _ => {}
        }
        match Target::resolve(name, self.family) {
            Ok(target) => Ok(target.addresses),
            // getaddrinfo(3) failing is one thing, its finding nothing another.
            Err(why) if why.to_string().contains("emporary") => Err("failure"),
            Err(_) => Err("not found"),
        }
    }

    /// All that a lookup needs to know of a query.
    pub(crate) fn config(&self, query: &Query, servers: Vec<Server>, key: Option<Key>) -> Config {
        let options = &*query.options;
        let asking = &options.asking;
        let seconds = u64::from(self.conf.timeout);
        let timeout = asking.timeout.or((seconds > 0).then(|| Duration::from_secs(seconds)));
        let attempts = if self.conf.attempts == 0 { 3 } else { u32::from(self.conf.attempts) };
        Config {
            name: sent_name(query),
            form: form(options),
            servers,
            transport: options.transport(),
            timeout,
            tries: asking.tries.unwrap_or(attempts),
            search: self.search(options),
            ignores_truncation: asking.ignore_truncation,
            stops_at_servfail: asking.stop_at_servfail,
            negotiates_edns: options.edns.negotiation,
            retries_bad_cookie: asking.retry_bad_cookie,
            shows_bad_cookie: options.show.bad_cookie,
            takes_malformed: asking.best_effort,
            shows_queries: options.show.query,
            keeps_open: options.carrier.keep_open,
            mixes_case: options.header.mixed_case,
            signing_time: options.signing_time.map(u64::from),
            key,
            mode: match (options.trace, options.nssearch) {
                (_, true) => Mode::NsSearch,
                (true, false) => Mode::Trace,
                (false, false) => Mode::Plain,
            },
            root_hints: if options.trace { self.root_hints(options.port()) } else { Vec::new() },
        }
    }

    fn root_hints(&self, port: u16) -> Vec<Server> {
        let hints = wireline_dns::ROOT_SERVERS.into_iter();
        let hints = hints.flat_map(|(name, v4, v6)| [(name, v4.into()), (name, v6.into())]);
        let is_wanted = |address: IpAddr| match self.family {
            Family::Any => true,
            Family::V4 => address.is_ipv4(),
            Family::V6 => address.is_ipv6(),
        };
        let hints = hints.filter(|(_, address)| is_wanted(*address));
        hints.map(|(name, address)| server(SocketAddr::new(address, 0), port, name)).collect()
    }

    fn search(&self, options: &Options) -> Option<Search> {
        let wanted = &options.search;
        if !wanted.wanted {
            return None;
        }
        let domains = match &wanted.domain {
            Some(domain) => vec![domain.clone()],
            None => self.conf.search.clone(),
        };
        let ndots = wanted.ndots.map_or_else(|| u32::from(self.conf.ndots), u32::from);
        Some(Search { domains, ndots, shows: wanted.show })
    }
}

fn server(mut address: SocketAddr, port: u16, name: &str) -> Server {
    address.set_port(port);
    Server { address, name: name.to_owned() }
}

/// The message that the options make.
pub(crate) fn form(options: &Options) -> Form {
    let header = &options.header;
    let bits = [
        (header.aa, Header::AA),
        (header.ad, Header::AD),
        (header.cd, Header::CD),
        (header.rd, Header::RD),
        (header.ra, Header::RA),
        (header.tc, Header::TC),
        (header.z, Header::Z),
    ];
    let flags = bits.iter().filter(|(is_set, _)| *is_set).fold(0, |all, (_, bit)| all | bit);
    let serial = (options.kind == RecordType::IXFR).then(|| options.serial.unwrap_or(0));
    Form {
        opcode: header.opcode,
        flags,
        id: header.id,
        class: options.class,
        kind: options.kind,
        serial,
        header_only: header.header_only,
        edns: edns(&options.edns),
    }
}

/// Codes of EDNS options (IANA "DNS EDNS0 Option Codes").
mod code {
    pub(super) const NSID: u16 = 3;
    pub(super) const SUBNET: u16 = 8;
    pub(super) const EXPIRE: u16 = 9;
    pub(super) const KEEPALIVE: u16 = 11;
    pub(super) const ZONE_VERSION: u16 = 19;
}

fn edns(options: &options::Edns) -> Option<Edns> {
    let version = options.version()?;
    let mut leading = Vec::new();
    if options.nsid {
        leading.push((code::NSID, Vec::new()));
    }
    if let Some(subnet) = options.subnet {
        leading.push((code::SUBNET, subnet_option(subnet)));
    }
    let mut following = Vec::new();
    let empty = [
        (options.expire, code::EXPIRE),
        (options.keepalive, code::KEEPALIVE),
        (options.zone_version, code::ZONE_VERSION),
    ];
    following.extend(empty.iter().filter(|(is_set, _)| *is_set).map(|(_, code)| (*code, vec![])));
    following.extend(options.options.iter().cloned());
    Some(Edns {
        version,
        udp_size: options.udp_size(),
        flags: options.flag_bits(),
        leading,
        cookie: Cookie::clone(&options.cookie),
        options: following,
        padding: options.padding,
    })
}

/// Family, prefix, scope of 0, and as many octets of the address as the prefix needs (RFC 7871 §6).
fn subnet_option(subnet: Subnet) -> Vec<u8> {
    let (family, address) = match subnet.address {
        Some(IpAddr::V6(v6)) => (2, v6.octets().to_vec()),
        Some(IpAddr::V4(v4)) => (1, v4.octets().to_vec()),
        None => (1, Vec::new()),
    };
    let mut data = vec![0, family, subnet.prefix, 0];
    let whole = usize::from(subnet.prefix.div_ceil(8));
    data.extend(address.into_iter().take(whole));
    let spare = subnet.prefix % 8;
    if let (1.., Some(last)) = (spare, data.last_mut()) {
        *last &= 0xff << (8 - spare);
    }
    data
}

/// The name as it is sent: in ASCII (RFC 5891 §4), where that is wanted and can be had.
fn sent_name(query: &Query) -> Vec<u8> {
    let ascii = query.options.idn_in.then(|| wireline_dns::idn::to_ascii(&query.name).ok());
    ascii
        .flatten()
        .map_or_else(|| query.name.clone().into_bytes(), |name| name.into_owned().into_bytes())
}
