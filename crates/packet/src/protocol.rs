//! Protocol numbers of IANA's registry, as IPv4 (RFC 791 §3.1) and IPv6 (RFC 8200 §3) carry them.
//!
//! What follows a header is told by one of these. That it really does is never taken on trust.

/// Hop-by-hop options, an extension header of IPv6 (RFC 8200 §4.3).
pub const HOP_BY_HOP: u8 = 0;
/// RFC 792.
pub const ICMP: u8 = 1;
/// RFC 9293.
pub const TCP: u8 = 6;
/// RFC 768.
pub const UDP: u8 = 17;
/// Routing, an extension header of IPv6 (RFC 8200 §4.4).
pub const ROUTING: u8 = 43;
/// Fragment, an extension header of IPv6 (RFC 8200 §4.5).
pub const FRAGMENT: u8 = 44;
/// RFC 4443.
pub const ICMPV6: u8 = 58;
/// Destination options, an extension header of IPv6 (RFC 8200 §4.6).
pub const DESTINATION_OPTIONS: u8 = 60;
/// RFC 3828.
pub const UDPLITE: u8 = 136;
