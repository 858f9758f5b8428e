//! Canonical form of records (RFC 4034 §6), which signatures are made of.

use crate::{Rdata, RecordType};

/// A part of rdata, as far as canonical form cares.
#[derive(Clone, Copy)]
enum Part {
    /// So many octets.
    Octets(usize),
    /// A `<character-string>`.
    String,
    /// A name: uncompressed, in lower case.
    Name,
    /// Prefix length, the bits behind it, and a name where there is a prefix (RFC 2874 §3.1).
    A6,
    /// What is left.
    Rest,
}

/// The types whose names are brought to lower case: RFC 4034 §6.2 without NSEC and HINFO (RFC 6840 §5.1).
fn parts(kind: RecordType) -> &'static [Part] {
    use Part::{A6, Name, Octets, Rest, String};
    match kind {
        RecordType::NS
        | RecordType::MD
        | RecordType::MF
        | RecordType::CNAME
        | RecordType::MB
        | RecordType::MG
        | RecordType::MR
        | RecordType::PTR
        | RecordType::DNAME => &[Name],
        RecordType::SOA => &[Name, Name, Rest],
        RecordType::MINFO | RecordType::RP => &[Name, Name],
        RecordType::MX | RecordType::AFSDB | RecordType::RT | RecordType::KX => &[Octets(2), Name],
        RecordType::PX => &[Octets(2), Name, Name],
        RecordType::SRV => &[Octets(6), Name],
        RecordType::NAPTR => &[Octets(4), String, String, String, Name],
        RecordType::SIG | RecordType::RRSIG => &[Octets(18), Name, Rest],
        RecordType::NXT => &[Name, Rest],
        RecordType::A6 => &[A6],
        _ => &[Rest],
    }
}

/// The canonical form of a record's data; as it came where it is not of its type's shape.
pub(super) fn rdata(kind: RecordType, rdata: Rdata<'_>) -> Vec<u8> {
    shaped(kind, rdata).unwrap_or_else(|| rdata.octets().to_vec())
}

fn shaped(kind: RecordType, rdata: Rdata<'_>) -> Option<Vec<u8>> {
    let (mut reader, mut form) = (rdata.reader(), Vec::with_capacity(rdata.octets().len()));
    for part in parts(kind) {
        match part {
            Part::Octets(count) => form.extend_from_slice(reader.take(*count).ok()?),
            Part::Name => form.extend_from_slice(reader.name().ok()?.to_lowercase().octets()),
            Part::Rest => form.extend_from_slice(reader.rest()),
            Part::String => {
                let string = reader.string().ok()?;
                form.push(u8::try_from(string.len()).ok()?);
                form.extend_from_slice(string);
            }
            Part::A6 => {
                let prefix = reader.u8().ok().filter(|prefix| *prefix <= 128)?;
                form.push(prefix);
                form.extend_from_slice(reader.take(usize::from(128 - prefix).div_ceil(8)).ok()?);
                if prefix > 0 {
                    form.extend_from_slice(reader.name().ok()?.to_lowercase().octets());
                }
            }
        }
    }
    (reader.left() == 0).then_some(form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_inside_are_uncompressed_and_in_lower_case() {
        let form = |kind, octets: &'static [u8]| rdata(kind, Rdata::alone(octets));
        assert_eq!(form(RecordType::MX, b"\0\x0a\x04MAIL\0"), b"\0\x0a\x04mail\0");
        assert_eq!(form(RecordType::SRV, b"\0\0\0\0\0\x35\x01A\0"), b"\0\0\0\0\0\x35\x01a\0");
        assert_eq!(
            form(RecordType::NAPTR, b"\0\0\0\0\x01S\0\0\x02Ab\0"),
            b"\0\0\0\0\x01S\0\0\x02ab\0",
            "only the name, not the flags"
        );
        assert_eq!(form(RecordType::A6, b"\x80\x01A\0"), b"\x80\x01a\0");
    }

    #[test]
    fn next_name_of_nsec_and_text_keep_their_case() {
        for kind in [RecordType::NSEC, RecordType::TXT, RecordType::HINFO, RecordType::SVCB] {
            assert_eq!(rdata(kind, Rdata::alone(b"\x01A\0")), b"\x01A\0", "{kind}");
        }
    }

    #[test]
    fn what_is_not_of_its_shape_is_taken_as_it_came() {
        assert_eq!(rdata(RecordType::MX, Rdata::alone(b"\0")), b"\0");
        assert_eq!(rdata(RecordType::MX, Rdata::alone(b"\0\x01\x01A\0Z")), b"\0\x01\x01A\0Z");
        assert_eq!(rdata(RecordType::A6, Rdata::alone(b"\xff")), b"\xff");
    }
}
