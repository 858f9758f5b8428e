//! A line of every kind that arp-scan writes where it does the jobs of arping and arp, tells what hosts may be, and
//! takes frames apart.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use wireline_arp_scan::arping::json::{Counts, Object, Reply, What};
use wireline_arp_scan::cache::row::{self, Row};
use wireline_arp_scan::explain::{Direction, Exchange, Explained, Field, Layer};
use wireline_arp_scan::fingerprint::event as fingerprint;
use wireline_host::neighbours::State;

use super::segment::{ADDRESS, claimant, eth0, mac};

pub(crate) const EVENTS_OF_ARPINGS: [&str; 5] = ["start", "reply", "finding", "unsent", "summary"];

pub(crate) const EVENTS_OF_NEIGHBOURS: [&str; 3] = ["start", "neighbour", "summary"];

pub(crate) const EVENTS_OF_FINGERPRINTS: [&str; 4] = ["start", "fingerprint", "silent", "summary"];

/// A new event does not compile until it has a name here; then its sample is missed.
pub(crate) const fn name_of_arping(event: &Object<'_>) -> &'static str {
    match event {
        Object::Start { .. } => "start",
        Object::Reply(_) => "reply",
        Object::Finding { .. } => "finding",
        Object::Unsent { .. } => "unsent",
        Object::Summary(_) => "summary",
    }
}

/// As [`name_of_arping`].
pub(crate) const fn name_of_neighbours(event: &row::Event<'_>) -> &'static str {
    match event {
        row::Event::Start { .. } => "start",
        row::Event::Neighbour(_) => "neighbour",
        row::Event::Summary(_) => "summary",
    }
}

/// As [`name_of_arping`].
pub(crate) const fn name_of_fingerprint(event: &fingerprint::Event) -> &'static str {
    use fingerprint::Event;
    match event {
        Event::Start { .. } => "start",
        Event::Fingerprint(_) => "fingerprint",
        Event::Silent { .. } => "silent",
        Event::Summary(_) => "summary",
    }
}

const OWN: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

pub(crate) fn arpings() -> Vec<Object<'static>> {
    let (interface, address) = ("eth0", ADDRESS);
    let rival = What::RivalProbe { address, claimant: claimant(0x99) };
    let claimants = vec![claimant(9), claimant(0x99)];
    vec![
        Object::Start { v: 1, mode: "ask", interface, mac: mac(1), source: OWN, address },
        Object::Reply(Reply {
            address,
            claimant: claimant(9),
            frame_mac: mac(9),
            casting: "unicast",
            operation: "reply",
            for_address: None,
            for_mac: Some(mac(2)),
            rtt: Some(Duration::from_micros(542)),
            attempt: 1,
        }),
        Object::Finding { interface, what: What::Conflict { address, claimants } },
        Object::Finding { interface, what: rival },
        Object::Unsent { interface, error: "Network is down" },
        Object::Summary(Counts {
            sent: 3,
            broadcasts: 1,
            unsent: 1,
            received: 2,
            findings: 2,
            in_use: Some(true),
            took: Duration::from_millis(2013),
            ended: "count",
            ..Counts::default()
        }),
    ]
}

pub(crate) fn neighbours(row: &Row) -> Vec<row::Event<'_>> {
    let counts = row::Counts { entries: 3, skipped: 2, found: 1 };
    vec![
        row::Event::Start { v: 1, table: "neighbours" },
        row::Event::Neighbour(row),
        row::Event::Summary(counts),
    ]
}

pub(crate) fn neighbour() -> Row {
    Row {
        address: IpAddr::from(ADDRESS),
        name: Some("printer.example".to_owned()),
        hwtype: Some("ether"),
        hwaddress: Some(mac(9).to_string()),
        flags_mask: "C",
        iface: eth0(),
        permanent: false,
        expires: None,
        family: "ipv4",
        state: State::Stale,
        proxy: false,
        router: false,
        used: Some(Duration::from_millis(88_020)),
        confirmed: Some(Duration::from_millis(91_640)),
        updated: Some(Duration::from_millis(31_640)),
        probes: 1,
        interface_index: Some(2),
        explanation: Some("Stale: 00:00:5e:00:53:09 is what 192.0.2.9 had.".to_owned()),
        hardware: 1,
    }
}

pub(crate) fn fingerprints() -> Vec<fingerprint::Event> {
    use fingerprint::{Asked, Event, Host, Summary};
    vec![
        Event::Start { v: 1, hosts: 2 },
        Event::Fingerprint(Host {
            interface: eth0(),
            address: ADDRESS,
            mac: mac(9),
            vendor: claimant(9).vendor,
            pattern: "11110100000".to_owned(),
            systems: &["FreeBSD 5.3", "DragonflyBSD 2.0"],
            probes: vec![Asked { probe: "--arpspa=127.0.0.1".to_owned(), answered: true }],
            contested: false,
        }),
        Event::Silent { interface: eth0(), address: [192, 0, 2, 10].into() },
        Event::Summary(Summary {
            hosts: 2,
            responded: 1,
            sent: 44,
            unsent: 1,
            error: Some("No buffer space available".to_owned()),
            took: Duration::from_millis(2513),
            stopped: false,
        }),
    ]
}

/// Of a frame that was cut short, so that its line is.
pub(super) fn exchange() -> Exchange {
    let frame = vec![0xff; 6];
    let destination = Field {
        layer: Layer::Ethernet,
        name: "destination",
        at: 0,
        octets: frame.clone(),
        value: "ff:ff:ff:ff:ff:ff".to_owned(),
        meaning: "everybody on the segment".to_owned(),
        clause: "IEEE 802.3",
    };
    let says = "a frame that is cut off".to_owned();
    let explained = |direction, says| Explained {
        direction,
        says,
        frame: frame.clone(),
        fields: vec![destination.clone()],
    };
    Exchange {
        address: ADDRESS,
        request: Some(explained(Direction::Sent, says.clone())),
        reply: explained(Direction::Received, says),
    }
}
