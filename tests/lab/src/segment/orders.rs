//! What a segment is to be: the test's words, and `wireline-segment`'s orders.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::Claim;

/// Who is on a segment. The scanner has [`super::SCANNER`] on `eth0`, and nobody else is there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct World {
    /// Addresses of the scanner with their prefixes: of IPv4, or none.
    pub scanner: Vec<String>,
    /// Networks that a kernel answers for, which is fast.
    pub kernel: Vec<Span>,
    /// What the other kernel has on its `eth0` of its own, of either family.
    pub peer: Vec<String>,
    /// Whether both kernels speak IPv6.
    pub has_ipv6: bool,
    /// Who answers by a program.
    pub claims: Vec<Claim>,
    /// What is on the wire besides.
    pub flood: Option<Flood>,
    /// Whether kernels are alone, and nobody hears what is asked.
    pub is_kernels_only: bool,
}

/// Addresses from one to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The first.
    pub first: Ipv4Addr,
    /// The last.
    pub last: Ipv4Addr,
    /// From one that belongs to it to the next.
    pub step: u32,
}

/// Frames that have nothing to do with the scan, to the scanner's link-layer address: UDP over IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flood {
    /// So many a second.
    pub per_second: u32,
    /// Octets of each, 42 to 1514.
    pub length: usize,
}

/// What a test has done while it runs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Order {
    /// One more claims an address.
    Claim(Claim),
    /// All who claim this address and no other are gone.
    Leave(Ipv4Addr),
    /// A frame is sent so often.
    Send(Vec<u8>, u32),
    /// From now on there are other frames, or none.
    Flood(Option<Flood>),
}

impl World {
    /// Nobody but the scanner.
    #[must_use]
    pub fn new() -> Self {
        Self {
            scanner: vec![format!("{}/24", super::SCANNER)],
            kernel: Vec::new(),
            peer: Vec::new(),
            has_ipv6: false,
            claims: Vec::new(),
            flood: None,
            is_kernels_only: false,
        }
    }

    /// The scanner's address instead, with its prefix: `198.19.255.254/15`. An empty text is none.
    #[must_use]
    pub fn scanner(self, address: &str) -> Self {
        let addresses = address.split_whitespace().map(str::to_owned).collect();
        Self { scanner: addresses, ..self }
    }

    /// A kernel answers for every address of this network, from 00:00:5e:00:53:02.
    #[must_use]
    pub fn dense(self, network: &str) -> Self {
        self.sparse(network, 1)
    }

    /// A kernel answers for the first of every `step` addresses of this network.
    #[must_use]
    pub fn sparse(mut self, network: &str, step: u32) -> Self {
        self.kernel.push(Span { step, ..Span::of(network) });
        self
    }

    /// The other kernel has this address with its prefix on its `eth0`.
    #[must_use]
    pub fn peer(mut self, address: &str) -> Self {
        self.has_ipv6 |= address.contains(':');
        self.peer.push(address.to_owned());
        self
    }

    /// Both kernels have link-local addresses, and the scanner has `2001:db8::1/64`.
    #[must_use]
    pub fn ipv6(self) -> Self {
        Self { has_ipv6: true, ..self }
    }

    /// No program plays anybody, nor hears anything: for figures of speed.
    #[must_use]
    pub fn kernels_only(self) -> Self {
        Self { is_kernels_only: true, ..self }
    }

    /// One more who answers.
    #[must_use]
    pub fn claim(mut self, claim: Claim) -> Self {
        self.claims.push(claim);
        self
    }

    /// Other frames, so many a second, of 60 octets.
    #[must_use]
    pub fn flood(self, per_second: u32) -> Self {
        Self { flood: Some(Flood { per_second, length: 60 }), ..self }
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl Span {
    /// The addresses of a text: one, or a network with its prefix.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let (address, bits) = text.split_once('/').unwrap_or((text, "32"));
        let address: Ipv4Addr = address.parse().expect("an IPv4 address");
        let bits: u32 = bits.parse().expect("a prefix length");
        let hosts = u32::MAX.checked_shr(bits).unwrap_or(0);
        let first = address.to_bits() & !hosts;
        Self { first: first.into(), last: (first | hosts).into(), step: 1 }
    }

    /// Whether an address belongs to it.
    #[must_use]
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        let offset = address.to_bits().checked_sub(self.first.to_bits());
        address <= self.last && offset.is_some_and(|offset| offset.is_multiple_of(self.step))
    }

    /// All that belong to it.
    pub fn addresses(self) -> impl Iterator<Item = Ipv4Addr> {
        let step = usize::try_from(self.step).expect("a small number");
        (self.first.to_bits()..=self.last.to_bits()).step_by(step).map(Ipv4Addr::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn span_of_a_network_has_its_ends() {
        let span = Span::of("198.18.7.9/16");
        assert_eq!(span.first, Ipv4Addr::new(198, 18, 0, 0));
        assert_eq!(span.last, Ipv4Addr::new(198, 18, 255, 255));
        assert_eq!(span.addresses().count(), 65536);
        assert_eq!(Span::of("0.0.0.0/0").last, Ipv4Addr::BROADCAST);
        assert_eq!(Span::of("192.0.2.9").addresses().count(), 1);
    }

    #[test]
    fn sparse_span_has_the_first_of_each() {
        let span = Span { step: 64, ..Span::of("198.19.0.0/16") };
        assert_eq!(span.addresses().count(), 1024);
        assert!(span.contains(Ipv4Addr::new(198, 19, 0, 64)));
        assert!(!span.contains(Ipv4Addr::new(198, 19, 0, 63)));
        assert!(!span.contains(Ipv4Addr::new(198, 17, 255, 192)));
    }
}
