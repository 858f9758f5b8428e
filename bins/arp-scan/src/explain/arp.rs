//! The fields of ARP, by the names that RFC 826 gives them.

use std::borrow::Cow;
use std::net::Ipv4Addr;

use wireline_packet::Mac;
use wireline_packet::arp::{LENGTH, Message, operation};

use super::reader::{Reader, Told};
use super::{Layer, words};

/// Its clauses have no numbers: "Packet format".
const FORMAT: &str = "RFC 826";

/// What the message is as a whole.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sense {
    Request,
    /// RFC 5227 §1.1.
    Probe,
    Announcement,
    Reply,
    Other,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<()> {
    reader.layer = Layer::Arp;
    let rest = reader.rest();
    let message = Message::parse(rest.get(..LENGTH).unwrap_or(rest)).ok();
    let sense = message.map_or(Sense::Other, |message| sense(&message));
    read_header(reader)?;
    read_mac(reader, "ar$sha, sender's hardware address", sense, true)?;
    read_address(reader, "ar$spa, sender's protocol address", sense, true)?;
    read_mac(reader, "ar$tha, target's hardware address", sense, false)?;
    read_address(reader, "ar$tpa, target's protocol address", sense, false)
}

fn sense(message: &Message<'_>) -> Sense {
    let (sender, target) = (message.sender.address, message.target.address);
    match message.header.operation {
        operation::REQUEST | operation::REPLY if sender == target => Sense::Announcement,
        operation::REQUEST if sender.is_unspecified() => Sense::Probe,
        operation::REQUEST => Sense::Request,
        operation::REPLY => Sense::Reply,
        _ => Sense::Other,
    }
}

fn read_header(reader: &mut Reader<'_>) -> Option<()> {
    reader.word("ar$hrd, hardware", FORMAT, |kind| {
        Told(kind.to_string(), words::hardware(kind).into())
    })?;
    reader.word("ar$pro, protocol", FORMAT, |kind| {
        Told(format!("0x{kind:04x}"), words::ether_type(kind).into())
    })?;
    read_length(reader, "ar$hln, hardware length", 6, "octets of an address of Ethernet")?;
    read_length(reader, "ar$pln, protocol length", 4, "octets of an address of IPv4")?;
    reader.word("ar$op, operation", FORMAT, |operation| {
        Told(operation.to_string(), words::operation(operation).into())
    })?;
    Some(())
}

fn read_length(
    reader: &mut Reader<'_>,
    name: &'static str,
    usual: u8,
    meaning: &'static str,
) -> Option<()> {
    reader.field(name, FORMAT, |[length]: [u8; 1]| {
        let meaning = if length == usual {
            meaning.into()
        } else {
            format!("not {usual}; what follows is shown as if it were").into()
        };
        Told(length.to_string(), meaning)
    })?;
    Some(())
}

fn read_mac(
    reader: &mut Reader<'_>,
    name: &'static str,
    sense: Sense,
    is_sender: bool,
) -> Option<()> {
    let role = |mac: Mac| -> Cow<'static, str> {
        match (sense, is_sender) {
            (Sense::Reply, true) => "the answer",
            (Sense::Announcement, true) => "what all who know the address shall note",
            (_, true) => "who asks; others may note it",
            (Sense::Reply, false) => "who asked",
            (_, false) if mac == Mac::ZERO => "unknown: it is what is asked for",
            (_, false) => "not looked at in a request",
        }
        .into()
    };
    reader.mac(name, FORMAT, role)?;
    Some(())
}

fn read_address(
    reader: &mut Reader<'_>,
    name: &'static str,
    sense: Sense,
    is_sender: bool,
) -> Option<()> {
    let meaning = match (sense, is_sender) {
        (Sense::Probe, true) => "none: a probe, so that nobody notes it (RFC 5227 §2.1.1)",
        (Sense::Announcement, true) => "whose it is from now on (RFC 5227 §2.3)",
        (Sense::Announcement, false) => "the same: an announcement, and no question",
        (Sense::Reply, true) => "the address that was asked for",
        (Sense::Reply, false) => "who asked",
        (_, true) => "who asks",
        (_, false) => "whose hardware address is asked for",
    };
    let told = |octets: [u8; 4]| Told(Ipv4Addr::from(octets).to_string(), meaning.into());
    reader.field(name, FORMAT, told)?;
    Some(())
}
