//! Content transfer encodings (RFC 2045 §6), a piece at a time.

use data_encoding::BASE64;

/// Octets of a line (RFC 2045 §6.7, §6.8).
const LINE: usize = 76;
/// Octets that make a line of base64.
const LINE_OF_BASE64: usize = 57;

/// A content transfer encoding (RFC 2045 §6), a piece at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoder {
    kind: Encoding,
    /// What waits for what comes next.
    waiting: Vec<u8>,
    /// Octets in the line.
    column: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    SevenBit,
    Base64,
    QuotedPrintable,
}

impl Encoder {
    /// Of this name; `None` where octets go as they are.
    pub(super) fn new(name: &str) -> Result<Option<Self>, String> {
        let kind = match name.to_ascii_lowercase().as_str() {
            "binary" | "8bit" => return Ok(None),
            "7bit" => Encoding::SevenBit,
            "base64" => Encoding::Base64,
            "quoted-printable" => Encoding::QuotedPrintable,
            _ => return Err(format!("unknown encoder: {name}")),
        };
        Ok(Some(Self { kind, waiting: Vec::new(), column: 0 }))
    }

    /// Octets that so many become, where that does not depend on them.
    pub(super) fn length(&self, octets: u64) -> Option<u64> {
        match self.kind {
            Encoding::SevenBit => Some(octets),
            Encoding::Base64 => {
                let figures = octets.div_ceil(3).checked_mul(4)?;
                let ends = figures.saturating_sub(1) / 76;
                figures.checked_add(ends.checked_mul(2)?)
            }
            Encoding::QuotedPrintable => (octets == 0).then_some(0),
        }
    }

    /// Encodes what comes next, behind what is in `into`; `is_last` ends it. A failure says why in words.
    pub fn encode(
        &mut self,
        octets: &[u8],
        is_last: bool,
        into: &mut Vec<u8>,
    ) -> Result<(), String> {
        match self.kind {
            Encoding::SevenBit if !octets.is_ascii() => {
                return Err("an octet of eight bits, to be encoded in 7bit".to_owned());
            }
            Encoding::SevenBit => into.extend(octets),
            Encoding::Base64 => self.base64(octets, is_last, into),
            Encoding::QuotedPrintable => self.quoted_printable(octets, is_last, into),
        }
        Ok(())
    }

    fn base64(&mut self, octets: &[u8], is_last: bool, into: &mut Vec<u8>) {
        self.waiting.extend(octets);
        let whole = self.waiting.len() / LINE_OF_BASE64 * LINE_OF_BASE64;
        let rest = self.waiting.split_off(whole);
        let taken = std::mem::replace(&mut self.waiting, rest);
        let last = if is_last { std::mem::take(&mut self.waiting) } else { Vec::new() };
        let lines = taken.chunks(LINE_OF_BASE64).chain([last.as_slice()]);
        for line in lines.filter(|line| !line.is_empty()) {
            if std::mem::replace(&mut self.column, 1) == 1 {
                into.extend(b"\r\n");
            }
            into.extend(BASE64.encode(line).as_bytes());
        }
    }

    fn quoted_printable(&mut self, octets: &[u8], is_last: bool, into: &mut Vec<u8>) {
        let mut text = std::mem::take(&mut self.waiting);
        text.extend(octets);
        let mut at = 0;
        // Two octets ahead tell whether a line ends.
        while let Some(one) = text.get(at).filter(|_| is_last || at + 2 < text.len()) {
            if text.get(at..at + 2) == Some(b"\r\n") {
                into.extend(b"\r\n");
                (self.column, at) = (0, at + 2);
                continue;
            }
            let ends = at + 1 >= text.len() || text.get(at + 1..at + 3) == Some(b"\r\n");
            let is_plain = match one {
                b' ' | b'\t' => !ends,
                b'=' => false,
                one => one.is_ascii_graphic(),
            };
            let width = if is_plain { 1 } else { 3 };
            let column = self.column + width;
            if column > LINE || (column == LINE && !ends) {
                into.extend(b"=\r\n");
                self.column = 0;
            }
            if is_plain {
                into.push(*one);
            } else {
                into.extend(format!("={one:02X}").as_bytes());
            }
            (self.column, at) = (self.column + width, at + 1);
        }
        self.waiting = text.split_off(at.min(text.len()));
    }
}
