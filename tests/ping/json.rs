//! `--json`: one object a line, whatever happens.

use serde_json::Value;
use wireline_lab::{Lab, Signal};

use crate::common::{Run, Socket, Strange, Way, json, ping, ping_by, start};

fn events(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["event"].as_str().unwrap()).collect()
}

#[test]
fn every_line_names_the_tool_and_the_event_first() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let run = ping(&a, "--json -c 2 -i 0.01 192.0.2.2");
    run.quiet_exit(0);
    assert_eq!(events(&run.json()), ["start", "reply", "reply", "summary"]);
    for line in run.out.lines() {
        assert!(line.starts_with("{\"tool\":\"ping\",\"event\":\""), "{line}");
    }
}

#[test]
fn start_tells_the_version_and_the_target() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for (socket, kind) in [(Socket::Raw, "raw"), (Socket::Datagram, "datagram")] {
        let start = ping_by(socket, &a, "--json -c 1 2001:db8::2").json().remove(0);
        assert_eq!(start["v"], 1);
        assert_eq!(start["target"], "2001:db8::2");
        assert_eq!(start["address"], "2001:db8::2");
        assert_eq!(start["size"], 56);
        assert_eq!(start["socket"], kind);
    }
}

#[test]
fn reply_has_numbers_for_numbers() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let reply = ping(&a, "--json -c 1 192.0.2.2").json().remove(1);
    assert_eq!(reply["source"], "192.0.2.2");
    assert_eq!(
        (&reply["seq"], &reply["hop_limit"], &reply["size"]),
        (&1.into(), &64.into(), &64.into())
    );
    assert!(reply["rtt_ms"].as_f64().is_some_and(|ms| ms > 0.0), "{reply}");
    for key in ["duplicate", "late", "truncated", "bad_checksum", "wrong_source"] {
        assert_eq!(reply[key], false, "{key}");
    }
    assert!(reply["unix_ms"].as_f64().is_some_and(|ms| ms > 1.6e12), "{reply}");
}

#[test]
fn events_are_the_same_by_either_kind_of_socket() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let shape = |socket| {
        let lines = ping_by(socket, &a, "--json -c 2 -i 0.01 192.0.2.2").json();
        let keys =
            ["event", "seq", "source", "hop_limit", "size", "sent", "received", "loss_percent"];
        lines.iter().map(|line| keys.map(|key| line[key].to_string())).collect::<Vec<_>>()
    };
    assert_eq!(shape(Socket::Raw), shape(Socket::Datagram));
}

#[test]
fn loss_of_everything_still_has_a_summary() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.drop_icmp();
    let run = ping(&a, "--json -c 2 -i 0.01 -W 0.1 192.0.2.2");
    run.quiet_exit(1);
    let lines = run.json();
    assert_eq!(events(&lines), ["start", "lost", "lost", "summary"]);
    assert_eq!((&lines[1]["seq"], &lines[2]["seq"]), (&1.into(), &2.into()));
    let summary = &lines[3];
    assert_eq!((&summary["sent"], &summary["received"]), (&2.into(), &0.into()));
    assert_eq!(summary["loss_percent"], 100.0);
    assert_eq!(summary["rtt"], Value::Null);
}

#[test]
fn summary_has_loss_as_a_fraction_and_the_round_trips() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.drop_each(3, "icmp type echo-request");
    let lines = ping(&a, "--json -c 3 -i 0.05 -W 0.2 192.0.2.2").json();
    let summary = lines.last().unwrap();
    let loss = summary["loss_percent"].as_f64().unwrap();
    assert!((loss - 100.0 / 3.0).abs() < 0.001, "{summary}");
    assert!(summary["rtt"].is_object(), "{summary}");
}

#[test]
fn sigint_ends_with_a_summary() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let mut ping = start(&a, "--json -i 30 192.0.2.2");
    let first = [ping.line().unwrap(), ping.line().unwrap()].join("\n");
    assert_eq!(events(&json(&first)), ["start", "reply"]);
    ping.signal(Signal::SIGINT);
    let run = Run::of(ping.output());
    run.quiet_exit(0);
    assert_eq!(events(&run.json()), ["summary"]);
}

#[test]
fn error_tells_type_code_and_what_they_mean() {
    let lab = Lab::new();
    let strange = Strange::new(&lab, &["error:3:13", "error:1:1"]);
    for way in Way::ALL {
        let n = 1 + usize::from(way.v6);
        let run = ping_by(way.socket, &strange.a, &format!("--json -c 1 -W 1 {}", way.target(n)));
        run.quiet_exit(1);
        let lines = run.json();
        let error = lines.iter().find(|line| line["event"] == "error").unwrap();
        assert_eq!(error["seq"], 1);
        assert_eq!(error["from"], way.router());
        let [kind, code] = if way.v6 { [1, 1] } else { [3, 13] };
        assert_eq!((&error["icmp_type"], &error["icmp_code"]), (&kind.into(), &code.into()));
        assert!(error["reason"].is_string(), "{error}");
        assert_eq!(lines.last().unwrap()["errors"], 1);
    }
}

#[test]
fn trouble_of_this_machine_is_an_event() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let run = ping(&a, "--json -c 1 -W 0.1 -M do -s 2000 192.0.2.2");
    run.quiet_exit(1);
    let lines = run.json();
    let error = lines.iter().find(|line| line["event"] == "local_error").unwrap();
    assert_eq!((&error["mtu"], &error["errno"]), (&1500.into(), &90.into()), "{error}");
}

#[test]
fn oddities_are_fields_and_not_words_between_the_lines() {
    let lab = Lab::new();
    let strange = Strange::new(&lab, &["dup:2", "flip:20", "other-source", "truncate:36"]);
    let of = |n: usize, args: &str| {
        let lines = ping(&strange.a, &format!("--json {args} 198.51.100.{n}")).json();
        lines.into_iter().filter(|line| line["event"] == "reply").collect::<Vec<_>>()
    };
    assert_eq!(of(1, "-c 2 -i 0.2")[1]["duplicate"], true);
    assert_eq!(of(2, "-c 1")[0]["damage"]["offset"], 20);
    assert_eq!(of(3, "-c 1")[0]["wrong_source"], true);
    assert_eq!(of(4, "-c 1")[0]["truncated"], true);
}

#[test]
fn flags_for_text_add_no_lines() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.drop_each(2, "icmp type echo-request");
    let run = ping(&a, "--json -O -D -v -a -c 2 -i 0.05 -W 0.2 192.0.2.2");
    assert_eq!(run.code, Some(0));
    let all = run.json();
    assert!(all.iter().all(|line| line["tool"] == "ping"), "{}", run.out);
}
