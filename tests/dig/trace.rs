//! `+trace` and `+nssearch`, from a root of the lab's own.

use wireline_lab::{Host, Lab, NameServer, NameServers};

use crate::common::{dig, words};

/// The root at .10, `lab.` at .11, `example.lab.` at .12, and a resolver that knows the root alone at .2.
fn tree(lab: &Lab) -> (Host<'_>, NameServers) {
    let [a, b] = lab.wire("a", "b");
    b.sh("for last in 10 11 12; do ip addr add 192.0.2.$last/24 dev eth0; done");
    lab.file("/etc/resolv.conf", "nameserver 192.0.2.2\n");
    let root = "@ SOA a.root. host. 1 2 3 4 5\n@ NS a.root.\na.root. A 192.0.2.10\n\
        lab. NS ns1.lab.\nns1.lab. A 192.0.2.11";
    let tld = "@ SOA ns1 host 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.11\n\
        example NS ns1.example\nns1.example A 192.0.2.12\ndead NS ns1.dead\nns1.dead A 192.0.2.99";
    let leaf =
        "@ SOA ns1 host 7 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.12\nwww A 192.0.2.80\nalias CNAME www";
    let servers = b.name_servers(&[
        NameServer::at("192.0.2.2:53")
            .zone(".", root)
            .zone("lab.", tld)
            .zone("example.lab.", leaf)
            .recursive(),
        NameServer::at("192.0.2.10:53").zone(".", root),
        NameServer::at("192.0.2.11:53").zone("lab.", tld),
        NameServer::at("192.0.2.12:53").zone("example.lab.", leaf),
    ]);
    (a, servers)
}

#[test]
fn trace_goes_from_the_root_to_the_answer() {
    let lab = Lab::new();
    let (host, servers) = tree(&lab);
    let run = dig(&host, "+trace +nodnssec www.example.lab");
    assert_eq!((run.err.as_str(), run.code), ("", Some(0)), "{run:#?}");
    let from: Vec<_> = run
        .out
        .lines()
        .filter_map(|line| {
            line.strip_prefix(";; Received ")?.split(" from ").nth(1)?.split('#').next()
        })
        .collect();
    assert_eq!(from, ["192.0.2.2", "192.0.2.10", "192.0.2.11", "192.0.2.12"], "{}", run.out);
    assert!(run.out.contains("www.example.lab.\t300\tIN\tA\t192.0.2.80\n"), "{}", run.out);
    let asked = servers.asked();
    let to_resolver = asked.iter().filter(|asked| asked.server.ip().to_string() == "192.0.2.2");
    assert!(to_resolver.count() <= 3, "the referral's glue is used: {asked:?}");
}

#[test]
fn trace_names_the_server_that_is_dead() {
    let lab = Lab::new();
    let (host, _servers) = tree(&lab);
    let run = words(&host, &["+trace", "+nodnssec", "+time=1", "+tries=1", "www.dead.lab"]);
    assert!(run.out.contains("192.0.2.99"), "{run:#?}");
    assert_ne!(run.code, Some(0), "{run:#?}");
}

/// A resolver that is dead, and one that does not tell who the root's servers are.
#[test]
fn trace_begins_at_the_built_in_root_where_nobody_names_one() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    a.sh("ip route add 198.41.0.4/32 via 192.0.2.2");
    b.sh("ip addr add 198.41.0.4/32 dev lo");
    let root = "@ SOA a.root-servers.net. host. 1 2 3 4 5\n@ NS a.root-servers.net.\n\
        a.root-servers.net. A 198.41.0.4\nwww.lab. A 192.0.2.80";
    let root = NameServer::at("198.41.0.4:53").zone(".", root);
    let _servers = b.name_servers(&[NameServer::at("192.0.2.2:53").zone("lab.", "@ NS x"), root]);
    for resolver in ["192.0.2.2", "192.0.2.99"] {
        let line = format!("@{resolver} +trace +nodnssec +time=1 +tries=1 www.lab");
        let run = dig(&a, &line);
        run.has(";; Going on from the built-in root servers.", 0);
        assert!(run.out.contains("www.lab.\t\t300\tIN\tA\t192.0.2.80\n"), "{run:#?}");
        assert!(run.out.contains(" from 198.41.0.4#53(a.root-servers.net) in "), "{run:#?}");
    }
}

#[test]
fn nssearch_has_a_line_of_every_server() {
    let lab = Lab::new();
    let (host, _servers) = tree(&lab);
    let run = dig(&host, "+nssearch example.lab");
    assert_eq!(run.code, Some(0), "{run:#?}");
    let line = "SOA ns1.example.lab. host.example.lab. 7 2 3 4 5 from server 192.0.2.12 in ";
    assert!(run.out.starts_with(line), "{run:#?}");
}
