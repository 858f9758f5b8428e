//! 0, 1, 8, 9 and 10, and a silent stderr wherever all went well.

use wireline_lab::Lab;

use crate::common::{dig, ours, script, served};

#[test]
fn exit_code_says_how_far_it_came() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    for (args, code) in [
        ("@192.0.2.2 www.example", 0),
        ("@192.0.2.2 nothere.example", 0),
        ("@192.0.2.2 rcode-2.evil", 0),
        ("@192.0.2.2 other.name", 0),
        ("@192.0.2.2 refused.evil AXFR", 0),
        ("@192.0.2.2 www.example +nonsense", 1),
        ("@192.0.2.2 -Z www.example", 1),
        ("@192.0.2.2 www.example -p", 1),
        ("@no.such.server www.example", 1),
        ("-h", 0),
        ("-v", 0),
        ("-f /nonexistent", 8),
        ("@192.0.2.2 drop.evil +tries=1 +time=1", 9),
        ("@192.0.2.2 www.example drop.evil +tries=1 +time=1", 9),
        ("@192.0.2.2 a..b", 10),
    ] {
        let run = dig(&host, args);
        assert_eq!(run.code, Some(code), "{args}: {run:#?}");
    }
}

#[test]
fn stderr_is_silent_where_all_went_well() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    for args in [
        "@192.0.2.2 www.example",
        "@192.0.2.2 nothere.example",
        "@192.0.2.2 -4 -p 53 www.example A +retry=2 +time=5",
        "@192.0.2.2 tc.evil",
        "@192.0.2.2 wrongid.evil",
        "@192.0.2.2 example AXFR",
        "@192.0.2.2 www.example +yaml",
        "@192.0.2.2 www.example --json",
        "-x 192.0.2.7",
    ] {
        let run = dig(&host, args);
        assert_eq!((run.err.as_str(), run.code), ("", Some(0)), "{args}");
    }
}

#[test]
fn closed_pipe_ends_it_quietly() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let run = script(
        &host,
        "\"$DIG\" @192.0.2.2 axfr-endless.evil AXFR | head -n 5 > /dev/null; echo done",
    );
    run.says("done\n");
}

#[test]
fn full_disk_is_told() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let run = script(&host, "exec \"$DIG\" @192.0.2.2 www.example > /dev/full");
    assert_ne!(run.code, Some(0));
    assert_eq!(run.err.lines().count(), 1, "{}", run.err);
    assert!(run.err.contains("dig: No space left"), "{}", run.err);
}

#[test]
fn answer_is_there_without_a_home_or_a_place() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let mut command = host.as_nobody(ours());
    let out = command.args(["@192.0.2.2", "+short", "mail.example", "MX"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&out.stdout), "10 mx.example.\n");
}
