//! The part that needs privilege, and the end of having any.

use std::net::{IpAddr, Ipv4Addr};

use anyhow::{Result, bail};
use wireline_cli::{Exit, Refusal};
use wireline_engine::echo::SocketKind;
use wireline_host::Family;
use wireline_net::Family::{V4, V6};
use wireline_net::{Error, IcmpSocket, ProbeKind, ProbeSockets, Quotes, drop_privileges};
use wireline_packet::protocol::TCP;

use crate::config::Config;
use crate::method::{self, Kind};
use crate::paths::Paths;

/// What the machine would not do.
pub(crate) const FAILED: Exit = Exit(1);

/// The sockets of one family, before it is known which family it will be.
pub(crate) enum Sockets {
    Icmp(Box<IcmpSocket>),
    Probe(ProbeSockets),
    /// Each connection has its own, and none needs privilege.
    Connections,
}

/// One for each family that the host may turn out to be of.
pub(crate) struct Opened {
    pub(crate) v4: Option<Result<Sockets, Error>>,
    pub(crate) v6: Option<Result<Sockets, Error>>,
    /// What errors quote, where this machine lets us hear it.
    pub(crate) quotes: [Option<Quotes>; 2],
}

/// Opens what each of these traces needs, and then gives up all privilege. Nothing is looked up before.
pub(crate) fn open(configs: &[Config]) -> Result<Vec<Opened>> {
    // Of several, each is a row or two of one table, which has no room for what was rewritten.
    let hears_quotes = configs.len() == 1;
    let opened = configs.iter().map(|config| for_each_family(config, hears_quotes)).collect();
    drop_privileges()?;
    Ok(opened)
}

fn for_each_family(config: &Config, hears_quotes: bool) -> Opened {
    let address: Option<IpAddr> = config.host.parse().ok();
    let may_be = |is_ipv6: bool| match config.family {
        Family::V4 => !is_ipv6,
        Family::V6 => is_ipv6,
        Family::Any => address.is_none_or(|address| address.is_ipv6() == is_ipv6),
    };
    let hears = |is_ipv6| hears_quotes && config.hears_quotes() && may_be(is_ipv6);
    let quotes = |is_ipv6, family| hears(is_ipv6).then(|| Quotes::open(family).ok())?;
    Opened {
        v4: may_be(false).then(|| one(config, V4)),
        v6: may_be(true).then(|| one(config, V6)),
        quotes: [quotes(false, V4), quotes(true, V6)],
    }
}

fn one(config: &Config, family: wireline_net::Family) -> Result<Sockets, Error> {
    let sockets = match &config.kind {
        Kind::Default | Kind::Udp if config.paths.is_some() => {
            probe(family, ProbeKind::Udp, Paths::flows())
        }
        Kind::Default => probe(family, ProbeKind::Udp, 1),
        Kind::Udp => probe(family, ProbeKind::Udp, flows(config)),
        Kind::UdpLite { coverage } => {
            probe(family, ProbeKind::UdpLite(Some(*coverage)), flows(config))
        }
        Kind::Icmp(which) => icmp(family, *which),
        Kind::Tcp(options) => match probe(family, ProbeKind::Raw(TCP), 1) {
            Err(why) if is_denied(&why) && options.is_plain => Ok(Sockets::Connections),
            other => other,
        },
        Kind::Connect => Ok(Sockets::Connections),
        Kind::Raw { protocol } => match u8::try_from(*protocol) {
            Ok(protocol) => probe(family, ProbeKind::Raw(protocol), 1),
            Err(_) => Err(Error::Call {
                call: "socket".to_owned(),
                returned: std::io::Error::from_raw_os_error(INVALID),
            }),
        },
    }?;
    prepare(config, family, &sockets)?;
    Ok(sockets)
}

/// `EINVAL` of Linux on every architecture.
const INVALID: i32 = 22;

/// Sockets of the methods that need one for each probe: as many as are under way at once at the most.
pub(crate) fn flows(config: &Config) -> u32 {
    /// Twice as many, for two families, are what a process may have open nearly everywhere.
    const MOST: u32 = 100;
    let window = config.window.and_then(|window| u32::try_from(window).ok()).unwrap_or(MOST);
    if config.source_port.is_some() { 1 } else { config.all_probes().min(window).min(MOST) }
}

fn probe(family: wireline_net::Family, kind: ProbeKind, flows: u32) -> Result<Sockets, Error> {
    ProbeSockets::open(family, kind, flows).map(Sockets::Probe)
}

fn icmp(family: wireline_net::Family, which: method::IcmpSocket) -> Result<Sockets, Error> {
    let socket = IcmpSocket::open(family, which == method::IcmpSocket::Raw)?;
    if which == method::IcmpSocket::Datagram && socket.kind() == SocketKind::Raw {
        return Err(Error::NotPermitted);
    }
    Ok(Sockets::Icmp(Box::new(socket)))
}

/// What needs privilege of an open socket: marks and source routes.
fn prepare(config: &Config, family: wireline_net::Family, sockets: &Sockets) -> Result<(), Error> {
    let call = |name: &str, returned| Error::Call { call: name.to_owned(), returned };
    if let Some(mark) = config.mark {
        match sockets {
            Sockets::Icmp(socket) => socket.set_mark(mark),
            Sockets::Probe(sockets) => sockets.set_mark(mark),
            Sockets::Connections => Ok(()),
        }
        .map_err(|why| call("setsockopt SO_MARK", why))?;
    }
    if config.gates.is_empty() || family == V6 {
        return Ok(());
    }
    let route = source_route(&config.gates);
    match sockets {
        Sockets::Icmp(socket) => socket.set_ip_options(&route),
        Sockets::Probe(sockets) => sockets.set_ip_options(&route),
        Sockets::Connections => Ok(()),
    }
    .map_err(|why| call("setsockopt IP_OPTIONS", why))
}

/// A loose source route (RFC 791 §3.1). The kernel takes the first gate for itself and writes the
/// destination behind the last; the padding makes datagrams as long as the original's.
fn source_route(gates: &[Ipv4Addr]) -> Vec<u8> {
    const NOP: u8 = 1;
    const LSRR: u8 = 0x83;
    let length = u8::try_from(3 + 4 * gates.len()).unwrap_or(u8::MAX);
    let mut option = vec![NOP, LSRR, length, 4];
    option.extend(gates.iter().flat_map(Ipv4Addr::octets));
    option.extend([NOP; 4]);
    option
}

fn is_denied(why: &Error) -> bool {
    const NOT_PERMITTED: i32 = 1;
    const DENIED: i32 = 13;
    matches!(why, Error::NotPermitted) || matches!(why.errno(), Some(NOT_PERMITTED | DENIED))
}

impl Opened {
    /// What hears the quotes of one family's errors, once.
    pub(crate) fn quotes(&mut self, is_ipv6: bool) -> Option<Quotes> {
        self.quotes[usize::from(is_ipv6)].take()
    }

    /// The sockets for an address, or why there are none.
    pub(crate) fn of(self, is_ipv6: bool, config: &Config) -> Result<Sockets> {
        let found = if is_ipv6 { self.v6 } else { self.v4 };
        let Some(found) = found else {
            bail!(Refusal::new(FAILED, "socket: Address family not supported by protocol"));
        };
        found.map_err(|why| {
            let message = if is_denied(&why) { denied(config, &why) } else { why.to_string() };
            Refusal::new(FAILED, message).into()
        })
    }
}

fn denied(config: &Config, why: &Error) -> String {
    if matches!(&config.kind, Kind::Icmp(_)) {
        return why.to_string();
    }
    let name = config.kind.name();
    format!(
        "{why}: this method ({name}) needs a raw socket: let this program have one (setcap cap_net_raw+p FILE), \
         or be root; udp, icmp and plain tcp do without"
    )
}
