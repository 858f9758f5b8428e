//! The lines of the Internet's protocols.

use std::fmt::Write as _;

use wireline_host::sockets::{InetSocket, Protocol, State, Timer, TimerKind};

use super::address::Addresses;
use super::choice::{Shown, state_name};
use super::owner::Programs;

/// Makes lines. Each is written over the one before it.
pub(crate) struct Lines<'a> {
    shown: Shown,
    programs: &'a Programs,
    addresses: Addresses,
    line: String,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(shown: Shown, programs: &'a Programs) -> Self {
        let addresses = Addresses::new(shown.numeric, shown.wide);
        Self { shown, programs, addresses, line: String::with_capacity(256) }
    }

    pub(crate) fn header(&self) -> String {
        let mut text = "Proto Recv-Q Send-Q Local Address           Foreign Address         \
                        State      "
            .to_owned();
        let shown = self.shown;
        let more = [
            (shown.extended, " User       Inode     "),
            (shown.programs, " PID/Program name    "),
            (shown.timers, " Timer"),
        ];
        more.iter().filter(|(is_shown, _)| *is_shown).for_each(|(_, title)| text.push_str(title));
        text.push('\n');
        text
    }

    pub(crate) fn row(&mut self, row: &InetSocket) -> &[u8] {
        self.line.clear();
        // Which fits nowhere but here: a name of four letters has two blanks behind it.
        let name = protocol_name(row);
        self.push_left(name, if row.protocol == Protocol::Tcp { 4 } else { 5 });
        self.line.push_str(if row.protocol == Protocol::Tcp { "  " } else { " " });
        let is_listener = row.state == State::Listen && row.protocol == Protocol::Tcp;
        self.push_number(row.recv_queue);
        self.push_number(if is_listener { 0 } else { row.send_queue });
        self.addresses.push(&mut self.line, row, row.local);
        self.addresses.push(&mut self.line, row, row.remote);
        self.push_state(row);
        self.push_rest(row);
        self.line.push('\n');
        self.line.as_bytes()
    }

    fn push_left(&mut self, text: &str, width: usize) {
        self.line.push_str(text);
        pad(&mut self.line, width.saturating_sub(text.len()));
    }

    /// A queue, right-aligned in its column and a blank.
    fn push_number(&mut self, number: u32) {
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(number);
        pad(&mut self.line, 6_usize.saturating_sub(digits.len()));
        self.line.push_str(digits);
        self.line.push(' ');
    }

    fn push_state(&mut self, row: &InetSocket) {
        match (row.protocol, row.state) {
            (Protocol::Raw, state) => {
                let mut digits = itoa::Buffer::new();
                self.push_left(digits.format(state.number()), 11);
            }
            (Protocol::Udp | Protocol::UdpLite, State::Close) => self.push_left("", 11),
            (_, state) => self.push_left(state_name(state), 11),
        }
    }

    fn push_rest(&mut self, row: &InetSocket) {
        if self.shown.extended {
            let user = self.addresses.user(row.uid);
            let _ = write!(self.line, " {user:<10} {:<10}", row.inode);
        }
        if self.shown.programs {
            self.line.push(' ');
            // No more than letters of one octet each.
            self.push_left(self.programs.text(row.inode), 20);
        }
        if self.shown.timers {
            self.line.push(' ');
            push_timer(&mut self.line, row.protocol, row.timer);
        }
    }
}

fn pad(line: &mut String, count: usize) {
    const BLANKS: &str = "                                ";
    line.push_str(&BLANKS[..count.min(BLANKS.len())]);
}

pub(super) const fn protocol_name(row: &InetSocket) -> &'static str {
    match (row.protocol, row.is_v6()) {
        (Protocol::Tcp | Protocol::Mptcp, false) => "tcp",
        (Protocol::Tcp | Protocol::Mptcp, true) => "tcp6",
        (Protocol::Udp, false) => "udp",
        (Protocol::Udp, true) => "udp6",
        (Protocol::UdpLite, false) => "udpl",
        (Protocol::UdpLite, true) => "udpl6",
        (Protocol::Raw, false) => "raw",
        (Protocol::Raw, true) => "raw6",
    }
}

/// A timer that is a late acknowledgement is none in the original's source.
pub(super) fn push_timer(line: &mut String, protocol: Protocol, timer: Timer) {
    let seconds = timer.expires.as_millis() / 10;
    let Timer { retransmits, probes, .. } = timer;
    let name = match (protocol, timer.kind) {
        (_, TimerKind::Off | TimerKind::DelayedAck) => {
            let _ = write!(line, "off (0.00/{retransmits}/{probes})");
            return;
        }
        (Protocol::Tcp, TimerKind::Retransmit) => "on",
        (Protocol::Tcp, TimerKind::Keepalive) => "keepalive",
        (Protocol::Tcp, TimerKind::TimeWait) => "timewait",
        (Protocol::Tcp, TimerKind::Probe) => "probe",
        (_, TimerKind::Retransmit) => "on1",
        (_, TimerKind::Keepalive) => "on2",
        (_, TimerKind::TimeWait) => "on3",
        (_, TimerKind::Probe) => "on4",
        (_, TimerKind::Other(_)) => "unkn",
    };
    line.push_str(name);
    if let TimerKind::Other(number) = timer.kind {
        let _ = write!(line, "-{number}");
    }
    let (whole, part) = (seconds / 100, seconds % 100);
    let _ = write!(line, " ({whole}.{part:02}/{retransmits}/{probes})");
}
