//! Forms of parts (RFC 7578).

use std::path::PathBuf;

/// A form: `-F` once for each part.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// In order.
    pub parts: Vec<Part>,
    /// Names as RFC 7578 has them (`--form-escape`: with backslashes).
    pub escapes: bool,
}

/// A part.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Its name; `None` within a part of parts.
    pub name: Option<String>,
    /// What is in it.
    pub content: Content,
    /// Its media type, where it is given.
    pub media_type: Option<String>,
    /// The name of its file, where one is told.
    pub filename: Option<String>,
    /// Fields of its own.
    pub fields: Vec<String>,
    /// `binary`, `8bit`, `7bit`, `base64` or `quoted-printable`.
    pub encoder: Option<String>,
}

/// What is in a part.
#[derive(Clone, Debug)]
pub enum Content {
    /// These octets.
    Octets(Vec<u8>),
    /// A file; `-` is stdin.
    File(PathBuf),
    /// Parts.
    Parts(Vec<Part>),
}

impl Default for Content {
    fn default() -> Self {
        Self::Octets(Vec::new())
    }
}
