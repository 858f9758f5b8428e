//! What has become of a TCP header on the way, where more than eight octets of it are quoted: what tracebox looks
//! for.

use wireline_packet::tcp::{Options, Segment};

use super::Change;

/// What differs between the segment that was sent and the one that was quoted. A quote that ends before the options
/// do says nothing of them.
pub(super) fn changes(sent: &[u8], quoted: &[u8]) -> Vec<Change> {
    let (Ok(sent), Ok(quoted)) = (Segment::parse(sent), Segment::parse(quoted)) else {
        return Vec::new();
    };
    let mut changes = Vec::new();
    let (from, to) = (sent.flags.0, quoted.flags.0);
    changes.extend((from != to).then_some(Change::Flags { from, to }));
    let (from, to) = (sent.window, quoted.window);
    changes.extend((from != to).then_some(Change::Window { from, to }));
    changes.extend(of_options(&Options::read(sent.options), &Options::read(quoted.options)));
    changes
}

/// Kinds of options (RFC 9293 §3.1, RFC 7323, RFC 2018).
const MAX_SEGMENT_SIZE: u8 = 2;
const WINDOW_SCALE: u8 = 3;
const SACK_PERMITTED: u8 = 4;
const TIMESTAMPS: u8 = 8;

fn of_options(sent: &Options, quoted: &Options) -> Vec<Change> {
    let there = |options: &Options| {
        [
            (MAX_SEGMENT_SIZE, options.max_segment_size.is_some()),
            (WINDOW_SCALE, options.window_scale.is_some()),
            (SACK_PERMITTED, options.sack_permitted),
            (TIMESTAMPS, options.timestamps.is_some()),
        ]
    };
    let mut changes = Vec::new();
    for ((kind, before), (_, after)) in there(sent).into_iter().zip(there(quoted)) {
        match (before, after) {
            (true, false) => changes.push(Change::OptionGone { kind }),
            (false, true) => changes.push(Change::OptionNew { kind }),
            _ => {}
        }
    }
    if let Some((from, to)) = differing(sent.max_segment_size, quoted.max_segment_size) {
        changes.push(Change::MaxSegmentSize { from, to });
    }
    if let Some((from, to)) = differing(sent.window_scale, quoted.window_scale) {
        changes.push(Change::WindowScale { from, to });
    }
    changes
}

fn differing<T: PartialEq>(one: Option<T>, other: Option<T>) -> Option<(T, T)> {
    one.zip(other).filter(|(one, other)| one != other)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use wireline_packet::tcp::Flags;

    use super::*;

    fn syn(window: u16, options: &Options) -> Vec<u8> {
        let here = IpAddr::from([192, 0, 2, 1]);
        let segment = Segment {
            source_port: 61_000,
            destination_port: 443,
            sequence: 1,
            acknowledgment: 0,
            flags: Flags::SYN,
            window,
            urgent: 0,
            options: &options.emit(),
            payload: &[],
        };
        let mut octets = Vec::new();
        segment.emit(here, here, &mut octets);
        octets
    }

    const SENT: Options = Options {
        max_segment_size: Some(1460),
        sack_permitted: true,
        timestamps: None,
        window_scale: Some(7),
    };

    #[test]
    fn clamped_segment_size_and_lost_options_are_told() {
        let quoted = Options { max_segment_size: Some(1400), sack_permitted: false, ..SENT };
        let told = changes(&syn(5840, &SENT), &syn(5840, &quoted));
        let expected =
            [Change::OptionGone { kind: 4 }, Change::MaxSegmentSize { from: 1460, to: 1400 }];
        assert_eq!(told, expected);
        let window = changes(&syn(5840, &SENT), &syn(1000, &SENT));
        assert_eq!(window, [Change::Window { from: 5840, to: 1000 }]);
    }

    #[test]
    fn quote_cut_short_says_nothing() {
        let (sent, quoted) = (syn(5840, &SENT), syn(1, &Options::default()));
        for end in 0..quoted.len() {
            assert_eq!(changes(&sent, &quoted[..end]), []);
        }
        let whole = syn(5840, &SENT);
        (0..whole.len()).for_each(|end| assert_eq!(changes(&sent, &whole[..end]), []));
    }
}
