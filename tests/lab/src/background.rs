//! A program that runs beside the test.
//!
//! It never outlives its handle, and no wait for it is longer than [`PATIENCE`].

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::fd::OwnedFd;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Output};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{PidfdFlags, pidfd_open};

use crate::PATIENCE;

/// A running program of [`crate::Host::spawn`].
#[derive(Debug)]
pub struct Background {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Background {
    /// Starts `command`, whose stdin, stdout and stderr are pipes.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().expect("util-linux's nsenter");
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, stdout }
    }

    /// The program's process id, as this machine knows it.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Panics unless all its threads hold no capability and can get none.
    pub fn assert_powerless(&self) {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.pid())).expect("a running program");
        let mut count = 0;
        for task in tasks {
            count += 1;
            let path = task.expect("a task").path().join("status");
            let status = fs::read_to_string(path).expect("a running thread");
            let value = |key: &str| status.lines().find_map(|line| line.strip_prefix(key));
            for set in ["CapPrm:", "CapEff:", "CapInh:", "CapAmb:"] {
                let held = value(set).and_then(|held| u64::from_str_radix(held.trim(), 16).ok());
                assert_eq!(held, Some(0), "{set} {status}");
            }
            assert_eq!(value("NoNewPrivs:").map(str::trim), Some("1"), "{status}");
        }
        assert!(count > 0, "no thread was looked at");
    }

    /// Sends a signal to the program.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.pid()).expect("process ids are positive");
        kill(Pid::from_raw(pid), signal).expect("our child, not waited for yet");
    }

    /// The next line of its stdout, without the end of line; `None` at the end. Waits as long as
    /// the program takes.
    pub fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let count = self.stdout.read_line(&mut line).expect("readable text");
        (count > 0).then(|| line.trim_end_matches('\n').to_owned())
    }

    /// Its stdin, to write to or, by dropping it, to end.
    pub fn stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// The child itself, for its other pipes.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Waits for the program's own end. Panics if it takes longer than [`PATIENCE`].
    pub fn wait(&mut self) -> ExitStatus {
        let pid = rustix::process::Pid::from_child(&self.child);
        let ended = pidfd_open(pid, PidfdFlags::empty()).expect("our child, not waited for yet");
        assert!(has_ended(&ended), "still running after {PATIENCE:?}");
        self.child.wait().expect("our child")
    }

    /// Waits as [`Background::wait`] does, and collects what was not read yet. A program that says
    /// more than a pipe holds must be read while it runs.
    #[must_use]
    pub fn output(mut self) -> Output {
        let status = self.wait();
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        self.stdout.read_to_end(&mut stdout).expect("readable");
        if let Some(mut pipe) = self.child.stderr.take() {
            pipe.read_to_end(&mut stderr).expect("readable");
        }
        Output { status, stdout, stderr }
    }
}

/// Waits for a process to end, for no longer than [`PATIENCE`].
pub(crate) fn has_ended(process: &OwnedFd) -> bool {
    let patience = Timespec::try_from(PATIENCE).expect("seconds");
    let mut process = [PollFd::new(process, PollFlags::IN)];
    // A time limit of another test is a SIGCHLD to this one.
    rustix::io::retry_on_intr(|| poll(&mut process, Some(&patience))) == Ok(1)
}

impl Drop for Background {
    fn drop(&mut self) {
        // Errors mean that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
