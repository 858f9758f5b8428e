//! One connection of the kernel's, as it is told.

use std::fs;

use serde_json::Value;
use wireline_lab::{Background, Host, Lab, Signal};

use super::common::{Run, as_nobody, handshake, here, start, with_net_raw};

fn result(run: &Run) -> Value {
    let all = run.events("result");
    assert_eq!(all.len(), 1, "{run:?}");
    all[0].clone()
}

fn server<'lab>(lab: &'lab Lab, orders: &[&str]) -> ([Host<'lab>; 2], Background) {
    let hosts = lab.wire("a", "b");
    let servers = hosts[1].tcp(orders);
    (hosts, servers)
}

#[test]
fn what_was_said_comes_back_and_three_clocks_measured_it() {
    let lab = Lab::new();
    let ([a, _b], _servers) = server(&lab, &["7=echo"]);
    for host in ["192.0.2.2:7", "[2001:db8::2]:7", "192.0.2.2 7", "2001:db8::2 7"] {
        let run = handshake(&a, &format!("{host} --send hello --recv 5 --json"));
        let told = result(run.exit(0));
        assert_eq!((&told["view"], &told["made_by"]), (&"wire".into(), &"kernel".into()));
        assert_eq!((&told["sent_octets"], &told["received_octets"]), (&5.into(), &5.into()));
        let figure = |key: &str| told[key].as_f64().unwrap();
        let (wire, kernel, app) =
            (figure("wire_rtt_ms"), figure("kernel_rtt_ms"), figure("app_rtt_ms"));
        assert!(wire > 0.0 && kernel > 0.0 && wire <= app, "{run:?}");
        assert!(figure("data_rtt_ms") > 0.0);
        assert_eq!((&told["closed_by"], &told["time_wait"]), (&"client".into(), &"client".into()));
        let left = figure("time_wait_left_ms");
        assert!(left > 30_000.0 && left <= 60_000.0, "{left}");
    }
}

#[test]
fn without_privilege_it_says_what_is_not_seen_and_how_to_allow_it() {
    let lab = Lab::new();
    let ([a, _b], _servers) = server(&lab, &["7=echo"]);
    let run = as_nobody(&a, "192.0.2.2:7 --send hello --recv 5 --json");
    run.complains(0, &["without CAP_NET_RAW", "inferred", "setcap cap_net_raw+p"]);
    let told = result(&run);
    assert_eq!((&told["view"], &told["verdict"]), (&"inferred".into(), &"open".into()));
    assert_eq!(told["wire_rtt_ms"], Value::Null);
    assert!(told["kernel_rtt_ms"].as_f64().unwrap() > 0.0);
    assert_eq!((&told["closed_by"], &told["time_wait"]), (&"client".into(), &"client".into()));
}

#[test]
fn one_capability_of_the_file_is_enough_to_see() {
    let lab = Lab::new();
    if !lab.has_users() {
        return;
    }
    let ([a, _b], _servers) = server(&lab, &["7=echo"]);
    let run = with_net_raw(&a, "192.0.2.2:7 --json");
    assert_eq!((&result(run.exit(0))["view"], run.err.as_str()), (&"wire".into(), ""));
}

#[test]
fn who_closed_and_how_is_told_the_same_with_and_without_privilege() {
    let lab = Lab::new();
    let orders = ["7=echo", "8=close:12", "9=rst:4", "10=half:30", "11=discard"];
    let ([a, _b], _servers) = server(&lab, &orders);
    for way in [handshake, as_nobody] {
        let told = |args: &str| result(way(&a, &format!("192.0.2.2:{args} --json")).exit(0));
        let who = |told: &Value| (told["closed_by"].clone(), told["is_reset"].clone());
        let both = |by: &str, reset: bool| (Value::from(by), Value::from(reset));
        assert_eq!(who(&told("7")), both("client", false));
        assert_eq!(who(&told("7 --close rst")), both("client", true));
        assert_eq!(who(&told("7 --linger 0")), both("client", true));
        let first = told("8 --until-close");
        assert_eq!((who(&first), &first["received_octets"]), (both("server", false), &12.into()));
        assert_eq!(first["time_wait"], Value::Null, "it is the server's, on another host");
        assert_eq!(who(&told("8 --close server")), both("server", false));
        assert_eq!(who(&told("9 --send x --until-close")), both("server", true));
        let half = told("10 --close half --until-close");
        assert_eq!((who(&half), &half["received_octets"]), (both("client", false), &30.into()));
    }
}

#[test]
fn lost_syn_is_counted_and_is_no_part_of_the_round_trip() {
    let lab = Lab::new();
    let ([a, b], _servers) = server(&lab, &["7=echo"]);
    b.drop_each(2, "tcp flags & (syn|ack) == syn");
    let run = as_nobody(&a, "192.0.2.2:7 --json");
    let told = result(run.exit(0));
    assert_eq!(told["syn_sent"], 2);
    let (kernel, app) =
        (told["kernel_rtt_ms"].as_f64().unwrap(), told["app_rtt_ms"].as_f64().unwrap());
    assert!(app > 900.0 && kernel < 100.0, "{run:?}");
    let run = as_nobody(&a, "192.0.2.2:7");
    assert!(run.out.contains("1 SYN lost, RTO 1.0 s"), "{run:?}");
}

#[test]
fn maximum_segment_size_is_what_was_asked_for() {
    let lab = Lab::new();
    let ([a, _b], _servers) = server(&lab, &["7=echo"]);
    let run = handshake(&a, "192.0.2.2:7 --mss 600 --json");
    assert!(run.out.contains("600"), "{run:?}");
    run.exit(0);
}

#[test]
fn fast_open_has_its_data_in_the_second_syn() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    a.allow_fast_open();
    b.allow_fast_open();
    let _servers = b.tcp(&["7=echo"]);
    let syn = || {
        let run = handshake(&a, "192.0.2.2:7 --tfo --send hello --recv 5 --json");
        assert_eq!(result(run.exit(0))["received_octets"], 5);
        run.events("segment").swap_remove(0)
    };
    let has = |syn: &Value, note: &str| syn["notes"].as_array().unwrap().contains(&note.into());
    let first = syn();
    assert_eq!(first["length"], 0, "it asks for a cookie, and that is all: {first}");
    assert!(has(&first, "fast_open_request") && !has(&first, "fast_open_data"), "{first}");
    let second = syn();
    assert_eq!(second["length"], 5, "{second}");
    assert!(has(&second, "fast_open_data"), "{second}");
}

#[test]
fn every_address_of_a_name_is_tried_until_one_is_open() {
    let lab = Lab::new();
    let ([a, b], _servers) = server(&lab, &["7=echo"]);
    // RFC 6724 §10.3: IPv6 first.
    lab.file("/etc/hosts", "2001:db8::2 many\n192.0.2.2 many\n127.0.0.1 localhost\n");
    b.nft(
        "table ip6 fence {
  chain way {
    type filter hook input priority 0
    tcp dport 7 reject with tcp reset
  }
}",
    );
    let run = handshake(&a, "many:7 --json");
    run.exit(0);
    let told = run.events("result");
    let told: Vec<_> = told.iter().map(|told| told["verdict"].as_str().unwrap()).collect();
    assert_eq!(told, ["closed", "open"], "{run:?}");
    let run = handshake(&a, "many:7 -4 -q");
    assert_eq!(run.exit(0).out, "many 192.0.2.2:7: open\n");
    let run = handshake(&a, "many:8");
    run.exit(1);
    for server in ["server many [2001:db8::2]:8\n", "server many 192.0.2.2:8\n"] {
        assert!(run.out.contains(server), "{run:?}");
    }
    assert_eq!(run.out.matches("closed: RST came back").count(), 2, "once each: {run:?}");
}

#[test]
fn reset_is_an_end_and_not_a_close_that_is_late() {
    let lab = Lab::new();
    let ([a, _b], _servers) = server(&lab, &["9=rst:4", "12=silent"]);
    for way in [handshake, as_nobody] {
        let late = "did not close in time";
        let run = way(&a, "192.0.2.2:9 --send hi");
        assert!(!run.exit(0).out.contains(late), "{run:?}");
        let run = way(&a, "192.0.2.2:12 -t 0.5");
        assert!(run.exit(0).out.contains(late), "{run:?}");
    }
}

#[test]
fn other_end_that_never_closes_is_not_awaited_for_ever() {
    let lab = Lab::new();
    let ([a, _b], _servers) = server(&lab, &["7=silent"]);
    let run = handshake(&a, "192.0.2.2:7 -t 0.5 --json");
    assert_eq!(result(run.exit(0))["closed_by"], "client");
}

#[test]
fn interrupted_run_resets_what_was_open_and_says_so() {
    let lab = Lab::new();
    let ([a, b], _servers) = server(&lab, &["7=echo"]);
    for more in ["", " --no-ts"] {
        let mut run = start(&a, &format!("192.0.2.2:7 --hold 60 --json{more}"));
        wait_for(&b, "ss -Htn state established '( sport = :7 )' | grep -q .");
        run.signal(Signal::SIGINT);
        assert_eq!(run.wait().code(), Some(8));
        wait_for(&b, "! ss -Htna '( sport = :7 )' | grep -qv LISTEN");
    }
}

/// Until a script succeeds.
fn wait_for(host: &Host<'_>, script: &str) {
    host.sh(&format!(
        "for i in $(seq 500); do if {script}; then exit 0; fi; sleep 0.02; done; exit 1"
    ));
}

#[test]
fn capture_is_written_beside_the_drawing() {
    let lab = Lab::new();
    let ([a, _b], _servers) = server(&lab, &["7=echo"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seen.pcapng");
    handshake(&a, &format!("192.0.2.2:7 --send hi --recv 2 -o pcapng:{}", file.display())).exit(0);
    let octets = fs::read(file).unwrap();
    assert_eq!(octets[..4], [0x0a, 0x0d, 0x0d, 0x0a], "a section of pcapng");
    assert!(octets.windows(2).any(|pair| pair == b"hi"));
}

#[test]
fn words_that_make_no_sense_are_refused_by_name() {
    here("h:1 --third-ack-data").exit(2);
    here("h:1 --recv 1 --until-close").exit(2);
    here("h:1 --wscale 15").complains(2, &["--wscale 15"]);
    here("h:1 --linger 0 --no-sack").complains(2, &["--linger"]);
    here("h:1 -n").complains(2, &["-- 'n'"]);
    here("h:1 -I nonexistent0").complains(2, &["nonexistent0"]);
    here("no-such-name.invalid:1 -q").exit(5);
}
