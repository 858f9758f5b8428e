//! What must have gone over the wire, by what the kernel says of a connection.

use std::time::Duration;

use wireline_engine::tcp::{End, Inferred, State};
use wireline_host::sockets::TcpInfo;
use wireline_packet::tcp::Flags;

/// Segments that nobody saw.
#[derive(Debug)]
pub(crate) struct Story {
    lines: Vec<Inferred>,
    states: [State; 2],
}

impl Default for Story {
    fn default() -> Self {
        Self { lines: Vec::new(), states: [State::Closed, State::Unknown] }
    }
}

impl Story {
    pub(crate) fn into_lines(self) -> Vec<Inferred> {
        self.lines
    }

    fn add(
        &mut self,
        at: Option<Duration>,
        from: End,
        flags: Flags,
        source: &'static str,
    ) -> &mut Inferred {
        let (words, after) = (Vec::new(), self.states);
        self.lines.push(Inferred { at, from, flags, length: None, words, after, source });
        let last = self.lines.len() - 1;
        &mut self.lines[last]
    }

    /// The first segment, and how often it was sent again.
    pub(crate) fn asked(&mut self, repeats: u32) {
        /// Past this they are not drawn one by one.
        const MOST: u32 = 16;
        self.states[0] = State::SynSent;
        self.add(Some(Duration::ZERO), End::Client, Flags::SYN, "connect");
        for _ in 0..repeats.min(MOST) {
            self.add(None, End::Client, Flags::SYN, "tcp_info").words.push("again".to_owned());
        }
    }

    /// RST came.
    pub(crate) fn refused(&mut self, at: Duration) {
        self.states = [State::Closed; 2];
        self.add(Some(at), End::Server, Flags::RST | Flags::ACK, "connect");
    }

    /// The three segments of the handshake are through.
    pub(crate) fn opened(&mut self, at: Duration, info: Option<&TcpInfo>) {
        self.states = [State::Established, State::SynRcvd];
        let words = info.map(agreed).unwrap_or_default();
        self.add(Some(at), End::Server, Flags::SYN | Flags::ACK, "tcp_info").words = words;
        self.states[1] = State::Established;
        self.add(None, End::Client, Flags::ACK, "connect");
    }

    pub(crate) fn data(&mut self, at: Duration, from: End, octets: usize) {
        let source = if from == End::Client { "send" } else { "recv" };
        let octets = u32::try_from(octets).unwrap_or(u32::MAX);
        if let Some(last) = self.lines.last_mut()
            && last.source == source
        {
            last.length = last.length.map(|length| length.saturating_add(octets));
            return;
        }
        self.add(Some(at), from, Flags::PSH | Flags::ACK, source).length = Some(octets);
    }

    pub(crate) fn fin(&mut self, at: Duration, from: End) {
        let source = if from == End::Client { "shutdown" } else { "recv, which returned 0" };
        let [client, server] = self.states;
        self.states = match (from, client, server) {
            (End::Client, State::Established, _) => [State::FinWait1, State::CloseWait],
            (End::Client, ..) => [State::LastAck, State::FinWait2],
            (End::Server, State::Established, _) => [State::CloseWait, State::FinWait2],
            (End::Server, ..) => [State::TimeWait, State::LastAck],
        };
        self.add(Some(at), from, Flags::FIN | Flags::ACK, source);
        let (acknowledged, states) = match (from, self.states) {
            (End::Client, [State::FinWait1, server]) => (None, [State::FinWait2, server]),
            (End::Client, _) => (Some(End::Server), [State::Closed, State::TimeWait]),
            (End::Server, [State::TimeWait, _]) => {
                (Some(End::Client), [State::TimeWait, State::Closed])
            }
            (End::Server, states) => (None, states),
        };
        self.states = states;
        if let Some(last) = acknowledged {
            self.add(None, last, Flags::ACK, "tcp_info");
        }
    }

    pub(crate) fn reset(&mut self, at: Duration, from: End) {
        self.states = [State::Closed; 2];
        let source = if from == End::Client { "close" } else { "recv" };
        self.add(Some(at), from, Flags::RST | Flags::ACK, source);
    }
}

/// What both ends agreed on, in the words of the drawing.
fn agreed(info: &TcpInfo) -> Vec<String> {
    let mut words = vec![format!("mss={}", info.snd_mss())];
    let has = |bit: u8| info.options() & bit != 0;
    if has(2) {
        words.push("sack".to_owned());
    }
    if has(1) {
        words.push("ts".to_owned());
    }
    if has(4) {
        words.push(format!("ws={}", info.window_scales().0));
    }
    if has(8) {
        words.push("ecn".to_owned());
    }
    if has(32) {
        words.push("fast-open".to_owned());
    }
    words
}
