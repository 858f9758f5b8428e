//! The IPv4 options of a reply in iputils' lines.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};

use wireline_packet::ipv4::Opt;

use wireline_tool::Lookup;

/// Remembers the route of the last reply, which is not printed twice.
#[derive(Debug, Default)]
pub(crate) struct OptionsText {
    last_route: Vec<Ipv4Addr>,
}

impl OptionsText {
    /// What follows the line of a reply: nothing, where there are no options.
    pub(crate) fn text(&mut self, options: &[Opt], names: &Lookup) -> String {
        options.iter().map(|option| self.option(option, names)).collect()
    }

    fn option(&mut self, option: &Opt, names: &Lookup) -> String {
        match option {
            Opt::Nop => "\nNOP".into(),
            Opt::RecordRoute(route) if *route == self.last_route => "\t(same route)".into(),
            Opt::RecordRoute(route) => {
                self.last_route.clone_from(route);
                format!("\nRR: {}", lines(route, names))
            }
            Opt::SourceRoute { strict, route } => {
                format!("\n{}SRR: {}", if *strict { 'S' } else { 'L' }, lines(route, names))
            }
            Opt::Timestamps { entries, overflow } => timestamps(entries, *overflow, names),
            Opt::Unknown(kind) => format!("\nunknown option {kind:x}"),
            _ => String::new(),
        }
    }
}

fn lines(route: &[Ipv4Addr], names: &Lookup) -> String {
    let mut text = String::new();
    for hop in route {
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(text, "\t{}", name(*hop, names));
    }
    text
}

fn name(hop: Ipv4Addr, names: &Lookup) -> String {
    names.text(SocketAddr::from((hop, 0)))
}

/// The first time of each kind as it is, later ones as what they add to the one before.
fn timestamps(entries: &[(Option<Ipv4Addr>, Option<u32>)], overflow: u8, names: &Lookup) -> String {
    const NOT_STANDARD: u32 = 1 << 31;
    let mut text = "\nTS: ".to_owned();
    let mut before = [None::<u32>; 2];
    for (hop, time) in entries {
        if let Some(hop) = hop {
            let _ = write!(text, "\t{}", name(*hop, names));
        }
        let Some(time) = time else { continue };
        let (kind, note) = if time & NOT_STANDARD == 0 { (0, "") } else { (1, " not-standard") };
        let value = time & !NOT_STANDARD;
        let _ = match before[kind].filter(|earlier| *earlier != 0) {
            None => writeln!(text, "\t{value} absolute{note}"),
            Some(earlier) => writeln!(text, "\t{}{note}", i64::from(value) - i64::from(earlier)),
        };
        before[kind] = Some(value);
    }
    if overflow > 0 {
        let _ = writeln!(text, "Unrecorded hops: {overflow}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

    #[test]
    fn a_route_is_printed_once_and_then_called_the_same() {
        let (mut text, names) = (OptionsText::default(), Lookup::numeric());
        let options = [Opt::RecordRoute(vec![A, A])];
        assert_eq!(text.text(&options, &names), "\nRR: \t192.0.2.1\n\t192.0.2.1\n");
        assert_eq!(text.text(&options, &names), "\t(same route)");
    }

    #[test]
    fn times_after_the_first_are_differences() {
        let entries =
            vec![(None, Some(28_672_619)), (None, Some(28_672_619)), (Some(A), Some(1 << 31 | 9))];
        let mut text = OptionsText::default();
        assert_eq!(
            text.text(&[Opt::Timestamps { entries, overflow: 2 }], &Lookup::numeric()),
            "\nTS: \t28672619 absolute\n\t0\n\t192.0.2.1\t9 absolute not-standard\nUnrecorded hops: 2\n"
        );
    }
}
