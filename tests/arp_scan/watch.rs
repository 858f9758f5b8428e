//! Who comes, goes and changes while somebody watches.

use std::fs;

use serde_json::Value;
use wireline_lab::segment::{Claim, Segment, World};
use wireline_lab::{Background, Lab, Signal, not_tried};

use crate::common::{Run, arp_scan, start, with_net_raw};

const NINE: &str = "00:00:5e:00:53:09";
const TEN: &str = "00:00:5e:00:53:10";
const OTHER: &str = "00:00:5e:00:53:99";

fn two() -> World {
    World::new().claim(Claim::of("192.0.2.9").mac(NINE)).claim(Claim::of("192.0.2.10").mac(TEN))
}

/// A watch that ends by itself if a test fails to end it.
fn watch(segment: &Segment<'_>, args: &str) -> Background {
    start(&segment.scanner, &format!("-I eth0 --watch=1 --for=100 --json {args}"))
}

/// Reads on until something happens.
#[track_caller]
fn until(watch: &mut Background, event: &str) -> Value {
    let mut before = Vec::new();
    while let Some(line) = watch.line() {
        let object: Value = serde_json::from_str(&line).expect(&line);
        if object["event"] == event {
            return object;
        }
        before.push(line);
    }
    panic!("no {event} in {before:#?}");
}

/// Waits until both of [`two`] are there.
#[track_caller]
fn both_joined(watch: &mut Background) {
    let mut joined = [until(watch, "joined"), until(watch, "joined")];
    joined.sort_by_key(|one| one["address"].as_str().unwrap().len());
    assert_eq!((&joined[0]["mac"], &joined[1]["mac"]), (&NINE.into(), &TEN.into()));
    assert_eq!(joined[0]["arpwatch"], "new station");
}

/// Stops a watch, and asserts its exit code.
#[track_caller]
fn stop(watch: Background, code: i32) -> Run {
    watch.signal(Signal::SIGINT);
    let run = Run::of(watch.output());
    run.quiet_exit(code);
    run
}

#[test]
fn who_comes_and_goes_is_told_and_counted() {
    let lab = Lab::new();
    let mut segment = lab.segment(&two());
    let mut watch = watch(&segment, "192.0.2.8/30");
    both_joined(&mut watch);
    segment.leave("192.0.2.9");
    let left = until(&mut watch, "left");
    assert_eq!((&left["address"], &left["mac"]), (&"192.0.2.9".into(), &NINE.into()));
    assert_eq!(left["unanswered"], 4);
    segment.join(Claim::of("192.0.2.9").mac(NINE));
    segment.announce("192.0.2.9", NINE);
    let back = until(&mut watch, "joined");
    assert_eq!((&back["address"], &back["source"]), (&"192.0.2.9".into(), &"announcement".into()));
    assert_eq!(back["arpwatch"], Value::Null, "it is known");
    let summary = &stop(watch, 0).events("summary")[0];
    assert_eq!((&summary["joined"], &summary["left"]), (&3.into(), &1.into()), "{summary}");
    assert_eq!(summary["present"], 2);
}

#[test]
fn machine_with_another_address_has_moved() {
    let lab = Lab::new();
    let mut segment = lab.segment(&two());
    let mut watch = watch(&segment, "192.0.2.8/30");
    both_joined(&mut watch);
    segment.leave("192.0.2.9");
    segment.join(Claim::of("192.0.2.12").mac(NINE));
    segment.announce("192.0.2.12", NINE);
    let moved = until(&mut watch, "moved");
    assert_eq!((&moved["from"], &moved["address"]), (&"192.0.2.9".into(), &"192.0.2.12".into()));
    stop(watch, 0);
}

#[test]
fn address_with_another_machine_has_changed() {
    let lab = Lab::new();
    let mut segment = lab.segment(&two());
    let mut watch = watch(&segment, "--check 192.0.2.8/30");
    both_joined(&mut watch);
    segment.change("192.0.2.9", OTHER);
    segment.announce("192.0.2.9", OTHER);
    let changed = until(&mut watch, "changed");
    assert_eq!((&changed["was"]["mac"], &changed["mac"]), (&NINE.into(), &OTHER.into()));
    assert_eq!(changed["arpwatch"], "changed ethernet address");
    stop(watch, 3);
}

#[test]
fn two_who_answer_for_one_address_are_a_conflict_until_one_is_gone() {
    let lab = Lab::new();
    let mut segment = lab.segment(&two());
    let mut watch = watch(&segment, "--check 192.0.2.8/30");
    both_joined(&mut watch);
    segment.join(Claim::of("192.0.2.9").mac(OTHER));
    segment.announce("192.0.2.9", OTHER);
    let conflict = until(&mut watch, "conflict");
    let macs: Vec<_> =
        conflict["claimants"].as_array().unwrap().iter().map(|one| &one["mac"]).collect();
    assert_eq!(macs, [NINE, OTHER]);
    segment.leave("192.0.2.9");
    segment.join(Claim::of("192.0.2.9").mac(NINE));
    assert_eq!(until(&mut watch, "settled")["mac"], NINE);
    stop(watch, 3);
}

#[test]
fn gateway_that_is_not_who_was_named_is_an_alarm() {
    let lab = Lab::new();
    let mut segment = lab.segment(&two());
    segment.scanner.sh("ip route add default via 192.0.2.9");
    let args = format!("-I eth0 --watch --for=100 --check --pin-gateway={NINE} 192.0.2.9");
    let mut watch = start(&segment.scanner, &args);
    let mut line = |word: &str| loop {
        let line = watch.line().expect("a line with this word");
        if line.contains(word) {
            break line;
        }
    };
    assert!(line(" joined 192.0.2.9 ").contains(NINE));
    segment.announce("192.0.2.9", OTHER);
    let alarm = line(" GATEWAY ");
    assert!(alarm.contains(OTHER) && alarm.contains(&format!("was {NINE}")), "{alarm}");
    watch.signal(Signal::SIGINT);
    Run::of(watch.output()).quiet_exit(3);
}

#[test]
fn gateway_cannot_be_pinned_without_one() {
    let lab = Lab::new();
    let segment = lab.segment(&two());
    let run = arp_scan(&segment.scanner, "-I eth0 --watch --pin-gateway --for=1");
    run.complains(1, &["--pin-gateway", "no default route"]);
}

#[test]
fn restart_tells_only_what_is_different() {
    let lab = Lab::new();
    let mut segment = lab.segment(&two());
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let args = format!("--state={}", state.display());
    let mut first = watch(&segment, &format!("{args} 192.0.2.8/30"));
    both_joined(&mut first);
    stop(first, 0);
    let saved = fs::read_to_string(&state).unwrap();
    assert_eq!(saved.lines().count(), 2, "{saved}");
    segment.leave("192.0.2.9");
    let mut second = watch(&segment, &args);
    assert_eq!(until(&mut second, "start")["known"], 2);
    assert_eq!(until(&mut second, "left")["address"], "192.0.2.9");
    let run = stop(second, 0);
    assert_eq!(run.events("joined"), [] as [Value; 0]);
    let saved = fs::read_to_string(&state).unwrap();
    let gone = saved.lines().find(|line| line.contains("192.0.2.9\"")).unwrap();
    assert!(gone.contains("\"present\":false"), "{saved}");
}

#[test]
fn damaged_state_is_read_as_far_as_it_goes_and_written_anew() {
    let lab = Lab::new();
    let segment = lab.segment(&two());
    let file = tempfile::NamedTempFile::new().unwrap();
    let good = format!("{{\"interface\":\"eth0\",\"address\":\"192.0.2.9\",\"mac\":\"{NINE}\"}}");
    let torn = &good[..good.len() / 2];
    fs::write(file.path(), format!("\u{1b}[31m\n{good}\n{torn}")).unwrap();
    let state = file.path().display();
    let run =
        arp_scan(&segment.scanner, &format!("-I eth0 --watch --for=3 --json --state={state}"));
    run.exit(0);
    assert_eq!(run.events("start")[0]["known"], 1);
    let errors: Vec<_> = run.err.lines().collect();
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(errors[0].contains("line 1: ") && errors[1].contains("line 3: "), "{errors:?}");
    assert!(!run.err.contains('\u{1b}'));
    let saved = fs::read_to_string(file.path()).unwrap();
    assert_eq!(saved.lines().count(), 1, "{saved}");
}

#[test]
fn state_that_cannot_be_written_is_refused_at_once() {
    let lab = Lab::new();
    let segment = lab.segment(&two());
    let run = arp_scan(&segment.scanner, "-I eth0 --watch --for=1 --state=/no/such/folder/state");
    run.complains(1, &["--state", "/no/such/folder/state", "No such file or directory"]);
}

#[test]
fn differences_from_what_was_saved_are_told_and_are_status_3() {
    let lab = Lab::new();
    let world = two().claim(Claim::of("192.0.2.11").mac(OTHER));
    let segment = lab.segment(&world);
    let file = tempfile::NamedTempFile::new().unwrap();
    let saved = format!("192.0.2.8\t{OTHER}\n192.0.2.9\t{NINE}\n192.0.2.10\t{OTHER}\n");
    fs::write(file.path(), saved).unwrap();
    let baseline = file.path().display();
    let args = format!("-I eth0 --watch --for=4 --json --check --baseline={baseline} 192.0.2.8/29");
    let run = arp_scan(&segment.scanner, &args);
    run.quiet_exit(3);
    let mut found: Vec<_> = run
        .events("difference")
        .iter()
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap().to_owned();
            (text("address"), text("difference"))
        })
        .collect();
    found.sort();
    let pair = |address: &str, what: &str| (address.to_owned(), what.to_owned());
    let expected =
        [pair("192.0.2.10", "changed"), pair("192.0.2.11", "new"), pair("192.0.2.8", "missing")];
    assert_eq!(found, expected);
    assert_eq!(run.events("summary")[0]["differences"], 3);
}

#[test]
fn who_only_listens_sends_nothing() {
    let lab = Lab::new();
    let mut segment = lab.segment(&two());
    let mut watch = watch(&segment, "--passive 192.0.2.8/30");
    until(&mut watch, "start");
    segment.announce("192.0.2.9", NINE);
    assert_eq!(until(&mut watch, "joined")["address"], "192.0.2.9");
    let run = stop(watch, 0);
    assert_eq!(run.events("summary")[0]["sent"], 0);
    let heard = segment.stop();
    assert!(heard.is_empty(), "{heard:?}");
}

#[test]
fn net_raw_is_enough_and_the_file_is_the_callers() {
    let lab = Lab::new();
    if !lab.has_users() {
        return not_tried("only root's labs have users");
    }
    let segment = lab.segment(&two());
    let folder = tempfile::tempdir().unwrap();
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    fs::set_permissions(folder.path(), open).unwrap();
    let state = folder.path().join("state");
    let state = state.display();
    let args = format!("-I eth0 --watch --for=3 --json --state={state} 192.0.2.8/30");
    let run = with_net_raw(&segment.scanner, &args);
    run.quiet_exit(0);
    assert_eq!(run.events("joined").len(), 2, "{run:?}");
    assert_eq!(fs::read_to_string(folder.path().join("state")).unwrap().lines().count(), 2);
    let refused = with_net_raw(&segment.scanner, "-I eth0 --watch --for=1 --state=/root/state");
    refused.complains(1, &["--state", "Permission denied"]);
}

#[test]
fn flags_of_a_watch_without_one_are_refused() {
    let lab = Lab::new();
    let segment = lab.segment(&two());
    for flag in ["--state=/dev/null", "--for=1", "--passive"] {
        let run = arp_scan(&segment.scanner, &format!("-I eth0 {flag} 192.0.2.9"));
        run.complains(1, &["goes with --watch"]);
    }
}

#[test]
fn flags_that_a_watch_does_not_heed_are_refused() {
    let lab = Lab::new();
    let segment = lab.segment(&two());
    for flag in ["-x", "-v", "--force", "--retry=3", "--compat", "--passive --rate=9", "--json -q"]
    {
        let run = arp_scan(&segment.scanner, &format!("-I eth0 --watch {flag} 192.0.2.9"));
        assert!(run.err.contains(" does not go with --"), "{run:?}");
        run.exit(1);
    }
}

#[test]
fn scan_tells_what_is_not_as_it_was_saved() {
    let lab = Lab::new();
    let world = two().claim(Claim::of("192.0.2.11").mac(OTHER));
    let segment = lab.segment(&world);
    let file = tempfile::NamedTempFile::new().unwrap();
    // The last one is of nobody who is asked.
    let saved = format!("192.0.2.8\t{OTHER}\n192.0.2.9\t{NINE}\n192.0.2.10\t{OTHER}\n");
    fs::write(file.path(), saved + &format!("192.0.2.77\t{OTHER}\n")).unwrap();
    let args = format!("-I eth0 --check --baseline={} 192.0.2.8/29", file.path().display());
    let run = arp_scan(&segment.scanner, &args);
    run.exit(3);
    assert_eq!(run.found().len(), 3, "{run:?}");
    let mut told: Vec<_> = run.err.lines().filter(|line| line.contains("baseline: ")).collect();
    told.sort_unstable();
    let words = ["DIFFERENT 192.0.2.10 ", "MISSING 192.0.2.8 ", "NEW 192.0.2.11 "];
    assert_eq!(told.len(), words.len(), "{run:?}");
    assert!(told.iter().zip(words).all(|(line, word)| line.contains(word)), "{told:?}");
    let same = format!("192.0.2.9\t{NINE}\n192.0.2.10\t{TEN}\n192.0.2.11\t{OTHER}\n");
    fs::write(file.path(), same).unwrap();
    arp_scan(&segment.scanner, &args).quiet_exit(0);
}

#[test]
fn what_a_scan_writes_as_json_is_a_baseline_and_this_machine_is_no_news() {
    let lab = Lab::new();
    let segment = lab.segment(&two());
    let first = arp_scan(&segment.scanner, "-I eth0 --json 192.0.2.0/28");
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), &first.quiet_exit(0).out).unwrap();
    let args = format!("-I eth0 --check --baseline={} 192.0.2.0/28", file.path().display());
    arp_scan(&segment.scanner, &args).quiet_exit(0);
}

#[test]
fn gateway_is_who_was_named_or_saved_or_is_in_the_kernels_table() {
    let lab = Lab::new();
    let segment = lab.segment(&two());
    segment.scanner.sh("ip route add default via 192.0.2.9");
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), format!("192.0.2.9\t{OTHER}\n")).unwrap();
    let scan = |args: &str| {
        arp_scan(&segment.scanner, &format!("-I eth0 --check --json {args} 192.0.2.9"))
    };
    scan("--pin-gateway").complains(1, &["--pin-gateway", "192.0.2.9", "--pin-gateway=MAC"]);
    scan(&format!("--pin-gateway={NINE}")).quiet_exit(0);
    let saved = format!("--pin-gateway --baseline={}", file.path().display());
    let named = format!("--pin-gateway={OTHER}");
    let kernel = format!("ip neigh replace 192.0.2.9 lladdr {OTHER} dev eth0");
    for (args, before) in [(saved.as_str(), "true"), (&named, "true"), ("--pin-gateway", &kernel)] {
        segment.scanner.sh(before);
        let run = scan(args);
        run.quiet_exit(3);
        let finding = &run.events("finding")[0];
        assert_eq!(finding["finding"], "gateway_changed", "{args}: {run:?}");
        assert_eq!((&finding["was"]["mac"], &finding["is"]["mac"]), (&OTHER.into(), &NINE.into()));
    }
}
