use std::net::{IpAddr, Ipv4Addr};

use wireline_packet::tcp::Timestamps;

use super::*;
use crate::tcp::{Closing, How, Note, Opening};
use State::{
    CloseWait, Closed, Closing as ClosingState, Established, FinWait1, FinWait2, LastAck, Listen,
    SynRcvd, SynSent, TimeWait, Unknown,
};

mod closes;
mod hostile;
mod numbers;
mod opens;

const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));
const ROUTER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 254));

/// Initial sequence numbers: the client's wraps within its first hundred octets.
const C: u32 = u32::MAX - 50;
const S: u32 = 1_107_226_112;

const fn client() -> SocketAddr {
    SocketAddr::new(CLIENT, 54221)
}

const fn server() -> SocketAddr {
    SocketAddr::new(SERVER, 443)
}

/// A segment to be, by numbers relative to both ISNs.
#[derive(Clone)]
struct Draft {
    from: End,
    flags: Flags,
    sequence: u32,
    acknowledgment: u32,
    window: u16,
    options: Vec<u8>,
    data: Vec<u8>,
}

fn flags_of(letters: &str) -> Flags {
    letters.chars().fold(Flags::default(), |flags, letter| {
        flags
            | match letter {
                'S' => Flags::SYN,
                'F' => Flags::FIN,
                'R' => Flags::RST,
                'P' => Flags::PSH,
                '.' => Flags::ACK,
                'U' => Flags::URG,
                'E' => Flags::ECE,
                'W' => Flags::CWR,
                other => panic!("{other}"),
            }
    })
}

fn draft(from: End, letters: &str, sequence: u32, acknowledgment: u32) -> Draft {
    let (options, data) = (Vec::new(), Vec::new());
    Draft { from, flags: flags_of(letters), sequence, acknowledgment, window: 500, options, data }
}

/// A segment of the client's.
fn c(letters: &str, sequence: u32, acknowledgment: u32) -> Draft {
    draft(End::Client, letters, sequence, acknowledgment)
}

/// A segment of the server's.
fn s(letters: &str, sequence: u32, acknowledgment: u32) -> Draft {
    draft(End::Server, letters, sequence, acknowledgment)
}

impl Draft {
    fn data(self, data: &[u8]) -> Self {
        Self { data: data.to_vec(), ..self }
    }

    fn octets(self, count: usize) -> Self {
        Self { data: vec![b'x'; count], ..self }
    }

    fn window(self, window: u16) -> Self {
        Self { window, ..self }
    }

    fn raw(self, options: &[u8]) -> Self {
        Self { options: options.to_vec(), ..self }
    }

    /// What Linux says in a SYN, by this clock.
    fn linux(self, value: u32, echo: u32) -> Self {
        let timestamps = Some(Timestamps { value, echo });
        let options = wireline_packet::tcp::Options {
            max_segment_size: Some(1460),
            sack_permitted: true,
            timestamps,
            window_scale: Some(10),
        };
        self.raw(&options.emit())
    }
}

/// A conversation with a tap beside it.
struct Talk {
    it: Conversation,
    now: u64,
}

impl Talk {
    fn new() -> Self {
        Self { it: Conversation::new(client(), server()), now: 1000 }
    }

    /// Shows a segment, a millisecond after the last thing.
    fn say(&mut self, draft: &Draft) {
        self.now += 1;
        let (source, destination) = match draft.from {
            End::Client => (client(), server()),
            End::Server => (server(), client()),
        };
        let (mine, theirs) = if draft.from == End::Client { (C, S) } else { (S, C) };
        let has_ack = draft.flags.contains(Flags::ACK);
        self.it.observe(&Observed {
            at: Instant::from_millis(self.now),
            source,
            destination,
            hop_limit: 64,
            segment: Segment {
                source_port: source.port(),
                destination_port: destination.port(),
                sequence: mine.wrapping_add(draft.sequence),
                acknowledgment: if has_ack { theirs.wrapping_add(draft.acknowledgment) } else { 0 },
                flags: draft.flags,
                window: draft.window,
                urgent: 0,
                options: &draft.options,
                payload: &draft.data,
            },
            length: draft.data.len().try_into().unwrap(),
        });
    }

    fn wait(&mut self, milliseconds: u64) {
        self.now += milliseconds;
    }

    /// All steps that are let out.
    fn steps(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        while let Some(line) = self.it.poll_line() {
            if let Line::Segment(step) = line {
                steps.push(step);
            }
        }
        steps
    }

    /// The state that both ends are in after each segment.
    fn walk(&mut self, drafts: &[Draft]) -> Vec<[State; 2]> {
        drafts.iter().for_each(|draft| self.say(draft));
        self.steps().into_iter().map(|step| step.after).collect()
    }

    /// The notes of the last of these segments.
    fn notes(&mut self, drafts: &[Draft]) -> Vec<Note> {
        drafts.iter().for_each(|draft| self.say(draft));
        self.steps().pop().map(|step| step.notes).unwrap_or_default()
    }

    /// After the three segments of the handshake, all of them taken out.
    fn open() -> Self {
        let mut talk = Self::new();
        talk.walk(&[c("S", 0, 0).linux(7, 0), s("S.", 0, 1).linux(9, 7), c(".", 1, 1)]);
        talk
    }
}
