//! `handshake scan`: what is found of many ports, as root, with `CAP_NET_RAW` only and as nobody.

use serde_json::Value;
use wireline_lab::{Background, Host, Lab};

use super::common::{Run, as_nobody, handshake, here, with_net_raw};

/// Thirty ports, two of which many know.
fn listening() -> Vec<u16> {
    [22, 80].into_iter().chain((0..28).map(|n| 1000 + n * 31)).collect()
}

fn serve(host: &Host<'_>) -> Background {
    let orders: Vec<_> = listening().iter().map(|port| format!("{port}=silent")).collect();
    host.tcp(&orders.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The ports with a verdict, in ascending order.
fn ports(run: &Run, verdict: &str) -> Vec<u64> {
    let all = run.events("port").into_iter().filter(|port| port["verdict"] == verdict);
    let mut ports: Vec<u64> = all.map(|port| port["port"].as_u64().unwrap()).collect();
    ports.sort_unstable();
    ports
}

fn summary(run: &Run) -> Value {
    run.events("summary").pop().unwrap()
}

#[test]
fn thirty_of_a_thousand_ports_are_found_by_both_ways_over_both_families_whoever_asks() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    let _servers = serve(&b);
    let want: Vec<u64> = listening().into_iter().map(u64::from).collect();
    let thousand = "22,80,1000-1997";
    for target in ["192.0.2.2", "2001:db8::2"] {
        let args = |more: &str| format!("scan {target} -p {thousand} --open --json {more}");
        let mut runs = vec![
            handshake(&a, &args("--raw")),
            handshake(&a, &args("--connect")),
            as_nobody(&a, &args("")),
        ];
        if lab.has_users() {
            runs.push(with_net_raw(&a, &args("--raw --rtt")));
        }
        for run in runs {
            run.exit(1);
            let ended = summary(&run);
            assert_eq!(ports(&run, "open"), want, "{run:?}");
            assert_eq!(
                (&ended["closed"], &ended["complete"]),
                (&970.into(), &true.into()),
                "{run:?}"
            );
        }
    }
}

#[test]
fn round_trips_are_told_where_they_are_asked_for() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    let _servers = serve(&b);
    let run = handshake(&a, "scan 192.0.2.2 -p 22,23 --raw --rtt --json");
    for port in run.exit(1).events("port") {
        assert!(port["rtt_ms"].as_f64().is_some_and(|rtt| rtt > 0.0 && rtt < 1000.0), "{port}");
    }
    let run = handshake(&a, "scan 192.0.2.2 -p 22,23 --raw --json");
    assert!(run.exit(1).events("port").iter().all(|port| port.get("rtt_ms").is_none()));
}

#[test]
fn who_rejects_is_named_and_silence_is_filtered() {
    let lab = Lab::new();
    let hosts = lab.chain(&["client", "router", "server"]);
    let [client, router, server] = hosts.as_slice() else { panic!("three hosts") };
    router.nft(
        "table inet fence {
            chain way {
                type filter hook forward priority 0
                tcp dport 7001 reject with tcp reset
                meta nfproto ipv4 tcp dport 7003 reject with icmp type port-unreachable
                meta nfproto ipv4 tcp dport 7013 reject with icmp type admin-prohibited
                meta nfproto ipv4 tcp dport 7000 reject with icmp type net-unreachable
                tcp dport 7100 drop
            }
        }",
    );
    router.sysctl("net.ipv4.icmp_ratelimit", "0");
    let _servers = serve(server);
    let address = server.output("ip -4 -o addr show scope global");
    let address = address.split_whitespace().nth(3).and_then(|net| net.split('/').next()).unwrap();
    for way in ["--raw", "--connect"] {
        let args = format!("scan {address} -p 22,7000,7001,7003,7013,7100 --json -t 0.5 {way}");
        let run = handshake(client, &args);
        run.exit(4);
        let found: Vec<_> = ["open", "closed", "rejected", "unreachable", "filtered"]
            .map(|verdict| ports(&run, verdict))
            .into();
        assert_eq!(
            found,
            [vec![22], vec![7001], vec![7003, 7013], vec![7000], vec![7100]],
            "{run:?}"
        );
        for port in run.events("port") {
            if port["verdict"] == "rejected" || port["verdict"] == "unreachable" {
                assert_ne!(port["by"], address, "the router said it: {run:?}");
            }
            if port["verdict"] == "filtered" {
                assert_eq!(port["syn_sent"], 3, "{run:?}");
            }
        }
    }
    let only = format!("scan {address} -p 22,7100 -t 0.2 --exit-any --open");
    handshake(client, &only).exit(0);
    handshake(client, &format!("scan {address} -p 7100 -t 0.2")).exit(3);
}

#[test]
fn host_that_is_not_there_has_no_neighbour_and_no_way_is_no_route() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for way in ["--raw", "--connect"] {
        let run = handshake(&a, &format!("scan 192.0.2.77 203.0.113.1 -p 22,23 --json {way}"));
        run.exit(4);
        assert_eq!(ports(&run, "no_neighbour"), [22, 23], "{run:?}");
        assert_eq!(ports(&run, "no_route"), [22, 23], "{run:?}");
    }
}

#[test]
fn few_descriptors_are_no_reason_to_miss_a_port() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    let _servers = serve(&b);
    let program = super::common::program_path();
    let args = "scan 192.0.2.2 -p 22,80,1000-1997 --open --json --connect";
    let script = format!("ulimit -n 64; {} {args} || true", program.display());
    let run = Run { code: Some(0), out: a.output(&script), err: String::new() };
    assert_eq!(ports(&run, "open").len(), 30, "{run:?}");
    assert_eq!(summary(&run)["complete"], true, "{run:?}");
}

#[test]
fn our_own_ports_and_addresses_are_asked_like_any_others() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let _servers = serve(&a);
    let args = "scan 127.0.0.1 192.0.2.1 ::1 -p 22,40000 -g 40000 --raw --json -t 0.3";
    let run = handshake(&a, args);
    run.exit(1);
    assert_eq!(ports(&run, "open"), [22, 22, 22], "{run:?}");
    assert_eq!(ports(&run, "closed"), [40000, 40000, 40000], "{run:?}");
}

/// A router that answers for whoever is behind it.
#[test]
fn syn_proxy_is_told_from_an_open_port_by_a_whole_handshake() {
    let lab = Lab::new();
    let hosts = lab.chain(&["client", "router", "server"]);
    let [client, router, server] = hosts.as_slice() else { panic!("three hosts") };
    router.sysctl("net.netfilter.nf_conntrack_tcp_loose", "0");
    router.nft(
        "table ip proxy {
            chain before {
                type filter hook prerouting priority raw
                tcp dport {22, 23} tcp flags syn notrack
            }
            chain way {
                type filter hook forward priority 0
                tcp dport {22, 23} ct state invalid,untracked synproxy mss 1400 wscale 7 timestamp sack-perm
                ct state invalid drop
            }
        }",
    );
    let _servers = serve(server);
    let address = server.output("ip -4 -o addr show scope global");
    let address = address.split_whitespace().nth(3).and_then(|net| net.split('/').next()).unwrap();
    for way in ["--raw", "--connect"] {
        let run = handshake(client, &format!("scan {address} -p 22,23,24 --json --verify {way}"));
        run.exit(1);
        let mut found: Vec<_> = run
            .events("port")
            .into_iter()
            .map(|port| {
                (port["port"].as_u64(), port["verdict"].to_string(), port["verified"].to_string())
            })
            .collect();
        found.sort();
        let want =
            [(22, "open", "\"completed\""), (23, "proxied", "\"proxied\""), (24, "closed", "null")]
                .map(|(port, verdict, verified)| {
                    (Some(port), format!("\"{verdict}\""), verified.to_owned())
                });
        assert_eq!(found, want, "{run:?}");
        assert_eq!(summary(&run)["proxied"], 1, "{run:?}");
    }
    let run = handshake(client, &format!("scan {address} -p 23 --raw"));
    assert!(run.out.contains("try --verify"), "window 0 is a hint: {run:?}");
    let run = handshake(client, &format!("scan {address} -p 23 --verify"));
    assert!(run.exit(1).out.contains("proxied"), "{run:?}");
}

#[test]
fn raw_without_the_privilege_is_refused_and_words_that_make_no_sense_are() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    as_nobody(&a, "scan 192.0.2.2 -p 22 --raw").complains(6, &["--raw", "setcap"]);
    for (args, code, word) in [
        ("scan", 2, "a target is needed"),
        ("scan 192.0.2.1 -p 0", 2, "0"),
        ("scan 192.0.2.1 -p 9-1", 2, "9-1"),
        ("scan 224.0.0.1 -p 1", 2, "224.0.0.1"),
        ("scan 192.0.2.0/33 -p 1", 2, "no such network"),
        ("scan 192.0.2.1 -p 1 --top 9", 2, "--top"),
        ("scan 192.0.2.1 -p 1 --shard 1/2", 2, "--shard"),
        ("scan 192.0.2.1 -p 1 --rate 0", 2, "--rate"),
        ("scan 192.0.2.1 -p 1 --connect -g 9", 2, "--connect"),
        ("scan 10.0.0.0/8 -p -", 2, "more than"),
        ("scan 192.0.2.1 -p 1 --frobnicate", 2, "--frobnicate"),
        ("scan -iL /nonexistent -p 1", 2, "/nonexistent"),
        ("scan nowhere.invalid -p 1", 5, "nowhere.invalid"),
    ] {
        here(args).complains(code, &["handshake scan: ", word]);
    }
}

#[test]
fn lists_exclusions_and_shards_choose_whom_to_ask() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.sh("ip route add local 198.51.100.0/24 dev lo");
    a.sh("ip route add 198.51.100.0/24 via 192.0.2.2");
    let list = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(list.path(), "198.51.100.8/30 # four\n198.51.100.20-23\n").unwrap();
    let list = list.path().display();
    let args = format!("scan -iL {list} --exclude 198.51.100.22-23 -p 22 --state all --json");
    let asked = |run: &Run| {
        let mut all: Vec<_> =
            run.events("port").iter().map(|port| port["address"].to_string()).collect();
        all.sort();
        all
    };
    let run = handshake(&a, &args);
    let want = ["8", "9", "10", "11", "20", "21"].map(|n| format!("\"198.51.100.{n}\""));
    let mut want = want.to_vec();
    want.sort();
    assert_eq!(asked(run.exit(1)), want);
    let halves =
        ["1/2", "2/2"].map(|k| asked(&handshake(&a, &format!("{args} --seed 7 --shard {k}"))));
    let mut both = halves.concat();
    both.sort();
    assert_eq!((both, halves[0].len()), (want, 3));
}

/// What a script with this program's run in it prints, and its exit code.
fn scripted(host: &Host<'_>, before: &str, args: &str) -> Run {
    let program = super::common::program_path();
    let script = format!("code=0; ({before} {} scan {args}) 2>&1 || code=$?", program.display());
    let out = host.output(&format!("{script}; echo $code"));
    let (out, code) = out.trim_end().rsplit_once('\n').unwrap();
    Run { code: code.parse().ok(), out: out.to_owned(), err: String::new() }
}

#[test]
fn whoever_interrupts_it_hears_what_was_found_and_that_it_is_not_all() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for way in ["--raw", "--connect"] {
        let args = format!("192.0.2.2 -p - --rate 100 --json -q {way}");
        let run = scripted(&a, "exec timeout -s INT --preserve-status 4", &args);
        let ended = summary(run.exit(8));
        assert_eq!((&ended["interrupted"], &ended["complete"]), (&true.into(), &false.into()));
        assert!(ended["closed"].as_u64() > Some(0) && ended["unasked"].as_u64() > Some(60_000));
    }
}

#[test]
fn no_descriptor_at_all_is_our_own_fault_and_never_a_closed_port() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    for most in 5..=10 {
        let run = scripted(&a, &format!("ulimit -n {most};"), "192.0.2.2 -p 22,80 --connect");
        assert!(run.exit(7).out.contains("Too many open files"), "{run:?}");
        assert!(!run.out.contains("closed") && !run.out.contains("filtered"), "{run:?}");
    }
}

#[test]
fn few_descriptors_for_many_who_may_be_silent_are_told_beforehand() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.sh("ip route add local 198.51.100.0/24 dev lo");
    a.sh("ip route add 198.51.100.0/24 via 192.0.2.2");
    let run = scripted(&a, "ulimit -n 32;", "198.51.100.0/24 -p 22 --connect");
    assert!(run.exit(1).out.contains("8 connections at once (ulimit -n)"), "{run:?}");
    assert!(run.out.contains("256 closed"), "{run:?}");
}

#[test]
fn first_and_last_of_a_network_are_asked_but_our_own_broadcast_address_is_not() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    a.sh("ip addr add 198.51.100.1/29 broadcast 198.51.100.7 dev eth0");
    b.sh("ip route add local 203.0.113.0/29 dev lo");
    a.sh("ip route add 203.0.113.0/29 via 192.0.2.2");
    let run = handshake(&a, "scan 203.0.113.0/29 -p 22 --json");
    assert_eq!(summary(run.exit(1))["closed"], 8, "{run:?}");
    let run = handshake(&a, "scan 198.51.100.6-8 -p 22 --json -t 0.1");
    assert_eq!(summary(&run)["targets"], 2, "{run:?}");
    run.complains(4, &["198.51.100.7 is left out", "broadcast"]);
}

#[test]
fn terminal_sees_how_far_it_has_got() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let program = super::common::program_path();
    let command = format!("{} scan 192.0.2.2 -p 1-3000 --rate 1000 --raw", program.display());
    let seen = a.output(&format!("script -qc '{command}' /dev/null || true"));
    assert!(seen.contains("/3000") || seen.contains("/3,000"), "{seen:?}");
    assert!(seen.contains("3000 closed"), "{seen:?}");
}
