//! `+short` and `+dns64prefix`: nothing but the data.

use std::fmt::Write as _;
use std::net::Ipv6Addr;

use wireline_dns::present::{Style, rdata};
use wireline_dns::{Name, RecordType, Section};

use crate::layout::Layout;
use crate::notice::host;
use crate::shown::Shown;

/// Writes the answers of a message.
pub(crate) fn answers(page: &mut String, shown: &Shown<'_>, layout: &Layout) {
    if layout.dns64prefix {
        return prefixes(page, shown);
    }
    let style = style(&layout.style);
    for record in shown.section(Section::Answer) {
        if layout.names_types {
            let _ = write!(page, "{} ", record.kind);
        }
        page.push_str(&rdata(record.kind, record.class, record.rdata, &style));
        if layout.identify {
            identify(page, shown, layout.microseconds);
        }
        page.push('\n');
    }
}

/// Neither layout in lines nor the comments that belong to it.
fn style(style: &Style) -> Style {
    let rr_comments = style.rr_comments.filter(|wanted| *wanted);
    Style { multiline: false, yaml: false, rr_comments, ..style.clone() }
}

fn identify(page: &mut String, shown: &Shown<'_>, microseconds: bool) {
    let took = shown.answer.map(|answer| answer.took).unwrap_or_default();
    let server = host(shown.exchanged.server.address);
    let _ = if microseconds {
        write!(page, " from server {server} in {} us.", took.as_micros())
    } else {
        write!(page, " from server {server} in {} ms.", took.as_millis())
    };
}

/// Where in an address the four octets of an IPv4 address stand, by the length of the prefix before them
/// (RFC 6052 §2.2): not where bits 64 to 71 are, which are zero.
const PLACES: [(usize, [usize; 4]); 6] = [
    (32, [4, 5, 6, 7]),
    (40, [5, 6, 7, 9]),
    (48, [6, 7, 9, 10]),
    (56, [7, 9, 10, 11]),
    (64, [9, 10, 11, 12]),
    (96, [12, 13, 14, 15]),
];

/// As many as dig tells.
const MOST_PREFIXES: usize = 10;

/// The prefixes by which 192.0.0.170 and 192.0.0.171 both became IPv6 addresses (RFC 7050 §3).
fn prefixes(page: &mut String, shown: &Shown<'_>) {
    let asked = Name::parse(b"ipv4only.arpa.", &Name::root()).unwrap_or_else(|_| Name::root());
    let answers = shown.section(Section::Answer).filter(|record| record.owner == asked);
    let addresses: Vec<[u8; 16]> = answers
        .filter(|record| record.kind == RecordType::AAAA)
        .filter_map(|record| record.rdata.octets().try_into().ok())
        .collect();
    let found = addresses.iter().filter_map(|address| prefix(address, &addresses));
    for (prefix, length) in found.take(MOST_PREFIXES) {
        let _ = writeln!(page, "{prefix}/{length}");
    }
}

fn prefix(address: &[u8; 16], all: &[[u8; 16]]) -> Option<(Ipv6Addr, usize)> {
    PLACES.into_iter().find_map(|(length, places)| {
        let prefix = address.get(..length / 8)?;
        let holds = |address: &[u8; 16], last| {
            address.starts_with(prefix)
                && (length == 96 || address[8] == 0)
                && places.map(|place| address[place]) == [192, 0, 0, last]
        };
        let is_one = holds(address, 170) && all.iter().any(|other| holds(other, 171));
        is_one.then(|| {
            let mut octets = [0; 16];
            octets[..length / 8].copy_from_slice(prefix);
            (Ipv6Addr::from(octets), length)
        })
    })
}
