//! `--explain`: what the states of TCP mean, for those who learn them, below the listing that has them.
//!
//! Names are those of the listing; those of RFC 9293 stand beside them.

mod diagram;
mod words;

use std::fmt::Write as _;

use anyhow::Result;
use wireline_host::sockets::{InetSocket, Protocol, State};

use crate::event::{Event, StateExplained};
use crate::output::Output;
use crate::sockets::state_name;
use words::{Words, words};

/// In the order of a connection's life, the one that opens it first.
const STATES: [State; 11] = [
    State::Listen,
    State::SynSent,
    State::SynReceived,
    State::Established,
    State::FinWait1,
    State::FinWait2,
    State::CloseWait,
    State::Closing,
    State::LastAck,
    State::TimeWait,
    State::Close,
];

/// How many sockets of TCP were listed in each state.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts([u64; STATES.len()]);

impl Counts {
    pub(crate) fn add(&mut self, row: &InetSocket) {
        if row.protocol == Protocol::Tcp {
            self.add_state(row.state);
        }
    }

    fn add_state(&mut self, state: State) {
        let state = if state == State::NewSynReceived { State::SynReceived } else { state };
        if let Some(place) = STATES.iter().position(|known| *known == state) {
            self.0[place] += 1;
        }
    }

    /// Those that were listed; all where none was.
    fn told(&self) -> impl Iterator<Item = (State, u64)> {
        let none = self.0.iter().all(|count| *count == 0);
        let all = STATES.into_iter().zip(self.0);
        all.filter(move |(_, count)| none || *count > 0)
    }
}

/// Says it, below a listing.
pub(crate) fn show(counts: &Counts, output: &mut Output) -> Result<()> {
    if output.is_json() {
        return counts
            .told()
            .try_for_each(|(state, sockets)| output.row(&Event::State(explained(state, sockets))));
    }
    let mut text = diagram::drawn(|name| {
        let place = STATES.iter().position(|state| state_name(*state) == name);
        place.map_or(0, |place| counts.0[place])
    });
    counts.told().for_each(|(state, count)| push(&mut text, state, count));
    output.bytes(text.as_bytes())
}

fn explained(state: State, sockets: u64) -> StateExplained {
    let Words { rfc, meaning, next, ends, trouble } = words(state);
    let state = state_name(state).to_ascii_lowercase();
    StateExplained { state, rfc, sockets, meaning, next, ends, trouble }
}

fn push(text: &mut String, state: State, count: u64) {
    let Words { rfc, meaning, next, ends, trouble } = words(state);
    let _ = write!(
        text,
        "\n{} (RFC 9293: {rfc}): {count}\n  \
         means    {meaning}\n  \
         next     {next}\n  \
         ends     {ends}\n  \
         trouble  {trouble}\n",
        state_name(state)
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_that_were_listed_are_explained_and_all_where_none_was() {
        let mut counts = Counts::default();
        assert_eq!(counts.told().count(), 11);
        let states = [State::Established, State::NewSynReceived, State::Established];
        for state in states.into_iter().chain([State::Other(99)]) {
            counts.add_state(state);
        }
        let told: Vec<_> = counts.told().collect();
        assert_eq!(told, [(State::SynReceived, 1), (State::Established, 2)]);
    }

    #[test]
    fn every_state_has_a_line_for_each_question() {
        for state in STATES {
            let mut text = String::new();
            push(&mut text, state, 3);
            let lines: Vec<_> = text.lines().skip(1).collect();
            assert_eq!(lines.len(), 5, "{text}");
            assert!(lines.iter().all(|line| line.len() <= 110), "{text}");
            assert!(
                lines[0].starts_with(state_name(state)) && lines[0].ends_with("): 3"),
                "{text}"
            );
        }
    }

    #[test]
    fn what_becomes_json_has_no_empty_word() {
        let told = explained(State::TimeWait, 4);
        assert_eq!((told.state.as_str(), told.rfc, told.sockets), ("time_wait", "TIME-WAIT", 4));
        assert!([told.meaning, told.next, told.ends, told.trouble].iter().all(|it| !it.is_empty()));
    }
}
