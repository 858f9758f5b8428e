//! Heads of messages: fields in order, as they came.

use std::fmt;

use bytes::Bytes;

/// Over what a message was carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// Without head (HTTP/0.9): the body is all there is.
    Http09,
    /// HTTP/1.0.
    Http10,
    /// HTTP/1.1.
    #[default]
    Http11,
    /// HTTP/2.
    Http2,
    /// HTTP/3.
    Http3,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http09 => "0.9",
            Self::Http10 => "1.0",
            Self::Http11 => "1.1",
            Self::Http2 => "2",
            Self::Http3 => "3",
        })
    }
}

/// A field of a head, as it came or as it is sent. Octets of a stranger's: escape before printing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// Its name, in the case that was used.
    pub name: Vec<u8>,
    /// Its value, without white space around it.
    pub value: Vec<u8>,
}

/// Fields in the order in which they came or go (RFC 9110 §5.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(pub Vec<Field>);

impl Fields {
    /// Adds one behind the others.
    pub fn push(&mut self, name: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.0.push(Field { name: name.into(), value: value.into() });
    }

    /// The values of all fields of this name, in any case, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a {
        let named = self.0.iter().filter(move |one| one.name.eq_ignore_ascii_case(name.as_bytes()));
        named.map(|one| one.value.as_slice())
    }

    /// The value of the first field of this name, in any case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        let mut named = self.0.iter().filter(|one| one.name.eq_ignore_ascii_case(name.as_bytes()));
        named.next().map(|one| one.value.as_slice())
    }

    /// As [`Fields::get`], where that is UTF-8.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The head of a response: final, or interim (1xx), or that of a proxy to CONNECT.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// Over what it came; with HTTP/1 what the status line says.
    pub version: Version,
    /// 100 to 999.
    pub status: u16,
    /// What the status line says behind the status; empty with HTTP/2 and 3.
    pub reason: Vec<u8>,
    /// Its fields, in order.
    pub fields: Fields,
    /// Octet for octet as it came, the empty line included. With HTTP/2 and 3, which have no such octets,
    /// `HTTP/2 200 \r\nname: value\r\n\r\n`.
    pub raw: Bytes,
}
