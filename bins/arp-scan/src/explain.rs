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

use serde::{Serialize, Serializer};
use wireline_packet::Mac;

use crate::event::hex;
use reader::Reader;

pub(crate) use pairs::Pairs;
pub(crate) use text::text;

/// To whom the prefix of a link-layer address is assigned.
pub(crate) type Vendor<'a> = &'a dyn Fn(Mac) -> Option<String>;

/// Which way a frame went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    /// As it was handed to the kernel.
    Sent,
    /// As the kernel heard it.
    Received,
}

/// A frame in fields, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Explained {
    pub(crate) direction: Direction,
    /// What it says, in one sentence.
    pub(crate) says: String,
    /// All of its octets, without the checksum; in JSON in hexadecimal.
    #[serde(serialize_with = "hexadecimal")]
    pub(crate) frame: Vec<u8>,
    pub(crate) fields: Vec<Field>,
}

/// Some octets of a frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Field {
    pub(crate) layer: Layer,
    /// As the clause calls it.
    pub(crate) name: &'static str,
    /// Where it begins, in octets from the start of the frame.
    pub(crate) at: usize,
    /// What it holds; in JSON in hexadecimal.
    #[serde(serialize_with = "hexadecimal")]
    pub(crate) octets: Vec<u8>,
    /// What it holds, as people write it.
    pub(crate) value: String,
    /// What that means here. May hold a vendor's name, which is not escaped.
    pub(crate) meaning: String,
    /// Who says so.
    pub(crate) clause: &'static str,
}

/// Where a field belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Layer {
    Ethernet,
    Vlan,
    Llc,
    Arp,
    /// Something else than ARP.
    Payload,
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

fn hexadecimal<S: Serializer>(octets: &[u8], to: S) -> Result<S::Ok, S::Error> {
    hex(octets).serialize(to)
}

#[cfg(test)]
mod tests;
