//! `--watch`: changes as lines, as JSON, and in place on a terminal.

use nix::sys::signal::Signal;
use serde_json::Value;
use wireline_lab::{Background, Host, Lab};

use crate::common::{netstat, ours};

fn host(lab: &Lab) -> Host<'_> {
    let host = lab.host("a");
    host.sh("ip link set lo up");
    host
}

/// Watches, and has looked once: what is done from now on is a change.
fn watch(host: &Host<'_>, args: &str) -> (Background, String) {
    let mut watch = host.spawn(ours(), args.split_whitespace());
    let first = watch.line().expect("a first look");
    (watch, first)
}

/// The next line that is so; those before it are passed over.
fn next(watch: &mut Background, is_so: impl Fn(&str) -> bool) -> String {
    let mut passed = Vec::new();
    while let Some(line) = watch.line() {
        if is_so(&line) {
            return line;
        }
        passed.push(line);
    }
    panic!("no such line among {passed:?}");
}

#[test]
fn lines_say_what_opens_changes_and_closes() {
    let lab = Lab::new();
    let host = host(&lab);
    let (mut watch, header) = watch(&host, "-tanp --watch --interval=0.2");
    assert!(header.starts_with("  Proto Recv-Q Send-Q Local Address "), "{header}");
    let sockets = host.sockets(&["established", "2"]);
    let opened = next(&mut watch, |line| line.contains("ESTABLISHED"));
    assert!(opened.starts_with("+ tcp  ") && opened.contains("/wireline-sock"), "{opened}");
    drop(sockets);
    let ended = next(&mut watch, |line| line.contains("was ESTABLISHED"));
    assert!(ended.starts_with("~ tcp  ") && ended.contains("TIME_WAIT   - "), "{ended}");
    watch.signal(Signal::SIGINT);
    assert_eq!(watch.wait().code(), Some(0));
}

#[test]
fn closed_rows_are_shown_as_they_were_with_their_owner() {
    let lab = Lab::new();
    let host = host(&lab);
    let sockets = host.sockets(&["waiting", "0"]);
    let (mut watch, _) = watch(&host, "-tlnp --watch --interval=0.2");
    drop(sockets);
    let closed = watch.line().expect("a change");
    assert!(closed.starts_with("- tcp  ") && closed.contains(" LISTEN "), "{closed}");
    assert!(closed.contains("/wireline-sock"), "{closed}");
}

#[test]
fn rates_are_told_while_something_goes_through() {
    let lab = Lab::new();
    let host = host(&lab);
    let _listener = host.sockets(&["waiting", "0"]);
    let (mut watch, _) = watch(&host, "-tan --watch --interval=0.3");
    let script = "exec 3<>/dev/tcp/127.1.0.1/5000; while echo 0123456789 >&3; do sleep 0.05; done";
    let _writer = host.spawn("bash", ["-c", script]);
    let sent = next(&mut watch, |line| line.contains(" acked "));
    assert!(sent.starts_with("~ tcp  ") && sent.ends_with(" B/s"), "{sent}");
    let received = next(&mut watch, |line| line.contains(" received "));
    assert!(received.contains("127.1.0.1:5000 "), "{received}");
}

#[test]
fn json_has_an_event_a_change() {
    let lab = Lab::new();
    let host = host(&lab);
    let (mut watch, start) = watch(&host, "-tan --watch --interval=0.2 --json");
    let start: Value = serde_json::from_str(&start).expect("JSON");
    assert_eq!((&start["event"], &start["table"]), (&"start".into(), &"changes".into()));
    let sockets = host.sockets(&["established", "2"]);
    let opened = next(&mut watch, |line| line.contains(r#""event":"opened""#));
    assert!(serde_json::from_str::<Value>(&opened).expect("JSON")["cookie"].is_u64(), "{opened}");
    drop(sockets);
    let closed = next(&mut watch, |line| line.contains(r#""event":"closed""#));
    assert!(closed.contains(r#""state":"#), "{closed}");
    let changed = next(&mut watch, |line| line.contains(r#""event":"changed""#));
    let changed: Value = serde_json::from_str(&changed).expect("JSON");
    assert_eq!((&changed["state"], &changed["was"]), (&"time_wait".into(), &"established".into()));
    assert!(changed["acked_per_second"].is_u64() && changed["received_per_second"].is_u64());
    watch.signal(Signal::SIGTERM);
    assert_eq!(next(&mut watch, |line| line.contains("summary")).matches("rows").count(), 1);
    assert_eq!(watch.wait().code(), Some(0));
}

#[test]
fn nothing_is_said_where_nothing_changes() {
    let lab = Lab::new();
    let host = host(&lab);
    let _sockets = host.sockets(&["established", "20"]);
    let script =
        format!("timeout -s INT 1.5 {} -tan --watch --interval=0.1 || true", ours().display());
    assert_eq!(host.output(&script).lines().count(), 1, "the header alone");
}

#[test]
fn table_stands_in_its_place_on_a_terminal_until_q() {
    let lab = Lab::new();
    let host = host(&lab);
    let _sockets = host.sockets(&["established", "4"]);
    let program =
        format!("{} -tan --watch --interval=0.2; echo code $?; stty -a", ours().display());
    let keys = "for key in x q; do sleep 1; printf %s $key; done";
    let out = host.output(&format!("({keys}) | TERM=xterm script -qec '{program}' /dev/null"));
    let (screen, after) = out.split_once("\x1b[?1049l").expect("back on the first screen");
    assert!(screen.starts_with("\x1b[?1049h"), "{out:?}");
    assert!(screen.matches("5 sockets, 0 opened, 0 closed, 0 changed in ").count() > 2, "{out:?}");
    assert!(screen.contains("\x1b[32mESTABLISHED\x1b[0m"), "{out:?}");
    assert!(after.contains("code 0"), "{after:?}");
    assert!(after.contains(" icanon") && after.contains(" echo "), "{after:?}");
}

#[test]
fn reader_who_has_gone_ends_it() {
    let lab = Lab::new();
    let host = host(&lab);
    let script = format!("{} -tan --watch | head -1", ours().display());
    assert!(host.output(&script).starts_with("  Proto "));
}

#[test]
fn full_stdout_is_an_error() {
    let lab = Lab::new();
    let host = host(&lab);
    let script =
        format!("code=0; {} --watch 2>&1 >/dev/full || code=$?; echo $code", ours().display());
    assert_eq!(host.output(&script), "netstat: write error: No space left on device\n1\n");
}

#[test]
fn what_makes_no_sense_is_refused_by_name() {
    let lab = Lab::new();
    let host = host(&lab);
    let interval =
        |text: &str| format!("--interval: {text}: not a number of seconds from 0.1 to 3600");
    for (args, why) in [
        ("--watch -r", "--watch does not go with -r (try --help)".to_owned()),
        ("--watch -x", "--watch does not go with -x (try --help)".to_owned()),
        ("--watch -c", "--watch does not go with -c (try --help)".to_owned()),
        ("--watch --explain", "--explain does not go with --watch (try --help)".to_owned()),
        ("--watch --pretty", "--pretty does not go with --watch (try --help)".to_owned()),
        ("--interval=1", "--interval goes with --watch only (try --help)".to_owned()),
        ("--watch --interval=0", interval("0")),
        ("--watch --interval=nan", interval("nan")),
        ("--watch --interval=-1", interval("-1")),
        ("--watch --interval=3601", interval("3601")),
    ] {
        let run = netstat(&host, args);
        assert_eq!((run.code, run.err), (Some(3), format!("netstat: {why}\n")), "{args}");
    }
}
