use std::net::Ipv4Addr;
use std::time::Duration;

use wireline_packet::Mac;
use wireline_packet::arp::{Message, operation};
use wireline_packet::ethernet::{Frame, ethertype};

use super::claims::Memory;
use super::hosts::Mark;
use super::request::sender_mac;
use super::{Accept, Event, Finding, Heard, Host, MacKind, Scan, Source};
use crate::{Instant, Reply};

/// A message and how it came.
struct Said<'a> {
    now: Instant,
    /// When the kernel took it in, or `now`.
    at: Instant,
    port: usize,
    frame: Frame<'a>,
    message: Message<'a>,
    source: Source,
}

impl Said<'_> {
    const fn mac(&self) -> Mac {
        self.message.sender.mac
    }

    const fn address(&self) -> Ipv4Addr {
        self.message.sender.address
    }

    fn host(&self, answers: u64, rtt: Option<Duration>, attempt: u32) -> Host {
        let rest = self.message.rest;
        let is_filled = rest.iter().all(|octet| *octet == 0);
        Host {
            port: Scan::number(self.port),
            address: self.address().into(),
            mac: self.mac(),
            frame_mac: self.frame.source,
            answers,
            rtt,
            attempt,
            source: self.source,
            heard: Heard {
                framing: self.frame.framing,
                vlan: self.frame.vlan(),
                protocol: self.message.header.protocol,
                padding: if is_filled { Vec::new() } else { rest.to_vec() },
            },
            kind: MacKind::of(self.mac()),
        }
    }
}

impl Scan {
    /// Own addresses among the targets are listed, and waited for by nobody.
    pub(super) fn list_own(&mut self) {
        for place in 0..self.config.ports.len() {
            let Some(port) = self.config.ports.get(place) else { continue };
            let mac = port.mac;
            let own: Vec<_> = port.own.iter().copied().chain(port.address).collect();
            for address in own {
                let Some(host) = self.hosts.find(&self.config.ports, place, address) else {
                    continue;
                };
                let Some(state) = self.hosts.get_mut(host).filter(|state| !state.has(Mark::Own))
                else {
                    continue;
                };
                state.set(Mark::Own);
                self.hosts.settle(host);
                self.again.push_back(host);
                self.summary.own += 1;
                self.events.push_back(Event::Host(Box::new(own_host(place, address, mac))));
            }
        }
    }

    /// Takes in a frame, whatever it is.
    pub(super) fn hear(&mut self, now: Instant, reply: Reply<'_>) {
        let Some((said, is_answer)) = self.read(now, &reply) else { return };
        self.check_own(&said);
        self.check_gateway(&said);
        let host = self.hosts.find(&self.config.ports, said.port, said.address());
        match host {
            Some(host) if is_answer => self.answered(&said, host),
            _ => self.overheard(&said, host),
        }
    }

    /// What a frame says, if it is about this segment, and whether it is an answer.
    fn read<'a>(&mut self, now: Instant, reply: &Reply<'a>) -> Option<(Said<'a>, bool)> {
        let Ok(frame) = Frame::parse(reply.contents) else {
            self.summary.received += 1;
            self.summary.strange += 1;
            return None;
        };
        if frame.protocol != ethertype::ARP {
            return None;
        }
        let port = self.port_of(reply.flow, frame.vlan())?;
        self.summary.received += 1;
        let message = Message::parse(frame.payload).ok().filter(|message| self.is_sane(message));
        let Some(message) = message else {
            self.summary.strange += 1;
            return None;
        };
        let source = source(&frame, &message);
        let said = Said { now, at: reply.at.unwrap_or(now), port, frame, message, source };
        match self.config.accept {
            Accept::Anything => Some((said, true)),
            Accept::Replies if self.is_echo(&said) => None,
            Accept::Replies => {
                let is_answer = source == Source::Reply && self.is_for_us(&said);
                Some((said, is_answer))
            }
        }
    }

    /// By which port a frame came: the one of its VLAN, or the first of its interface.
    fn port_of(&self, flow: u32, vlan: Option<u16>) -> Option<usize> {
        // Number 0 is of a tag that only has a priority (IEEE 802.1Q §9.6).
        let vlan = vlan.filter(|vlan| *vlan != 0);
        let find = |vlan| {
            let after = self.routes.partition_point(|(f, v, _)| (*f, *v) < (flow, vlan));
            let (found, its_vlan, place) = self.routes.get(after)?;
            Some((*found, *its_vlan, *place)).filter(|(found, ..)| *found == flow)
        };
        let exact = find(vlan).filter(|(_, its_vlan, _)| *its_vlan == vlan);
        exact.or_else(|| find(None)).map(|(_, _, place)| place)
    }

    /// Whether a message is one that such a host may send, where only those count.
    fn is_sane(&self, message: &Message<'_>) -> bool {
        let is_known = matches!(message.header.operation, operation::REQUEST | operation::REPLY);
        self.config.accept == Accept::Anything || (message.is_consistent() && is_known)
    }

    /// Whether it is our own request, which somebody sends back.
    fn is_echo(&self, said: &Said<'_>) -> bool {
        let port = self.config.ports.get(said.port);
        port.is_some_and(|port| {
            let ours = [sender_mac(&self.config.request, port), port.mac];
            ours.contains(&said.mac()) && said.mac() != Mac::ZERO
        })
    }

    fn is_for_us(&self, said: &Said<'_>) -> bool {
        let (to, request) = (said.frame.destination, &self.config.request);
        let port = self.config.ports.get(said.port);
        let is_ours = port.is_some_and(|port| {
            port.mac == Mac::ZERO || to == port.mac || to == sender_mac(request, port)
        });
        is_ours || to.is_multicast() || Some(to) == request.source
    }

    fn answered(&mut self, said: &Said<'_>, host: u32) {
        let Some(state) = self.hosts.get_mut(host) else { return };
        state.answers = state.answers.saturating_add(1);
        let (answers, tries, mac) = (state.answers, state.tries(), said.mac());
        let rtt = said.at.checked_since(state.asked).filter(|_| tries > 0);
        // What came before the last request left answers the one before.
        let attempt = if rtt.is_some() { tries } else { tries.saturating_sub(1) };
        let is_first = answers == 1;
        if state.has(Mark::Unasked) && tries > 0 {
            state.clear(Mark::Unasked);
            if state.mac == mac {
                state.answers -= 1;
                return self.heard_at_last(said, host);
            }
        }
        let is_new = if is_first {
            state.mac = mac;
            self.answered_first(said, host, rtt, attempt);
            true
        } else {
            self.summary.repeated += 1;
            state.mac != mac && self.claims.claim(host, mac) == Memory::New
        };
        if is_new || answers - 1 <= self.config.repeats {
            self.events.push_back(Event::Host(Box::new(said.host(answers, rtt, attempt))));
        }
        if is_new {
            self.find_virtual(said);
        }
        self.find_mismatch(said, host);
        if is_first {
            self.claim_spoken_for(said, host);
            self.settle(said.now);
        } else if is_new {
            self.find_conflict(said, host);
            self.heard_at_last(said, host);
        }
    }

    /// Nobody waits for a host any more, if somebody did.
    fn heard_at_last(&mut self, said: &Said<'_>, host: u32) {
        if self.hosts.get(host).is_some_and(|state| !state.has(Mark::Settled)) {
            self.hosts.settle(host);
            self.settled_at = self.settled_at.max(Some(said.now));
            self.linger_from = self.linger_from.max(Some(said.now));
            self.settle(said.now);
        }
    }

    fn answered_first(&mut self, said: &Said<'_>, host: u32, rtt: Option<Duration>, attempt: u32) {
        let is_asked = self.hosts.get(host).is_some_and(|state| state.tries() > 0);
        if is_asked || self.config.accept == Accept::Anything {
            self.hosts.settle(host);
        } else if let Some(state) = self.hosts.get_mut(host) {
            state.set(Mark::Unasked);
        }
        self.tally.count(attempt);
        if let Some(rtt) = rtt.filter(|_| attempt == 1) {
            self.waits.measured(rtt);
            self.bucket.answered();
        }
        self.settled_at = self.settled_at.max(Some(said.now));
        self.linger_from = self.linger_from.max(Some(said.now));
    }

    /// Somebody said something that is no answer.
    fn overheard(&mut self, said: &Said<'_>, host: Option<u32>) {
        let (port, mac) = (Self::number(said.port), said.mac());
        match self.claims.overheard(port, said.address(), mac) {
            Memory::New => {
                self.summary.overheard += 1;
                self.events.push_back(Event::Overheard(Box::new(said.host(0, None, 0))));
            }
            Memory::Known => {}
            Memory::Full => self.summary.forgotten += 1,
        }
        if let Some((host, state)) = host.and_then(|host| Some((host, self.hosts.get(host)?)))
            && state.answers > 0
            && state.mac != mac
            && self.claims.claim(host, mac) == Memory::New
        {
            self.find_conflict(said, host);
        }
    }

    /// Others that spoke for an address before its host answered.
    fn claim_spoken_for(&mut self, said: &Said<'_>, host: u32) {
        let port = Self::number(said.port);
        let speakers = self.claims.speakers(port, said.address());
        let others: Vec<_> = speakers.filter(|mac| *mac != said.mac()).collect();
        let mut is_new = false;
        for mac in others {
            is_new |= self.claims.claim(host, mac) == Memory::New;
        }
        if is_new {
            self.find_conflict(said, host);
        }
    }

    fn find_conflict(&mut self, said: &Said<'_>, host: u32) {
        let Some(state) = self.hosts.get_mut(host) else { return };
        state.set(Mark::Claimed);
        let macs = std::iter::once(state.mac).chain(self.claims.others(host)).collect();
        let (port, address) = (Self::number(said.port), said.address().into());
        self.events.push_back(Event::Finding(Finding::Conflict { port, address, macs }));
    }

    fn find_virtual(&mut self, said: &Said<'_>) {
        if MacKind::of(said.mac()).is_virtual() {
            let (port, address, mac) = (Self::number(said.port), said.address().into(), said.mac());
            self.events.push_back(Event::Finding(Finding::Virtual { port, address, mac }));
        }
    }

    /// A router that answers for a virtual address may do so by its own card (RFC 9568 §8.1.2).
    fn find_mismatch(&mut self, said: &Said<'_>, host: u32) {
        let (mac, frame_mac) = (said.mac(), said.frame.source);
        if mac == frame_mac || MacKind::of(mac).is_virtual() {
            return;
        }
        let Some(state) = self.hosts.get_mut(host).filter(|state| !state.has(Mark::Mismatched))
        else {
            return;
        };
        state.set(Mark::Mismatched);
        let (port, address) = (Self::number(said.port), said.address().into());
        self.events.push_back(Event::Finding(Finding::Mismatch { port, address, mac, frame_mac }));
    }

    fn check_own(&mut self, said: &Said<'_>) {
        let (port, address, mac) = (Self::number(said.port), said.address(), said.mac());
        let is_own = self.config.ports.get(said.port).is_some_and(|port| {
            port.own.contains(&address)
                || (port.address == Some(address) && !address.is_unspecified())
        });
        let is_ours = || self.config.ports.iter().any(|port| port.mac == mac);
        if is_own && !is_ours() && self.claims.is_news(port, address, mac) {
            let address = address.into();
            self.events.push_back(Event::Finding(Finding::OwnAddress { port, address, mac }));
        }
    }

    fn check_gateway(&mut self, said: &Said<'_>) {
        let (number, address, mac) = (Self::number(said.port), said.address(), said.mac());
        let Some(port) = self.config.ports.get(said.port) else { return };
        let known = port.gateways.iter().find(|gateway| gateway.address == address);
        if let Some(was) = known.and_then(|gateway| gateway.mac)
            && was != mac
            && self.claims.is_news(number, address, mac)
        {
            let finding =
                Finding::GatewayChanged { port: number, address: address.into(), was, mac };
            self.events.push_back(Event::Finding(finding));
        }
    }
}

/// What kind of message it is. A reply to all about its own sender is nobody's answer, unless it has the
/// address of the one who asked too (`--arpspa=dest`), and then it is not to all.
fn source(frame: &Frame<'_>, message: &Message<'_>) -> Source {
    let is_own = message.sender.address == message.target.address;
    match message.header.operation {
        operation::REQUEST if is_own => Source::Announcement,
        operation::REQUEST => Source::Request,
        operation::REPLY if is_own && frame.destination.is_multicast() => Source::Announcement,
        _ => Source::Reply,
    }
}

fn own_host(port: usize, address: Ipv4Addr, mac: Mac) -> Host {
    Host {
        port: Scan::number(port),
        address: address.into(),
        mac,
        frame_mac: mac,
        answers: 0,
        rtt: None,
        attempt: 0,
        source: Source::Own,
        heard: Heard { protocol: ethertype::IPV4, ..Heard::default() },
        kind: MacKind::of(mac),
    }
}
