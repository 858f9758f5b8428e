//! `handshake ping`: ports asked over and over, by connections and by SYNs of its own.

use serde_json::Value;
use wireline_lab::{Background, Host, Lab, Signal};

use super::common::{Run, as_nobody, handshake, here, start, with_net_raw};

/// Client, router and server, whose servers listen at 7 and 8. The router rejects 7003 and swallows 7004.
fn network(lab: &Lab) -> (Vec<Host<'_>>, Background) {
    let hosts = lab.chain(&["client", "router", "server"]);
    hosts[1].nft(
        "table inet fence {
           chain way {
             type filter hook forward priority 0
             meta nfproto ipv4 tcp dport 7003 reject with icmp type admin-prohibited
             meta nfproto ipv6 tcp dport 7003 reject with icmpv6 type admin-prohibited
             tcp dport 7004 drop
           }
         }",
    );
    let servers = hosts[2].tcp(&["7=discard", "8=discard"]);
    (hosts, servers)
}

const V4: &str = "10.1.2.2";
const V6: &str = "[fd00:2::2]";

fn only(mut all: Vec<Value>) -> Value {
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn probe(run: &Run) -> Value {
    only(run.events("probe"))
}

fn figure(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}: a number"))
}

#[test]
fn each_failure_is_told_apart_by_everybody_and_over_both_families() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    let runs: [fn(&Host<'_>, &str) -> Run; 3] = [handshake, as_nobody, with_net_raw];
    for run in runs.into_iter().take(if lab.has_users() { 3 } else { 2 }) {
        for (host, by, icmp) in [(V4, "10.1.1.2", (3, 13)), (V6, "fd00:1::2", (1, 1))] {
            let open = run(&hosts[0], &format!("ping {host}:7 -c 1 --json"));
            assert_eq!(probe(open.exit(0))["verdict"], "open");
            let closed = run(&hosts[0], &format!("ping {host}:9 -c 1 --json"));
            assert_eq!(probe(closed.exit(1))["verdict"], "closed");
            let told = probe(run(&hosts[0], &format!("ping {host}:7003 -c 1 --json")).exit(4));
            assert_eq!((&told["verdict"], &told["by"]), (&"rejected".into(), &by.into()));
            let kind = (&told["icmp_type"], &told["icmp_code"]);
            assert_eq!(kind, (&icmp.0.into(), &icmp.1.into()));
            let told = run(&hosts[0], &format!("ping {host}:7004 -c 1 -t 0.5 --json"));
            assert_eq!(probe(told.exit(3))["verdict"], "filtered");
        }
    }
}

#[test]
fn half_open_probes_come_to_the_same_and_are_never_accepted() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    let run = if lab.has_users() { with_net_raw } else { handshake };
    for (host, by) in [(V4, "10.1.1.2"), (V6, "fd00:1::2")] {
        for (port, verdict, code) in
            [(7, "open", 0), (9, "closed", 1), (7003, "rejected", 4), (7004, "filtered", 3)]
        {
            let told = run(&hosts[0], &format!("ping --half-open {host}:{port} -c 1 -t 1 --json"));
            let told = probe(told.exit(code));
            assert_eq!(told["verdict"], verdict, "{told}");
            match verdict {
                "open" => {
                    assert_eq!(told["clock"], "wire", "{told}");
                    assert!(figure(&told["rtt_ms"]) <= figure(&told["app_ms"]), "{told}");
                }
                "rejected" => assert_eq!(told["by"], by),
                _ => {}
            }
        }
    }
    let state = hosts[2].output("ss -Htan state syn-recv state established");
    assert_eq!(state.trim(), "", "the kernel ends them with RST");
}

#[test]
fn half_open_without_privilege_is_refused_by_name() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    as_nobody(&hosts[0], &format!("ping --half-open {V4}:7")).complains(6, &["cap_net_raw"]);
}

#[test]
fn lost_syn_is_told_and_its_second_is_in_no_round_trip() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    hosts[2].drop_each(2, "tcp flags & (syn | ack) == syn tcp dport 7");
    let run = as_nobody(&hosts[0], &format!("ping {V4}:7 -c 1"));
    run.exit(0);
    assert!(run.out.contains("(1 SYN lost, 1."), "{run:?}");
    assert!(run.out.contains("rtt<"), "{run:?}");
    let run = as_nobody(&hosts[0], &format!("ping {V4}:7 -c 1 --json"));
    let told = probe(run.exit(0));
    assert_eq!((&told["syn_lost"], &told["syn_sent"]), (&1.into(), &2.into()), "{told}");
    assert_eq!(told["coarse"], true, "{told}");
    assert!(figure(&told["rtt_ms"]) < 500.0 && figure(&told["app_ms"]) >= 1000.0, "{told}");
    let summary = only(run.events("target_summary"));
    assert!(summary["rtt"].is_null() && summary["coarse"] == 1, "{summary}");
}

#[test]
fn neighbour_that_does_not_answer_is_nobodys_silence() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    let told = probe(as_nobody(&hosts[0], "ping 10.1.1.99:7 -c 1 -t 8 --json").exit(4));
    assert_eq!(
        (&told["verdict"], &told["syn_lost"]),
        (&"no_neighbour".into(), &0.into()),
        "{told}"
    );
}

#[test]
fn neighbour_by_a_link_local_address_is_told_by_this_machine_too() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    let told = handshake(&hosts[0], "ping fe80::99%eth0 7 --half-open -c 1 -t 8 --json");
    assert_eq!(probe(told.exit(4))["verdict"], "no_neighbour", "{told:?}");
}

#[test]
fn timeout_below_a_second_is_kept_and_no_syn_is_made_up() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    let told = as_nobody(&hosts[0], &format!("ping {V4}:7004 -c 1 -t 0.3 --retry 1 --json"));
    let told = probe(told.exit(3));
    assert_eq!((&told["syn_sent"], &told["tries"]), (&2.into(), &2.into()), "{told}");
}

#[test]
fn interface_and_address_that_are_not_there_are_told_once() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    for way in ["", "--half-open"] {
        handshake(&hosts[0], &format!("ping {V4}:7 -I eth9 {way}")).complains(7, &["device"]);
        handshake(&hosts[0], &format!("ping {V4}:7 -S 203.0.113.9 {way}")).complains(7, &["bind"]);
    }
    here("ping 224.0.0.1:7").complains(2, &["multicast"]);
}

#[test]
fn one_source_port_serves_several_targets() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    let run = as_nobody(&hosts[0], &format!("ping {V4}:7 {V4}:8 -g 4445 -c 3 -i 0.01 --json"));
    assert_eq!(run.exit(0).events("probe").len(), 6, "{run:?}");
}

#[test]
fn target_of_which_nothing_is_known_at_the_end_is_in_the_exit_code() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    let mut ping = start(&hosts[0], &format!("ping {V4}:7 {V4}:7004 -t 60 --json"));
    while !ping.line().unwrap().contains("\"open\"") {}
    ping.signal(Signal::SIGINT);
    assert_eq!(ping.output().status.code(), Some(8));
}

#[test]
fn port_that_goes_down_and_up_again_has_streaks() {
    let lab = Lab::new();
    let (hosts, servers) = network(&lab);
    let mut ping = start(&hosts[0], &format!("ping {V4}:7 -i 0.1 --json"));
    let mut next = |event: &str, key: &str, want: &str| {
        loop {
            let line = ping.line().unwrap();
            let told: Value = serde_json::from_str(&line).unwrap();
            if told["event"] == event && told[key] == want {
                return;
            }
        }
    };
    next("probe", "verdict", "open");
    drop(servers);
    next("turn", "state", "down");
    let _servers = hosts[2].tcp(&["7=discard"]);
    next("turn", "state", "up");
    ping.signal(Signal::SIGINT);
    let output = ping.output();
    let rest = String::from_utf8(output.stdout).unwrap();
    let summary = rest.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let summary = summary.filter(|line| line["event"] == "target_summary").collect();
    let summary = only(summary);
    assert_eq!((&summary["up"]["count"], &summary["down"]["count"]), (&2.into(), &1.into()));
    assert!(figure(&summary["down"]["longest_ms"]) > 0.0, "{summary}");
    assert_eq!(summary["state"], "up");
    assert_eq!(output.status.code(), Some(1), "the worst of all probes was RST");
}

#[test]
fn until_open_ends_well_once_it_is_and_max_time_ends_it_badly() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    let mut ping = start(&hosts[0], &format!("ping {V4}:9 -i 0.05 --until open"));
    assert!(ping.line().unwrap().contains("closed"));
    let _more = hosts[2].tcp(&["9=discard"]);
    assert_eq!(ping.wait().code(), Some(0));
    let run = handshake(&hosts[0], &format!("ping {V4}:7004 --until open -w 0.6 -i 0.2"));
    assert!(run.exit(3).out.contains("silent"), "{run:?}");
    handshake(&hosts[0], &format!("ping {V4}:7 --until closed -w 0.3 -i 0.1")).exit(1);
    handshake(&hosts[0], &format!("ping {V4}:10 --until closed")).exit(0);
}

#[test]
fn twenty_targets_are_asked_at_once() {
    let lab = Lab::new();
    let hosts = lab.chain(&["client", "router", "server"]);
    let orders: Vec<String> = (0..20).map(|n| format!("{}=discard", 7100 + n)).collect();
    let _servers = hosts[2].tcp(&orders.iter().map(String::as_str).collect::<Vec<_>>());
    let targets: Vec<String> = (0..20).map(|n| format!("{V4}:{}", 7100 + n)).collect();
    let run = as_nobody(&hosts[0], &format!("ping {} -c 3 -i 0.2 --json", targets.join(" ")));
    run.exit(0);
    assert_eq!(run.events("probe").len(), 60);
    let summary = only(run.events("summary"));
    assert_eq!((&summary["up"], &summary["open"]), (&20.into(), &60.into()), "{summary}");
    assert!(
        figure(&summary["elapsed_ms"]) < 5000.0,
        "one after another it would be 12 s: {summary}"
    );
}

#[test]
fn exit_code_is_the_worst_unless_any_will_do() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    let both = format!("ping {V4}:7 {V4}:9 -c 1");
    handshake(&hosts[0], &both).exit(1);
    handshake(&hosts[0], &format!("{both} --exit-any")).exit(0);
    handshake(&hosts[0], &format!("ping {V4}:9 -c 1 --exit-any")).exit(1);
    let unknown = handshake(&hosts[0], &format!("ping {V4}:7 nobody.invalid:7 -c 1"));
    assert!(unknown.exit(5).err.contains("nobody.invalid"), "{unknown:?}");
    assert!(unknown.out.contains("open"), "the others are asked: {unknown:?}");
    handshake(&hosts[0], "ping nobody.invalid:7").complains(5, &["nobody.invalid"]);
}

#[test]
fn quiet_says_sums_only_and_failures_only_what_failed() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    let run = handshake(&hosts[0], &format!("ping {V4}:7 {V4}:9 -c 2 -i 0.05 -q"));
    assert!(!run.out.contains("seq="), "{run:?}");
    assert!(
        run.out.contains("tcping statistics") && run.out.contains("min/avg/max/mdev"),
        "{run:?}"
    );
    let run = handshake(&hosts[0], &format!("ping {V4}:7 {V4}:9 -c 2 -i 0.05 --failures-only"));
    assert_eq!(run.out.matches("seq=").count(), 2, "{run:?}");
    assert!(!run.out.contains(" open  "), "{run:?}");
    let run = handshake(&hosts[0], &format!("ping {V4}:7 -c 1 -D --histogram"));
    assert!(run.out.starts_with('[') && run.out.contains('#'), "{run:?}");
}

#[test]
fn interrupted_run_is_summed_up_and_a_count_not_reached_is_incomplete() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    for (words, code) in [("", 0), (" -c 100", 8)] {
        let mut ping = start(&hosts[0], &format!("ping {V4}:7{words}"));
        assert!(ping.line().unwrap().contains("open"));
        ping.signal(Signal::SIGQUIT);
        ping.signal(Signal::SIGINT);
        let output = ping.output();
        let out = String::from_utf8(output.stdout).unwrap();
        assert!(out.contains("statistics ---"), "{out}");
        assert_eq!(output.status.code(), Some(code), "{words}");
    }
}

#[test]
fn prometheus_text_is_well_formed_and_never_seen_half_written() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("tcp.prom");
    let args = format!("ping {V4}:7 {V4}:9 -c 2 -i 0.05 -q --prometheus {}", file.display());
    handshake(&hosts[0], &args).exit(1);
    let text = std::fs::read_to_string(&file).unwrap();
    is_exposition(&text);
    assert!(text.contains("result=\"open\"} 2\n"), "{text}");
    let left: Vec<_> = std::fs::read_dir(directory.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing else stays: {left:?}");
    let run = handshake(&hosts[0], &format!("ping {V4}:7 -c 1 --prometheus -"));
    is_exposition(&run.exit(0).out);
    let run = handshake(&hosts[0], &format!("ping {V4}:7 -c 1 -q --prometheus /nowhere/x"));
    run.complains(2, &["--prometheus", "No such file"]);
}

/// Comments, and samples whose names were described before.
fn is_exposition(text: &str) {
    let mut known = Vec::new();
    assert!(text.ends_with('\n') && !text.is_empty());
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            known.push(rest.split(' ').next().unwrap().to_owned());
        } else if !line.starts_with("# HELP ") {
            let (name, rest) = line.split_once('{').unwrap();
            let (_, value) = rest.rsplit_once("} ").unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
            assert!(known.iter().any(|known| name.starts_with(known.as_str())), "{line}");
        }
    }
}

#[test]
fn words_that_make_no_sense_are_usage_errors() {
    here("ping").complains(2, &["HOST:PORT"]);
    here("ping 192.0.2.1").complains(2, &["HOST:PORT"]);
    here("ping 192.0.2.1:7 -i 0.0001").complains(2, &["--interval"]);
    here("ping 192.0.2.1:7 --tos 3").complains(2, &["--tos"]);
    here("ping 192.0.2.1:7 --until never").complains(2, &["never"]);
}
