//! What happens to a frame, and to which: `icmp:3=drop,tcp:1=hold2`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Class;

/// Something that a link does to a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Loses it.
    Drop,
    /// Sends it twice.
    Duplicate,
    /// Sends it later than its turn, and lets others overtake it.
    Delay(Duration),
    /// Holds it until so many others have overtaken it, but for a second at most.
    Hold(u32),
    /// Inverts one bit behind the IP header and leaves the checksum wrong.
    Corrupt,
    /// Inverts one bit of what TCP, UDP or ICMP carries, and mends the checksum.
    Alter,
    /// Cuts the IP packet to so many octets, and mends its lengths and checksums.
    Truncate(usize),
}

/// An action on one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The frame's class.
    pub class: Class,
    /// Its number in its class and direction, from 1.
    pub index: u64,
    /// What happens to it.
    pub action: Action,
}

/// The events that a text is about. Panics at what is none, for a test must not run without it.
pub(crate) fn parse(text: &str) -> Vec<Event> {
    let event = |text| event(text).unwrap_or_else(|| panic!("{text:?}: not CLASS:INDEX=ACTION"));
    text.split(',').map(event).collect()
}

fn event(text: &str) -> Option<Event> {
    let (frame, action) = text.split_once('=')?;
    let (class, index) = frame.split_once(':')?;
    let index = index.parse().ok().filter(|index| *index > 0)?;
    let class = serde_json::from_value(class.into()).ok()?;
    Some(Event { class, index, action: parse_action(action)? })
}

fn parse_action(text: &str) -> Option<Action> {
    let (name, number) =
        text.split_at(text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len()));
    Some(match (name, number) {
        ("drop", "") => Action::Drop,
        ("dup", "") => Action::Duplicate,
        ("corrupt", "") => Action::Corrupt,
        ("alter", "") => Action::Alter,
        ("delay", time) => Action::Delay(crate::ms(time.strip_suffix("ms")?.parse().ok()?)),
        ("hold", others) => Action::Hold(others.parse().ok()?),
        ("trunc", octets) => Action::Truncate(octets.parse().ok()?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ms;

    #[test]
    fn every_action_has_a_word() {
        let text = "icmp:1=drop,icmp6:2=dup,tcp:3=delay50ms,udp:4=hold2,arp:5=corrupt,nd:6=alter,\
                    other:7=trunc40";
        let events = parse(text);
        assert_eq!(events.iter().map(|event| event.class).collect::<Vec<_>>(), Class::ALL);
        assert_eq!(
            events.iter().map(|event| event.index).collect::<Vec<_>>(),
            [1, 2, 3, 4, 5, 6, 7]
        );
        assert_eq!(events[2].action, Action::Delay(ms(50)));
        assert_eq!(events[3].action, Action::Hold(2));
        assert_eq!(events[6].action, Action::Truncate(40));
    }

    #[test]
    fn a_slip_of_the_pen_is_not_taken_for_an_event() {
        for text in
            ["", "icmp", "icmp:1", "icmp:0=drop", "icnp:1=drop", "icmp:1=drop2", "tcp:1=delay5"]
        {
            assert_eq!(event(text), None, "{text}");
        }
    }
}
