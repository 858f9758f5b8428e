use std::fmt::{self, Display, Formatter};

use wireline_packet::tcp::options::{Item, items};

use super::SynAck;

/// What a SYN-ACK looks like, whoever sent it: version, hop limit as it was sent, window, options in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// 4 or 6.
    pub version: u8,
    /// As it was sent, if it was one of the usual: 32, 64, 128, 255.
    pub initial_hop_limit: Option<u8>,
    /// How many it went through then.
    pub hops: Option<u8>,
    /// Not shifted.
    pub window: u16,
    /// Names joined by commas.
    pub options: String,
    /// By how many bits the window is shifted.
    pub window_scale: Option<u8>,
}

impl Fingerprint {
    /// Of one SYN-ACK.
    #[must_use]
    pub fn of(syn_ack: &SynAck, is_ipv6: bool) -> Self {
        let initial = syn_ack.hop_limit.map(initial);
        let hops = initial.zip(syn_ack.hop_limit).map(|(initial, now)| initial - now);
        let names: Vec<_> = items(&syn_ack.options).map(name).collect();
        let scale = items(&syn_ack.options).find_map(|item| match item {
            Item::WindowScale(scale) => Some(scale),
            _ => None,
        });
        Self {
            version: if is_ipv6 { 6 } else { 4 },
            initial_hop_limit: initial,
            hops,
            window: syn_ack.window,
            options: names.join(","),
            window_scale: scale,
        }
    }
}

/// `4:64:65160:mss,sackOK,ts,nop,ws:10`.
impl Display for Fingerprint {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.version)?;
        match self.initial_hop_limit {
            Some(limit) => write!(f, "{limit}")?,
            None => f.write_str("?")?,
        }
        write!(f, ":{}:{}:", self.window, self.options)?;
        match self.window_scale {
            Some(scale) => write!(f, "{scale}"),
            None => f.write_str("-"),
        }
    }
}

/// The next of the values that systems begin with.
const fn initial(hop_limit: u8) -> u8 {
    match hop_limit {
        0..=32 => 32,
        33..=64 => 64,
        65..=128 => 128,
        129..=255 => 255,
    }
}

fn name(item: Item<'_>) -> String {
    match item {
        Item::End => "eol".to_owned(),
        Item::Nop => "nop".to_owned(),
        Item::MaxSegmentSize(_) => "mss".to_owned(),
        Item::WindowScale(_) => "ws".to_owned(),
        Item::SackPermitted => "sackOK".to_owned(),
        Item::Timestamps(_) => "ts".to_owned(),
        Item::FastOpen { .. } => "tfo".to_owned(),
        Item::Multipath { .. } => "mptcp".to_owned(),
        Item::Md5(_) => "md5".to_owned(),
        Item::Unknown { kind, .. } | Item::Misshapen { kind, .. } => format!("?{kind}"),
        Item::Malformed(_) => "!".to_owned(),
        Item::Padding(_) => "pad".to_owned(),
        _ => "?".to_owned(),
    }
}

/// Which systems answer so, from what their manuals and their packets show. A guess: any host may be made to answer
/// so, and what stands in front answers in its place.
#[must_use]
pub fn guess(print: &Fingerprint) -> Option<&'static str> {
    let rows: [(u8, &str, &str); 9] = [
        (64, "mss,sackOK,ts,nop,ws", "Linux"),
        (64, "mss,nop,nop,ts,nop,ws", "Linux without SACK"),
        (64, "mss,nop,nop,sackOK,nop,ws", "Linux without timestamps"),
        (64, "mss,nop,ws,sackOK,ts", "FreeBSD"),
        (64, "mss,nop,ws,nop,nop,ts,sackOK,eol", "macOS or iOS"),
        (64, "mss,nop,nop,sackOK,nop,ws,nop,nop,ts", "OpenBSD"),
        (128, "mss,nop,ws,sackOK,ts", "Windows"),
        (128, "mss,nop,ws,nop,nop,sackOK", "Windows"),
        (255, "mss,nop,nop,sackOK,nop,ws", "Linux behind, or a network device"),
    ];
    let initial = print.initial_hop_limit?;
    let found =
        rows.iter().find(|(hops, options, _)| *hops == initial && *options == print.options);
    found.map(|(_, _, system)| *system)
}

#[cfg(test)]
mod tests {
    use wireline_packet::tcp::{Flags, Options, Timestamps};

    use super::*;
    use crate::Instant;

    pub(crate) fn linux() -> SynAck {
        let timestamps = Some(Timestamps { value: 7, echo: 1 });
        let options = Options {
            max_segment_size: Some(1460),
            sack_permitted: true,
            timestamps,
            window_scale: Some(10),
        };
        SynAck {
            at: Instant::ZERO,
            rtt: None,
            our_isn: 0,
            isn: 0,
            took: 0,
            flags: Flags::SYN | Flags::ACK,
            accurate: false,
            window: 65160,
            hop_limit: Some(63),
            options: options.emit(),
        }
    }

    #[test]
    fn linux_looks_like_linux() {
        let print = Fingerprint::of(&linux(), false);
        assert_eq!(print.to_string(), "4:64:65160:mss,sackOK,ts,nop,ws:10");
        assert_eq!((guess(&print), print.hops), (Some("Linux"), Some(1)));
    }

    #[test]
    fn lying_options_are_shown_and_guessed_at_by_nobody() {
        let odd = SynAck { options: vec![2, 0, 9], hop_limit: None, ..linux() };
        let print = Fingerprint::of(&odd, true);
        assert_eq!(print.to_string(), "6:?:65160:!:-");
        assert_eq!(guess(&print), None);
    }

    #[test]
    fn every_hop_limit_has_a_beginning_that_is_no_less() {
        for limit in 0..=255 {
            assert!(initial(limit) >= limit);
        }
    }
}
