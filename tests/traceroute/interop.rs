//! Ours beside Linux' traceroute 2.1, on networks that are the same: every octet but the times.

use std::io::Write as _;
use std::path::{Path as FilePath, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use wireline_lab::{Chain, Host, Lab, Label, Labels, Path};

use crate::common::{Run, Who, before, masked, program_path, run_by, short};

const THEIRS: &str = "/usr/sbin/traceroute";

/// What the two must have in common: ours says who it is in front of a message, and theirs puts some
/// messages on a line of their own.
fn comparable(run: &Run) -> (Option<i32>, String, String) {
    let err = run.err.trim_start_matches('\n').replace("traceroute: ", "");
    let err = if err.starts_with("rate-limited?") { String::new() } else { err };
    // Theirs leaves the first line without an end if it comes to nothing.
    (run.code, masked(&run.out), err)
}

/// Runs both with each line of the table on networks of their own that `make` makes the same, and
/// shows all differences at once.
fn compare<'t>(
    who: Who,
    make: impl Fn(&Lab, &mut dyn FnMut(&Host<'_>)),
    table: impl IntoIterator<Item = &'t str>,
) {
    let mut differences = Vec::new();
    for args in table {
        let run = |path: &FilePath| {
            let (lab, mut found) = (Lab::new(), None);
            make(&lab, &mut |host| {
                found = Some(comparable(&run_by(who, host, path, args.split_whitespace())));
            });
            found.expect("a run")
        };
        let (theirs, ours) = (run(FilePath::new(THEIRS)), run(&program_path()));
        if theirs != ours {
            differences.push(format!("{who:?}: {args}\n theirs {theirs:?}\n ours   {ours:?}"));
        }
    }
    assert!(differences.is_empty(), "\n{}", differences.join("\n"));
}

/// Each word of one table behind each of another.
fn times(first: &[&str], second: &[&str]) -> Vec<String> {
    first.iter().flat_map(|a| second.iter().map(move |b| format!("{a} {b}"))).collect()
}

fn on_a_chain(lab: &Lab, with: &mut dyn FnMut(&Host<'_>)) {
    let hosts = lab.chain_with(&Chain::of(&["a", "r", "s", "b"]).mtu(2, 1400).mtu(3, 1300));
    lab.file("/etc/nsswitch.conf", "hosts: files");
    lab.file("/etc/hosts", "10.1.1.2 r.example\n10.1.3.2 b.example\nfd00:3::2 b6.example");
    hosts[0].open_ping_sockets();
    hosts[3].sysctl("net.ipv4.icmp_ratelimit", "0");
    hosts[3].sysctl("net.ipv6.icmp.ratelimit", "0");
    with(&hosts[0]);
}

fn on_a_path(path: Path) -> impl Fn(&Lab, &mut dyn FnMut(&Host<'_>)) {
    move |lab, with| {
        let (host, _path) = before(lab, &path);
        with(&host);
    }
}

#[test]
#[ignore = "needs Linux' traceroute"]
fn kernels_in_a_row_are_the_same() {
    let table = times(
        &[
            "",
            "-n",
            "-n -I",
            "-n -T",
            "-n -U",
            "-n -P 253",
            "-n -M tcpconn",
            "-n -q 1",
            "-n -f 2",
            "-n -m 2",
            "-n -N 1",
            "-n -N 3 -q 5",
            "-n -z 5",
            "-n --mtu",
            "-n -I --mtu",
            "-n -F",
            "-n -t 16 -w 3",
            "-n --back",
            "-n -e",
            "-n -p 500",
            "-n -T -O info",
            "-n -T -O ack",
        ],
        &["10.1.3.2", "fd00:3::2", "10.1.2.2"],
    );
    compare(Who::Root, on_a_chain, table.iter().map(String::as_str));
    compare(Who::Root, on_a_chain, ["b.example", "b6.example", "-4 b.example", "10.1.770"]);
}

#[test]
#[ignore = "needs Linux' traceroute"]
fn nobody_sees_the_same() {
    let table = times(
        &["", "-n", "-n -U", "-n --mtu", "-n -e", "-n -q 1 -N 1", "-n -F"],
        &["10.1.3.2", "fd00:3::2"],
    );
    compare(Who::Nobody, on_a_chain, table.iter().map(String::as_str));
}

#[test]
#[ignore = "needs Linux' traceroute"]
fn lengths_are_the_same() {
    let table = times(
        &["-n", "-n -I", "-n -F", "-n -T", "-n --mtu"],
        &["10.1.3.2 0", "10.1.3.2 100", "10.1.3.2 1300", "fd00:3::2 1280", "fd00:3::2 20"],
    );
    compare(Who::Root, on_a_chain, table.iter().map(String::as_str));
}

/// The two in one table: both families of the scripted path's target.
fn both(args: &str) -> Vec<String> {
    [format!("{args} 203.0.113.9"), format!("{args} 2001:db8:113::9")].into()
}

fn compare_path(path: &Path, args: &[&str]) {
    let table: Vec<_> = args.iter().flat_map(|args| both(args)).collect();
    compare(Who::Root, on_a_path(path.clone()), table.iter().map(String::as_str));
}

#[test]
#[ignore = "needs Linux' traceroute"]
fn silence_is_the_same() {
    compare_path(&short(5).silent([2, 4]), &["-n", "-n -I", "-n -T", "-n -U"]);
    compare_path(&short(5).dead_after(2), &["-n -m 6 -w 1"]);
    compare_path(&short(3).hop(1, |hop| hop.lose([2])), &["-n -N 1 -w 1", "-N 1 -q 4 -w 1"]);
}

#[test]
#[ignore = "needs Linux' traceroute"]
fn refusals_are_the_same() {
    for code in [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] {
        let path = short(4).hop(2, |hop| hop.unreachable(code).unreachable_v6(code));
        compare_path(&path, &["-n"]);
    }
    compare_path(&short(4).hop(2, |hop| hop.unreachable(1).unreachable_v6(1)), &["-n -I", "-n -T"]);
    compare_path(&short(4).hop(2, |hop| hop.fragmentation_needed(1400)), &["-n -F", "-n -I -F"]);
}

#[test]
#[ignore = "needs Linux' traceroute"]
fn decorations_are_the_same() {
    let stack = Labels::of(&[24001]).push(Label { label: 17, class: 5, ttl: 255 });
    let path = short(4)
        .hop(1, |hop| hop.labels(stack.clone().object(2, 3, &[10, 2, 3, 4]).object(7, 9, &[])))
        .hop(2, |hop| hop.labels(stack.clone()).back(9))
        .hop(3, wireline_lab::Hop::alternates);
    let args = ["-n -e", "-e", "-n --back", "-n -e --back", "-n -I -e", "-n -T -e", "-n -N 1 -q 5"];
    compare_path(&path, &args);
}

#[test]
#[ignore = "needs Linux' traceroute"]
fn path_mtus_are_the_same() {
    let path = short(5).hop(2, |hop| hop.mtu(1400)).hop(3, |hop| hop.mtu(1300));
    compare_path(
        &path,
        &["-n --mtu", "-n -I --mtu", "-n -U --mtu", "-n --mtu -q 1", "-n --mtu -f 2"],
    );
}

/// What jc makes of a text.
fn parsed(text: &str) -> Value {
    let jc = std::env::var_os("JC").map_or_else(|| PathBuf::from("jc"), PathBuf::from);
    let mut child = Command::new(&jc)
        .arg("--traceroute")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("jc in $JC or in the PATH");
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "{text}");
    let mut value = serde_json::from_slice(&out.stdout).unwrap();
    forget_times(&mut value);
    value
}

fn forget_times(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.remove("rtt");
            map.values_mut().for_each(forget_times);
        }
        Value::Array(all) => all.iter_mut().for_each(forget_times),
        _ => {}
    }
}

#[test]
#[ignore = "needs jc and Linux' traceroute"]
fn parser_for_traceroute_makes_the_same_of_both() {
    let table = ["", "-n", "-q 1", "-f 2", "-m 2", "-n -I", "-n -T", "-n --mtu", "-n -N 1"];
    for args in times(&table, &["10.1.3.2", "b.example", "fd00:3::2"]) {
        let of = |path: &FilePath| {
            let (lab, mut found) = (Lab::new(), None);
            on_a_chain(&lab, &mut |host| {
                found = Some(run_by(Who::Root, host, path, args.split_whitespace()).out);
            });
            parsed(&found.expect("a run"))
        };
        assert_eq!(of(&program_path()), of(FilePath::new(THEIRS)), "{args}");
    }
}
