//! A line of every kind that netstat writes of routes, interfaces, groups and statistics.

use wireline_netstat::event::{
    Address, Count, Counter, End, Event, Group, Holder, Interface, Killed, Lost, Namespace,
    ProtocolCount, Route, Socket, SocketTimer, Start, StateCount, Summary, Traffic, UnixSocket,
};

use super::details;

pub(crate) const EVENTS_OF_TABLES: [&str; 19] = [
    "start",
    "route",
    "interface",
    "group",
    "counter",
    "socket",
    "unix_socket",
    "protocol_count",
    "lost",
    "kill",
    "connection",
    "opened",
    "closed",
    "changed",
    "state",
    "tally",
    "unowned",
    "finding",
    "summary",
];

pub(crate) fn tables() -> Vec<Event> {
    vec![
        Event::Start(Start { v: 1, table: "routes", namespace: Some(namespace()) }),
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
        Event::Socket(connection()),
        Event::Socket(Socket {
            state: "listen".to_owned(),
            remote: None,
            timer: None,
            interface: Some(2),
            owners: None,
            ..connection()
        }),
        Event::UnixSocket(UnixSocket {
            kind: "stream".to_owned(),
            state: Some("listening".to_owned()),
            listening: true,
            references: 2,
            inode: 16_021,
            path: Some("/run/example.sock".to_owned()),
            owners: Some(vec![holder()]),
            info: Some(details::unix_info()),
            memory: Some(details::memory()),
        }),
        Event::Socket(details::connection(connection())),
        Event::Socket(details::with_dctcp(connection())),
        Event::Socket(details::with_vegas(connection())),
        Event::ProtocolCount(count()),
        Event::Closed(Box::new(Socket { inode: 0, timer: None, owners: None, ..connection() })),
        Event::Lost(Lost {}),
        Event::Kill(Killed {
            socket: connection(),
            result: "not_permitted",
            error: Some("CAP_NET_ADMIN is needed".to_owned()),
        }),
        Event::Connection(Box::new(super::connection::whole())),
        Event::Summary(Summary { rows: 8 }),
    ]
    .into_iter()
    .chain(super::diagnosis::diagnosis())
    .chain(super::diagnosis::changes(&connection()))
    .collect()
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

pub(super) fn connection() -> Socket {
    Socket {
        protocol: "tcp",
        family: "ipv4",
        state: "established".to_owned(),
        local: Some(End { address: "192.0.2.7".parse().unwrap(), port: 443 }),
        remote: Some(End { address: "198.51.100.9".parse().unwrap(), port: 50_122 }),
        interface: None,
        recv_queue: 0,
        send_queue: 1448,
        timer: Some(SocketTimer {
            kind: "retransmit",
            expires_ms: 204.0,
            retransmits: 1,
            probes: 0,
        }),
        uid: 33,
        inode: 15_004,
        cookie: Some(4099),
        owners: Some(vec![holder()]),
        info: None,
        tcp_info: None,
        memory: None,
        cgroup: None,
    }
}

fn namespace() -> Namespace {
    Namespace {
        inode: 4_026_532_201,
        names: vec!["blue".to_owned()],
        pid: Some(1011),
        program: Some("example".to_owned()),
        own: false,
    }
}

fn count() -> ProtocolCount {
    let count = |ipv4, ipv6| Count { total: ipv4 + ipv6, ipv4: Some(ipv4), ipv6: Some(ipv6) };
    let state = |state: &str, count| StateCount { state: state.to_owned(), kind: None, count };
    ProtocolCount {
        protocol: "tcp",
        all: count(5, 2),
        states: vec![state("fin_wait1", count(1, 0)), state("established", count(4, 2))],
        orphaned: Some(count(1, 0)),
        unaccepted: Some(count(0, 0)),
    }
}

fn holder() -> Holder {
    Holder { pid: 1011, fd: 6, program: "/usr/sbin/example".to_owned() }
}
