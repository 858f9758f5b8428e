//! Frames that have nothing to do with anything, so many a second.

use std::time::Duration;

use wireline_lab::segment::Flood;

const SECOND: u64 = 1_000_000_000;
/// How long it sleeps between two bursts, since no sleep is shorter than its own cost.
const TURN: Duration = Duration::from_micros(500);

#[derive(Debug)]
pub(crate) struct Flooding {
    pub(crate) frame: Vec<u8>,
    /// Frames so far.
    pub(crate) sent: u64,
    per_second: u32,
    since_ns: u64,
}

impl Flooding {
    pub(crate) fn start(flood: Flood, scanner: [u8; 6], now_ns: u64) -> Self {
        let frame = datagram(flood.length, scanner);
        Self { frame, sent: 0, per_second: flood.per_second, since_ns: now_ns }
    }

    /// How many frames should have left and have not.
    pub(crate) const fn due(&self, now_ns: u64) -> u64 {
        let since = now_ns.saturating_sub(self.since_ns);
        let (seconds, rest) = (since / SECOND, since % SECOND);
        let rate = self.per_second as u64;
        (seconds * rate + rest * rate / SECOND).saturating_sub(self.sent)
    }

    /// How long it has time.
    pub(crate) const fn wait(&self, now_ns: u64) -> Duration {
        if self.due(now_ns) > 0 { Duration::ZERO } else { TURN }
    }
}

/// UDP from 203.0.113.1 to the port "discard" of 203.0.113.2, without checksums of either kind that anybody
/// would look at: the kernel drops it for its address.
fn datagram(length: usize, scanner: [u8; 6]) -> Vec<u8> {
    const HEADERS: usize = 14 + 20 + 8;
    let length = length.max(HEADERS);
    let octets = |count: usize| u16::try_from(count).unwrap_or(u16::MAX).to_be_bytes();
    let mut frame = scanner.to_vec();
    frame.extend([0, 0, 0x5e, 0, 0x53, 0xfd, 8, 0, 0x45, 0]);
    frame.extend(octets(length - 14));
    frame.extend([0, 0, 0, 0, 64, 17, 0, 0, 203, 0, 113, 1, 203, 0, 113, 2, 0, 9, 0, 9]);
    frame.extend(octets(length - 34));
    frame.extend([0, 0]);
    frame.resize(length, 0x5a);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_is_kept_over_any_time() {
        let flood = Flood { per_second: 70_000, length: 60 };
        let mut flooding = Flooding::start(flood, [2; 6], SECOND);
        assert_eq!(flooding.due(SECOND + SECOND / 1000), 70);
        flooding.sent = 70;
        assert_eq!(flooding.due(11 * SECOND), 699_930);
        assert_eq!(flooding.frame.len(), 60);
    }
}
