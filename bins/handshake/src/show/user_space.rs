//! A connection that is made in user space, for what the kernel lets nobody choose.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::ControlFlow;
use std::os::fd::BorrowedFd;
use std::time::Duration;

use anyhow::Result;
use wireline_engine::tcp::client::{Client, Ending, Event, Opened};
use wireline_engine::tcp::{End, Verdict};
use wireline_host::Family as Wanted;
use wireline_net::{
    Clock, Error, Family, Guard, SegmentRoom, SegmentSockets, Signals, Sink, SocketOptions,
    SourcePorts, drive, seed,
};

use super::plan::{Plan, with_scope};
use super::report::Outcome;
use super::view::View;

/// What needs the privilege, or must be there before any segment is: sockets of all families that may be wanted.
pub(crate) struct Raw {
    sockets: SegmentSockets,
    guards: Vec<Guard>,
    port: u16,
}

impl Raw {
    /// Needs `CAP_NET_RAW`.
    pub(crate) fn open(plan: &Plan) -> std::result::Result<Self, Error> {
        let (families, guards, port) = guards(plan)?;
        let sockets = SegmentSockets::open(&families, &SourcePorts::Held(vec![port]))?;
        if let Some(device) = &plan.device {
            sockets.bind_device(device)?;
        }
        Ok(Self { sockets, guards, port })
    }
}

/// The same port in every family.
fn guards(plan: &Plan) -> std::result::Result<(Vec<Family>, Vec<Guard>, u16), Error> {
    let wanted: &[Family] = match plan.family {
        Wanted::Any => &[Family::V4, Family::V6],
        Wanted::V4 => &[Family::V4],
        Wanted::V6 => &[Family::V6],
    };
    let (mut families, mut guards, mut port) = (Vec::new(), Vec::new(), plan.port.unwrap_or(0));
    for family in wanted {
        let any = match family {
            Family::V4 => IpAddr::from(Ipv4Addr::UNSPECIFIED),
            Family::V6 => Ipv6Addr::UNSPECIFIED.into(),
        };
        let guard = match Guard::open(SocketAddr::new(any, port), plan.device.as_deref()) {
            Ok(guard) => guard,
            // A machine without IPv6 can do with the other.
            Err(_) if *family == Family::V6 && !guards.is_empty() => continue,
            Err(why) => return Err(why),
        };
        port = guard.local()?.port();
        families.push(*family);
        guards.push(guard);
    }
    Ok((families, guards, port))
}

/// Does it all, and says what came of it.
pub(crate) fn connect(
    plan: &Plan,
    data: &[u8],
    to: SocketAddr,
    raw: &mut Raw,
    signals: &Signals,
    view: &mut View,
) -> Result<Outcome> {
    let source = plan.source.map(|source| with_scope(source, to));
    let options = SocketOptions { hop_limit: plan.ttl, source, ..SocketOptions::default() };
    raw.sockets.configure(&options, SegmentRoom::WHOLE)?;
    let local = match raw.sockets.source(to) {
        Ok(source) => SocketAddr::new(source, raw.port),
        Err(why) => {
            let errno = why.raw_os_error().unwrap_or(0);
            return Ok(Outcome { is_user_space: true, ..Outcome::of(Verdict::of(errno, None, 0)) });
        }
    };
    let mut local = local;
    if let (SocketAddr::V6(local), SocketAddr::V6(to)) = (&mut local, to) {
        local.set_scope_id(to.scope_id());
    }
    view.listen(local)?;
    let seed = seed();
    let config = plan.client([local, to], seed, data, usual_size(to));
    let mut outcome = Outcome { local: Some(local), is_user_space: true, ..Outcome::default() };
    outcome.sent_octets = data.len() as u64;
    let is_tight = raw.guards.iter().all(Guard::is_tight);
    let mut client = Client::new(config, Clock.now());
    let mut hearer = Hearer { view, outcome, failure: None, is_tight };
    drive(&mut client, &mut raw.sockets, signals, &mut hearer)?;
    hearer.end()
}

/// What fits Ethernet.
const fn usual_size(to: SocketAddr) -> u16 {
    if to.is_ipv4() { 1460 } else { 1440 }
}

/// Notes what the client tells, and has the view look on meanwhile.
struct Hearer<'a> {
    view: &'a mut View,
    outcome: Outcome,
    failure: Option<anyhow::Error>,
    is_tight: bool,
}

impl Hearer<'_> {
    fn opened(&mut self, opened: &Opened) {
        self.outcome.verdict = Verdict::Open;
        self.outcome.syn_sent = opened.syn_sent;
        self.outcome.application = opened.rtt;
        if opened.took_syn_data {
            self.outcome.remarks.push("the data of the SYN was taken".to_owned());
        }
    }

    fn ended(&mut self, ending: Ending) {
        let outcome = &mut self.outcome;
        match ending {
            Ending::Closed { first } => outcome.first = Some(first),
            Ending::Reset { by, was_open: true } => outcome.is_reset_by = Some(by),
            Ending::Reset { was_open: false, .. } => outcome.verdict = Verdict::Closed,
            Ending::Refused(refused) => {
                outcome.verdict = refused.verdict().unwrap_or(Verdict::Filtered { syn_sent: 1 });
            }
            Ending::Silent { syn_sent } => {
                (outcome.verdict, outcome.syn_sent) = (Verdict::Filtered { syn_sent }, syn_sent);
            }
            Ending::TimedOut => {
                outcome.is_unfinished = true;
                outcome.is_reset_by = Some(End::Client);
            }
            Ending::Unsent { errno } => outcome.verdict = Verdict::of(errno, None, 0),
            Ending::Stopped => outcome.is_stopped = true,
        }
    }

    fn end(mut self) -> Result<Outcome> {
        /// Time for what has left to come by.
        const MOMENT: Duration = Duration::from_millis(20);
        let deadline = Clock.now() + MOMENT;
        while self.view.is_seen() && !self.view.is_over() && Clock.now() < deadline {
            self.view.await_frame(deadline.since(Clock.now()))?;
        }
        self.view.read()?;
        if let Some(why) = self.failure {
            return Err(why);
        }
        self.outcome.dropped = self.view.dropped();
        self.outcome.summary = self.view.summary();
        Ok(self.outcome)
    }
}

impl Sink<Event> for Hearer<'_> {
    fn event(&mut self, event: Event) -> ControlFlow<()> {
        match event {
            Event::Opened(opened) => self.opened(&opened),
            Event::Data { octets } => self.outcome.received_octets += octets.len() as u64,
            Event::Acknowledged { rtt } => self.outcome.data_rtt = rtt,
            Event::Fin => self.outcome.note_first(End::Server),
            Event::Unguarded if !self.is_tight => self.outcome.remarks.push(
                "the other end sends with hop limit 255, which the guard lets through: this machine may have sent RST"
                    .to_owned(),
            ),
            Event::Unguarded => {}
            Event::Ended(ending) => self.ended(ending),
        }
        ControlFlow::Continue(())
    }

    fn settled(&mut self) -> ControlFlow<()> {
        match self.view.read() {
            Ok(()) => ControlFlow::Continue(()),
            Err(why) => {
                self.failure = Some(why);
                ControlFlow::Break(())
            }
        }
    }

    fn wakes(&self) -> Vec<BorrowedFd<'_>> {
        self.view.fd().into_iter().collect()
    }
}
