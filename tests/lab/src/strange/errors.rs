//! ICMP errors about a request: RFC 792, and RFC 4443 §3 for IPv6.
//!
//! They come from the host's own address, as a router's would.

use crate::answer::add;
use crate::behaviour::{IcmpError, Quote};
use crate::request::Request;
use crate::wire::{Ends, ICMP_HEADER, IPV4_HEADER, IPV6_HEADER};

/// The error as a datagram.
pub(crate) fn about(request: &Request, error: &IcmpError) -> Vec<u8> {
    let ends = request.ends.reversed().by_host();
    let mut icmp = vec![error.kind, error.code, 0, 0];
    icmp.extend(error.info.to_be_bytes());
    icmp.extend(quoted(request, &error.quote));
    ends.seal(&mut icmp);
    if error.quote == Quote::StartBadSum {
        icmp[3] ^= 1;
    }
    ends.datagram(&[], &icmp)
}

fn quoted(request: &Request, quote: &Quote) -> Vec<u8> {
    const GARBAGE: u8 = 0xa5;
    let start = request.icmp_at + ICMP_HEADER;
    let mut bytes = match quote {
        Quote::Garbage(octets) => return vec![GARBAGE; *octets],
        Quote::Foreign => foreign(request),
        _ => request.datagram.clone(),
    };
    bytes.truncate(match quote {
        Quote::Whole | Quote::Garbage(_) => usize::MAX,
        Quote::Cut(octets) => *octets,
        Quote::Start | Quote::StartBadSum | Quote::Foreign => start,
    });
    bytes
}

/// The request as another process would have sent it to another target: checksums are right.
fn foreign(request: &Request) -> Vec<u8> {
    let mut icmp = request.icmp().to_vec();
    add(&mut icmp[4..6], 1);
    let ends = elsewhere(request.ends);
    ends.seal(&mut icmp);
    let options = match ends {
        Ends::V4 { .. } => IPV4_HEADER..request.icmp_at,
        Ends::V6 { .. } => IPV6_HEADER..request.icmp_at,
    };
    ends.datagram(request.datagram.get(options).unwrap_or_default(), &icmp)
}

/// The same ends, but for the last bit of the destination.
fn elsewhere(ends: Ends) -> Ends {
    match ends {
        Ends::V4 { source, destination } => {
            Ends::V4 { source, destination: (destination.to_bits() ^ 1).into() }
        }
        Ends::V6 { source, destination } => {
            Ends::V6 { source, destination: (destination.to_bits() ^ 1).into() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::tests::{request_v4, request_v6};

    fn error(quote: Quote) -> IcmpError {
        IcmpError { kind: 3, code: 4, info: 1400, quote }
    }

    #[test]
    fn error_is_laid_out_as_rfc_792_has_it() {
        let request = request_v4(1);
        let bytes = about(&request, &error(Quote::Start));
        let message = &bytes[IPV4_HEADER..];
        assert_eq!(message[..2], [3, 4]);
        assert_eq!(message[4..8], [0, 0, 5, 120]);
        assert_eq!(message[8..], request.datagram[..28]);
    }

    #[test]
    fn errors_come_from_the_host() {
        let bytes = about(&request_v4(1), &error(Quote::Start));
        assert_eq!(bytes[12..16], [192, 0, 2, 2]);
    }

    #[test]
    fn ipv6_error_quotes_a_header_of_40_octets() {
        let request = request_v6(1);
        let bytes = about(&request, &error(Quote::Start));
        assert_eq!(bytes[48..], request.datagram[..48]);
        assert_eq!(
            request.ends.reversed().by_host().checksum(&bytes[40..]).to_be_bytes(),
            [bytes[42], bytes[43]]
        );
    }

    #[test]
    fn bad_sum_differs_in_the_checksum_alone() {
        let good = about(&request_v4(1), &error(Quote::Start));
        let mut bad = about(&request_v4(1), &error(Quote::StartBadSum));
        assert_ne!(good, bad);
        bad[IPV4_HEADER + 3] ^= 1;
        assert_eq!(good, bad);
    }

    #[test]
    fn quotes_have_the_length_asked_for() {
        for request in [request_v4(1), request_v6(1)] {
            let length = |quote| quoted(&request, &quote).len();
            assert_eq!(length(Quote::Whole), request.datagram.len());
            assert_eq!(length(Quote::Garbage(60)), 60);
            assert_eq!(length(Quote::Cut(9)), 9);
            assert_eq!(length(Quote::Cut(9000)), request.datagram.len());
            assert_eq!(length(Quote::Foreign), request.icmp_at + 8);
        }
    }

    #[test]
    fn foreign_quote_is_a_request_of_another_ident_to_another_target() {
        for ours in [request_v4(1), request_v6(1)] {
            let theirs = Request::parse(&foreign(&ours)).unwrap();
            assert_eq!(theirs.target(), Some(6), "ours is 7");
            assert_eq!(theirs.icmp()[4..6], [1, 3], "ours is 0x0102");
        }
    }
}
