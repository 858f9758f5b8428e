//! Answers that are late, doubled, out of order, cut short, translated, invented: an answer is never
//! shown at a hop that it is not about, and nothing makes the program fall over.

use wireline_lab::{Fault, Hop, Lab, Labels, Nat, Path, ms};

use crate::common::{Run, Way, before, each_family, each_way, short, trace};

/// Asserts that each hop shows its own router, the target, or nobody.
#[track_caller]
fn nobody_is_misplaced(way: Way, length: u8, run: &Run) {
    assert_eq!(run.code, Some(0), "{run:?}");
    for line in run.hops() {
        let hop: u8 = line[..2].trim().parse().expect("a number");
        let own = if hop < length { way.router(hop) } else { way.target() };
        let foreign = line[2..]
            .split_whitespace()
            .filter(|word| !["*", "T", "ms"].contains(word) && *word != own.to_string());
        assert_eq!(foreign.count(), 0, "{way:?}: {line}");
    }
}

#[test]
fn doubled_answers_are_shown_once() {
    let path = short(3).hops([1, 2, 3], |hop| hop.twice(1..=9));
    for method in ["", "-I", "-T", "-U", "-M tcpconn"] {
        each_family(&path, &format!("-n {method}"), |way, run| {
            run.says(&way.healthy(3, way.size()));
        });
    }
}

#[test]
fn answers_out_of_order_are_shown_in_order() {
    let path = short(4)
        .hop(1, |hop| hop.late(1, ms(90)).late(2, ms(60)).late(3, ms(30)))
        .hop(2, |hop| hop.late(2, ms(40)));
    each_way(&path, "-n -w 9", |way, run| run.says(&way.healthy(4, way.size())));
}

#[test]
fn late_answer_is_not_taken_for_one_to_a_later_probe() {
    let path = short(4).hop(1, |hop| hop.late(1, ms(700)));
    for method in ["", "-I", "-T", "-M tcpconn"] {
        each_family(&path, &format!("-n -N 1 -q 2 -w 0.5 {method}"), |way, run| {
            let first = format!(" 1  * {}  T ms", way.router(1));
            assert_eq!(run.hops()[0], first, "{method}");
            nobody_is_misplaced(way, 4, run);
        });
    }
}

#[test]
fn late_answer_of_every_hop_is_nobodys() {
    let path = short(6).hops([1, 2, 3, 4, 5], |hop| hop.late(1, ms(300)));
    for method in ["", "-I", "-T"] {
        each_family(&path, &format!("-n -N 1 -q 1 -w 0.2 {method}"), |way, run| {
            nobody_is_misplaced(way, 6, run);
        });
    }
}

/// A path whose hop n quotes n octets.
fn cut() -> Path {
    (1..=61).fold(Path::new(62).delay(ms(0)), |path, number| {
        path.hop(number, |hop| hop.quote(number.into()))
    })
}

#[test]
fn quotes_may_be_cut_anywhere() {
    for method in ["", "-I", "-T", "-U", "-M tcpconn"] {
        each_family(&cut(), &format!("-n -q 1 -m 62 -w 2 {method}"), |way, run| {
            nobody_is_misplaced(way, 62, run);
            let enough = if way.v6 { 40 + 8 } else { 20 + 8 };
            for hop in enough..=61 {
                let line = format!("{hop:2}  {}  T ms", way.router(hop));
                assert_eq!(run.hop(hop), line, "{method}: all that a router must quote");
            }
            assert_eq!(run.hops().len(), 62, "{method}");
        });
    }
}

#[test]
fn lies_about_labels_are_not_believed() {
    let faults = [
        (Fault::NonCompliant, true),
        (Fault::NoChecksum, true),
        (Fault::Checksum, false),
        (Fault::Version(0), false),
        (Fault::Version(1), false),
        (Fault::Version(15), false),
        (Fault::ObjectLength(0), false),
        (Fault::ObjectLength(1), false),
        (Fault::ObjectLength(3), false),
        (Fault::ObjectLength(9), false),
        (Fault::ObjectLength(65_535), false),
    ];
    let path =
        faults.iter().zip(1..).fold(Path::new(12).delay(ms(0)), |path, ((fault, _), hop)| {
            path.hop(hop, |hop| hop.labels(Labels::of(&[77]).with(*fault)))
        });
    for method in ["", "-I", "-T"] {
        each_family(&path, &format!("-n -e -q 1 {method}"), |way, run| {
            for ((fault, is_shown), hop) in faults.iter().zip(1..) {
                let labels = if *is_shown { " <MPLS:L=77,E=0,S=1,T=1>" } else { "" };
                let line = format!("{hop:2}  {}{labels}  T ms", way.router(hop));
                assert_eq!(run.hop(hop), line, "{method} {fault:?}");
            }
            run.quiet_exit(0);
        });
    }
}

#[test]
fn lying_lengths_of_quotes_are_harmless() {
    let lengths: Vec<u8> = (0..=39).chain([127, 128, 254, 255]).collect();
    let path = lengths.iter().zip(1..).fold(Path::new(45).delay(ms(0)), |path, (length, hop)| {
        path.hop(hop, |hop| hop.labels(Labels::of(&[77]).with(Fault::Length(*length))))
    });
    for method in ["", "-I", "-T"] {
        each_family(&path, &format!("-n -e -q 1 -m 45 {method}"), |way, run| {
            run.quiet_exit(0);
            assert_eq!(run.hops().len(), 45);
            for (hop, line) in (1..45).zip(run.hops()) {
                let start = format!("{hop:2}  {} ", way.router(hop));
                assert!(line.starts_with(&start), "{method}: {line}");
            }
        });
    }
}

#[test]
fn translated_quotes_show_the_hop_or_nobody() {
    let to = |hop: Hop, port: Option<u16>| {
        let nat = Nat { v4: Some([192, 0, 2, 66].into()), port, ..Nat::default() };
        hop.nat(Nat { v6: Some("2001:db8::66".parse().unwrap()), ..nat })
    };
    for port in [None, Some(4242), Some(61_000), Some(0), Some(65_535)] {
        let path = short(5).hops([2, 3, 4], |hop| to(hop, port));
        for method in ["", "-I", "-T", "-U", "-M tcpconn"] {
            each_family(&path, &format!("-n -w 1 {method}"), |way, run| {
                nobody_is_misplaced(way, 5, run);
                assert_eq!(run.hops()[0], way.line(1), "{method}");
            });
        }
    }
}

#[test]
fn other_identification_and_class_in_a_quote_change_no_line() {
    let path = short(4).nat_from(2, Nat::default().ip_id(7)).tos_from(2, 0xb8);
    for method in ["", "-I", "-T", "-U"] {
        each_family(&path, &format!("-n {method}"), |way, run| {
            assert_eq!(run.masked(), way.healthy(4, way.size()), "{method}");
            assert_eq!(run.err, "rewritten from hop 2 on: traffic class 0x00 to 0xb8\n");
        });
    }
}

#[test]
fn quoted_hop_limit_changes_no_line() {
    let path = short(4).hops([1, 2, 3], |hop| hop.quoted_ttl(0)).hop(2, |hop| hop.quoted_ttl(255));
    each_family(&path, "-n", |way, run| {
        assert_eq!(run.masked(), way.healthy(4, way.size()));
        assert_eq!(run.err, "rewritten from hop 2 on: hop limit 1 to 255 (hidden hops?)\n");
    });
}

#[test]
fn errors_about_other_ports_and_targets_are_nobodys() {
    // The third would be about a probe from another address, which is what a translator leaves too.
    let path = short(4).strangers(2, 2);
    for method in ["", "-I"] {
        each_way(&path, &format!("-n {method}"), |way, run| {
            run.says(&way.healthy(4, way.size()));
        });
    }
}

#[test]
fn flood_of_errors_about_strangers_is_survived() {
    let path = short(4).strangers(40, 4000);
    for method in ["", "-I", "-T", "-U"] {
        each_family(&path, &format!("-n -m 8 {method}"), |way, run| {
            assert_eq!(run.code, Some(0), "{method}: {run:?}");
            assert_eq!(run.hops()[0], way.line(1), "{method}");
        });
    }
}

#[test]
fn source_quench_redirects_and_odd_codes_do_not_end_it_badly() {
    let odd = |kind, code| wireline_lab::Refusal { kind, code, word: 0x0505_0505 };
    for (kind, code) in
        [(4, 0), (5, 0), (5, 1), (11, 1), (12, 0), (3, 255), (0, 0), (13, 0), (255, 255)]
    {
        for method in ["", "-I", "-T"] {
            let lab = Lab::new();
            let refuse = |hop: Hop| Hop {
                refusal_v4: Some(odd(kind, code)),
                refusal_v6: Some(odd(kind, code)),
                ..hop
            };
            let (host, _path) = before(&lab, &short(4).hop(2, refuse));
            for way in &Way::ALL[..2] {
                let run = way.trace(&host, &format!("-n -m 3 -w 0.3 {method}"));
                run.quiet_exit(0);
                assert_eq!(run.hops()[0], way.line(1), "{kind}/{code} {method}");
                let second = run.hop(2);
                let is_own = second == " 2  * * *"
                    || second.starts_with(&format!(" 2  {}  T ms !<", way.router(2)));
                assert!(is_own, "{kind}/{code} {method}: {second}");
            }
        }
    }
}

#[test]
fn answers_of_the_target_from_another_address_do_no_harm() {
    let other = |hop: Hop| {
        hop.from([198, 51, 100, 7].into())
            .from("2001:db8:bad::7".parse::<std::net::IpAddr>().unwrap())
    };
    let path = short(2).hop(2, other).target(|target| target.open_tcp([80]).open_udp([53]));
    for method in ["-I", "-T", "-U"] {
        each_family(&path, &format!("-n -m 3 -w 0.3 {method}"), |way, run| {
            assert_eq!(run.code, Some(0), "{method}: {run:?}");
            assert_eq!(run.hops()[0], way.line(1), "{method}");
        });
    }
}

#[test]
fn router_that_limits_its_answers_costs_stars_only() {
    let path = short(4).hop(2, |hop| hop.limit(1, ms(60_000)));
    let lab = Lab::new();
    let (host, _path) = before(&lab, &path);
    let run = trace(&host, "-n -N 1 -w 0.5 203.0.113.9");
    let hops = [
        " 1  10.200.1.1  T ms  T ms  T ms",
        " 2  10.200.2.1  T ms * *",
        " 3  10.200.3.1  T ms  T ms  T ms",
        " 4  203.0.113.9  T ms  T ms  T ms",
    ];
    assert_eq!((run.code, run.hops()), (Some(0), hops.map(str::to_owned).to_vec()));
    assert_eq!(
        run.err,
        "rate-limited? hop 2: answered at first, then less, and nothing was lost behind\n"
    );
}

#[test]
fn names_of_hosts_cannot_write_to_the_terminal() {
    let lab = Lab::new();
    let host = lab.host("a");
    let run = trace(&host, "-n \u{1b}[31mred");
    assert_eq!(run.code, Some(2));
    assert!(!run.err.contains('\u{1b}'), "{run:?}");
}
