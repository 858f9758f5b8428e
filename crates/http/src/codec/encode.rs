//! Requests, as octets.

use crate::failure::{Failure, Kind};
use crate::head::{Fields, Version};

/// Behind the last chunk, where there are no trailers (RFC 9112 §7.1).
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// A request's head. A failure where an octet would end a line, or a word of the first line, too early.
pub fn encode_head(
    method: &str,
    target: &[u8],
    version: Version,
    fields: &Fields,
) -> Result<Vec<u8>, Failure> {
    check(method.as_bytes(), "the method")?;
    check(target, "the target")?;
    let mut head = Vec::with_capacity(512);
    head.extend_from_slice(method.as_bytes());
    head.push(b' ');
    head.extend_from_slice(target);
    head.extend_from_slice(if version == Version::Http10 { b" HTTP/1.0" } else { b" HTTP/1.1" });
    head.extend_from_slice(b"\r\n");
    put_fields(&mut head, fields)?;
    Ok(head)
}

/// What stands before a chunk's data, which `\r\n` follows. `length` is not 0, which would be the end.
#[must_use]
pub fn chunk_head(length: usize) -> Vec<u8> {
    format!("{length:x}\r\n").into_bytes()
}

/// The last chunk, with trailers.
pub fn last_chunk(trailers: &Fields) -> Result<Vec<u8>, Failure> {
    let mut octets = b"0\r\n".to_vec();
    put_fields(&mut octets, trailers)?;
    Ok(octets)
}

/// Fields and the empty line.
fn put_fields(octets: &mut Vec<u8>, fields: &Fields) -> Result<(), Failure> {
    for field in &fields.0 {
        check(&field.name, "a field's name")?;
        check(&field.value, "a field's value")?;
        octets.extend_from_slice(&field.name);
        octets.push(b':');
        if !field.value.is_empty() {
            octets.push(b' ');
        }
        octets.extend_from_slice(&field.value);
        octets.extend_from_slice(b"\r\n");
    }
    octets.extend_from_slice(b"\r\n");
    Ok(())
}

fn check(octets: &[u8], what: &str) -> Result<(), Failure> {
    if octets.iter().any(|octet| matches!(octet, b'\r' | b'\n' | b'\0')) {
        let text = format!("{what} has an octet in it that would end it: CR, LF or NUL");
        return Err(Failure::new(Kind::BadArgument, text));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_is_written_in_order_and_ends_with_an_empty_line() {
        let mut fields = Fields::default();
        fields.push("Host", "a");
        fields.push("X-Empty", "");
        let head = encode_head("GET", b"/x", Version::Http11, &fields).unwrap();
        assert_eq!(head, b"GET /x HTTP/1.1\r\nHost: a\r\nX-Empty:\r\n\r\n");
    }

    #[test]
    fn line_ends_within_a_value_are_refused() {
        for value in ["a\r\nX: y", "a\nb", "a\0b"] {
            let mut fields = Fields::default();
            fields.push("X", value);
            assert!(encode_head("GET", b"/", Version::Http11, &fields).is_err(), "{value:?}");
            assert!(last_chunk(&fields).is_err(), "{value:?}");
        }
        assert!(encode_head("G\nT", b"/", Version::Http11, &Fields::default()).is_err());
        assert!(encode_head("GET", b"/\r", Version::Http11, &Fields::default()).is_err());
    }

    #[test]
    fn chunks_are_counted_in_hexadecimal() {
        assert_eq!(chunk_head(255), b"ff\r\n");
        assert_eq!(last_chunk(&Fields::default()).unwrap(), LAST_CHUNK);
    }
}
