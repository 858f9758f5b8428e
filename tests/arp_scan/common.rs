//! What the tests of arp-scan share: a run and what came of it, and the ways to run one.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Output;

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use wireline_lab::{Background, Host, texts};

/// What a run left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A host's line: its address, its link-layer address, and what follows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    pub(crate) address: String,
    pub(crate) mac: String,
    pub(crate) rest: String,
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        let (code, out, err) = texts(output);
        Self { code, out, err }
    }

    /// The lines of hosts, in their order: those whose second field is a link-layer address.
    pub(crate) fn hosts(&self) -> Vec<Line> {
        self.out.lines().filter_map(Line::parse).collect()
    }

    /// Who was found, each once.
    pub(crate) fn found(&self) -> BTreeSet<String> {
        self.hosts().into_iter().map(|line| line.address).collect()
    }

    /// The number before `word` in the last line of the report: `… 4 responded`.
    pub(crate) fn responded(&self) -> Option<u64> {
        let last = self.out.lines().rfind(|line| line.starts_with("Ending arp-scan "))?;
        last.rsplit(". ").next()?.strip_suffix(" responded")?.parse().ok()
    }

    pub(crate) fn json(&self) -> Vec<Value> {
        json(&self.out)
    }

    /// The objects of one event.
    pub(crate) fn events(&self, name: &str) -> Vec<Value> {
        self.json().into_iter().filter(|object| object["event"] == name).collect()
    }

    /// Asserts the exit code.
    #[track_caller]
    pub(crate) fn exit(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }

    /// Asserts the exit code, and that nothing was said on stderr.
    #[track_caller]
    pub(crate) fn quiet_exit(&self, code: i32) -> &Self {
        assert_eq!((self.code, self.err.as_str()), (Some(code), ""), "{}", self.out);
        self
    }

    /// Asserts the exit code, and one line on stderr with each of these words.
    #[track_caller]
    pub(crate) fn complains(&self, code: i32, words: &[&str]) -> &Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.err.lines().count(), 1, "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "{word:?} is not in {self:?}");
        }
        self
    }
}

impl Line {
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.splitn(3, '\t');
        let (address, mac) = (fields.next()?, fields.next()?);
        let is_mac = mac.len() >= 17 && mac.as_bytes().get(2) == Some(&b':');
        let own = |text: &str| text.to_owned();
        let rest = fields.next().unwrap_or_default();
        is_mac.then(|| Self { address: own(address), mac: own(mac), rest: own(rest) })
    }
}

/// Every line must be an object.
pub(crate) fn json(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

pub(crate) fn program_path() -> PathBuf {
    cargo_bin!("arp-scan").to_path_buf()
}

/// Runs arp-scan as root. Arguments are cut at spaces.
pub(crate) fn arp_scan(host: &Host<'_>, args: &str) -> Run {
    run(host.command(cargo_bin!("arp-scan")), args)
}

/// Runs arp-scan as an ordinary user without any capability.
pub(crate) fn as_nobody(host: &Host<'_>, args: &str) -> Run {
    run(host.as_nobody(cargo_bin!("arp-scan")), args)
}

/// Runs arp-scan as an ordinary user, from a file with no capability but `cap_net_raw+p`.
pub(crate) fn with_net_raw(host: &Host<'_>, args: &str) -> Run {
    run(host.with_file_capabilities(cargo_bin!("arp-scan"), "cap_net_raw+p"), args)
}

/// Runs a program whatever its exit code is.
pub(crate) fn run(mut command: assert_cmd::Command, args: &str) -> Run {
    Run::of(command.args(args.split_whitespace()).assert().get_output().clone())
}

/// Starts arp-scan beside the test, as root. Arguments are cut at spaces.
pub(crate) fn start(host: &Host<'_>, args: &str) -> Background {
    host.spawn(cargo_bin!("arp-scan"), args.split_whitespace())
}
