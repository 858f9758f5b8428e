//! What the tests of ping share: a run and what came of it, and the ways to run one.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use wireline_lab::{Background, Host, Lab, program, texts};

/// What a run of ping left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        let (code, out, err) = texts(output);
        Self { code, out, err }
    }

    /// The lines of stdout with all that is a time in the place of its digits masked.
    pub(crate) fn lines(&self) -> Vec<String> {
        masked(&self.out).lines().map(str::to_owned).collect()
    }

    /// Stdout with its times masked.
    pub(crate) fn masked(&self) -> String {
        masked(&self.out)
    }

    /// The lines between the header and the statistics.
    pub(crate) fn body(&self) -> Vec<String> {
        let lines = self.lines();
        let end = lines.iter().position(|line| line.starts_with("--- "));
        let end = end.unwrap_or_else(|| panic!("no statistics: {self:?}"));
        assert!(lines[end - 1].is_empty(), "an empty line before the statistics: {self:?}");
        let start = lines.iter().position(|line| line.starts_with("PING ")).unwrap();
        lines[start + 1..end - 1].to_vec()
    }

    /// The line with the counters.
    pub(crate) fn counts(&self) -> String {
        let counts = self.lines().into_iter().find(|line| line.contains(" packets transmitted, "));
        counts.unwrap_or_else(|| panic!("no counters: {self:?}"))
    }

    /// The milliseconds from the first request to the last.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        let (_, rest) = self.out.split_once("packet loss, time ").unwrap();
        rest.split_once("ms\n").unwrap().0.parse().unwrap()
    }

    /// The round trips of the replies in their order, in milliseconds, with their numbers.
    pub(crate) fn round_trips(&self) -> Vec<(u16, f64)> {
        self.out.lines().filter_map(round_trip).collect()
    }

    pub(crate) fn json(&self) -> Vec<Value> {
        json(&self.out)
    }

    /// Asserts the exit code, and that nothing was said on stderr.
    #[track_caller]
    pub(crate) fn quiet_exit(&self, code: i32) {
        assert_eq!((self.code, self.err.as_str()), (Some(code), ""), "{}", self.out);
    }
}

/// Every line must be an object.
pub(crate) fn json(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

/// The number and the milliseconds of a reply's line.
pub(crate) fn round_trip(line: &str) -> Option<(u16, f64)> {
    let number = |after: &str| {
        let rest = line.split_once(after)?.1;
        Some(rest.split_once([' ', '\n']).map_or(rest, |(number, _)| number))
    };
    Some((number("icmp_seq=")?.parse().ok()?, number(" time=")?.parse().ok()?))
}

/// Which socket ping can open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Socket {
    Raw,
    Datagram,
}

impl Socket {
    pub(crate) const BOTH: [Self; 2] = [Self::Raw, Self::Datagram];

    /// Makes this the kind of socket that root's ping opens on the host.
    pub(crate) fn allow(self, host: &Host<'_>) {
        match self {
            Self::Raw => host.close_ping_sockets(),
            Self::Datagram => host.open_ping_sockets(),
        }
    }
}

pub(crate) fn program_path() -> PathBuf {
    cargo_bin!("ping").to_path_buf()
}

/// Runs ping as root on a raw socket. Arguments are cut at spaces.
pub(crate) fn ping(host: &Host<'_>, args: &str) -> Run {
    ping_by(Socket::Raw, host, args)
}

/// Runs ping on a raw socket as root, or on a datagram socket as nobody.
pub(crate) fn ping_by(socket: Socket, host: &Host<'_>, args: &str) -> Run {
    socket.allow(host);
    run_as(socket, host, cargo_bin!("ping"), args)
}

/// Runs a program as root, or as nobody where it is to have datagram sockets only.
pub(crate) fn run_as(socket: Socket, host: &Host<'_>, path: impl AsRef<Path>, args: &str) -> Run {
    let mut command = match socket {
        Socket::Raw => host.command(path),
        Socket::Datagram => host.as_nobody(path),
    };
    // Unlike `output`, which fails where the exit code is not 0.
    Run::of(command.args(args.split_whitespace()).assert().get_output().clone())
}

/// Starts ping beside the test, as root. Arguments are cut at spaces.
pub(crate) fn start(host: &Host<'_>, args: &str) -> Background {
    host.spawn(cargo_bin!("ping"), args.split_whitespace())
}

/// A hostile target: host `b` answers 198.51.100.n and `2001:db8:bad::n` by the n-th word.
pub(crate) struct Strange<'lab> {
    pub(crate) a: Host<'lab>,
    _responder: Background,
}

impl<'lab> Strange<'lab> {
    pub(crate) fn new(lab: &'lab Lab, words: &[&str]) -> Self {
        let [a, b] = lab.wire("a", "b");
        a.sh("ip route add 198.51.100.0/24 via 192.0.2.2
            ip -6 route add 2001:db8:bad::/64 via 2001:db8::2");
        b.sh("ip route add local 198.51.100.0/24 dev lo
            ip -6 route add local 2001:db8:bad::/64 dev lo");
        b.sysctl("net.ipv4.icmp_echo_ignore_all", "1");
        b.sysctl("net.ipv6.icmp.echo_ignore_all", "1");
        let mac = b.output("ip -br link show eth0 | awk '{ print $3 }'");
        let mac = mac.trim();
        a.sh(&format!(
            "ip neigh replace 2001:db8::2 lladdr {mac} nud permanent dev eth0
            ip neigh replace 192.0.2.2 lladdr {mac} nud permanent dev eth0"
        ));
        let mut responder = b.spawn(program("wireline-strange"), words);
        let is_ready = responder.line().as_deref() == Some("ready");
        assert!(is_ready, "{}", Run::of(responder.output()).err);
        Self { a, _responder: responder }
    }
}

/// A family and a kind of socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) v6: bool,
    pub(crate) socket: Socket,
}

impl Way {
    /// Raw sockets first: a lab that is not root's cannot go back to them.
    pub(crate) const ALL: [Self; 4] = [
        Self { v6: false, socket: Socket::Raw },
        Self { v6: true, socket: Socket::Raw },
        Self { v6: false, socket: Socket::Datagram },
        Self { v6: true, socket: Socket::Datagram },
    ];

    /// The target that behaves by the n-th word.
    pub(crate) fn target(self, n: usize) -> String {
        if self.v6 { format!("2001:db8:bad::{n:x}") } else { format!("198.51.100.{n}") }
    }

    /// The host that answers for all targets, and sends the errors.
    pub(crate) const fn router(self) -> &'static str {
        if self.v6 { "2001:db8::2" } else { "192.0.2.2" }
    }

    /// The right reply of the n-th target.
    pub(crate) fn reply(self, n: usize, seq: u16) -> String {
        format!("64 bytes from {}: icmp_seq={seq} ttl=64 time=T ms", self.target(n))
    }
}

/// Asks targets with these behaviours, one after another, by both families and both kinds of
/// socket. `check` gets the number of the word and what came of it.
pub(crate) fn each_way(words: &[&str], args: &str, check: impl Fn(Way, usize, &Run)) {
    let lab = Lab::new();
    let strange = Strange::new(&lab, words);
    for way in Way::ALL {
        for n in 1..=words.len() {
            let run = ping_by(way.socket, &strange.a, &format!("{args} {}", way.target(n)));
            check(way, n, &run);
        }
    }
}

/// As [`each_way`], but with all targets at once and as root, for behaviours that take the whole
/// of ping's patience.
pub(crate) fn all_at_once(words: &[&str], args: &str, check: impl Fn(Way, usize, &Run)) {
    let lab = Lab::new();
    let strange = Strange::new(&lab, words);
    for way in Way::ALL {
        way.socket.allow(&strange.a);
        let target = |n| start(&strange.a, &format!("{args} {}", way.target(n)));
        let pings: Vec<_> = (1..=words.len()).map(target).collect();
        for (n, ping) in (1..).zip(pings) {
            check(way, n, &Run::of(ping.output()));
        }
    }
}

/// Asserts that nothing came that counts or is worth a line.
#[track_caller]
pub(crate) fn nothing_heard(way: Way, n: usize, run: &Run) {
    assert_eq!((run.code, run.err.as_str()), (Some(1), ""), "{way:?} {n}: {run:?}");
    assert_eq!(run.body(), [""; 0], "{way:?} {n}");
    assert_eq!(run.counts(), "1 packets transmitted, 0 received, 100% packet loss, time Tms");
}

/// Asserts how the line with the counters begins.
#[track_caller]
pub(crate) fn counts(run: &Run, start: &str) {
    assert!(run.counts().starts_with(start), "{run:?}");
}

/// Text with `T` for what is a time: `time=T ms`, `time Tms`, `= T ms`, `[T] `.
pub(crate) fn masked(text: &str) -> String {
    text.split_inclusive('\n').map(masked_line).collect()
}

fn masked_line(line: &str) -> String {
    const BEFORE: [&str; 5] =
        [" time=", ", time ", "min/avg/max/mdev = ", "ipg/ewma ", "ewma/max = "];
    let (mut rest, mut text) = (line, String::new());
    if let Some(after) = line.strip_prefix('[').and_then(|line| line.split_once("] ")) {
        text.push_str("[T] ");
        rest = after.1;
    }
    while let Some((at, before)) = next(rest, &BEFORE) {
        let (head, tail) = rest.split_at(at + before.len());
        // Writing to a String cannot fail.
        let _ = write!(text, "{head}T");
        rest = tail.trim_start_matches(|c: char| c.is_ascii_digit() || "./".contains(c));
    }
    text + rest
}

/// Where the first of some words is.
fn next<'a>(text: &str, words: &[&'a str]) -> Option<(usize, &'a str)> {
    words.iter().filter_map(|word| Some((text.find(word)?, *word))).min()
}
