//! As much of DER as it takes to find names in a certificate without reading all of it (X.690 §8.1).

/// One element: its tag, all its octets, and its content.
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) whole: &'a [u8],
    pub(crate) content: &'a [u8],
}

/// The first element, and what is behind it.
pub(crate) fn element(octets: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&tag, rest) = octets.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (long, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (long.iter().fold(0, |sum, one| (sum << 8) | usize::from(*one)), rest)
        }
        _ => return None,
    };
    let (content, behind) = rest.split_at_checked(length)?;
    let whole = octets.get(..octets.len().checked_sub(behind.len())?)?;
    Some((Element { tag, whole, content }, behind))
}

/// Distinguished names of the issuer and the subject, in DER (RFC 5280 §4.1).
pub(crate) fn names(certificate: &[u8]) -> Option<(&[u8], &[u8])> {
    let (outer, _) = element(certificate)?;
    let (body, _) = element(outer.content)?;
    let (first, mut rest) = element(body.content)?;
    if first.tag == 0xa0 {
        // The version was there; this is the serial number.
        rest = element(rest)?.1;
    }
    let (_algorithm, rest) = element(rest)?;
    let (issuer, rest) = element(rest)?;
    let (_validity, rest) = element(rest)?;
    let (subject, _) = element(rest)?;
    Some((issuer.whole, subject.whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_read_past_the_end() {
        for octets in [&[][..], &[0x30], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0x30, 0x85]] {
            assert!(element(octets).is_none());
            assert!(names(octets).is_none());
        }
        let (one, rest) = element(&[0x02, 0x81, 0x01, 7, 9]).unwrap();
        assert_eq!((one.tag, one.content, rest), (2, &[7][..], &[9][..]));
    }
}
