//! The programs that are compared: ours, built on the spot, and the peers, from Debian.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// A program that ours is compared with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Peer {
    Iputils,
    Fping,
}

impl Peer {
    /// Where Debian puts it.
    pub(crate) fn path(self) -> Result<&'static Path> {
        let (path, package) = match self {
            Self::Iputils => ("/usr/bin/ping", "iputils-ping"),
            Self::Fping => ("/usr/bin/fping", "fping"),
        };
        let path = Path::new(path);
        ensure!(path.exists(), "no {}: install the Debian package {package}", path.display());
        Ok(path)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Iputils => "iputils ping",
            Self::Fping => "fping",
        }
    }
}

/// Our `ping`, freshly built. `WIRELINE_PROGRAMS` names a directory to take it from instead.
pub(crate) fn ours() -> Result<PathBuf> {
    if let Some(directory) = std::env::var_os("WIRELINE_PROGRAMS") {
        return Ok(Path::new(&directory).join("ping").canonicalize()?);
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let out = Command::new(cargo)
        .args(["build", "--release", "--package=wireline-ping", "--bin=ping"])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cargo")?;
    ensure!(out.status.success(), "wireline-ping does not build");
    out.stdout.split(|b| *b == b'\n').find_map(executable).context("cargo built no program")
}

/// The path in one of cargo's messages, if it is about a program.
fn executable(message: &[u8]) -> Option<PathBuf> {
    let message: Value = serde_json::from_slice(message).ok()?;
    message["executable"].as_str().map(PathBuf::from)
}
