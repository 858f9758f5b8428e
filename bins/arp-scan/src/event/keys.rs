//! How values stand in JSON.

use std::fmt::Write as _;
use std::time::Duration;

use serde::{Serialize, Serializer};
use wireline_engine::segment::{MacKind, Source};
use wireline_packet::Mac;
use wireline_packet::ethernet::Framing;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(crate) fn text<S: Serializer>(mac: &Mac, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(mac)
}

#[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(crate) fn text_or_null<S: Serializer>(mac: &Option<Mac>, to: S) -> Result<S::Ok, S::Error> {
    mac.map(|mac| mac.to_string()).serialize(to)
}

#[expect(clippy::ref_option, reason = "serde's signature")]
pub(crate) fn milliseconds<S: Serializer>(
    time: &Option<Duration>,
    to: S,
) -> Result<S::Ok, S::Error> {
    time.map(exact).serialize(to)
}

pub(crate) fn whole_milliseconds<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
    exact(*time).serialize(to)
}

/// No digits past the nanosecond, which a product of floats would add.
pub(crate) fn exact(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e9).round() / 1e6
}

pub(crate) fn hexadecimal<S: Serializer>(octets: &[u8], to: S) -> Result<S::Ok, S::Error> {
    hex(octets).serialize(to)
}

/// Two digits an octet.
#[must_use]
pub fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{octet:02x}");
        text
    })
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(crate) fn framing<S: Serializer>(framing: &Framing, to: S) -> Result<S::Ok, S::Error> {
    let word = match framing {
        Framing::Ethernet2 => "ethernet2",
        Framing::Snap => "snap",
    };
    word.serialize(to)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(crate) fn source<S: Serializer>(source: &Source, to: S) -> Result<S::Ok, S::Error> {
    let word = match source {
        Source::Reply => "reply",
        Source::Request => "request",
        Source::Announcement => "announcement",
        Source::Ipv6 => "ndp",
        Source::Own => "own",
    };
    word.serialize(to)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(crate) fn kind<S: Serializer>(kind: &MacKind, to: S) -> Result<S::Ok, S::Error> {
    kind_word(*kind).serialize(to)
}

/// One word for a kind of link-layer address, as JSON has it.
#[must_use]
pub const fn kind_word(kind: MacKind) -> &'static str {
    match kind {
        MacKind::Universal => "universal",
        MacKind::Random => "random",
        MacKind::Extended => "extended",
        MacKind::Assigned => "assigned",
        MacKind::Reserved => "reserved",
        MacKind::Vrrp(_) => "vrrp",
        MacKind::Hsrp(_) => "hsrp",
        MacKind::Glbp(_) => "glbp",
        MacKind::Group => "group",
        MacKind::Zero => "zero",
    }
}
