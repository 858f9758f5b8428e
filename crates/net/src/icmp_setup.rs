//! How an ICMP socket is opened, and what it is asked to pass on and to leave out.

use std::os::fd::BorrowedFd;

use socket2::{Domain, Protocol, Socket, Type};
use wireline_engine::echo::SocketKind;
use wireline_packet::icmpv6;

use crate::{Error, Family, Result, sys};

/// The least privileged socket that the machine allows, or a raw one where it must be.
pub(crate) fn open(family: Family, must_be_raw: bool) -> Result<(Socket, SocketKind)> {
    let (domain, protocol) = match family {
        Family::V4 => (Domain::IPV4, Protocol::ICMPV4),
        Family::V6 => (Domain::IPV6, Protocol::ICMPV6),
    };
    let open = |ty| Socket::new(domain, ty, Some(protocol));
    if !must_be_raw && let Ok(socket) = open(Type::DGRAM) {
        return Ok((socket, SocketKind::Datagram));
    }
    match open(Type::RAW) {
        Ok(socket) => Ok((socket, SocketKind::Raw)),
        Err(why) if matches!(why.raw_os_error(), Some(libc::EPERM | libc::EACCES)) => {
            Err(Error::NotPermitted)
        }
        Err(why) => Err(Error::call("socket")(why)),
    }
}

/// Errors, TTLs and options (ip(7), ipv6(7)), and of a raw socket only the types that concern us.
pub(crate) fn ask_for_ancillary_data(
    fd: BorrowedFd<'_>,
    family: Family,
    kind: SocketKind,
) -> Result<()> {
    let on = |level, name, call| sys::set_int(fd, level, name, 1).map_err(Error::call(call));
    ask_for_errors(fd, family)?;
    match family {
        Family::V4 => {
            if kind == SocketKind::Raw {
                return pass_replies_v4(fd);
            }
            on(libc::IPPROTO_IP, libc::IP_RECVTTL, "setsockopt(IP_RECVTTL)")?;
            on(libc::IPPROTO_IP, libc::IP_RETOPTS, "setsockopt(IP_RETOPTS)")
        }
        Family::V6 => {
            on(libc::IPPROTO_IPV6, libc::IPV6_RECVHOPLIMIT, "setsockopt(IPV6_RECVHOPLIMIT)")?;
            if kind == SocketKind::Raw { pass_replies_v6(fd) } else { Ok(()) }
        }
    }
}

/// ICMP errors about what the socket sent, by its error queue.
pub(crate) fn ask_for_errors(fd: BorrowedFd<'_>, family: Family) -> Result<()> {
    let (level, name, call) = match family {
        Family::V4 => (libc::IPPROTO_IP, libc::IP_RECVERR, "setsockopt(IP_RECVERR)"),
        Family::V6 => (libc::IPPROTO_IPV6, libc::IPV6_RECVERR, "setsockopt(IPV6_RECVERR)"),
    };
    sys::set_int(fd, level, name, 1).map_err(Error::call(call))
}

/// Of a raw socket, the errors that quote a datagram which went no further.
pub(crate) fn pass_errors(fd: BorrowedFd<'_>, family: Family) -> Result<()> {
    match family {
        Family::V4 => pass_v4(fd, 1 << 3 | 1 << 11 | 1 << 12),
        Family::V6 => pass_v6(fd, &[1, 2, 3, 4]),
    }
}

/// Echo replies, source quenches and redirects. Errors come by the queue.
fn pass_replies_v4(fd: BorrowedFd<'_>) -> Result<()> {
    pass_v4(fd, 1 << 0 | 1 << 4 | 1 << 5)
}

/// Types with their bit set (`ICMP_FILTER`, raw(7)).
fn pass_v4(fd: BorrowedFd<'_>, types: u32) -> Result<()> {
    const SOL_RAW: i32 = 255;
    const ICMP_FILTER: i32 = 1;
    let blocked = !types;
    sys::set_bytes(fd, SOL_RAW, ICMP_FILTER, &blocked.to_ne_bytes())
        .map_err(Error::call("setsockopt(ICMP_FILTER)"))
}

/// Echo replies.
fn pass_replies_v6(fd: BorrowedFd<'_>) -> Result<()> {
    pass_v6(fd, &[icmpv6::types::ECHO_REPLY])
}

/// These types (RFC 3542 §3.2: one bit a type, set to block).
fn pass_v6(fd: BorrowedFd<'_>, types: &[u8]) -> Result<()> {
    const ICMP6_FILTER: i32 = 1;
    let mut blocked = [u32::MAX; 8];
    for kind in types {
        blocked[usize::from(kind / 32)] &= !(1 << (kind % 32));
    }
    let octets: Vec<u8> = blocked.iter().flat_map(|word| word.to_ne_bytes()).collect();
    sys::set_bytes(fd, libc::IPPROTO_ICMPV6, ICMP6_FILTER, &octets)
        .map_err(Error::call("setsockopt(ICMP6_FILTER)"))
}

/// A program that lets through what is not an echo reply, and replies to `ident`
/// (filter.rst, kernel.org). A raw IPv4 socket sees the IP header first, an IPv6 one does not.
pub(crate) fn ident_filter(family: Family, ident: u16) -> Vec<socket2::SockFilter> {
    const LOAD_HEADER_LENGTH: u16 = 0xb1;
    const LOAD_X: u16 = 0x01;
    const LOAD_BYTE: u16 = 0x50;
    const LOAD_HALF: u16 = 0x48;
    const JUMP_EQUAL: u16 = 0x15;
    const RETURN: u16 = 0x06;
    let (find_icmp, reply) = match family {
        Family::V4 => (LOAD_HEADER_LENGTH, 0),
        Family::V6 => (LOAD_X, 129),
    };
    [
        (find_icmp, 0, 0, 0),
        (LOAD_BYTE, 0, 0, 0),
        (JUMP_EQUAL, 0, 2, reply),
        (LOAD_HALF, 0, 0, 4),
        (JUMP_EQUAL, 0, 1, u32::from(ident)),
        (RETURN, 0, 0, u32::MAX),
        (RETURN, 0, 0, 0),
    ]
    .map(|(code, jt, jf, k)| socket2::SockFilter::new(code, jt, jf, k))
    .into()
}
