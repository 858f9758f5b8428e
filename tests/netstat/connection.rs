//! `--connection`: one socket whole.

use std::collections::BTreeSet;

use serde_json::Value;
use wireline_lab::{Host, Lab};

use crate::common::{Run, netstat, rows, words};

fn end(row: &Value, end: &str) -> String {
    let end = &row[end];
    match end["address"].as_str() {
        Some(address) if address.contains(':') => format!("[{address}]:{}", end["port"]),
        Some(address) => format!("{address}:{}", end["port"]),
        None => "*:*".to_owned(),
    }
}

fn ask(host: &Host<'_>, flags: &[&str], local: &str, remote: &str) -> Run {
    let ends = ["--connection", local, remote];
    words(host, &flags.iter().copied().chain(ends).collect::<Vec<_>>())
}

#[test]
fn every_socket_is_found_by_its_ends() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("ip link set lo up");
    let _sockets = host.sockets_of_all_states();
    let all = rows(&netstat(&host, "-tuan --json exclude time-wait"));
    let (mut states, mut kinds) = (BTreeSet::new(), BTreeSet::new());
    for row in &all {
        // One of each kind: each look-up goes through the descriptors of all processes.
        if !kinds.insert(format!("{} {} {}", row["protocol"], row["family"], row["state"])) {
            continue;
        }
        let (local, remote) = (end(row, "local"), end(row, "remote"));
        let flag = if row["protocol"] == "udp" { "-u" } else { "-t" };
        let run = ask(&host, &[flag, "--json"], &local, &remote);
        let found = rows(&run);
        let is_found = found.first().is_some_and(|found| found["cookie"] == row["cookie"]);
        if !is_found {
            // Some give up after a while.
            let now = rows(&netstat(&host, "-tuan --json"));
            assert!(now.iter().all(|now| now["cookie"] != row["cookie"]), "{row} {run:?}");
            continue;
        }
        assert_eq!((run.code, found[0]["event"].as_str()), (Some(0), Some("connection")));
        states.insert(row["state"].as_str().unwrap().to_owned());
    }
    assert!(states.len() >= 7, "{states:?}");
}

#[test]
fn either_direction_and_either_way_to_write_it_will_do() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("ip link set lo up");
    let _sockets = host.sockets_of_all_states();
    // A socket that begins has no other end here: only one direction is a socket.
    let row = &rows(&netstat(&host, "-tn --json dport = :4001 src 127.0.0.1"))[0];
    let (local, remote) = (end(row, "local"), end(row, "remote"));
    for (one, other) in [(&local, &remote), (&remote, &local)] {
        let run = ask(&host, &[], one, other);
        let first = format!("tcp {local} -> {remote} SYN_SENT\n");
        assert!(run.out.starts_with(&first), "{run:?}");
    }
    let v6 = format!("[::ffff:127.0.0.1]:{}", row["local"]["port"]);
    assert_eq!(ask(&host, &[], &v6, "[::ffff:127.0.0.1]:4001").code, Some(0));
    // An IPv4 client of an IPv6 socket: the server's end is one of IPv6.
    let row = &rows(&netstat(&host, "-tn6 --json sport = :4012"))[0];
    let client = format!("127.0.0.1:{}", row["remote"]["port"]);
    let run = ask(&host, &["--json"], "127.0.0.1:4012", &client);
    assert_eq!(rows(&run)[0]["family"], "ipv6");
    let listener = ask(&host, &[], "*:4012", "*:*");
    assert!(listener.out.starts_with("tcp [::]:4012 -> *:* LISTEN\n"), "{listener:?}");
    assert!(listener.out.contains("accept queue          0 of "), "{listener:?}");
}

#[test]
fn one_socket_is_shown_whole() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("ip link set lo up");
    let _sockets = host.sockets_of_all_states();
    let row = &rows(&netstat(&host, "-tn --json dport = :4008 src 127.0.0.1"))[0];
    let (local, remote) = (end(row, "local"), end(row, "remote"));
    let run = ask(&host, &[], &local, &remote);
    for title in
        ["Socket", "Processes", "Path", "Sending", "Lost and repeated", "Receiving", "Memory"]
    {
        assert!(run.out.contains(&format!("\n{title}\n")), "{title}: {}", run.out);
    }
    // Names in one column, values in another.
    let lines = run.out.lines().skip(3).filter(|line| line.starts_with("  ") && line.len() > 30);
    assert!(
        lines.filter(|line| line.as_bytes()[23] == b' ' && line.as_bytes()[24] != b' ').count()
            > 25,
        "{}",
        run.out
    );
    assert!(run.out.contains("wireline-socket"), "its owner: {}", run.out);
    let run = ask(&host, &["--json"], &local, &remote);
    let all = &rows(&run)[0];
    assert_eq!((&all["cookie"], &all["inode"]), (&row["cookie"], &row["inode"]));
    assert!(all["tcp"]["rtt_ms"].as_f64().unwrap() > 0.0);
    assert!(all["tcp"]["unsent"].as_u64().unwrap() > 0, "its queue is full");
    assert!(all["memory"]["send_buffer"].as_u64().unwrap() > 0);
    assert!(all["congestion"]["algorithm"].is_string());
    assert_eq!(all["owners"][0]["comm"], "wireline-socket");
    // Nothing that is not whole has these.
    let row = &rows(&netstat(&host, "-tn --json state syn-recv"))[0];
    let run = ask(&host, &[], &end(row, "local"), &end(row, "remote"));
    assert!(run.out.contains("none: the handshake is not finished"), "{run:?}");
}

#[test]
fn socket_bound_to_an_interface_is_found() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("ip link set lo up");
    let _sockets = host.sockets(&["marked"]);
    let run = ask(&host, &[], "127.0.0.1:4015", "*:*");
    assert!(run.out.contains("  interface             lo (1)\n"), "{run:?}");
}

#[test]
fn what_is_not_there_is_said() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("ip link set lo up");
    let _sockets = host.sockets_of_all_states();
    // There is a listener for it, but that is another socket.
    let run = ask(&host, &[], "127.0.0.1:4008", "127.0.0.1:9");
    let err = "netstat: 127.0.0.1:4008 127.0.0.1:9: no such socket, in either direction\n";
    assert_eq!((run.code, run.err.as_str(), run.out.as_str()), (Some(1), err, ""));
}
