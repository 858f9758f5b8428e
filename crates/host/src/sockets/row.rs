//! One socket, whichever way it was learned of.

use std::net::{IpAddr, Ipv4Addr};

use super::{Protocol, State, TcpInfo, Timer};

/// A socket of the Internet's protocols.
///
/// What a plain table shows is in it, and takes no memory beside it; the rest is in
/// [`extra`](Self::extra), where something of it was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct InetSocket {
    /// Which table it is from.
    pub protocol: Protocol,
    /// Its state.
    pub state: State,
    /// Its own end. An IPv4 address that an IPv6 socket uses is an IPv6 one here (RFC 4291 §2.5.5.2).
    pub local: Endpoint,
    /// The other end; without one, the unspecified address and port 0.
    pub remote: Endpoint,
    /// The interface that it is bound to, or that its link-local address is of; 0 for none, and always
    /// 0 from `/proc`.
    pub interface: u32,
    /// What no other socket since the start of the machine has had. `/proc` does not tell.
    pub cookie: Option<u64>,
    /// Octets received and not read. Of a listener: connections not accepted yet.
    pub recv_queue: u32,
    /// Octets sent and not acknowledged. Of a listener: how many connections may wait; from `/proc`, 0.
    pub send_queue: u32,
    /// What it waits for.
    pub timer: Timer,
    /// Whose it is; of a connection in `TIME_WAIT`, 0.
    pub uid: u32,
    /// By which the descriptors of processes are known; 0 where there can be none.
    pub inode: u32,
    /// What was asked for beside all this and was there.
    pub extra: Option<Box<Extra>>,
}

/// An address and a port. Of a raw socket the local port is the protocol's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Endpoint {
    /// Its family is that of the socket.
    pub address: IpAddr,
    /// In the order of this machine.
    pub port: u16,
}

/// What the kernel adds to a socket when asked (`linux/inet_diag.h`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extra {
    /// What TCP knows of the connection.
    pub tcp_info: Option<Box<TcpInfo>>,
    /// The memory that it takes.
    pub memory: Option<Memory>,
    /// The algorithm of congestion control.
    pub congestion: Option<ShortName>,
    /// What the algorithm tells of itself.
    pub congestion_info: Option<CongestionInfo>,
    /// The protocol on top of it in the kernel, such as `tls` or `mptcp`.
    pub upper: Option<ShortName>,
    /// `IP_TOS`, an octet of ip(7).
    pub tos: Option<u8>,
    /// `IPV6_TCLASS`, an octet of ipv6(7).
    pub traffic_class: Option<u8>,
    /// `SO_PRIORITY`, or what a cgroup says in its place.
    pub class_id: Option<u32>,
    /// 1: nothing more is received; 2: nothing more is sent; 3: both.
    pub shutdown: Option<u8>,
    /// `SO_MARK`, told to those with `CAP_NET_ADMIN` only.
    pub mark: Option<u32>,
    /// The number of its cgroup of version 2, which is the inode of the folder.
    pub cgroup: Option<u64>,
    /// `IPV6_V6ONLY`.
    pub v6_only: Option<bool>,
    /// Options that are a bit each, as `struct inet_diag_sockopt` has them.
    pub options: Option<u16>,
    /// Of a raw socket: the protocol of its packets.
    pub raw_protocol: Option<u8>,
}

/// Octets, as `SK_MEMINFO_*` has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Taken by what was received.
    pub received: u32,
    /// `SO_RCVBUF`.
    pub receive_buffer: u32,
    /// Taken by what is being sent by the device.
    pub sent: u32,
    /// `SO_SNDBUF`.
    pub send_buffer: u32,
    /// Set aside, in use by nothing.
    pub forward: u32,
    /// Taken by what waits to be sent.
    pub queued: u32,
    /// Taken by options.
    pub options: u32,
    /// Received while the socket was in use.
    pub backlog: u32,
    /// How many packets, not octets, were thrown away. Of a listener: of connections that found its
    /// queue full, and of handshakes whose SYN came again. Kernels before 4.7 do not tell.
    pub drops: Option<u32>,
}

/// What an algorithm of congestion control tells of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CongestionInfo {
    /// `struct tcpvegas_info`; round trips in microseconds.
    Vegas {
        /// Whether it is at work.
        is_enabled: bool,
        /// Round trips measured.
        count: u32,
        /// The last one.
        rtt: u32,
        /// The shortest.
        min_rtt: u32,
    },
    /// `struct tcp_dctcp_info` (RFC 8257).
    Dctcp {
        /// Whether it is at work.
        is_enabled: bool,
        /// Whether the last segment was marked.
        ce_state: u16,
        /// Of 1024.
        alpha: u32,
        /// Octets that were marked.
        ecn: u32,
        /// Octets in all.
        total: u32,
    },
    /// `struct tcp_bbr_info`.
    Bbr {
        /// Octets a second.
        bandwidth: u64,
        /// In microseconds.
        min_rtt: u32,
        /// Of 256.
        pacing_gain: u32,
        /// Of 256.
        cwnd_gain: u32,
    },
}

/// A name of the kernel's, of fifteen octets at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShortName([u8; 16]);

impl InetSocket {
    /// Whether it is an IPv6 socket, whatever its addresses are.
    #[must_use]
    pub const fn is_v6(&self) -> bool {
        self.local.address.is_ipv6()
    }

    /// What TCP knows of the connection, if that was asked for and there is one.
    #[must_use]
    pub fn tcp_info(&self) -> Option<&TcpInfo> {
        self.extra.as_deref()?.tcp_info.as_deref()
    }

    /// The memory that it takes, if that was asked for.
    #[must_use]
    pub fn memory(&self) -> Option<&Memory> {
        self.extra.as_deref()?.memory.as_ref()
    }
}

impl Default for Endpoint {
    fn default() -> Self {
        Self { address: Ipv4Addr::UNSPECIFIED.into(), port: 0 }
    }
}

impl ShortName {
    /// What is before the first zero octet; the rest, where it is too long, is cut off.
    #[must_use]
    pub fn new(octets: &[u8]) -> Self {
        let mut name = [0; 16];
        let octets = octets.split(|octet| *octet == 0).next().unwrap_or_default();
        for (place, octet) in name.iter_mut().zip(octets) {
            *place = *octet;
        }
        Self(name)
    }

    /// Its octets, which may be anything.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        let length = self.0.iter().position(|octet| *octet == 0);
        &self.0[..length.unwrap_or(self.0.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_ends_at_zero_or_at_its_room() {
        assert_eq!(ShortName::new(b"cubic\0\0x").as_bytes(), b"cubic");
        assert_eq!(ShortName::new(b"").as_bytes(), b"");
        assert_eq!(ShortName::new(&[b'x'; 40]).as_bytes(), [b'x'; 16]);
    }

    #[test]
    fn row_of_a_plain_table_is_small() {
        assert!(size_of::<InetSocket>() <= 112, "{}", size_of::<InetSocket>());
    }
}
