//! Listings of sockets in every state, line by line.

use serde_json::Value;
use wireline_lab::{Background, Host, Lab};

use crate::common::{Run, netstat, run_as_nobody};

/// A host with sockets in every state, and who holds them.
pub(crate) fn busy(lab: &Lab) -> (Host<'_>, Background) {
    let host = lab.host("a");
    lab.file("/etc/nsswitch.conf", "hosts: files\nservices: files\nprotocols: files");
    lab.file("/etc/hosts", "127.0.0.1 localhost\n::1 six.example\n2001:db8:1111:2222:3333:4444:5555:6666 a-very-long-name.example");
    let sockets = host.sockets_of_all_states();
    (host, sockets)
}

/// Ports that the kernel chose become `P`, and what fills their column is cut.
fn masked(line: &str) -> String {
    let words = line.split_whitespace().map(|word| match word.rsplit_once(':') {
        Some((host, port))
            if port.parse::<u16>().is_ok_and(|port| port >= 32_768) && port != "33060" =>
        {
            format!("{host}:P")
        }
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The rows of a protocol without those that come and go, masked and in order.
fn rows(run: &Run, protocol: &str) -> Vec<String> {
    let is_of = |line: &&str| line.split_whitespace().next() == Some(protocol);
    let mut rows: Vec<_> = run.out.lines().filter(is_of).map(masked).collect();
    rows.sort();
    rows
}

const TITLE: &str = "Active Internet connections (servers and established)\n\
    Proto Recv-Q Send-Q Local Address           Foreign Address         State      \n";

#[test]
fn every_state_of_tcp_is_shown_with_its_queues() {
    let lab = Lab::new();
    let (host, _sockets) = busy(&lab);
    let run = netstat(&host, "-ant");
    assert!(run.out.starts_with(TITLE), "{run:?}");
    let found = rows(&run, "tcp");
    for expected in [
        "tcp 0 0 0.0.0.0:22 0.0.0.0:* LISTEN",
        "tcp 3 0 127.0.0.1:4009 0.0.0.0:* LISTEN",
        "tcp 1 0 127.0.0.1:4010 0.0.0.0:* LISTEN",
        "tcp 0 1 127.0.0.1:P 127.0.0.1:4001 SYN_SENT",
        "tcp 0 0 127.0.0.1:4002 127.0.0.1:P SYN_RECV",
        "tcp 0 0 127.0.0.1:P 127.0.0.1:4011 ESTABLISHED",
        "tcp 0 1 127.0.0.1:P 127.0.0.1:4003 FIN_WAIT1",
        "tcp 0 0 127.0.0.1:P 127.0.0.1:4006 FIN_WAIT2",
        "tcp 1 0 127.0.0.1:4006 127.0.0.1:P CLOSE_WAIT",
        "tcp 1 1 127.0.0.1:4004 127.0.0.1:P LAST_ACK",
        "tcp 1 1 127.0.0.1:4005 127.0.0.1:P CLOSING",
        "tcp 0 0 127.0.0.1:P 127.0.0.1:4007 TIME_WAIT",
        "tcp 0 7 127.0.0.1:P 127.0.0.1:4013 FIN_WAIT1",
    ] {
        assert!(found.iter().any(|row| row == expected), "{expected}: {found:#?}");
    }
    assert!(!run.out.contains(":4099 "), "bound and no more: {run:?}");
}

#[test]
fn listeners_stand_first_and_ipv4_before_ipv6() {
    let lab = Lab::new();
    let (host, _sockets) = busy(&lab);
    let run = netstat(&host, "-ant");
    let kind = |line: &str| (line.starts_with("tcp6"), !line.contains("LISTEN"));
    let kinds: Vec<_> = run.out.lines().skip(2).map(kind).collect();
    assert!(kinds.is_sorted(), "{run:?}");
}

#[test]
fn addresses_are_cut_to_their_column_unless_asked_not_to() {
    let lab = Lab::new();
    let (host, _sockets) = busy(&lab);
    let cut = netstat(&host, "-ntl6").out;
    let line = "tcp6       0      0 2001:db8:1111:222:33060 :::*                    LISTEN     \n";
    assert!(cut.contains(line), "{cut}");
    let whole = netstat(&host, "-ntl6W").out;
    let line = "2001:db8:1111:2222:3333:4444:5555:6666:33060 :::*                    LISTEN     \n";
    assert!(whole.contains(line), "{whole}");
}

#[test]
fn names_of_hosts_services_and_users_stand_for_numbers() {
    let lab = Lab::new();
    lab.file("/etc/services", "ssh 22/tcp\nfull 4009/tcp\nlonger-than-a-column 4010/tcp\n");
    lab.file("/etc/protocols", "icmp 1 ICMP\nipv6-icmp 58 IPv6-ICMP\n");
    let (host, _sockets) = busy(&lab);
    let tcp = netstat(&host, "-lte").out;
    for line in [
        "tcp        0      0 0.0.0.0:ssh             0.0.0.0:*               LISTEN      root ",
        "tcp        3      0 localhost:full          0.0.0.0:*               LISTEN      root ",
        "tcp        1      0 loca:longer-than-a-colu 0.0.0.0:*               LISTEN      root ",
        "tcp6       3      0 six.example:full        [::]:*                  LISTEN      root ",
    ] {
        assert!(tcp.contains(line), "{line}: {tcp}");
    }
    let raw = netstat(&host, "-lw").out;
    assert!(
        raw.contains(" 0.0.0.0:icmp            0.0.0.0:*               7          \n"),
        "{raw}"
    );
    let numbers = netstat(&host, "-lt --numeric-hosts").out;
    assert!(numbers.contains(" 127.0.0.1:full          0.0.0.0:* "), "{numbers}");
    let numbers = netstat(&host, "-lt --numeric-ports").out;
    assert!(numbers.contains(" localhost:4009          0.0.0.0:* "), "{numbers}");
    let numbers = netstat(&host, "-lte --numeric-users").out;
    assert!(numbers.contains(" LISTEN      0          "), "{numbers}");
}

#[test]
fn timers_are_told_with_what_they_wait_for() {
    let lab = Lab::new();
    let (host, _sockets) = busy(&lab);
    let run = netstat(&host, "-anto");
    let timer = |of: &str| {
        let line = run
            .out
            .lines()
            .find(|line| line.contains(of))
            .unwrap_or_else(|| panic!("{of}: {run:?}"));
        line.get(80..).unwrap_or_default().to_owned()
    };
    assert_eq!(timer("0.0.0.0:22 "), "off (0.00/0/0)");
    assert!(timer(":4007          TIME_WAIT").starts_with("timewait ("), "{run:?}");
    assert!(timer(":4001          SYN_SENT").starts_with("on ("), "{run:?}");
    assert!(timer("127.0.0.1:4011          ESTABLISHED").starts_with("keepalive (49"), "{run:?}");
    let probe = run.out.lines().find(|line| line.contains(" probe ("));
    assert!(probe.is_some_and(|line| line.ends_with(')')), "a full queue is asked about: {run:?}");
}

#[test]
fn owner_is_the_process_by_its_number_and_name() {
    let lab = Lab::new();
    let (host, sockets) = busy(&lab);
    let run = netstat(&host, "-antp");
    assert_eq!(run.complaints(), "", "root sees all");
    let owner = format!("{}/wireline-sockets", sockets.pid());
    let column = format!("{:<20}", owner.get(..19).unwrap_or(&owner));
    let line = run.out.lines().find(|line| line.contains(" 0.0.0.0:22 ")).unwrap();
    assert_eq!(line.get(80..), Some(column.as_str()), "{run:?}");
    let waiting = run.out.lines().find(|line| line.contains("TIME_WAIT")).unwrap();
    assert_eq!(waiting.get(80..), Some("-                   "), "{run:?}");
}

#[test]
fn who_is_not_root_is_told_what_is_not_shown() {
    let lab = Lab::new();
    let (host, _sockets) = busy(&lab);
    let run = run_as_nobody(&host, "-antp");
    assert!(run.out.contains(" LISTEN      -  "), "{run:?}");
    let why = if lab.has_users() { 65_534 } else { 0 };
    let none =
        format!("(No info could be read for \"-p\": geteuid()={why} but you should be root.)\n");
    assert_eq!(run.err, none, "{run:?}");
    assert_eq!(run.code, Some(0));
}

#[test]
fn selection_is_by_the_peer() {
    let lab = Lab::new();
    let (host, _sockets) = busy(&lab);
    let connected = netstat(&host, "-nut").out;
    assert!(!connected.contains("LISTEN") && !connected.contains(":5002 "), "{connected}");
    assert!(connected.contains(" 127.0.0.1:5003          127.0.0.1:5001          ESTABLISHED\n"));
    let listening = netstat(&host, "-nutl").out;
    assert!(!listening.contains("ESTABLISHED") && listening.contains(":5002 "), "{listening}");
    assert!(connected.contains("(w/o servers)") && listening.contains("(only servers)"));
}

#[test]
fn unix_sockets_have_their_table() {
    let lab = Lab::new();
    let (host, _sockets) = busy(&lab);
    let run = netstat(&host, "-anx");
    let start = "Active UNIX domain sockets (servers and established)\n\
                 Proto RefCnt Flags       Type       State         I-Node   Path\n";
    assert!(run.out.starts_with(start), "{run:?}");
    let rows: Vec<String> = run.out.lines().map(without_inode).collect();
    for row in [
        "unix 2 [ ACC ] STREAM LISTENING /run/wireline.stream",
        "unix 2 [ ACC ] STREAM LISTENING @wireline",
        "unix 3 [ ] STREAM CONNECTED /run/wireline.stream",
        "unix 3 [ ] SEQPACKET CONNECTED",
        "unix 2 [ ] DGRAM",
    ] {
        assert!(rows.iter().any(|found| found == row), "{row}: {rows:#?}");
    }
    assert!(!run.out.contains('\x1b'), "{run:?}");
}

fn without_inode(line: &str) -> String {
    let words = line.split_whitespace().filter(|word| word.parse::<u32>().map_or(true, |n| n < 10));
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn json_has_every_field_with_its_type() {
    let lab = Lab::new();
    let (host, sockets) = busy(&lab);
    let events = netstat(&host, "--json -antpo").json();
    assert_eq!((&events[0]["event"], &events[0]["table"]), (&"start".into(), &"sockets".into()));
    let full = find(&events, "listen", 4009);
    assert_eq!((full["recv_queue"].as_u64(), full["send_queue"].as_u64()), (Some(3), Some(2)));
    assert_eq!(full["remote"], Value::Null);
    assert_eq!(full["owners"][0]["pid"].as_u64(), Some(sockets.pid().into()));
    let recv = find(&events, "syn_recv", 4002);
    assert_eq!(recv["owners"].as_array().map(Vec::len), Some(0), "{recv}");
    assert_eq!(recv["timer"]["kind"], "retransmit");
    let long = events.iter().find(|event| event["local"]["port"] == 33_060).unwrap();
    assert_eq!(long["local"]["address"], "2001:db8:1111:2222:3333:4444:5555:6666");
    let rows = events.last().unwrap()["rows"].as_u64();
    assert_eq!(rows, Some(events.len() as u64 - 2));
}

fn find<'a>(events: &'a [Value], state: &str, port: u16) -> &'a Value {
    let is_it = |event: &&Value| event["state"] == state && event["local"]["port"] == port;
    events.iter().find(is_it).unwrap_or_else(|| panic!("{state} {port}: {events:?}"))
}

#[test]
fn what_no_kernel_has_is_refused_as_there() {
    let lab = Lab::new();
    let host = lab.host("a");
    for (args, why) in [
        ("-nS", "netstat: no support for `AF INET (sctp)' on this system.\n"),
        ("-n -A ipx", "netstat: no support for `AF IPX' on this system.\n"),
        ("-nx --rose --x25", "netstat: no support for `AF X25' on this system.\n"),
    ] {
        let run = netstat(&host, args);
        assert_eq!((run.code, run.err.as_str()), (Some(1), why), "{args}: {run:?}");
    }
}

#[test]
fn sockets_stand_around_groups() {
    let lab = Lab::new();
    let (host, _sockets) = busy(&lab);
    let titles = |args: &str| -> Vec<String> {
        let out = netstat(&host, args).out;
        let is_title = |line: &&str| line.starts_with("Active") || line.starts_with("IPv6/");
        out.lines().filter(is_title).map(|line| line.chars().take(13).collect()).collect()
    };
    assert_eq!(titles("-ng"), ["IPv6/IPv4 Gro"]);
    assert_eq!(titles("-ntgx"), ["Active Intern", "IPv6/IPv4 Gro", "Active UNIX d"]);
}
