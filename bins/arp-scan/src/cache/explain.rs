//! What a state means, for those who learn it (RFC 4861 §7.3.2; Linux uses the same states for ARP).

use std::time::Duration;

use wireline_host::neighbours::State;

use super::row::Row;

/// One entry in a sentence.
pub(crate) fn sentence(row: &Row) -> String {
    let who = row.address;
    let asked = if who.is_ipv4() { "an ARP request" } else { "a neighbour solicitation" };
    let at = row.hwaddress.as_deref().unwrap_or_default();
    let ago = |age: Option<Duration>| age.map_or_else(|| "some time".to_owned(), duration);
    if row.proxy {
        return format!(
            "Proxy: this machine answers {asked} for {who} with its own hardware address, and passes on \
             what comes for it."
        );
    }
    match row.state {
        State::Reachable => format!(
            "Reachable: {who} has shown that it receives what is sent to {at}, {} ago. Packets go there \
             without a question.",
            ago(row.confirmed)
        ),
        State::Stale => format!(
            "Stale: {at} is what {who} had, last confirmed {} ago. The next packet still goes there, and \
             after it somebody checks.",
            ago(row.confirmed)
        ),
        State::Delay => format!(
            "Delay: a packet went to {at} on trust. If nothing shows within 5 s that {who} received it, \
             it is asked."
        ),
        State::Probe => format!(
            "Probe: {who} is asked at {at}, itself and not everybody ({} so far). Without an answer the \
             entry fails.",
            requests(row.probes)
        ),
        State::Incomplete => format!(
            "Incomplete: everybody on the link was asked by {asked} who has {who}, and nobody has answered \
             yet ({}). Packets wait.",
            requests(row.probes)
        ),
        State::Failed => format!(
            "Failed: nobody answered for {who}, last tried {} ago. Senders are told that the host is \
             unreachable; the next packet asks again.",
            ago(row.updated)
        ),
        State::Permanent => format!(
            "Permanent: somebody set {at} for {who}. It is never asked, never changes, and stays until it \
             is deleted."
        ),
        State::NoArp => format!("No ARP: nobody needs to be asked for {who}."),
        State::None => format!("None: nothing is known of {who}."),
        State::Other(bits) => format!("State {bits:#x}: not one that this program knows."),
    }
}

fn requests(count: u32) -> String {
    if count == 1 { "1 request".to_owned() } else { format!("{count} requests") }
}

/// Roughly, as people say it.
fn duration(age: Duration) -> String {
    match age.as_secs_f64() {
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.0} h", s / 3600.0),
        s => format!("{:.0} days", s / 86_400.0),
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use wireline_host::neighbours::{Ages, LinkAddress, Neighbour};
    use wireline_packet::Mac;

    use super::*;

    fn explained(state: State) -> String {
        let entry = Neighbour {
            address: IpAddr::from([192, 0, 2, 1]),
            index: 1,
            state,
            flags: 0,
            hardware: Some(LinkAddress::from(Mac([2, 0, 0, 0, 0, 1]))),
            ages: Some(Ages::default()),
            probes: 1,
            protocol: None,
        };
        sentence(&Row::new(&entry, None))
    }

    #[test]
    fn every_state_has_a_sentence_of_its_own() {
        let all: Vec<_> = (0..9).map(|bit| explained(State::from_bits(1 << bit >> 1))).collect();
        for (n, text) in all.iter().enumerate() {
            assert!(text.contains("192.0.2.1") && text.ends_with('.'), "{text}");
            assert!(!all[..n].contains(text), "{text}");
        }
        assert!(explained(State::Probe).contains("(1 request so far)"));
        assert!(explained(State::Other(0x300)).contains("0x300"));
    }

    #[test]
    fn ages_are_told_roughly() {
        for (seconds, told) in [
            (0.4, "0 s"),
            (119.0, "119 s"),
            (600.0, "10 min"),
            (86_400.0, "24 h"),
            (1e6, "12 days"),
        ] {
            assert_eq!(duration(Duration::from_secs_f64(seconds)), told);
        }
    }
}
