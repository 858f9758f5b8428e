//! Headers that were rewritten on the way: told by who may listen to whole errors, and never a wrong hop.

use serde_json::{Value, json};
use wireline_lab::{Lab, Nat};

use crate::common::{Run, Way, Who, before, each_family, each_way, each_way_by, short, trace};

/// From hop 2 on the source is another.
fn outside() -> Nat {
    Nat { v6: Some("2001:db8::66".parse().unwrap()), ..Nat::to([192, 0, 2, 66].into()) }
}

/// What is told of it.
const fn translated(way: Way) -> &'static str {
    if way.v6 { "2001:db8::66" } else { "192.0.2.66" }
}

/// That the line on stderr begins and ends so; what stands between is this machine's own.
#[track_caller]
fn tells(run: &Run, start: &str, end: &str) {
    let is_one = run.err.lines().count() == 1;
    assert!(is_one && run.err.starts_with(start) && run.err.ends_with(end), "{run:?}");
    assert_eq!(run.code, Some(0), "{run:?}");
}

/// Whoever is in a line belongs there.
#[track_caller]
fn nobody_is_misplaced(way: Way, run: &Run) {
    for (hop, line) in (1..).zip(run.hops()) {
        let others = (1..=8).filter(|other| *other != hop);
        for other in others {
            assert!(!line.contains(&format!("  {} ", way.router(other))), "{run:?}");
        }
    }
}

#[test]
fn translated_source_is_told_from_its_first_hop_on() {
    for method in ["", "-U", "-M tcpconn", "-F", "-t 16 -q 1"] {
        each_way(&short(4).nat_from(2, outside()), &format!("-n {method}"), |way, run| {
            nobody_is_misplaced(way, run);
            if way.who == Who::Nobody {
                run.quiet_exit(0);
            } else {
                let end = format!(" to {} (NAT)\n", translated(way));
                tells(run, "rewritten from hop 2 on: source ", &end);
            }
        });
    }
}

#[test]
fn stdout_is_what_it_is_without_listening() {
    let path = short(4).nat_from(2, outside()).tos_from(3, 0xb8);
    each_way(&path, "-n", |way, run| {
        assert_eq!((run.masked(), run.code), (way.healthy(4, way.size()), Some(0)));
    });
}

#[test]
fn echo_requests_and_segments_show_it_too() {
    let path = short(4).nat_from(2, outside());
    for method in ["-I", "-T", "-I -O raw", "-I -O dgram"] {
        each_family(&path, &format!("-n -m 4 -w 0.5 {method}"), |way, run| {
            let end = format!(" to {} (NAT)\n", translated(way));
            tells(run, "rewritten from hop 2 on: source ", &end);
            nobody_is_misplaced(way, run);
        });
    }
}

#[test]
fn translated_port_and_identifier_explain_the_stars() {
    let path = short(4).nat_from(2, outside().port(4242));
    for (method, what) in [("", "port"), ("-I", "identifier")] {
        each_way(&path, &format!("-n -m 4 -w 0.5 {method}"), |way, run| {
            nobody_is_misplaced(way, run);
            assert_eq!((run.code, run.hop(2)), (Some(0), " 2  * * *".to_owned()), "{run:?}");
            if way.who == Who::Nobody {
                assert_eq!(run.err, "");
                return;
            }
            tells(run, "rewritten from hop 2 on: source ", " to 4242 (NAT)\n");
            let both = format!(" to {}, {what} ", translated(way));
            assert!(run.err.contains(&both), "{run:?}");
        });
    }
}

#[test]
fn class_and_hop_limit_are_told_where_each_is_seen_first() {
    let path = short(5).tos_from(2, 0xb8).hop(3, |hop| hop.quoted_ttl(9));
    for method in ["", "-I", "-T", "-M tcpconn"] {
        each_family(&path, &format!("-n {method}"), |_, run| {
            let expected = "rewritten from hop 2 on: traffic class 0x00 to 0xb8; \
                            from hop 3 on: hop limit 1 to 9 (hidden hops?)\n";
            tells(run, expected, expected);
        });
    }
}

#[test]
fn events_have_each_hop_with_all_its_changes() {
    let path = short(4).nat_from(3, outside()).tos_from(4, 4);
    each_way(&path, "--json -q 2", |way, run| {
        run.quiet_exit(0);
        let events = run.json();
        let told: Vec<_> = events.iter().filter(|event| event["event"] == "rewritten").collect();
        let summary = events.last().unwrap();
        if way.who == Who::Nobody {
            assert_eq!((told.len(), &summary["rewritten_from"]), (0, &Value::Null));
            return;
        }
        assert_eq!(summary["rewritten_from"], 3);
        let hops: Vec<_> = told.iter().map(|event| (&event["hop"], &event["source"])).collect();
        let (third, last) = (json!(way.router(3)), json!(way.target()));
        assert_eq!(hops, [(&json!(3), &third), (&json!(4), &last)]);
        let source = &told[0]["changes"][0];
        assert_eq!((&source["field"], &source["to"]), (&json!("source"), &json!(translated(way))));
        assert_eq!(source["first"], true);
        let class = json!({"field": "traffic_class", "from": 0, "to": 4, "first": true});
        assert_eq!(told[1]["changes"][1], class);
        assert_eq!(told[1]["changes"][0]["first"], false);
    });
}

#[test]
fn path_without_rewriting_has_nothing_to_tell() {
    for method in ["", "-I", "-T", "-U", "-M tcpconn", "-UL", "-F", "-q 10 -m 4", "--mtu"] {
        each_family(&short(4).hop(2, |hop| hop.mtu(1400)), &format!("-n {method}"), |_, run| {
            run.quiet_exit(0);
        });
    }
}

#[test]
fn kernels_that_quote_unfinished_checksums_have_rewritten_nothing() {
    let lab = Lab::new();
    let hosts = lab.chain(&["a", "r", "s", "b"]);
    for method in ["", "-I", "-T", "-U", "-M tcpconn", "--paths"] {
        for target in ["10.1.3.2", "fd00:3::2"] {
            let run = trace(&hosts[0], &format!("-n -w 1 {method} {target}"));
            assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{method}: {run:?}");
            assert!(!run.out.contains("rewritten"), "{run:?}");
        }
    }
}

/// Linux puts addresses and ports back into the quotes that it passes on; the checksum that it leaves in a
/// datagram which was on no wire gives it away.
#[test]
fn masquerade_of_a_kernel_is_known_by_the_checksum() {
    let lab = Lab::new();
    let hosts = lab.chain(&["a", "r", "s", "b"]);
    hosts[1].nft(
        "add table ip n
         add chain ip n post { type nat hook postrouting priority 100; }
         add rule ip n post oifname eth1 masquerade",
    );
    for method in ["", "-U"] {
        let run = trace(&hosts[0], &format!("-n -w 1 {method} 10.1.3.2"));
        tells(&run, "rewritten from hop 2 on: checksum 0x", " (NAT?)\n");
        assert!(!run.out.contains('*'), "{run:?}");
    }
}

#[test]
fn strangers_whose_errors_contradict_ours_are_not_believed() {
    // Of each kind one, about the first probe. Whoever forges them for all probes is believed where the
    // forged one comes first: it is what a translator leaves.
    let path = short(4).strangers(4, 4);
    for method in ["", "-I"] {
        each_family(&path, &format!("-n {method}"), |way, run| {
            run.says(&way.healthy(4, way.size()));
        });
    }
}

#[test]
fn short_quotes_tell_what_they_hold() {
    for octets in [0, 1, 19, 20, 21, 27, 28, 29, 40, 47, 48, 49, 59] {
        let path = short(3).nat_from(2, outside()).hops([2, 3], |hop| hop.quote(octets));
        each_family(&path, "-n -m 3 -w 0.5", |way, run| {
            let is_enough = octets >= if way.v6 { 48 } else { 28 };
            assert_eq!((run.code, run.err.is_empty()), (Some(0), !is_enough), "{octets}: {run:?}");
            nobody_is_misplaced(way, run);
        });
    }
}

#[test]
fn graph_marks_the_places_behind_a_translator() {
    let path = short(3).nat_from(2, outside());
    each_way(&path, "-n --paths", |way, run| {
        run.quiet_exit(0);
        let mark = format!("to {} (NAT)", translated(way));
        let told = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_root = way.who == Who::Root;
        assert_eq!(told.matches(&mark).count(), if is_root { 2 } else { 0 }, "{run:?}");
        let note = "hop 2: from there on a rewritten header";
        assert_eq!(told.contains(note), is_root, "{run:?}");
    });
}

#[test]
fn graph_says_why_a_place_is_silent() {
    let path = short(3).nat_from(2, outside().port(4242));
    each_way_by(&path, &Way::ALL[..2], "--json --paths -m 3", |_, run| {
        let silent =
            run.json().into_iter().find(|event| event["address"].is_null() && event["hop"] == 2);
        let rewritten = silent.expect("a silent place")["rewritten"].clone();
        assert_eq!(rewritten[1]["field"], "source_port", "{run:?}");
    });
}

#[test]
fn report_listens_to_nothing() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(3).nat_from(2, outside()));
    let run = Way::ALL[0].trace(&host, "-n --report --cycles=1");
    run.quiet_exit(0);
    assert!(!run.out.contains("rewritten"), "{run:?}");
}
