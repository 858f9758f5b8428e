//! Which packets a tap hears: a program for the kernel, which sees each from its IP header on.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;

use socket2::SockFilter;
use wireline_packet::protocol;

use crate::filter_program::{
    self, AND, ANY_BIT, BYTE, BYTE_BEYOND, EQUAL, HALF, HALF_BEYOND, HARDWARE, HEADER_LENGTH,
    Instruction, KIND, LEAST, MORE, OUTGOING, WORD, assemble, for_kernel,
};

/// Which packets the kernel hands up: TCP between these, and what is said about it.
///
/// It is coarse: fragments behind the first and packets with extension headers pass whatever their ports are.
/// Some hundred networks and ports fit, no more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TapFilter {
    /// One end is in one of these networks, given by address and length of the prefix; empty for all.
    pub networks: Vec<(IpAddr, u8)>,
    /// One end has one of these ports; empty for all.
    pub ports: Vec<RangeInclusive<u16>>,
    /// And ICMP errors of either family that quote TCP, whatever ends it had.
    pub icmp_errors: bool,
}

impl TapFilter {
    /// What goes between two ends, and all ICMP errors about TCP.
    #[must_use]
    pub fn connection(here: SocketAddr, there: SocketAddr) -> Self {
        let length = if there.is_ipv4() { 32 } else { 128 };
        let networks = vec![(there.ip(), length)];
        Self { networks, ports: vec![here.port()..=here.port()], icmp_errors: true }
    }

    /// The program; of what passes `most` octets are kept.
    pub(crate) fn program(&self, most: u32) -> Vec<SockFilter> {
        for_kernel(self.instructions(most))
    }

    fn instructions(&self, most: u32) -> Vec<Instruction> {
        let mut writer = Writer { filter: self, most, steps: Vec::new(), places: 0 };
        writer.once_on_loopback();
        writer.v4();
        writer.v6();
        assemble(&writer.steps)
    }
}

type Step = filter_program::Step<Place>;

/// A place in a program, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place(u32);

impl filter_program::Place for Place {
    const NEXT: Self = Self(0);
}

const NEXT: Place = Place(0);

struct Writer<'a> {
    filter: &'a TapFilter,
    most: u32,
    steps: Vec<Step>,
    places: u32,
}

/// IPv6's headers that stand before another (RFC 8200 §4).
const EXTENSIONS: [u8; 4] =
    [protocol::HOP_BY_HOP, protocol::ROUTING, protocol::FRAGMENT, protocol::DESTINATION_OPTIONS];

fn tcp_or_extension() -> Vec<u32> {
    [protocol::TCP].into_iter().chain(EXTENSIONS).map(u32::from).collect()
}

impl Writer<'_> {
    /// A name that was not used yet.
    fn place(&mut self) -> Place {
        self.places += 1;
        Place(self.places)
    }

    fn accept(&mut self) {
        self.steps.push(Step::Return(self.most));
    }

    fn reject(&mut self) {
        self.steps.push(Step::Return(0));
    }

    /// Goes on where the accumulator is one of these, and rejects what is not.
    fn one_of(&mut self, wanted: &[u32]) {
        let found = self.place();
        self.steps.extend(wanted.iter().map(|value| Step::If(EQUAL, *value, found, NEXT)));
        self.reject();
        self.steps.push(Step::At(found));
    }

    /// What goes out by the loopback interface comes in there too, and is not to be heard again.
    fn once_on_loopback(&mut self) {
        const LOOPBACK: u32 = libc::ARPHRD_LOOPBACK as u32;
        let start = self.place();
        self.steps.extend([
            Step::Load(WORD, HARDWARE),
            Step::If(EQUAL, LOOPBACK, NEXT, start),
            Step::Load(WORD, KIND),
            Step::If(EQUAL, OUTGOING, start, NEXT),
        ]);
        self.reject();
        self.steps.push(Step::At(start));
    }

    /// Ends what is no IPv6.
    fn v4(&mut self) {
        const PROTOCOL: u32 = 9;
        let [v6, v4, tcp, icmp] = [(); 4].map(|()| self.place());
        self.steps.extend([
            Step::Load(BYTE, 0),
            Step::Load(AND, 0xf0),
            Step::If(EQUAL, 0x40, v4, NEXT),
            Step::Jump(v6),
            Step::At(v4),
            Step::Load(BYTE, PROTOCOL),
            Step::If(EQUAL, protocol::TCP.into(), tcp, NEXT),
            Step::If(EQUAL, protocol::ICMP.into(), icmp, NEXT),
        ]);
        self.reject();
        self.steps.push(Step::At(icmp));
        self.icmpv4();
        self.steps.push(Step::At(tcp));
        self.networks(&[12, 16], |address| match address {
            IpAddr::V4(v4) => Some(v4.octets().to_vec()),
            IpAddr::V6(_) => None,
        });
        self.ports_v4();
        self.steps.push(Step::At(v6));
    }

    fn icmpv4(&mut self) {
        const FRAGMENT: u32 = 6;
        const OFFSET: u32 = 0x1fff;
        if !self.filter.icmp_errors {
            return self.reject();
        }
        let whole = self.place();
        self.steps.extend([Step::Load(HALF, FRAGMENT), Step::If(ANY_BIT, OFFSET, NEXT, whole)]);
        self.reject();
        self.steps.extend([
            Step::At(whole),
            Step::Load(HEADER_LENGTH, 0),
            Step::Load(BYTE_BEYOND, 0),
        ]);
        // Unreachable, quench, time exceeded, parameter problem (RFC 792).
        self.one_of(&[3, 4, 11, 12]);
        self.steps.push(Step::Load(BYTE_BEYOND, 8 + 9));
        self.one_of(&[protocol::TCP.into()]);
        self.accept();
    }

    fn ports_v4(&mut self) {
        const FRAGMENT: u32 = 6;
        const OFFSET: u32 = 0x1fff;
        if self.filter.ports.is_empty() {
            return self.accept();
        }
        let first = self.place();
        self.steps.extend([Step::Load(HALF, FRAGMENT), Step::If(ANY_BIT, OFFSET, NEXT, first)]);
        self.accept();
        self.steps.extend([Step::At(first), Step::Load(HEADER_LENGTH, 0)]);
        self.ports(HALF_BEYOND, [0, 2]);
    }

    fn v6(&mut self) {
        const NEXT_HEADER: u32 = 6;
        const BEHIND: u32 = 40;
        let [is_v6, tcp, icmp] = [(); 3].map(|()| self.place());
        self.steps.push(Step::If(EQUAL, 0x60, is_v6, NEXT));
        self.reject();
        self.steps.extend([
            Step::At(is_v6),
            Step::Load(BYTE, NEXT_HEADER),
            Step::If(EQUAL, protocol::ICMPV6.into(), icmp, NEXT),
        ]);
        self.steps.push(Step::If(EQUAL, protocol::TCP.into(), tcp, NEXT));
        self.one_of(&EXTENSIONS.map(u32::from));
        // Reports to multicast routers, of which there are many, begin with one of these too.
        self.steps.push(Step::Load(BYTE, BEHIND));
        self.one_of(&tcp_or_extension());
        self.steps.extend([Step::Jump(tcp), Step::At(icmp)]);
        self.icmpv6();
        self.steps.push(Step::At(tcp));
        self.networks(&[8, 24], |address| match address {
            IpAddr::V6(v6) => Some(v6.octets().to_vec()),
            IpAddr::V4(_) => None,
        });
        if self.filter.ports.is_empty() {
            return self.accept();
        }
        let straight = self.place();
        self.steps.extend([
            Step::Load(BYTE, NEXT_HEADER),
            Step::If(EQUAL, protocol::TCP.into(), straight, NEXT),
        ]);
        self.accept();
        self.steps.push(Step::At(straight));
        self.ports(HALF, [40, 42]);
    }

    fn icmpv6(&mut self) {
        if !self.filter.icmp_errors {
            return self.reject();
        }
        self.steps.push(Step::Load(BYTE, 40));
        // RFC 4443 §3.
        self.one_of(&[1, 2, 3, 4]);
        self.steps.push(Step::Load(BYTE, 48 + 6));
        self.one_of(&tcp_or_extension());
        self.accept();
    }

    /// Goes on where an address at one of these places is in one of the networks.
    fn networks(&mut self, places: &[u32], octets: impl Fn(IpAddr) -> Option<Vec<u8>>) {
        if self.filter.networks.is_empty() {
            return;
        }
        let found = self.place();
        for (address, length) in &self.filter.networks {
            let Some(octets) = octets(*address) else { continue };
            for place in places {
                self.network(*place, &octets, *length, found);
            }
        }
        self.reject();
        self.steps.push(Step::At(found));
    }

    fn network(&mut self, place: u32, octets: &[u8], length: u8, found: Place) {
        let other = self.place();
        let mut left = u32::from(length);
        for (at, word) in (place..).step_by(4).zip(octets.as_chunks::<4>().0) {
            let bits = left.min(32);
            left -= bits;
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            if mask != 0 {
                let value = u32::from_be_bytes(*word) & mask;
                self.steps.extend([Step::Load(WORD, at), Step::Load(AND, mask)]);
                self.steps.push(Step::If(EQUAL, value, NEXT, other));
            }
        }
        self.steps.extend([Step::Jump(found), Step::At(other)]);
    }

    /// Accepts where a port is in one of the ranges, and rejects what is left.
    fn ports(&mut self, load: u16, places: [u32; 2]) {
        for at in places {
            self.steps.push(Step::Load(load, at));
            for range in &self.filter.ports {
                let other = self.places + 1;
                self.places = other;
                self.steps.extend([
                    Step::If(LEAST, (*range.start()).into(), NEXT, Place(other)),
                    Step::If(MORE, (*range.end()).into(), Place(other), NEXT),
                    Step::Return(self.most),
                    Step::At(Place(other)),
                ]);
            }
        }
        self.reject();
    }
}

#[cfg(test)]
mod tests;
