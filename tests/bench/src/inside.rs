//! The bench's other half, which the lab starts on a host: it runs one program and measures it.
//!
//! ```text
//! wireline-bench --measure PATIENCE_MS STDOUT STDERR PROGRAM [ARGUMENT...]
//! ```
//!
//! It says `ready`, and waits for a line on stdin: until then it can be given another priority,
//! which the program inherits. When the program ends it says one line:
//! `WALL_NS CPU_US RSS_KIB EXIT_CODE`. It is a process of its own so that its children's usage is
//! the program's alone. The peak RSS is never below what this process had when it started the
//! program, see `getrusage(2)`: about 2 MiB.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use rustix::time::{ClockId, clock_gettime};

/// The first argument that means this half.
pub(crate) const FLAG: &str = "--measure";

/// What `ready` looks like.
pub(crate) const READY: &str = "ready";

/// Runs the program and says what it took.
pub(crate) fn main(mut words: impl Iterator<Item = String>) -> Result<()> {
    let mut next = || words.next().context("too few arguments");
    let patience = Duration::from_millis(next()?.parse()?);
    let (stdout, stderr) = (File::create(next()?)?, File::create(next()?)?);
    let mut command = Command::new(next()?);
    command.args(words).stdin(Stdio::null()).stdout(stdout).stderr(stderr);
    writeln!(io::stdout(), "{READY}")?;
    io::stdin().read_line(&mut String::new())?;
    let (status, wall) = time(&mut command, patience)?;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let cpu = usage.user_time() + usage.system_time();
    let (cpu, rss) = (cpu.num_microseconds(), usage.max_rss());
    writeln!(io::stdout(), "{} {cpu} {rss} {}", wall.as_nanos(), code(status))?;
    Ok(())
}

fn time(command: &mut Command, patience: Duration) -> Result<(ExitStatus, Duration)> {
    let start = monotonic();
    let mut child = command.spawn()?;
    let ended = has_ended(&child, patience)?;
    let wall = monotonic().saturating_sub(start);
    if !ended {
        child.kill()?;
        child.wait()?;
        bail!("still running after {patience:?}");
    }
    Ok((child.wait()?, wall))
}

fn has_ended(child: &Child, patience: Duration) -> Result<bool> {
    let process = pidfd_open(Pid::from_child(child), PidfdFlags::empty())?;
    let patience = Timespec::try_from(patience)?;
    Ok(poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&patience))? == 1)
}

/// Since the machine started.
fn monotonic() -> Duration {
    let now = clock_gettime(ClockId::Monotonic);
    Duration::new(now.tv_sec.cast_unsigned(), u32::try_from(now.tv_nsec).unwrap_or(0))
}

/// As a shell would say it.
fn code(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}
