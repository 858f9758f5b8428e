//! `handshake lab`: every scenario gives the segments and the states that it promises, as nobody and as root, and
//! leaves nothing behind.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use wireline_lab::{Lab, Signal};

use crate::common::{Run, as_nobody, handshake, here, program_path, start};

/// The segments of each connection in turn, in the order of their connections: `who flags notes`.
fn segments(run: &Run) -> Vec<Vec<String>> {
    let mut all: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for segment in run.events("segment") {
        let words = |key: &str| -> Vec<String> {
            let words = segment[key].as_array().unwrap().iter();
            words.map(|word| word.as_str().unwrap().to_owned()).collect()
        };
        let side = &segment["from"].as_str().unwrap()[..1];
        let line = format!("{side} {} {}", words("flags").join(","), words("notes").join(","));
        let id = segment["connection"].as_u64().unwrap();
        all.entry(id).or_default().push(line.trim_end().to_owned());
    }
    all.into_values().collect()
}

/// How both ends stood at the end of each connection: the client and the server.
fn ends(run: &Run) -> Vec<[String; 2]> {
    let state =
        |connection: &Value, end: usize| connection["states"][end].as_str().unwrap().to_owned();
    run.events("connection").iter().map(|one| [state(one, 0), state(one, 1)]).collect()
}

fn captions(run: &Run) -> String {
    let texts = run.events("caption");
    texts.iter().map(|caption| caption["text"].as_str().unwrap().to_owned() + "\n").collect()
}

/// Runs a scenario as both, and asserts what both must give.
#[track_caller]
fn play(name: &str, connections: &[(&[&str], [&str; 2])], says: &[&str]) {
    let lab = Lab::new();
    let host = lab.host("a");
    let args = format!("lab {name} --json");
    for run in [as_nobody(&host, &args), handshake(&host, &args)] {
        run.exit(0);
        let found = segments(&run);
        let wanted: Vec<_> = connections.iter().map(|(lines, _)| lines.to_vec()).collect();
        assert_eq!(found, wanted, "{}", run.out);
        let wanted: Vec<_> = connections.iter().map(|(_, ends)| ends.map(str::to_owned)).collect();
        assert_eq!(ends(&run), wanted, "{}", run.out);
        for words in says {
            assert!(captions(&run).contains(words), "{words:?} is not in {}", captions(&run));
        }
    }
}

const OPEN: [&str; 2] = ["ESTABLISHED", "ESTABLISHED"];
const CLOSED: [&str; 2] = ["CLOSED", "CLOSED"];
const HANDSHAKE: [&str; 3] = ["c syn", "s syn,ack", "c ack"];

#[test]
fn three_way() {
    play("three-way", &[(&HANDSHAKE, OPEN)], &["client ESTABLISHED, server ESTABLISHED"]);
}

#[test]
fn four_way() {
    let lines = ["c syn", "s syn,ack", "c ack", "c fin,ack", "s ack", "s fin,ack", "c ack"];
    let says = ["client FIN_WAIT_2, server CLOSE_WAIT", "client TIME_WAIT, server CLOSED"];
    play("four-way", &[(&lines, ["TIME_WAIT", "CLOSED"])], &says);
}

#[test]
fn time_wait() {
    let lines = ["c syn", "s syn,ack", "c ack", "s fin,ack", "c ack", "c fin,ack", "s ack"];
    let says = ["client CLOSED, server TIME_WAIT", "Address already in use", "SO_REUSEADDR: done"];
    play("time-wait", &[(&lines, ["CLOSED", "TIME_WAIT"])], &says);
}

#[test]
fn half_close() {
    let lines = [
        "c syn",
        "s syn,ack",
        "c ack",
        "c psh,ack",
        "s ack",
        "c fin,ack",
        "s ack",
        "s psh,ack half_close",
        "c ack",
        "s psh,ack",
        "c ack",
        "s fin,ack",
        "c ack",
    ];
    play(
        "half-close",
        &[(&lines, ["TIME_WAIT", "CLOSED"])],
        &["client FIN_WAIT_2, server CLOSE_WAIT"],
    );
}

#[test]
fn rst() {
    let refused = ["c syn", "s rst,ack refused"];
    let unread = ["c syn", "s syn,ack", "c ack", "c psh,ack", "s ack", "s rst,ack abort"];
    play("rst", &[(&refused, CLOSED), (&unread, CLOSED)], &["Connection refused"]);
}

#[test]
fn linger0() {
    let lines = [
        "c syn",
        "s syn,ack",
        "c ack",
        "c psh,ack",
        "s ack",
        "s psh,ack",
        "c ack",
        "c rst,ack abort",
    ];
    play("linger0", &[(&lines, CLOSED)], &["client CLOSED, server CLOSED"]);
}

#[test]
fn lost_syn() {
    let lines = ["c syn lost", "c syn syn_retransmitted", "s syn,ack", "c ack"];
    play("syn-loss", &[(&lines, OPEN)], &["The wire loses it"]);
}

/// Which timer is first differs, and so does the rest.
#[test]
fn lost_syn_ack() {
    let lab = Lab::new();
    let run = as_nobody(&lab.host("a"), "lab synack-loss --json");
    run.exit(0);
    let found = segments(&run).remove(0);
    assert_eq!(found[..2], ["c syn", "s syn,ack lost"], "{found:?}");
    assert!(found.contains(&"s syn,ack syn_ack_resent".to_owned()), "{found:?}");
    assert_eq!(ends(&run), [OPEN.map(str::to_owned)]);
}

#[test]
fn lost_third_segment() {
    let silent = ["c syn", "s syn,ack", "c ack lost", "s syn,ack syn_ack_resent", "c ack"];
    let lab = Lab::new();
    let run = as_nobody(&lab.host("a"), "lab third-ack-lost --json");
    run.exit(0);
    let found = segments(&run);
    assert_eq!(found[0], silent, "{}", run.out);
    assert_eq!(found[1][..3], ["c syn", "s syn,ack", "c ack lost"], "{}", run.out);
    assert!(found[1][3].starts_with("c psh,ack"), "{}", run.out);
    assert!(captions(&run).contains("client ESTABLISHED, server SYN_RCVD"), "{}", run.out);
}

#[test]
fn half_open() {
    let again = "s syn,ack syn_ack_resent,lost";
    let lines = ["c syn", "s syn,ack lost", again, again];
    play(
        "half-open",
        &[(&lines, ["SYN_SENT", "SYN_RCVD"])],
        &["The server's kernel says: SYN_RCVD"],
    );
}

#[test]
fn reboot() {
    let lines = [
        "c syn",
        "s syn,ack",
        "c ack",
        "c rst,ack abort,lost",
        "s psh,ack",
        "c rst reset_after_close",
    ];
    play("reboot", &[(&lines, CLOSED)], &["client CLOSED, server ESTABLISHED"]);
}

#[test]
fn backlog() {
    let ignored = ["c syn", "s syn,ack", "c ack", "s syn,ack syn_ack_resent", "c ack"];
    let dropped = ["c syn", "c syn syn_retransmitted", "s syn,ack", "c ack"];
    let says = ["Recv-Q 3", "Client: ESTABLISHED; server: SYN_RCVD", "looks filtered"];
    let three = (&HANDSHAKE[..], OPEN);
    play("backlog", &[three, three, three, (&ignored, OPEN), (&dropped, OPEN)], &says);
}

#[test]
fn third_ack_data() {
    let lines = ["c syn", "s syn,ack", "c psh,ack third_ack_data", "s ack"];
    play("third-ack-data", &[(&lines, OPEN)], &[]);
}

/// The acknowledgment of the request may go with the answer.
#[test]
fn fast_open() {
    let lab = Lab::new();
    let run = as_nobody(&lab.host("a"), "lab tfo --json");
    run.exit(0);
    let found = segments(&run);
    assert_eq!(
        found[0][..2],
        ["c syn fast_open_request", "s syn,ack fast_open_cookie"],
        "{}",
        run.out
    );
    assert_eq!(
        found[1][..2],
        ["c syn fast_open_data", "s syn,ack fast_open_accepted"],
        "{}",
        run.out
    );
    assert_eq!(ends(&run), [CLOSED.map(str::to_owned), CLOSED.map(str::to_owned)]);
}

#[test]
fn simultaneous_open() {
    let lab = Lab::new();
    let run = as_nobody(&lab.host("a"), "lab simultaneous-open --json");
    run.exit(0);
    let found = segments(&run).remove(0);
    let crossing = ["c syn", "s syn simultaneous_open", "c syn,ack", "s syn,ack"];
    assert_eq!(found[..4], crossing, "{}", run.out);
    assert_eq!(ends(&run), [OPEN.map(str::to_owned)]);
}

/// On Linux by one every 64 ns (RFC 6528 §3 with the clock of `secure_tcp_seq`).
#[test]
fn isn() {
    let lab = Lab::new();
    let run = as_nobody(&lab.host("a"), "lab isn --json");
    run.exit(0);
    assert_eq!(run.events("connection").len(), 4, "{}", run.out);
    assert_eq!(captions(&run).matches("one every 64.0 ns").count(), 2, "{}", captions(&run));
}

#[test]
fn ecn() {
    let lab = Lab::new();
    let run = as_nobody(&lab.host("a"), "lab ecn --json");
    run.exit(0);
    let found = segments(&run).remove(0);
    assert_eq!(found[..2], ["c syn,ece,cwr ecn", "s syn,ack,ece ecn"], "{}", run.out);
    let has = |flags: &str| found.iter().any(|line| line.contains(flags));
    assert!(has("s ack,ece") && has("c psh,ack,cwr"), "{found:?}");
    assert_eq!(run.events("connection")[0]["agreed"]["ecn"], true);
}

#[test]
fn cookies_leave_out_what_does_not_fit() {
    let lab = Lab::new();
    let run = as_nobody(&lab.host("a"), "lab syn-cookies --json");
    run.exit(0);
    let agreed: Vec<_> = run.events("connection").iter().map(|one| one["agreed"].clone()).collect();
    assert_eq!((&agreed[0]["sack"], &agreed[0]["window_scale"]), (&true.into(), &true.into()));
    assert_eq!((&agreed[1]["sack"], &agreed[1]["window_scale"]), (&false.into(), &false.into()));
}

#[test]
fn window_scale_takes_two() {
    let lab = Lab::new();
    let run = as_nobody(&lab.host("a"), "lab window-scale-off --json");
    run.exit(0);
    let scaled: Vec<_> =
        run.events("connection").iter().map(|one| one["agreed"]["window_scale"].clone()).collect();
    assert_eq!(scaled, [Value::from(true), false.into()]);
}

#[test]
fn every_scenario_of_the_list_has_a_drawing() {
    let listed = here("lab list --json");
    listed.exit(0);
    let names: Vec<_> = listed.events("scenario").iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names.len(), 19);
    for name in names.iter().filter_map(Value::as_str).filter(|name| name.ends_with("way")) {
        let run = here(&format!("lab {name} --color never --width 100"));
        run.exit(0);
        for words in [name, "SYN_SENT", "ESTABLISHED", "tutorial"] {
            assert!(run.out.contains(words), "{words:?} is not in {}", run.out);
        }
    }
}

#[test]
fn unknown_scenario_is_a_usage_error() {
    here("lab nonsense").complains(2, &["handshake lab: nonsense: no such scenario"]);
    here("lab").exit(2);
}

#[test]
fn where_namespaces_are_forbidden_it_says_so() {
    let lab = Lab::new();
    let host = lab.host("a");
    // The limit is of the lab's own user namespace, for those below it.
    host.sh("echo 0 > /proc/sys/user/max_user_namespaces");
    as_nobody(&host, "lab three-way").complains(6, &["handshake lab: ", "user namespaces"]);
}

/// The interfaces, the processes and the namespaces of a host are the same as before.
#[test]
fn nothing_is_left_behind() {
    let lab = Lab::new();
    let host = lab.host("a");
    let look = || (host.output("ip -o link"), host.output("ls /proc/sys/net/ipv4/conf"));
    let before = look();
    let own = fs::read_link("/proc/self/ns/net").unwrap();
    as_nobody(&host, "lab four-way --width 123").exit(0);
    assert_eq!(look(), before);
    assert_eq!(fs::read_link("/proc/self/ns/net").unwrap(), own);
    assert_eq!(processes_with("123"), 0, "a process of ours keeps its namespaces");
}

#[test]
fn interrupt_tells_what_was_seen_and_ends_with_8() {
    let lab = Lab::new();
    let host = lab.host("a");
    let mut running = start(&host, "lab half-open --json");
    while running.line().is_some_and(|line| !line.contains("\"lost\"")) {}
    running.signal(Signal::SIGINT);
    let run = Run::of(running.output());
    assert_eq!(run.code, Some(8), "{run:?}");
    let has = |run: &Run| run.out.lines().any(|line| line.contains("\"event\":\"connection\""));
    assert!(has(&run), "{run:?}");
}

/// Processes of our program that have this word.
fn processes_with(word: &str) -> usize {
    let name = program_path().file_name().unwrap().to_owned();
    let is_one = |pid: &Path| {
        let is_ours =
            fs::read_link(pid.join("exe")).is_ok_and(|exe| exe.file_name() == Some(&name));
        let words = fs::read(pid.join("cmdline")).unwrap_or_default();
        is_ours && words.split(|octet| *octet == 0).any(|found| found == word.as_bytes())
    };
    let all = fs::read_dir("/proc").unwrap().flatten();
    all.filter(|entry| is_one(&entry.path())).count()
}
