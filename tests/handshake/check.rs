//! `handshake check`: what the report says of servers and of what stands before them, and what `--expect` makes of it.

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use wireline_lab::{Host, Lab, Signal, not_tried};

use super::common::{Run, as_nobody, handshake, here, start, with_net_raw};

/// The facts of one line of the report.
#[track_caller]
fn facts(run: &Run, name: &str) -> Value {
    line(run, name)["facts"].clone()
}

#[track_caller]
fn line(run: &Run, name: &str) -> Value {
    let findings = run.events("finding");
    let found = findings.iter().find(|finding| finding["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {run:?}")).clone()
}

/// TCP sockets of a server that are neither its listeners' nor closed.
fn connections(host: &Host<'_>) -> String {
    host.output("ss -Htan state syn-recv state established state fin-wait-1 state fin-wait-2 state close-wait state last-ack")
}

#[test]
fn whole_report_on_linux_of_both_families() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.allow_fast_open();
    let _servers = b.tcp(&["7=echo"]);
    for server in ["192.0.2.2:7", "[2001:db8::2]:7"] {
        let expect = "open&&rtt<5s&&sack&&ts&&wscale>=1&&ecn&&!proxy&&!cookies&&close==fin\
                      &&time_wait==client&&isn==rfc6528&&challenge==ack&&verdict==open\
                      &&synack_schedule==exponential&&halfclose==closes&&ttl==64";
        let run = handshake(&a, &format!("check {server} --json --expect {expect}"));
        run.exit(0);
        assert!(facts(&run, "isn")["isn_rate"].as_f64().unwrap() > 15e6, "{run:?}");
        assert_eq!(run.events("expectation")[0]["met"], true);
        assert_eq!(run.events("start")[0]["access"], "raw");
        assert_eq!(run.events("summary")[0]["skip"], 0);
        let mss = if server.starts_with('[') { 1440 } else { 1460 };
        assert_eq!(facts(&run, "mss")["mss"], mss);
    }
    assert_eq!(connections(&b), "", "left behind");
}

#[test]
fn file_capability_is_enough() {
    let lab = Lab::new();
    if !lab.has_users() {
        return;
    }
    let [a, b] = lab.wire("a", "b");
    let _servers = b.tcp(&["7=echo"]);
    let run = with_net_raw(&a, "check 192.0.2.2:7 --only isn,challenge --expect isn==rfc6528");
    run.exit(0);
    assert!(run.out.contains("[ok]   isn") && run.out.contains("[ok]   challenge"), "{run:?}");
    assert_eq!(connections(&b), "");
}

#[test]
fn nobody_is_told_what_needs_privilege() {
    let lab = Lab::new();
    if !lab.has_users() {
        return;
    }
    let [a, b] = lab.wire("a", "b");
    let _servers = b.tcp(&["7=echo", "8=half:30", "9=rst:5", "10=banner:hello", "11=close:9"]);
    let run = as_nobody(&a, "check 192.0.2.2:7 --expect open&&sack&&rtt<5s&&mss==1460&&close==fin");
    run.exit(0);
    assert!(run.out.contains("[skip] isn          needs CAP_NET_RAW"), "{run:?}");
    as_nobody(&a, "check 192.0.2.2:7 --expect open&&isn==rfc6528").exit(6);
    as_nobody(&a, "check 192.0.2.2:7 --expect !sack&&isn==rfc6528").exit(1);
    let behaves = |port: u16, expect: &str| {
        as_nobody(&a, &format!("check 192.0.2.2:{port} --json --expect {expect}")).exit(0).clone()
    };
    behaves(8, "halfclose==honoured&&time_wait==client");
    behaves(9, "close==rst&&time_wait==none");
    behaves(10, "accept&&close==fin");
    behaves(11, "close==fin&&time_wait==server");
    assert_eq!(connections(&b), "");
}

#[test]
fn servers_are_told_apart_by_how_they_talk_and_close() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    let orders = ["8=half:30", "9=rst:5", "10=banner:hello", "11=close:9", "12=abort", "13=silent"];
    let _servers = b.tcp(&orders);
    for (port, expect) in [
        (8, "halfclose==honoured&&close==fin&&time_wait==client&&accept"),
        (9, "close==rst&&time_wait==none"),
        (10, "first_byte<200ms&&close==fin"),
        (11, "close==fin&&time_wait==server"),
        (12, "close==rst"),
        (13, "close==none&&halfclose==honoured&&accept"),
    ] {
        let words =
            format!("check 192.0.2.2:{port} --only accept,halfclose,close --expect {expect}");
        handshake(&a, &words).exit(0);
    }
}

#[test]
fn what_was_never_answered_is_told_from_what_was_late_or_reset() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    let _servers = b.tcp(&["8=half:30", "12=abort", "13=silent", "18=reset-unread"]);
    for (port, evidence) in [
        (8, "data acknowledged; no answer until our FIN"),
        (12, "reset before anything was said"),
        (13, "data acknowledged, no answer in the time there was"),
        (18, "data acknowledged, then RST without an answer"),
    ] {
        let run = handshake(&a, &format!("check 192.0.2.2:{port} --only accept --json"));
        assert_eq!(line(&run, "accept")["evidence"], evidence);
    }
}

#[test]
fn server_that_gives_up_is_told_from_one_that_was_not_watched_for_longer() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    let _servers = b.tcp(&["7=echo"]);
    b.sysctl("net.ipv4.tcp_synack_retries", "1");
    let run = handshake(&a, "check 192.0.2.2:7 --only synack --json --expect synack_retries==1");
    run.exit(0);
    assert_eq!(line(&run, "synack")["seen"]["has_ended"], true, "{run:?}");
    b.sysctl("net.ipv4.tcp_synack_retries", "5");
    let run = handshake(&a, "check 192.0.2.2:7 --only synack --json --budget 2.5");
    assert_eq!(line(&run, "synack")["seen"]["has_ended"], false, "{run:?}");
}

#[test]
fn settings_of_the_server_are_seen() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    for (name, value) in [
        ("net.ipv4.tcp_sack", "0"),
        ("net.ipv4.tcp_timestamps", "0"),
        ("net.ipv4.tcp_window_scaling", "0"),
        ("net.ipv4.tcp_ecn", "0"),
    ] {
        b.sysctl(name, value);
    }
    let _servers = b.tcp(&["7=echo"]);
    let words = "check 192.0.2.2:7 --only options,ecn,tfo --json --expect !sack&&!ts&&!ecn&&!tfo";
    let run = handshake(&a, words);
    run.exit(0);
    assert_eq!(line(&run, "options")["grade"], "warn");
    assert_eq!(facts(&run, "options")["wscale"], Value::Null);
    let run = handshake(&a, "check 192.0.2.2:7 --only options --expect wscale>=1");
    run.exit(1);
    assert!(run.out.contains("wscale>=1: wscale not measured"), "{run:?}");
}

#[test]
fn cookie_of_fast_open_is_got_and_used() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.allow_fast_open();
    let _servers = b.tcp(&["7=echo"]);
    handshake(&a, "check 192.0.2.2:7 --only tfo --expect tfo&&tfo_data").exit(0);
    assert_eq!(connections(&b), "");
}

#[test]
fn clamped_mss_is_told() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    let _servers = b.tcp(&["7=echo"]);
    b.nft(
        "table inet clamp {\n  chain out {\n    type filter hook output priority 0\n    \
         tcp flags & syn == syn tcp option maxseg size set 1200\n  }\n}",
    );
    let run = handshake(&a, "check 192.0.2.2:7 --only mss --json --expect clamp&&mss==1200");
    run.exit(0);
    assert_eq!(line(&run, "mss")["grade"], "warn");
}

#[test]
fn syn_proxy_is_seen_and_a_closed_port_behind_it_too() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    let _servers = b.tcp(&["7=echo"]);
    let script = "sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0 && nft -f - <<'E'
table ip proxy {
  chain pre { type filter hook prerouting priority -300; tcp dport 7-8 tcp flags syn notrack; }
  chain in { type filter hook input priority 0; tcp dport 7-8 ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm; ct state invalid drop; }
}
E
echo there";
    if !b.output(&format!("({script}) 2>&1 || true")).contains("there") {
        not_tried("this kernel has no synproxy of nft");
        return;
    }
    let run = handshake(&a, "check 192.0.2.2:7 --only proxy,isn --json --expect proxy");
    run.exit(0);
    assert_eq!(line(&run, "proxy")["grade"], "warn");
    assert_eq!(facts(&run, "isn")["isn"], "cookie", "{run:?}");
    // Nobody listens there, and the proxy opens it all the same.
    handshake(&a, "check 192.0.2.2:8 --only proxy,close --expect open&&proxy").exit(0);
}

/// What the proxy writes comes from the router, and what the server writes from behind it.
#[test]
fn syn_proxy_in_a_router_is_nearer_than_the_server() {
    let lab = Lab::new();
    let hosts = lab.chain(&["a", "r", "b"]);
    let [a, router, b] = &hosts[..] else { panic!("three") };
    let _servers = b.tcp(&["7=echo"]);
    let script = "sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0 && nft -f - <<'E'
table ip proxy {
  chain pre { type filter hook prerouting priority -300; tcp dport 7-8 tcp flags syn notrack; }
  chain through { type filter hook forward priority 0; tcp dport 7-8 ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm; ct state invalid drop; }
}
E
echo there";
    if !router.output(&format!("({script}) 2>&1 || true")).contains("there") {
        not_tried("this kernel has no synproxy of nft");
        return;
    }
    for (port, close) in [(7, "fin"), (8, "rst")] {
        let words = format!(
            "check 10.1.2.2:{port} --only proxy,close,fingerprint --json \
             --expect open&&proxy&&ttl==64&&win==0&&close=={close}"
        );
        let run = handshake(a, &words);
        run.exit(0);
        let signs = line(&run, "proxy")["seen"]["signs"].to_string();
        assert!(signs.contains("zero_window") && signs.contains("hop_limits"), "{run:?}");
    }
}

#[test]
fn full_queue_is_seen_with_leave_only() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    let _servers = b.tcp(&["7=full:2", "8=echo"]);
    here("check 192.0.2.2:7 --only backlog").complains(2, &["--intrusive"]);
    let words = "check 192.0.2.2:7 --only backlog --intrusive --json --expect backlog==3";
    let run = handshake(&a, words);
    run.exit(0);
    assert_eq!(line(&run, "backlog")["grade"], "warn");
    handshake(&a, "check 192.0.2.2:8 --only backlog --intrusive --expect backlog==16").exit(0);
}

#[test]
fn closed_and_silent_ports_have_their_codes_and_can_be_expected() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.drop_in("tcp dport 9");
    for (words, code) in [
        ("8", 1),
        ("8 --expect closed", 0),
        ("8 --expect open", 1),
        ("9 --timeout 0.2", 3),
        ("9 --timeout 0.2 --expect filtered&&verdict==filtered", 0),
        ("9 --timeout 0.2 --expect sack||open", 1),
    ] {
        handshake(&a, &format!("check 192.0.2.2:{words}")).exit(code);
        if lab.has_users() {
            as_nobody(&a, &format!("check 192.0.2.2:{words}")).exit(code);
        }
    }
}

#[test]
fn interrupt_reports_what_was_found_and_leaves_nothing_open() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    let _servers = b.tcp(&["7=echo"]);
    let check = start(&a, "check 192.0.2.2:7 --only isn,synack --budget 60 --json");
    // The one that is never completed stays so long that all else is over.
    b.sh("until ss -Htan state syn-recv | grep -q . && sleep 1 && ss -Htan state syn-recv | grep -q .; do sleep 0.1; done");
    check.signal(Signal::SIGINT);
    let run = Run::of(check.output());
    run.exit(8);
    assert_eq!(facts(&run, "isn")["isn"], "rfc6528", "{run:?}");
    assert_eq!(run.events("summary")[0]["interrupted"], true);
    assert_eq!(connections(&b), "", "half open");
}

#[test]
fn words_that_make_no_sense_are_refused_by_place() {
    here("check 192.0.2.2:7 --expect open&&opne").complains(2, &["--expect: at 7", "opne"]);
    here("check 192.0.2.2:7 --expect rtt<20").complains(2, &["at 5", "us, ms or s"]);
    here("check 192.0.2.2:7 --only isn,nonsense").complains(2, &["nonsense"]);
    here("check 192.0.2.2:7 --samples 0").complains(2, &["samples"]);
    here("check 192.0.2.2:7 --budget 0").complains(2, &["budget"]);
    here("check 192.0.2.2:7 --abs-seq").complains(2, &["--abs-seq"]);
    here("check").complains(2, &["target"]);
    here("check nobody.invalid:7").complains(5, &["nobody.invalid"]);
    let mut command = assert_cmd::Command::new(cargo_bin!("handshake"));
    command.args(["check", "192.0.2.2:7", "--expect", "open & sack"]);
    Run::to_end(command, "").complains(2, &["at 6"]);
}

/// Every behaviour of the hostile host that is not another's as seen from here.
const HOSTILE: [&str; 12] = [
    "option-lies",
    "option-noise",
    "garbage",
    "synack-data",
    "two-isns",
    "syn",
    "all-flags",
    "rst-data",
    "wild-ack",
    "overlap",
    "storm",
    "ttl-255",
];

#[test]
fn hostile_server_does_no_harm() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    let _server = b.hostile_tcp(&a, &HOSTILE);
    for place in 1..=HOSTILE.len() {
        let words = format!("check 198.51.100.{place}:7 --budget 3 --timeout 0.2 --json");
        let run = handshake(&a, &words);
        assert!(matches!(run.code, Some(0 | 1 | 3 | 4 | 8)), "{}: {run:?}", HOSTILE[place - 1]);
        assert_eq!(run.events("summary").len(), 1, "{run:?}");
    }
}
