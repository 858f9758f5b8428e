//! Zstandard (RFC 8878), with windows of 8 MiB at the most (RFC 9659 §3).
//!
//! The decoder below wants whole blocks: they are kept here until they are whole, which is 128 KiB at the most.

use std::io::Read;

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::{Layer, broken, cut};
use crate::failure::Failure;

/// The largest window.
const WINDOW: u64 = 8 << 20;
/// The largest block's data (RFC 8878 §3.1.1.2.4).
const BLOCK: usize = 128 << 10;
const MAGIC: u32 = 0xfd2f_b528;
/// Of frames that are passed over (RFC 8878 §3.1.2), but for the last four bits.
const SKIPPABLE: u32 = 0x184d_2a50;

/// Frames, one behind the other.
pub(super) struct Zstd {
    frames: FrameDecoder,
    /// The beginning of the next part.
    part: Vec<u8>,
    next: Next,
}

/// What comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// A frame, or the end.
    Frame,
    /// Octets to be passed over.
    Skipped(usize),
    /// A block of a frame that ends with a checksum, or does not.
    Block { has_checksum: bool },
    /// What is left of a frame to be handed out.
    Tail,
}

impl Default for Zstd {
    fn default() -> Self {
        let mut frames = FrameDecoder::new();
        frames.set_max_window_size(WINDOW);
        Self { frames, part: Vec::new(), next: Next::Frame }
    }
}

impl Layer for Zstd {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<(usize, usize), Failure> {
        let mut rest = input;
        loop {
            let made = if matches!(self.next, Next::Block { .. } | Next::Tail) {
                self.frames.read(output).map_err(broken)?
            } else {
                0
            };
            if made > 0 {
                return Ok((input.len().saturating_sub(rest.len()), made));
            }
            if self.next == Next::Tail {
                self.end_frame()?;
            }
            if !self.advance(&mut rest)? {
                return Ok((input.len().saturating_sub(rest.len()), 0));
            }
        }
    }

    fn finish(&self) -> Result<(), Failure> {
        let is_end = self.next == Next::Frame && self.part.is_empty();
        if is_end { Ok(()) } else { Err(cut("zstd")) }
    }
}

impl Zstd {
    /// Takes the next part, where it is whole.
    fn advance(&mut self, rest: &mut &[u8]) -> Result<bool, Failure> {
        if let Next::Skipped(left) = self.next {
            let skipped = left.min(rest.len());
            *rest = rest.get(skipped..).unwrap_or_default();
            self.next = match left.saturating_sub(skipped) {
                0 => Next::Frame,
                more => Next::Skipped(more),
            };
            return Ok(!rest.is_empty());
        }
        // A part is not longer than what its beginning says, which may need a part of it to be there.
        loop {
            let wanted = self.part_length()?;
            if self.part.len() == wanted {
                break;
            }
            let more = rest.len().min(wanted.saturating_sub(self.part.len()));
            if more == 0 {
                return Ok(false);
            }
            self.part.extend_from_slice(rest.get(..more).unwrap_or_default());
            *rest = rest.get(more..).unwrap_or_default();
        }
        self.take_part()?;
        self.part.clear();
        Ok(true)
    }

    /// How long the next part is, as far as what is there of it says.
    fn part_length(&self) -> Result<usize, Failure> {
        match self.next {
            Next::Block { has_checksum } => block_length(&self.part, has_checksum),
            _ => frame_header_length(&self.part),
        }
    }

    fn take_part(&mut self) -> Result<(), Failure> {
        if let Next::Block { .. } = self.next {
            let one = BlockDecodingStrategy::UptoBlocks(1);
            let is_last = self.frames.decode_blocks(self.part.as_slice(), one).map_err(broken)?;
            if is_last {
                self.next = Next::Tail;
            }
            return Ok(());
        }
        if let [a, b, c, d, e, f, g, h] = *self.part.as_slice()
            && is_skippable(u32::from_le_bytes([a, b, c, d]))
        {
            let length = u32::from_le_bytes([e, f, g, h]);
            self.next = Next::Skipped(usize::try_from(length).unwrap_or(usize::MAX));
            return Ok(());
        }
        self.frames.reset(self.part.as_slice()).map_err(broken)?;
        let has_checksum = self.part.get(4).is_some_and(|descriptor| descriptor & 4 != 0);
        self.next = Next::Block { has_checksum };
        Ok(())
    }

    fn end_frame(&mut self) -> Result<(), Failure> {
        let said = self.frames.get_checksum_from_data();
        if said.is_some() && said != self.frames.get_calculated_checksum() {
            return Err(broken("zstd: wrong checksum"));
        }
        self.next = Next::Frame;
        Ok(())
    }
}

fn is_skippable(magic: u32) -> bool {
    magic & !0xf == SKIPPABLE
}

/// RFC 8878 §3.1.1.1, with the magic number.
fn frame_header_length(part: &[u8]) -> Result<usize, Failure> {
    let [a, b, c, d, rest @ ..] = part else { return Ok(4) };
    let magic = u32::from_le_bytes([*a, *b, *c, *d]);
    if is_skippable(magic) {
        return Ok(8);
    }
    if magic != MAGIC {
        return Err(broken("zstd: no frame"));
    }
    let Some(descriptor) = rest.first() else { return Ok(5) };
    let is_single = descriptor & 0x20 != 0;
    let dictionary = [0, 1, 2, 4].get(usize::from(descriptor & 3)).copied().unwrap_or(0);
    let size = match descriptor >> 6 {
        0 => usize::from(is_single),
        1 => 2,
        2 => 4,
        _ => 8,
    };
    Ok(5 + usize::from(!is_single) + dictionary + size)
}

/// RFC 8878 §3.1.1.2, with the checksum behind the last.
fn block_length(part: &[u8], has_checksum: bool) -> Result<usize, Failure> {
    let [a, b, c, ..] = *part else { return Ok(3) };
    let header = u32::from_le_bytes([a, b, c, 0]);
    let size = usize::try_from(header >> 3).unwrap_or(usize::MAX);
    if size > BLOCK {
        return Err(broken("zstd: a block is too large"));
    }
    let data = if (header >> 1) & 3 == 1 { 1 } else { size };
    Ok(3 + data + if has_checksum && header & 1 == 1 { 4 } else { 0 })
}
