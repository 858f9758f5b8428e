//! A frame, read field by field.

use std::borrow::Cow;

use wireline_engine::segment::MacKind;
use wireline_packet::Mac;

use super::{Direction, Field, Layer, Vendor};
use crate::mac_kind;

/// Where reading has come to, and what was read.
pub(super) struct Reader<'a> {
    pub(super) direction: Direction,
    pub(super) fields: Vec<Field>,
    pub(super) layer: Layer,
    rest: &'a [u8],
    at: usize,
    vendor: Vendor<'a>,
}

/// A value and its meaning.
pub(super) struct Told(pub(super) String, pub(super) Cow<'static, str>);

impl<'a> Reader<'a> {
    pub(super) fn new(direction: Direction, frame: &'a [u8], vendor: Vendor<'a>) -> Self {
        Self { direction, fields: Vec::new(), layer: Layer::Ethernet, rest: frame, at: 0, vendor }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next `N` octets as a field. `None`, and a field that says so, where there are not as many.
    pub(super) fn field<const N: usize>(
        &mut self,
        name: &'static str,
        clause: &'static str,
        told: impl FnOnce([u8; N]) -> Told,
    ) -> Option<[u8; N]> {
        let Some(octets) = self.rest.first_chunk::<N>() else {
            let meaning = format!("cut off: {} of {N} octets are there", self.rest.len());
            self.push(self.rest.len(), name, clause, Told(String::new(), meaning.into()));
            return None;
        };
        self.push(N, name, clause, told(*octets));
        Some(*octets)
    }

    pub(super) fn word(
        &mut self,
        name: &'static str,
        clause: &'static str,
        told: impl FnOnce(u16) -> Told,
    ) -> Option<u16> {
        self.field(name, clause, |octets| told(u16::from_be_bytes(octets))).map(u16::from_be_bytes)
    }

    /// A link-layer address. `role` says what an ordinary one is here.
    pub(super) fn mac(
        &mut self,
        name: &'static str,
        clause: &'static str,
        role: impl FnOnce(Mac) -> Cow<'static, str>,
    ) -> Option<Mac> {
        let vendor = self.vendor;
        let told = |octets| {
            let mac = Mac(octets);
            let (role, whose) = (role(mac), whose(mac, vendor));
            let meaning = if whose.is_empty() { role } else { format!("{role}; {whose}").into() };
            Told(mac.to_string(), meaning)
        };
        self.field(name, clause, told).map(Mac)
    }

    /// So many of the octets that are left, or all.
    pub(super) fn push(
        &mut self,
        count: usize,
        name: &'static str,
        clause: &'static str,
        told: Told,
    ) {
        let (octets, rest) = self.rest.split_at(count.min(self.rest.len()));
        let Told(value, meaning) = told;
        let (layer, at, meaning) = (self.layer, self.at, meaning.into_owned());
        self.fields.push(Field {
            layer,
            name,
            at,
            octets: octets.to_vec(),
            value,
            meaning,
            clause,
        });
        self.at += octets.len();
        self.rest = rest;
    }
}

/// What is known of an ordinary address; nothing of all zeros and all ones, whose role says it.
fn whose(mac: Mac, vendor: Vendor<'_>) -> String {
    if mac == Mac::BROADCAST || mac == Mac::ZERO {
        return String::new();
    }
    let kind = mac_kind::words(MacKind::of(mac));
    let parts = [vendor(mac), kind.map(Cow::into_owned)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
