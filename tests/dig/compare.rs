//! `--compare` and `--watch`.

use wireline_lab::{Host, Lab, NameServer, NameServers};

use crate::common::dig;

/// Servers at .2 and .3 that agree on `same` and not on `other`, and none at .9.
fn servers(lab: &Lab) -> (Host<'_>, NameServers) {
    let [a, b] = lab.wire("a", "b");
    b.sh("ip addr add 192.0.2.3/24 dev eth0");
    let zone = |last: u8| {
        format!(
            "@ SOA ns1 host {last} 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.2\nsame {last} A 192.0.2.7\nother A 192.0.2.{last}"
        )
    };
    let servers = b.name_servers(&[
        NameServer::at("192.0.2.2:53").zone("example.", &zone(2)),
        NameServer::at("192.0.2.3:53").zone("example.", &zone(3)),
    ]);
    (a, servers)
}

#[test]
fn servers_that_say_the_same_agree_whatever_the_ttl() {
    let lab = Lab::new();
    let (host, _servers) = servers(&lab);
    let run = dig(&host, "--compare @192.0.2.2 @192.0.2.3 same.example");
    run.has(";; the servers agree (ttl not the same)", 0);
    assert_eq!(run.out.matches("192.0.2.7").count(), 1, "told once: {}", run.out);
}

#[test]
fn difference_is_told_by_what_is_more_and_what_is_less() {
    let lab = Lab::new();
    let (host, _servers) = servers(&lab);
    let run = dig(&host, "--compare @192.0.2.2 @192.0.2.3 other.example");
    run.has("  + other.example. A 192.0.2.3", 6);
    run.has("  - other.example. A 192.0.2.2", 6);
    run.has(";; the servers differ: 2 different answers", 6);
}

#[test]
fn server_that_says_nothing_differs_and_transports_are_compared() {
    let lab = Lab::new();
    let (host, _servers) = servers(&lab);
    let run = dig(
        &host,
        "--json --compare +time=1 +tries=1 same.example @192.0.2.2 @192.0.2.9 same.example @192.0.2.2 +tcp",
    );
    assert_eq!(run.code, Some(6), "{run:#?}");
    let events = run.json();
    let compared = events.iter().find(|line| line["event"] == "compare").expect("a comparison");
    let cells = |key: &str| {
        compared["servers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row[key].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(cells("transport"), ["udp", "udp", "tcp"]);
    assert_eq!(cells("variant"), [1, 2, 1]);
    assert!(cells("error")[1].is_string(), "{compared}");
}

#[test]
fn watch_of_servers_that_agree_ends_at_once() {
    let lab = Lab::new();
    let (host, _servers) = servers(&lab);
    let run = dig(&host, "--json --compare --watch @192.0.2.2 @192.0.2.3 same.example");
    let events = run.json();
    let names: Vec<_> = events.iter().map(|line| line["event"].clone()).collect();
    assert_eq!(names, ["start", "compare", "watch", "summary"], "{run:#?}");
    assert_eq!((&events[2]["outcome"], run.code), (&"agree".into(), Some(0)), "{run:#?}");
}

#[test]
fn watch_of_an_answer_that_changes_ends_when_it_does() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    let zone = "@ SOA ns1 host 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.2\nwww A 192.0.2.7";
    let first = b.name_servers(&[NameServer::at("192.0.2.2:53").zone("example.", zone)]);
    let watching = "--json --watch --interval 1 +time=1 +tries=1 @192.0.2.2 www.example";
    let run = std::thread::scope(|scope| {
        let run = scope.spawn(|| dig(&a, watching));
        // It has looked at least once before the server goes.
        while first.asked().is_empty() {
            std::thread::yield_now();
        }
        drop(first);
        run.join().unwrap()
    });
    let events = run.json();
    let looks: Vec<_> = events.iter().filter(|line| line["event"] == "compare").collect();
    assert_eq!(looks.len(), 2, "only what changes is shown: {run:#?}");
    let end = events.iter().find(|line| line["event"] == "watch").expect("an end");
    assert_eq!(end["outcome"], "changed");
}

#[test]
fn more_than_one_question_is_refused() {
    let lab = Lab::new();
    let (host, _servers) = servers(&lab);
    let run = dig(&host, "--compare @192.0.2.2 same.example other.example");
    assert_eq!(run.code, Some(1));
    assert!(run.err.ends_with(": --compare and --watch take one name and type\n"), "{run:#?}");
}

#[test]
fn what_would_not_be_heeded_is_refused() {
    let lab = Lab::new();
    let host = lab.host("a");
    for look in ["--compare", "--watch", "--explain"] {
        for word in ["+trace", "+nssearch", "+validate", "-y hmac-sha256:k:c2VjcmV0"] {
            let run = dig(&host, &format!("{look} {word} @192.0.2.2 same.example"));
            assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{look} {word}: {run:#?}");
            assert!(run.err.contains("--compare, --watch and --explain take n"), "{run:#?}");
        }
    }
}
