//! Changes to a frame: damage, and the lengths and checksums that damage or the kernel left wrong.
//!
//! Nothing here decides: the lane does.

use crate::headers::{ETHERNET, Headers, Ip, Version, word};

/// Completes a checksum that the sender's kernel left to hardware that a veth does not have: the
/// field then holds the sum of the pseudo-header alone. To a frame whose full checksum happens to
/// be that number, this does nothing.
pub(crate) fn complete(frame: &mut [u8]) {
    let Some(ip) = Headers::of(frame).ip else { return };
    let partial = fold(pseudo_header(&ip, frame));
    if ip.checksum.and_then(|at| word(frame, ip.transport.start + at)) == Some(partial) {
        mend(frame);
    }
}

/// Makes the IPv4 header's checksum right, and that of what is above, if it is whole and has one.
pub(crate) fn mend(frame: &mut [u8]) {
    let Some(ip) = Headers::of(frame).ip else { return };
    if ip.version == Version::V4 {
        put(frame, ETHERNET + 10, 0);
        let sum = fold(sum(&frame[ETHERNET..ip.transport.start]));
        put(frame, ETHERNET + 10, !sum);
    }
    let Some(at) = ip.checksum.map(|at| ip.transport.start + at).filter(|_| !ip.first_fragment)
    else {
        return;
    };
    // RFC 768: zero is the lack of a checksum, and is never one.
    let is_udp = ip.protocol == 17;
    if is_udp && word(frame, at) == Some(0) {
        return;
    }
    put(frame, at, 0);
    let sum = !fold(pseudo_header(&ip, frame) + sum(&frame[ip.transport.clone()]));
    put(frame, at, if is_udp && sum == 0 { 0xffff } else { sum });
}

/// Inverts one bit behind the IP header. `place` is 0 to 1, from the first bit to the last.
pub(crate) fn corrupt(frame: &mut [u8], place: f64) {
    if let Some(ip) = Headers::of(frame).ip {
        invert(&mut frame[ip.transport], place);
    }
}

/// Inverts one bit of what TCP, UDP or ICMP carries, and mends the checksum.
pub(crate) fn alter(frame: &mut [u8], place: f64) {
    if let Some(ip) = Headers::of(frame).ip {
        invert(&mut frame[ip.transport][ip.header..], place);
        mend(frame);
    }
}

/// Cuts a longer IP packet to `octets`, and mends lengths and checksums.
pub(crate) fn truncate(frame: &mut Vec<u8>, octets: usize) {
    let Some(ip) = Headers::of(frame).ip else { return };
    let (start, end) = (ip.transport.start, ETHERNET + octets);
    if end < start || end >= ip.transport.end {
        return;
    }
    frame.truncate(end);
    // Every length here is that of a frame, or of a part of one.
    let length = |octets| u16::try_from(octets).unwrap_or(u16::MAX);
    match ip.version {
        Version::V4 => put(frame, ETHERNET + 2, length(octets)),
        Version::V6 => put(frame, ETHERNET + 4, length(octets - 40)),
    }
    if ip.protocol == 17 && end - start >= 8 {
        put(frame, start + 4, length(end - start));
    }
    mend(frame);
}

fn invert(octets: &mut [u8], place: f64) {
    let bits = u32::try_from(octets.len() * 8).unwrap_or(u32::MAX);
    // Below `bits`, since `place` is below 1.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
    let bit = (f64::from(bits) * place) as usize;
    if let Some(octet) = octets.get_mut(bit / 8) {
        *octet ^= 1 << (bit % 8);
    }
}

/// What TCP, UDP and `ICMPv6` sum besides themselves, see RFC 8200 §8.1.
fn pseudo_header(ip: &Ip, frame: &[u8]) -> u32 {
    if (ip.version, ip.protocol) == (Version::V4, 1) {
        return 0;
    }
    let length = u32::try_from(ip.transport.len()).unwrap_or(u32::MAX);
    sum(&frame[ip.addresses.clone()]) + u32::from(ip.protocol) + length
}

/// The sum of RFC 1071, before its carries are folded in.
fn sum(octets: &[u8]) -> u32 {
    let word = |pair: &[u8]| u32::from(pair[0]) << 8 | pair.get(1).copied().map_or(0, u32::from);
    octets.chunks(2).map(word).sum()
}

fn fold(mut sum: u32) -> u16 {
    loop {
        match u16::try_from(sum) {
            Ok(sum) => return sum,
            Err(_) => sum = (sum & 0xffff) + (sum >> 16),
        }
    }
}

fn put(frame: &mut [u8], at: usize, value: u16) {
    frame[at..at + 2].copy_from_slice(&value.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headers::tests::{UDP4, UDP6};

    #[test]
    fn a_checksum_left_to_hardware_is_completed() {
        for whole in [UDP4, UDP6] {
            let ip = Headers::of(whole).ip.unwrap();
            let mut frame = whole.to_vec();
            put(&mut frame, ip.transport.start + 6, fold(pseudo_header(&ip, whole)));
            complete(&mut frame);
            assert_eq!(frame, whole);
        }
    }

    #[test]
    fn a_checksum_that_a_program_made_wrong_stays_wrong() {
        let mut wrong = UDP4.to_vec();
        wrong[40] ^= 0xff;
        let before = wrong.clone();
        complete(&mut wrong);
        assert_eq!(wrong, before);
    }

    #[test]
    fn mending_what_is_right_changes_nothing() {
        for whole in [UDP4, UDP6] {
            let mut frame = whole.to_vec();
            mend(&mut frame);
            assert_eq!(frame, whole);
        }
    }

    #[test]
    fn corruption_is_one_bit_behind_the_ip_header() {
        for place in [0.0, 0.3, 0.999_999] {
            let mut frame = UDP4.to_vec();
            corrupt(&mut frame, place);
            let changed = frame.iter().zip(UDP4).map(|(a, b)| (a ^ b).count_ones());
            let changed: Vec<_> = changed.enumerate().filter(|(_, bits)| *bits > 0).collect();
            assert!(matches!(changed[..], [(34.., 1)]), "{place}: {changed:?}");
        }
    }

    #[test]
    fn an_altered_packet_has_a_right_checksum() {
        let mut frame = UDP6.to_vec();
        alter(&mut frame, 0.5);
        assert_ne!(frame, UDP6);
        let altered = frame.clone();
        mend(&mut frame);
        assert_eq!(frame, altered);
    }

    #[test]
    fn a_cut_packet_is_a_shorter_packet() {
        for (whole, header) in [(UDP4, 20), (UDP6, 40)] {
            let mut frame = whole.to_vec();
            truncate(&mut frame, header + 10);
            let ip = Headers::of(&frame).ip.unwrap();
            assert_eq!(ip.transport, 14 + header..14 + header + 10);
            assert_eq!((frame.len(), word(&frame, 14 + header + 4)), (14 + header + 10, Some(10)));
        }
    }

    #[test]
    fn no_octets_are_too_few_or_too_strange() {
        for length in 0..UDP6.len() {
            for whole in [UDP4, UDP6] {
                let mut frame = whole[..length.min(whole.len())].to_vec();
                complete(&mut frame);
                alter(&mut frame, 0.9);
                corrupt(&mut frame, 0.9);
                truncate(&mut frame, 30);
                mend(&mut frame);
            }
        }
    }
}
