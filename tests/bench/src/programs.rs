//! The programs that are compared: ours, built on the spot, and the peers, from Debian. `WIRELINE_CURL`
//! names a curl that is newer than Debian's.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// A program that ours is compared with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Peer {
    Iputils,
    Fping,
    Traceroute,
    Mtr,
    Ss,
    NetTools,
    Dig,
    Kdig,
    Dnsperf,
    ArpScan,
    Arping,
    Nmap,
    Zmap,
    Curl,
}

impl Peer {
    /// Where Debian puts it.
    pub(crate) fn path(self) -> Result<PathBuf> {
        if let (Self::Curl, Some(path)) = (self, std::env::var_os("WIRELINE_CURL")) {
            return Ok(Path::new(&path).canonicalize()?);
        }
        let (path, package) = match self {
            Self::Iputils => ("/usr/bin/ping", "iputils-ping"),
            Self::Fping => ("/usr/bin/fping", "fping"),
            Self::Traceroute => ("/usr/bin/traceroute.db", "traceroute"),
            Self::Mtr => ("/usr/bin/mtr", "mtr-tiny"),
            Self::Ss => ("/usr/bin/ss", "iproute2"),
            Self::NetTools => ("/usr/bin/netstat", "net-tools"),
            Self::Dig => ("/usr/bin/dig", "bind9-dnsutils"),
            Self::Kdig => ("/usr/bin/kdig", "knot-dnsutils"),
            Self::Dnsperf => ("/usr/bin/dnsperf", "dnsperf"),
            Self::ArpScan => ("/usr/sbin/arp-scan", "arp-scan"),
            Self::Arping => ("/usr/bin/arping", "iputils-arping"),
            Self::Nmap => ("/usr/bin/nmap", "nmap"),
            Self::Zmap => ("/usr/sbin/zmap", "zmap"),
            Self::Curl => ("/usr/bin/curl", "curl"),
        };
        let path = Path::new(path);
        ensure!(path.exists(), "no {}: install the Debian package {package}", path.display());
        Ok(path.to_owned())
    }

    /// The name and number that it gives itself, where versions differ much.
    pub(crate) fn version(self) -> Option<String> {
        if !matches!(self, Self::Curl) {
            return None;
        }
        let out = Command::new(self.path().ok()?).arg("--version").output().ok()?;
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        let words: Vec<_> = text.split_ascii_whitespace().take(2).collect();
        Some(words.join(" "))
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Iputils => "iputils ping",
            Self::Fping => "fping",
            Self::Traceroute => "traceroute",
            Self::Mtr => "mtr",
            Self::Ss => "ss",
            Self::NetTools => "net-tools",
            Self::Dig => "BIND's dig",
            Self::Kdig => "kdig",
            Self::Dnsperf => "dnsperf",
            Self::ArpScan => "arp-scan",
            Self::Arping => "arping",
            Self::Nmap => "nmap",
            Self::Zmap => "zmap",
            Self::Curl => "curl",
        }
    }

    /// Which of ours stands in for it.
    pub(crate) const fn ours(self) -> &'static str {
        match self {
            Self::Iputils | Self::Fping => "ping",
            Self::Traceroute | Self::Mtr => "traceroute",
            Self::Ss | Self::NetTools => "netstat",
            Self::Dig | Self::Kdig | Self::Dnsperf => "dig",
            Self::ArpScan | Self::Arping => "arp-scan",
            Self::Nmap | Self::Zmap => "handshake",
            Self::Curl => "fetch",
        }
    }
}

/// A program of ours, freshly built. `WIRELINE_PROGRAMS` names a directory to take it from instead.
pub(crate) fn ours(tool: &str) -> Result<PathBuf> {
    if let Some(directory) = std::env::var_os("WIRELINE_PROGRAMS") {
        return Ok(Path::new(&directory).join(tool).canonicalize()?);
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let out = Command::new(cargo)
        .args(["build", "--release"])
        .args([format!("--package=wireline-{tool}"), format!("--bin={tool}")])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cargo")?;
    ensure!(out.status.success(), "wireline-{tool} does not build");
    out.stdout.split(|b| *b == b'\n').find_map(executable).context("cargo built no program")
}

/// The path in one of cargo's messages, if it is about a program.
fn executable(message: &[u8]) -> Option<PathBuf> {
    let message: Value = serde_json::from_slice(message).ok()?;
    message["executable"].as_str().map(PathBuf::from)
}
