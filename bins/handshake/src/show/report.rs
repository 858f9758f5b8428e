//! What came of a connection, in one line and for a program.

use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::Serialize;
use wireline_cli::{JsonLines, Output, escape};
use wireline_engine::tcp::{ConnectionSummary, End, Inferred, Opening, Verdict};
use wireline_engine::{errno_text, millis};
use wireline_host::Target;
use wireline_host::sockets::{Details, Endpoint, Protocol, Sockets, State, TcpInfo, Tuple};
use wireline_net::Clock;
use wireline_packet::reason;

use super::plan::Plan;
use crate::ladder::Ending;

/// All that was measured of one connection.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) verdict: Verdict,
    pub(crate) local: Option<SocketAddr>,
    pub(crate) syn_sent: u32,
    /// From connect(2) to its answer.
    pub(crate) application: Option<Duration>,
    pub(crate) data_rtt: Option<Duration>,
    /// When it was opened.
    pub(crate) info: Option<TcpInfo>,
    pub(crate) summary: Option<ConnectionSummary>,
    pub(crate) story: Vec<Inferred>,
    pub(crate) sent_octets: u64,
    pub(crate) received_octets: u64,
    /// Whose FIN was first, as a program sees it.
    pub(crate) first: Option<End>,
    pub(crate) is_reset_by: Option<End>,
    /// The other end did not close in time.
    pub(crate) is_unfinished: bool,
    pub(crate) is_left_open: bool,
    /// A signal ended it.
    pub(crate) is_stopped: bool,
    /// Packets that the tap had no room for.
    pub(crate) dropped: u64,
    /// What this machine could not do.
    pub(crate) failure: Option<String>,
    pub(crate) is_user_space: bool,
    pub(crate) remarks: Vec<String>,
}

impl Default for Outcome {
    fn default() -> Self {
        Self::of(Verdict::Filtered { syn_sent: 0 })
    }
}

impl Outcome {
    pub(crate) const fn of(verdict: Verdict) -> Self {
        Self {
            verdict,
            local: None,
            syn_sent: 0,
            application: None,
            data_rtt: None,
            info: None,
            summary: None,
            story: Vec::new(),
            sent_octets: 0,
            received_octets: 0,
            first: None,
            is_reset_by: None,
            is_unfinished: false,
            is_left_open: false,
            is_stopped: false,
            dropped: 0,
            failure: None,
            is_user_space: false,
            remarks: Vec::new(),
        }
    }

    pub(crate) fn note_first(&mut self, end: End) {
        self.first = self.first.or(Some(end));
    }

    /// What a call on an open connection came to.
    pub(crate) fn note(&mut self, result: io::Result<()>) {
        let Err(why) = result else { return };
        match why.kind() {
            // shutdown(2) says of a connection that RST has ended that there is none.
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::NotConnected => {
                self.is_reset_by = self.is_reset_by.or(Some(End::Server));
            }
            _ => self.failure = Some(errno_text(&why)),
        }
    }

    /// Whether all that was asked for was done, and all that went by was seen.
    pub(crate) fn is_complete(&self) -> bool {
        // What this machine lacks is told by the verdict.
        let has_failed = self.failure.is_some() && !matches!(self.verdict, Verdict::Local { .. });
        self.dropped == 0 && !self.is_stopped && !has_failed
    }

    /// Kernel's, of the handshake.
    fn kernel_rtt(&self) -> Option<Duration> {
        let is_open = self.verdict == Verdict::Open && !self.is_user_space;
        let micros = self.info.as_ref().filter(|_| is_open)?.rtt();
        (micros > 0).then(|| Duration::from_micros(micros.into()))
    }
}

/// What is said of every address of one target.
pub(crate) struct Report {
    host: String,
    has_many: bool,
    is_quiet: bool,
    is_seen: bool,
    json: Option<Output<Told>>,
    held: Vec<Told>,
}

impl Report {
    pub(crate) fn new(
        plan: &Plan,
        target: &Target,
        is_quiet: bool,
        is_json: bool,
        is_seen: bool,
    ) -> Self {
        let json = is_json.then(|| Output::new(Box::new(JsonLines { tool: "handshake" })));
        let has_many = target.addresses.len() > 1;
        Self { host: plan.target.host.clone(), has_many, is_quiet, is_seen, json, held: Vec::new() }
    }

    /// One line, and how that is changed.
    pub(crate) fn tell_what_is_unseen() {
        // Nothing is left to tell if stderr is closed.
        let _ = writeln!(
            io::stderr(),
            "handshake: without CAP_NET_RAW no segment is seen: what is marked ~ is inferred from connect, TCP_INFO, \
             the error queue and sock_diag, without sequence numbers, windows and the other end's view \
             (to allow it: setcap cap_net_raw+p {}, or be root)",
            escape(&program()),
        );
    }

    /// What the drawing ends with.
    pub(crate) fn ending(&self, outcome: &Outcome, remote: SocketAddr) -> Ending {
        let is_plain = outcome.verdict == Verdict::Open && !self.has_many;
        let is_said =
            outcome.summary.as_ref().map_or(is_plain, |seen| says(seen, &outcome.verdict));
        let mut remarks = if is_said { Vec::new() } else { vec![self.sentence(outcome, remote)] };
        remarks.extend(notes(outcome));
        if outcome.summary.is_none() {
            remarks.extend(closing(outcome));
        }
        Ending {
            summary: outcome.summary.clone(),
            kernel_rtt: outcome.kernel_rtt(),
            application: outcome.application.filter(|_| outcome.verdict == Verdict::Open),
            data_rtt: outcome.data_rtt,
            time_wait_left: time_wait(outcome, remote).map(|(_, left)| left),
            remarks,
        }
    }

    /// What came of an address.
    fn sentence(&self, outcome: &Outcome, remote: SocketAddr) -> String {
        let is_address = self.host.parse::<IpAddr>().is_ok();
        let name = if is_address { String::new() } else { format!("{} ", self.host) };
        format!("{name}{remote}: ") + &describe(&outcome.verdict, outcome.application)
    }

    /// Tells it to a program, and to a person where nothing is drawn.
    pub(crate) fn tell(
        &mut self,
        remote: SocketAddr,
        outcome: &Outcome,
        is_drawn: bool,
    ) -> io::Result<()> {
        if let Some(why) = &outcome.failure {
            // Nothing is left to tell if stderr is closed.
            let _ = writeln!(io::stderr(), "handshake: {remote}: {}", escape(why));
        }
        if self.json.is_some() {
            self.held.push(self.event(remote, outcome));
        } else if self.is_quiet || !is_drawn {
            let line = format!("{}\n", escape(&self.sentence(outcome, remote)));
            io::stdout().write_all(line.as_bytes())?;
        }
        Ok(())
    }

    /// After the drawing.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        let Some(json) = &mut self.json else { return Ok(()) };
        for event in self.held.drain(..) {
            json.event(Clock.wall(), &event)?;
        }
        json.flush()
    }

    fn event(&self, remote: SocketAddr, outcome: &Outcome) -> Told {
        let wait = time_wait(outcome, remote);
        Told::Result(Reached {
            host: self.host.clone(),
            address: remote.ip(),
            port: remote.port(),
            local: outcome.local.map(|local| local.ip()),
            local_port: outcome.local.map(|local| local.port()),
            view: if self.is_seen { "wire" } else { "inferred" },
            made_by: if outcome.is_user_space { "user_space" } else { "kernel" },
            verdict: outcome.verdict.clone(),
            reason: icmp(&outcome.verdict),
            syn_sent: outcome.syn_sent,
            wire_rtt_ms: outcome.summary.as_ref().and_then(|summary| summary.syn_rtt).map(exact),
            kernel_rtt_ms: outcome.kernel_rtt().map(exact),
            app_rtt_ms: outcome.application.map(exact),
            data_rtt_ms: outcome.data_rtt.map(exact),
            sent_octets: outcome.sent_octets,
            received_octets: outcome.received_octets,
            closed_by: outcome.is_reset_by.or(outcome.first),
            is_reset: outcome.is_reset_by.is_some(),
            time_wait: wait.map(|(end, _)| end),
            time_wait_left_ms: wait.map(|(_, left)| exact(left)),
            dropped: outcome.dropped,
            is_complete: outcome.is_complete(),
        })
    }
}

/// What came of one address, for a program.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Told {
    /// Once for each address that was tried, behind all that was drawn.
    Result(Reached),
}

impl Told {
    /// What it is called in its line.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Result(_) => "result",
        }
    }
}

/// One address of a target. Times are in milliseconds.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "docs/json.md says what each is")]
pub struct Reached {
    pub host: String,
    pub address: IpAddr,
    pub port: u16,
    pub local: Option<IpAddr>,
    pub local_port: Option<u16>,
    pub view: &'static str,
    pub made_by: &'static str,
    #[serde(flatten)]
    pub verdict: Verdict,
    pub reason: Option<&'static str>,
    pub syn_sent: u32,
    pub wire_rtt_ms: Option<f64>,
    pub kernel_rtt_ms: Option<f64>,
    pub app_rtt_ms: Option<f64>,
    pub data_rtt_ms: Option<f64>,
    pub sent_octets: u64,
    pub received_octets: u64,
    pub closed_by: Option<End>,
    pub is_reset: bool,
    pub time_wait: Option<End>,
    pub time_wait_left_ms: Option<f64>,
    pub dropped: u64,
    pub is_complete: bool,
}

/// No digits past the nanosecond.
fn exact(span: Duration) -> f64 {
    (span.as_secs_f64() * 1e9).round() / 1e6
}

/// What an ICMP error is called.
fn icmp(verdict: &Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Rejected { by, icmp_type, icmp_code }
        | Verdict::Unreachable { by, icmp_type, icmp_code } => {
            reason(by.is_ipv6(), *icmp_type, *icmp_code)
        }
        _ => None,
    }
}

/// A verdict in words.
pub(crate) fn describe(verdict: &Verdict, after: Option<Duration>) -> String {
    let name = icmp(verdict).map(|name| format!(" ({name})")).unwrap_or_default();
    match verdict {
        Verdict::Open => "open".to_owned(),
        Verdict::Closed => "closed: RST came back".to_owned(),
        Verdict::Proxied => "proxied: a SYN proxy answered for nobody".to_owned(),
        Verdict::Rejected { by, icmp_type, icmp_code } => {
            format!("rejected by {by}: {} {icmp_type}/{icmp_code}{name}", protocol(*by))
        }
        Verdict::Unreachable { by, icmp_type, icmp_code } => {
            format!("unreachable, says {by}: {} {icmp_type}/{icmp_code}{name}", protocol(*by))
        }
        Verdict::NoNeighbour => {
            let after = after.map(|after| format!(" for {:.1} s", after.as_secs_f64()));
            let after = after.unwrap_or_default();
            format!(
                "unreachable: neither the host nor the next hop answers on our link{after} (ARP or neighbour discovery)"
            )
        }
        Verdict::NoRoute => "unreachable: this machine has no route there".to_owned(),
        Verdict::Filtered { syn_sent: 1 } => {
            "filtered: no answer to 1 SYN, and no ICMP error".to_owned()
        }
        Verdict::Filtered { syn_sent } => {
            format!("filtered: no answer to {syn_sent} SYNs, and no ICMP error")
        }
        Verdict::Local { errno } => {
            let why = errno_text(&io::Error::from_raw_os_error(*errno));
            format!("not asked: this machine says {why}")
        }
    }
}

const fn protocol(by: IpAddr) -> &'static str {
    if by.is_ipv4() { "ICMP" } else { "ICMPv6" }
}

/// Whether what was seen on the wire tells as much as the verdict does.
const fn says(seen: &ConnectionSummary, verdict: &Verdict) -> bool {
    matches!(
        (seen.opening, verdict),
        (Opening::Open, Verdict::Open)
            | (Opening::Refused, Verdict::Closed)
            | (Opening::Rejected { .. }, Verdict::Rejected { .. } | Verdict::Unreachable { .. })
            | (Opening::Unanswered, Verdict::Filtered { .. })
    )
}

/// What the figures alone would not tell.
fn notes(outcome: &Outcome) -> Vec<String> {
    let mut notes = outcome.remarks.clone();
    if let (Some(rtt), Some(app), lost @ 1..) =
        (outcome.kernel_rtt(), outcome.application, outcome.syn_sent.saturating_sub(1))
    {
        let waited = app.saturating_sub(rtt).as_secs_f64() / f64::from(lost);
        let syns = if lost == 1 { "SYN" } else { "SYNs" };
        let most = millis(rtt).ceil();
        notes.push(format!("rtt ≤ {most:.0} ms, {lost} {syns} lost, RTO {waited:.1} s"));
    }
    if outcome.is_unfinished {
        notes.push("the other end did not close in time (-t)".to_owned());
    }
    if outcome.is_left_open {
        notes.push("left open while it was drawn; RST has freed the other end since".to_owned());
    }
    if outcome.is_stopped {
        notes.push("stopped by a signal: what was open was reset".to_owned());
    }
    if outcome.dropped > 0 {
        notes.push(format!("not complete: {} packets dropped for want of room", outcome.dropped));
    }
    notes
}

/// As far as this end knows without having seen a segment.
fn closing(outcome: &Outcome) -> Option<String> {
    match (outcome.is_reset_by, outcome.first) {
        (Some(by), _) => Some(format!("closed by {by} with RST")),
        (None, Some(by)) => Some(format!("closed by {by} with FIN")),
        (None, None) => None,
    }
}

/// Who has the connection in `TIME_WAIT`, as far as this machine's tables tell (`sock_diag(7)`), and for how long yet.
fn time_wait(outcome: &Outcome, remote: SocketAddr) -> Option<(End, Duration)> {
    if outcome.verdict != Verdict::Open || outcome.is_user_space {
        return None;
    }
    let end = |address: SocketAddr| Endpoint { address: address.ip(), port: address.port() };
    let (here, there) = (end(outcome.local?), end(remote));
    let mut sockets = Sockets::open();
    let mut left = |local, remote| {
        let tuple = Tuple { protocol: Protocol::Tcp, local, remote, interface: 0 };
        let found = sockets.find(&tuple, Details::NONE).ok()??;
        (found.state == State::TimeWait).then_some(found.timer.expires)
    };
    left(here, there)
        .map(|left| (End::Client, left))
        .or_else(|| left(there, here).map(|left| (End::Server, left)))
}

/// This program's file, for whoever is to allow it something.
fn program() -> String {
    std::env::current_exe().map_or_else(|_| "FILE".to_owned(), |path| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdict_names_the_sender_of_the_error_and_its_meaning() {
        let by = "192.0.2.1".parse().unwrap();
        let verdict = Verdict::Rejected { by, icmp_type: 3, icmp_code: 13 };
        assert_eq!(
            describe(&verdict, None),
            "rejected by 192.0.2.1: ICMP 3/13 (communication administratively prohibited)"
        );
        let by = "2001:db8::1".parse().unwrap();
        let verdict = Verdict::Unreachable { by, icmp_type: 1, icmp_code: 0 };
        assert_eq!(
            describe(&verdict, None),
            "unreachable, says 2001:db8::1: ICMPv6 1/0 (no route to destination)"
        );
    }

    #[test]
    fn silence_counts_its_syns() {
        let said = describe(&Verdict::Filtered { syn_sent: 3 }, None);
        assert_eq!(said, "filtered: no answer to 3 SYNs, and no ICMP error");
    }

    #[test]
    fn reset_of_an_open_connection_is_the_other_ends_and_no_failure_of_ours() {
        for kind in [io::ErrorKind::ConnectionReset, io::ErrorKind::NotConnected] {
            let mut outcome = Outcome::of(Verdict::Open);
            outcome.note(Err(kind.into()));
            assert_eq!((outcome.is_reset_by, outcome.failure), (Some(End::Server), None));
        }
    }
}
