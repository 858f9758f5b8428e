//! One run of a program on a host of the lab, and what it took.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum;
use nix::unistd::geteuid;
use wireline_lab::{Background, Host};

use crate::inside;

/// The longest a program may take.
const PATIENCE: Duration = Duration::from_secs(90);

/// Which children have real-time priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Realtime {
    /// Those of flood, sweep and accuracy
    Timed,
    /// All
    All,
    /// None
    None,
}

/// How a program is scheduled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Priority {
    Ordinary,
    /// `SCHED_FIFO`, see `sched(7)`.
    Realtime,
}

/// What a program took, and what it said.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) wall: Duration,
    /// User and system.
    pub(crate) cpu: Duration,
    /// At its peak, in KiB.
    pub(crate) rss: u32,
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Realtime {
    /// None where `chrt` is missing or nobody may use it.
    pub(crate) fn where_allowed(self) -> Self {
        let chrt = Command::new("chrt").arg("--version").stdout(Stdio::null()).status();
        let is_allowed = geteuid().is_root() && chrt.is_ok_and(|status| status.success());
        if is_allowed { self } else { Self::None }
    }
}

impl Run {
    /// Runs a program on a host to its end.
    pub(crate) fn of<A: AsRef<OsStr>>(
        host: &Host<'_>,
        priority: Priority,
        program: &Path,
        args: &[A],
    ) -> Result<Self> {
        Self::by(program, args, |words| measure(host, priority, words))
    }

    /// Runs a program in the network of a process, and outside of its lab otherwise: as the root that
    /// the kernel knows.
    pub(crate) fn in_network_of(pid: u32, program: &Path, args: &[&str]) -> Result<Self> {
        Self::by(program, args, |words| {
            let mut command = Command::new("nsenter");
            command.arg(format!("--net=/proc/{pid}/ns/net")).arg(std::env::current_exe()?);
            // The line that it waits for is the end of its stdin.
            let out = command.args(words).stdin(Stdio::null()).output()?;
            let said = String::from_utf8_lossy(&out.stdout).into_owned();
            let report = said.lines().nth(1).map(str::to_owned);
            report.with_context(|| String::from_utf8_lossy(&out.stderr).trim().to_owned())
        })
    }

    fn by<A: AsRef<OsStr>>(
        program: &Path,
        args: &[A],
        measure: impl FnOnce(&[&OsStr]) -> Result<String>,
    ) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let [stdout, stderr] = ["stdout", "stderr"].map(|name| directory.path().join(name));
        let patience = PATIENCE.as_millis().to_string();
        let mut words = vec![OsStr::new(inside::FLAG), OsStr::new(&patience)];
        words.extend([stdout.as_os_str(), stderr.as_os_str(), program.as_os_str()]);
        words.extend(args.iter().map(AsRef::as_ref));
        let report = measure(&words)?;
        let (stdout, stderr) = (read(&stdout)?, read(&stderr)?);
        Self::parse(&report, stdout, stderr).with_context(|| format!("{report:?}"))
    }

    fn parse(report: &str, stdout: String, stderr: String) -> Option<Self> {
        let mut words = report.split_ascii_whitespace();
        let wall = Duration::from_nanos(words.next()?.parse().ok()?);
        let cpu = Duration::from_micros(words.next()?.parse().ok()?);
        let (rss, code) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        Some(Self { wall, cpu, rss, code, stdout, stderr })
    }

    /// The peak RSS in MiB.
    pub(crate) fn mebibytes(&self) -> f64 {
        f64::from(self.rss) / 1024.0
    }

    /// How it ended: its exit code and the last thing it complained of.
    pub(crate) fn end(&self) -> String {
        let last = self.stderr.lines().last().or(self.stdout.lines().last());
        format!("exit code {} ({})", self.code, last.unwrap_or("no message"))
    }

    /// An error unless the program ended well.
    pub(crate) fn succeeded(&self) -> Result<()> {
        ensure!(self.code == 0, "{}", self.end());
        Ok(())
    }
}

/// The report of the bench's other half on this host.
fn measure(host: &Host<'_>, priority: Priority, words: &[&OsStr]) -> Result<String> {
    let mut inside = host.spawn(std::env::current_exe()?, words);
    let is_ready = inside.line().as_deref() == Some(inside::READY);
    if is_ready && priority == Priority::Realtime {
        hasten(&inside)?;
    }
    if is_ready {
        writeln!(inside.stdin().context("a pipe")?, "go")?;
    }
    let report = if is_ready { inside.line() } else { None };
    report.ok_or_else(|| complaint(inside))
}

fn complaint(inside: Background) -> anyhow::Error {
    anyhow::anyhow!("{}", String::from_utf8_lossy(&inside.output().stderr).trim().to_owned())
}

/// Only root outside the lab may do this, and no one inside.
fn hasten(process: &Background) -> Result<()> {
    let pid = process.pid().to_string();
    let status = Command::new("chrt").args(["--fifo", "--pid", "1", &pid]).status()?;
    ensure!(status.success(), "chrt: {status}");
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    Ok(String::from_utf8_lossy(&fs::read(path)?).into_owned())
}
