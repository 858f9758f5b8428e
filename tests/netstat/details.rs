//! What stands beside a row (`--info`, `--memory`, `--cgroup`), and what stands in place of rows (`--summary`,
//! `--events`).

use std::collections::BTreeMap;

use serde_json::Value;
use wireline_lab::{Background, Host, Lab, Signal};

use crate::common::{netstat, ours};

/// Those of rows are the only ones that do not begin so.
const INDENT: &str = "        ";

fn of_port(rows: &[Value], port: u16) -> Vec<&Value> {
    rows.iter().filter(|row| row["local"]["port"] == port && row["event"] == "socket").collect()
}

#[test]
fn details_stand_below_rows_that_stay_as_they_are() {
    let lab = Lab::new();
    let host = lab.host("a");
    let _sockets = host.sockets_of_all_states();
    let both = || {
        let plain = netstat(&host, "-tuwxan");
        let full = netstat(&host, "-tuwxan --info --memory --cgroup");
        let rows = full.out.split_inclusive('\n').filter(|line| !line.starts_with(INDENT));
        let rows: String = rows.collect();
        (plain.out, rows, full)
    };
    // A connection may come to its end meanwhile, but not each time.
    let mut tries = (0..5).map(|_| both());
    let alike = tries.find(|(plain, rows, _)| plain == rows);
    let (_, _, full) = alike.expect("rows that stay as they are");
    assert_eq!(full.code, Some(0));
    let words = ["info congestion:", "memory received:", "cgroup id:", "info peer_inode:"];
    for word in words {
        assert!(full.out.contains(&format!("\n{INDENT}{word}")), "{word}: {}", full.out);
    }
    let lines: Vec<_> = full.out.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let below = lines.get(at + 1).is_some_and(|next| next.starts_with(INDENT));
        // Of such a connection the kernel has thrown all of it away.
        let has_nothing = line.contains("TIME_WAIT") || line.contains(":4006 ");
        let is_tcp = line.starts_with("tcp") && !line.contains("SYN_RECV");
        assert!(!is_tcp || has_nothing || below, "nothing below {line}");
        assert!(!line.contains("TIME_WAIT") || !below, "{line}");
    }
}

#[test]
fn words_have_units_and_a_listener_has_its_own() {
    let lab = Lab::new();
    let host = lab.host("a");
    let _sockets = host.sockets_of_all_states();
    let text = netstat(&host, "-4tan --info").out;
    let below = |start: &str| {
        let mut lines = text.lines().skip_while(|line| !line.contains(start)).skip(1);
        lines.next().unwrap_or_default().to_owned()
    };
    let full = below("127.0.0.1:4009          0.0.0.0:*               LISTEN");
    assert!(full.contains(" accept_queue:3 accept_queue_limit:2 cwnd:"), "{full}");
    assert!(!full.contains(" rto:"), "{full}");
    let busy = below("127.0.0.1:4008          127.0.0.1:");
    for word in
        [" rto:", "ms rtt:", "ms rttvar:", "ms minrtt:", " mss:", "B pmtu:", "bit/s lastsnd:"]
    {
        assert!(busy.contains(word), "{word}: {busy}");
    }
    assert!(!text.contains('\t'));
}

#[test]
fn json_has_details_only_when_they_are_asked_for() {
    let lab = Lab::new();
    let host = lab.host("a");
    let _sockets = host.sockets_of_all_states();
    let keys = ["info", "tcp_info", "memory", "cgroup"];
    for (args, wanted) in [
        ("", &[][..]),
        ("-o", &[]),
        ("--info", &["info", "tcp_info"]),
        ("--memory", &["memory"]),
        ("--cgroup", &["cgroup"]),
    ] {
        let rows = netstat(&host, &format!("-tan --json {args}")).json();
        let row = of_port(&rows, 4011)[0].as_object().unwrap();
        let there: Vec<_> = keys.into_iter().filter(|key| row.contains_key(*key)).collect();
        assert_eq!(there, wanted, "{args}");
    }
}

#[test]
fn figures_are_those_of_the_connections() {
    let lab = Lab::new();
    let host = lab.host("a");
    let _sockets = host.sockets_of_all_states();
    let rows = netstat(&host, "-tan --json --info --memory").json();
    // Nothing was read of what came, and a little was sent that did not arrive.
    let full = rows.iter().filter(|row| row["event"] == "socket" && row["remote"]["port"] == 4008);
    let full: Vec<_> = full.chain(of_port(&rows, 4008)).collect();
    let connected = full.iter().filter(|row| row["state"] == "established").collect::<Vec<_>>();
    assert_eq!(connected.len(), 4, "both ends of both families");
    for row in connected {
        let info = &row["tcp_info"];
        assert_eq!(info["bytes_received"], row["recv_queue"], "{row}");
        assert!(row["recv_queue"].as_u64() > Some(4096), "{row}");
        let taken = row["memory"]["received"].as_u64();
        assert!(taken >= row["recv_queue"].as_u64(), "{row}");
        assert!(row["memory"]["queued"].as_u64() >= row["send_queue"].as_u64(), "{row}");
        assert!(info["mss"].as_u64() <= info["pmtu"].as_u64(), "{row}");
        assert!(info["min_rtt_ms"].as_f64() > Some(0.0) && info["rto_ms"].is_f64(), "{row}");
        assert!(info["send_rate_bps"].as_u64() > Some(1_000_000), "{row}");
    }
    let listeners = |port| of_port(&rows, port).into_iter().filter(|row| row["state"] == "listen");
    for row in listeners(4009) {
        assert!(row["memory"]["drops"].as_u64() > Some(0), "its queue was full: {row}");
    }
    for row in listeners(4010) {
        assert_eq!(row["memory"]["drops"], 0, "{row}");
        assert_eq!(
            (&row["tcp_info"]["unacked"], &row["tcp_info"]["sacked"]),
            (&1.into(), &16.into())
        );
    }
    let syn = rows.iter().find(|row| row["state"] == "syn_sent").unwrap();
    assert_eq!(syn["tcp_info"]["send_rate_bps"], Value::Null, "no round trip yet");
}

#[test]
fn both_ends_of_a_unix_socket_name_each_other() {
    let lab = Lab::new();
    let host = lab.host("a");
    let _sockets = host.sockets_of_all_states();
    let rows = netstat(&host, "-xan --json --info --memory").json();
    let peers: BTreeMap<_, _> = rows
        .iter()
        .filter_map(|row| Some((row["inode"].as_u64()?, row["info"]["peer_inode"].as_u64()?)))
        .collect();
    assert!(peers.len() >= 6, "{peers:?}");
    let unaccepted = peers.iter().filter(|(_, other)| **other == 0).count();
    assert_eq!(unaccepted, 1, "{peers:?}");
    for (one, other) in peers.iter().filter(|(_, other)| **other != 0) {
        assert_eq!(peers.get(other), Some(one));
    }
    let listens = |row: &&Value| row["path"] == "/run/wireline.stream" && row["listening"] == true;
    let listener = rows.iter().find(listens).unwrap();
    assert_eq!(listener["info"]["recv_queue"], 1, "one was not accepted: {listener}");
    assert!(listener["memory"]["receive_buffer"].as_u64() > Some(0), "{listener}");
}

#[test]
fn cgroup_is_that_of_the_process_or_has_no_path() {
    let lab = Lab::new();
    let host = lab.host("a");
    let sockets = host.sockets(&["udp", "1"]);
    let script = format!(
        "sed -n s/^0:://p /proc/{}/cgroup; grep -c ' / /[^ ]* .* - cgroup2 ' /proc/self/mountinfo || true",
        sockets.pid()
    );
    let said = host.output(&script);
    let (path, mounts) = said.trim_end().split_once('\n').unwrap_or(("", &said));
    let run = netstat(&host, "-uan --cgroup --json");
    let rows = run.json();
    let cgroup = &rows.iter().find(|row| row["event"] == "socket").unwrap()["cgroup"];
    if mounts != "0" {
        assert_eq!(cgroup["path"], path, "{cgroup}");
        assert!(cgroup["id"].as_u64() > Some(0), "{cgroup}");
    }
    let hide =
        "for at in $(sed -n 's/.* \\(\\/[^ ]*\\) rw.* - cgroup2 .*/\\1/p' /proc/self/mountinfo); do
            mount -t tmpfs none $at; done";
    let script = format!("{hide}; exec {} -uan --cgroup 2>&1", ours().display());
    let mut command = host.command("unshare");
    let run = command.args(["--mount", "sh", "-c", &script]).assert().success();
    let out = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    let told = "netstat: --cgroup: cgroups of version 2 are not mounted: no paths\n";
    assert!(out.starts_with(told) && out.contains(" path:-\n"), "{out}");
}

#[test]
fn summary_counts_what_the_rows_are_and_what_is_in_none() {
    let lab = Lab::new();
    let host = lab.host("a");
    let _sockets = host.sockets_of_all_states();
    // A connection may go on to its next state meanwhile, but not each time.
    let mut tries = (0..5).map(|_| (rows_by_state(&host), counts_by_state(&host)));
    let alike = tries.find(|(expected, (found, _))| found == expected);
    let (_, (_, counts)) = alike.expect("counts of the rows");
    let tcp = counts.iter().find(|line| line["protocol"] == "tcp").unwrap();
    assert_eq!(tcp["orphaned"]["total"], 2, "port 4013 of both families: {tcp}");
    // One in the queue of port 4010, three in that of 4009, and the request of 4002; each family.
    assert_eq!(tcp["unaccepted"]["ipv4"], tcp["unaccepted"]["ipv6"], "{tcp}");
    assert!(tcp["unaccepted"]["ipv4"].as_u64() >= Some(4), "{tcp}");
}

type Counts = BTreeMap<String, u64>;

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

fn rows_by_state(host: &Host<'_>) -> Counts {
    let mut expected = BTreeMap::new();
    for row in netstat(host, "-an --json").json() {
        let is_unix = row["event"] == "unix_socket";
        if row["event"] != "socket" && !is_unix {
            continue;
        }
        let protocol = if is_unix { "unix" } else { word(&row["protocol"]) };
        let state = row["state"].as_str().unwrap_or("unconnected");
        let kind = word(&row["kind"]);
        let family = row["family"].as_str().unwrap_or("unix");
        *expected.entry(format!("{protocol} {kind} {state} {family}")).or_insert(0) += 1;
    }
    expected
}

/// And the lines that they are from.
fn counts_by_state(host: &Host<'_>) -> (Counts, Vec<Value>) {
    let counts = netstat(host, "--summary --json").json();
    let mut found = BTreeMap::new();
    for protocol in counts.iter().filter(|line| line["event"] == "protocol_count") {
        let name = word(&protocol["protocol"]);
        for state in protocol["states"].as_array().into_iter().flatten() {
            let kind = word(&state["kind"]);
            let key = |family| format!("{name} {kind} {} {family}", word(&state["state"]));
            let count = &state["count"];
            let families = [("ipv4", &count["ipv4"]), ("ipv6", &count["ipv6"])];
            for (family, count) in families {
                found.insert(key(family), count.as_u64().unwrap_or(0));
            }
            if count["ipv4"].is_null() {
                found.insert(key("unix"), count["total"].as_u64().unwrap_or(0));
            }
        }
    }
    found.retain(|_, count| *count > 0);
    // Bound and nothing else: kernels before 6.8 do not tell.
    let bound = found.remove("tcp - bound ipv4");
    assert!(bound.is_none_or(|count| count == 1), "{bound:?}");
    (found, counts)
}

#[test]
fn summary_is_a_table_of_what_was_chosen() {
    let lab = Lab::new();
    let host = lab.host("a");
    let _one = host.sockets(&["udp", "3"]);
    let _other = host.sockets(&["udp", "2", "v6"]);
    netstat(&host, "-u --summary").says(
        "Sockets by protocol and state\n\
         Proto    State                     Total     IPv4     IPv6\n\
         udp      all                           5        3        2\n\
         udp      CLOSE                         5        3        2\n",
    );
    netstat(&host, "-x --summary").says(
        "Sockets by protocol and state\n\
         Proto    State                     Total     IPv4     IPv6\n\
         unix     all                           0        -        -\n",
    );
    let v6 = netstat(&host, "-u6 --summary").out;
    assert!(v6.contains("udp      all                           2        0        2\n"), "{v6}");
}

/// Listens, and has begun to when this returns.
fn listening(host: &Host<'_>, args: &[&str]) -> Background {
    let mut events = host.spawn(ours(), [&["--events", "-n"], args].concat());
    let lines = if args.contains(&"--json") { 1 } else { 2 };
    for _ in 0..lines {
        assert!(events.line().is_some());
    }
    events
}

fn next(events: &mut Background) -> Value {
    serde_json::from_str(&events.line().expect("one line more")).expect("JSON")
}

#[test]
fn closed_sockets_are_told_of_as_it_happens() {
    let lab = Lab::new();
    let host = lab.host("a");
    let mut sockets = host.sockets(&["udp", "3"]);
    let tcp = host.sockets(&["established", "2"]);
    let mut events = listening(&host, &["--json", "-u", "-p"]);
    let mut text = listening(&host, &["-t", "-p", "--info"]);
    drop(tcp);
    drop(sockets.stdin());
    sockets.wait();
    for _ in 0..3 {
        let closed = next(&mut events);
        assert_eq!((&closed["event"], &closed["protocol"]), (&"closed".into(), &"udp".into()));
        assert_eq!(closed["send_queue"], 0, "{closed}");
        assert_eq!(closed["owners"], Value::Array(Vec::new()), "nobody has it any more: {closed}");
    }
    events.signal(Signal::SIGINT);
    let end = next(&mut events);
    assert_eq!((&end["event"], &end["rows"]), (&"summary".into(), &3.into()), "no TCP");
    assert_eq!(events.wait().code(), Some(0));
    let row = text.line().unwrap();
    assert!(row.starts_with("tcp ") && row.contains(" CLOSE "), "{row}");
    assert!(row.trim_end().ends_with(" -"), "{row}");
    assert!(text.line().unwrap().contains(" bytes_acked:"));
    text.signal(Signal::SIGTERM);
    assert_eq!(text.wait().code(), Some(0));
}

#[test]
fn closed_sockets_that_were_missed_are_told_of() {
    let lab = Lab::new();
    let host = lab.host("a");
    let mut sockets = host.sockets(&["udp", "6000"]);
    let mut events = listening(&host, &["--json"]);
    let mut text = listening(&host, &[]);
    for listener in [&events, &text] {
        listener.signal(Signal::SIGSTOP);
    }
    drop(sockets.stdin());
    sockets.wait();
    // The kernel tells of them by and by: until it has had no room, for both.
    host.sh("for _ in $(seq 600); do
            [ $(awk '$2 == 4 && $9 > 0' /proc/net/netlink | wc -l) = 2 ] && exit
            sleep 0.1
        done
        exit 1");
    for listener in [&events, &text] {
        listener.signal(Signal::SIGCONT);
    }
    let mut told = 0;
    while next(&mut events)["event"] != "lost" {
        told += 1;
    }
    assert!(told < 6000, "some were missed");
    while let Some(line) = text.line() {
        if line.starts_with("udp") {
            text.signal(Signal::SIGINT);
        }
    }
    let err = String::from_utf8_lossy(&text.output().stderr).into_owned();
    assert!(err.starts_with("netstat: --events: some closed sockets were missed"), "{err}");
}
