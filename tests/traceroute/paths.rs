//! `--paths`: every link that flows may take and no other, and what is told of what cannot be known.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde_json::Value;
use wireline_lab::{Ecmp, Hop, Lab, Mesh, Nat, Signal, ms};

use crate::common::wait_for_probes;
use crate::common::{Run, Way, Who, before, each_way, each_way_by, short, start, trace, trace_by};

type Links = BTreeSet<(IpAddr, IpAddr)>;

fn told<'a>(run: &Run, event: &'a str) -> impl Iterator<Item = Value> + use<'a> {
    run.json().into_iter().filter(move |it| it["event"] == event)
}

fn summary(run: &Run) -> Value {
    told(run, "summary").next().unwrap_or_else(|| panic!("no summary: {run:?}"))
}

fn address(value: &Value) -> IpAddr {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{value}"))
}

/// The links between those who answer.
fn links(run: &Run) -> Links {
    let links = told(run, "link").filter(|link| !link["from"].is_null() && !link["to"].is_null());
    links.map(|link| (address(&link["from"]), address(&link["to"]))).collect()
}

fn truth(way: Way, mesh: &Mesh) -> Links {
    if way.v6 { mesh.links_v6() } else { mesh.links_v4() }
}

fn router(way: Way, mesh: &Mesh, name: &str) -> IpAddr {
    if way.v6 { mesh.v6(name).into() } else { mesh.v4(name).into() }
}

/// With the same source ports each time the routers choose as they chose before, and so sure that it hardly
/// matters.
fn trace_mesh(way: Way, ecmp: &Ecmp<'_>, args: &str) -> Run {
    let flags = "--paths --confidence=99.9 --sport=40000";
    trace_by(way.who, ecmp.source(), &format!("{flags} {args} {}", way.target()))
}

/// Searches a mesh in all ways.
fn each_search(mesh: &Mesh, check: impl Fn(Way, &Run)) {
    let lab = Lab::new();
    let ecmp = lab.ecmp(mesh);
    for way in Way::ALL {
        let run = trace_mesh(way, &ecmp, "--json");
        run.quiet_exit(0);
        check(way, &run);
    }
}

/// The hops of each path.
fn paths(run: &Run) -> BTreeSet<Vec<IpAddr>> {
    let hops = |path: Value| path["hops"].as_array().unwrap().iter().map(address).collect();
    told(run, "path").map(hops).collect()
}

#[test]
fn mesh_has_all_its_links_and_no_other() {
    let mesh = Mesh::two_by_three();
    each_search(&mesh, |way, run| {
        assert_eq!(links(run), truth(way, &mesh), "{way:?}");
        let summary = summary(run);
        assert_eq!((&summary["vertices"], &summary["links"]), (&8.into(), &12.into()));
        assert_eq!((&summary["complete"], &summary["reached"]), (&true.into(), &true.into()));
        assert_eq!(
            (&summary["per_packet"], &summary["out_of_flows"]),
            (&[0; 0].into(), &false.into())
        );
        assert_eq!(paths(run).len(), 6, "{way:?}");
    });
}

#[test]
fn ways_of_unequal_length_are_told_apart() {
    let mesh = Mesh::unequal();
    each_search(&mesh, |way, run| {
        assert_eq!(links(run), truth(way, &mesh), "{way:?}");
        let lengths: BTreeSet<_> = paths(run).iter().map(Vec::len).collect();
        assert_eq!(lengths, BTreeSet::from([4, 5]), "{way:?}");
    });
}

#[test]
fn source_port_of_a_path_leads_that_way_again() {
    let mesh = Mesh::two_by_three();
    let lab = Lab::new();
    let ecmp = lab.ecmp(&mesh);
    for way in Way::ALL {
        let run = trace_mesh(way, &ecmp, "--json");
        for path in told(&run, "path") {
            let (port, target) = (&path["ports"][0], way.target());
            let args = format!("-n -q 1 -U -p 33434 --sport={port} {target}");
            let again = trace_by(way.who, ecmp.source(), &args);
            let hops: Vec<_> = again
                .hops()
                .iter()
                .filter_map(|line| line.split_whitespace().nth(1)?.parse::<IpAddr>().ok())
                .collect();
            let told: Vec<_> = path["hops"].as_array().unwrap().iter().map(address).collect();
            assert_eq!(hops, told, "{way:?}: {path}");
        }
    }
}

#[test]
fn chain_is_one_path() {
    each_way(&short(4), "-n --paths", |way, run| {
        run.quiet_exit(0);
        let text = run.masked();
        let lines: Vec<_> = text.lines().collect();
        let target = way.target();
        let title = format!("paths to {target} ({target}), UDP port 33434, 30 hops max, 95 % sure");
        assert_eq!(lines[0], title);
        for (line, hop) in lines[1..4].iter().zip(1..) {
            let start = format!("   {hop} o  {}", way.router(hop));
            assert!(line.starts_with(&start), "{run:?}");
            assert!(line.ends_with(&format!("T ms -> {}", hop + 1)), "{run:?}");
        }
        assert!(lines[4].ends_with("T ms target"), "{run:?}");
        assert!(lines[7].ends_with("  1 2 3 4"), "{run:?}");
        let last = lines.last().unwrap();
        let counts = "4 places, 3 links, 1 path: all there are, 95 % sure; 24 probes in ";
        assert!(last.starts_with(counts), "{run:?}");
    });
}

#[test]
fn text_shows_branches_and_fits_a_terminal() {
    let mesh = Mesh::two_by_three();
    let lab = Lab::new();
    let ecmp = lab.ecmp(&mesh);
    for way in &Way::ALL[..2] {
        let run = trace_mesh(*way, &ecmp, "-n");
        let lines: Vec<_> = run.out.lines().collect();
        assert!(lines[1..].iter().all(|line| line.chars().count() <= 80), "{run:?}");
        let row = |start: &str| lines.iter().find(|line| line.starts_with(start)).unwrap();
        assert!(row("   1 o").ends_with("ms -> 2a 2b"), "{run:?}");
        assert!(row("  2a /").ends_with("ms -> 3a 3b 3c"), "{run:?}");
        assert!(row("  2b \\").ends_with("ms -> 3a 3b 3c"), "{run:?}");
        assert!(row("  3b |").ends_with("ms -> 4"), "{run:?}");
        assert!(row("   5 o").ends_with("ms target"), "{run:?}");
        for path in ["1 2a 3a 4 5", "1 2b 3c 4 5"] {
            assert!(lines.iter().any(|line| line.ends_with(path)), "{run:?}");
        }
    }
}

#[test]
fn silent_router_in_a_branch_is_a_place_without_a_name() {
    let mesh = Mesh::diamond();
    let lab = Lab::new();
    let ecmp = lab.ecmp(&mesh);
    ecmp.host("b2").nft(
        "add table inet t
add chain inet t out { type filter hook output priority 0; }
add rule inet t out icmp type time-exceeded drop
add rule inet t out icmpv6 type time-exceeded drop",
    );
    for way in Way::ALL {
        let run = trace_mesh(way, &ecmp, "--json");
        let (a, b1) = (router(way, &mesh, "a"), router(way, &mesh, "b1"));
        let next: BTreeSet<_> = told(&run, "link")
            .filter(|link| link["from"] == a.to_string())
            .map(|link| link["to"].clone().to_string())
            .collect();
        let expected = BTreeSet::from(["null".to_owned(), format!("\"{b1}\"")]);
        assert_eq!(next, expected, "{way:?}: {run:?}");
        let strange: Vec<_> = links(&run).difference(&truth(way, &mesh)).copied().collect();
        assert!(strange.is_empty(), "{way:?}: {strange:?}");
        assert_eq!(summary(&run)["reached"], true, "{way:?}");
    }
}

#[test]
fn rate_limited_routers_are_waited_for() {
    let mesh = Mesh::diamond();
    let lab = Lab::new();
    let ecmp = lab.ecmp(&mesh);
    for name in ["a", "b1", "b2", "c", "t"] {
        ecmp.host(name).sysctl("net.ipv4.icmp_ratelimit", "1000");
    }
    let run = trace_mesh(Way::ALL[2], &ecmp, "--json --confidence=99");
    assert_eq!(links(&run), mesh.links_v4(), "{run:?}");
    assert_ne!(summary(&run)["rate_limited"], Value::from([0; 0]), "{run:?}");
    assert_eq!(summary(&run)["complete"], true, "{run:?}");
}

#[test]
fn balancing_by_packet_is_told_and_links_nobody() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(4).hops([2, 3], Hop::alternates));
    let run = trace(&host, "--json --paths 203.0.113.9");
    let summary = summary(&run);
    assert_eq!(summary["per_packet"], Value::from([2, 3]), "{run:?}");
    assert_eq!(summary["complete"], false);
    let doubtful = |(from, to): &(IpAddr, IpAddr)| {
        [from, to].iter().all(|it| it.to_string().starts_with("10.200.2."))
    };
    assert!(!links(&run).iter().any(doubtful), "{run:?}");
    assert_eq!(paths(&run).len(), 0, "no flow has one");
    let text = trace(&host, "-n --paths 203.0.113.9");
    assert!(text.out.contains("hop 2, 3: balanced by packet"), "{text:?}");
}

/// The links of a healthy path.
fn in_a_row(way: Way, length: u8) -> Links {
    let at = |hop| if hop < length { way.router(hop) } else { way.target() };
    (1..length).map(|hop| (at(hop), at(hop + 1))).collect()
}

#[test]
fn doubled_and_late_answers_make_no_links() {
    let path = short(5).hops([1, 2, 3], |hop| hop.twice(1..=20)).hop(2, |hop| hop.late(2, ms(400)));
    each_way(&path, "--json --paths", |way, run| {
        assert_eq!(links(run), in_a_row(way, 5), "{way:?}");
        assert_eq!(summary(run)["per_packet"], Value::from([0; 0]), "{way:?}");
    });
}

#[test]
fn routers_that_quote_eight_octets_are_told_apart() {
    for (octets, ways) in [(28, [Way::ALL[0], Way::ALL[2]]), (48, [Way::ALL[1], Way::ALL[3]])] {
        let path = short(5)
            .hops([1, 2, 3, 4, 5], |hop| hop.quote(octets).twice([2, 5, 9]))
            .hop(2, |hop| hop.late(2, ms(700)))
            .hop(3, |hop| hop.lose([1]));
        each_way_by(&path, &ways, "--json --paths", |way, run| {
            assert_eq!(links(run), in_a_row(way, 5), "{way:?}");
        });
    }
}

#[test]
fn errors_about_strangers_are_nobodys() {
    // The third would be about a probe from another address, which is what a translator leaves too.
    each_way(&short(4).strangers(2, 2), "--json --paths", |way, run| {
        assert_eq!(links(run), in_a_row(way, 4), "{way:?}");
    });
}

#[test]
fn sources_that_a_translator_left_in_quotes_do_not_matter() {
    let nat = Nat { v6: Some("2001:db8::66".parse().unwrap()), ..Nat::to([192, 0, 2, 66].into()) };
    each_way(&short(4).hops([2, 3], |hop| hop.nat(nat)), "--json --paths", |way, run| {
        assert_eq!(links(run), in_a_row(way, 4), "{way:?}");
    });
}

#[test]
fn losses_are_asked_again() {
    let path = short(4).hop(2, |hop| hop.lose([2, 5, 6, 11, 14]));
    each_way(&path, "--json --paths", |way, run| {
        assert_eq!(links(run), in_a_row(way, 4), "{way:?}");
        assert_eq!(told(run, "vertex").count(), 4, "{way:?}: nobody is silent");
    });
}

#[test]
fn path_into_silence_ends_and_says_so() {
    each_way(&short(12).dead_after(2), "-n --paths", |_, run| {
        run.quiet_exit(0);
        assert!(run.out.contains("target not reached: the last answer is from hop 2\n"), "{run:?}");
        assert!(run.out.contains(" 1 2 3 4 5 6 (not to the target)\n"), "{run:?}");
    });
}

#[test]
fn refusing_router_is_an_end() {
    let path = short(5).hop(2, |hop| hop.unreachable(13).unreachable_v6(1));
    each_way(&path, "-n --paths", |_, run| {
        let row = run.out.lines().find(|line| line.starts_with("   2 o")).unwrap();
        assert!(row.ends_with("ms unreachable"), "{run:?}");
    });
}

#[test]
fn hops_ports_and_sizes_are_those_that_were_asked_for() {
    let lab = Lab::new();
    let (host, path) = before(&lab, &short(6));
    let run = trace(
        &host,
        "--json --paths -f 2 -m 4 -p 4000 --sport=41000 -z 0.002 -w 2 203.0.113.9 100",
    );
    let start = told(&run, "start").next().unwrap();
    for (key, value) in [("first_hop", 2), ("max_hops", 4), ("port", 4000), ("size", 100)] {
        assert_eq!(start[key], value, "{key}");
    }
    let hops: Vec<_> = told(&run, "vertex").map(|vertex| vertex["hop"].clone()).collect();
    assert_eq!(hops, [2, 3, 4]);
    let ports = told(&run, "path").next().unwrap()["ports"].clone();
    assert_eq!(ports, Value::from([41000, 41001, 41002, 41003, 41004, 41005]));
    let probes = path.stop();
    assert!(probes.iter().all(|probe| (2..=4).contains(&probe.ttl)), "{probes:?}");
}

#[test]
fn udp_method_has_its_own_port() {
    each_way(&short(2), "--json --paths -U", |_, run| {
        assert_eq!(told(run, "start").next().unwrap()["port"], 53);
    });
}

#[test]
fn names_stand_beside_addresses() {
    let lab = Lab::new();
    lab.file("/etc/nsswitch.conf", "hosts: files");
    lab.file("/etc/hosts", "10.200.1.1 gate.example\n203.0.113.9 a\"b\\c");
    let (host, _path) = before(&lab, &short(2));
    let text = trace(&host, "--paths 203.0.113.9");
    assert!(text.out.contains("   1 o  gate.example (10.200.1.1) "), "{text:?}");
    let dot = trace(&host, "--paths --dot 203.0.113.9");
    assert!(dot.out.contains("\"1\" [label=\"gate.example (10.200.1.1)\\n"), "{dot:?}");
}

#[test]
fn origins_stand_behind_addresses() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(2));
    let table = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("as-table-of-paths");
    std::fs::write(&table, "10.200.0.0/16\t64500\n").unwrap();
    let table = table.display();
    let run = trace(&host, &format!("-n --paths -A --as-table={table} 203.0.113.9"));
    assert!(run.out.contains("   1 o  10.200.1.1 [AS64500] "), "{run:?}");
}

/// What a line of DOT may be, of those that are written here.
fn is_dot(line: &str) -> bool {
    let line = line.trim();
    let quotes = line.replace("\\\\", "").replace("\\\"", "").matches('"').count();
    let is_node = line.starts_with('"') && line.ends_with("];") && line.contains(" [label=\"");
    let is_fixed = ["digraph paths {", "rankdir=LR;", "node [shape=box];", "{ rank=same;", "}"];
    quotes.is_multiple_of(2)
        && (is_node || is_fixed.contains(&line) || line.starts_with("label=\""))
}

#[test]
fn dot_is_a_graph_of_all_links() {
    let mesh = Mesh::two_by_three();
    let lab = Lab::new();
    let ecmp = lab.ecmp(&mesh);
    for way in Way::ALL {
        let run = trace_mesh(way, &ecmp, "-n --dot");
        run.quiet_exit(0);
        assert!(run.out.lines().all(is_dot), "{run:?}");
        let depth = run.out.chars().fold(0, |n, c| n + i32::from(c == '{') - i32::from(c == '}'));
        assert_eq!(depth, 0, "{run:?}");
        assert_eq!(run.out.matches(" -> ").count(), 12, "{run:?}");
        assert_eq!(run.out.matches("10.99.2.1\\n").count(), usize::from(!way.v6), "{run:?}");
    }
}

#[test]
#[ignore = "needs graphviz"]
fn dot_is_what_graphviz_reads() {
    let mesh = Mesh::two_by_three();
    let lab = Lab::new();
    let ecmp = lab.ecmp(&mesh);
    let run = trace_mesh(Way::ALL[0], &ecmp, "-n --dot");
    let drawn = ecmp.source().output(&format!("dot -Tplain <<'EOF'\n{}\nEOF", run.out));
    assert_eq!(drawn.lines().filter(|line| line.starts_with("node ")).count(), 8, "{drawn}");
    assert_eq!(drawn.lines().filter(|line| line.starts_with("edge ")).count(), 12, "{drawn}");
}

#[test]
fn interrupted_search_tells_what_it_knows() {
    let lab = Lab::new();
    let (host, path) = before(&lab, &short(9).dead_after(2));
    let search = start(&host, "-n --paths -w 5 203.0.113.9");
    wait_for_probes(&host, &path, 6);
    host.sh("sleep 1");
    search.signal(Signal::SIGINT);
    let run = Run::of(search.output());
    run.quiet_exit(130);
    assert!(run.out.contains("   2 o  10.200.2.1 "), "{run:?}");
    assert!(run.out.contains("interrupted: there is more to ask\n"), "{run:?}");
}

#[test]
fn search_that_cannot_be_sent_fails() {
    for way in Way::ALL {
        let lab = Lab::new();
        let (host, _path) = before(&lab, &short(3));
        host.nft(
            "add table inet t
add chain inet t out { type filter hook output priority 0; }
add rule inet t out meta l4proto udp drop",
        );
        let run = way.trace(&host, "-n --paths");
        let why = "traceroute: send: Operation not permitted\n";
        assert_eq!((run.code, run.err.as_str()), (Some(1), why), "{way:?}: {run:?}");
    }
}

#[test]
fn what_makes_no_sense_with_paths_is_refused() {
    let lab = Lab::new();
    let host = lab.host("a");
    let method = |flag: &str| format!("--paths: not by {flag}: a flow is a source port of UDP");
    let flag = |flag: &str| format!("--paths: {flag} does not go with it");
    let table = [
        ("--paths -I", method("-I")),
        ("--paths -T", method("-T")),
        ("--paths -UL", method("-UL")),
        ("--paths -P 1", method("-P")),
        ("--paths -M tcpconn", method("-M")),
        ("--paths -q 2", flag("-q")),
        ("--paths -N 2", flag("-N")),
        ("--paths -e", flag("-e")),
        ("--paths -g 192.0.2.1", flag("-g")),
        ("--paths --mtu", flag("--mtu")),
        ("--paths --back", flag("--back")),
        ("--paths --try-all", flag("--try-all")),
        ("--paths --report", flag("--report")),
        ("--paths --csv", flag("--csv")),
        ("--paths --live", flag("--live")),
        ("--paths --cycles=2", flag("--cycles")),
        ("--paths --sport=65500", "--paths: --sport: fewer than 256 ports left".to_owned()),
        ("--paths --dot --json", "--dot and --json do not go together".to_owned()),
        ("--paths --confidence=100", "--confidence: 100: from 50 to 99.99 percent".to_owned()),
        ("--paths --confidence=NaN", "--confidence: NaN: from 50 to 99.99 percent".to_owned()),
        ("--dot", "--dot goes with --paths".to_owned()),
        ("--confidence=95", "--confidence goes with --paths".to_owned()),
    ];
    for (flags, why) in table {
        let run = trace(&host, &format!("{flags} 127.0.0.1"));
        let said = (run.code, run.out.as_str(), run.err.as_str());
        assert_eq!(said, (Some(2), "", format!("traceroute: {why}\n").as_str()), "{flags}");
    }
    let run = trace_by(Who::Nobody, &host, "--paths --confidence=x 127.0.0.1");
    let why = "traceroute: Cannot handle `--confidence' option with arg `x' (argc 2)\n";
    assert_eq!((run.code, run.err.as_str()), (Some(2), why));
}

#[test]
fn this_machine_is_one_place() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("ip link set lo up");
    for target in ["127.0.0.1", "::1"] {
        let run = trace(&host, &format!("-n --paths {target}"));
        run.quiet_exit(0);
        assert!(run.out.contains("1 place, 0 links, 1 path: all there are"), "{run:?}");
    }
}
