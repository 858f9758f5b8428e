//! The multicast groups that interfaces listen to.
//!
//! The parsers take any text: a line that makes no sense is passed over.

use std::net::IpAddr;

use crate::proc_net::{address_v4, address_v6};

/// One group on one interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Where.
    pub interface: String,
    /// How many have joined.
    pub users: u32,
    /// Address of the group.
    pub group: IpAddr,
}

/// Reads `/proc/net/igmp`: an interface on a line, its groups on the indented lines below.
#[must_use]
pub fn parse_v4(text: &str) -> Vec<Group> {
    let mut interface = None;
    let mut groups = Vec::new();
    for line in text.lines().skip(1) {
        let is_interface = line.starts_with(|c: char| c.is_ascii_digit());
        if is_interface {
            interface = name_in(line);
        } else if let Some((interface, found)) = interface.zip(group_v4(line)) {
            let (group, users) = found;
            groups.push(Group { interface: interface.to_owned(), users, group });
        }
    }
    groups
}

/// `1<TAB>lo        :     1      V3`. There is no colon in a name.
fn name_in(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once('\t')?;
    Some(rest.split_once(':')?.0.trim_end_matches(' ')).filter(|name| !name.is_empty())
}

fn group_v4(line: &str) -> Option<(IpAddr, u32)> {
    let mut words = line.split_whitespace();
    let group = address_v4(words.next()?)?;
    Some((group.into(), words.next()?.parse().ok()?))
}

/// Reads `/proc/net/igmp6`: a group a line.
#[must_use]
pub fn parse_v6(text: &str) -> Vec<Group> {
    text.lines().filter_map(group_v6).collect()
}

fn group_v6(line: &str) -> Option<Group> {
    let mut words = line.split_whitespace().skip(1);
    let interface = words.next()?.to_owned();
    let group = address_v6(words.next()?)?.into();
    Some(Group { interface, users: words.next()?.parse().ok()?, group })
}

#[cfg(test)]
mod tests {
    use super::*;

    const V4: &str = "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n\
                      1\tlo        :     1      V3\n\
                      \t\t\t\t010000E0     1 0:00000000\t\t0\n\
                      5\tlongname1234567:     1      V3\n\
                      \t\t\t\t010000E0     1 0:00000000\t\t0\n\
                      \t\t\t\t6A0000E0    12 0:00000000\t\t0\n";
    const V6: &str = "1    lo              ff020000000000000000000000000001     1 0000000C 0\n";

    #[test]
    fn groups_belong_to_the_interface_above() {
        let groups = parse_v4(V4);
        let rows: Vec<_> =
            groups.iter().map(|g| (&*g.interface, g.users, g.group.to_string())).collect();
        assert_eq!(rows[0], ("lo", 1, "224.0.0.1".to_owned()));
        assert_eq!(rows[2], ("longname1234567", 12, "224.0.0.106".to_owned()));
        assert_eq!(rows.len(), 3);
    }

    #[test]
    fn group_of_ipv6_is_read_from_its_line() {
        let group = Group { interface: "lo".into(), users: 1, group: "ff02::1".parse().unwrap() };
        assert_eq!(parse_v6(V6), [group]);
    }

    #[test]
    fn cut_tables_and_noise_give_fewer_rows_and_no_panic() {
        for end in 0..V4.len() {
            assert!(parse_v4(&V4[..end]).len() <= 3);
        }
        for end in 0..V6.len() {
            assert!(parse_v6(&V6[..end]).len() <= 1);
        }
        let noise = "x\n7\n7\t\n7\t:\n\t\tzz 1\n\t\t010000E0\n\t\t010000E0 -1\n\u{1b}[2J\n";
        assert_eq!((parse_v4(noise), parse_v6(noise)), (vec![], vec![]));
    }
}
