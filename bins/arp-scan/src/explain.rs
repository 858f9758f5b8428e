//! `--explain`: every field of a request and of its reply, for those who learn them.
//!
//! Nothing in a frame is believed: what is cut off, lies about its lengths or is no ARP at all is told as such.

mod arp;
mod dump;
mod ethernet;
mod pairs;
mod reader;
mod text;
mod words;

use std::net::Ipv4Addr;

use serde::Serialize;
use wireline_packet::Mac;

use crate::event::keys::hexadecimal;
use reader::Reader;

use pairs::Pair;
pub(crate) use pairs::Pairs;
use text::text;

/// To whom the prefix of a link-layer address is assigned.
pub(crate) type Vendor<'a> = &'a (dyn Fn(Mac) -> Option<String> + 'a);

/// What one host was asked, and what it said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exchange {
    /// Whom.
    pub address: Ipv4Addr,
    /// `None` where frames come from a file of answers.
    pub request: Option<Explained>,
    /// The first one.
    pub reply: Explained,
}

impl Exchange {
    /// Takes both frames apart.
    pub(crate) fn of(address: Ipv4Addr, pair: &Pair, vendor: Vendor<'_>) -> Self {
        let request = pair.request.as_deref();
        let request = request.map(|frame| explain(Direction::Sent, frame, vendor));
        let reply = explain(Direction::Received, &pair.reply, vendor);
        Self { address, request, reply }
    }

    /// For a person. Nothing in it needs escaping.
    pub(crate) fn text(&self) -> String {
        self.request.as_ref().map(text).unwrap_or_default() + &text(&self.reply)
    }
}

/// Which way a frame went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// As it was handed to the kernel.
    Sent,
    /// As the kernel heard it.
    Received,
}

/// A frame in fields, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// Ours, or theirs.
    pub direction: Direction,
    /// What it says, in one sentence.
    pub says: String,
    /// All of its octets, without the checksum; in JSON in hexadecimal.
    #[serde(serialize_with = "hexadecimal")]
    pub frame: Vec<u8>,
    /// Without gaps.
    pub fields: Vec<Field>,
}

/// Some octets of a frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Where it belongs to.
    pub layer: Layer,
    /// As the clause calls it.
    pub name: &'static str,
    /// Where it begins, in octets from the start of the frame.
    pub at: usize,
    /// What it holds; in JSON in hexadecimal.
    #[serde(serialize_with = "hexadecimal")]
    pub octets: Vec<u8>,
    /// What it holds, as people write it.
    pub value: String,
    /// What that means here. May hold a vendor's name, which is not escaped.
    pub meaning: String,
    /// Who says so.
    pub clause: &'static str,
}

/// Where a field belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// The header of the frame.
    Ethernet,
    /// A tag, of 802.1Q or 802.1ad.
    Vlan,
    /// What tells a type behind a length.
    Llc,
    /// The message.
    Arp,
    /// Something else than ARP.
    Payload,
    /// What fills the frame up, and what the card adds.
    Padding,
}

/// Takes a frame apart, whatever it holds.
pub(crate) fn explain(direction: Direction, frame: &[u8], vendor: Vendor<'_>) -> Explained {
    let mut reader = Reader::new(direction, frame, vendor);
    // `None` is the end of a frame that is too short: what was read until then is there.
    let _ = ethernet::read(&mut reader);
    let says = words::sentence(frame);
    Explained { direction, says, frame: frame.to_vec(), fields: reader.fields }
}

#[cfg(test)]
mod tests;
