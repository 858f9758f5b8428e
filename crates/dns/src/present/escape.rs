//! Strings as a master file has them (RFC 1035 §5.1).

use std::fmt::Write;

/// In double quotes; only quotes and backslashes in it are escaped, and what cannot be printed.
pub(super) fn quoted(octets: &[u8]) -> String {
    let mut text = String::from("\"");
    for octet in octets {
        match octet {
            b'"' | b'\\' => text.extend(['\\', char::from(*octet)]),
            _ => plain(&mut text, *octet, b' '),
        }
    }
    text.push('"');
    text
}

/// Without quotes: blanks are escaped too, and what begins a comment.
pub(super) fn unquoted(octets: &[u8]) -> String {
    let mut text = String::new();
    for octet in octets {
        match octet {
            b'"' | b'\\' | b'@' | b';' => text.extend(['\\', char::from(*octet)]),
            _ => plain(&mut text, *octet, b'!'),
        }
    }
    text
}

/// One value of a list in quotes that commas part: they and backslashes in it are escaped twice
/// (RFC 9460 §A.1).
pub(super) fn in_list(octets: &[u8]) -> String {
    let mut text = String::new();
    for octet in octets {
        match octet {
            b'"' => text.push_str("\\\""),
            b',' => text.push_str("\\\\,"),
            b'\\' => text.push_str("\\\\\\\\"),
            _ => plain(&mut text, *octet, b'!'),
        }
    }
    text
}

fn plain(text: &mut String, octet: u8, lowest: u8) {
    if (lowest..0x7f).contains(&octet) {
        text.push(char::from(octet));
    } else {
        let _ = write!(text, "\\{octet:03}");
    }
}
