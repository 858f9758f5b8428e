//! What is not in order, in a line each.

use std::fmt::Write as _;

use wireline_cli::escape;
use wireline_engine::segment::MacKind;

use crate::event::{Claimant, Finding, Summary, What};
use crate::watch::event::Difference;

/// `WARNING: conflict: …`.
pub(crate) fn text(finding: &Finding) -> String {
    let mut text = String::from("WARNING: ");
    // Writing to a String cannot fail.
    let _ = match &finding.what {
        What::Conflict { address, claimants } => {
            let all: Vec<_> = claimants.iter().map(claimant).collect();
            write!(text, "conflict: {address} is claimed by {}", all.join(" and "))
        }
        What::ProxyArp { claimant: who, addresses, outside } => {
            let outside = match outside {
                0 => String::new(),
                count => format!(", {count} of them outside the segment's networks"),
            };
            write!(text, "proxy ARP: {} answers for {addresses} addresses{outside}", claimant(who))
        }
        What::Virtual { address, claimant: who, mac_kind, group } => {
            let protocol = match mac_kind {
                MacKind::Vrrp(_) => "VRRP or CARP",
                MacKind::Hsrp(_) => "HSRP",
                MacKind::Glbp(_) => "GLBP",
                _ => "some protocol",
            };
            // The vendor of such an address is that protocol once more.
            let (mac, group) = (who.mac, group.unwrap_or(0));
            write!(
                text,
                "virtual: {address} is at {mac}, which machines share by {protocol} (group {group})"
            )
        }
        What::Mismatch { address, mac, frame_mac } => {
            write!(text, "mismatch: {address} says it is at {mac} in a frame from {frame_mac}")
        }
        What::OwnAddress { address, claimant: who } => {
            write!(
                text,
                "conflict: {address} is this machine's own and claimed by {}",
                claimant(who)
            )
        }
        What::Storm { address, claimant: who, answers } => {
            write!(text, "storm: {address} answered {answers} times from {}", claimant(who))
        }
        What::GatewayChanged { address, was, is } => {
            write!(text, "gateway: {address} was {} and is {}", claimant(was), claimant(is))
        }
    };
    if let Some(interface) = &finding.interface {
        let _ = write!(text, " [{}]", escape(interface));
    }
    text
}

/// `WARNING: baseline: MISSING …`.
pub(crate) fn difference(difference: &Difference) -> String {
    format!("WARNING: baseline: {}", crate::watch::text::difference(difference))
}

/// `02:00:5e:00:53:01 (Vendor)`.
pub(crate) fn claimant(who: &Claimant) -> String {
    match &who.vendor {
        Some(vendor) => format!("{} ({})", who.mac, escape(vendor)),
        None => who.mac.to_string(),
    }
}

/// What was not heard, and why.
pub(crate) fn incomplete(summary: &Summary) -> String {
    let Summary { incomplete, hosts, dropped, .. } = summary;
    let why = match (&summary.error, summary.stopped, dropped) {
        (Some(why), ..) => format!("sending failed: {why}"),
        (None, Some("asked"), _) => "it was interrupted".to_owned(),
        (None, Some(_), _) => "it ended before its time".to_owned(),
        (None, None, 0) => "some were not asked as often as they should".to_owned(),
        (None, None, dropped) => format!("the kernel had no room for {dropped} frames"),
    };
    format!("WARNING: incomplete: of {hosts} hosts {incomplete} may be there unheard: {why}")
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use wireline_packet::Mac;

    use super::*;

    const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9));

    fn told(what: What) -> String {
        text(&Finding { interface: Some("eth0".into()), what })
    }

    fn who(mac: [u8; 6], vendor: &str) -> Claimant {
        Claimant { mac: Mac(mac), vendor: Some(vendor.into()) }
    }

    #[test]
    fn shared_address_names_its_protocol_and_group_once() {
        let claimant = who([0, 0, 0x5e, 0, 1, 7], "VRRP (last octet is VRID)");
        let what = What::Virtual {
            address: ADDRESS,
            claimant,
            mac_kind: MacKind::Vrrp(7),
            group: Some(7),
        };
        let line = "WARNING: virtual: 192.0.2.9 is at 00:00:5e:00:01:07, which machines share by VRRP or CARP \
                    (group 7) [eth0]";
        assert_eq!(told(what), line);
    }

    #[test]
    fn storm_tells_whose_and_how_much_without_brackets_in_brackets() {
        let claimant = who([0, 0, 0x5e, 0, 0x53, 9], "Vendor\x1b[31m");
        let line = told(What::Storm { address: ADDRESS, claimant, answers: 150_000 });
        let end = "192.0.2.9 answered 150000 times from 00:00:5e:00:53:09 (Vendor";
        assert!(line.starts_with(&format!("WARNING: storm: {end}")), "{line}");
        assert!(!line.contains('\x1b'), "{line}");
    }
}
