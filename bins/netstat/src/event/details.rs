//! What is told of a socket beside its row: `--info`, `--memory`, `--cgroup`.

use serde::Serialize;
use wireline_host::sockets::Memory;

/// What any socket may tell (`--info`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SocketInfo {
    /// `IP_TOS`; `null` where the kernel does not tell.
    pub tos: Option<u8>,
    /// `IPV6_TCLASS`; `null` of IPv4.
    pub traffic_class: Option<u8>,
    /// `SO_PRIORITY`, or what a cgroup says in its place; `null` for none.
    pub class_id: Option<u32>,
    /// `SO_MARK`; `null` for none, or who asks may not know.
    pub mark: Option<u32>,
    /// `receive`, `send` or `both`: what has ended; `null` for neither.
    pub shutdown: Option<&'static str>,
    /// `IPV6_V6ONLY`; `null` of IPv4.
    pub v6_only: Option<bool>,
    /// The protocol on top of it in the kernel, such as `tls`.
    pub upper: Option<String>,
}

/// `struct tcp_info` of `linux/tcp.h` (`--info`). What a kernel is too old to tell is `null`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TcpDetails {
    /// What both ends have agreed on, and how congestion is dealt with.
    #[serde(flatten)]
    pub state: TcpState,
    /// How long things take.
    #[serde(flatten)]
    pub times: TcpTimes,
    /// How much fits.
    #[serde(flatten)]
    pub sizes: TcpSizes,
    /// What has gone to and fro.
    #[serde(flatten)]
    pub volume: TcpVolume,
    /// How fast.
    #[serde(flatten)]
    pub rates: TcpRates,
    /// What held it back.
    #[serde(flatten)]
    pub limits: TcpLimits,
    /// What is under way, and what came not or late.
    #[serde(flatten)]
    pub losses: TcpLosses,
    /// Accurate ECN; `null` where the kernel has none.
    pub accurate_ecn: Option<AccurateEcn>,
}

/// What both ends have agreed on, and how congestion is dealt with.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TcpState {
    /// The algorithm of congestion control.
    pub congestion: Option<String>,
    /// What the algorithm tells of itself; `null` where it tells nothing.
    pub congestion_info: Option<CongestionDetails>,
    /// `open`, `disorder`, `cwr`, `recovery`, `loss` or `other`.
    pub congestion_state: &'static str,
    /// What both ends have agreed on: `timestamps`, `sack`, `window_scale`, `ecn`, and the like.
    pub options: Vec<&'static str>,
    /// Shift of the peer's window; `null` without `window_scale`.
    pub send_scale: Option<u8>,
    /// Shift of our own.
    pub receive_scale: Option<u8>,
}

/// How long things take.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TcpTimes {
    /// Until a retransmission.
    pub rto_ms: f64,
    /// How often that was doubled.
    pub backoff: u8,
    /// Smoothed; `null` before the first.
    pub rtt_ms: Option<f64>,
    /// Its mean deviation.
    pub rttvar_ms: Option<f64>,
    /// The shortest; `null` before the first.
    pub min_rtt_ms: Option<f64>,
    /// Until a late acknowledgement; `null` where none was due yet.
    pub ato_ms: Option<f64>,
    /// Round trip as the receiver sees it; `null` before the first.
    pub rcv_rtt_ms: Option<f64>,
    /// Since data was sent.
    pub last_sent_ms: f64,
    /// Since data came.
    pub last_received_ms: f64,
    /// Since an acknowledgement came.
    pub last_ack_ms: f64,
}

/// How much fits.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TcpSizes {
    /// Octets of a segment to send.
    pub mss: u32,
    /// Octets of the longest packet on the path.
    pub pmtu: u32,
    /// Octets of the longest segment received.
    pub rcv_mss: u32,
    /// Octets of the longest segment announced.
    pub advmss: u32,
    /// Congestion window in segments.
    pub cwnd: u32,
    /// Where its growth slows down; `null` where nothing was lost yet.
    pub ssthresh: Option<u32>,
    /// The peer's window in octets.
    pub snd_wnd: Option<u32>,
    /// Our own in octets.
    pub rcv_wnd: Option<u32>,
    /// Octets of room that the receiver has adapted to the sender.
    pub rcv_space: u32,
    /// Octets that our window may grow to for now.
    pub rcv_ssthresh: u32,
}

/// What has gone to and fro.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TcpVolume {
    /// Octets, repeated ones included.
    pub bytes_sent: Option<u64>,
    /// Octets that were sent again.
    pub bytes_retrans: Option<u64>,
    /// Octets that the peer has acknowledged.
    pub bytes_acked: Option<u64>,
    /// Octets.
    pub bytes_received: Option<u64>,
    /// Octets written and not sent.
    pub bytes_not_sent: Option<u32>,
    /// Segments.
    pub segs_out: Option<u32>,
    /// Segments.
    pub segs_in: Option<u32>,
    /// Segments with data in them.
    pub data_segs_out: Option<u32>,
    /// Segments with data in them.
    pub data_segs_in: Option<u32>,
    /// Segments that arrived there.
    pub delivered: Option<u32>,
    /// Of them, marked (ECN).
    pub delivered_ce: Option<u32>,
}

/// How fast.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TcpRates {
    /// Bits a second that the window allows: `cwnd` segments a round trip.
    pub send_rate_bps: Option<u64>,
    /// Bits a second, at which it is sent.
    pub pacing_rate_bps: Option<u64>,
    /// Bits a second; `null` for no limit.
    pub max_pacing_rate_bps: Option<u64>,
    /// Bits a second that arrived of late.
    pub delivery_rate_bps: Option<u64>,
    /// Whether the program held `delivery_rate_bps` back.
    pub app_limited: bool,
}

/// What held it back.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TcpLimits {
    /// With something to send.
    pub busy_ms: Option<f64>,
    /// Of that, held back by the peer's window.
    pub rwnd_limited_ms: Option<f64>,
    /// Its share of `busy_ms`; `null` where that is 0.
    pub rwnd_limited_percent: Option<f64>,
    /// Of that, held back by our own buffer.
    pub sndbuf_limited_ms: Option<f64>,
    /// Its share of `busy_ms`; `null` where that is 0.
    pub sndbuf_limited_percent: Option<f64>,
}

/// What is under way, and what came not or late.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TcpLosses {
    /// Segments under way; of a listener, connections that nobody has accepted.
    pub unacked: u32,
    /// Of them, told as arrived out of order; of a listener, how many connections may wait.
    pub sacked: u32,
    /// Of them, thought lost.
    pub lost: u32,
    /// Of them, sent again.
    pub retrans: u32,
    /// Segments that were sent again, since the start.
    pub total_retrans: u32,
    /// Segments that were sent again for nothing (RFC 2883).
    pub dsack_dups: Option<u32>,
    /// Segments that may overtake each other before one is thought lost.
    pub reordering: u32,
    /// How often they did.
    pub reord_seen: Option<u32>,
    /// Segments received out of order.
    pub rcv_out_of_order: Option<u32>,
    /// How often another path was tried.
    pub rehash: Option<u32>,
    /// Timeouts of retransmission, since the start.
    pub total_rto: Option<u16>,
    /// How often one was recovered from.
    pub total_rto_recoveries: Option<u16>,
    /// Spent so.
    pub total_rto_ms: Option<f64>,
}

/// Counts of Accurate ECN (`draft-ietf-tcpm-accurate-ecn`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AccurateEcn {
    /// Segments received with a mark.
    pub received_ce: u32,
    /// Octets that arrived there marked ECT(1).
    pub delivered_e1_bytes: u32,
    /// Octets that arrived there marked ECT(0).
    pub delivered_e0_bytes: u32,
    /// Octets that arrived there marked CE.
    pub delivered_ce_bytes: u32,
    /// Octets received marked ECT(1).
    pub received_e1_bytes: u32,
    /// Octets received marked ECT(0).
    pub received_e0_bytes: u32,
    /// Octets received marked CE.
    pub received_ce_bytes: u32,
}

/// What an algorithm of congestion control tells of itself.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "algorithm", rename_all = "snake_case")]
pub enum CongestionDetails {
    /// Also of others that measure round trips.
    Vegas {
        /// Whether it is at work.
        enabled: bool,
        /// Round trips measured.
        rtt_count: u32,
        /// The last; `null` for none.
        rtt_ms: Option<f64>,
        /// The shortest; `null` for none.
        min_rtt_ms: Option<f64>,
    },
    /// RFC 8257.
    Dctcp {
        /// Whether it is at work.
        enabled: bool,
        /// Whether the last segment was marked.
        ce: bool,
        /// Share of marked octets, as it is estimated.
        alpha_percent: f64,
        /// Octets that were marked.
        marked_bytes: u32,
        /// Octets in all.
        total_bytes: u32,
    },
    /// Bottleneck bandwidth and round trip.
    Bbr {
        /// Bits a second.
        bandwidth_bps: u64,
        /// The shortest round trip; `null` for none yet.
        min_rtt_ms: Option<f64>,
        /// Of the bandwidth, at which it is sent.
        pacing_gain_percent: f64,
        /// Of what the path holds, that may be under way.
        cwnd_gain_percent: f64,
    },
}

/// Octets of memory, as `SK_MEMINFO_*` of `linux/sock_diag.h` has them (`--memory`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MemoryDetails {
    /// Taken by what was received.
    pub received: u32,
    /// `SO_RCVBUF`.
    pub receive_buffer: u32,
    /// Taken by what the device is sending.
    pub sent: u32,
    /// `SO_SNDBUF`.
    pub send_buffer: u32,
    /// Set aside.
    pub forward: u32,
    /// Taken by what waits to be sent.
    pub queued: u32,
    /// Taken by options.
    pub options: u32,
    /// Received while the socket was in use.
    pub backlog: u32,
    /// Packets that were thrown away; of a listener, connections that found its queue full.
    pub drops: Option<u32>,
}

impl From<&Memory> for MemoryDetails {
    fn from(memory: &Memory) -> Self {
        Self {
            received: memory.received,
            receive_buffer: memory.receive_buffer,
            sent: memory.sent,
            send_buffer: memory.send_buffer,
            forward: memory.forward,
            queued: memory.queued,
            options: memory.options,
            backlog: memory.backlog,
            drops: memory.drops,
        }
    }
}

/// The control group that a socket was opened in (`--cgroup`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CgroupDetails {
    /// Its number, which is the inode of its folder.
    pub id: u64,
    /// Its path; `null` where it has gone or is not in sight.
    pub path: Option<String>,
}

/// What a socket of unix(7) tells (`--info`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UnixInfo {
    /// The inode of the socket at the other end, 0 where that was not accepted yet; `null` without one.
    pub peer_inode: Option<u32>,
    /// Octets to read; of a listener, connections that nobody has accepted.
    pub recv_queue: Option<u32>,
    /// Octets that the peer has not read; of a listener, how many connections may wait.
    pub send_queue: Option<u32>,
    /// Whose it is.
    pub uid: Option<u32>,
    /// `receive`, `send` or `both`: what has ended; `null` for neither.
    pub shutdown: Option<&'static str>,
}
