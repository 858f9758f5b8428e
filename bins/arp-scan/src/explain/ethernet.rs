//! The frame's own header, tags, and what fills it up.

use wireline_packet::Mac;
use wireline_packet::ethernet::{SHORTEST, ethertype};

use super::reader::{Reader, Told};
use super::{Direction, Layer, arp, words};

/// Largest number in a type's place that is a length (IEEE 802.3 §3.2.6).
const LONGEST: u16 = 1500;

pub(super) fn read(reader: &mut Reader<'_>) -> Option<()> {
    reader.mac("destination", "IEEE 802.3 §3.2.4", |mac| {
        if mac == Mac::BROADCAST {
            "everybody on the segment".into()
        } else if mac.is_multicast() {
            "a group".into()
        } else {
            "one station".into()
        }
    })?;
    reader.mac("source", "IEEE 802.3 §3.2.5", |_| "who put it on the wire".into())?;
    let mut kind = read_type(reader)?;
    // Two tags are usual, more are not.
    for _ in 0..2 {
        if matches!(kind, ethertype::VLAN | ethertype::QINQ) {
            kind = read_tag(reader)?;
        }
    }
    let mut end = None;
    if kind <= LONGEST {
        end = Some(reader.at() + usize::from(kind));
        kind = read_snap(reader)?;
    }
    if kind == ethertype::ARP {
        arp::read(reader)?;
    } else {
        reader.layer = Layer::Payload;
        let told = format!("{} octets", reader.rest().len());
        reader.push(usize::MAX, "contents", "", Told(told, "no ARP: not taken apart".into()));
    }
    read_padding(reader, end);
    Some(())
}

fn read_type(reader: &mut Reader<'_>) -> Option<u16> {
    reader.word("type", "IEEE 802.3 §3.2.6", |kind| {
        let value = if kind <= LONGEST { kind.to_string() } else { format!("0x{kind:04x}") };
        Told(value, words::ether_type(kind).into())
    })
}

/// The two octets behind the tag's type, and the type that follows.
fn read_tag(reader: &mut Reader<'_>) -> Option<u16> {
    reader.layer = Layer::Vlan;
    reader.word("tag", "IEEE 802.1Q §9.6", |tag| {
        let (priority, eligible, vlan) = (tag >> 13, tag >> 12 & 1, tag & 0xfff);
        let vlan_words = match vlan {
            0 => "no VLAN, a priority only".into(),
            0xfff => "VLAN 4095, which is reserved".into(),
            _ => format!("VLAN {vlan}"),
        };
        let meaning = format!("priority {priority}, drop eligible {eligible}, {vlan_words}");
        Told(format!("0x{tag:04x}"), meaning.into())
    })?;
    read_type(reader)
}

/// LLC and SNAP, where a length stands in place of a type.
fn read_snap(reader: &mut Reader<'_>) -> Option<u16> {
    reader.layer = Layer::Llc;
    let llc = reader.field("LLC", "IEEE 802.2; RFC 1042", |octets: [u8; 3]| {
        let [destination, source, control] = octets;
        let meaning = if octets == [0xaa, 0xaa, 3] {
            "SNAP follows; unnumbered information"
        } else {
            "no SNAP: not taken apart"
        };
        Told(format!("{destination:02x} {source:02x} {control:02x}"), meaning.into())
    })?;
    if llc != [0xaa, 0xaa, 3] {
        return Some(0);
    }
    reader.field("SNAP organization", "RFC 1042", |[a, b, c]: [u8; 3]| {
        let meaning =
            if [a, b, c] == [0; 3] { "an Ethernet type follows" } else { "somebody's own types" };
        Told(format!("{a:02x}-{b:02x}-{c:02x}"), meaning.into())
    })?;
    read_type(reader)
}

const MINIMUM: &str = "IEEE 802.3 §4.2.3.3";

/// What fills a frame up. `end` is where a length says that the message ends.
fn read_padding(reader: &mut Reader<'_>, end: Option<usize>) {
    reader.layer = Layer::Padding;
    let rest = reader.rest();
    if let Some(end) = end.filter(|end| *end != reader.at()) {
        let told = Told(
            String::new(),
            format!("the length above says that the message ends at {end}").into(),
        );
        reader.push(0, "end", "IEEE 802.3 §3.2.6", told);
    }
    if !rest.is_empty() {
        let meaning = if rest.iter().all(|octet| *octet == 0) {
            "zeros that fill the frame up to the shortest that there may be"
        } else {
            // CVE-2003-0001: drivers that filled frames up with what was in memory.
            "not zeros: somebody has more to say, or a driver lets memory out"
        };
        reader.push(
            usize::MAX,
            "padding",
            MINIMUM,
            Told(format!("{} octets", rest.len()), meaning.into()),
        );
    }
    let missing = SHORTEST.saturating_sub(reader.at());
    if missing > 0 {
        let meaning = match reader.direction {
            Direction::Sent => "zeros that the card adds; the kernel does not see them",
            Direction::Received => {
                "not there: the link is a virtual one, or the driver took them off"
            }
        };
        reader.push(0, "padding", MINIMUM, Told(format!("{missing} octets"), meaning.into()));
    }
    let meaning =
        "a checksum that the card adds and takes off: a frame is 64 octets on the wire at least";
    reader.push(
        0,
        "frame check sequence",
        "IEEE 802.3 §3.2.9",
        Told("4 octets".into(), meaning.into()),
    );
}
