//! Forms of parts (RFC 7578).
//!
//! Never opens a file: whoever sends a body reads those that its pieces name.

mod encode;
mod write;

use std::path::{Path, PathBuf};

use bytes::Bytes;

pub use encode::Encoder;

/// A form: `-F` once for each part.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// In order.
    pub parts: Vec<Part>,
    /// Quotes in names are escaped by a backslash (`--form-escape`), not as `%22` (RFC 7578 §2).
    pub escapes: bool,
    /// The media type instead of `multipart/form-data` (`-H Content-Type:`), without boundary.
    pub media_type: Option<String>,
}

/// A part.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Its name; `None` within a part of parts.
    pub name: Option<String>,
    /// What is in it.
    pub content: Content,
    /// Its media type, where it is given (`;type=`).
    pub media_type: Option<String>,
    /// The name of its file, where one is told: of `@path` its last component, or `;filename=`. Of `<path` there is
    /// none.
    pub filename: Option<String>,
    /// Fields of its own (`;headers=`), without line ends.
    pub fields: Vec<String>,
    /// `binary`, `8bit`, `7bit`, `base64` or `quoted-printable` (`;encoder=`).
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

/// A form's body, as it is sent.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// The value of Content-Type, boundary included.
    pub content_type: String,
    /// One behind the other.
    pub pieces: Vec<Piece>,
    /// Octets of all, where that is known.
    pub length: Option<u64>,
}

/// A piece of a body.
#[derive(Clone, Debug)]
pub enum Piece {
    /// These octets.
    Octets(Bytes),
    /// What is in a file (`-` is stdin), through an encoder.
    File {
        /// Which.
        path: PathBuf,
        /// What is made of its octets; `None`: they go as they are.
        encoder: Option<Encoder>,
    },
}

impl Form {
    /// The body. `random` gives 22 letters and digits, anew for each boundary; `size` is a file's in octets, `None` where
    /// it is not known beforehand. A failure says in words what cannot be sent.
    pub fn body(
        &self,
        random: &mut dyn FnMut() -> String,
        size: &dyn Fn(&Path) -> Option<u64>,
    ) -> Result<Source, String> {
        write::body(self, random, size)
    }
}

#[cfg(test)]
mod tests;
