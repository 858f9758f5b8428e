//! What the tests of traceroute share: a run and what came of it, and the ways to run one.

use std::net::IpAddr;
use std::path::{Path as FilePath, PathBuf};
use std::process::Output;

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use wireline_lab::{Background, Host, Lab, Path, Pathway, ms};

/// What a run left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("traceroute writes UTF-8");
        let err = text(output.stderr);
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: err.split_inclusive('\n').map(without_directory).collect(),
        }
    }

    /// Stdout with `T` for its times.
    pub(crate) fn masked(&self) -> String {
        masked(&self.out)
    }

    /// The lines of hops, with `T` for their times.
    pub(crate) fn hops(&self) -> Vec<String> {
        self.masked().lines().skip(1).map(str::to_owned).collect()
    }

    /// The line of one hop, with `T` for its times.
    pub(crate) fn hop(&self, number: u8) -> String {
        let start = format!("{number:2}  ");
        let found = self.hops().into_iter().find(|line| line.starts_with(&start));
        found.unwrap_or_else(|| panic!("no hop {number}: {self:?}"))
    }

    /// The times of the line of one hop, in milliseconds.
    pub(crate) fn times(&self, number: u8) -> Vec<f64> {
        let start = format!("{number:2}  ");
        let line = self.out.lines().find(|line| line.starts_with(&start)).expect("that hop");
        let words: Vec<_> = line.split_whitespace().collect();
        let times = words.windows(2).filter(|pair| pair[1] == "ms");
        times.map(|pair| pair[0].parse().expect("a number")).collect()
    }

    pub(crate) fn json(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }

    /// Asserts the exit code, and that nothing was said on stderr.
    #[track_caller]
    pub(crate) fn quiet_exit(&self, code: i32) {
        assert_eq!((self.code, self.err.as_str()), (Some(code), ""), "{}", self.out);
    }

    /// Asserts what stdout is but for its times, and that all went well.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) {
        assert_eq!(self.masked(), text, "{}", self.err);
        self.quiet_exit(0);
    }

    /// Asserts what the lines of hops are but for their times, and that all went well.
    #[track_caller]
    pub(crate) fn says_hops(&self, lines: &[&str]) {
        assert_eq!(self.hops(), lines, "{}", self.err);
        self.quiet_exit(0);
    }
}

/// Messages begin with the program as it was called, which here is by a long path.
fn without_directory(line: &str) -> &str {
    let end = line.find(": ").unwrap_or(0);
    if line.starts_with('/') {
        &line[line[..end].rfind('/').map_or(0, |at| at + 1)..]
    } else {
        line
    }
}

/// Text with `T` for every number before ` ms`.
pub(crate) fn masked(text: &str) -> String {
    text.split_inclusive('\n').map(masked_line).collect()
}

fn masked_line(line: &str) -> String {
    let Some((parts, last)) = line.rsplit_once(" ms") else { return line.to_owned() };
    let part = |part: &str| {
        let head = part.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        format!("{head}T ms")
    };
    parts.split(" ms").map(part).collect::<String>() + last
}

/// Who runs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Root,
    Nobody,
}

/// A family and a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) v6: bool,
    pub(crate) who: Who,
}

impl Way {
    pub(crate) const ALL: [Self; 4] = [
        Self { v6: false, who: Who::Root },
        Self { v6: true, who: Who::Root },
        Self { v6: false, who: Who::Nobody },
        Self { v6: true, who: Who::Nobody },
    ];

    /// The end of a scripted path.
    pub(crate) fn target(self) -> IpAddr {
        if self.v6 { Path::TARGET_V6.into() } else { Path::TARGET_V4.into() }
    }

    /// What answers at a hop of a scripted path.
    pub(crate) fn router(self, hop: u8) -> IpAddr {
        Path::router(hop, self.target())
    }

    /// Octets of a probe by default.
    pub(crate) const fn size(self) -> usize {
        if self.v6 { 80 } else { 60 }
    }

    /// Traces a scripted path. Arguments before the target are cut at spaces.
    pub(crate) fn trace(self, host: &Host<'_>, args: &str) -> Run {
        trace_by(self.who, host, &format!("{args} {}", self.target()))
    }

    /// The first line of a trace to the end of a scripted path.
    pub(crate) fn header(self, size: usize) -> String {
        let target = self.target();
        format!("traceroute to {target} ({target}), 30 hops max, {size} byte packets\n")
    }

    /// The line of a healthy router.
    pub(crate) fn line(self, hop: u8) -> String {
        format!("{hop:2}  {}  T ms  T ms  T ms", self.router(hop))
    }

    /// The line of the healthy target.
    pub(crate) fn last_line(self, hop: u8) -> String {
        format!("{hop:2}  {}  T ms  T ms  T ms", self.target())
    }

    /// All that is to be said of a healthy path of this length.
    pub(crate) fn healthy(self, length: u8, size: usize) -> String {
        let lines = (1..length).map(|hop| self.line(hop) + "\n").collect::<String>();
        self.header(size) + &lines + &self.last_line(length) + "\n"
    }
}

pub(crate) fn program_path() -> PathBuf {
    cargo_bin!("traceroute").to_path_buf()
}

/// Runs traceroute as root. Arguments are cut at spaces.
pub(crate) fn trace(host: &Host<'_>, args: &str) -> Run {
    trace_by(Who::Root, host, args)
}

pub(crate) fn trace_by(who: Who, host: &Host<'_>, args: &str) -> Run {
    run_by(who, host, &program_path(), args.split_whitespace())
}

/// Runs a program. No run lasts longer than the lab's patience.
pub(crate) fn run_by<'a>(
    who: Who,
    host: &Host<'_>,
    path: &FilePath,
    args: impl IntoIterator<Item = &'a str>,
) -> Run {
    let mut command = match who {
        Who::Root => host.command(path),
        Who::Nobody => host.as_nobody(path),
    };
    // Unlike `output`, which fails where the exit code is not 0.
    Run::of(command.args(args).assert().get_output().clone())
}

/// Starts traceroute beside the test, as root. Arguments are cut at spaces.
pub(crate) fn start(host: &Host<'_>, args: &str) -> Background {
    host.spawn(program_path(), args.split_whitespace())
}

/// A host before a path.
pub(crate) fn before<'lab>(lab: &'lab Lab, path: &Path) -> (Host<'lab>, Pathway) {
    let host = lab.host("a");
    host.open_ping_sockets();
    let pathway = lab.path(&host, path);
    (host, pathway)
}

/// A path without faults, a millisecond a hop.
pub(crate) fn short(length: u8) -> Path {
    Path::new(length).delay(ms(1))
}

/// Traces one path in all ways.
pub(crate) fn each_way(path: &Path, args: &str, check: impl Fn(Way, &Run)) {
    each_way_by(path, &Way::ALL, args, check);
}

/// Each way has a path of its own, as the hops count their probes.
pub(crate) fn each_way_by(path: &Path, ways: &[Way], args: &str, check: impl Fn(Way, &Run)) {
    for way in ways {
        let lab = Lab::new();
        let (host, _pathway) = before(&lab, path);
        check(*way, &way.trace(&host, args));
    }
}

/// Both families, as root.
pub(crate) fn each_family(path: &Path, args: &str, check: impl Fn(Way, &Run)) {
    each_way_by(path, &Way::ALL[..2], args, check);
}
