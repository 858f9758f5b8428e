//! By the kernel's connections: what connect(2), `TCP_INFO` and the error queue tell without privilege.

use std::net::SocketAddr;
use std::os::fd::AsFd as _;
use std::time::Duration;

use anyhow::Result;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use wireline_engine::Instant;
use wireline_engine::tcp::Verdict;
use wireline_host::sockets::TcpInfo;
use wireline_net::{Clock, ConnectOptions, Connection, Progress, Signals, SocketOptions};

use super::args::Config;
use super::found::{Agreed, Results};
use super::kernel_talk::talk;

/// SYNs of the first connection; the kernel sends them a second apart (ip-sysctl.rst, `tcp_syn_linear_timeouts`).
const SYNS: u32 = 3;

/// Between connections: no server is stormed.
const PAUSE: Duration = Duration::from_millis(20);

/// What ends a wait for the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Woken {
    Ready,
    TimedOut,
    Stopped,
}

/// Asks, one connection after the other.
pub(crate) fn ask(config: &Config, remote: SocketAddr, signals: &Signals) -> Result<Results> {
    let mut results = Results::default();
    let deadline = Clock.now() + config.budget;
    for number in 0..config.samples {
        let until =
            deadline.min(Clock.now() + config.patience * if number == 0 { SYNS } else { 1 });
        let Some((connection, progress)) = open(config, remote, until, signals)? else {
            results.interrupted = true;
            return Ok(results);
        };
        results.sampled(connection, progress);
        if results.verdict != Some(Verdict::Open) || Clock.now() >= deadline {
            break;
        }
        if wait(None, Clock.now() + PAUSE, signals) == Woken::Stopped {
            results.interrupted = true;
            return Ok(results);
        }
    }
    if results.verdict == Some(Verdict::Open) {
        results.out_of_time = Clock.now() >= deadline;
        if !results.out_of_time {
            talk(config, remote, deadline, signals, &mut results)?;
        }
    }
    Ok(results)
}

/// A connection, and how far it came by then; `None` where a signal ended it.
pub(super) fn open(
    config: &Config,
    remote: SocketAddr,
    until: Instant,
    signals: &Signals,
) -> Result<Option<(Connection, Progress)>> {
    let source = config.way.source.map(|source| SocketAddr::new(source, 0));
    let options = ConnectOptions {
        socket: SocketOptions { source, ..SocketOptions::default() },
        device: config.way.device.clone(),
        ..ConnectOptions::default()
    };
    let mut connection = Connection::open(remote, &options)?;
    let mut progress = connection.connect();
    while progress == Progress::Pending {
        match wait(Some((&connection, PollFlags::OUT)), until, signals) {
            Woken::Stopped => return Ok(None),
            Woken::TimedOut => break,
            Woken::Ready => progress = connection.progress(),
        }
    }
    Ok(Some((connection, progress)))
}

/// Waits for the connection, for a time or for a signal.
pub(super) fn wait(
    connection: Option<(&Connection, PollFlags)>,
    until: Instant,
    signals: &Signals,
) -> Woken {
    loop {
        if signals.stop() {
            return Woken::Stopped;
        }
        let left = until.since(Clock.now());
        let mut fds = vec![PollFd::from_borrowed_fd(signals.as_fd(), PollFlags::IN)];
        fds.extend(connection.map(|(it, flags)| PollFd::from_borrowed_fd(it.as_fd(), flags)));
        let timeout = Timespec::try_from(left).unwrap_or_default();
        match poll(&mut fds, Some(&timeout)) {
            Err(Errno::INTR) => {}
            Err(_) | Ok(0) => return Woken::TimedOut,
            Ok(_) => {
                let is_ready = fds.get(1).is_some_and(|fd| !fd.revents().is_empty());
                drop(fds);
                signals.drain();
                if is_ready && !signals.stop() {
                    return Woken::Ready;
                }
            }
        }
    }
}

impl Results {
    /// Takes in one more connection, and resets it.
    fn sampled(&mut self, connection: Connection, progress: Progress) {
        let info = TcpInfo::parse(&connection.info());
        let resent = info.as_ref().map_or(0, TcpInfo::total_retrans);
        self.asked += 1;
        if self.verdict.is_none() {
            self.verdict = Some(match progress {
                Progress::Open => Verdict::Open,
                Progress::Failed(errno) => Verdict::of(errno, connection.refused(), resent + 1),
                Progress::Pending => Verdict::Filtered { syn_sent: resent + 1 },
            });
        }
        if progress != Progress::Open {
            self.lost += 1;
            return;
        }
        if let Some(info) = info {
            // After a SYN that was lost the kernel knows milliseconds only.
            self.lost += usize::from(resent > 0);
            self.rtts.extend((resent == 0).then(|| Duration::from_micros(info.rtt().into())));
            self.agreed.get_or_insert_with(|| agreed(&info));
        }
        connection.reset();
    }
}

/// From `TCP_INFO`.
fn agreed(info: &TcpInfo) -> Agreed {
    const TS: u8 = 1;
    const SACK: u8 = 2;
    const SCALE: u8 = 4;
    const ECN: u8 = 8;
    /// Octets of every header that time stamps take (RFC 7323, appendix A).
    const STAMPS: u32 = 12;
    /// `tcp_bound_to_half_wnd` of Linux: more than this may be a bound, and nobody's MSS.
    const TOLD: u32 = 16_384;
    let has = |bit: u8| info.options() & bit != 0;
    let stamps = if has(TS) { STAMPS } else { 0 };
    Agreed {
        mss: Some(info.snd_mss() + stamps).filter(|mss| *mss < TOLD),
        sack: has(SACK),
        ts: has(TS),
        wscale: has(SCALE).then(|| info.window_scales().0),
        ecn: Some(has(ECN)),
        is_kernels: true,
    }
}
