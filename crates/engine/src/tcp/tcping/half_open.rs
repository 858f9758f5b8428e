//! SYNs of our own, and who answers one (RFC 9293 §3.5).

use std::net::SocketAddr;

use wireline_packet::tcp::{self, Flags, Options, Segment};

#[derive(Debug)]
pub(super) struct HalfOpen {
    seed: u64,
    ports: Vec<u16>,
}

/// What a segment, or the quote of one, says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    /// The target's port.
    pub(super) port: u16,
    /// Ours.
    pub(super) to: u16,
    /// What it acknowledges; of a quote, its own number.
    pub(super) acknowledges: u32,
    /// Whether it opens.
    pub(super) is_open: bool,
}

impl HalfOpen {
    pub(super) const fn new(seed: u64, ports: Vec<u16>) -> Self {
        Self { seed, ports }
    }

    /// Writes a SYN, its checksum left zero for whoever knows our address, and says its port and its number.
    pub(super) fn write(&self, id: u32, contents: &mut Vec<u8>, to: SocketAddr) -> (u16, u32) {
        /// Ethernet's, and a window to go with it: what most SYNs have.
        const SEGMENT: [u16; 2] = [1460, 1440];
        const WINDOW: u16 = 64_240;
        let place = usize::try_from(id).unwrap_or(0).checked_rem(self.ports.len()).unwrap_or(0);
        let source_port = self.ports.get(place).copied().unwrap_or(0);
        let sequence = number(self.seed, id);
        let size = SEGMENT[usize::from(to.is_ipv6())];
        let options = Options {
            max_segment_size: Some(size),
            sack_permitted: true,
            timestamps: None,
            window_scale: Some(7),
        };
        let syn = Segment {
            source_port,
            destination_port: to.port(),
            sequence,
            acknowledgment: 0,
            flags: Flags::SYN,
            window: WINDOW,
            urgent: 0,
            options: &options.emit(),
            payload: &[],
        };
        syn.emit(to.ip(), to.ip(), contents);
        if let Some(checksum) = contents.get_mut(16..18) {
            checksum.fill(0);
        }
        (source_port, sequence)
    }
}

/// A number that nobody can guess who does not know the seed, and other for each try (splitmix64).
fn number(seed: u64, id: u32) -> u32 {
    let mut z = seed.wrapping_add(u64::from(id).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    u32::try_from((z ^ (z >> 31)) >> 32).unwrap_or(0)
}

/// An answer to a SYN: SYN and ACK, or RST and ACK. All else is somebody's conversation.
pub(super) fn read(octets: &[u8]) -> Option<Heard> {
    let segment = Segment::parse(octets).ok()?;
    let is_open = segment.flags.contains(Flags::SYN | Flags::ACK);
    let is_closed = segment.flags.contains(Flags::RST | Flags::ACK);
    if is_open == is_closed {
        return None;
    }
    Some(Heard {
        port: segment.source_port,
        to: segment.destination_port,
        acknowledges: segment.acknowledgment,
        is_open,
    })
}

/// The SYN that an ICMP error quotes.
pub(super) fn quoted(octets: &[u8]) -> Option<Heard> {
    let start = tcp::read_start(octets).ok()?;
    let (port, to) = (start.destination_port, start.source_port);
    Some(Heard { port, to, acknowledges: start.sequence, is_open: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_differ_from_try_to_try_and_from_seed_to_seed() {
        let numbers: std::collections::BTreeSet<u32> = (0..1000).map(|id| number(7, id)).collect();
        assert_eq!(numbers.len(), 1000);
        assert_ne!(number(7, 1), number(8, 1));
    }

    #[test]
    fn segment_that_both_opens_and_resets_is_no_answer() {
        let to: SocketAddr = "192.0.2.1:80".parse().unwrap();
        let mut octets = Vec::new();
        HalfOpen::new(1, vec![40_000]).write(1, &mut octets, to);
        assert_eq!(read(&octets), None, "a SYN of ours");
        octets[13] = 0x12;
        assert!(read(&octets).unwrap().is_open);
        octets[13] = 0x16;
        assert_eq!(read(&octets), None);
        (0..octets.len()).for_each(|end| assert_eq!(read(&octets[..end]), None));
    }
}
