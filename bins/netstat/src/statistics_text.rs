//! Counters as net-tools' netstat tells them.

use std::fmt::Write as _;

use wireline_cli::escape;
use wireline_host::counters::{Counter, Table};

use crate::sentences::{Entry, Kind, of};

/// Where the telling stands: in which histogram, if in any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Plain,
    Input,
    Output,
}

/// Tells tables one after another. A table without sentences goes on where the last one ended that has
/// some, told or not.
#[derive(Debug, Default)]
pub(crate) struct Sentences {
    place: Place,
}

impl Sentences {
    /// The lines of one table, its name first.
    pub(crate) fn of(&mut self, table: &Table) -> String {
        self.pass(table);
        let entries = of(&table.name);
        let mut text = format!("{}:\n", escape(&table.name));
        for counter in &table.counters {
            let entry = entries.unwrap_or_default().iter().find(|entry| entry.0 == counter.name);
            self.counter(counter, entry, &mut text);
        }
        text
    }

    /// A table comes by.
    pub(crate) fn pass(&mut self, table: &Table) {
        if of(&table.name).is_some() {
            self.place = Place::Plain;
        }
    }

    fn counter(&mut self, counter: &Counter, entry: Option<&Entry>, text: &mut String) {
        let Counter { name, value } = counter;
        // Writing to a String cannot fail.
        let _ = match entry {
            None if *value == 0 => Ok(()),
            None => writeln!(text, "{}{}: {value}", self.indent(), escape(name)),
            Some(Entry(_, Kind::Skip, _)) => Ok(()),
            Some(Entry(_, Kind::Input, label)) => {
                self.enter(Place::Input, text);
                self.bar(label, *value, text)
            }
            Some(Entry(_, Kind::Output, label)) => {
                self.enter(Place::Output, text);
                self.bar(label, *value, text)
            }
            Some(Entry(_, kind, sentence)) => {
                self.place = Place::Plain;
                if *value == 0 && *kind == Kind::Counted {
                    return;
                }
                writeln!(text, "    {}", sentence.replace("{}", &value.to_string()))
            }
        };
    }

    fn enter(&mut self, place: Place, text: &mut String) {
        if self.place != place {
            let way = if place == Place::Input { "input" } else { "output" };
            let _ = writeln!(text, "{}ICMP {way} histogram:", self.indent());
            self.place = place;
        }
    }

    fn bar(&self, label: &str, value: u64, text: &mut String) -> std::fmt::Result {
        if value == 0 { Ok(()) } else { writeln!(text, "{}{label}: {value}", self.indent()) }
    }

    const fn indent(&self) -> &'static str {
        match self.place {
            Place::Plain => "    ",
            Place::Input | Place::Output => "        ",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wireline_host::counters::parse_pairs;

    fn told(text: &str) -> String {
        let mut sentences = Sentences::default();
        parse_pairs(text).tables.iter().map(|table| sentences.of(table)).collect()
    }

    #[test]
    fn a_histogram_begins_with_its_first_bar_and_ends_with_the_next_sentence() {
        let text = "Icmp: InTimeExcds InMsgs Foo InEchos OutEchos OutMsgs Foo InEchos\n\
                    Icmp: 1 2 3 4 5 6 7 8\nIcmpMsg: Foo\nIcmpMsg: 3\nTcp: Foo\nTcp: 3\n";
        let meant = "Icmp:\n    ICMP input histogram:\n        timeout in transit: 1\n\
                     \x20   2 ICMP messages received\n    Foo: 3\n    ICMP input histogram:\n\
                     \x20       echo requests: 4\n        ICMP output histogram:\n\
                     \x20       echo requests: 5\n    6 ICMP messages sent\n    Foo: 7\n\
                     \x20   ICMP input histogram:\n        echo requests: 8\n\
                     IcmpMsg:\n        Foo: 3\nTcp:\n    Foo: 3\n";
        assert_eq!(told(text), meant);
    }

    #[test]
    fn nought_is_told_only_where_the_original_does() {
        let text = "Ip: Forwarding DefaultTTL InReceives ReasmFails\nIp: 0 64 0 0\n\
                    Icmp: InErrors InEchos OutEchos\nIcmp: 0 0 0\nTcpExt: TCPHPHits TW\nTcpExt: 0 0\n";
        let meant = "Ip:\n    0 total packets received\n\
                     Icmp:\n    0 input ICMP message failed\n    ICMP input histogram:\n\
                     \x20       ICMP output histogram:\nTcpExt:\n    0 packet headers predicted\n";
        assert_eq!(told(text), meant);
    }

    #[test]
    fn a_number_stands_where_the_sentence_wants_it() {
        let text = "TcpExt: DelayedACKLost TCPSACKReorder\nTcpExt: 1 18446744073709551615\n";
        let meant = "TcpExt:\n    Quick ack mode was activated 1 times\n\
                     \x20   Detected reordering 18446744073709551615 times using SACK\n";
        assert_eq!(told(text), meant);
    }

    #[test]
    fn names_that_move_a_cursor_are_spelled_out() {
        assert_eq!(told("I\u{1b}: A\u{1b}\nx: 1\n"), "I\\027:\n    A\\027: 1\n");
    }
}
