//! One host by its address, in the words of iputils' arping.

use std::path::Path;

use assert_cmd::cargo::cargo_bin;
use wireline_lab::segment::{Claim, Heard, Hostile, Segment, World};
use wireline_lab::{Background, Host, Lab, Signal, not_tried};

use crate::common::{Run, run};

const THEIRS: &str = "/usr/bin/arping";
const HIM: &str = "00:00:5e:00:53:10";
const HER: &str = "00:00:5e:00:53:ab";

fn arping(host: &Host<'_>, args: &str) -> Run {
    run(host.command(cargo_bin!("arp-scan")), &format!("arping {args}"))
}

fn start(host: &Host<'_>, args: &str) -> Background {
    host.spawn(cargo_bin!("arp-scan"), format!("arping {args}").split_whitespace())
}

/// With `T` for the milliseconds that end a line.
fn masked(text: &str) -> String {
    let line = |line: &str| match line.rsplit_once(' ') {
        Some((before, time)) if time.ends_with("ms") => format!("{before} T\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

/// 192.0.2.9 is his, 192.0.2.10 is his and hers, and 192.0.2.2 is the kernel's.
fn world() -> World {
    World::new()
        .peer("192.0.2.2/24")
        .claim(Claim::of("192.0.2.9"))
        .claim(Claim::of("192.0.2.10"))
        .claim(Claim::of("192.0.2.10").mac(HER))
        .claim(Claim::of("192.0.2.11").broadcast())
        .claim(Claim::of("192.0.2.12").deaf_to(1))
}

fn destinations(heard: &[Heard]) -> Vec<String> {
    let text =
        |mac: &[u8]| mac.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(":");
    heard.iter().map(|heard| text(&heard.frame[..6])).collect()
}

#[test]
fn lines_are_those_of_iputils() {
    let lab = Lab::new();
    let segment = lab.segment(&world());
    let run = arping(&segment.scanner, "-c 2 192.0.2.9");
    run.quiet_exit(0);
    let expected = "ARPING 192.0.2.9 from 192.0.2.1 eth0\n\
        Unicast reply from 192.0.2.9 [00:00:5E:00:53:10]  T\n\
        Unicast reply from 192.0.2.9 [00:00:5E:00:53:10]  T\n\
        Sent 2 probes (1 broadcast(s))\n\
        Received 2 response(s)\n";
    assert_eq!(masked(&run.out), expected);
    assert_eq!(destinations(&segment.stop()), ["ff:ff:ff:ff:ff:ff", HIM], "first all, then him");
}

#[test]
fn answer_to_all_is_called_a_broadcast_and_silence_is_1() {
    let lab = Lab::new();
    let segment = lab.segment(&world());
    let told = arping(&segment.scanner, "-f 192.0.2.11");
    told.quiet_exit(0);
    let expected = "ARPING 192.0.2.11 from 192.0.2.1 eth0\n\
        Broadcast reply from 192.0.2.11 [00:00:5E:00:53:10]  T\n\
        Sent 1 probes (1 broadcast(s))\n\
        Received 1 response(s) (1 broadcast(s))\n";
    assert_eq!(masked(&told.out), expected);

    let silent = arping(&segment.scanner, "-b -c 1 192.0.2.99");
    silent.quiet_exit(1);
    assert!(silent.out.ends_with("Received 0 response(s)\n"), "{silent:?}");
    let quiet = arping(&segment.scanner, "-q -f 192.0.2.9");
    quiet.quiet_exit(0);
    assert_eq!(quiet.out, "");
}

#[test]
fn detection_says_1_of_an_address_in_use_and_0_of_a_free_one_and_asks_as_nobody() {
    let lab = Lab::new();
    let segment = lab.segment(&world());
    let used = arping(&segment.scanner, "-D -c 2 192.0.2.9");
    used.quiet_exit(1);
    let expected = "ARPING 192.0.2.9 from 0.0.0.0 eth0\n\
        Unicast reply from 192.0.2.9 [00:00:5E:00:53:10]  T\n\
        Sent 1 probes (1 broadcast(s))\n\
        Received 1 response(s)\n";
    assert_eq!(masked(&used.out), expected);
    arping(&segment.scanner, "-D -c 1 192.0.2.99").quiet_exit(0);

    let json = arping(&segment.scanner, "-D --json -f -w 5 192.0.2.9");
    let summary = json.events("summary");
    assert_eq!((json.code, summary[0]["in_use"].as_bool()), (Some(1), Some(true)), "{json:?}");
    let heard = segment.stop();
    assert!(heard.iter().all(|heard| heard.sender() == Some([0; 4].into())), "{heard:?}");
    assert_eq!(heard.len(), 3);
}

#[test]
fn second_machine_with_the_address_is_named_beside_the_lines() {
    let lab = Lab::new();
    let segment = lab.segment(&world());
    let plain = arping(&segment.scanner, "-c 1 192.0.2.10");
    let both = "Unicast reply from 192.0.2.10 [00:00:5E:00:53:10]  T\n\
        Unicast reply from 192.0.2.10 [00:00:5E:00:53:AB]  T\n";
    assert!(masked(&plain.out).contains(both), "{plain:?}");
    plain.complains(0, &["conflict", "192.0.2.10", HIM, HER]);

    let checked = arping(&segment.scanner, "--json --check -c 1 192.0.2.10");
    checked.quiet_exit(3);
    let finding = &checked.events("finding")[0];
    assert_eq!(finding["finding"], "conflict");
    let macs: Vec<_> = finding["claimants"].as_array().unwrap().iter().map(|c| &c["mac"]).collect();
    assert_eq!(macs, [HIM, HER]);

    let all = arping(&segment.scanner, "-D --all -c 1 192.0.2.10");
    all.complains(1, &[HIM, HER]);
    assert!(all.out.ends_with("Received 2 response(s)\n"), "{all:?}");
}

#[test]
fn other_owner_of_our_own_address_is_a_conflict_while_we_announce_it() {
    let lab = Lab::new();
    let mut segment = lab.segment(&world());
    let announcing = start(&segment.scanner, "-U --check -c 2 192.0.2.1");
    let mut announcing = announcing;
    assert_eq!(announcing.line().as_deref(), Some("ARPING 192.0.2.1 from 192.0.2.1 eth0"));
    segment.announce("192.0.2.1", HIM);
    let run = Run::of(announcing.output());
    run.complains(3, &["192.0.2.1", "00:00:5e:00:53:01 (us)", HIM]);
}

#[test]
fn rival_who_probes_for_the_same_address_is_told() {
    let lab = Lab::new();
    let mut segment = lab.segment(&world());
    let mut detecting = start(&segment.scanner, "-D -c 2 192.0.2.99");
    detecting.line().unwrap();
    segment.ask(HIM, "0.0.0.0", "192.0.2.99");
    Run::of(detecting.output()).complains(0, &["192.0.2.99", HIM]);
}

#[test]
fn announcements_go_to_all_and_only_of_an_address_that_is_ours() {
    let lab = Lab::new();
    let segment = lab.segment(&world());
    for args in ["-U -c 1 192.0.2.1", "-A -c 1 -I eth0 192.0.2.1"] {
        let run = arping(&segment.scanner, args);
        run.quiet_exit(0);
        assert!(run.out.starts_with("ARPING 192.0.2.1 from 192.0.2.1 eth0\n"), "{run:?}");
    }
    for args in ["-U -c 1 192.0.2.9", "-A -c 1 192.0.2.9", "-c 1 -s 192.0.2.77 192.0.2.9"] {
        let run = arping(&segment.scanner, args);
        run.complains(2, &["arping: bind: Cannot assign requested address"]);
        assert_eq!(run.out, "");
    }
    arping(&segment.scanner, "-A --force -c 1 192.0.2.77").quiet_exit(0);
    let heard = segment.stop();
    let told: Vec<_> = heard.iter().map(|heard| (heard.operation(), heard.sender())).collect();
    let ours = Some([192, 0, 2, 1].into());
    let foreign = Some([192, 0, 2, 77].into());
    assert_eq!(
        told,
        [(Some(1), ours), (Some(2), ours), (Some(2), foreign)],
        "nothing that was refused"
    );
    assert!(heard.iter().all(|heard| heard.sender() == heard.target()), "{heard:?}");
}

#[test]
fn exit_code_tells_whether_there_was_what_was_asked_for() {
    // His first request of each run is lost, and so each has its own segment.
    for (args, code) in [
        ("-f 192.0.2.12", 0),
        ("-c 2 192.0.2.12", 1),
        ("-w 2 192.0.2.12", 0),
        ("-w 2 -c 2 192.0.2.12", 1),
        ("-w 9 -c 1 192.0.2.12", 1),
    ] {
        let lab = Lab::new();
        let segment = lab.segment(&world());
        arping(&segment.scanner, args).quiet_exit(code);
    }
}

#[test]
fn interfaces_that_will_not_do_are_refused_in_the_words_of_iputils() {
    let lab = Lab::new();
    let segment = lab.segment(&world());
    let scanner = &segment.scanner;
    for (args, out) in [
        ("-I lo 192.0.2.9", "Interface \"lo\" is not ARPable\n"),
        ("127.0.0.1", "Interface \"lo\" is not ARPable\n"),
        ("-q -I lo 192.0.2.9", ""),
    ] {
        let run = arping(scanner, args);
        run.quiet_exit(2);
        assert_eq!(run.out, out, "{args}");
    }
    arping(scanner, "-I nope 192.0.2.9").complains(2, &["arping: Device nope not available."]);
    let routeless = arping(scanner, "-c 1 198.51.100.1");
    routeless.quiet_exit(1);
    let start = "ARPING 198.51.100.1 from 192.0.2.1 eth0\n";
    assert!(routeless.out.starts_with(start), "by the only interface there is: {routeless:?}");
    scanner.sh("ip link set eth0 down");
    let down = arping(scanner, "-I eth0 192.0.2.9");
    down.quiet_exit(2);
    assert_eq!(down.out, "Interface \"eth0\" is down\n");
    arping(scanner, "192.0.2.9").complains(2, &["option -I"]);
}

#[test]
fn address_is_not_called_free_where_there_is_no_carrier() {
    let lab = Lab::new();
    let segment = lab.segment(&world());
    segment.peer.sh("ip link set eth0 down");
    let run = arping(&segment.scanner, "-D -c 1 -I eth0 192.0.2.9");
    run.complains(2, &["arping: eth0: ", "no carrier"]);
    assert!(run.out.contains("Sent 0 probes (0 broadcast(s))\n"), "{run:?}");
    let json = arping(&segment.scanner, "--json -D -c 1 -I eth0 192.0.2.9");
    assert!(json.events("summary")[0]["in_use"].is_null(), "{json:?}");
}

#[test]
fn words_that_make_no_sense_are_one_line_and_the_exit_code_of_iputils() {
    let lab = Lab::new();
    let segment = lab.segment(&world());
    for (args, code, words) in [
        ("-c 0 192.0.2.9", 1, "invalid argument: '0': out of range: 1 <= value <= 2147483647"),
        ("-w 1.5 192.0.2.9", 1, "invalid argument: '1.5'"),
        ("-s x 192.0.2.9", 2, "invalid source x"),
        ("-P 192.0.2.9", 2, "-A"),
        ("00:00:5e:00:53:10", 2, "link-layer address"),
        ("nowhere.invalid", 2, "nowhere.invalid: "),
        ("2001:db8::1", 2, "Address family for hostname not supported"),
        ("-x 192.0.2.9", 2, "invalid option -- 'x'"),
        ("-c", 2, "option requires an argument -- 'c'"),
    ] {
        let run = arping(&segment.scanner, args);
        run.complains(code, &["arping: ", words]);
        assert_eq!(run.out, "", "{args}");
    }
    for args in ["", "-c 1", "192.0.2.9 192.0.2.10", "-h 192.0.2.9"] {
        let run = arping(&segment.scanner, args);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{args}");
        assert!(run.err.contains("Usage: arping [options] <destination>"), "{run:?}");
    }
    assert_eq!(segment.stop(), [], "nothing was sent");
}

#[test]
fn names_are_looked_up_and_shown_as_addresses() {
    let lab = Lab::new();
    lab.file("/etc/nsswitch.conf", "hosts: files");
    lab.file("/etc/hosts", "192.0.2.9 target.example");
    let segment = lab.segment(&world());
    for args in ["-f target.example", "-f -I eth0 target.example"] {
        let run = arping(&segment.scanner, args);
        run.quiet_exit(0);
        assert!(run.out.starts_with("ARPING 192.0.2.9 from 192.0.2.1 eth0\n"), "{run:?}");
    }
}

#[test]
fn both_signals_of_the_keyboard_end_it_with_a_summary() {
    let lab = Lab::new();
    let segment = lab.segment(&world());
    for signal in [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM] {
        let mut run = start(&segment.scanner, "-i 60 192.0.2.9");
        run.line().unwrap();
        assert!(run.line().unwrap().starts_with("Unicast reply"));
        run.signal(signal);
        let run = Run::of(run.output());
        run.quiet_exit(0);
        assert_eq!(run.out, "Sent 1 probes (1 broadcast(s))\nReceived 1 response(s)\n");
    }
}

#[test]
fn hostile_frames_are_no_answers_and_the_right_one_is() {
    let lab = Lab::new();
    let hostile = [
        Hostile::EveryTruncation,
        Hostile::EveryLength,
        Hostile::EveryOperation,
        Hostile::OtherHardware,
        Hostile::OtherProtocol,
        Hostile::OtherAddress,
        Hostile::ManyTags,
        Hostile::LyingLlc,
        Hostile::Noise(7, 2000),
    ];
    let claim = hostile.into_iter().fold(Claim::of("192.0.2.9"), Claim::hostile);
    let segment = lab.segment(&World::new().claim(claim));
    // They are more than a queue holds where the machine is busy, which is told.
    let run = arping(&segment.scanner, "-f -c 5 -i 4 192.0.2.9");
    run.exit(0);
    assert!(run.err.is_empty() || run.err.ends_with(" frames dropped by kernel\n"), "{run:?}");
    assert!(run.out.ends_with("Received 1 response(s)\n"), "{run:?}");
}

#[test]
fn link_by_its_name_is_it() {
    let lab = Lab::new();
    let segment = lab.segment(&world());
    let directory = tempfile::tempdir().unwrap();
    let link = directory.path().join("arping");
    std::os::unix::fs::symlink(cargo_bin!("arp-scan"), &link).unwrap();
    let run = run(segment.scanner.command(&link), "-f 192.0.2.9");
    run.quiet_exit(0);
    assert!(run.out.starts_with("ARPING "), "{run:?}");
}

#[test]
fn nobody_is_told_what_is_missing_and_the_capability_of_a_file_suffices() {
    let lab = Lab::new();
    let segment = lab.segment(&world());
    let nobody = segment.scanner.as_nobody(cargo_bin!("arp-scan"));
    run(nobody, "arping -f 192.0.2.9").complains(2, &["arping: ", "cap_net_raw", "setcap"]);
    if !lab.has_users() {
        return not_tried("only root's labs have users");
    }
    for args in ["-f 192.0.2.9", "-D -f -I eth0 192.0.2.9"] {
        let program = cargo_bin!("arp-scan");
        let capable = segment.scanner.with_file_capabilities(program, "cap_net_raw+p");
        let run = run(capable, &format!("arping {args}"));
        run.quiet_exit(i32::from(args.starts_with("-D")));
    }
}

#[test]
fn running_it_holds_no_capability() {
    let lab = Lab::new();
    let segment = lab.segment(&world());
    let mut run = start(&segment.scanner, "-i 60 192.0.2.9");
    run.line().unwrap();
    run.assert_powerless();
}

/// What the two must have in common.
fn comparable(run: &Run) -> (Option<i32>, String, String) {
    let err = run.err.replace("/usr/bin/arping: ", "arping: ");
    (run.code, masked(&run.out), err)
}

/// Most of the time is waiting: a few at once, each on a segment of its own, where none hears another's answers.
fn differences(table: &[&str]) -> Vec<String> {
    let part = |args: &[&str]| -> Vec<String> {
        let lab = Lab::new();
        let segment = lab.segment(&world());
        args.iter().filter_map(|args| difference(&segment, args)).collect()
    };
    std::thread::scope(|scope| {
        let parts = table.chunks(table.len().div_ceil(6).max(1));
        let parts: Vec<_> = parts.map(|args| scope.spawn(move || part(args))).collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    })
}

fn difference(segment: &Segment<'_>, args: &str) -> Option<String> {
    let ours = comparable(&arping(&segment.scanner, args));
    let theirs = comparable(&run(segment.scanner.command(Path::new(THEIRS)), args));
    (ours != theirs).then(|| format!("arping {args}\n theirs {theirs:?}\n ours   {ours:?}"))
}

#[test]
#[ignore = "needs iputils-arping"]
fn every_octet_but_the_times_is_that_of_iputils() {
    let table = [
        "-c 1 192.0.2.2",
        "-c 2 192.0.2.9",
        "-b -c 2 192.0.2.9",
        "-f 192.0.2.9",
        "-c 1 -i 2 192.0.2.9",
        "-D 192.0.2.9",
        "-D -c 2 192.0.2.99",
        "-D -q -w 1 192.0.2.99",
        "-D -c 1 -s 192.0.2.1 192.0.2.9",
        "-c 1 192.0.2.99",
        "-w 1 192.0.2.99",
        "-w 2 192.0.2.9",
        "-w 5 -c 1 192.0.2.9",
        "-w 3 -c 2 192.0.2.9",
        "-w 1 -c 3 192.0.2.9",
        "-w 0 -c 1 192.0.2.9",
        "-c 2 192.0.2.11",
        "-U -c 1 -I eth0 192.0.2.1",
        "-A -c 2 -I eth0 192.0.2.1",
        "-U -c 2 -s 192.0.2.1 192.0.2.2",
        "-A -D -c 1 -I eth0 192.0.2.1",
        "-c 1 -s 0.0.0.0 192.0.2.9",
        "-q -c 1 192.0.2.9",
        "-c 1 192.0.2.9 -q",
        "-qDc1 192.0.2.9",
        "-c 1 -c 2 192.0.2.9",
        "-c 1 127.0.0.1",
        "-c 1 0",
        "-c 1 192.0.2.1",
        "-I lo 192.0.2.9",
        "-q -I lo 192.0.2.9",
        "-I nope 192.0.2.9",
        "-I eth0 -c 1 198.51.100.1",
        "-c 1 192.0.2.255",
        "-U -c 1 192.0.2.9",
        "-s 192.0.2.77 192.0.2.9",
        "-s x 192.0.2.9",
        "-c 1 ::1",
        "-c 0 192.0.2.9",
        "-c -1 192.0.2.9",
        "-c x 192.0.2.9",
        "-c 99999999999999999999 192.0.2.9",
        "-w -1 192.0.2.9",
        "-i 1.5 192.0.2.9",
    ];
    let mut found = differences(&table);
    // A machine that stands still for a moment makes a difference, but not twice.
    if !found.is_empty() {
        let again: Vec<_> = found
            .iter()
            .map(|text| text.lines().next().unwrap().replacen("arping ", "", 1))
            .collect();
        found = differences(&again.iter().map(String::as_str).collect::<Vec<_>>());
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
#[ignore = "needs iputils-arping"]
fn frames_are_those_of_iputils() {
    let lab = Lab::new();
    for (n, args) in [
        "-c 2 192.0.2.9",
        "-D -c 1 192.0.2.99",
        "-U -c 1 -I eth0 192.0.2.1",
        "-A -c 1 -I eth0 192.0.2.1",
    ]
    .into_iter()
    .enumerate()
    {
        let frames = |name: &str, path: &Path, args: &str| {
            let segment =
                lab.segment_named(&format!("{name}{n}"), &format!("{name}{n}p"), &world());
            run(segment.scanner.command(path), args);
            segment.stop().into_iter().map(|heard| heard.frame).collect::<Vec<_>>()
        };
        let ours = frames("ours", cargo_bin!("arp-scan"), &format!("arping {args}"));
        let theirs = frames("theirs", Path::new(THEIRS), args);
        assert!(!theirs.is_empty());
        assert_eq!(ours, theirs, "{args}");
    }
}
