//! What comes of each verb before a host whose TCP lies, and that it does no harm.

use assert_cmd::cargo::cargo_bin;
use wireline_lab::{Background, Host, Lab, Signal};

use super::common::{Run, handshake, here, start};

/// A word, and the exit codes that are right of each way to ask.
type Row = (&'static str, &'static [i32], &'static [i32], &'static [i32]);

/// Each word of the hostile host (`tests/lab/src/tcp/hostile/script.rs`) and the exit codes that are right:
/// of the kernel's connections (show, ping, scan --connect, watch -- ping), of segments of our own (ping --half-open,
/// scan --raw), and of connections of our own in user space (show --third-ack-data).
///
/// An option that makes no sense takes nothing from a SYN-ACK whose numbers are right: it is open. A header that
/// makes no sense, or another number, is no answer. The kernel may take noise for a SYN.
const TABLE: [Row; 32] = [
    ("fair", OPEN, OPEN, OPEN),
    ("silent", FILTERED, FILTERED, FILTERED),
    ("option-0", OPEN, OPEN, OPEN),
    ("option-1", OPEN, OPEN, OPEN),
    ("option-lies", OPEN, OPEN, OPEN),
    ("option-sizes", OPEN, OPEN, OPEN),
    ("option-mss-0", OPEN, OPEN, OPEN),
    ("option-mss-1", OPEN, OPEN, OPEN),
    ("option-scale-255", OPEN, OPEN, OPEN),
    ("option-noise", EITHER, OPEN, OPEN),
    ("offset-0", FILTERED, FILTERED, FILTERED),
    ("offset-4", FILTERED, FILTERED, FILTERED),
    ("offset-15", FILTERED, FILTERED, FILTERED),
    ("short", OPEN, OPEN, OPEN),
    ("garbage", EITHER, OPEN, OPEN),
    ("synack-data", OPEN, OPEN, OPEN),
    ("synack-fin", OPEN, OPEN, OPEN),
    ("wrong-ack", FILTERED, FILTERED, FILTERED),
    ("old-ack", FILTERED, FILTERED, FILTERED),
    ("two-isns", OPEN, OPEN, OPEN),
    // Both have sent SYN and nobody acknowledged ours.
    ("syn", FILTERED, FILTERED, FILTERED),
    // RST counts first (RFC 9293 §3.10.7.3); half-open pings believe neither of the two.
    ("all-flags", CLOSED, &[1, 3], CLOSED),
    ("no-flags", FILTERED, FILTERED, FILTERED),
    // Raw sockets of IPv4 are given what the kernel itself would not take.
    ("bad-checksum", FILTERED, FILTERED, FILTERED),
    ("rst-data", CLOSED, CLOSED, CLOSED),
    ("stray-rst", OPEN, OPEN, OPEN),
    ("window-0", OPEN, OPEN, OPEN),
    ("wild-ack", OPEN, OPEN, OPEN),
    ("overlap", OPEN, OPEN, OPEN),
    ("after-fin", OPEN, OPEN, OPEN),
    ("storm", OPEN, OPEN, OPEN),
    ("ttl-255", OPEN, OPEN, OPEN),
];

const OPEN: &[i32] = &[0];
const CLOSED: &[i32] = &[1];
const FILTERED: &[i32] = &[3];
const EITHER: &[i32] = &[0, 3];

/// Starts a verb against every word at once. `HOST` and `TARGET` are put in; every address of both families.
fn against_all(host: &Host<'_>, words: &str) -> Vec<(usize, String, Background)> {
    let mut all = Vec::new();
    for n in 0..TABLE.len() {
        let (v4, v6) = (format!("198.51.100.{}", n + 1), format!("2001:db8:bad::{:x}", n + 1));
        for (name, target) in [(&v4, format!("{v4}:7")), (&v6, format!("[{v6}]:7"))] {
            let words = words.replace("HOST", name).replace("TARGET", &target);
            let running = start(host, &words);
            all.push((n, words, running));
        }
    }
    all
}

/// Asserts that nothing of the host's reached the terminal, and what came of each.
#[track_caller]
fn assert_unharmed(host: &Host<'_>, words: &str, right: impl Fn(usize) -> &'static [i32]) {
    for (n, words, running) in against_all(host, words) {
        // Its deadline is the lab's patience.
        let run = Run::of(running.output());
        let (word, code) = (TABLE[n].0, run.code.unwrap_or(-1));
        assert!(right(n).contains(&code), "{word}: {words}: {run:?}");
        let is_plain = |text: &str| !text.chars().any(|c| c.is_control() && c != '\n');
        assert!(is_plain(&run.out) && is_plain(&run.err), "{word}: {words}: {run:?}");
        assert!(!run.err.contains("panicked"), "{word}: {run:?}");
    }
}

fn hostile_lab(test: impl FnOnce(&Host<'_>)) {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    let names: Vec<&str> = TABLE.iter().map(|(word, ..)| *word).collect();
    let _server = b.hostile_tcp(&a, &names);
    test(&a);
    let left = a.output("ss -Htan state syn-sent state syn-recv state established state listening");
    assert_eq!(left, "", "left behind");
}

#[test]
fn connections_of_the_kernel_are_what_the_kernel_makes_of_them() {
    hostile_lab(|a| {
        for verb in [
            "show TARGET -t 1 --send hi -q", // a drawing of a storm fills a pipe
            "ping TARGET -c 1 -t 1 -q",
            "scan HOST -p 7 --connect -t 1 --retries 0",
        ] {
            assert_unharmed(a, verb, |n| TABLE[n].1);
        }
    });
}

#[test]
fn segments_of_our_own_are_answered_or_not() {
    hostile_lab(|a| {
        for verb in
            ["ping TARGET -c 1 -t 1 --half-open", "scan HOST -p 7 --raw --reason -t 1 --retries 0"]
        {
            assert_unharmed(a, verb, |n| TABLE[n].2);
        }
        assert_unharmed(a, "scan HOST -p 7 --raw --verify -t 1 --retries 0", |_| &[0, 1, 3]);
    });
}

#[test]
fn connections_in_user_space_bear_everything() {
    hostile_lab(|a| {
        assert_unharmed(a, "show TARGET -t 1 --send hi --third-ack-data", |n| TABLE[n].3);
    });
}

#[test]
fn report_bears_everything() {
    hostile_lab(|a| {
        assert_unharmed(a, "check TARGET --budget 3 --timeout 0.2", |_| &[0, 1, 3, 8]);
    });
}

#[test]
fn what_others_hear_is_drawn_without_harm() {
    hostile_lab(|a| {
        let program = cargo_bin!("handshake").display().to_string();
        for word in ["garbage", "short", "rst-data", "storm", "overlap", "option-noise"] {
            let n = TABLE.iter().position(|(name, ..)| *name == word).unwrap();
            let target = format!("198.51.100.{}:7", n + 1);
            let words = format!("watch -t 20 -- {program} ping {target} -c 1 -t 1 -q");
            let run = handshake(a, &words);
            assert!(TABLE[n].1.contains(&run.code.unwrap()), "{word}: {run:?}");
            let is_plain = |text: &str| !text.chars().any(|c| c.is_control() && c != '\n');
            assert!(is_plain(&run.out) && is_plain(&run.err), "{word}: {run:?}");
        }
    });
}

#[test]
fn signals_leave_no_half_open_peer() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    let _servers = b.tcp(&["7=echo", "8=silent"]);
    for words in [
        "show 192.0.2.2:8 --hold 60 --json",
        "show 192.0.2.2:8 --send hi --third-ack-data --hold 60 --json",
        "ping 192.0.2.2:7 -i 0.05 --half-open --json",
        "ping 192.0.2.2:7 -i 0.05 --json",
        "check 192.0.2.2:7 --only isn,synack --budget 60 --json",
    ] {
        for signal in [Signal::SIGINT, Signal::SIGTERM] {
            let mut run = start(&a, words);
            // The first line comes once it is at work.
            assert!(run.line().is_some(), "{words}");
            run.signal(signal);
            let run = Run::of(run.output());
            assert!(matches!(run.code, Some(0 | 8)), "{words}: {run:?}");
            let left = "ss -Htan state syn-recv state established state close-wait";
            let there = b.output(&format!(
                "for _ in $(seq 50); do [ -z \"$({left})\" ] && exit; sleep 0.1; done; {left}"
            ));
            assert_eq!(there, "", "{words}");
        }
    }
}

#[test]
fn lack_of_room_or_of_descriptors_has_its_code() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    let _servers = b.tcp(&["7=echo"]);
    let program = cargo_bin!("handshake").display().to_string();
    let code = |script: &str| {
        a.output(&format!("({script}) 2>/dev/null && echo 0 || echo $?")).trim().to_owned()
    };
    for verb in ["192.0.2.2:7", "ping 192.0.2.2:7 -c 1", "scan 192.0.2.2 -p 7", "path 192.0.2.2:7"]
    {
        assert_eq!(code(&format!("{program} {verb} >/dev/full")), "8", "{verb}");
        let few = format!("(ulimit -n 8; exec {program} {verb})");
        assert_eq!(code(&few), "7", "{verb}");
    }
}

#[test]
fn odd_words_are_refused_in_one_line_that_names_them() {
    for (words, name) in [
        ("127.0.0.1:99999", "99999"),
        ("127.0.0.1:0", "127.0.0.1:0"),
        ("ping 127.0.0.1:65536", "65536"),
        ("check 127.0.0.1:99999", "99999"),
        ("path 127.0.0.1:99999", "99999"),
        ("scan 127.0.0.1 -p 99999", "99999"),
        ("watch port 99999", "port"),
        ("127.0.0.1:7 -t NaN", "-t"),
        ("127.0.0.1:7 --ttl 256", "--ttl"),
        ("127.0.0.1:7 --mss=-1", "--mss"),
        ("127.0.0.1:7 --hold=inf", "--hold"),
        ("ping 127.0.0.1:7 -i=-1", "-i"),
        ("ping 127.0.0.1:7 -c 99999999999999999999", "-c"),
        ("scan 127.0.0.1 --rate 0", "--rate"),
        ("scan 127.0.0.1 --shard 3/2", "--shard"),
        ("path 127.0.0.1:7 -m 0", "-m"),
        ("check 127.0.0.1:7 --samples=-1", "--samples"),
        ("lab rst --width 1", "--width"),
        ("read /dev/null --stream 0", "--stream"),
        ("127.0.0.1:7 --nonsense", "--nonsense"),
    ] {
        here(words).complains(2, &[name]);
    }
}
