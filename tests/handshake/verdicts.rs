//! What came of a connection, told apart as connect(2) does not: the whole table, of both families, as root, as
//! nobody and in user space.

use serde_json::Value;
use wireline_lab::{Host, Lab};

use super::common::{Run, as_nobody, handshake, program_path};

/// A verdict, and the sender, type and code of the ICMP error behind it.
type Want = (&'static str, Option<(&'static str, u64, u64)>);

/// What a firewall in the middle does with a port, and what that is.
struct Row {
    port: u16,
    v4: (&'static str, Want),
    v6: (&'static str, Want),
    code: i32,
}

const R4: &str = "10.1.1.2";
const R6: &str = "fd00:1::2";

const fn rejected(by: &'static str, icmp_type: u64, code: u64) -> Want {
    ("rejected", Some((by, icmp_type, code)))
}

const fn unreachable(by: &'static str, icmp_type: u64, code: u64) -> Want {
    ("unreachable", Some((by, icmp_type, code)))
}

const ROWS: [Row; 8] = [
    Row {
        port: 7001,
        v4: ("tcp reset", ("closed", None)),
        v6: ("tcp reset", ("closed", None)),
        code: 1,
    },
    Row {
        port: 7002,
        v4: ("icmp type net-unreachable", unreachable(R4, 3, 0)),
        v6: ("icmpv6 type no-route", unreachable(R6, 1, 0)),
        code: 4,
    },
    Row {
        port: 7003,
        v4: ("icmp type host-unreachable", unreachable(R4, 3, 1)),
        v6: ("icmpv6 type addr-unreachable", unreachable(R6, 1, 3)),
        code: 4,
    },
    Row {
        port: 7004,
        v4: ("icmp type prot-unreachable", rejected(R4, 3, 2)),
        v6: ("icmpv6 type reject-route", rejected(R6, 1, 6)),
        code: 4,
    },
    Row {
        port: 7005,
        v4: ("icmp type port-unreachable", rejected(R4, 3, 3)),
        v6: ("icmpv6 type port-unreachable", rejected(R6, 1, 4)),
        code: 4,
    },
    Row {
        port: 7006,
        v4: ("icmp type admin-prohibited", rejected(R4, 3, 13)),
        v6: ("icmpv6 type admin-prohibited", rejected(R6, 1, 1)),
        code: 4,
    },
    Row {
        port: 7007,
        v4: ("icmp type net-prohibited", rejected(R4, 3, 9)),
        v6: ("icmpv6 type policy-fail", rejected(R6, 1, 5)),
        code: 4,
    },
    Row {
        port: 7008,
        v4: ("icmp type host-prohibited", rejected(R4, 3, 10)),
        v6: ("icmpv6 type admin-prohibited", rejected(R6, 1, 1)),
        code: 4,
    },
];

/// Client, router and server; the server has an echo at port 7, the router a rule for each row and silence at 7100.
fn network(lab: &Lab) -> Vec<Host<'_>> {
    let hosts = lab.chain(&["client", "router", "server"]);
    let rules = ROWS
        .map(|row| {
            let port = row.port;
            format!(
                "    meta nfproto ipv4 tcp dport {port} reject with {}\n    meta nfproto ipv6 tcp dport {port} reject with {}\n",
                row.v4.0, row.v6.0
            )
        })
        .concat();
    hosts[1].nft(&format!(
        "table inet fence {{\n  chain way {{\n    type filter hook forward priority 0\n{rules}    tcp dport 7100 drop\n  }}\n}}"
    ));
    // Errors as many as are asked for.
    hosts[1].sysctl("net.ipv4.icmp_ratelimit", "0");
    hosts[1].sysctl("net.ipv6.icmp.ratelimit", "0");
    hosts
}

fn result(run: &Run) -> Value {
    let all = run.events("result");
    assert_eq!(all.len(), 1, "{run:?}");
    all[0].clone()
}

fn is(run: &Run, (verdict, icmp): Want, code: i32) {
    let told = result(run);
    assert_eq!(told["verdict"], verdict, "{run:?}");
    match icmp {
        Some((by, icmp_type, icmp_code)) => {
            assert_eq!(told["by"], by, "{run:?}");
            assert_eq!(
                (&told["icmp_type"], &told["icmp_code"]),
                (&icmp_type.into(), &icmp_code.into())
            );
        }
        None => assert_eq!(told.get("by"), None, "{run:?}"),
    }
    run.exit(code);
}

/// As whom, or how, a connection is made.
type Way = fn(&Host<'_>, &str) -> Run;

fn in_user_space(host: &Host<'_>, args: &str) -> Run {
    handshake(host, &format!("{args} --no-ts"))
}

/// Longer than any of them may take to be told.
const PATIENCE: u64 = 60;

const WAYS: [Way; 3] = [handshake, as_nobody, in_user_space];

#[test]
fn rejections_are_told_apart_and_their_senders_named() {
    let lab = Lab::new();
    let hosts = network(&lab);
    for row in ROWS {
        for way in WAYS {
            let args = format!("10.1.2.2:{} --json -t {PATIENCE}", row.port);
            is(&way(&hosts[0], &args), row.v4.1, row.code);
            let args = format!("[fd00:2::2]:{} --json -t {PATIENCE}", row.port);
            let run = way(&hosts[0], &args);
            is(&run, row.v6.1, row.code);
            is_told_at_once(&run);
        }
    }
}

/// The error ends the wait: a connection that has failed is not waited for to the end of its time.
fn is_told_at_once(run: &Run) {
    let took = result(run)["app_rtt_ms"].as_f64();
    assert!(took.is_none_or(|took| took < 30_000.0), "{run:?}");
}

#[test]
fn descriptors_that_are_used_up_are_this_machines_lack() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    let _servers = b.tcp(&["7=echo"]);
    let program = program_path();
    for limit in 4..8 {
        for more in ["", " --no-ts"] {
            let script =
                format!("ulimit -n {limit}; exec {} 192.0.2.2:7 -q{more}", program.display());
            let mut command = a.command("/bin/sh");
            let run = Run::of(command.args(["-c", &script]).assert().get_output().clone());
            run.complains(7, &["Too many open files"]);
        }
    }
}

#[test]
fn open_and_closed_are_the_servers_own() {
    let lab = Lab::new();
    let hosts = network(&lab);
    let _servers = hosts[2].tcp(&["7=echo"]);
    for way in WAYS {
        for server in ["10.1.2.2", "[fd00:2::2]"] {
            is(&way(&hosts[0], &format!("{server}:7 --json")), ("open", None), 0);
            is(&way(&hosts[0], &format!("{server}:8 --json")), ("closed", None), 1);
        }
    }
}

#[test]
fn silence_is_filtered_and_its_syns_are_counted() {
    let lab = Lab::new();
    let hosts = network(&lab);
    for way in WAYS {
        for server in ["10.1.2.2", "[fd00:2::2]"] {
            let run = way(&hosts[0], &format!("{server}:7100 --json -t 2.5"));
            is(&run, ("filtered", None), 3);
            let syns = result(&run)["syn_sent"].as_u64().unwrap();
            assert!((2..=3).contains(&syns), "at 0, 1 and 2 or 3 s: {run:?}");
        }
    }
}

#[test]
fn silent_neighbour_is_neither_filtered_nor_a_routers_word() {
    let lab = Lab::new();
    let hosts = network(&lab);
    for way in [handshake as Way, as_nobody] {
        for nobody in ["10.1.1.77", "[fd00:1::77]"] {
            let run = way(&hosts[0], &format!("{nobody}:7 --json -t {PATIENCE}"));
            is(&run, ("no_neighbour", None), 4);
            is_told_at_once(&run);
        }
    }
}

#[test]
fn no_route_is_this_machines_lack_and_found_at_once() {
    let lab = Lab::new();
    let host = lab.host("alone");
    for way in WAYS {
        for nowhere in ["198.51.100.1", "[2001:db8:bad::1]"] {
            let run = way(&host, &format!("{nowhere}:7 --json"));
            is(&run, ("no_route", None), 4);
        }
    }
}

#[test]
fn hop_limit_that_is_used_up_names_the_hop() {
    let lab = Lab::new();
    let hosts = network(&lab);
    for way in WAYS {
        is(&way(&hosts[0], "10.1.2.2:7 --ttl 1 --json"), unreachable(R4, 11, 0), 4);
        is(&way(&hosts[0], "[fd00:2::2]:7 --ttl 1 --json"), unreachable(R6, 3, 0), 4);
    }
}

#[test]
fn port_that_this_machine_does_not_have_is_nobodys_fault() {
    let lab = Lab::new();
    let hosts = network(&lab);
    let _servers = hosts[0].tcp(&["9=echo"]);
    let run = handshake(&hosts[0], "10.1.2.2:7 -S 192.0.2.99 --json");
    is(&run, ("local", None), 7);
    assert!(run.err.contains("Cannot assign requested address"), "{run:?}");
}
