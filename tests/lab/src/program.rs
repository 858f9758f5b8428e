//! The lab's own programs, built when a test needs them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

/// What this process has built so far.
static BUILT: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());

/// The path of one of this package's programs, such as `wireline-linkem`, freshly built. Cargo
/// itself tells a test only where its own package's programs are. `WIRELINE_PROGRAMS` names a
/// directory to take them from instead, for tests that run where they were not built.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    built.entry(name.to_owned()).or_insert_with(|| find_or_build(name)).clone()
}

fn find_or_build(name: &str) -> PathBuf {
    if let Some(directory) = std::env::var_os("WIRELINE_PROGRAMS") {
        return Path::new(&directory).join(name);
    }
    let offline = build(name, &["--offline"]);
    let out = if offline.status.success() { offline } else { build(name, &[]) };
    assert!(out.status.success(), "{name}: {}", String::from_utf8_lossy(&out.stderr));
    out.stdout.split(|b| *b == b'\n').find_map(executable).expect("cargo built a program")
}

fn build(name: &str, more: &[&str]) -> Output {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Command::new(cargo)
        .args(["build", "--quiet", "--package=wireline-lab", "--message-format=json"])
        .args(["--bin", name])
        .args(more)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .output()
        .expect("cargo")
}

/// The path in one of cargo's messages, if it is about a program.
fn executable(message: &[u8]) -> Option<PathBuf> {
    let message: Value = serde_json::from_slice(message).ok()?;
    message["executable"].as_str().map(PathBuf::from)
}
