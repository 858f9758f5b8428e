use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd as _, BorrowedFd};

use socket2::Socket;

use crate::{Error, Result, sys};

/// What to ask of a socket once the target is known. None of it needs privilege.
#[derive(Clone, Debug, Default)]
pub struct SocketOptions {
    /// TTL or hop limit of requests.
    pub hop_limit: Option<u8>,
    /// TOS or traffic class of requests.
    pub traffic_class: Option<u8>,
    /// May routers and this machine fragment?
    pub path_mtu: Option<PathMtu>,
    /// Source address, and the interface that an IPv6 one belongs to.
    pub source: Option<SocketAddr>,
    /// The port to send from; of a datagram ICMP socket, the identifier.
    pub port: Option<u16>,
    /// Let requests go to broadcast addresses.
    pub broadcast: bool,
    /// Keep multicast requests from coming back to this machine.
    pub no_loopback: bool,
    /// Send to directly attached hosts only (`SO_DONTROUTE`).
    pub dont_route: bool,
    /// `SO_DEBUG`.
    pub debug: bool,
    /// `SO_SNDBUF`, in bytes.
    pub send_buffer: Option<u32>,
    /// `SO_RCVBUF`, in bytes: as much of it as the machine allows.
    pub receive_buffer: u32,
    /// IPv4 options of every request, at most 40 octets.
    pub ip_options: Vec<u8>,
    /// IPv6 flow label to claim (RFC 6437); 0 lets the kernel choose.
    pub flow_label: Option<(u32, std::net::Ipv6Addr)>,
    /// Interface by number for multicast requests.
    pub multicast_interface: Option<u32>,
    /// Only hear this address (connect(2)).
    pub connect: Option<SocketAddr>,
    /// Which transmit stamps to ask for.
    pub stamps: Stamps,
    /// Ask for all that can be known of an ICMP error: its hop limit, where its extensions begin.
    pub whole_errors: bool,
}

/// Path MTU discovery (`IP_MTU_DISCOVER`, ip(7)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathMtu {
    /// Never set DF.
    Dont,
    /// Set DF where the path MTU is known to allow it, fragment here where it does not.
    Want,
    /// Always set DF, refuse what does not fit.
    Do,
    /// Always set DF, and ignore the path MTU that is known.
    Probe,
}

/// Which stamps to ask the kernel for. Receive stamps are asked for but in [`Nothing`](Stamps::Nothing).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stamps {
    /// None at all: they cost the kernel time.
    Nothing,
    /// When a reply came.
    #[default]
    Receive,
    /// And when a request left.
    Transmit,
    /// And when it was queued.
    Queue,
}

impl Stamps {
    /// The flags of `SO_TIMESTAMPING` (timestamping.rst, kernel.org).
    const fn flags(self) -> u32 {
        const RECEIVE: u32 = libc::SOF_TIMESTAMPING_RX_SOFTWARE | libc::SOF_TIMESTAMPING_SOFTWARE;
        const NUMBERED: u32 = libc::SOF_TIMESTAMPING_OPT_ID | libc::SOF_TIMESTAMPING_OPT_TSONLY;
        const SENT: u32 = libc::SOF_TIMESTAMPING_TX_SOFTWARE;
        const QUEUED: u32 = libc::SOF_TIMESTAMPING_TX_SCHED;
        match self {
            Self::Nothing => 0,
            Self::Receive => RECEIVE,
            Self::Transmit => RECEIVE | NUMBERED | SENT,
            Self::Queue => RECEIVE | NUMBERED | SENT | QUEUED,
        }
    }

    /// Asks for them, and starts the numbering of sent datagrams at zero.
    pub(crate) fn request(self, fd: BorrowedFd<'_>) -> io::Result<()> {
        let set = |flags: u32| {
            sys::set_bytes(fd, libc::SOL_SOCKET, libc::SO_TIMESTAMPING, &flags.to_ne_bytes())
        };
        // The count restarts where numbering goes from off to on.
        if self == Self::Nothing {
            return Ok(());
        }
        if self != Self::Receive {
            set(Self::Receive.flags())?;
        }
        set(self.flags())
    }
}

impl SocketOptions {
    /// Applies them in an order that the kernel accepts.
    pub(crate) fn apply(&self, socket: &Socket, is_ipv6: bool) -> Result<()> {
        let fd = socket.as_fd();
        self.flags(socket)?;
        if self.whole_errors {
            ask_for_whole_errors(fd, is_ipv6)?;
        }
        self.buffers(socket);
        if let Some(limit) = self.hop_limit {
            set_hop_limit(fd, is_ipv6, limit)?;
        }
        if let Some(class) = self.traffic_class {
            set_traffic_class(fd, is_ipv6, class).map_err(Error::call("setsockopt(IP_TOS)"))?;
        }
        if let Some(mode) = self.path_mtu {
            set_path_mtu(fd, is_ipv6, mode)?;
        }
        self.multicast(fd, is_ipv6)?;
        self.bind(socket, is_ipv6)?;
        if !self.ip_options.is_empty() {
            let set = set_ip_options(fd, &self.ip_options);
            set.map_err(Error::call("setsockopt(IP_OPTIONS)"))?;
        }
        if let Some((label, target)) = self.flow_label {
            claim_flow_label(fd, label, target)?;
        }
        if let Some(to) = self.connect {
            socket.connect(&to.into()).map_err(Error::call("connect"))?;
        }
        self.stamps.request(fd).map_err(Error::call("setsockopt(SO_TIMESTAMPING)"))
    }

    /// What of it means something to a connection that is never used, with as few calls as can be.
    pub(crate) fn apply_to_stream(&self, socket: &Socket, is_ipv6: bool) -> Result<()> {
        if let Some(limit) = self.hop_limit {
            let (level, name) = if is_ipv6 {
                (libc::IPPROTO_IPV6, libc::IPV6_UNICAST_HOPS)
            } else {
                (libc::IPPROTO_IP, libc::IP_TTL)
            };
            sys::set_int(socket.as_fd(), level, name, limit.into())
                .map_err(Error::call("setsockopt(IP_TTL)"))?;
        }
        if let Some(class) = self.traffic_class {
            set_traffic_class(socket.as_fd(), is_ipv6, class)
                .map_err(Error::call("setsockopt(IP_TOS)"))?;
        }
        // Connections to several targets may have one port at a time.
        socket.set_reuse_address(self.port.is_some()).map_err(Error::call("SO_REUSEADDR"))?;
        let source = self.source.filter(|source| source.is_ipv6() == is_ipv6);
        Self { source, port: self.port, ..Self::default() }.bind(socket, is_ipv6)
    }

    fn flags(&self, socket: &Socket) -> Result<()> {
        let on = |name| sys::set_int(socket.as_fd(), libc::SOL_SOCKET, name, 1);
        if self.broadcast {
            on(libc::SO_BROADCAST).map_err(Error::call("cannot set broadcasting"))?;
        }
        if self.dont_route {
            on(libc::SO_DONTROUTE).map_err(Error::call("setsockopt(SO_DONTROUTE)"))?;
        }
        if self.debug {
            // CAP_NET_ADMIN, which has been dropped, and no effect on ICMP: iputils ignores it too.
            let _ = on(libc::SO_DEBUG);
        }
        Ok(())
    }

    /// The machine's limits may be lower, which costs speed and nothing else.
    fn buffers(&self, socket: &Socket) {
        if let Some(octets) = self.send_buffer {
            let _ = socket.set_send_buffer_size(octets as usize);
        }
        if self.receive_buffer > 0 {
            let _ = socket.set_recv_buffer_size(self.receive_buffer as usize);
        }
    }

    fn multicast(&self, fd: BorrowedFd<'_>, is_ipv6: bool) -> Result<()> {
        if self.no_loopback {
            let (level, name) = if is_ipv6 {
                (libc::IPPROTO_IPV6, libc::IPV6_MULTICAST_LOOP)
            } else {
                (libc::IPPROTO_IP, libc::IP_MULTICAST_LOOP)
            };
            sys::set_int(fd, level, name, 0)
                .map_err(Error::call("cannot disable multicast loopback"))?;
        }
        let Some(index) = self.multicast_interface else { return Ok(()) };
        if is_ipv6 {
            let index = index.to_ne_bytes();
            let set = sys::set_bytes(fd, libc::IPPROTO_IPV6, libc::IPV6_MULTICAST_IF, &index);
            return set.map_err(Error::call("IPV6_MULTICAST_IF"));
        }
        // struct ip_mreqn: two addresses that may be unspecified, and the index.
        let mut request = [0; 12];
        request[8..].copy_from_slice(&index.to_ne_bytes());
        let set = sys::set_bytes(fd, libc::IPPROTO_IP, libc::IP_MULTICAST_IF, &request);
        set.map_err(Error::call("IP_MULTICAST_IF"))
    }

    fn bind(&self, socket: &Socket, is_ipv6: bool) -> Result<()> {
        if self.source.is_none() && self.port.is_none() {
            return Ok(());
        }
        let any = if is_ipv6 { IpAddr::from([0; 16]) } else { IpAddr::from([0; 4]) };
        let mut address = self.source.unwrap_or_else(|| SocketAddr::new(any, 0));
        address.set_port(self.port.unwrap_or(0));
        socket.bind(&address.into()).map_err(Error::call("bind"))
    }
}

/// Options of every datagram (`IP_OPTIONS`, ip(7)).
pub(crate) fn set_ip_options(fd: BorrowedFd<'_>, options: &[u8]) -> io::Result<()> {
    sys::set_bytes(fd, libc::IPPROTO_IP, libc::IP_OPTIONS, options)
}

/// Binds to an interface by name (`SO_BINDTODEVICE`, socket(7)).
pub(crate) fn bind_device(socket: &Socket, device: &str) -> io::Result<()> {
    /// Octets of an interface's name and its NUL: the kernel would cut a longer one short.
    const IFNAMSIZ: usize = 16;
    if device.len() >= IFNAMSIZ {
        return Err(io::Error::from_raw_os_error(libc::ENODEV));
    }
    socket.bind_device(Some(device.as_bytes()))
}

/// The hop limit of an error on arrival (ip(7), ipv6(7)) and the place of its extensions (linux/in.h),
/// which kernels before 5.9 do not tell.
fn ask_for_whole_errors(fd: BorrowedFd<'_>, is_ipv6: bool) -> Result<()> {
    const IP_RECVERR_RFC4884: i32 = 26;
    const IPV6_RECVERR_RFC4884: i32 = 31;
    let on = |level, name| sys::set_int(fd, level, name, 1);
    if is_ipv6 {
        let _ = on(libc::IPPROTO_IPV6, IPV6_RECVERR_RFC4884);
        return on(libc::IPPROTO_IPV6, libc::IPV6_RECVHOPLIMIT)
            .map_err(Error::call("setsockopt(IPV6_RECVHOPLIMIT)"));
    }
    let _ = on(libc::IPPROTO_IP, IP_RECVERR_RFC4884);
    on(libc::IPPROTO_IP, libc::IP_RECVTTL).map_err(Error::call("setsockopt(IP_RECVTTL)"))
}

fn set_hop_limit(fd: BorrowedFd<'_>, is_ipv6: bool, limit: u8) -> Result<()> {
    let (level, unicast, multicast) = if is_ipv6 {
        (libc::IPPROTO_IPV6, libc::IPV6_UNICAST_HOPS, libc::IPV6_MULTICAST_HOPS)
    } else {
        (libc::IPPROTO_IP, libc::IP_TTL, libc::IP_MULTICAST_TTL)
    };
    let (for_many, for_one) = if is_ipv6 {
        ("cannot set multicast hop limit", "cannot set unicast hop limit")
    } else {
        ("cannot set multicast time-to-live", "cannot set unicast time-to-live")
    };
    sys::set_int(fd, level, multicast, limit.into()).map_err(Error::call(for_many))?;
    sys::set_int(fd, level, unicast, limit.into()).map_err(Error::call(for_one))
}

pub(crate) fn set_traffic_class(fd: BorrowedFd<'_>, is_ipv6: bool, class: u8) -> io::Result<()> {
    let (level, name) = if is_ipv6 {
        (libc::IPPROTO_IPV6, libc::IPV6_TCLASS)
    } else {
        (libc::IPPROTO_IP, libc::IP_TOS)
    };
    sys::set_int(fd, level, name, class.into())
}

fn set_path_mtu(fd: BorrowedFd<'_>, is_ipv6: bool, mode: PathMtu) -> Result<()> {
    let value = match mode {
        PathMtu::Dont => libc::IP_PMTUDISC_DONT,
        PathMtu::Want => libc::IP_PMTUDISC_WANT,
        PathMtu::Do => libc::IP_PMTUDISC_DO,
        PathMtu::Probe => libc::IP_PMTUDISC_PROBE,
    };
    if !is_ipv6 {
        let set = sys::set_int(fd, libc::IPPROTO_IP, libc::IP_MTU_DISCOVER, value);
        return set.map_err(Error::call("IP_MTU_DISCOVER"));
    }
    // The same four numbers (linux/in6.h).
    sys::set_int(fd, libc::IPPROTO_IPV6, libc::IPV6_MTU_DISCOVER, value)
        .map_err(Error::call("IPV6_MTU_DISCOVER"))
}

/// Claims a flow label and asks for it to be sent (`IPV6_FLOWLABEL_MGR`, linux/in6.h).
fn claim_flow_label(fd: BorrowedFd<'_>, label: u32, target: std::net::Ipv6Addr) -> Result<()> {
    const IPV6_FLOWLABEL_MGR: i32 = 32;
    const IPV6_FLOWINFO_SEND: i32 = 33;
    const GET: u8 = 0;
    const SHARE_ANY: u8 = 255;
    const CREATE: u16 = 1;
    // struct in6_flowlabel_req: address, label, action, share, flags, expiry, linger, padding.
    let mut request = [0; 32];
    request[..16].copy_from_slice(&target.octets());
    request[16..20].copy_from_slice(&label.to_be_bytes());
    request[20..22].copy_from_slice(&[GET, SHARE_ANY]);
    request[22..24].copy_from_slice(&CREATE.to_ne_bytes());
    sys::set_bytes(fd, libc::IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, &request)
        .map_err(Error::call("IPV6_FLOWLABEL_MGR"))?;
    sys::set_int(fd, libc::IPPROTO_IPV6, IPV6_FLOWINFO_SEND, 1)
        .map_err(Error::call("IPV6_FLOWINFO_SEND"))
}
