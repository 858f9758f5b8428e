//! What has become of a probe's header on the way, as far as whoever quotes it shows.
//!
//! It never says which hop a probe came to: that is known of the probe before this is asked.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Serialize;
use wireline_packet::checksum::Expected;
use wireline_packet::protocol;
use wireline_packet::quoted::Quoted;

use super::segments;

/// One field of a header that was quoted with another value than it was sent with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "field", rename_all = "snake_case")]
#[expect(missing_docs, reason = "`from` is what was sent and `to` what was quoted, in each")]
pub enum Change {
    /// Who sent it.
    Source { from: IpAddr, to: IpAddr },
    /// From which port.
    SourcePort { from: u16, to: u16 },
    /// Identifier of an echo request.
    Identifier { from: u16, to: u16 },
    /// Who it was for.
    Destination { from: IpAddr, to: IpAddr },
    /// For which port.
    DestinationPort { from: u16, to: u16 },
    /// Checksum of the transport protocol: `from` is the one that goes with the quoted addresses.
    Checksum { from: u16, to: u16 },
    /// TTL or hop limit on arrival, where it ran out.
    HopLimit { from: u8, to: u8 },
    /// TOS or traffic class.
    TrafficClass { from: u8, to: u8 },
    /// TCP's control bits.
    Flags { from: u8, to: u8 },
    /// TCP's window, as it stands in the header.
    Window { from: u16, to: u16 },
    /// The option of RFC 9293 §3.7.1.
    MaxSegmentSize { from: u16, to: u16 },
    /// The option of RFC 7323 §2.2.
    WindowScale { from: u8, to: u8 },
    /// An option of TCP that was sent and is not quoted.
    OptionGone { kind: u8 },
    /// An option of TCP that is quoted and was not sent.
    OptionNew { kind: u8 },
}

/// A probe as it left.
#[derive(Clone, Debug)]
pub(super) struct Original {
    /// `None` where the kernel chooses it and does not tell.
    pub(super) source: Option<IpAddr>,
    pub(super) target: IpAddr,
    pub(super) protocol: u8,
    /// Header and data, or the two ports where that is all that is known.
    pub(super) transport: Vec<u8>,
    pub(super) traffic_class: u8,
}

/// Octets that RFC 792 has everybody quote.
const LEAST: usize = 8;

impl Original {
    /// Where the source port or the identifier is.
    const fn port_at(&self) -> usize {
        if self.is_echo() { 4 } else { 0 }
    }

    const fn is_echo(&self) -> bool {
        matches!(self.protocol, protocol::ICMP | protocol::ICMPV6)
    }

    pub(super) fn port(&self) -> Option<u16> {
        word(&self.transport, self.port_at())
    }

    /// What was rewritten, if the quote is of this probe.
    pub(super) fn changes(&self, quoted: &Quoted<'_>, has_expired: bool) -> Option<Vec<Change>> {
        let is_like_it = quoted.protocol == self.protocol
            && quoted.fragment_offset == 0
            && quoted.transport.len() >= LEAST
            && self.has_marks(quoted.transport)
            && self.has_data(quoted);
        if !is_like_it {
            return None;
        }
        let mut changes = self.ends(quoted)?;
        changes.extend(self.checksum(quoted));
        // Routers quote what came, or what they made of it.
        if has_expired && quoted.hop_limit > 1 {
            changes.push(Change::HopLimit { from: 1, to: quoted.hop_limit });
        }
        let (from, to) = (self.traffic_class, quoted.traffic_class);
        changes.extend((from != to).then_some(Change::TrafficClass { from, to }));
        if self.protocol == protocol::TCP {
            changes.extend(segments::changes(&self.transport, quoted.transport));
        }
        Some(changes)
    }

    /// Whether what no translator touches is that of the probe: type and number of an echo request,
    /// the length of UDP, the sequence number of TCP.
    fn has_marks(&self, transport: &[u8]) -> bool {
        let marks: &[usize] = match self.protocol {
            protocol::ICMP | protocol::ICMPV6 => &[0, 1, 6, 7],
            protocol::UDP => &[4, 5],
            _ if self.transport.len() < LEAST => &[],
            _ => &[4, 5, 6, 7],
        };
        marks.iter().all(|at| self.transport.get(*at) == transport.get(*at))
    }

    /// Whether the data is the probe's, as far as it is quoted. Where there are extensions a short quote
    /// is filled up with zeros, and they begin behind 128 octets or later (RFC 4884 §5.1).
    fn has_data(&self, quoted: &Quoted<'_>) -> bool {
        const BEFORE_EXTENSIONS: usize = 128;
        if self.protocol == protocol::TCP {
            return true;
        }
        let end = quoted.transport.len().min(self.transport.len());
        let end = end.min(BEFORE_EXTENSIONS.saturating_sub(quoted.header_length)).max(LEAST);
        let (ours, theirs) = (self.transport.get(LEAST..end), quoted.transport.get(LEAST..end));
        ours == theirs || theirs.is_none_or(|octets| octets.iter().all(|octet| *octet == 0))
    }

    /// Addresses and ports. Another port of the same address is another program, and a datagram with
    /// neither our own end nor the target's is nobody's.
    fn ends(&self, quoted: &Quoted<'_>) -> Option<Vec<Change>> {
        let (from, to) = (self.port()?, word(quoted.transport, self.port_at())?);
        let is_moved = self.source.is_some_and(|source| source != quoted.source);
        let is_elsewhere = self.target != quoted.destination;
        let mut changes = Vec::new();
        if let Some(from) = self.source.filter(|_| is_moved) {
            changes.push(Change::Source { from, to: quoted.source });
        }
        if from != to {
            changes.push(if self.is_echo() {
                Change::Identifier { from, to }
            } else {
                Change::SourcePort { from, to }
            });
        }
        if is_elsewhere {
            changes.push(Change::Destination { from: self.target, to: quoted.destination });
        }
        let port = |transport| word(transport, 2).filter(|_| !self.is_echo());
        if let Some((from, to)) = port(&self.transport).zip(port(quoted.transport))
            && from != to
        {
            changes.push(Change::DestinationPort { from, to });
        }
        let may_be_ours = if is_moved { !is_elsewhere } else { from == to };
        may_be_ours.then_some(changes)
    }

    /// One that does not go with what else is quoted: a translator has put back the addresses only, or
    /// the data is another (what Dublin traceroute looks for).
    fn checksum(&self, quoted: &Quoted<'_>) -> Option<Change> {
        let mut transport = self.transport.clone();
        let kept = if self.is_echo() { 4..6 } else { 0..4 };
        transport.get_mut(kept.clone())?.copy_from_slice(quoted.transport.get(kept)?);
        let ends = (quoted.source, quoted.destination);
        let expected = Expected::of(self.protocol, ends, &transport)?;
        let to = expected.differs(quoted.transport)?;
        Some(Change::Checksum { from: expected.whole, to })
    }
}

fn word(octets: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*octets.get(at..)?.first_chunk()?))
}

/// By what a probe is known in a quote; what nobody told is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ends {
    pub(super) source: Option<IpAddr>,
    pub(super) port: Option<u16>,
    pub(super) destination: Option<IpAddr>,
}

impl Ends {
    pub(super) fn of(original: &Original, quoted: &Quoted<'_>) -> Self {
        Self {
            source: Some(quoted.source),
            port: word(quoted.transport, original.port_at()),
            destination: Some(quoted.destination),
        }
    }

    /// Both together, if they can be of one probe.
    fn and(self, other: Self) -> Option<Self> {
        let are_one = agree(self.source, other.source)
            && agree(self.port, other.port)
            && agree(self.destination, other.destination);
        are_one.then(|| Self {
            source: self.source.or(other.source),
            port: self.port.or(other.port),
            destination: self.destination.or(other.destination),
        })
    }
}

fn agree<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    one.zip(other).is_none_or(|(one, other)| one == other)
}

/// What was quoted of each probe.
#[derive(Debug, Default)]
pub(super) struct Notes(BTreeMap<u32, Note>);

#[derive(Debug)]
enum Note {
    Agreed {
        from: Option<IpAddr>,
        ends: Ends,
        changes: Vec<Change>,
    },
    /// Two quotes that cannot both be of it, or one of a probe that came to the target: a stranger's, and
    /// nobody knows which.
    Disputed,
}

impl Notes {
    /// Takes in what somebody quoted of a probe.
    pub(super) fn take(&mut self, number: u32, from: Option<IpAddr>, ends: Ends, new: Vec<Change>) {
        let new = Note::Agreed { from, ends, changes: new };
        let merged = match self.0.remove(&number) {
            None => new,
            Some(known) => known.and(new),
        };
        self.0.insert(number, merged);
    }

    /// The target has replied to a probe, so that nobody else has thrown it away.
    pub(super) fn arrived(&mut self, number: u32) {
        self.0.insert(number, Note::Disputed);
    }

    pub(super) fn forget(&mut self, number: u32) {
        self.0.remove(&number);
    }

    /// The probes that were rewritten, who quoted them, and how.
    pub(super) fn rewritten(&self) -> impl Iterator<Item = (u32, IpAddr, &[Change])> {
        self.0.iter().filter_map(|(number, note)| match note {
            Note::Agreed { from: Some(from), changes, .. } if !changes.is_empty() => {
                Some((*number, *from, changes.as_slice()))
            }
            _ => None,
        })
    }
}

impl Note {
    /// The one that tells more, if both can be true.
    fn and(self, other: Self) -> Self {
        let (
            Self::Agreed { from, ends, changes },
            Self::Agreed { from: whose, ends: others, changes: more },
        ) = (self, other)
        else {
            return Self::Disputed;
        };
        let Some(ends) = ends.and(others) else { return Self::Disputed };
        if more.len() > changes.len() {
            return Self::Agreed { from: whose, ends, changes: more };
        }
        Self::Agreed { from: from.or(whose), ends, changes }
    }
}
