//! `-6`: the addresses of both families, joined by the link-layer address that they are at.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::IpAddr;

use wireline_cli::escape;
use wireline_engine::segment::Source;
use wireline_packet::Mac;

use crate::event::{Host, Station};

/// Who was heard, by interface and link-layer address.
#[derive(Debug, Default)]
pub(super) struct Stations {
    stations: BTreeMap<(Option<String>, Mac), Station>,
    addresses: usize,
}

impl Stations {
    /// More addresses than any segment has.
    const MOST: usize = 1 << 20;

    /// Takes in an answer.
    pub(super) fn hear(&mut self, host: &Host) {
        if self.addresses >= Self::MOST {
            return;
        }
        let station = self.stations.entry((host.interface.clone(), host.mac));
        let station = station.or_insert_with(|| Station {
            interface: host.interface.clone(),
            mac: host.mac,
            mac_kind: host.mac_kind,
            vendor: host.vendor.clone(),
            own: false,
            addresses: Vec::new(),
        });
        station.own |= host.source == Source::Own;
        // One who answers again does so at once, and is seldom far from the end.
        if station.addresses.iter().rev().take(64).all(|address| *address != host.address) {
            station.addresses.push(host.address);
            self.addresses += 1;
        }
    }

    /// All of them, their addresses in order.
    pub(super) fn finish(self) -> impl Iterator<Item = Station> {
        self.stations.into_values().map(|mut station| {
            station.addresses.sort_unstable();
            station.addresses.dedup();
            station
        })
    }
}

/// The line above them.
pub(super) fn write_heading(to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "MAC\tIPv4\tIPv6\tVendor\tInterface")
}

/// One of them.
pub(super) fn write_row(station: &Station, vendor: &str, to: &mut dyn Write) -> io::Result<()> {
    let v4 = list(station.addresses.iter().filter(|address| address.is_ipv4()));
    let v6 = list(station.addresses.iter().filter(|address| address.is_ipv6()));
    let interface = station.interface.as_deref().unwrap_or("-");
    let vendor = if station.own { "(this machine)" } else { vendor };
    writeln!(to, "{}\t{v4}\t{v6}\t{vendor}\t{}", station.mac, escape(interface))
}

fn list<'a>(addresses: impl Iterator<Item = &'a IpAddr>) -> String {
    /// A router that answers for a network is not to fill the screen.
    const SHOWN: usize = 8;
    let mut all: Vec<_> = addresses.map(ToString::to_string).collect();
    if all.is_empty() {
        return "-".to_owned();
    }
    let more = all.len().saturating_sub(SHOWN);
    all.truncate(SHOWN);
    match more {
        0 => all.join(","),
        more => format!("{} and {more} more", all.join(",")),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use wireline_engine::segment::MacKind;
    use wireline_packet::ethernet::Framing;

    use super::*;

    fn host(address: &str, mac: u8, source: Source) -> Host {
        let mac = Mac([0, 0, 0x5e, 0, 0x53, mac]);
        Host {
            interface: Some("eth0".into()),
            address: address.parse().unwrap(),
            name: None,
            mac,
            mac_kind: MacKind::of(mac),
            vendor: None,
            frame_mac: mac,
            answers: 1,
            rtt: None,
            attempt: 1,
            source,
            framing: Framing::Ethernet2,
            vlan: None,
            protocol: 0x0800,
            padding: Vec::new(),
        }
    }

    fn rows(hosts: &[Host]) -> String {
        let mut stations = Stations::default();
        for host in hosts {
            stations.hear(host);
        }
        let mut text = Vec::new();
        for station in stations.finish() {
            write_row(&station, "(Unknown)", &mut text).unwrap();
        }
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn both_families_are_in_one_row_whatever_their_order() {
        let hosts = [
            host("fe80::9", 9, Source::Ipv6),
            host("192.0.2.9", 9, Source::Reply),
            host("2001:db8::9", 9, Source::Ipv6),
            host("192.0.2.9", 9, Source::Reply),
            host("192.0.2.1", 1, Source::Own),
        ];
        let expected = "00:00:5e:00:53:01\t192.0.2.1\t-\t(this machine)\teth0\n\
                        00:00:5e:00:53:09\t192.0.2.9\t2001:db8::9,fe80::9\t(Unknown)\teth0\n";
        assert_eq!(rows(&hosts), expected);
    }

    #[test]
    fn router_that_answers_for_many_has_a_short_row() {
        let many: Vec<_> = (0..20)
            .map(|last| host(&Ipv4Addr::new(192, 0, 2, last).to_string(), 9, Source::Reply))
            .collect();
        let text = rows(&many);
        assert!(text.contains("192.0.2.7 and 12 more\t-\t"), "{text}");
    }
}
