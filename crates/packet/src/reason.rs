use crate::{icmpv4, icmpv6};

/// The name of an ICMP error in lower case, from RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1 and
/// RFC 4443; `None` for a combination that no RFC names.
#[must_use]
pub const fn reason(is_ipv6: bool, icmp_type: u8, code: u8) -> Option<&'static str> {
    if is_ipv6 { reason_v6(icmp_type, code) } else { reason_v4(icmp_type, code) }
}

const fn reason_v4(icmp_type: u8, code: u8) -> Option<&'static str> {
    Some(match (icmp_type, code) {
        (icmpv4::types::DESTINATION_UNREACHABLE, _) => return unreachable_v4(code),
        (icmpv4::types::SOURCE_QUENCH, _) => "source quench",
        (icmpv4::types::REDIRECT, 0) => "redirect for the network",
        (icmpv4::types::REDIRECT, 1) => "redirect for the host",
        (icmpv4::types::REDIRECT, 2) => "redirect for the type of service and network",
        (icmpv4::types::REDIRECT, 3) => "redirect for the type of service and host",
        (icmpv4::types::TIME_EXCEEDED, 0) => "time to live exceeded in transit",
        (icmpv4::types::TIME_EXCEEDED, 1) => "fragment reassembly time exceeded",
        (icmpv4::types::PARAMETER_PROBLEM, _) => "parameter problem",
        _ => return None,
    })
}

const fn unreachable_v4(code: u8) -> Option<&'static str> {
    const NAMES: [&str; 16] = [
        "net unreachable",
        "host unreachable",
        "protocol unreachable",
        "port unreachable",
        "fragmentation needed and DF set",
        "source route failed",
        "destination network unknown",
        "destination host unknown",
        "source host isolated",
        "network administratively prohibited",
        "host administratively prohibited",
        "network unreachable for type of service",
        "host unreachable for type of service",
        "communication administratively prohibited",
        "host precedence violation",
        "precedence cutoff in effect",
    ];
    if (code as usize) < NAMES.len() { Some(NAMES[code as usize]) } else { None }
}

const fn reason_v6(icmp_type: u8, code: u8) -> Option<&'static str> {
    Some(match (icmp_type, code) {
        (icmpv6::types::DESTINATION_UNREACHABLE, 0) => "no route to destination",
        (icmpv6::types::DESTINATION_UNREACHABLE, 1) => "administratively prohibited",
        (icmpv6::types::DESTINATION_UNREACHABLE, 2) => "beyond scope of source address",
        (icmpv6::types::DESTINATION_UNREACHABLE, 3) => "address unreachable",
        (icmpv6::types::DESTINATION_UNREACHABLE, 4) => "port unreachable",
        (icmpv6::types::DESTINATION_UNREACHABLE, 5) => {
            "source address failed ingress/egress policy"
        }
        (icmpv6::types::DESTINATION_UNREACHABLE, 6) => "reject route to destination",
        (icmpv6::types::PACKET_TOO_BIG, _) => "packet too big",
        (icmpv6::types::TIME_EXCEEDED, 0) => "hop limit exceeded in transit",
        (icmpv6::types::TIME_EXCEEDED, 1) => "fragment reassembly time exceeded",
        (icmpv6::types::PARAMETER_PROBLEM, 0) => "erroneous header field",
        (icmpv6::types::PARAMETER_PROBLEM, 1) => "unrecognized next header",
        (icmpv6::types::PARAMETER_PROBLEM, 2) => "unrecognized option",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn codes_are_named_per_family() {
        assert_eq!(reason(false, 3, 1), Some("host unreachable"));
        assert_eq!(reason(true, 1, 3), Some("address unreachable"));
        assert_eq!(reason(false, 3, 16), None);
    }
}
