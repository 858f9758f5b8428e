//! `--kill`: what it closes, and what it says of the rest.

use serde_json::Value;
use wireline_lab::{Host, Lab, not_tried};

use crate::common::{netstat, ours, rows};

fn states(host: &Host<'_>) -> Vec<Value> {
    let rows = rows(&netstat(host, "-tan --json sport = :4008 or dport = :4008"));
    rows.into_iter().map(|row| row["state"].clone()).collect()
}

fn kernel_can(host: &Host<'_>) -> bool {
    let run = netstat(host, "-tn --kill --yes --json dport = :4011");
    let can = !rows(&run).iter().any(|row| row["result"] == "unsupported");
    if !can {
        not_tried("this needs a kernel with CONFIG_INET_DIAG_DESTROY");
    }
    can
}

#[test]
fn nothing_is_closed_unless_it_is_meant() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("ip link set lo up");
    let _sockets = host.sockets_of_all_states();
    let before = states(&host);
    let run = netstat(&host, "-tn --kill dport = :4008");
    let lines: Vec<_> = run.out.lines().collect();
    assert_eq!((run.code, lines.len()), (Some(0), 5), "{run:?}");
    assert!(lines[1].ends_with(" State       Result"), "{run:?}");
    assert!(lines[2].ends_with(" ESTABLISHED would be closed"), "{run:?}");
    assert_eq!(lines[4], "2 would be closed. Nothing was: --kill --yes does it");
    assert_eq!(states(&host), before);
}

#[test]
fn sockets_of_a_filter_are_closed_and_no_others() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("ip link set lo up");
    let sockets = host.sockets_of_all_states();
    if !kernel_can(&host) {
        return;
    }
    let run = netstat(&host, "-tn --kill --yes dport = :4008 or sport = :4008");
    assert_eq!(run.code, Some(0), "{run:?}");
    let closed =
        run.out.lines().filter(|line| line.ends_with(" closed") && line.starts_with("tcp"));
    let gone = run.out.lines().filter(|line| line.ends_with(" gone"));
    // Closing one end resets the other, which may be gone before it is its turn.
    assert_eq!(closed.count() + gone.count(), 4, "{run:?}");
    assert_eq!(states(&host), ["listen", "listen"]);
    let others = rows(&netstat(&host, "-tan --json sport = :4006"));
    assert!(others.iter().any(|row| row["state"] == "close_wait"), "{others:?}");
    // Its process lives on, and what it listens to: that must be asked for.
    let run = netstat(&host, "-tln --kill --yes sport = :4008");
    assert!(run.out.ends_with("\n2 closed\n"), "{run:?}");
    assert!(states(&host).is_empty());
    drop(sockets);
}

#[test]
fn datagram_sockets_are_closed_too() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("ip link set lo up");
    let _sockets = host.sockets_of_all_states();
    if !kernel_can(&host) {
        return;
    }
    let run = netstat(&host, "-un --kill --yes --json dport = :5001");
    let results: Vec<_> = rows(&run).iter().map(|row| row["result"].clone()).collect();
    assert_eq!((run.code, results), (Some(0), vec![Value::from("closed"); 2]), "{run:?}");
    assert!(rows(&netstat(&host, "-un --json dport = :5001")).is_empty());
}

#[test]
fn nothing_to_close_is_no_failure() {
    let lab = Lab::new();
    let host = lab.host("a");
    let run = netstat(&host, "-tn --kill --yes sport = :1");
    assert_eq!((run.code, run.out.lines().last()), (Some(0), Some("No socket fits")));
}

#[test]
fn what_is_not_permitted_is_said_of_each() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("ip link set lo up");
    let _sockets = host.sockets_of_all_states();
    let mut command = host.as_nobody(ours());
    let assert = command.args(["-tn", "--kill", "--yes", "dport", "=", ":4008"]).assert().code(1);
    let text = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
    let lines = text.lines().filter(|line| line.starts_with("tcp"));
    let of_each = lines.filter(|line| line.ends_with(" not permitted: CAP_NET_ADMIN is needed"));
    assert_eq!(of_each.count(), 2, "{text}");
    assert_eq!(text.lines().last(), Some("2 not permitted"));
    let mut command = host.as_nobody(ours());
    let assert =
        command.args(["-tn", "--kill", "--yes", "--json", "dport", "=", ":4008"]).assert().code(1);
    let text = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
    assert_eq!(text.matches("\"result\":\"not_permitted\"").count(), 2, "{text}");
}

#[test]
fn stdout_that_is_full_is_told_by_a_dry_run() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("ip link set lo up");
    let _sockets = host.sockets_of_all_states();
    let script = format!(
        "code=0; {} -tn --kill dport = :4008 2>&1 > /dev/full || code=$?; echo $code",
        ours().display()
    );
    assert_eq!(host.output(&script), "netstat: write error: No space left on device\n1\n");
}

#[test]
fn sockets_of_every_state_are_closed_or_why_not_is_said() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("ip link set lo up");
    let _sockets = host.sockets_of_all_states();
    if !kernel_can(&host) {
        return;
    }
    let run = netstat(&host, "-tan --kill --yes --json sport ge 0 sport ne 1");
    let rows = rows(&run);
    let has = |state: &str| rows.iter().any(|row| row["state"] == state);
    for state in [
        "listen",
        "syn_sent",
        "syn_recv",
        "fin_wait1",
        "fin_wait2",
        "close_wait",
        "last_ack",
        "closing",
    ] {
        assert!(has(state), "{state}: {run:?}");
    }
    let failed: Vec<_> = rows.iter().filter(|row| row["result"] == "failed").collect();
    assert!(failed.is_empty(), "{failed:?}");
    let is_left = rows.iter().any(|row| !matches!(row["result"].as_str(), Some("closed" | "gone")));
    assert_eq!(run.code, Some(i32::from(is_left)), "{run:?}");
}
