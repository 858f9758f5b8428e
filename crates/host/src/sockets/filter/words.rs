//! The names of states.

use super::super::{State, States};

/// In ss's words first; netstat's have `_` for `-`.
const NAMES: &[(&str, State)] = &[
    ("established", State::Established),
    ("estab", State::Established),
    ("syn-sent", State::SynSent),
    ("syn-recv", State::SynReceived),
    ("syn-rcv", State::SynReceived),
    ("fin-wait-1", State::FinWait1),
    ("fin-wait1", State::FinWait1),
    ("fin-wait-2", State::FinWait2),
    ("fin-wait2", State::FinWait2),
    ("time-wait", State::TimeWait),
    ("closed", State::Close),
    ("close", State::Close),
    ("unconnected", State::Close),
    ("unconn", State::Close),
    ("close-wait", State::CloseWait),
    ("last-ack", State::LastAck),
    ("listening", State::Listen),
    ("listen", State::Listen),
    ("closing", State::Closing),
];

/// The states of a name that ss(8) or netstat(8) has for one or for a group of them, in letters of either
/// case.
#[must_use]
pub fn states_named(name: &str) -> Option<States> {
    let name = name.to_ascii_lowercase().replace('_', "-");
    let unconnected = States::of(State::Close) | States::LISTEN;
    let connected = States::ALL.without(unconnected);
    let bucket = States::of(State::SynReceived) | States::of(State::TimeWait);
    match name.as_str() {
        "all" => Some(States::ALL),
        "connected" => Some(connected),
        "synchronized" => Some(connected.without(States::of(State::SynSent))),
        "bucket" => Some(bucket),
        "big" => Some(States::ALL.without(bucket)),
        name => NAMES.iter().find(|(known, _)| *known == name).map(|(_, state)| States::of(*state)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_have_the_names_of_ss_and_of_netstat() {
        for (name, bits) in [
            ("established", 1 << 1),
            ("TIME_WAIT", 1 << 6),
            ("time-wait", 1 << 6),
            ("FIN_WAIT2", 1 << 5),
            ("fin-wait-2", 1 << 5),
            ("Listening", 1 << 10),
            ("LISTEN", 1 << 10),
            ("closed", 1 << 7),
            ("all", 0xfff),
            ("connected", 0xfff & !(1 << 7 | 1 << 10)),
            ("synchronized", 0xfff & !(1 << 7 | 1 << 10 | 1 << 2)),
            ("bucket", 1 << 3 | 1 << 6),
            ("big", 0xfff & !(1 << 3 | 1 << 6)),
        ] {
            assert_eq!(states_named(name).map(States::bits), Some(bits), "{name}");
        }
        assert_eq!(states_named("established "), None);
    }
}
