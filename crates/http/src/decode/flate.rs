//! gzip and deflate.

use flate2::{Decompress, FlushDecompress, Status};

use super::{Layer, broken, cut, trailing};
use crate::failure::Failure;

/// The window that anybody may use (RFC 1950 §2.2), as a power of two.
const WINDOW_BITS: u8 = 15;
/// A gzip member's first octet (RFC 1952 §2.3.1).
const MAGIC: u8 = 0x1f;

/// gzip: members, one behind the other (RFC 1952 §2.2).
#[derive(Default)]
pub(super) enum Gzip {
    /// Nothing came.
    #[default]
    Untouched,
    /// Inside of a member.
    Inside(Decompress),
    /// Behind one.
    Between,
}

impl Layer for Gzip {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<(usize, usize), Failure> {
        let mut from = 0;
        loop {
            let rest = input.get(from..).unwrap_or_default();
            match (&mut *self, rest.first()) {
                (Self::Inside(inflater), _) => {
                    let (used, made, is_end) = inflate(inflater, rest, output)?;
                    from += used;
                    if is_end {
                        *self = Self::Between;
                    }
                    if !is_end || made > 0 {
                        return Ok((from, made));
                    }
                }
                (_, None) => return Ok((from, 0)),
                (Self::Between, Some(octet)) if *octet != MAGIC => return Err(trailing("gzip")),
                (Self::Between | Self::Untouched, _) => {
                    *self = Self::Inside(Decompress::new_gzip(WINDOW_BITS));
                }
            }
        }
    }

    fn finish(&self) -> Result<(), Failure> {
        if matches!(self, Self::Inside(_)) { Err(cut("gzip")) } else { Ok(()) }
    }
}

/// deflate: zlib, or raw.
#[derive(Default)]
pub(super) enum Deflate {
    /// Nothing came.
    #[default]
    Untouched,
    /// The first octet; two are needed to know which it is.
    First(u8),
    /// Inside.
    Inside(Decompress),
    /// Behind it.
    Ended,
}

impl Layer for Deflate {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<(usize, usize), Failure> {
        match (&mut *self, input) {
            (Self::Inside(inflater), _) => {
                let (used, made, is_end) = inflate(inflater, input, output)?;
                if is_end {
                    *self = Self::Ended;
                }
                Ok((used, made))
            }
            (_, []) => Ok((0, 0)),
            (Self::Untouched, [first, ..]) => {
                *self = Self::First(*first);
                Ok((1, 0))
            }
            (Self::First(first), [second, ..]) => {
                let first = *first;
                let mut inflater = Decompress::new(is_zlib(first, *second));
                // One octet yields nothing: a block's header and a literal are more than eight bits.
                inflate(&mut inflater, &[first], output)?;
                *self = Self::Inside(inflater);
                self.step(input, output)
            }
            (Self::Ended, _) => Err(trailing("deflate")),
        }
    }

    fn finish(&self) -> Result<(), Failure> {
        match self {
            Self::Untouched | Self::Ended => Ok(()),
            Self::First(_) | Self::Inside(_) => Err(cut("deflate")),
        }
    }
}

/// Whether these begin what RFC 1950 §2.2 describes.
fn is_zlib(first: u8, second: u8) -> bool {
    first & 0x0f == 8 && first >> 4 <= 7 && u16::from_be_bytes([first, second]).is_multiple_of(31)
}

/// Octets used, octets made, and whether that was the end.
fn inflate(
    inflater: &mut Decompress,
    input: &[u8],
    output: &mut [u8],
) -> Result<(usize, usize, bool), Failure> {
    let (before_in, before_out) = (inflater.total_in(), inflater.total_out());
    let status = match inflater.decompress(input, output, FlushDecompress::None) {
        Ok(status) => status,
        Err(why) => return Err(broken(why.message().unwrap_or("invalid data"))),
    };
    let used = usize::try_from(inflater.total_in().wrapping_sub(before_in)).unwrap_or(0);
    let made = usize::try_from(inflater.total_out().wrapping_sub(before_out)).unwrap_or(0);
    Ok((used, made, status == Status::StreamEnd))
}
