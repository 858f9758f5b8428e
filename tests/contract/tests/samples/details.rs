//! What is told of a socket beside its row.

use wireline_netstat::event::{
    AccurateEcn, CgroupDetails, CongestionDetails, MemoryDetails, Socket, SocketInfo, TcpDetails,
    TcpLimits, TcpLosses, TcpRates, TcpSizes, TcpState, TcpTimes, TcpVolume, UnixInfo,
};

/// With everything that there is.
pub(crate) fn connection(socket: Socket) -> Socket {
    Socket {
        info: Some(SocketInfo {
            tos: Some(16),
            traffic_class: None,
            class_id: Some(6),
            mark: Some(1),
            shutdown: Some("send"),
            v6_only: None,
            upper: Some("tls".to_owned()),
        }),
        tcp_info: Some(Box::new(tcp_info(state(bbr())))),
        memory: Some(memory()),
        cgroup: Some(CgroupDetails {
            id: 4242,
            path: Some("/system.slice/example.service".to_owned()),
        }),
        ..socket
    }
}

pub(crate) fn with_dctcp(socket: Socket) -> Socket {
    let dctcp = CongestionDetails::Dctcp {
        enabled: true,
        ce: false,
        alpha_percent: 12.5,
        marked_bytes: 0,
        total_bytes: 1448,
    };
    Socket { tcp_info: Some(Box::new(tcp_info(state(dctcp)))), ..socket }
}

pub(crate) fn with_vegas(socket: Socket) -> Socket {
    let vegas = CongestionDetails::Vegas {
        enabled: true,
        rtt_count: 3,
        rtt_ms: Some(2.5),
        min_rtt_ms: None,
    };
    Socket { tcp_info: Some(Box::new(tcp_info(state(vegas)))), ..socket }
}

pub(crate) fn memory() -> MemoryDetails {
    MemoryDetails {
        received: 0,
        receive_buffer: 131_072,
        sent: 0,
        send_buffer: 87_040,
        forward: 0,
        queued: 2304,
        options: 0,
        backlog: 0,
        drops: Some(0),
    }
}

pub(crate) fn unix_info() -> UnixInfo {
    UnixInfo {
        peer_inode: None,
        recv_queue: Some(0),
        send_queue: Some(4096),
        uid: Some(33),
        shutdown: None,
    }
}

const fn bbr() -> CongestionDetails {
    CongestionDetails::Bbr {
        bandwidth_bps: 57_920_000,
        min_rtt_ms: Some(1.5),
        pacing_gain_percent: 125.0,
        cwnd_gain_percent: 200.0,
    }
}

fn tcp_info(state: TcpState) -> TcpDetails {
    TcpDetails {
        state,
        times: times(),
        sizes: sizes(),
        volume: volume(),
        rates: rates(),
        limits: limits(),
        losses: losses(),
        accurate_ecn: Some(AccurateEcn::default()),
    }
}

fn state(own: CongestionDetails) -> TcpState {
    TcpState {
        congestion: Some("bbr".to_owned()),
        congestion_info: Some(own),
        congestion_state: "open",
        options: vec!["timestamps", "sack", "window_scale"],
        send_scale: Some(7),
        receive_scale: Some(8),
    }
}

fn times() -> TcpTimes {
    TcpTimes {
        rto_ms: 204.0,
        backoff: 0,
        rtt_ms: Some(2.0),
        rttvar_ms: Some(0.5),
        min_rtt_ms: Some(0.5),
        ato_ms: Some(0.5),
        rcv_rtt_ms: Some(0.5),
        last_sent_ms: 0.5,
        last_received_ms: 0.5,
        last_ack_ms: 0.5,
    }
}

fn sizes() -> TcpSizes {
    TcpSizes {
        mss: 1448,
        pmtu: 1500,
        rcv_mss: 536,
        advmss: 1448,
        cwnd: 10,
        ssthresh: None,
        snd_wnd: Some(0),
        rcv_wnd: Some(0),
        rcv_space: 0,
        rcv_ssthresh: 0,
    }
}

fn volume() -> TcpVolume {
    TcpVolume {
        bytes_sent: Some(1448),
        bytes_retrans: Some(1448),
        bytes_acked: Some(1448),
        bytes_received: Some(1448),
        bytes_not_sent: Some(0),
        segs_out: Some(0),
        segs_in: Some(0),
        data_segs_out: Some(0),
        data_segs_in: Some(0),
        delivered: Some(0),
        delivered_ce: Some(0),
    }
}

fn rates() -> TcpRates {
    TcpRates {
        send_rate_bps: Some(57_920_000),
        pacing_rate_bps: Some(69_504_000),
        max_pacing_rate_bps: None,
        delivery_rate_bps: Some(11_584_000),
        app_limited: true,
    }
}

fn limits() -> TcpLimits {
    TcpLimits {
        busy_ms: Some(4.0),
        rwnd_limited_ms: Some(1.0),
        rwnd_limited_percent: Some(25.0),
        sndbuf_limited_ms: Some(0.5),
        sndbuf_limited_percent: Some(0.0),
    }
}

fn losses() -> TcpLosses {
    TcpLosses {
        unacked: 1,
        sacked: 0,
        lost: 0,
        retrans: 0,
        total_retrans: 0,
        dsack_dups: Some(0),
        reordering: 3,
        reord_seen: Some(0),
        rcv_out_of_order: Some(0),
        rehash: Some(0),
        total_rto: Some(0),
        total_rto_recoveries: Some(0),
        total_rto_ms: Some(0.5),
    }
}
