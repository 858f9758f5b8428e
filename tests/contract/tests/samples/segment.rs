//! A line of every kind that arp-scan writes of a scan and of a watch. Those of its other jobs are in `hosts`.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use wireline_arp_scan::compare_cache::{Row, Verdict};
use wireline_arp_scan::event::{
    Claimant, Event, Finding, Host, Interface, Pass, Progress, Silent, Start, Station, Summary,
    What,
};
use wireline_arp_scan::watch::event::{self as watch, At, Difference, Seen, Unlike};
use wireline_engine::segment::{MacKind, Source};
use wireline_engine::watch::Arpwatch;
use wireline_packet::Mac;
use wireline_packet::ethernet::Framing;

pub(crate) const EVENTS_OF_SCANS: [&str; 13] = [
    "interface",
    "start",
    "host",
    "overheard",
    "explained",
    "finding",
    "difference",
    "pass",
    "silent",
    "progress",
    "cached",
    "station",
    "summary",
];

pub(crate) const EVENTS_OF_WATCHES: [&str; 15] = [
    "start",
    "joined",
    "left",
    "moved",
    "changed",
    "conflict",
    "settled",
    "gateway_changed",
    "flood",
    "wanted",
    "mismatch",
    "deaf",
    "difference",
    "status",
    "summary",
];

/// A new event does not compile until it has a name here; then its sample is missed.
pub(crate) const fn name_of_scan(event: &Event) -> &'static str {
    match event {
        Event::Interface(_) => "interface",
        Event::Start(_) => "start",
        Event::Host(_) => "host",
        Event::Overheard(_) => "overheard",
        Event::Explained(_) => "explained",
        Event::Finding(_) => "finding",
        Event::Difference(_) => "difference",
        Event::Pass(_) => "pass",
        Event::Silent(_) => "silent",
        Event::Progress(_) => "progress",
        Event::Cached(_) => "cached",
        Event::Station(_) => "station",
        Event::Summary(_) => "summary",
    }
}

/// Of those for documentation (RFC 9542 §2.1.2).
pub(super) const fn mac(last: u8) -> Mac {
    Mac([0, 0, 0x5e, 0, 0x53, last])
}

pub(super) const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 9);

#[expect(clippy::unnecessary_wraps, reason = "events have it where it is known")]
pub(super) fn eth0() -> Option<String> {
    Some("eth0".to_owned())
}

pub(super) fn claimant(last: u8) -> Claimant {
    Claimant { mac: mac(last), vendor: Some("ICANN, IANA Department".to_owned()) }
}

pub(crate) fn scans() -> Vec<Event> {
    let host = host();
    let overheard =
        Host { answers: 1, rtt: None, attempt: 0, source: Source::Announcement, ..host.clone() };
    let mut events = vec![
        Event::Interface(Interface {
            interface: eth0(),
            mac: Some(mac(1)),
            address: Some([192, 0, 2, 1].into()),
            vlan: Some(7),
        }),
        Event::Start(Start { v: 1, hosts: 256, list: Vec::new() }),
        Event::Host(Box::new(host)),
        Event::Overheard(Box::new(overheard)),
        Event::Explained(Box::new(super::hosts::exchange())),
    ];
    events.extend(findings().map(|what| Event::Finding(Finding { interface: eth0(), what })));
    events.extend([
        Event::Difference(Difference {
            at: at(),
            address: ADDRESS.into(),
            what: Unlike::Changed { was: claimant(9), is: claimant(0x99) },
        }),
        Event::Pass(Pass { pass: 1 }),
        Event::Silent(Silent { interface: eth0(), address: ADDRESS.into(), tries: 2 }),
        Event::Progress(Box::new(Progress {
            hosts: 256,
            responded: 3,
            settled: 200,
            sent: 453,
            pass: 2,
            rate: 2000,
            elapsed: Duration::from_millis(600),
            left: Duration::from_millis(100),
        })),
        Event::Cached(cached()),
        Event::Station(Box::new(Station {
            interface: eth0(),
            mac: mac(9),
            mac_kind: MacKind::Universal,
            vendor: claimant(9).vendor,
            own: false,
            addresses: vec![ADDRESS.into(), [0x2001, 0xdb8, 0, 0, 0, 0, 0, 9].into()],
        })),
        Event::Summary(Box::new(summary())),
    ]);
    events
}

fn cached() -> Row {
    Row {
        address: ADDRESS.into(),
        interface: "eth0".to_owned(),
        verdict: Verdict::Different,
        cached_mac: Some(mac(0x99).to_string()),
        wire_macs: vec![mac(9).to_string()],
        state: Some("stale".to_owned()),
        confirmed: Some(Duration::from_millis(91_640)),
        used: Some(Duration::from_millis(88_020)),
    }
}

fn host() -> Host {
    Host {
        interface: eth0(),
        address: ADDRESS.into(),
        name: Some("printer.example".to_owned()),
        mac: mac(9),
        mac_kind: MacKind::Universal,
        vendor: claimant(9).vendor,
        frame_mac: mac(9),
        answers: 2,
        rtt: Some(Duration::from_micros(542)),
        attempt: 1,
        source: Source::Reply,
        framing: Framing::Ethernet2,
        vlan: Some(7),
        protocol: 0x0800,
        padding: vec![0x0a, 0xff],
    }
}

fn findings() -> impl Iterator<Item = What> {
    let address = IpAddr::from(ADDRESS);
    let shared = Claimant { mac: Mac([0, 0, 0x5e, 0, 1, 7]), vendor: None };
    [
        What::Conflict { address, claimants: vec![claimant(9), claimant(0x99)] },
        What::ProxyArp { claimant: claimant(1), addresses: 254, outside: 2 },
        What::Virtual { address, claimant: shared, mac_kind: MacKind::Vrrp(7), group: Some(7) },
        What::Mismatch { address, mac: mac(9), frame_mac: mac(0x99) },
        What::OwnAddress { address, claimant: claimant(0x99) },
        What::Storm { address, claimant: claimant(9), answers: 150_000 },
        What::GatewayChanged { address, was: claimant(9), is: claimant(0x99) },
    ]
    .into_iter()
}

fn summary() -> Summary {
    Summary {
        hosts: 256,
        responded: 3,
        own: 1,
        ipv6_responded: Some(2),
        sent: 508,
        retried: 252,
        regained: 1,
        received: 12,
        repeated: 1,
        overheard: 2,
        incomplete: 252,
        findings: 1,
        rate: 2000,
        took: Duration::from_millis(812),
        elapsed: Duration::from_millis(840),
        slowest: Some(Duration::from_micros(12_300)),
        stopped: Some("unsent"),
        error: Some("Network is down".to_owned()),
        interface: eth0(),
        ..Summary::default()
    }
}

pub(crate) fn watches() -> Vec<watch::Event> {
    use watch::Event;
    let address = IpAddr::from(ADDRESS);
    vec![
        Event::Start { v: 1, known: 4, hosts: 256 },
        Event::Joined(Box::new(seen())),
        Event::Left { host: Box::new(known()), unanswered: 4 },
        Event::Moved { host: Box::new(known()), from: [192, 0, 2, 8].into() },
        Event::Changed { seen: Box::new(seen()), was: claimant(0x99) },
        Event::Conflict {
            at: at(),
            address,
            claimants: vec![claimant(9), claimant(0x99)],
            own: false,
        },
        Event::Settled { host: Box::new(known()) },
        Event::GatewayChanged {
            at: at(),
            address,
            was: claimant(9),
            is: claimant(0x99),
            pinned: true,
        },
        Event::Flood {
            at: at(),
            address,
            claimant: claimant(0x99),
            replies: 20,
            within: Duration::from_millis(1900),
        },
        Event::Wanted { at: at(), address, claimant: claimant(0x99), holder: claimant(9) },
        Event::Mismatch {
            at: at(),
            address,
            claimant: claimant(9),
            frame_mac: mac(0x99),
            arpwatch: Some(Arpwatch::EthernetMismatch),
        },
        Event::Deaf { at: at(), hosts: 4, silent: Duration::from_secs(68) },
        difference(Unlike::Missing { was: claimant(9) }),
        difference(Unlike::New { is: claimant(9) }),
        difference(Unlike::Changed { was: claimant(9), is: claimant(0x99) }),
        Event::Status(Box::default()),
        Event::Summary(Box::new(watch::Summary {
            present: 3,
            known: 4,
            joined: 4,
            left: 1,
            took: Duration::from_secs(3600),
            ..watch::Summary::default()
        })),
    ]
}

fn difference(what: Unlike) -> watch::Event {
    watch::Event::Difference(Difference { at: at(), address: ADDRESS.into(), what })
}

fn at() -> At {
    At { interface: eth0(), vlan: None }
}

fn known() -> watch::Host {
    watch::Host {
        at: at(),
        address: ADDRESS.into(),
        claimant: claimant(9),
        mac_kind: MacKind::Universal,
        former: vec![mac(0x99)],
        first_seen: Duration::from_secs(1_795_000_000),
        last_seen: Duration::from_millis(1_795_247_872_188),
    }
}

fn seen() -> Seen {
    Seen {
        host: known(),
        source: Source::Announcement,
        also: vec![[192, 0, 2, 10].into()],
        arpwatch: Some(Arpwatch::FlipFlop),
    }
}
