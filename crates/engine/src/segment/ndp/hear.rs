//! What messages tell, and of whom it may be believed.

use std::net::Ipv6Addr;

use wireline_packet::ethernet::Frame;
use wireline_packet::ndp::{Message, Packet};
use wireline_packet::{Mac, icmpv6, ipv6};

use super::known::{Claim, Verdict};
use super::{Discovery, host};
use crate::Instant;
use crate::segment::{Event, Finding, Heard, Source};

/// What a message says of somebody.
struct Told {
    address: Ipv6Addr,
    mac: Mac,
    /// When the question left that it answers.
    asked: Option<Instant>,
    may_differ: bool,
}

impl Discovery {
    /// Who is there by a message, if it is such as cannot come from another link: neighbour discovery
    /// has a hop limit of 255, listeners are told of from link-local addresses, and what answers a question to
    /// all nodes of a link is on it.
    fn told(&self, packet: &Packet<'_>, frame_mac: Mac) -> Option<Told> {
        let of = |address, mac: Option<Mac>| {
            let mac = mac.unwrap_or(frame_mac);
            Told { address, mac, asked: None, may_differ: false }
        };
        match packet.message {
            Message::EchoReply(id, data) => {
                let asked = Some(self.asked_at(id, data)?);
                Some(Told { asked, ..of(packet.source, None) })
            }
            Message::ParameterProblem { quoted, .. } => {
                let asked = Some(self.asked_by_quote(quoted)?);
                Some(Told { asked, ..of(packet.source, None) })
            }
            Message::Advertisement { target, mac, is_override, .. } => {
                Some(Told { may_differ: !is_override, ..of(target, mac) })
            }
            Message::Solicitation { mac, .. }
            | Message::RouterSolicitation { mac }
            | Message::RouterAdvertisement { mac, .. } => Some(of(packet.source, mac)),
            Message::ListenerQuery { .. } | Message::ListenerReport { .. } => {
                let is_near = packet.source.is_unicast_link_local();
                is_near.then(|| of(packet.source, None))
            }
            _ => None,
        }
    }

    fn asked_by_quote(&self, quoted: &[u8]) -> Option<Instant> {
        let (_, message) = ipv6::Header::parse(quoted).ok()?.upper().ok()?;
        match icmpv6::Message::read(message).ok()? {
            icmpv6::Message::EchoRequest(id, data) => self.asked_at(id, data),
            _ => None,
        }
    }

    /// Takes in that somebody is there.
    fn learn(&mut self, at: Instant, told: &Told, claim: Claim, heard: Heard) {
        let asked = self.asked.remove(&(claim.port, claim.address));
        let asked_at = told.asked.or(asked.filter(|asked| asked.tries > 0).map(|asked| asked.at));
        let rtt = asked_at.map(|asked| at.since(asked));
        self.slowest = self.slowest.max(rtt);
        let attempt = asked.map_or(0, |asked| asked.tries);
        let is_own = self.is_own(claim.port, claim.address);
        let Claim { port, address, mac, frame_mac } = claim;
        let address = address.into();
        match self.known.claim(claim, told.may_differ) {
            Verdict::Forgotten => self.summary.forgotten += 1,
            Verdict::Repeat => {}
            Verdict::New | Verdict::Conflict(_) if is_own => {
                self.find(Finding::OwnAddress { port, address, mac });
            }
            Verdict::Conflict(macs) => self.find(Finding::Conflict { port, address, macs }),
            Verdict::New => {
                self.summary.responded += 1;
                self.events.push_back(host(claim, rtt, attempt, Source::Ipv6, heard));
                if mac != frame_mac {
                    self.find(Finding::Mismatch { port, address, mac, frame_mac });
                }
                self.guess_identifier(port, claim.address);
                self.guess(port, mac);
            }
        }
    }

    fn find(&mut self, finding: Finding) {
        self.events.push_back(Event::Finding(finding));
    }

    /// Somebody asks whether anybody else has the address that it wants (RFC 4862 §5.4.2).
    fn hear_tentative(&mut self, claim: Claim, heard: Heard) {
        const MOST: usize = 1 << 12;
        let key = (claim.port, claim.address);
        if self.known.has(claim.port, claim.address) || self.tentative.contains(&key) {
            return;
        }
        if self.tentative.len() >= MOST {
            self.summary.forgotten += 1;
            return;
        }
        self.tentative.insert(key);
        let Event::Host(host) = host(claim, None, 0, Source::Ipv6, heard) else { return };
        self.events.push_back(Event::Overheard(host));
    }

    pub(super) fn hear(&mut self, at: Instant, place: u32, frame: &Frame<'_>) {
        let Ok(packet) = Packet::parse(frame.payload) else {
            self.summary.strange += 1;
            return;
        };
        self.summary.received += 1;
        let heard = Heard {
            framing: frame.framing,
            vlan: frame.vlan(),
            protocol: frame.protocol,
            padding: Vec::new(),
        };
        let frame_mac = frame.source;
        if let Message::Solicitation { target, .. } = packet.message
            && packet.source.is_unspecified()
        {
            let claim = Claim { port: place, address: target, mac: frame_mac, frame_mac };
            return self.hear_tentative(claim, heard);
        }
        let Some(told) = self.told(&packet, frame_mac) else { return };
        if told.address.is_unspecified() {
            return;
        }
        if told.address.is_multicast() || told.mac.is_multicast() || frame_mac.is_multicast() {
            self.summary.strange += 1;
            return;
        }
        let (address, mac) = (told.address, told.mac);
        self.learn(at, &told, Claim { port: place, address, mac, frame_mac }, heard);
    }
}
