//! Ours beside nmap, hping3, ncat, nc and tcptraceroute: what they find, how long it takes, who is on the way.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use wireline_lab::{Background, Host, Lab, Link, ms};

use super::common::{Run, as_nobody, handshake};

/// Where an ordinary user's PATH does not lead.
const HPING3: &str = "/usr/sbin/hping3";
const TRACEROUTE: &str = "/usr/sbin/traceroute";

const V4: &str = "10.1.2.2";
const V6: &str = "fd00:2::2";
const ROUTER: [&str; 2] = ["10.1.1.2", "fd00:1::2"];
const PORTS: &str = "7,9,22,80,7001-7005";

/// Client, router and server, who listens at 7, 22 and 80. The router rejects 7001 to 7003 in three ways and
/// swallows 7004.
fn network(lab: &Lab) -> (Vec<Host<'_>>, Background) {
    let hosts = lab.chain(&["client", "router", "server"]);
    hosts[1].nft(
        "table inet fence {
           chain way {
             type filter hook forward priority 0
             tcp dport 7001 reject with tcp reset
             meta nfproto ipv4 tcp dport 7002 reject with icmp type port-unreachable
             meta nfproto ipv6 tcp dport 7002 reject with icmpv6 type port-unreachable
             meta nfproto ipv4 tcp dport 7003 reject with icmp type admin-prohibited
             meta nfproto ipv6 tcp dport 7003 reject with icmpv6 type admin-prohibited
             tcp dport 7004 drop
           }
         }",
    );
    let servers = hosts[2].tcp(&["7=discard", "22=silent", "80=discard"]);
    (hosts, servers)
}

/// The state of each port and nmap's reason for it.
fn nmap(host: &Host<'_>, args: &str) -> BTreeMap<u64, (String, String)> {
    let all = Run::to_end(host.command("nmap"), &format!("-n -Pn --reason {args}"));
    let port = |line: &str| {
        let (port, rest) = line.split_once("/tcp")?;
        let mut words = rest.split_whitespace();
        let (state, _service) = (words.next()?.to_owned(), words.next()?);
        Some((port.parse().ok()?, (state, words.collect::<Vec<_>>().join(" "))))
    };
    all.exit(0).out.lines().filter_map(port).collect()
}

/// Ours by port.
fn scan(run: &Run) -> BTreeMap<u64, Value> {
    let ports = run.events("port").into_iter();
    ports.map(|port| (port["port"].as_u64().unwrap(), port)).collect()
}

/// What nmap calls our verdict.
fn in_nmaps_words(port: &Value) -> &str {
    match port["verdict"].as_str() {
        Some(word @ ("open" | "closed")) => word,
        Some("rejected" | "unreachable" | "filtered") => "filtered",
        other => panic!("{other:?}: a verdict"),
    }
}

fn both_families() -> [(&'static str, &'static str, &'static str); 2] {
    [(V4, "", ROUTER[0]), (V6, "-6", ROUTER[1])]
}

#[test]
#[ignore = "needs nmap"]
fn half_open_scan_finds_what_nmap_finds_and_names_the_same_sender() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    for (target, family, router) in both_families() {
        let args = format!("scan {target} -p {PORTS} --raw --state all --json");
        let ours = scan(handshake(&hosts[0], &args).exit(4));
        let theirs = nmap(&hosts[0], &format!("{family} -sS -p {PORTS} {target}"));
        assert_eq!(ours.len(), 9, "{ours:?}");
        for (port, ours) in &ours {
            let (state, reason) = &theirs[port];
            assert_eq!(in_nmaps_words(ours), state, "{port}: {ours} / {theirs:?}");
            // Theirs may lose an ICMP error, and then says no-response.
            if let Some((_, by)) = reason.split_once("from ") {
                assert_eq!(ours["by"], by.split(' ').next().unwrap(), "{ours} / {reason}");
                assert_eq!(ours["by"], router, "{ours}");
            }
        }
    }
}

#[test]
#[ignore = "needs nmap"]
fn connect_scan_finds_what_nmap_finds_but_for_a_rejection_that_nmap_takes_for_a_closed_port() {
    const REJECTED: u64 = 7002;
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    for (target, family, router) in both_families() {
        let args = format!("scan {target} -p {PORTS} --connect --state all --json");
        let ours = scan(as_nobody(&hosts[0], &args).exit(4));
        let theirs = nmap(&hosts[0], &format!("{family} -sT -p {PORTS} {target}"));
        assert_eq!(ours.len(), 9, "{ours:?}");
        for (port, ours) in &ours {
            if *port == REJECTED {
                assert_eq!((&ours["verdict"], &ours["by"]), (&"rejected".into(), &router.into()));
                let closed = ("closed".to_owned(), "conn-refused".to_owned());
                assert_eq!(theirs[port], closed, "what docs/compat/handshake.md says of nmap");
            } else {
                assert_eq!(in_nmaps_words(ours), theirs[port].0, "{port}: {ours} / {theirs:?}");
            }
        }
    }
}

#[test]
#[ignore = "needs nmap"]
fn lists_and_exclusions_mean_what_they_mean_to_nmap() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.sh("ip route add local 198.51.100.0/24 dev lo");
    a.sh("ip route add 198.51.100.0/24 via 192.0.2.2");
    let _servers = b.tcp(&["22=silent"]);
    let list = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(list.path(), "198.51.100.17\n198.51.100.20-23\n").unwrap();
    let words = format!("-iL {} --exclude 198.51.100.21,198.51.100.23", list.path().display());
    let ours = handshake(&a, &format!("scan {words} -p 22 --json"));
    let ours: BTreeSet<_> = ours
        .exit(0)
        .events("port")
        .iter()
        .map(|port| port["address"].as_str().unwrap().to_owned())
        .collect();
    let theirs = Run::to_end(a.command("nmap"), &format!("-n -Pn -sS -p 22 -oG - {words}"));
    let host = |line: &str| {
        let is_open = line.contains("22/open/tcp");
        line.strip_prefix("Host: ")?.split(' ').next().filter(|_| is_open).map(str::to_owned)
    };
    let theirs: BTreeSet<_> = theirs.exit(0).out.lines().filter_map(host).collect();
    assert_eq!((ours.len(), &ours), (3, &theirs));
}

/// hping3's `round-trip min/avg/max = 0.6/0.6/0.6 ms`.
fn hpings_round_trips(run: &Run) -> Vec<f64> {
    let text = format!("{}{}", run.out, run.err);
    let (_, rest) = text.split_once("min/avg/max = ").unwrap_or_else(|| panic!("{run:?}"));
    let figures = rest.split_once(" ms").unwrap().0;
    figures.split('/').map(|figure| figure.parse().unwrap()).collect()
}

#[test]
#[ignore = "needs hping3"]
fn round_trips_are_those_of_hping3() {
    const DELAY: f64 = 40.0;
    let lab = Lab::new();
    let wire = lab.link("a", "b", &Link::new(1).delay(ms(20)));
    let (a, b) = (&wire.a, &wire.b);
    let _servers = b.tcp(&["7=discard"]);
    let theirs = Run::to_end(a.command(HPING3), "-n -S -c 5 -i u200000 -p 7 192.0.2.2");
    let theirs = hpings_round_trips(theirs.exit(0))[0];
    for way in ["", "--half-open"] {
        let ours = handshake(a, &format!("ping 192.0.2.2:7 -c 5 -i 0.2 {way} --json"));
        let ours = ours.exit(0).events("target_summary").remove(0)["rtt"]["min_ms"].as_f64();
        let ours = ours.unwrap();
        // Neither can be shorter than the link; hping3 looks at its clock late, ours asks the kernel.
        assert!(ours >= DELAY && theirs >= DELAY, "{way}: {ours} / {theirs}");
        assert!(ours <= theirs + DELAY / 2.0, "{way}: {ours} / {theirs}");
    }
}

/// The hops in the lines of tcptraceroute and traceroute -n: who answered, once each.
fn hops(run: &Run) -> Vec<(u64, String)> {
    let hop = |line: &str| {
        let mut words = line.split_whitespace();
        let number = words.next()?.parse().ok()?;
        Some((number, words.find(|word| word.parse::<std::net::IpAddr>().is_ok())?.to_owned()))
    };
    run.out.lines().filter_map(hop).collect()
}

#[test]
#[ignore = "needs tcptraceroute and traceroute"]
fn hops_are_those_of_tcptraceroute_and_traceroute() {
    let lab = Lab::new();
    let hosts = lab.chain(&["client", "r1", "r2", "server"]);
    hosts[2].nft(
        "table inet fence {
           chain way {
             type filter hook forward priority 0
             ip daddr 10.1.3.2 tcp dport 7003 reject with icmp type admin-prohibited
           }
         }",
    );
    let _servers = hosts[3].tcp(&["7=discard"]);
    for (port, code) in [(7, 0), (9, 1), (7003, 4)] {
        let theirs = Run::to_end(hosts[0].command("tcptraceroute"), &format!("-n 10.1.3.2 {port}"));
        let others =
            Run::to_end(hosts[0].command(TRACEROUTE), &format!("-n -T -p {port} 10.1.3.2"));
        let want = hops(&theirs);
        assert_eq!((want.len(), &want), (3, &hops(&others)), "{theirs:?} {others:?}");
        for way in ["--raw", "--connect"] {
            let ours = handshake(&hosts[0], &format!("path 10.1.3.2:{port} -n {way}"));
            assert_eq!(hops(ours.exit(code)), want, "{way}: {ours:?} / {theirs:?}");
        }
    }
}

/// The table of docs/compat/handshake.md: port, ours, hping3, nmap, ncat and nc.
const CODES: [(u16, i32, i32, i32, i32); 4] =
    [(7, 0, 0, 0, 0), (9, 1, 0, 0, 1), (7004, 3, 1, 0, 1), (7003, 4, 0, 0, 1)];

#[test]
#[ignore = "needs hping3, nmap, ncat and nc"]
fn exit_codes_are_those_of_the_table() {
    let lab = Lab::new();
    let (hosts, _servers) = network(&lab);
    let client = &hosts[0];
    for (port, ours, hping3, nmap, nc) in CODES {
        handshake(client, &format!("ping {V4}:{port} -c 1 -t 1")).exit(ours);
        Run::to_end(client.command(HPING3), &format!("-n -S -c 1 -p {port} {V4}")).exit(hping3);
        Run::to_end(client.command("nmap"), &format!("-n -Pn -sS -p {port} {V4}")).exit(nmap);
        Run::to_end(client.command("ncat"), &format!("-z -w 1 {V4} {port}")).exit(nc);
        Run::to_end(client.command("nc.openbsd"), &format!("-z -w 1 {V4} {port}")).exit(nc);
    }
}
