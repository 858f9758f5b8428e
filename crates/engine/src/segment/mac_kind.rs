use wireline_packet::Mac;

use super::MacKind;

impl MacKind {
    /// By the address alone.
    #[must_use]
    pub const fn of(mac: Mac) -> Self {
        match mac.0 {
            [0, 0, 0, 0, 0, 0] => Self::Zero,
            // RFC 9568 §7.3, of both families.
            [0, 0, 0x5e, 0, 1 | 2, group] => Self::Vrrp(group),
            // HSRP: RFC 2281 §5.5; its second version and its IPv6 as Cisco's manuals have them.
            [0, 0, 0x0c, 7, 0xac, group] => Self::Hsrp(group as u16),
            [0, 0, 0x0c, 0x9f, high @ 0xf0..=0xff, low]
            | [0, 5, 0x73, 0xa0, high @ 0..=0x0f, low] => {
                Self::Hsrp(u16::from_be_bytes([high & 0x0f, low]))
            }
            // GLBP: six bits of zero, ten of group, eight of forwarder.
            [0, 7, 0xb4, high @ 0..=3, low, _] => Self::Glbp(u16::from_be_bytes([high, low])),
            [first, ..] if first & 1 != 0 => Self::Group,
            [first, ..] if first & 2 == 0 => Self::Universal,
            // IEEE 802c §8.4.4: bits Y and Z of the first octet choose the quadrant.
            [first, ..] => match first & 0x0c {
                0x00 => Self::Random,
                0x08 => Self::Extended,
                0x0c => Self::Assigned,
                _ => Self::Reserved,
            },
        }
    }

    /// Whether machines share such an address on purpose (VRRP, CARP, HSRP, GLBP).
    #[must_use]
    pub const fn is_virtual(self) -> bool {
        matches!(self, Self::Vrrp(_) | Self::Hsrp(_) | Self::Glbp(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_tells_what_it_is() {
        for (text, kind) in [
            ("00:00:00:00:00:00", MacKind::Zero),
            ("00:00:5e:00:01:07", MacKind::Vrrp(7)),
            ("00:00:5e:00:02:ff", MacKind::Vrrp(255)),
            ("00:00:5e:00:03:07", MacKind::Universal),
            ("00:00:0c:07:ac:2a", MacKind::Hsrp(42)),
            ("00:00:0c:9f:f1:02", MacKind::Hsrp(258)),
            ("00:05:73:a0:0f:ff", MacKind::Hsrp(4095)),
            ("00:07:b4:01:02:03", MacKind::Glbp(258)),
            ("00:07:b4:04:02:03", MacKind::Universal),
            ("01:00:5e:00:00:01", MacKind::Group),
            ("ff:ff:ff:ff:ff:ff", MacKind::Group),
            ("3c:22:fb:00:00:01", MacKind::Universal),
            ("02:42:ac:11:00:02", MacKind::Random),
            ("4a:00:00:00:00:01", MacKind::Extended),
            ("de:ad:be:ef:00:01", MacKind::Assigned),
            ("06:00:00:00:00:01", MacKind::Reserved),
        ] {
            assert_eq!(MacKind::of(text.parse().unwrap()), kind, "{text}");
        }
    }
}
