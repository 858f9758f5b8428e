//! What the tests of handshake share: a run and what came of it, and the ways to run one.

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

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        let (code, out, err) = texts(output);
        Self { code, out, err }
    }

    pub(crate) fn json(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
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

pub(crate) fn program_path() -> PathBuf {
    cargo_bin!("handshake").to_path_buf()
}

/// Runs handshake as root. Arguments are cut at spaces.
pub(crate) fn handshake(host: &Host<'_>, args: &str) -> Run {
    run(host.command(cargo_bin!("handshake")), args)
}

/// Runs handshake as an ordinary user without any capability.
pub(crate) fn as_nobody(host: &Host<'_>, args: &str) -> Run {
    run(host.as_nobody(cargo_bin!("handshake")), args)
}

/// Runs handshake as an ordinary user, from a file with no capability but `cap_net_raw+p`.
pub(crate) fn with_net_raw(host: &Host<'_>, args: &str) -> Run {
    run(host.with_file_capabilities(cargo_bin!("handshake"), "cap_net_raw+p"), args)
}

/// Runs it where the test itself is: for words that send nothing.
pub(crate) fn here(args: &str) -> Run {
    run(assert_cmd::Command::new(cargo_bin!("handshake")), args)
}

/// Runs a program whatever its exit code is.
pub(crate) fn run(mut command: assert_cmd::Command, args: &str) -> Run {
    Run::of(command.args(args.split_whitespace()).assert().get_output().clone())
}

/// Starts handshake beside the test, as root. Arguments are cut at spaces.
pub(crate) fn start(host: &Host<'_>, args: &str) -> Background {
    host.spawn(cargo_bin!("handshake"), args.split_whitespace())
}
