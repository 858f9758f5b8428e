//! Connections that are made in user space: what they say, and that the kernel keeps out of them.

use serde_json::Value;
use wireline_lab::{Host, Lab};

use super::common::{Run, as_nobody, handshake, with_net_raw};

fn result(run: &Run) -> Value {
    let all = run.events("result");
    assert_eq!(all.len(), 1, "{run:?}");
    all[0].clone()
}

/// Counts what comes in that matches, under a name.
fn count(host: &Host<'_>, matching: &str) {
    host.nft(&format!(
        "table inet seen {{\n  chain way {{\n    type filter hook prerouting priority -300\n    {matching} counter\n  }}\n}}"
    ));
}

fn counted(host: &Host<'_>) -> u64 {
    let script =
        "nft list chain inet seen way | sed -n 's/.*counter packets \\([0-9]*\\) .*/\\1/p'";
    host.output(script).trim().parse().unwrap()
}

#[test]
fn kernel_sends_no_reset_into_a_connection_that_it_does_not_know() {
    let lab = Lab::new();
    if !lab.has_users() {
        return;
    }
    let [a, b] = lab.wire("a", "b");
    let _servers = b.tcp(&["7=echo", "8=close:100"]);
    count(&b, "tcp flags & rst == rst");
    for server in ["192.0.2.2", "[2001:db8::2]"] {
        for rest in
            ["7 --send hello --recv 5", "8 --until-close", "7 --send x --close half --until-close"]
        {
            let run = with_net_raw(&a, &format!("{server}:{rest} --no-ts --json"));
            let told = result(run.exit(0));
            assert_eq!(
                (&told["made_by"], &told["is_reset"]),
                (&"user_space".into(), &false.into())
            );
        }
    }
    assert_eq!(counted(&b), 0, "RSTs at the peer");
}

#[test]
fn peer_whose_segments_come_with_hop_limit_255_is_held_too() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.sysctl("net.ipv4.ip_default_ttl", "255");
    b.sysctl("net.ipv6.conf.all.hop_limit", "255");
    b.sysctl("net.ipv6.conf.eth0.hop_limit", "255");
    let _servers = b.tcp(&["7=echo"]);
    count(&b, "tcp flags & rst == rst");
    for server in ["192.0.2.2", "[2001:db8::2]"] {
        let run = handshake(&a, &format!("{server}:7 --no-ts --send hello --recv 5 --json"));
        let told = result(&run);
        let was_told = run.out.contains("hop limit 255");
        assert!(told["received_octets"] == 5 && counted(&b) == 0 || was_told, "{run:?}");
    }
}

#[test]
fn without_privilege_it_is_refused_with_its_own_exit_code() {
    let lab = Lab::new();
    let host = lab.host("a");
    let run = as_nobody(&host, "127.0.0.1:7 --no-sack");
    run.complains(6, &["CAP_NET_RAW", "setcap"]);
}

#[test]
fn third_segment_carries_data() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    let _servers = b.tcp(&["7=echo"]);
    for server in ["192.0.2.2", "[2001:db8::2]"] {
        let run =
            handshake(&a, &format!("{server}:7 --send hello --third-ack-data --recv 5 --json"));
        assert_eq!(result(run.exit(0))["received_octets"], 5);
        assert!(run.out.contains("third_ack_data"), "{run:?}");
    }
}

#[test]
fn server_gets_the_options_and_numbers_that_were_asked_for() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    let _servers = b.tcp(&["7=echo"]);
    count(
        &b,
        "tcp dport 7 tcp flags & (syn|ack) == syn tcp sequence 4660 tcp window 1234 tcp option maxseg size 700",
    );
    let words = "--isn 4660 --win 1234 --mss 700 --no-sack --no-ts --wscale off";
    let run = handshake(&a, &format!("192.0.2.2:7 {words} --json"));
    run.exit(0);
    assert_eq!(counted(&b), 1, "{run:?}");
}

#[test]
fn ecn_is_asked_for_and_agreed_on() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    let _servers = b.tcp(&["7=echo"]);
    count(&b, "tcp dport 7 tcp flags & (syn|ecn|cwr) == syn|ecn|cwr");
    for words in ["--ecn", "--ecn=accurate"] {
        let run = handshake(&a, &format!("192.0.2.2:7 {words} --json"));
        run.exit(0);
        assert!(run.out.contains("\"ece\""), "{run:?}");
    }
    assert_eq!(counted(&b), 2);
}

#[test]
fn fast_open_with_a_cookie_of_ones_own_needs_the_servers() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.sysctl("net.ipv4.tcp_fastopen", "1026");
    let _servers = b.tcp(&["7=echo"]);
    let run = handshake(&a, "192.0.2.2:7 --tfo=0x0011223344556677 --send hello --recv 5 --json");
    let told = result(run.exit(0));
    assert_eq!(told["received_octets"], 5, "data that was not taken is said again: {run:?}");
}
