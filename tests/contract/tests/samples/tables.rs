//! A line of every kind that netstat writes of routes, interfaces, groups and statistics.

use wireline_netstat::event::{
    Address, Counter, Event, Group, Interface, Route, Start, Summary, Traffic,
};

pub(crate) const EVENTS_OF_TABLES: [&str; 6] =
    ["start", "route", "interface", "group", "counter", "summary"];

pub(crate) fn tables() -> Vec<Event> {
    vec![
        Event::Start(Start { v: 1, table: "routes" }),
        Event::Route(by_a_router()),
        Event::Route(from_a_network()),
        Event::Interface(interface()),
        Event::Group(Group {
            interface: "eth0".to_owned(),
            group: "224.0.0.1".parse().unwrap(),
            users: 1,
        }),
        Event::Counter(Counter {
            protocol: "TcpExt".to_owned(),
            name: "ListenOverflows".to_owned(),
            value: u64::MAX,
        }),
        Event::Summary(Summary { rows: 5 }),
    ]
}

fn by_a_router() -> Route {
    Route {
        destination: "0.0.0.0".parse().unwrap(),
        prefix: Some(0),
        gateway: Some("192.0.2.1".parse().unwrap()),
        source: None,
        source_prefix: None,
        interface: Some("eth0".to_owned()),
        flags: "UG".to_owned(),
        reject: false,
        cached: false,
        metric: 100,
        mss: Some(1140),
        window: Some(5840),
        irtt_ms: Some(300.0),
    }
}

fn from_a_network() -> Route {
    Route {
        destination: "2001:db8:5::".parse().unwrap(),
        prefix: Some(48),
        gateway: None,
        source: Some("2001:db8:9::".parse().unwrap()),
        source_prefix: Some(48),
        interface: None,
        flags: "!n".to_owned(),
        reject: true,
        mss: None,
        window: None,
        irtt_ms: None,
        ..by_a_router()
    }
}

fn interface() -> Interface {
    let traffic = Traffic { bytes: 1500, packets: 2, errors: 0, dropped: 1, overruns: 0 };
    Interface {
        name: "eth0".to_owned(),
        index: 2,
        up: true,
        flags: vec!["UP", "BROADCAST"],
        mtu: 1500,
        hardware: 1,
        hardware_address: Some("02:00:00:00:00:01".to_owned()),
        queue: 1000,
        addresses: vec![Address {
            address: "192.0.2.2".parse().unwrap(),
            prefix: 24,
            broadcast: Some("192.0.2.255".parse().unwrap()),
            peer: None,
        }],
        received: Some(traffic.clone()),
        sent: Some(traffic),
    }
}
