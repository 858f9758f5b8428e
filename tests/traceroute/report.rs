//! The path over and over: mtr's report, its table with commas, ours in JSON, the view in place.

use std::time::{Duration, Instant};

use wireline_lab::{Hop, Host, Lab, Labels, Path, Signal, ms};

use crate::common::{Run, Who, before, each_family, each_way, program_path, run_by, short};
use crate::common::{start, trace};

const TITLES: &str = " Loss%   Snt   Last   Avg  Best  Wrst StDev";

/// The rows of a table without their times, and blanks at their ends.
fn rows(run: &Run) -> Vec<String> {
    let mut lines = run.out.lines();
    let start = lines.next().unwrap_or_default();
    assert!(start.starts_with("Start: 20") && start.ends_with("+0000"), "{run:?}");
    let header = lines.next().unwrap_or_default();
    assert!(header.starts_with("HOST: ") && header.ends_with(TITLES), "{run:?}");
    let row = |line: &str| line.chars().take(45).collect::<String>().trim_end().to_owned();
    lines.map(row).collect()
}

/// A hop that answered and lost nothing.
fn whole(hop: u8, address: impl std::fmt::Display, sent: u32) -> String {
    format!("{hop:3}.|-- {:25}  0.0%{sent:6}", address.to_string())
}

/// Runs a line of shell in which P is the program.
fn shell(host: &Host<'_>, line: &str) -> Run {
    let line = line.replace('P', program_path().to_str().unwrap());
    run_by(Who::Root, host, "/bin/sh".as_ref(), ["-c", &line])
}

#[test]
fn report_has_a_row_for_each_hop() {
    each_way(&short(4), "-n --report --cycles=3 --interval=0.1", |way, run| {
        let routers = (1..4).map(|hop| whole(hop, way.router(hop), 3));
        let expected: Vec<_> = routers.chain([whole(4, way.target(), 3)]).collect();
        assert_eq!(rows(run), expected, "{way:?}");
        run.quiet_exit(0);
    });
}

#[test]
fn every_method_reports() {
    for method in ["-I", "-T", "-U", "-M tcpconn"] {
        let path = short(3).target(|target| target.open_tcp([80]));
        each_family(
            &path,
            &format!("-n {method} --report --cycles=2 --interval=0.2"),
            |way, run| {
                let expected = [
                    whole(1, way.router(1), 2),
                    whole(2, way.router(2), 2),
                    whole(3, way.target(), 2),
                ];
                assert_eq!(rows(run), expected, "{method} {way:?}");
                run.quiet_exit(0);
            },
        );
    }
}

#[test]
fn columns_stand_where_mtr_has_them() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(2));
    let run = trace(&host, "-n --report --cycles=1 203.0.113.9");
    let lines: Vec<_> = run.out.lines().collect();
    assert_eq!(lines[1].len(), 76, "{run:?}");
    assert_eq!(&lines[1][33..], TITLES);
    assert_eq!((lines[2].len(), &lines[2][70..]), (76, "   0.0"), "{run:?}");
}

#[test]
fn ten_cycles_of_twenty_hops_take_two_seconds_at_most() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &Path::new(20).delay(ms(2)).silent([7]));
    let begin = Instant::now();
    let run = trace(&host, "-n -I --report --cycles=10 --interval=0.1 203.0.113.9");
    let took = begin.elapsed();
    assert_eq!(rows(&run).len(), 20, "{run:?}");
    assert_eq!(rows(&run)[6], "  7.|-- ???                       100.0    10");
    assert!(took < Duration::from_secs(4), "{took:?}: 2 s, and as much for a busy machine");
}

#[test]
fn silent_tail_is_not_told_of() {
    each_family(&short(9).dead_after(2), "-n --report --cycles=2 --interval=0.1", |way, run| {
        assert_eq!(rows(run), [whole(1, way.router(1), 2), whole(2, way.router(2), 2)]);
        run.quiet_exit(0);
    });
}

#[test]
fn nobody_leaves_the_header_alone() {
    each_family(&short(9).dead_after(0), "-n --report --cycles=1", |_, run| {
        assert_eq!(rows(run), [] as [String; 0]);
        run.quiet_exit(0);
    });
}

#[test]
fn second_address_of_a_hop_stands_below_it() {
    let path = short(3).hop(2, Hop::alternates);
    let lab = Lab::new();
    let (host, _path) = before(&lab, &path);
    let run = trace(&host, "-n --report --cycles=4 --interval=0.1 203.0.113.9");
    let both = rows(&run)[1..3].to_vec();
    let expected = [whole(2, "10.200.2.1", 4), "        10.200.2.2".to_owned()];
    let other = [whole(2, "10.200.2.2", 4), "        10.200.2.1".to_owned()];
    assert!(both == expected || both == other, "{run:?}");
}

#[test]
fn labels_stand_below_their_router_where_asked_for() {
    let path = short(3).hop(2, |hop| hop.labels(Labels::of(&[24_001])));
    let line = "        [MPLS: Lbl 24001 TC 0 S 1 TTL 1]";
    for (flags, is_shown) in [("-n -e", true), ("-n", false)] {
        let lab = Lab::new();
        let (host, _path) = before(&lab, &path);
        let run = trace(&host, &format!("{flags} --report --cycles=1 203.0.113.9"));
        assert_eq!(run.out.lines().any(|it| it == line), is_shown, "{run:?}");
    }
}

#[test]
fn rate_limit_is_told_beside_the_table() {
    let path = short(3).hop(2, |hop| hop.limit(6, Duration::from_secs(1)));
    let lab = Lab::new();
    let (host, _path) = before(&lab, &path);
    let run = trace(&host, "-n -I --report --cycles=12 --interval=0.05 203.0.113.9");
    let note = "hop 2: rate-limited? its answers are missing, not what it passes on\n";
    assert_eq!((run.code, run.err.as_str()), (Some(0), note), "{run:?}");
    assert_eq!(rows(&run)[2], whole(3, "203.0.113.9", 12));
}

#[test]
fn wide_report_has_whole_names() {
    let lab = Lab::new();
    lab.file("/etc/nsswitch.conf", "hosts: files");
    let name = "a-router-with-a-very-long-name.example";
    lab.file("/etc/hosts", &format!("10.200.1.1 {name}"));
    let (host, _path) = before(&lab, &short(2));
    let wide = trace(&host, "--report-wide --cycles=1 203.0.113.9");
    assert!(wide.out.contains(&format!("  1.|-- {name}  0.0%     1 ")), "{wide:?}");
    let cut = trace(&host, "--report --cycles=1 203.0.113.9");
    assert_eq!(rows(&cut)[0], "  1.|-- a-router-with-a-very-long  0.0%     1", "{cut:?}");
}

#[test]
fn columns_are_those_that_were_asked_for() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(1));
    let run = trace(&host, "-n --report --order=SRDJMXI --cycles=2 --interval=0.1 203.0.113.9");
    let lines: Vec<_> = run.out.lines().collect();
    assert_eq!(&lines[1][33..], "   Snt   Rcv Drop Jttr Javg Jmax Jint");
    assert_eq!(&lines[2][33..50], "     2     2    0");
}

#[test]
fn table_with_commas_is_that_of_mtr() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(2).silent([1]));
    let run = trace(&host, "-n --csv --cycles=2 --interval=0.1 203.0.113.9");
    let lines: Vec<_> = run.out.lines().collect();
    let titles = "Mtr_Version,Start_Time,Status,Host,Hop,Ip,Loss%,Snt, ,Last,Avg,Best,Wrst,StDev,";
    assert_eq!(lines[0], titles);
    assert!(
        lines[1].ends_with(",OK,203.0.113.9,1,???,100.00,2,2,0.00,0.00,0.00,0.00,0.00"),
        "{run:?}"
    );
    assert!(lines[2].contains(",OK,203.0.113.9,2,203.0.113.9,0.00,2,0,"), "{run:?}");
    assert_eq!(lines[2].split(',').count(), 14);
    run.quiet_exit(0);
}

#[test]
fn json_has_the_hops_in_its_report() {
    each_family(&short(2), "--json --report --cycles=2 --interval=0.1", |way, run| {
        let events = run.json();
        let kinds: Vec<_> = events.iter().map(|event| event["event"].clone()).collect();
        assert_eq!(kinds, ["start", "cycle", "report"]);
        assert!(events[1].get("hops").is_none(), "not asked for");
        let hops = events[2]["hops"].as_array().unwrap();
        assert_eq!(hops[0]["addresses"][0]["address"], way.router(1).to_string());
        assert_eq!(hops[1]["addresses"][0]["address"], way.target().to_string());
        assert_eq!((&hops[1]["sent"], &hops[1]["received"]), (&2.into(), &2.into()));
        assert!(hops[1]["avg_ms"].as_f64().unwrap() >= 2.0, "a millisecond a hop");
    });
}

#[test]
fn json_of_a_live_run_has_the_hops_each_cycle() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(2));
    let run = trace(&host, "--json --live --cycles=3 --interval=0.1 203.0.113.9");
    let events = run.json();
    let hops = events.iter().filter(|event| event["event"] == "cycle");
    let counts: Vec<_> = hops.map(|event| event["hops"].as_array().unwrap().len()).collect();
    assert_eq!(counts, [2, 2]);
}

#[test]
fn interrupted_report_is_printed_with_exit_130() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(2));
    let mut report = start(&host, "-n --report --cycles=1000 203.0.113.9");
    let first = report.line().unwrap_or_default();
    std::thread::sleep(Duration::from_millis(1500));
    report.signal(Signal::SIGINT);
    let run = Run::of(report.output());
    let run = Run { out: format!("{}\n{}", first.trim_end(), run.out), ..run };
    assert_eq!(rows(&run).len(), 2, "{run:?}");
    run.quiet_exit(130);
}

#[test]
fn live_view_leaves_the_report_on_the_screen() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(2));
    let run = shell(
        &host,
        "script -qec 'P -n --live --cycles=3 --interval=0.3 203.0.113.9' /dev/null </dev/null",
    );
    assert!(run.out.contains("203.0.113.9 (203.0.113.9): cycle 1"), "{run:?}");
    let (_, last) = run.out.rsplit_once("Start: ").unwrap();
    let lines: Vec<_> = last.split("\r\n").skip(2).collect();
    assert!(lines[1].starts_with(&whole(2, "203.0.113.9", 3)), "{run:?}");
    assert!(!last.contains('\x1b'), "nothing is drawn over it: {run:?}");
    assert_eq!(run.code, Some(0));
}

#[test]
fn live_view_ends_with_the_interrupt_and_exit_0() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(2));
    let run = shell(
        &host,
        "script -qec 'timeout --foreground -s INT 1.5 P -n --live --interval=0.2 203.0.113.9' /dev/null </dev/null",
    );
    assert!(run.out.contains("\nHOST: "), "{run:?}");
}

#[test]
fn live_without_a_terminal_is_a_report() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(2));
    let run = trace(&host, "-n --live --interval=0.1 203.0.113.9");
    assert_eq!(rows(&run)[1], whole(2, "203.0.113.9", 10));
    run.quiet_exit(0);
}

#[test]
fn what_makes_no_sense_together_is_refused() {
    let lab = Lab::new();
    let host = lab.host("a");
    let one_probe = "does not go with a report: a report sends each hop one probe a cycle";
    let needs = "goes with --report, --report-wide, --csv or --live";
    let table = [
        ("--report -q 2", format!("-q {one_probe}")),
        ("--report -z 1", format!("-z {one_probe}")),
        ("--report -w 1", format!("-w {one_probe}")),
        ("--csv --mtu", format!("--mtu {one_probe}")),
        ("--live --back", format!("--back {one_probe}")),
        ("--report --try-all", format!("--try-all {one_probe}")),
        ("--cycles=3", format!("--cycles {needs}")),
        ("--interval=3", format!("--interval {needs}")),
        ("--order=L", format!("--order {needs}")),
        ("--csv --json", "--csv and --json do not go together".into()),
        ("--csv --live", "--csv and --live do not go together".into()),
        ("--report --json --order=L", "--order does not go with --json".into()),
        ("--report --order=LZ", "--order: Z: not one of LDRSNBAWVGJMXI or a space".into()),
        ("--report --cycles=0", "--cycles: 0: from 1 to 4294967295".into()),
        ("--report --interval=0", "--interval: 0: from 0.01 to 86400 seconds".into()),
    ];
    for (flags, why) in table {
        let run = trace(&host, &format!("{flags} 127.0.0.1"));
        assert_eq!((run.code, run.err), (Some(2), format!("traceroute: {why}\n")), "{flags}");
    }
}

#[test]
fn report_of_what_cannot_be_sent_fails() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    a.nft(
        "add table inet t
add chain inet t out { type filter hook output priority 0; }
add rule inet t out ip daddr 192.0.2.2 drop",
    );
    let run = trace(&a, "-n --report --cycles=1 192.0.2.2");
    assert_eq!(
        (run.code, run.err.as_str()),
        (Some(1), "traceroute: send: Operation not permitted\n")
    );
}

#[test]
#[ignore = "needs mtr"]
fn report_is_that_of_mtr_itself() {
    let lab = Lab::new();
    let hosts = lab.chain(&["a", "r", "s", "b"]);
    for target in ["10.1.3.2", "fd00:3::2"] {
        for (theirs, ours) in [
            ("-r", "--report"),
            ("-w", "--report-wide"),
            ("-r -o LDRSNBAWVGJMXI", "--report --order=LDRSNBAWVGJMXI"),
        ] {
            let theirs = shell(&hosts[0], &format!("mtr -n -c 2 {theirs} {target}"));
            let ours = shell(&hosts[0], &format!("P -n -I --cycles=2 {ours} {target}"));
            assert_eq!(shape(&ours), shape(&theirs), "{target}");
        }
    }
}

/// The text with `9` for the digits of times, which are the numbers with a point behind the name.
fn shape(run: &Run) -> Vec<String> {
    let masked = |line: &str| {
        let (start, rest) = line.split_at(line.len().min(33));
        start.to_owned() + &rest.replace(|c: char| c.is_ascii_digit(), "9")
    };
    run.out.lines().skip(1).map(masked).collect()
}
