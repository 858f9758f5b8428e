//! What the tools that trace paths say in the same words.

use std::fmt::{self, Display, Write as _};

use super::{Change, Extension, Outcome, Rewritten, What};

/// What traceroute has always written behind a time: why the probe went no further.
#[must_use]
pub fn mark(outcome: &Outcome) -> Option<String> {
    let Outcome::Unreachable(answer) = outcome else { return None };
    let What::Icmp { icmp_type, icmp_code, mtu, .. } = answer.what else { return None };
    let letter = match (answer.source.is_ipv6(), icmp_type, icmp_code) {
        (false, 3, 4) | (true, 2, _) => return Some(format!("!F-{mtu}")),
        (false, 3, 0 | 6 | 8 | 11) | (true, 1, 0) => "!N",
        (false, 3, 1 | 7 | 12) | (true, 1, 2 | 3) => "!H",
        (false, 3, 2) => "!P",
        (false, 3, 5) => "!S",
        (false, 3, 9 | 10 | 13) | (true, 1, 1) => "!X",
        (false, 3, 14) => "!V",
        (false, 3, 15) => "!C",
        (false, 3, code) | (true, 1, code) => return Some(format!("!<{code}>")),
        (_, other, code) => return Some(format!("!<{other}-{code}>")),
    };
    Some(letter.to_owned())
}

/// `MPLS:L=24001,E=0,S=1,T=1`, or class, type and octets.
impl Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mpls { labels } => {
                let one = |l: &super::Label| {
                    format!("L={},E={},S={},T={}", l.label, l.exp, u8::from(l.bottom), l.ttl)
                };
                write!(f, "MPLS:{}", labels.iter().map(one).collect::<Vec<_>>().join("/"))
            }
            Self::Other { number, c_type, payload } => {
                let word = |word: &[u8]| {
                    word.iter().fold(String::new(), |text, octet| format!("{text}{octet:02x}"))
                };
                let words: Vec<_> = payload.chunks(4).map(word).collect();
                write!(f, "{number}/{c_type}:{}", words.join(","))
            }
        }
    }
}

/// `rewritten from hop 3 on: source 192.0.2.1 to 198.51.100.7, port 40000 to 1024 (NAT)`: each field where
/// it was seen first.
#[must_use]
pub fn rewritten(hops: &[Rewritten]) -> Option<String> {
    let mut line = String::new();
    for hop in hops {
        let new: Vec<Change> =
            hop.changes.iter().filter(|it| it.first).map(|it| it.change).collect();
        if new.is_empty() {
            continue;
        }
        let head = if line.is_empty() { "rewritten from" } else { "; from" };
        let _ = write!(line, "{head} hop {} on: {}", hop.hop, changes(&new));
    }
    (!line.is_empty()).then_some(line)
}

/// What was changed, and what that tells of.
#[must_use]
pub fn changes(all: &[Change]) -> String {
    let words: Vec<_> = all.iter().map(one).collect();
    let is_checksum = |change: &Change| matches!(change, Change::Checksum { .. });
    let nat = if all.iter().any(is_translation) {
        " (NAT)"
    } else if all.iter().any(is_checksum) {
        // One that put the addresses back into the quote, and not the checksum.
        " (NAT?)"
    } else {
        ""
    };
    words.join(", ") + nat
}

/// What a translator of addresses changes.
const fn is_translation(change: &Change) -> bool {
    matches!(
        change,
        Change::Source { .. }
            | Change::SourcePort { .. }
            | Change::Identifier { .. }
            | Change::Destination { .. }
            | Change::DestinationPort { .. }
    )
}

fn one(change: &Change) -> String {
    match change {
        Change::Source { from, to } => format!("source {from} to {to}"),
        Change::SourcePort { from, to } => format!("port {from} to {to}"),
        Change::Identifier { from, to } => format!("identifier {from} to {to}"),
        Change::Destination { from, to } => format!("destination {from} to {to}"),
        Change::DestinationPort { from, to } => format!("destination port {from} to {to}"),
        Change::Checksum { from, to } => format!("checksum {from:#06x} to {to:#06x}"),
        Change::HopLimit { from, to } => format!("hop limit {from} to {to} (hidden hops?)"),
        Change::TrafficClass { from, to } => format!("traffic class {from:#04x} to {to:#04x}"),
        Change::Flags { from, to } => format!("flags {from:#04x} to {to:#04x}"),
        Change::Window { from, to } => format!("window {from} to {to}"),
        Change::MaxSegmentSize { from, to } => format!("MSS {from} to {to}"),
        Change::WindowScale { from, to } => format!("window scale {from} to {to}"),
        Change::OptionGone { kind } => format!("option {kind} gone"),
        Change::OptionNew { kind } => format!("option {kind} new"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Noticed;
    use super::*;

    fn at(hop: u8, changes: &[(Change, bool)]) -> Rewritten {
        let changes =
            changes.iter().map(|(change, first)| Noticed { change: *change, first: *first });
        Rewritten { hop, source: [192, 0, 2, hop].into(), changes: changes.collect() }
    }

    const PORT: Change = Change::SourcePort { from: 40_000, to: 1024 };
    const CLASS: Change = Change::TrafficClass { from: 0xb8, to: 0 };

    #[test]
    fn each_field_is_told_once_with_its_first_hop() {
        let source = Change::Source { from: [192, 0, 2, 1].into(), to: [198, 51, 100, 7].into() };
        let hops = [
            at(3, &[(source, true), (PORT, true)]),
            at(4, &[(source, false), (PORT, false), (CLASS, true)]),
            at(5, &[(source, false), (PORT, false), (CLASS, false)]),
        ];
        let expected = "rewritten from hop 3 on: source 192.0.2.1 to 198.51.100.7, port 40000 to 1024 (NAT); \
                        from hop 4 on: traffic class 0xb8 to 0x00";
        assert_eq!(rewritten(&hops).as_deref(), Some(expected));
        assert_eq!(rewritten(&[]), None);
    }

    #[test]
    fn what_a_translator_need_not_be_the_cause_of_is_not_called_nat() {
        let limit = Change::HopLimit { from: 1, to: 255 };
        let checksum = Change::Checksum { from: 0xab, to: 0xffff };
        assert_eq!(
            changes(&[limit, checksum]),
            "hop limit 1 to 255 (hidden hops?), checksum 0x00ab to 0xffff (NAT?)"
        );
        assert_eq!(changes(&[limit]), "hop limit 1 to 255 (hidden hops?)");
    }
}
