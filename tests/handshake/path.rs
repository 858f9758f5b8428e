//! `handshake path`: the routers on the way to a port, and the port's state.

use serde_json::Value;
use wireline_lab::{Background, Host, Lab, Labels, Path};

use super::common::{Run, as_nobody, handshake, here, with_net_raw};

/// Client, two routers and a server at whose port 7 somebody listens. The second router rejects 7003 and swallows
/// 7004, the first makes segments smaller.
fn network(lab: &Lab) -> (Vec<Host<'_>>, Background) {
    let hosts = lab.chain(&["client", "r1", "r2", "server"]);
    hosts[1].nft(
        "table inet clamp {
           chain way {
             type filter hook forward priority 0
             tcp flags syn tcp option maxseg size set 1200
           }
         }",
    );
    hosts[2].nft(
        "table inet fence {
           chain way {
             type filter hook forward priority 0
             meta nfproto ipv4 tcp dport 7003 reject with icmp type admin-prohibited
             meta nfproto ipv6 tcp dport 7003 reject with icmpv6 type admin-prohibited
             tcp dport 7004 drop
           }
         }",
    );
    let servers = hosts[3].tcp(&["7=discard"]);
    (hosts, servers)
}

const V4: &str = "10.1.3.2";
const V6: &str = "[fd00:3::2]";

fn port(run: &Run) -> Value {
    let all = run.events("port");
    assert_eq!(all.len(), 1, "{run:?}");
    all[0].clone()
}

/// Who answered for each hop, once each.
fn hops(run: &Run) -> Vec<(u64, String)> {
    let probes = run.events("probe");
    let answered = probes
        .iter()
        .filter_map(|probe| Some((probe["hop"].as_u64()?, probe["source"].as_str()?.to_owned())));
    let mut hops: Vec<_> = answered.collect();
    hops.dedup();
    hops
}

#[test]
fn routers_and_the_state_of_the_port_are_told_to_everybody() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    let ways: [[&str; 3]; 2] =
        [["10.1.1.2", "10.1.2.2", "10.1.3.2"], ["fd00:1::2", "fd00:2::2", "fd00:3::2"]];
    let runs: [fn(&Host<'_>, &str) -> Run; 3] = [handshake, as_nobody, with_net_raw];
    for run in runs.into_iter().take(if lab.has_users() { 3 } else { 2 }) {
        for (host, way) in [V4, V6].into_iter().zip(ways) {
            let run = run(&hosts[0], &format!("path {host}:7 --json"));
            let want: Vec<_> = (1..).zip(way.map(str::to_owned)).collect();
            assert_eq!(hops(run.exit(0)), want, "{run:?}");
            let told = port(&run);
            assert_eq!((&told["verdict"], &told["hop"]), (&"open".into(), &3.into()), "{told}");
            assert_eq!(told["flags"], "syn,ack", "{told}");
        }
    }
}

#[test]
fn closed_rejected_and_silent_ports_are_told_apart() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    let runs: [fn(&Host<'_>, &str) -> Run; 2] = [handshake, as_nobody];
    for run in runs {
        let told = run(&hosts[0], &format!("path {V4}:9 --json"));
        assert_eq!(port(told.exit(1))["verdict"], "closed");
        let told = port(run(&hosts[0], &format!("path {V4}:7003 --json")).exit(4));
        assert_eq!((&told["verdict"], &told["by"]), (&"rejected".into(), &"10.1.2.2".into()));
        let told = run(&hosts[0], &format!("path {V4}:7004 -m 4 -t 0.5 --json"));
        let told = port(told.exit(3));
        assert_eq!(
            (&told["verdict"], &told["last_hop"]),
            (&"filtered".into(), &2.into()),
            "{told}"
        );
    }
}

#[test]
fn header_that_was_rewritten_is_told_with_the_hop_where_it_shows() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    let run = handshake(&hosts[0], &format!("path {V4}:7 -n"));
    let line = run.exit(0).out.lines().find(|line| line.starts_with("rewritten from hop 2 on:"));
    assert!(line.is_some_and(|line| line.contains("MSS 1460 to 1200")), "{run:?}");
    assert!(run.out.ends_with(&format!("{V4}:7 is open: syn,ack from {V4} at hop 3\n")), "{run:?}");
}

#[test]
fn lines_are_those_of_traceroute() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    let run = as_nobody(&hosts[0], &format!("path {V4} 7003 -n --queries 1"));
    let lines: Vec<_> = run.exit(4).out.lines().collect();
    assert!(lines[0].contains("30 hops max, by connect(2)"), "{lines:?}");
    assert!(lines[1].starts_with(" 1  10.1.1.2  ") && lines[1].ends_with(" ms"), "{lines:?}");
    assert!(lines[3].contains(" 3  10.1.2.2  ") && lines[3].ends_with(" ms !X"), "{lines:?}");
    assert!(lines[4].contains("is rejected: by 10.1.2.2 at hop 3, ICMP 3/13"), "{lines:?}");
}

#[test]
fn labels_of_mpls_stand_beside_the_router_that_told_them() {
    let lab = Lab::new();
    let host = lab.host("a");
    let _path = lab.path(&host, &Path::new(3).hop(2, |hop| hop.labels(Labels::of(&[24001]))));
    for run in [handshake, as_nobody] {
        let run = run(&host, &format!("path {}:7 -n", Path::TARGET_V4));
        let line = run.out.lines().find(|line| line.starts_with(" 2 "));
        let is_told = line.is_some_and(|line| line.contains(" <MPLS:L=24001,E=0,S=1,T=1>  "));
        assert!(is_told, "{run:?}");
    }
}

#[test]
fn router_that_finds_no_neighbour_is_told_where_it_is_waited_for() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    for run in [handshake, as_nobody] {
        let run = run(&hosts[0], "path 10.1.3.99:7 -t 9 -m 4 --json");
        let told = port(run.exit(4));
        let want = (&"unreachable".into(), &"10.1.2.2".into(), &1.into());
        assert_eq!((&told["verdict"], &told["by"], &told["icmp_code"]), want, "{told}");
    }
}

#[test]
fn raw_without_privilege_is_refused_by_name() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    as_nobody(&hosts[0], &format!("path {V4}:7 --raw")).complains(6, &["--raw", "cap_net_raw"]);
}

#[test]
fn nothing_is_left_half_open() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    handshake(&hosts[0], &format!("path {V4}:7")).exit(0);
    as_nobody(&hosts[0], &format!("path {V4}:7")).exit(0);
    let state = hosts[3].output("ss -Htan state syn-recv state established");
    assert_eq!(state.trim(), "");
}

#[test]
fn words_that_make_no_sense_are_usage_errors() {
    here("path").complains(2, &["HOST:PORT"]);
    here("path 192.0.2.1:7 -m 300").complains(2, &["--max-hops"]);
    here("path 192.0.2.1:7 --raw --connect").complains(2, &["cannot be used with"]);
    here("path nobody.invalid:7").complains(5, &["nobody.invalid"]);
}
