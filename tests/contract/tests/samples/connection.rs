//! A line of `netstat --connection`.

use wireline_netstat::event::{
    Congestion, Connection, ConnectionOwner, MemoryDetails, Socket, TcpFacts,
};

pub(crate) fn whole() -> Connection {
    Connection {
        socket: Socket { owners: None, ..super::tables::connection() },
        user: Some("www-data".to_owned()),
        interface_name: Some("eth0".to_owned()),
        owners: vec![owner()],
        cgroup_id: Some(4_096),
        mark: Some(1448),
        tos: Some(0),
        traffic_class: Some(0),
        priority: Some(1448),
        v6_only: Some(false),
        shutdown: Some("none"),
        upper_protocol: Some("tls".to_owned()),
        congestion: Some(congestion()),
        tcp: Some(tcp()),
        memory: Some(memory()),
    }
}

fn owner() -> ConnectionOwner {
    ConnectionOwner {
        pid: 1011,
        fd: 6,
        program: "/usr/sbin/example".to_owned(),
        comm: "example".to_owned(),
        cgroup: Some("/system.slice/example.service".to_owned()),
    }
}

fn congestion() -> Congestion {
    Congestion {
        algorithm: "bbr".to_owned(),
        bandwidth_bytes_per_second: Some(4_096),
        min_rtt_ms: Some(12.5),
        pacing_gain_percent: Some(12.5),
        window_gain_percent: Some(12.5),
        marked_percent: Some(12.5),
    }
}

fn tcp() -> TcpFacts {
    TcpFacts {
        rtt_ms: 12.5,
        rtt_deviation_ms: 12.5,
        min_rtt_ms: Some(12.5),
        receiver_rtt_ms: Some(12.5),
        rto_ms: 12.5,
        ato_ms: 12.5,
        backoff: 0,
        send_mss: 1448,
        receive_mss: 1448,
        advertised_mss: 1448,
        path_mtu: 1448,
        options: vec!["timestamps", "sack"],
        send_window_scale: 7,
        receive_window_scale: 7,
        congestion_state: "open",
        congestion_window: 1448,
        slow_start_threshold: Some(1448),
        unacked: 1448,
        sacked: 1448,
        lost: 1448,
        retransmitted: 1448,
        total_retransmitted: 1448,
        bytes_retransmitted: Some(4_096),
        reordering: 1448,
        needless_retransmissions: Some(1448),
        out_of_order: Some(1448),
        timeouts: Some(0),
        peer_window: Some(1448),
        own_window: Some(1448),
        receive_space: 1448,
        unsent: Some(1448),
        bytes_sent: Some(4_096),
        bytes_acked: Some(4_096),
        bytes_received: Some(4_096),
        segments_sent: Some(1448),
        segments_received: Some(1448),
        pacing_bytes_per_second: Some(4_096),
        delivery_bytes_per_second: Some(4_096),
        app_limited: false,
        last_sent_ms: 12.5,
        last_received_ms: 12.5,
        last_acked_ms: 12.5,
        busy_ms: Some(12.5),
        window_limited_percent: Some(12.5),
        buffer_limited_percent: Some(12.5),
    }
}

fn memory() -> MemoryDetails {
    MemoryDetails {
        received: 1448,
        receive_buffer: 1448,
        sent: 1448,
        send_buffer: 1448,
        forward: 1448,
        queued: 1448,
        options: 0,
        backlog: 1448,
        drops: Some(1448),
    }
}
