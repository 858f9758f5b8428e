use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsFd as _;

use socket2::{Domain, Protocol, Socket, Type};

use crate::socket_options::{bind_device, set_traffic_class};
use crate::sys;

/// What a route is asked for with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Via<'a> {
    /// The interface to leave by.
    pub device: Option<&'a str>,
    /// The source address to use.
    pub source: Option<IpAddr>,
    /// TOS or traffic class, which routing rules may look at.
    pub traffic_class: Option<u8>,
    /// Whether a broadcast address will do.
    pub broadcast: bool,
    /// Whether routers are passed over (`SO_DONTROUTE`): an address that has no network of its own is one of
    /// the interface's.
    pub on_link: bool,
}

/// Why there is no way to a target, and so nothing to start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoRoute {
    /// It is a broadcast address, and that was not asked for.
    #[error("it is a broadcast address")]
    Broadcast,
    /// The interface will not do.
    #[error("{0}")]
    Device(io::Error),
    /// The source address is not this machine's.
    #[error("{0}")]
    Bind(io::Error),
    /// Such as `ENETUNREACH`.
    #[error("{0}")]
    Connect(io::Error),
}

/// The address that this machine would send from to reach another (RFC 6724).
///
/// Asks the kernel by connecting a UDP socket, which sends nothing. An error here is why ping says
/// `connect: Network is unreachable` and stops, where one on a later send is only a lost request.
pub fn source_address(to: SocketAddr, via: Via<'_>) -> Result<IpAddr, NoRoute> {
    /// Needed, and never sent to.
    const PORT: u16 = 1025;
    let mut to = to;
    to.set_port(PORT);
    let socket = Socket::new(Domain::for_address(to), Type::DGRAM, Some(Protocol::UDP))
        .map_err(NoRoute::Connect)?;
    if let Some(device) = via.device {
        bind_device(&socket, device).map_err(NoRoute::Device)?;
    }
    if let Some(class) = via.traffic_class {
        set_traffic_class(socket.as_fd(), to.is_ipv6(), class).map_err(NoRoute::Connect)?;
    }
    if via.on_link {
        sys::set_int(socket.as_fd(), libc::SOL_SOCKET, libc::SO_DONTROUTE, 1)
            .map_err(NoRoute::Connect)?;
    }
    let any = match to {
        SocketAddr::V4(_) => IpAddr::from(Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    socket.bind(&SocketAddr::new(via.source.unwrap_or(any), 0).into()).map_err(NoRoute::Bind)?;
    connect(&socket, to, via.broadcast)?;
    let local = socket.local_addr().map_err(NoRoute::Connect)?;
    Ok(local.as_socket().map_or(any, |address| address.ip()))
}

/// Whether an address is this machine's own: one that a socket can be bound to.
#[must_use]
pub fn is_local(address: IpAddr) -> bool {
    match address {
        // Nothing binds to one without its zone (RFC 4007 §6), which whoever asks does not have.
        IpAddr::V6(address) if address.is_unicast_link_local() => is_on_a_link(address),
        _ => std::net::UdpSocket::bind((address, 0)).is_ok(),
    }
}

/// Whether an interface has it: `/proc/net/if_inet6` begins each line with an address, in hexadecimal.
fn is_on_a_link(address: Ipv6Addr) -> bool {
    let wanted = format!("{:032x} ", u128::from(address));
    let all = std::fs::read_to_string("/proc/net/if_inet6").unwrap_or_default();
    all.lines().any(|line| line.starts_with(&wanted))
}

fn connect(socket: &Socket, to: SocketAddr, broadcast: bool) -> Result<(), NoRoute> {
    match socket.connect(&to.into()) {
        // ip(7): EACCES is a broadcast address without SO_BROADCAST.
        Err(err) if err.raw_os_error() == Some(libc::EACCES) && to.is_ipv4() => {
            if !broadcast {
                return Err(NoRoute::Broadcast);
            }
            let again = socket.set_broadcast(true).and_then(|()| socket.connect(&to.into()));
            again.map_err(NoRoute::Connect)
        }
        other => other.map_err(NoRoute::Connect),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_reached_from_loopback() {
        let loopback = IpAddr::from(Ipv4Addr::LOCALHOST);
        let source = source_address(SocketAddr::new(loopback, 0), Via::default());
        assert_eq!(source.unwrap(), loopback);
    }

    #[test]
    fn an_interface_that_is_not_there_is_told_apart_from_a_missing_route() {
        let to = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0);
        let via = Via { device: Some("nope"), ..Via::default() };
        assert!(matches!(source_address(to, via), Err(NoRoute::Device(_))));
    }
}
