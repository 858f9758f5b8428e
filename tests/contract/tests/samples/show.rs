//! What `handshake show` tells of each address.

use std::net::{IpAddr, Ipv4Addr};

use wireline_engine::tcp::{End, Verdict};
use wireline_handshake::show::{Reached, Told};

pub(crate) const EVENTS_OF_RESULTS: [&str; 1] = ["result"];

/// One that was open, and one whose way a firewall barred.
pub(crate) fn results() -> Vec<Told> {
    let barred =
        Verdict::Rejected { by: Ipv4Addr::new(192, 0, 2, 254).into(), icmp_type: 3, icmp_code: 13 };
    let local = Verdict::Local { errno: 99 };
    let filtered = Verdict::Filtered { syn_sent: 3 };
    let others = [barred, local, filtered].map(|verdict| Told::Result(reached(verdict)));
    let open = Reached {
        wire_rtt_ms: Some(0.038),
        kernel_rtt_ms: Some(0.051),
        app_rtt_ms: Some(0.096),
        data_rtt_ms: Some(0.041),
        sent_octets: 5,
        received_octets: 12,
        closed_by: Some(End::Client),
        time_wait: Some(End::Client),
        time_wait_left_ms: Some(59_996.0),
        ..reached(Verdict::Open)
    };
    [Told::Result(open)].into_iter().chain(others).collect()
}

fn reached(verdict: Verdict) -> Reached {
    let reason = matches!(verdict, Verdict::Rejected { .. })
        .then_some("communication administratively prohibited");
    Reached {
        host: "web.example".to_owned(),
        address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)),
        port: 443,
        local: Some(Ipv4Addr::new(192, 0, 2, 1).into()),
        local_port: Some(54221),
        view: "wire",
        made_by: "kernel",
        verdict,
        reason,
        syn_sent: 1,
        wire_rtt_ms: None,
        kernel_rtt_ms: None,
        app_rtt_ms: None,
        data_rtt_ms: None,
        sent_octets: 0,
        received_octets: 0,
        closed_by: None,
        is_reset: false,
        time_wait: None,
        time_wait_left_ms: None,
        dropped: 0,
        is_complete: true,
    }
}
