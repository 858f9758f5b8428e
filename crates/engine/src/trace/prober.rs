//! Probes under way: sends them numbered, and knows their answers.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};

use wireline_packet::quoted::Quoted;
use wireline_packet::{icmp_ext, reason, tcp};

use super::Config;
use super::event::{Answer, Extension, Outcome, What};
use super::method::{Method, Number};
use super::rewriting::{Change, Ends, Notes, Original};
use crate::echo::Sample;
use crate::{Handshake, Instant, Origin, Quotation, Refusal, Reply, Stage, Stamp, Transmit};

/// Everything that is known of the probes to one target, whoever asks for them and why: a caller names
/// each by a `slot` of its own.
#[derive(Debug)]
pub(super) struct Prober {
    target: SocketAddr,
    source: Option<IpAddr>,
    traffic_class: u8,
    method: Method,
    is_source_routed: bool,
    next: u32,
    /// By number.
    sent: BTreeMap<u32, Sent>,
    notes: Notes,
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    slot: u32,
    /// Octets of data.
    size: usize,
    /// The source port or the identifier, if it is known.
    port: Option<u16>,
    asked: Instant,
    left: Option<Instant>,
}

/// What was heard of a probe.
#[derive(Debug)]
pub(super) enum Told {
    /// It was answered.
    Outcome(Outcome),
    /// It is longer than a link lets through: the one from here, or one behind the host that says so.
    TooLong {
        /// Octets that would fit; 0 where nobody says.
        mtu: u32,
        /// What it is otherwise.
        outcome: Outcome,
    },
}

impl Prober {
    /// Answers that come later than this many probes are nobody's: memory is bounded by it.
    const REMEMBERED: usize = 1 << 14;

    pub(super) fn new(config: &Config) -> Self {
        Self {
            target: config.target,
            source: config.source,
            traffic_class: config.traffic_class,
            method: config.method.clone(),
            is_source_routed: config.is_source_routed,
            next: 0,
            sent: BTreeMap::new(),
            notes: Notes::default(),
        }
    }

    /// How many probes have left.
    pub(super) const fn count(&self) -> u32 {
        self.next
    }

    /// Writes a probe for `slot` with `size` octets of data.
    pub(super) fn emit(
        &mut self,
        now: Instant,
        slot: u32,
        hop: u8,
        size: usize,
        contents: &mut Vec<u8>,
    ) -> Transmit {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        if self.sent.len() >= Self::REMEMBERED
            && let Some((oldest, _)) = self.sent.pop_first()
        {
            self.notes.forget(oldest);
        }
        let port = self.method.own_port(number);
        self.sent.insert(number, Sent { slot, size, port, asked: now, left: None });
        let transmit = self.method.emit(self.target, number, size, contents);
        Transmit { hop_limit: Some(hop), ..transmit }
    }

    /// When a probe left, as far as the kernel told.
    pub(super) fn handle_stamp(&mut self, stamp: Stamp) {
        if let Some(sent) = self.sent.get_mut(&stamp.id).filter(|_| stamp.stage == Stage::Sent) {
            // One from before the system call is another probe's.
            sent.left = sent.left.or(Some(stamp.at).filter(|at| *at >= sent.asked));
        }
    }

    /// The source port or identifier that the kernel chose for a probe.
    pub(super) fn handle_port(&mut self, number: u32, port: u16) {
        if let Some(sent) = self.sent.get_mut(&number) {
            sent.port = sent.port.or(Some(port));
        }
    }

    /// Takes in what somebody quotes, if it is one of the probes.
    pub(super) fn quotation(&mut self, quotation: &Quotation<'_>) {
        let Ok(quoted) = Quoted::parse(quotation.datagram) else { return };
        let newest = |port| {
            let mut sent = self.sent.iter().rev();
            sent.find(|(_, sent)| sent.port == Some(port)).map(|(number, _)| *number)
        };
        let number = self.method.quoted(&quoted, newest).and_then(|number| self.find(number));
        let Some((number, original)) = number.and_then(|n| Some((n, self.original(n)?))) else {
            return;
        };
        let has_expired = matches!(
            (quotation.from.is_ipv6(), quotation.icmp_type, quotation.code),
            (false, 11, 0) | (true, 3, 0)
        );
        if let Some(changes) = original.changes(&quoted, has_expired) {
            let ends = Ends::of(&original, &quoted);
            self.notes.take(number, Some(quotation.from), ends, changes);
        }
    }

    /// A probe as it left. With a source route nobody knows who it is on its way to.
    fn original(&self, number: u32) -> Option<Original> {
        let sent = self.sent.get(&number).filter(|_| !self.is_source_routed)?;
        let source = SocketAddr::new(self.source.unwrap_or(self.target.ip()), sent.port?);
        let (protocol, transport) = self.method.whole((source, self.target), number, sent.size)?;
        let (source, target) = (self.source, self.target.ip());
        Some(Original { source, target, protocol, transport, traffic_class: self.traffic_class })
    }

    /// What the kernel takes for an error about a probe quotes its own port.
    fn note_refusal(&mut self, number: u32, from: IpAddr, destination: IpAddr) {
        let port = self.sent.get(&number).and_then(|sent| sent.port);
        let destination = Some(destination).filter(|_| !self.is_source_routed);
        let changes = destination
            .filter(|to| *to != self.target.ip())
            .map(|to| Change::Destination { from: self.target.ip(), to });
        let ends = Ends { source: None, port, destination };
        self.notes.take(number, Some(from), ends, changes.into_iter().collect());
    }

    /// The slots of probes that were rewritten, who quoted them, and how.
    pub(super) fn rewritten(&self) -> impl Iterator<Item = (u32, IpAddr, &[Change])> {
        self.notes.rewritten().filter_map(|(number, from, changes)| {
            Some((self.sent.get(&number)?.slot, from, changes))
        })
    }

    /// The slot that a reply is for, and what it means.
    pub(super) fn reply(&mut self, now: Instant, reply: &Reply<'_>) -> Option<(u32, Told)> {
        let number = self.find(self.method.replied(self.target, reply)?)?;
        let what = match &self.method {
            Method::Tcp(_) => {
                let segment = tcp::Segment::parse(reply.contents).ok()?;
                What::Tcp { flags: segment.flags.to_string() }
            }
            _ => What::Reply,
        };
        self.notes.arrived(number);
        let sent = self.sent.get(&number)?;
        let answer = Answer {
            source: reply.source.ip(),
            sample: Sample::of(sent.asked, sent.left, reply.at, now),
            hop_limit: reply.hop_limit,
            what,
            translated_to: None,
            extensions: Vec::new(),
        };
        Some((sent.slot, Told::Outcome(Outcome::Reached(answer))))
    }

    /// The slot that a connection is of.
    pub(super) fn handshake(&mut self, handshake: Handshake) -> Option<(u32, Told)> {
        self.notes.arrived(handshake.id);
        let sent = self.sent.get(&handshake.id)?;
        let flags = match handshake.answer {
            crate::Answer::Accepted => "syn,ack",
            crate::Answer::Refused => "rst,ack",
            crate::Answer::Silence => return None,
        };
        let answer = Answer {
            source: self.target.ip(),
            sample: Sample::of(sent.asked, sent.left, None, handshake.at),
            hop_limit: None,
            what: What::Tcp { flags: flags.to_owned() },
            translated_to: None,
            extensions: Vec::new(),
        };
        Some((sent.slot, Told::Outcome(Outcome::Reached(answer))))
    }

    /// The slot of a probe that was refused, and what it means.
    pub(super) fn refusal(&mut self, now: Instant, refusal: &Refusal<'_>) -> Option<(u32, Told)> {
        let (from, icmp_type, code) = match refusal.origin {
            Origin::Local(errno) => return self.local(now, errno, refusal.info),
            Origin::Icmp { from, icmp_type, code } => (from, icmp_type, code),
        };
        if is_advice(from, icmp_type) {
            return None;
        }
        let is_elsewhere = refusal.destination.ip() != self.target.ip();
        if is_elsewhere && !self.is_source_routed && !self.method.has_own_sockets() {
            return None;
        }
        let number = self.find(self.method.refused(self.target, refusal)?)?;
        let sent = *self.sent.get(&number)?;
        if is_elsewhere && !self.is_source_routed && !self.is_like(sent, number, refusal.quoted) {
            return None;
        }
        self.note_refusal(number, from, refusal.destination.ip());
        let outcome = self.outcome(now, sent, refusal, (from, icmp_type, code));
        let told = match too_long(from, icmp_type, code, refusal.info) {
            Some(mtu) => Told::TooLong { mtu, outcome },
            None => Told::Outcome(outcome),
        };
        Some((sent.slot, told))
    }

    fn outcome(
        &self,
        now: Instant,
        sent: Sent,
        refusal: &Refusal<'_>,
        (from, icmp_type, icmp_code): (IpAddr, u8, u8),
    ) -> Outcome {
        let mtu = too_long(from, icmp_type, icmp_code, refusal.info).unwrap_or(0);
        let is_ipv6 = from.is_ipv6();
        let answer = Answer {
            source: from,
            sample: Sample::of(sent.asked, sent.left, refusal.at, now),
            hop_limit: refusal.hop_limit,
            what: What::Icmp {
                icmp_type,
                icmp_code,
                reason: reason(is_ipv6, icmp_type, icmp_code),
                mtu,
            },
            translated_to: Some(refusal.destination.ip())
                .filter(|quoted| *quoted != self.target.ip() && !self.is_source_routed),
            extensions: self.extensions(refusal),
        };
        match (is_ipv6, icmp_type, icmp_code) {
            (false, 11, 0) | (true, 3, 0) => Outcome::Expired(answer),
            (false, 3, 3) | (true, 1, 4) => Outcome::Reached(answer),
            _ => Outcome::Unreachable(answer),
        }
    }

    /// Whether data is quoted that could be this probe's: of one that was on its way elsewhere that is the
    /// only proof. Where there are extensions a short quote is filled up with zeros (RFC 4884 §5.1).
    fn is_like(&self, sent: Sent, number: u32, quoted: &[u8]) -> bool {
        const BEFORE_EXTENSIONS: usize = 128;
        let mut contents = Vec::new();
        self.method.emit(self.target, number, sent.size, &mut contents);
        let room = BEFORE_EXTENSIONS - self.method.cut(self.target.is_ipv6());
        let end = quoted.len().min(contents.len()).min(room);
        quoted[..end] == contents[..end] || quoted[..end].iter().all(|octet| *octet == 0)
    }

    fn extensions(&self, refusal: &Refusal<'_>) -> Vec<Extension> {
        let cut = self.method.cut(self.target.is_ipv6());
        let Some(octets) =
            icmp_ext::find(refusal.quoted, refusal.extensions_at.map(|at| at + cut), cut)
        else {
            return Vec::new();
        };
        let objects = icmp_ext::parse(octets).unwrap_or_default();
        objects.iter().filter_map(Extension::of).collect()
    }

    /// This machine says which was the newest: it speaks before the next is sent.
    fn local(&self, now: Instant, errno: i32, info: u32) -> Option<(u32, Told)> {
        let (_, sent) = self.sent.last_key_value()?;
        let waited = now - sent.asked;
        let told = if errno == crate::echo::LocalError::MESSAGE_TOO_LONG {
            Told::TooLong { mtu: info, outcome: Outcome::refused(waited, errno, Some(info)) }
        } else {
            Told::Outcome(Outcome::refused(waited, errno, None))
        };
        Some((sent.slot, told))
    }

    /// The slot of a probe that could not be sent.
    pub(super) fn unsent(
        &self,
        now: Instant,
        transmit: &Transmit,
        why: &io::Error,
    ) -> Option<(u32, Told)> {
        let sent = self.sent.get(&transmit.id)?;
        let errno = why.raw_os_error().unwrap_or(0);
        Some((sent.slot, Told::Outcome(Outcome::refused(now - sent.asked, errno, None))))
    }

    fn find(&self, number: Number) -> Option<u32> {
        match number {
            Number::Exactly(number) => Some(number),
            Number::Only => self.sent.last_key_value().map(|(number, _)| *number),
            Number::Modulo(remainder, modulus) => {
                if remainder >= modulus {
                    return None;
                }
                let newest = self.next.checked_sub(1)?;
                let behind = newest % modulus;
                let back = if behind >= remainder {
                    behind - remainder
                } else {
                    behind + (modulus - remainder)
                };
                newest.checked_sub(back)
            }
        }
    }
}

/// Source quenches and redirects say nothing of how far a probe came.
const fn is_advice(from: IpAddr, icmp_type: u8) -> bool {
    from.is_ipv4() && matches!(icmp_type, 4 | 5)
}

/// The MTU of the link that a probe does not fit, as RFC 1191 §4 and RFC 4443 §3.2 tell it.
const fn too_long(from: IpAddr, icmp_type: u8, code: u8, info: u32) -> Option<u32> {
    match (from.is_ipv6(), icmp_type, code) {
        (false, 3, 4) | (true, 2, _) => Some(info),
        _ => None,
    }
}
