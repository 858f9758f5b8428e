//! What there is to say of one socket, in the units in which it is said.

use serde::Serialize;
use wireline_host::process::{Owner, Owners, Proc};
use wireline_host::sockets::{CongestionInfo, Extra, InetSocket, ShortName, State};
use wireline_host::{interface_name, user_name};

pub use super::tcp::TcpFacts;
use crate::event::{MemoryDetails, Socket};
use crate::sockets::plain_socket;

/// One socket whole (`--connection`).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Connection {
    /// As in a table.
    #[serde(flatten)]
    pub socket: Socket,
    /// Name of the user whose it is.
    pub user: Option<String>,
    /// Name of the interface that it is bound to.
    pub interface_name: Option<String>,
    /// Who has it open.
    pub owners: Vec<ConnectionOwner>,
    /// The number of its cgroup of version 2.
    pub cgroup_id: Option<u64>,
    /// `SO_MARK`; `null` where it is not told.
    pub mark: Option<u32>,
    /// `IP_TOS`.
    pub tos: Option<u8>,
    /// `IPV6_TCLASS`.
    pub traffic_class: Option<u8>,
    /// `SO_PRIORITY`, or what a cgroup says in its place.
    pub priority: Option<u32>,
    /// `IPV6_V6ONLY`.
    pub v6_only: Option<bool>,
    /// Which directions are shut down: `receive`, `send`, `both` or `none`.
    pub shutdown: Option<&'static str>,
    /// The protocol on top of it in the kernel.
    pub upper_protocol: Option<String>,
    /// Of congestion control.
    pub congestion: Option<Congestion>,
    /// What TCP knows; `null` of other protocols and of what is no whole connection.
    pub tcp: Option<TcpFacts>,
    /// The memory that it takes.
    pub memory: Option<MemoryDetails>,
}

/// Who has it open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConnectionOwner {
    /// Process.
    pub pid: u32,
    /// Its descriptor.
    pub fd: u32,
    /// Its first argument.
    pub program: String,
    /// What it calls itself.
    pub comm: String,
    /// Where it is among the cgroups.
    pub cgroup: Option<String>,
}

/// The algorithm of congestion control.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Congestion {
    /// Its name.
    pub algorithm: String,
    /// Of `bbr`: its estimate of the bottleneck, in octets a second.
    pub bandwidth_bytes_per_second: Option<u64>,
    /// Of `bbr` and `vegas`: the shortest round trip.
    pub min_rtt_ms: Option<f64>,
    /// Of `bbr`: how much faster than its estimate it sends.
    pub pacing_gain_percent: Option<f64>,
    /// Of `bbr`: how large its window is beside its estimate.
    pub window_gain_percent: Option<f64>,
    /// Of `dctcp`: how much of what was sent was marked, as it estimates.
    pub marked_percent: Option<f64>,
}

impl Connection {
    pub(crate) fn new(row: &InetSocket, owners: &Owners, proc: &Proc) -> Self {
        let nothing = Extra::default();
        let extra = row.extra.as_deref().unwrap_or(&nothing);
        let owner = |owner: Owner<'_>| ConnectionOwner::new(owner, proc);
        let is_listener = row.state == State::Listen;
        Self {
            socket: plain_socket(row),
            user: user_name(row.uid),
            interface_name: (row.interface > 0)
                .then(|| interface_name(row.interface).ok())
                .flatten(),
            owners: owners.of(row.inode).map(owner).collect(),
            cgroup_id: extra.cgroup,
            mark: extra.mark,
            tos: extra.tos,
            traffic_class: extra.traffic_class,
            priority: extra.class_id,
            v6_only: extra.v6_only.filter(|_| row.is_v6()),
            shutdown: extra.shutdown.map(shutdown),
            upper_protocol: extra.upper.as_ref().map(text),
            congestion: extra
                .congestion
                .as_ref()
                .map(|name| congestion(name, extra.congestion_info)),
            tcp: row.tcp_info().filter(|_| !is_listener).map(TcpFacts::new),
            memory: row.memory().map(MemoryDetails::from),
        }
    }
}

impl ConnectionOwner {
    fn new(owner: Owner<'_>, proc: &Proc) -> Self {
        let lossy = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        let cgroup = proc.cgroup(owner.process.pid);
        Self {
            pid: owner.process.pid,
            fd: owner.fd,
            program: lossy(owner.process.name.argument_zero()),
            comm: lossy(&owner.process.name.comm),
            cgroup: cgroup.map(|cgroup| lossy(cgroup.path())),
        }
    }
}

const fn shutdown(bits: u8) -> &'static str {
    match bits & 3 {
        0 => "none",
        1 => "receive",
        2 => "send",
        _ => "both",
    }
}

fn text(name: &ShortName) -> String {
    String::from_utf8_lossy(name.as_bytes()).into_owned()
}

fn congestion(name: &ShortName, info: Option<CongestionInfo>) -> Congestion {
    let mut all = Congestion {
        algorithm: text(name),
        bandwidth_bytes_per_second: None,
        min_rtt_ms: None,
        pacing_gain_percent: None,
        window_gain_percent: None,
        marked_percent: None,
    };
    let percent = |value: u32, whole: u32| Some(f64::from(value) * 100.0 / f64::from(whole));
    match info {
        Some(CongestionInfo::Bbr { bandwidth, min_rtt, pacing_gain, cwnd_gain }) => {
            all.bandwidth_bytes_per_second = Some(bandwidth);
            all.min_rtt_ms = Some(f64::from(min_rtt) / 1000.0);
            all.pacing_gain_percent = percent(pacing_gain, 256);
            all.window_gain_percent = percent(cwnd_gain, 256);
        }
        Some(CongestionInfo::Vegas { min_rtt, .. }) => {
            all.min_rtt_ms = (min_rtt < u32::MAX >> 1).then(|| f64::from(min_rtt) / 1000.0);
        }
        Some(CongestionInfo::Dctcp { alpha, .. }) => all.marked_percent = percent(alpha, 1024),
        None => {}
    }
    all
}
