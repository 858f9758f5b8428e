//! Events of `handshake scan`.

use std::net::IpAddr;
use std::time::Duration;

use wireline_engine::tcp::Verdict;
use wireline_engine::tcp::scan::{
    Counts, Event, Host, Method, Port, Start, Summary, SynAck, Verified,
};

pub(crate) const EVENTS_OF_PORTS: [&str; 4] = ["start", "port", "host", "summary"];

const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));
const ROUTER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

pub(crate) fn ports() -> Vec<Event> {
    let open = Port {
        syn_ack: Some(SynAck {
            window: 65160,
            mss: Some(1460),
            window_scale: Some(10),
            sack: true,
            timestamps: true,
        }),
        hop_limit: Some(63),
        rtt: Some(Duration::from_micros(14)),
        verified: Some(Verified::Completed),
        ..port(22, Verdict::Open)
    };
    let rejected = Verdict::Rejected { by: ROUTER, icmp_type: 3, icmp_code: 13 };
    let counts = Counts { open: 1, rejected: 1, filtered: 1, local: 1, ..Counts::default() };
    vec![
        Event::Start(Start { v: 1, method: Method::HalfOpen, hosts: 1, ports: 4, targets: 4 }),
        Event::Port(open),
        Event::Port(port(23, rejected)),
        Event::Port(Port { syn_sent: 3, ..port(24, Verdict::Filtered { syn_sent: 3 }) }),
        Event::Port(port(25, Verdict::Local { errno: 24 })),
        Event::Host(Host { address: ADDRESS, counts }),
        Event::Summary(Summary {
            targets: 4,
            counts,
            proxied: Some(0),
            unasked: 0,
            sent: 6,
            answered_late: 0,
            dropped: 0,
            local_errors: 10,
            errno: Some(24),
            rate_cuts: 1,
            elapsed: Duration::from_millis(3250),
            interrupted: false,
            complete: true,
        }),
    ]
}

const fn port(port: u16, verdict: Verdict) -> Port {
    Port {
        address: ADDRESS,
        port,
        verdict,
        syn_sent: 1,
        syn_ack: None,
        hop_limit: None,
        rtt: None,
        verified: None,
    }
}
