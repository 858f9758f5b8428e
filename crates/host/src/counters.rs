//! The kernel's counters of protocols (RFC 4293 and the like), in the order in which it tells them.
//!
//! Which there are depends on the kernel: a name that nobody has heard of is a counter like any other.

/// One counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// What the kernel calls it.
    pub name: String,
    /// So many.
    pub value: u64,
}

/// The counters of one protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What the kernel calls it: `Tcp`, `TcpExt`, `Ip6`.
    pub name: String,
    /// In the kernel's order.
    pub counters: Vec<Counter>,
}

/// What was read of pairs of lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tables {
    /// As far as they make sense.
    pub tables: Vec<Table>,
    /// Whether something followed that did not.
    pub is_cut: bool,
}

/// Reads `/proc/net/snmp` and `/proc/net/netstat`: names on one line, values on the next.
#[must_use]
pub fn parse_pairs(text: &str) -> Tables {
    let mut lines = text.lines();
    let mut read = Tables::default();
    while let Some(names) = lines.next() {
        if names.is_empty() {
            continue;
        }
        let Some(values) = lines.next() else { break };
        let (Some((table, names)), Some((_, values))) =
            (names.split_once(':'), values.split_once(':'))
        else {
            read.is_cut = true;
            break;
        };
        read.tables.push(Table { name: table.to_owned(), counters: pairs(names, values) });
    }
    read
}

/// A name without a value counts nothing, a value without a name is not looked at.
fn pairs(names: &str, values: &str) -> Vec<Counter> {
    let values = values.split_whitespace().map(number).chain(std::iter::repeat(0));
    let pair = |(name, value): (&str, u64)| Counter { name: name.to_owned(), value };
    names.split_whitespace().zip(values).map(pair).collect()
}

/// Reads `/proc/net/snmp6` and `/proc/net/sctp/snmp`: a counter a line.
#[must_use]
pub fn parse_list(text: &str) -> Vec<Counter> {
    let counter = |line: &str| {
        let mut words = line.split_whitespace();
        let name = words.next()?.to_owned();
        Some(Counter { name, value: number(words.next()?) })
    };
    text.lines().filter_map(counter).collect()
}

/// The counters of `/proc/net/snmp6` by protocol: the name up to its first 6.
#[must_use]
pub fn by_protocol(counters: Vec<Counter>) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for counter in counters {
        let end = counter.name.find('6').map_or(counter.name.len(), |at| at + 1);
        let protocol = &counter.name[..end];
        match tables.last_mut().filter(|table| table.name == protocol) {
            Some(table) => table.counters.push(counter),
            None => tables.push(Table { name: protocol.to_owned(), counters: vec![counter] }),
        }
    }
    tables
}

/// As strtoull(3) reads one: digits as far as they go, a sign turned round, the largest where it is larger.
fn number(word: &str) -> u64 {
    let (is_negative, word) = match word.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, word),
    };
    let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let digits = &word[..digits];
    let value = if digits.is_empty() { 0 } else { digits.parse().unwrap_or(u64::MAX) };
    if is_negative { value.wrapping_neg() } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(tables: &[Table]) -> String {
        let table = |table: &Table| {
            let counters = table.counters.iter().map(|c| format!(" {}={}", c.name, c.value));
            format!("{}:{};", table.name, counters.collect::<String>())
        };
        tables.iter().map(table).collect()
    }

    #[test]
    fn names_and_values_are_paired() {
        for (text, meant) in [
            ("Ip: A B\nIp: 1 2\nTcp: C\nTcp: -1\n", "Ip: A=1 B=2;Tcp: C=18446744073709551615;"),
            ("Ip: A B C\nIp: 1 2\n", "Ip: A=1 B=2 C=0;"),
            ("Ip: A\nIp: 1 2 3\n", "Ip: A=1;"),
            ("Ip: A\nIp: 99999999999999999999999 \n", "Ip: A=18446744073709551615;"),
            ("Ip: A B C\nIp: 12x zz 0x11\n", "Ip: A=12 B=0 C=0;"),
            ("\nIp: A\nIp: 1\n\n\nTcp:\nTcp:\n", "Ip: A=1;Tcp:;"),
            ("Ip: A\n", ""),
            ("", ""),
        ] {
            let read = parse_pairs(text);
            assert_eq!((shown(&read.tables).as_str(), read.is_cut), (meant, false), "{text:?}");
        }
    }

    #[test]
    fn reading_ends_where_sense_ends() {
        for text in ["Ip: A\nIp: 1\nIp B\nIp 2\nIp: C\nIp: 3\n", "Ip: A\nIp: 1\nIp: A\n\nIp: 2\n"] {
            let read = parse_pairs(text);
            assert_eq!((shown(&read.tables).as_str(), read.is_cut), ("Ip: A=1;", true), "{text:?}");
        }
    }

    #[test]
    fn lists_are_split_where_the_protocol_changes() {
        let list =
            parse_list("Ip6A  \t5\nIp6B 6\n\nbare\nUdp6C 7 8\nFoo 1\nIcmp6InType136 2\nIp6A 1\n");
        let tables = by_protocol(list);
        let meant =
            "Ip6: Ip6A=5 Ip6B=6;Udp6: Udp6C=7;Foo: Foo=1;Icmp6: Icmp6InType136=2;Ip6: Ip6A=1;";
        assert_eq!(shown(&tables), meant);
    }

    #[test]
    fn no_cut_of_a_file_is_a_panic() {
        let text = "Ip: Forwarding Dé\nIp: 1 64\nIcmp: InMsgs\nIcmp: 3\n";
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            let _ = (parse_pairs(&text[..end]), by_protocol(parse_list(&text[..end])));
        }
    }
}
