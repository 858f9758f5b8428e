//! What a person reads.

use std::fmt::Write as _;

use wireline_cli::escape;

use super::dump::{rows, spaced};
use super::{Direction, Explained, Field, Layer};

/// Octets of a field that are shown in its line; a MAC address is.
const SHOWN: usize = 6;

/// A heading, the fields by layers, and all octets.
pub(crate) fn text(explained: &Explained) -> String {
    let mut out = String::new();
    let direction = match explained.direction {
        Direction::Sent => "Sent",
        Direction::Received => "Received",
    };
    let octets = explained.frame.len();
    let _ = writeln!(out, "{direction}, {octets} octets: {}", explained.says);
    let names = explained.fields.iter().map(|field| field.name.len()).max().unwrap_or(0);
    let values = explained.fields.iter().map(|field| field.value.len()).max().unwrap_or(0);
    let mut layer = None;
    for field in &explained.fields {
        if layer != Some(field.layer) {
            let _ = writeln!(out, "  {}", title(field.layer));
        }
        layer = Some(field.layer);
        write_field(&mut out, field, names, values);
    }
    let _ = writeln!(out, "  All octets");
    for row in rows(&explained.frame) {
        let _ = writeln!(out, "    {}", row.trim_end());
    }
    out
}

fn write_field(out: &mut String, field: &Field, names: usize, values: usize) {
    let Field { at, name, value, clause, .. } = field;
    let octets = match field.octets.get(..SHOWN) {
        Some(first) if field.octets.len() > SHOWN => spaced(first) + " …",
        _ => spaced(&field.octets),
    };
    let meaning = escape(&field.meaning);
    let _ = write!(out, "    {at:>3}  {octets:<19}  {name:<names$}  {value:<values$}  {meaning}");
    let _ = if clause.is_empty() { writeln!(out) } else { writeln!(out, " [{clause}]") };
}

const fn title(layer: Layer) -> &'static str {
    match layer {
        Layer::Ethernet => "Ethernet",
        Layer::Vlan => "VLAN",
        Layer::Llc => "LLC and SNAP",
        Layer::Arp => "ARP",
        Layer::Payload => "Contents",
        Layer::Padding => "Around it",
    }
}
