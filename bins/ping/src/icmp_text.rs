//! What an ICMP error is called in iputils' lines.

use std::net::{Ipv4Addr, SocketAddr};

use wireline_engine::IcmpError;

use wireline_tool::Lookup;

/// The end of a `From …` line.
pub(crate) fn describe(error: &IcmpError, names: &Lookup) -> String {
    if error.from.is_ipv4() { describe_v4(error, names) } else { describe_v6(error) }
}

fn describe_v4(error: &IcmpError, names: &Lookup) -> String {
    let (code, info) = (error.icmp_code, error.info);
    match error.icmp_type {
        3 if code == 4 => format!("Frag needed and DF set (mtu = {info})"),
        3 => unreachable_v4(code),
        4 => "Source Quench".into(),
        5 => {
            let gateway = SocketAddr::from((Ipv4Addr::from(info), 0));
            format!("{}(New nexthop: {})", redirect(code), names.text(gateway))
        }
        8 => "Echo Request".into(),
        11 => match code {
            0 => "Time to live exceeded".into(),
            1 => "Frag reassembly time exceeded".into(),
            _ => format!("Time exceeded, Bad Code: {code}"),
        },
        12 => format!("Parameter problem: pointer = {info}"),
        other => format!("Bad ICMP type: {other}"),
    }
}

fn unreachable_v4(code: u8) -> String {
    const TEXTS: [&str; 16] = [
        "Destination Net Unreachable",
        "Destination Host Unreachable",
        "Destination Protocol Unreachable",
        "Destination Port Unreachable",
        "",
        "Source Route Failed",
        "Destination Net Unknown",
        "Destination Host Unknown",
        "Source Host Isolated",
        "Destination Net Prohibited",
        "Destination Host Prohibited",
        "Destination Net Unreachable for Type of Service",
        "Destination Host Unreachable for Type of Service",
        "Packet filtered",
        "Precedence Violation",
        "Precedence Cutoff",
    ];
    let text = TEXTS.get(usize::from(code)).copied();
    text.map_or_else(|| format!("Dest Unreachable, Bad Code: {code}"), str::to_owned)
}

fn redirect(code: u8) -> String {
    match code {
        0 => "Redirect Network".into(),
        1 => "Redirect Host".into(),
        2 => "Redirect Type of Service and Network".into(),
        3 => "Redirect Type of Service and Host".into(),
        _ => format!("Redirect, Bad Code: {code}"),
    }
}

fn describe_v6(error: &IcmpError) -> String {
    let (code, info) = (error.icmp_code, error.info);
    match error.icmp_type {
        1 => format!("Destination unreachable: {}", unreachable_v6(code)),
        2 if code == 0 => format!("Packet too big: mtu={info}"),
        2 => format!("Packet too big: mtu={info}, code={code}"),
        3 => match code {
            0 => "Time exceeded: Hop limit".into(),
            1 => "Time exceeded: Defragmentation failure".into(),
            _ => format!("Time exceeded: code {code}"),
        },
        4 => {
            let what = match code {
                0 => "Wrong header field ".into(),
                1 => "Unknown header ".into(),
                2 => "Unknown option ".into(),
                _ => format!("code {code} "),
            };
            format!("Parameter problem: {what}at {info}")
        }
        other => format!("unknown icmp type: {other}"),
    }
}

fn unreachable_v6(code: u8) -> String {
    const TEXTS: [&str; 7] = [
        "No route",
        "Administratively prohibited",
        "Beyond scope of source address",
        "Address unreachable",
        "Port unreachable",
        "Source address failed ingress/egress policy",
        "Reject route to destination",
    ];
    let text = TEXTS.get(usize::from(code)).copied();
    text.map_or_else(|| format!("Unknown code {code}"), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_that_the_kernel_passes_on_has_its_words() {
        for (from, icmp_type, code, info, text) in [
            ("192.0.2.1", 3, 1, 0, "Destination Host Unreachable"),
            ("192.0.2.1", 3, 4, 1400, "Frag needed and DF set (mtu = 1400)"),
            ("192.0.2.1", 3, 13, 0, "Packet filtered"),
            ("192.0.2.1", 3, 200, 0, "Dest Unreachable, Bad Code: 200"),
            ("192.0.2.1", 5, 1, 0xc000_0207, "Redirect Host(New nexthop: 192.0.2.7)"),
            ("192.0.2.1", 11, 0, 0, "Time to live exceeded"),
            ("192.0.2.1", 12, 0, 5, "Parameter problem: pointer = 5"),
            ("2001:db8::1", 1, 3, 0, "Destination unreachable: Address unreachable"),
            ("2001:db8::1", 1, 9, 0, "Destination unreachable: Unknown code 9"),
            ("2001:db8::1", 2, 0, 1280, "Packet too big: mtu=1280"),
            ("2001:db8::1", 3, 0, 0, "Time exceeded: Hop limit"),
            ("2001:db8::1", 4, 1, 6, "Parameter problem: Unknown header at 6"),
        ] {
            let error = IcmpError::new(1, from.parse().unwrap(), icmp_type, code, info);
            assert_eq!(describe(&error, &Lookup::numeric()), text);
        }
    }
}
