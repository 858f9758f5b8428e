use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus};

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, kill_process};
use wireline_cli::Exit;
use wireline_net::Clock;

/// A command whose connections are drawn.
pub(super) struct Running(Child);

impl Running {
    /// Starts it with this terminal and without privileges, which were dropped before; `None` without words.
    pub(super) fn start(words: &[OsString]) -> Result<Option<Self>> {
        let [program, arguments @ ..] = words else { return Ok(None) };
        let started = Command::new(program).args(arguments).spawn();
        let child = started.with_context(|| program.to_string_lossy().into_owned())?;
        Ok(Some(Self(child)))
    }

    pub(super) fn id(&self) -> u32 {
        self.0.id()
    }

    /// How it ended, if it has.
    pub(super) fn ended(&mut self) -> Result<Option<Exit>> {
        Ok(self.0.try_wait()?.map(exit))
    }

    /// Asks it to end, and makes it where it does not.
    pub(super) fn stop(&mut self) -> Result<Exit> {
        const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);
        let process = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        if let Some(process) = process {
            // One that has ended is awaited below.
            let _ = kill_process(process, Signal::TERM);
        }
        let deadline = Clock.now() + PATIENCE;
        while Clock.now() < deadline {
            if let Some(status) = self.0.try_wait()? {
                return Ok(exit(status));
            }
            let moment = rustix::event::Timespec { tv_sec: 0, tv_nsec: 5_000_000 };
            let _ = rustix::event::poll(&mut [], Some(&moment));
        }
        self.0.kill()?;
        Ok(exit(self.0.wait()?))
    }
}

/// As shells tell it: what it returned, or 128 and the signal that ended it.
fn exit(status: ExitStatus) -> Exit {
    let code = status.code().or_else(|| Some(128 + status.signal()?)).unwrap_or(128);
    Exit(u8::try_from(code).unwrap_or(u8::MAX))
}
