//! `--diagnose`: faults that were made on purpose, each named, and a healthy host, of which nothing is said.

use serde_json::Value;
use wireline_lab::{Host, Lab};

use crate::common::netstat;

fn host(lab: &Lab) -> Host<'_> {
    let host = lab.host("a");
    host.sh("ip link set lo up");
    host
}

/// Longer than what is everyday: a window that closes for a moment, an end that was just sent.
const SETTLED: &str = "sleep 6";

/// What was found, of all kinds.
fn findings(host: &Host<'_>) -> Vec<Value> {
    let run = netstat(host, "--diagnose --json");
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    let lines = run.json();
    let (first, last) = (&lines[0], lines.last().expect("a summary"));
    assert_eq!((&first["event"], &first["table"]), (&"start".into(), &"diagnosis".into()));
    assert_eq!(last["rows"], lines.len() - 2);
    lines.into_iter().filter(|line| line["event"] == "finding").collect()
}

fn of(host: &Host<'_>, kind: &str) -> Vec<Value> {
    findings(host).into_iter().filter(|finding| finding["kind"] == kind).collect()
}

#[test]
fn healthy_host_has_no_findings() {
    let lab = Lab::new();
    let host = host(&lab);
    let _busy = host.sockets(&["established", "400"]);
    let _datagrams = host.sockets(&["udp", "20"]);
    let _closed = host.sockets(&["time-wait", "200", "v6"]);
    host.sh(SETTLED);
    assert_eq!(findings(&host), Vec::<Value>::new());
    let text = netstat(&host, "--diagnose").out;
    assert!(text.contains(" 400 ESTABLISHED, ") && text.ends_with("\nFindings: none\n"), "{text}");
}

#[test]
fn empty_host_has_neither_sockets_nor_findings() {
    let lab = Lab::new();
    let host = lab.host("a");
    netstat(&host, "--diagnose").says("TCP sockets: 0\nFindings: none\n");
}

#[test]
fn exhaustion_of_ports_is_forecast_by_destination() {
    let lab = Lab::new();
    let host = host(&lab);
    host.sysctl("net.ipv4.ip_local_port_range", "40000 40099");
    host.sysctl("net.ipv4.ip_local_reserved_ports", "40010-40019");
    let _open = host.sockets(&["established", "100"]);
    let found = of(&host, "ports");
    let evidence = &found[0]["evidence"];
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(evidence["destination"], serde_json::json!({"address": "127.1.0.1", "port": 5000}));
    assert_eq!((&evidence["ports"], &evidence["used"]), (&90.into(), &50.into()));
    assert_eq!((&found[0]["severity"], &evidence["left_ms"]), (&"warning".into(), &Value::Null));
    let text = netstat(&host, "--diagnose").out;
    let line =
        "  WARNING ports: 127.0.0.1 to 127.1.0.1:5000: 50 of 90 taken, 40 left; 0 in TIME_WAIT";
    assert!(text.contains(line), "{text}");
}

#[test]
fn ports_in_time_wait_count_where_they_do_not_serve_again() {
    let lab = Lab::new();
    let host = host(&lab);
    host.sysctl("net.ipv4.ip_local_port_range", "40000 40099");
    host.sysctl("net.ipv4.tcp_tw_reuse", "0");
    let _closed = host.sockets(&["time-wait", "200"]);
    let found = of(&host, "ports");
    let evidence = &found[0]["evidence"];
    assert_eq!((&found[0]["severity"], &evidence["used"]), (&"critical".into(), &100.into()));
    assert_eq!((&evidence["time_wait"], &evidence["left_ms"]), (&100.into(), &0.0.into()));
    assert!(evidence["closed_per_minute"].as_u64() > Some(0), "{evidence}");
    assert!(found[0]["advice"].as_str().unwrap().contains("tcp_tw_reuse is 0"), "{found:?}");
    host.sysctl("net.ipv4.tcp_tw_reuse", "2");
    assert_eq!(of(&host, "ports"), Vec::<Value>::new(), "on loopback they do");
}

#[test]
fn full_accept_queue_is_named_with_its_drops_and_its_owner() {
    let lab = Lab::new();
    let host = host(&lab);
    let sockets = host.sockets(&["waiting", "12"]);
    // The handshakes of those that find no room are tried again.
    host.sh("sleep 2");
    let found = of(&host, "accept_queue");
    let evidence = &found[0]["evidence"];
    assert_eq!((found.len(), &found[0]["severity"]), (1, &"critical".into()));
    assert_eq!((&evidence["waiting"], &evidence["backlog"]), (&5.into(), &4.into()));
    assert_eq!(evidence["full"], true);
    assert!(evidence["drops"].as_u64() > Some(0), "{evidence}");
    assert!(evidence["listen_overflows"].as_u64() >= evidence["drops"].as_u64(), "{evidence}");
    let owner = evidence["owner"]["program"].as_str().unwrap();
    assert!(owner.ends_with("wireline-sockets"), "{owner}");
    let text = netstat(&host, "--diagnose").out;
    let named = format!("accept queue: 127.1.0.1:5000 of {}/", evidence["owner"]["pid"]);
    assert!(text.contains(&named) && text.contains(": 5/4 FULL, "), "{text}");
    assert!(text.contains("has not accepted it yet"), "the dashes of the queue: {text}");
    drop(sockets);
}

#[test]
fn queue_that_is_nearly_full_is_a_warning() {
    let lab = Lab::new();
    let host = host(&lab);
    let _sockets = host.sockets(&["waiting", "4"]);
    assert_eq!(of(&host, "accept_queue")[0]["severity"], "warning");
}

#[test]
fn handshakes_that_are_tried_again_are_no_fault_of_the_listener() {
    let lab = Lab::new();
    let host = host(&lab);
    host.drop_in("tcp sport 5000 tcp flags & (syn|ack) == syn|ack");
    let _sockets = host.sockets(&["waiting", "3"]);
    host.sh("sleep 4");
    let lines = netstat(&host, "--diagnose --json").json();
    assert_eq!(lines.iter().filter(|line| line["why"] == "request").count(), 1, "{lines:?}");
    let queues = lines.iter().filter(|line| line["kind"] == "accept_queue");
    assert_eq!(queues.count(), 0, "{lines:?}");
}

#[test]
fn leak_of_close_wait_is_named_with_its_process() {
    let lab = Lab::new();
    let host = host(&lab);
    let _leak = host.sockets(&["half-closed", "40"]);
    assert_eq!(of(&host, "close_wait"), Vec::<Value>::new(), "not yet");
    host.sh(SETTLED);
    let found = of(&host, "close_wait");
    let evidence = &found[0]["evidence"];
    assert_eq!((found.len(), &found[0]["severity"]), (1, &"warning".into()));
    assert_eq!((&evidence["sockets"], &evidence["unread"]), (&20.into(), &20.into()));
    assert!(evidence["oldest_ms"].as_f64() >= Some(5000.0), "{evidence}");
    assert!(evidence["open_files"].as_u64() > Some(40) && evidence["file_limit"].is_u64());
    assert!(evidence["owner"]["program"].as_str().unwrap().ends_with("wireline-sockets"));
    // Its other side, which belongs to the same process here.
    assert_eq!(of(&host, "fin_wait2")[0]["evidence"]["sockets"], 20);
    let text = netstat(&host, "--diagnose").out;
    assert!(text.contains(": 20 for up to ") && text.contains("does not even read"), "{text}");
}

#[test]
fn names_of_programs_move_no_cursor() {
    let lab = Lab::new();
    let host = host(&lab);
    let program = wireline_lab::program("wireline-sockets");
    let script = format!("exec -a $'evil\\e[2J\\nname' {} half-closed 40", program.display());
    let mut leak = host.spawn("bash", ["-c", &script]);
    assert_eq!(leak.line().as_deref(), Some("ready"));
    host.sh(SETTLED);
    let text = netstat(&host, "--diagnose").out;
    assert!(text.contains("/evil\\027[2J\\010name: 20 for up to "), "{text:?}");
    assert!(!text.contains('\u{1b}'), "{text:?}");
    let json = netstat(&host, "--diagnose --json").out;
    assert!(!json.contains('\u{1b}') && json.contains("evil\\u001b[2J\\nname"), "{json:?}");
}

#[test]
fn stalled_writer_is_told_from_the_reader_that_holds_it_up() {
    let lab = Lab::new();
    let host = host(&lab);
    let _stalled = host.sockets(&["stalled", "4"]);
    assert_eq!(of(&host, "stalled_writer"), Vec::<Value>::new(), "not yet");
    host.sh(SETTLED);
    let found = of(&host, "stalled_writer");
    assert_eq!(found.len(), 2, "{found:?}");
    for one in &found {
        let evidence = &one["evidence"];
        assert_eq!(
            (&evidence["held_by"], &evidence["remote"]["port"]),
            (&"peer".into(), &5000.into())
        );
        assert!(evidence["stalled_ms"].as_f64() >= Some(5000.0), "{evidence}");
        assert!(evidence["send_queue"].as_u64() > Some(0));
    }
    let readers = of(&host, "slow_reader");
    assert_eq!(readers.len(), 2, "{readers:?}");
    assert_eq!(readers[0]["evidence"]["local"]["port"], 5000);
}

#[test]
fn loss_is_told_by_network_and_dashes_by_what_they_are() {
    let lab = Lab::new();
    let host = host(&lab);
    let _sockets = host.sockets_of_all_states();
    host.sh(SETTLED);
    let found = of(&host, "loss");
    let networks: Vec<_> = found.iter().map(|one| &one["evidence"]["network"]).collect();
    assert!(networks.contains(&&"127.0.0.0/8".into()), "{found:?}");
    assert!(found.iter().all(|one| one["evidence"]["unanswered"].as_u64() > Some(0)), "{found:?}");
    let lines = netstat(&host, "--diagnose --json").json();
    let whys: Vec<_> = lines.iter().filter_map(|line| line["why"].as_str()).collect();
    assert_eq!(whys, ["time_wait", "request", "not_accepted", "orphan"]);
    let v4 = netstat(&host, "--diagnose -4 --json").json();
    assert!(v4[1]["sockets"].as_u64() < lines[1]["sockets"].as_u64(), "one family alone");
}

#[test]
fn owners_that_nobody_may_look_at_are_no_strangers() {
    let lab = Lab::new();
    let host = host(&lab);
    if !lab.has_users() {
        return;
    }
    let _sockets = host.sockets(&["established", "10"]);
    let mut command = host.as_nobody(crate::common::ours());
    let output = command.args(["--diagnose"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("open in a process that only root may look at"), "{text}");
    assert!(text.ends_with("Findings: none\n"), "{text}");
}

#[test]
fn what_does_not_go_with_it_is_refused_by_name() {
    let lab = Lab::new();
    let host = host(&lab);
    for (args, other) in [
        ("-r", "-r"),
        ("-i", "-i"),
        ("-g", "-g"),
        ("-s", "-s"),
        ("-u", "-u"),
        ("-x", "-x"),
        ("-Ainet,unix", "-x"),
        ("-l", "-l"),
        ("-o", "-o"),
        ("-e", "-e"),
    ] {
        let run = netstat(&host, &format!("--diagnose {args}"));
        let err = format!("netstat: --diagnose does not go with {other} (try --help)\n");
        assert_eq!((run.code, run.out.as_str(), run.err), (Some(3), "", err));
    }
    assert_eq!(netstat(&host, "-natpW4 --diagnose").code, Some(0), "what is so anyway is no harm");
}

#[test]
fn stdout_that_is_full_is_an_error() {
    let lab = Lab::new();
    let host = lab.host("a");
    let ours = crate::common::ours();
    for args in ["--diagnose", "--diagnose --json"] {
        let script =
            format!("code=0; {} {args} 2>&1 >/dev/full || code=$?; echo $code", ours.display());
        let said = host.output(&script);
        assert_eq!(said, "netstat: write error: No space left on device\n1\n", "{args}");
    }
}
