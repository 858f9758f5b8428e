//! `--explain`, from a root of the lab's own.

use wireline_lab::{Host, Lab, NameServer, NameServers};

use crate::common::dig;

/// The root at .10, `lab.` at .11; `example.lab.` at .12 and .13 with different serials, the second not in
/// the zone's own list; a dead server; a resolver at .2.
fn tree(lab: &Lab) -> (Host<'_>, NameServers) {
    let [a, b] = lab.wire("a", "b");
    b.sh("for last in 10 11 12 13; do ip addr add 192.0.2.$last/24 dev eth0; done");
    lab.file("/etc/resolv.conf", "nameserver 192.0.2.2\n");
    lab.file("/etc/hosts", "127.0.0.1 localhost\n192.0.2.66 www.example.lab\n");
    let root = "@ SOA a.root. host. 1 2 3 4 5\n@ NS a.root.\na.root. A 192.0.2.10\n\
        lab. NS ns1.lab.\nns1.lab. A 192.0.2.11";
    let tld = "@ SOA ns1 host 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.11\n\
        example NS ns1.example\nexample NS ns2.example\nexample NS ns3.example\n\
        ns1.example A 192.0.2.12\nns2.example A 192.0.2.13\nns3.example A 192.0.2.99";
    let leaf = |serial: u32| {
        format!("@ SOA ns1 host {serial} 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.12\nwww A 192.0.2.80")
    };
    let servers = b.name_servers(&[
        NameServer::at("192.0.2.2:53")
            .zone(".", root)
            .zone("lab.", tld)
            .zone("example.lab.", &leaf(7))
            .recursive(),
        NameServer::at("192.0.2.10:53").zone(".", root),
        NameServer::at("192.0.2.11:53").zone("lab.", tld),
        NameServer::at("192.0.2.12:53").zone("example.lab.", &leaf(7)),
        NameServer::at("192.0.2.13:53").zone("example.lab.", &leaf(8)),
    ]);
    (a, servers)
}

#[test]
fn every_step_of_a_resolution_is_told() {
    let lab = Lab::new();
    let (host, _servers) = tree(&lab);
    let run = dig(&host, "--explain +time=1 www.example.lab");
    assert_eq!((run.err.as_str(), run.code), ("", Some(0)), "{run:#?}");
    let steps = [
        "THE QUESTION",
        "HOSTS FILE",
        "CACHE of 192.0.2.2",
        "RECURSIVE SERVER 192.0.2.2",
        "ROOT, ",
        "TOP LEVEL lab., ",
        "ZONE example.lab., ",
        "THE END",
    ];
    let mut lines = run.out.lines();
    for step in steps {
        assert!(lines.any(|line| line.starts_with(step)), "no {step:?} in its place: {}", run.out);
    }
    assert!(run.out.contains("/etc/hosts says 192.0.2.66"), "{}", run.out);
    assert!(run.out.contains("    QR     1        a reply\n"), "{}", run.out);
}

#[test]
fn what_is_wrong_with_a_zone_is_named() {
    let lab = Lab::new();
    let (host, _servers) = tree(&lab);
    let run = dig(&host, "--json --explain +time=1 www.example.lab");
    let events = run.json();
    let level = events.iter().find(|line| line["zone"] == "example.lab.").expect("a level");
    let roles: Vec<_> =
        level["servers"].as_array().unwrap().iter().map(|server| server["role"].clone()).collect();
    assert_eq!(roles, ["answers", "answers", "dead"], "{level}");
    let flaws = level["flaws"].to_string();
    assert!(flaws.contains("different serials: 7, 8"), "{flaws}");
    assert!(
        flaws.contains("not by the zone itself: ns2.example.lab., ns3.example.lab."),
        "{flaws}"
    );
    let end = events.iter().find(|line| line["event"] == "explain_end").expect("an end");
    assert_eq!(end["outcome"], "answered");
}
