//! What the tests of dig share: a run, and a host with a name server beside it.

use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use wireline_lab::{Host, Lab, NameServer, NameServers};

/// What a run left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Asserts what stdout is, and that all went well without a word on stderr.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) {
        assert_eq!((self.out.as_str(), self.err.as_str(), self.code), (text, "", Some(0)));
    }

    /// Asserts that a line of stdout is this, and that the exit code is.
    #[track_caller]
    pub(crate) fn has(&self, line: &str, code: i32) -> &Self {
        assert!(self.out.lines().any(|there| there == line), "no {line:?}: {self:#?}");
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    pub(crate) fn json(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }
}

pub(crate) fn ours() -> PathBuf {
    cargo_bin!("dig").to_path_buf()
}

/// Runs dig. Arguments are cut at spaces.
pub(crate) fn dig(host: &Host<'_>, args: &str) -> Run {
    run(host, &ours(), args)
}

/// Runs dig with these words, blanks and all.
pub(crate) fn words(host: &Host<'_>, words: &[&str]) -> Run {
    Run::of(host.command(ours()).args(words).assert().get_output())
}

pub(crate) fn run(host: &Host<'_>, program: &Path, args: &str) -> Run {
    let mut command = host.command(program);
    Run::of(command.args(args.split_whitespace()).assert().get_output())
}

/// Runs a script in which `$DIG` is ours.
pub(crate) fn script(host: &Host<'_>, script: &str) -> Run {
    let mut command = host.command("sh");
    let command = command.args(["-c", script]).env("DIG", ours()).env("PATH", "/usr/bin:/bin");
    Run::of(command.assert().get_output())
}

/// Two hosts, and a server on the second: 192.0.2.2, which has `example.` and misbehaves below `evil.`.
pub(crate) fn served(lab: &Lab) -> (Host<'_>, NameServers) {
    served_by(lab, server())
}

pub(crate) fn served_by(lab: &Lab, server: NameServer) -> (Host<'_>, NameServers) {
    let [a, b] = lab.wire("a", "b");
    lab.file("/etc/resolv.conf", "nameserver 192.0.2.2\nsearch example sub.example\n");
    let servers = b.name_servers(&[server]);
    (a, servers)
}

pub(crate) fn server() -> NameServer {
    NameServer::at("192.0.2.2:53")
        .also_at("[2001:db8::2]:53")
        .zone("example.", ZONE)
        .zone(
            "2.0.192.in-addr.arpa.",
            "@ SOA ns host 1 2 3 4 5\n@ NS ns1.example.\n7 PTR seven.example.\n",
        )
        .hostile("evil.")
        .nsid(b"ns")
}

/// What is in `example.`.
pub(crate) const ZONE: &str = "
@ 3600 IN SOA ns1 host 1 3600 900 86400 60
@ NS ns1
ns1 A 192.0.2.2
www 60 A 192.0.2.1
www 60 A 192.0.2.3
six AAAA 2001:db8::1
alias CNAME www
mail MX 10 mx
mx A 192.0.2.4
txt TXT \"a b\" \"c\\\"d\"
weird\\.dot A 192.0.2.5
*.wild A 192.0.2.6
inner.sub A 192.0.2.8
odd TYPE65280 \\# 4 0a000001";
