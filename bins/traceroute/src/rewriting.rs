//! Rewritten headers in words.

use std::fmt::Write as _;

use wireline_engine::trace::{Change, Rewritten};

/// `rewritten from hop 3 on: source 192.0.2.1 to 198.51.100.7, port 40000 to 1024 (NAT)`: each field where
/// it was seen first.
pub(crate) fn line(hops: &[Rewritten]) -> Option<String> {
    let mut line = String::new();
    for hop in hops {
        let new: Vec<Change> =
            hop.changes.iter().filter(|it| it.first).map(|it| it.change).collect();
        if new.is_empty() {
            continue;
        }
        let head = if line.is_empty() { "rewritten from" } else { "; from" };
        let _ = write!(line, "{head} hop {} on: {}", hop.hop, all(&new));
    }
    (!line.is_empty()).then_some(line)
}

/// What was changed, and what that tells of.
pub(crate) fn all(changes: &[Change]) -> String {
    let words: Vec<_> = changes.iter().map(one).collect();
    let is_checksum = |change: &Change| matches!(change, Change::Checksum { .. });
    let nat = if changes.iter().any(is_translation) {
        " (NAT)"
    } else if changes.iter().any(is_checksum) {
        // One that put the addresses back into the quote, and not the checksum.
        " (NAT?)"
    } else {
        ""
    };
    words.join(", ") + nat
}

/// What a translator of addresses changes.
const fn is_translation(change: &Change) -> bool {
    !matches!(
        change,
        Change::HopLimit { .. } | Change::TrafficClass { .. } | Change::Checksum { .. }
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
    }
}

#[cfg(test)]
mod tests {
    use wireline_engine::trace::Noticed;

    use super::*;

    fn rewritten(hop: u8, changes: &[(Change, bool)]) -> Rewritten {
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
            rewritten(3, &[(source, true), (PORT, true)]),
            rewritten(4, &[(source, false), (PORT, false), (CLASS, true)]),
            rewritten(5, &[(source, false), (PORT, false), (CLASS, false)]),
        ];
        let expected = "rewritten from hop 3 on: source 192.0.2.1 to 198.51.100.7, port 40000 to 1024 (NAT); \
                        from hop 4 on: traffic class 0xb8 to 0x00";
        assert_eq!(line(&hops).as_deref(), Some(expected));
        assert_eq!(line(&[]), None);
    }

    #[test]
    fn what_a_translator_need_not_be_the_cause_of_is_not_called_nat() {
        let limit = Change::HopLimit { from: 1, to: 255 };
        let checksum = Change::Checksum { from: 0xab, to: 0xffff };
        assert_eq!(
            all(&[limit, checksum]),
            "hop limit 1 to 255 (hidden hops?), checksum 0x00ab to 0xffff (NAT?)"
        );
        assert_eq!(all(&[limit]), "hop limit 1 to 255 (hidden hops?)");
    }
}
