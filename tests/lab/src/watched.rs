//! A run that is not trusted: it is ended when its time is over, its memory is looked at while it lasts, and whatever
//! it writes is taken.

use std::fs;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

/// What came of it.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// Whether its time was over before it was.
    pub is_late: bool,
    /// The first octets of stdout.
    pub start: Vec<u8>,
    /// Octets of stdout.
    pub octets: u64,
    /// The beginning of stderr.
    pub err: String,
    /// The most memory that was seen to be its own at once, in KiB (`VmHWM` of `proc(5)`).
    pub peak_kib: u64,
}

impl Watched {
    /// Runs a command without input to its end, or for so long.
    #[must_use]
    pub fn run(command: &mut Command, deadline: Duration) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("a program that was built");
        let out = drain(child.stdout.take());
        let err = drain(child.stderr.take());
        let (peak_kib, is_late) = watch(&mut child, deadline);
        let status = child.wait().expect("our child");
        let (start, octets) = out.join().expect("a reader");
        let (err, _) = err.join().expect("a reader");
        let err = String::from_utf8_lossy(&err).into_owned();
        Self { code: status.code(), is_late, start, octets, err, peak_kib }
    }
}

/// The most memory, and whether it had to be killed.
fn watch(child: &mut Child, deadline: Duration) -> (u64, bool) {
    const STEP: Duration = Duration::from_millis(20);
    let ended = pidfd_open(Pid::from_child(child), PidfdFlags::empty()).expect("our child");
    let mut peak = 0;
    // No step is shorter than it should be, so that no deadline is.
    for _ in 0..deadline.as_millis() / STEP.as_millis() {
        if has_ended(&ended, STEP) {
            return (peak, false);
        }
        peak = peak.max(peak_kib(child.id()).unwrap_or(0));
    }
    let _ = child.kill();
    (peak, true)
}

fn has_ended(process: &OwnedFd, wait: Duration) -> bool {
    let wait = Timespec::try_from(wait).expect("milliseconds");
    let mut process = [PollFd::new(process, PollFlags::IN)];
    rustix::io::retry_on_intr(|| poll(&mut process, Some(&wait))) == Ok(1)
}

fn peak_kib(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

/// Reads to the end; what was first, and how much it was.
fn drain(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<(Vec<u8>, u64)> {
    const KEPT: usize = 1 << 16;
    thread::spawn(move || {
        let mut pipe = pipe.expect("piped above");
        let (mut start, mut octets) = (Vec::new(), 0);
        let mut part = vec![0; 1 << 18];
        while let Ok(length @ 1..) = pipe.read(&mut part) {
            octets += length as u64;
            let room = KEPT.saturating_sub(start.len()).min(length);
            start.extend_from_slice(&part[..room]);
        }
        (start, octets)
    })
}
