//! `wireline-strange`: an echo target that misbehaves on order, for end-to-end tests.
//!
//! `wireline-strange BEHAVIOUR…` answers the echo requests to 198.51.100.n and `2001:db8:bad::n` by
//! the n-th of its arguments, from 1: the tenth is 198.51.100.10 and `2001:db8:bad::a`. The words
//! are in [`behaviour`]. It prints `ready` once it listens and ends with its standard input, with
//! SIGTERM or after two million datagrams.
//!
//! It never speaks unasked and never outside its network namespace, where it is root. The kernel
//! of that namespace has to take the addresses for its own and leave the answers to us:
//!
//! ```text
//! ip route add local 198.51.100.0/24 dev lo
//! ip -6 route add local 2001:db8:bad::/64 dev lo
//! sysctl net.ipv4.icmp_echo_ignore_all=1 net.ipv6.icmp.echo_ignore_all=1
//! ```
#![forbid(unsafe_code)]

#[path = "../strange/answer.rs"]
mod answer;
#[path = "../strange/behaviour.rs"]
mod behaviour;
#[path = "../strange/errors.rs"]
mod errors;
#[path = "../strange/link.rs"]
mod link;
#[path = "../strange/noise.rs"]
mod noise;
#[path = "../strange/request.rs"]
mod request;
#[path = "../strange/schedule.rs"]
mod schedule;
#[path = "../linkem/waiting.rs"]
mod waiting;
#[path = "../strange/wire.rs"]
mod wire;

use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;
use std::slice;
use std::time::Duration;

use nix::sys::socket::LinkAddr;
use rustix::time::{ClockId, clock_gettime};

use answer::{Sending, Target};
use behaviour::Behaviour;
use link::Link;
use request::Request;
use schedule::Schedule;
use waiting::wait;
use wire::Ends;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let behaviours: Result<Vec<Behaviour>, _> = words.iter().map(|word| word.parse()).collect();
    match behaviours {
        Ok(behaviours) if !behaviours.is_empty() => match serve(&behaviours) {
            Ok(()) => ExitCode::SUCCESS,
            Err(why) => complain(&why.to_string(), 1),
        },
        Ok(_) => complain(&format!("which behaviours? {}", behaviour::WORDS), 2),
        Err(why) => complain(&format!("{why}; there are: {}", behaviour::WORDS), 2),
    }
}

fn complain(what: &str, code: u8) -> ExitCode {
    // With no standard error left there is nobody to tell.
    let _ = writeln!(io::stderr(), "wireline-strange: {what}");
    code.into()
}

fn serve(behaviours: &[Behaviour]) -> io::Result<()> {
    let mut server = Server {
        link: Link::open()?,
        targets: [0, 1].map(|_| behaviours.iter().cloned().map(Target::new).collect()),
        later: Schedule::new(),
        received: 0,
        complaints: 0,
    };
    let mut stdout = io::stdout();
    writeln!(stdout, "ready")?;
    stdout.flush()?;
    while server.received < Server::MOST && server.wait()? {
        server.answer_all()?;
        server.send_due();
    }
    Ok(())
}

struct Server {
    link: Link,
    /// In IPv4 and in IPv6, which remember different things.
    targets: [Vec<Target>; 2],
    later: Schedule<(Sending, LinkAddr)>,
    /// Datagrams so far.
    received: u32,
    /// Failures to send that somebody was told of.
    complaints: u32,
}

impl Server {
    /// So many datagrams end the program, should a test forget to.
    const MOST: u32 = 2_000_000;

    /// Until there is something to do. `false`: standard input has ended.
    fn wait(&self) -> io::Result<bool> {
        let has_spoken = wait(slice::from_ref(&self.link), self.later.wait(now()))?;
        Ok(!has_spoken || io::stdin().lock().read(&mut [0; 64])? > 0)
    }

    /// Answers what has come, but lets the clock have a turn now and then.
    fn answer_all(&mut self) -> io::Result<()> {
        const TURN: u32 = 64;
        for _ in 0..TURN {
            let Some((bytes, from)) = self.link.receive()? else { break };
            self.received += 1;
            let Some(request) = Request::parse(bytes) else { continue };
            self.answer(&request, from);
        }
        Ok(())
    }

    fn answer(&mut self, request: &Request, from: LinkAddr) {
        let targets = match request.ends {
            Ends::V4 { .. } => &mut self.targets[0],
            Ends::V6 { .. } => &mut self.targets[1],
        };
        let number = request.target().and_then(|n| n.checked_sub(1));
        let Some(target) = number.and_then(|n| targets.get_mut(usize::from(n))) else { return };
        for sending in target.answer(request) {
            if sending.after.is_zero() {
                self.send(sending, from);
            } else {
                self.later.add(now().saturating_add(sending.after), (sending, from));
            }
        }
    }

    /// What falls due on the way waits for the next turn: a flood is due without end.
    fn send_due(&mut self) {
        let now = now();
        while let Some((sending, to)) = self.later.pop(now) {
            self.send(sending, to);
        }
    }

    /// A flood goes out in parts, so that it can be stopped and does not hold up the others.
    fn send(&mut self, mut sending: Sending, to: LinkAddr) {
        const PART: u32 = 1000;
        for _ in 0..sending.times.min(PART) {
            self.send_once(&sending.datagram, &to);
        }
        sending.times = sending.times.saturating_sub(PART);
        if sending.times > 0 {
            self.later.add(now(), (sending, to));
        }
    }

    /// What cannot be sent is lost, but the first few times not in silence.
    fn send_once(&mut self, datagram: &[u8], to: &LinkAddr) {
        const MOST_COMPLAINTS: u32 = 10;
        let Err(why) = self.link.send(datagram, to) else { return };
        if self.complaints < MOST_COMPLAINTS {
            self.complaints += 1;
            complain(&format!("{} octets not sent: {why}", datagram.len()), 0);
        }
    }
}

/// Since some fixed moment.
fn now() -> Duration {
    Duration::try_from(clock_gettime(ClockId::Monotonic)).unwrap_or_default()
}
