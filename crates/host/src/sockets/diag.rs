//! The layouts of `sock_diag(7)`, and what is read out of them (`linux/inet_diag.h`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::{
    CongestionInfo, Details, Endpoint, Extra, InetSocket, Memory, Protocol, Request, ShortName,
    State, TcpInfo, Timer, TimerKind,
};
use crate::netlink::{Attributes, BadMessage, push_attribute};

/// `TCPDIAG_GETSOCK`: of TCP only, but both families at once.
pub(super) const LEGACY_TCP: u16 = 18;
/// `SOCK_DIAG_BY_FAMILY`.
pub(super) const BY_FAMILY: u16 = 20;
/// `SOCK_DESTROY`.
pub(super) const DESTROY: u16 = 21;

pub(super) const AF_INET: u8 = 2;
pub(super) const AF_INET6: u8 = 10;

/// `INET_DIAG_REQ_*`.
mod asks {
    pub(super) const BYTECODE: u16 = 1;
    pub(super) const PROTOCOL: u16 = 3;
}

/// `INET_DIAG_*`.
mod tells {
    pub(super) const INFO: u16 = 2;
    pub(super) const VEGAS: u16 = 3;
    pub(super) const CONGESTION: u16 = 4;
    pub(super) const TOS: u16 = 5;
    pub(super) const TRAFFIC_CLASS: u16 = 6;
    pub(super) const MEMORY: u16 = 7;
    pub(super) const SHUTDOWN: u16 = 8;
    pub(super) const DCTCP: u16 = 9;
    pub(super) const PROTOCOL: u16 = 10;
    pub(super) const V6_ONLY: u16 = 11;
    pub(super) const MARK: u16 = 15;
    pub(super) const BBR: u16 = 16;
    pub(super) const CLASS_ID: u16 = 17;
    pub(super) const UPPER: u16 = 19;
    pub(super) const CGROUP: u16 = 21;
    pub(super) const OPTIONS: u16 = 22;
}

/// `struct inet_diag_sockid`.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(super) struct Id {
    pub(super) local_port: [u8; 2],
    pub(super) remote_port: [u8; 2],
    pub(super) local: [u8; 16],
    pub(super) remote: [u8; 16],
    pub(super) interface: u32,
    pub(super) cookie: [u32; 2],
}

/// `struct inet_diag_req_v2`.
#[derive(Clone, Copy, Default, IntoBytes, Immutable)]
#[repr(C)]
pub(super) struct Question {
    pub(super) family: u8,
    pub(super) protocol: u8,
    pub(super) details: u8,
    pub(super) padding: u8,
    pub(super) states: u32,
    pub(super) id: Id,
}

/// `struct inet_diag_req`.
#[derive(Clone, Copy, Default, IntoBytes, Immutable)]
#[repr(C)]
struct LegacyQuestion {
    family: u8,
    source_length: u8,
    destination_length: u8,
    details: u8,
    id: Id,
    states: u32,
    tables: u32,
}

/// `struct inet_diag_msg`.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
struct Answer {
    family: u8,
    state: u8,
    timer: u8,
    retransmits: u8,
    id: Id,
    expires: u32,
    recv_queue: u32,
    send_queue: u32,
    uid: u32,
    inode: u32,
}

/// Asks for all sockets of a family.
pub(super) fn question(request: &Request<'_>, family: u8) -> Result<Vec<u8>, BadMessage> {
    let (details, states) = (request.details.octet(), request.states.bits());
    let protocol = short(request.protocol);
    let fixed = Question { family, protocol, details, states, ..Question::default() };
    finish(fixed.as_bytes().to_vec(), request)
}

/// Asks for all TCP sockets.
pub(super) fn legacy_question(request: &Request<'_>) -> Result<Vec<u8>, BadMessage> {
    let (details, states) = (request.details.octet(), request.states.bits());
    let fixed = LegacyQuestion { details, states, ..LegacyQuestion::default() };
    finish(fixed.as_bytes().to_vec(), request)
}

fn finish(mut question: Vec<u8>, request: &Request<'_>) -> Result<Vec<u8>, BadMessage> {
    if !request.bytecode.is_empty() {
        push_attribute(&mut question, asks::BYTECODE, request.bytecode)?;
    }
    push_protocol(&mut question, request.protocol)?;
    Ok(question)
}

/// A number that has no room in an octet goes beside it.
pub(super) fn push_protocol(question: &mut Vec<u8>, protocol: Protocol) -> Result<(), BadMessage> {
    let number = protocol.number();
    if u8::try_from(number).is_ok() {
        return Ok(());
    }
    push_attribute(question, asks::PROTOCOL, u32::from(number).as_bytes())
}

/// The number, or TCP's where another is said beside it.
pub(super) fn short(protocol: Protocol) -> u8 {
    u8::try_from(protocol.number()).unwrap_or(6)
}

impl Id {
    pub(super) const NO_COOKIE: [u32; 2] = [u32::MAX; 2];

    pub(super) fn new(local: Endpoint, remote: Endpoint, interface: u32) -> Self {
        Self {
            local_port: local.port.to_be_bytes(),
            remote_port: remote.port.to_be_bytes(),
            local: octets(local.address),
            remote: octets(remote.address),
            interface,
            cookie: Self::NO_COOKIE,
        }
    }

    fn cookie(&self) -> u64 {
        u64::from(self.cookie[0]) | u64::from(self.cookie[1]) << 32
    }

    pub(super) fn with_cookie(self, cookie: u64) -> Self {
        let low = u32::try_from(cookie & u64::from(u32::MAX)).unwrap_or_default();
        let high = u32::try_from(cookie >> 32).unwrap_or_default();
        Self { cookie: [low, high], ..self }
    }
}

fn octets(address: IpAddr) -> [u8; 16] {
    let mut all = [0; 16];
    match address {
        IpAddr::V4(v4) => all[..4].copy_from_slice(&v4.octets()),
        IpAddr::V6(v6) => all = v6.octets(),
    }
    all
}

/// Reads one socket; `None` where it is too short or of another family.
#[inline]
pub(super) fn parse(payload: &[u8], protocol: Protocol, details: Details) -> Option<InetSocket> {
    let (answer, attributes) = Answer::read_from_prefix(payload).ok()?;
    let id = &answer.id;
    let mut socket = InetSocket {
        protocol,
        state: State::from_number(answer.state),
        local: endpoint(answer.family, id.local, id.local_port)?,
        remote: endpoint(answer.family, id.remote, id.remote_port)?,
        interface: id.interface,
        cookie: Some(id.cookie()),
        recv_queue: answer.recv_queue,
        send_queue: answer.send_queue,
        timer: timer(&answer),
        uid: answer.uid,
        inode: answer.inode,
        extra: None,
    };
    if details != Details::NONE {
        add_extra(&mut socket, attributes);
    }
    Some(socket)
}

#[inline]
fn endpoint(family: u8, octets: [u8; 16], port: [u8; 2]) -> Option<Endpoint> {
    let address = match family {
        AF_INET => Ipv4Addr::new(octets[0], octets[1], octets[2], octets[3]).into(),
        AF_INET6 => Ipv6Addr::from(octets).into(),
        _ => return None,
    };
    Some(Endpoint { address, port: u16::from_be_bytes(port) })
}

/// One number stands for retransmissions or for probes, whichever the timer is about.
fn timer(answer: &Answer) -> Timer {
    let kind = TimerKind::from_number(answer.timer);
    let (retransmits, probes) = match kind {
        TimerKind::Probe | TimerKind::Keepalive => (0, answer.retransmits),
        _ => (answer.retransmits, 0),
    };
    let is_off = kind == TimerKind::Off;
    let milliseconds = if is_off { 0 } else { answer.expires };
    Timer { kind, expires: Duration::from_millis(milliseconds.into()), retransmits, probes }
}

fn add_extra(socket: &mut InetSocket, attributes: &[u8]) {
    let mut extra = Extra::default();
    for (kind, value) in Attributes::new(attributes) {
        extra.add(kind, value);
    }
    if let Some(info) = &extra.tcp_info {
        (socket.timer.retransmits, socket.timer.probes) = (info.retransmits(), info.probes());
    }
    socket.extra = Some(Box::new(extra));
}

impl Extra {
    fn add(&mut self, kind: u16, value: &[u8]) {
        match kind {
            tells::INFO => self.tcp_info = TcpInfo::parse(value).map(Box::new),
            tells::MEMORY => self.memory = memory(value),
            tells::CONGESTION => self.congestion = Some(ShortName::new(value)),
            tells::VEGAS | tells::DCTCP | tells::BBR => {
                self.congestion_info = congestion_info(kind, value);
            }
            tells::UPPER => self.upper = upper(value),
            tells::TOS => self.tos = number(value),
            tells::TRAFFIC_CLASS => self.traffic_class = number(value),
            tells::CLASS_ID => self.class_id = number(value),
            tells::SHUTDOWN => self.shutdown = number(value),
            tells::MARK => self.mark = number(value),
            tells::CGROUP => self.cgroup = number(value),
            tells::V6_ONLY => self.v6_only = number::<u8>(value).map(|only| only != 0),
            tells::OPTIONS => self.options = number(value),
            tells::PROTOCOL => self.raw_protocol = number(value),
            _ => {}
        }
    }
}

/// A number at the beginning.
fn number<T: FromBytes>(value: &[u8]) -> Option<T> {
    T::read_from_prefix(value).ok().map(|(number, _)| number)
}

/// The protocol of a socket that is spoken of without having been asked for.
pub(super) fn protocol(payload: &[u8]) -> Option<Protocol> {
    let attributes = payload.get(size_of::<Answer>()..)?;
    let (_, value) = Attributes::new(attributes).find(|(kind, _)| *kind == tells::PROTOCOL)?;
    Protocol::from_number(number::<u8>(value)?.into())
}

pub(super) fn memory(value: &[u8]) -> Option<Memory> {
    let all = number::<[u32; 8]>(value)?;
    let [received, receive_buffer, sent, send_buffer, forward, queued, options, backlog] = all;
    let drops = value.get(size_of_val(&all)..).and_then(number);
    Some(Memory {
        received,
        receive_buffer,
        sent,
        send_buffer,
        forward,
        queued,
        options,
        backlog,
        drops,
    })
}

/// `INET_ULP_INFO_NAME` among what is nested in it.
fn upper(value: &[u8]) -> Option<ShortName> {
    const NAME: u16 = 1;
    let (_, name) = Attributes::new(value).find(|(kind, _)| *kind == NAME)?;
    Some(ShortName::new(name))
}

fn congestion_info(kind: u16, value: &[u8]) -> Option<CongestionInfo> {
    Some(match kind {
        tells::VEGAS => {
            let [enabled, count, rtt, min_rtt] = number::<[u32; 4]>(value)?;
            CongestionInfo::Vegas { is_enabled: enabled != 0, count, rtt, min_rtt }
        }
        tells::DCTCP => {
            let [enabled, ce_state] = number::<[u16; 2]>(value)?;
            let [_, alpha, ecn, total] = number::<[u32; 4]>(value)?;
            CongestionInfo::Dctcp { is_enabled: enabled != 0, ce_state, alpha, ecn, total }
        }
        _ => {
            let [low, high, min_rtt, pacing_gain, cwnd_gain] = number::<[u32; 5]>(value)?;
            let bandwidth = u64::from(high) << 32 | u64::from(low);
            CongestionInfo::Bbr { bandwidth, min_rtt, pacing_gain, cwnd_gain }
        }
    })
}

#[cfg(test)]
mod tests;
