//! What the diagnoses are made of, as plain values: a test can write them down.

use std::collections::HashSet;
use std::net::IpAddr;
use std::time::Duration;

use wireline_host::TcpSettings;
use wireline_host::sockets::{Endpoint, InetSocket, State, TcpInfo, Timer};

use crate::event::{End, Program};

/// One look at the machine.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) rows: Vec<Row>,
    pub(crate) processes: Vec<Process>,
    pub(crate) settings: TcpSettings,
    pub(crate) counters: Counters,
    /// Whether there may be owners that nobody may look at.
    pub(crate) is_blind: bool,
}

/// A TCP socket.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) state: State,
    /// Without the mapping of IPv4 into IPv6 (RFC 4291 §2.5.5.2): connections of both are to one place.
    pub(crate) local: Endpoint,
    pub(crate) remote: Endpoint,
    pub(crate) recv_queue: u32,
    pub(crate) send_queue: u32,
    pub(crate) timer: Timer,
    pub(crate) inode: u32,
    /// A place in [`Facts::processes`]. One that shares the socket is as good as another.
    pub(crate) owner: Option<usize>,
    pub(crate) drops: Option<u32>,
    /// Octets taken by what was received, and how many may be (`SO_RCVBUF`).
    pub(crate) receive_memory: Option<(u32, u32)>,
    /// `None` where the kernel did not tell.
    pub(crate) flow: Option<Box<Flow>>,
}

/// What is needed of `struct tcp_info`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flow {
    /// Of the same segment, without an answer.
    pub(crate) retransmits: u8,
    /// How often was the timeout doubled.
    pub(crate) backoff: u8,
    pub(crate) rto: Duration,
    pub(crate) since_data_sent: Duration,
    pub(crate) since_data_received: Duration,
    pub(crate) since_ack_received: Duration,
    /// The peer's window, in octets.
    pub(crate) window: Option<u32>,
    /// Octets since the start, and those of them sent again.
    pub(crate) sent: Option<u64>,
    pub(crate) sent_again: Option<u64>,
    /// With something to send; and of that time, held up by the peer's window, and by the own buffer.
    pub(crate) busy: Duration,
    pub(crate) window_limited: Duration,
    pub(crate) buffer_limited: Duration,
    /// Whether octets are out that nobody has acknowledged.
    pub(crate) has_data_out: bool,
}

/// Someone who has sockets open.
#[derive(Clone, Debug)]
pub(crate) struct Process {
    pub(crate) program: Program,
    pub(crate) open_files: Option<u64>,
    /// `RLIMIT_NOFILE`.
    pub(crate) file_limit: Option<u64>,
}

/// Of `TcpExt`, since the namespace is there.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counters {
    pub(crate) listen_overflows: Option<u64>,
    pub(crate) listen_drops: Option<u64>,
    pub(crate) request_drops: Option<u64>,
    pub(crate) request_cookies: Option<u64>,
}

impl Facts {
    pub(crate) fn program(&self, row: &Row) -> Option<&Process> {
        self.processes.get(row.owner?)
    }

    pub(crate) fn owner(&self, row: &Row) -> Option<Program> {
        self.program(row).map(|process| process.program.clone())
    }

    /// On which somebody listens.
    pub(crate) fn listening_ports(&self) -> HashSet<u16> {
        let listeners = self.rows.iter().filter(|row| row.state == State::Listen);
        listeners.map(|row| row.local.port).collect()
    }
}

impl Row {
    pub(crate) fn of(socket: &InetSocket) -> Self {
        let memory = socket.memory();
        Self {
            state: socket.state,
            local: canonical(socket.local),
            remote: canonical(socket.remote),
            recv_queue: socket.recv_queue,
            send_queue: socket.send_queue,
            timer: socket.timer,
            inode: socket.inode,
            owner: None,
            drops: memory.and_then(|memory| memory.drops),
            receive_memory: memory.map(|memory| (memory.received, memory.receive_buffer)),
            flow: socket.tcp_info().map(|info| Box::new(Flow::of(info))),
        }
    }

    pub(crate) const fn is_request(&self) -> bool {
        matches!(self.state, State::SynReceived | State::NewSynReceived)
    }

    /// Since anything was heard of the peer.
    pub(crate) fn silent_for(&self) -> Option<Duration> {
        let flow = self.flow.as_ref()?;
        Some(flow.since_ack_received.min(flow.since_data_received))
    }
}

impl Flow {
    fn of(info: &TcpInfo) -> Self {
        let millis = |count: u32| Duration::from_millis(count.into());
        let micros = |count: Option<u64>| Duration::from_micros(count.unwrap_or(0));
        Self {
            retransmits: info.retransmits(),
            backoff: info.backoff(),
            rto: Duration::from_micros(info.rto().into()),
            since_data_sent: millis(info.last_data_sent()),
            since_data_received: millis(info.last_data_recv()),
            since_ack_received: millis(info.last_ack_recv()),
            window: info.snd_wnd(),
            sent: info.bytes_sent(),
            sent_again: info.bytes_retrans(),
            busy: micros(info.busy_time()),
            window_limited: micros(info.rwnd_limited()),
            buffer_limited: micros(info.sndbuf_limited()),
            has_data_out: info.unacked() > 0,
        }
    }
}

fn canonical(end: Endpoint) -> Endpoint {
    Endpoint { address: end.address.to_canonical(), ..end }
}

pub(crate) const fn end(end: Endpoint) -> End {
    End { address: end.address, port: end.port }
}

/// The network that a host is of, as far as one can tell from outside: what is announced to the world
/// is seldom smaller (RFC 7454 §6.1.3).
pub(crate) fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) if address.is_loopback() => "127.0.0.0/8".to_owned(),
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) if address.is_loopback() => "::1/128".to_owned(),
        IpAddr::V6(address) => {
            let network = std::net::Ipv6Addr::from_bits(address.to_bits() >> 80 << 80);
            format!("{network}/48")
        }
    }
}

/// Of a program by its path the name of the file, as in the column of `-p`.
pub(crate) fn file_name(program: &str) -> &str {
    if !program.starts_with('/') {
        return program;
    }
    program.rsplit('/').next().unwrap_or_default()
}
