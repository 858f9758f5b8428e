//! What one hop of a [`crate::Path`] does: forwards, answers, and what its errors say.
//!
//! Nothing here is carried out: see `src/router` for that.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Labels;

/// One hop of a path. Probes and answers of both families are counted together, from 1.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Hop {
    /// It forwards and says nothing.
    pub silent: bool,
    /// Instead of forwarding or answering it says this, in IPv4.
    pub refusal_v4: Option<Refusal>,
    /// Instead of forwarding or answering it says this, in IPv6.
    pub refusal_v6: Option<Refusal>,
    /// What is too long to be forwarded.
    pub mtu: Option<Mtu>,
    /// How often it sends errors.
    pub limit: Option<Limit>,
    /// Which of the probes that reach it are lost.
    pub lost: Vec<u64>,
    /// Which of its answers are sent twice.
    pub twice: Vec<u64>,
    /// Which of its answers come so much later.
    pub late: Vec<(u64, Duration)>,
    /// Where its IPv4 answers come from.
    pub from_v4: Option<Ipv4Addr>,
    /// Where its IPv6 answers come from.
    pub from_v6: Option<Ipv6Addr>,
    /// Every even answer comes from a second address: .2 in the place of .1.
    pub alternates: bool,
    /// The TTL or hop limit that its answers start with, instead of 64.
    pub initial_ttl: Option<u8>,
    /// How many routers its answers come back through, if not those before it.
    pub back: Option<u8>,
    /// How its errors quote the probe.
    pub quote: Quote,
}

/// How an error quotes a probe: without orders, all of it that fits into 576 octets of IPv4 (RFC
/// 1812 §4.3.2.3) or 1280 of IPv6 (RFC 4443 §2.4), as it came to the hop.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Quote {
    /// So many octets of the probe's datagram at most.
    pub octets: Option<usize>,
    /// A translation that was not undone.
    pub nat: Option<Nat>,
    /// The TTL or hop limit.
    pub ttl: Option<u8>,
    /// The type of service or traffic class.
    pub tos: Option<u8>,
    /// An extension after the quote.
    pub labels: Option<Labels>,
}

/// What a translator of addresses made of a probe's source. Checksums are right for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nat {
    /// The source, in IPv4.
    pub v4: Option<Ipv4Addr>,
    /// The source, in IPv6.
    pub v6: Option<Ipv6Addr>,
    /// The source port, or the identifier of an echo request.
    pub port: Option<u16>,
    /// The IPv4 header's identification.
    pub ip_id: Option<u16>,
}

/// An ICMP error that refuses a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The message's type.
    pub kind: u8,
    /// Its code.
    pub code: u8,
    /// The 32 bits after the checksum: an MTU, a pointer.
    pub word: u32,
}

/// The longest datagram that a hop forwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mtu {
    /// In octets, header included.
    pub octets: u16,
    /// Whether it says so, or loses what is longer in silence. IPv4 without DF passes anyhow.
    pub tells: bool,
}

/// A bucket of tokens for ICMP errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// How many it holds.
    pub burst: u32,
    /// After how long it gets another.
    pub every: Duration,
}

impl Hop {
    /// Forwards and says nothing.
    #[must_use]
    pub fn silent(self) -> Self {
        Self { silent: true, ..self }
    }

    /// Answers every IPv4 probe that reaches it with destination unreachable of this code. See
    /// [`Hop::unreachable_v6`] for the other family, which is forwarded as before.
    #[must_use]
    pub fn unreachable(self, code: u8) -> Self {
        Self { refusal_v4: Some(Refusal { kind: 3, code, word: 0 }), ..self }
    }

    /// Answers every IPv4 probe with 3/4, fragmentation needed and DF set, whatever its length.
    #[must_use]
    pub fn fragmentation_needed(self, mtu: u16) -> Self {
        Self { refusal_v4: Some(Refusal { kind: 3, code: 4, word: mtu.into() }), ..self }
    }

    /// Answers every IPv6 probe that reaches it with destination unreachable of this code.
    #[must_use]
    pub fn unreachable_v6(self, code: u8) -> Self {
        Self { refusal_v6: Some(Refusal { kind: 1, code, word: 0 }), ..self }
    }

    /// Answers every IPv6 probe with packet too big, whatever its length.
    #[must_use]
    pub fn too_big(self, mtu: u32) -> Self {
        Self { refusal_v6: Some(Refusal { kind: 2, code: 0, word: mtu }), ..self }
    }

    /// Forwards no longer datagrams, and says so, unless fragments are allowed.
    #[must_use]
    pub fn mtu(self, octets: u16) -> Self {
        Self { mtu: Some(Mtu { octets, tells: true }), ..self }
    }

    /// Loses longer datagrams in silence, unless fragments are allowed.
    #[must_use]
    pub fn black_hole(self, octets: u16) -> Self {
        Self { mtu: Some(Mtu { octets, tells: false }), ..self }
    }

    /// Sends `burst` errors at once and then one in each `every`.
    #[must_use]
    pub fn limit(self, burst: u32, every: Duration) -> Self {
        Self { limit: Some(Limit { burst, every }), ..self }
    }

    /// Loses these of the probes that reach it, also of those for hops beyond.
    #[must_use]
    pub fn lose(mut self, numbers: impl IntoIterator<Item = u64>) -> Self {
        self.lost.extend(numbers);
        self
    }

    /// Sends these of its answers twice.
    #[must_use]
    pub fn twice(mut self, numbers: impl IntoIterator<Item = u64>) -> Self {
        self.twice.extend(numbers);
        self
    }

    /// Sends one of its answers so much later.
    #[must_use]
    pub fn late(mut self, number: u64, by: Duration) -> Self {
        self.late.push((number, by));
        self
    }

    /// Answers from this address, in its family.
    #[must_use]
    pub fn from(self, address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self { from_v4: Some(address), ..self },
            IpAddr::V6(address) => Self { from_v6: Some(address), ..self },
        }
    }

    /// Answers in turn from its address and from the one after it.
    #[must_use]
    pub fn alternates(self) -> Self {
        Self { alternates: true, ..self }
    }

    /// Its answers start with this TTL or hop limit.
    #[must_use]
    pub fn initial_ttl(self, ttl: u8) -> Self {
        Self { initial_ttl: Some(ttl), ..self }
    }

    /// Its answers come back through so many routers, each of which takes one from their TTL.
    #[must_use]
    pub fn back(self, routers: u8) -> Self {
        Self { back: Some(routers), ..self }
    }

    /// Its errors quote so many octets of the probe's datagram at most.
    #[must_use]
    pub fn quote(self, octets: usize) -> Self {
        self.quoting(|quote| quote.octets = Some(octets))
    }

    /// Its errors quote the probe as a translator had made it.
    #[must_use]
    pub fn nat(self, nat: Nat) -> Self {
        self.quoting(|quote| quote.nat = Some(nat))
    }

    /// Its errors quote this TTL or hop limit.
    #[must_use]
    pub fn quoted_ttl(self, ttl: u8) -> Self {
        self.quoting(|quote| quote.ttl = Some(ttl))
    }

    /// Its errors quote this type of service or traffic class.
    #[must_use]
    pub fn quoted_tos(self, tos: u8) -> Self {
        self.quoting(|quote| quote.tos = Some(tos))
    }

    /// Its errors carry an extension.
    #[must_use]
    pub fn labels(self, labels: Labels) -> Self {
        self.quoting(|quote| quote.labels = Some(labels))
    }

    fn quoting(mut self, set: impl FnOnce(&mut Quote)) -> Self {
        set(&mut self.quote);
        self
    }
}

impl Nat {
    /// A translation to this source.
    #[must_use]
    pub fn to(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self { v4: Some(address), ..Self::default() },
            IpAddr::V6(address) => Self { v6: Some(address), ..Self::default() },
        }
    }

    /// And to this source port, or identifier of an echo request.
    #[must_use]
    pub fn port(self, port: u16) -> Self {
        Self { port: Some(port), ..self }
    }

    /// And to this identification in the IPv4 header.
    #[must_use]
    pub fn ip_id(self, ip_id: u16) -> Self {
        Self { ip_id: Some(ip_id), ..self }
    }
}
