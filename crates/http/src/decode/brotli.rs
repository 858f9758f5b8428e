//! Brotli (RFC 7932), with windows of 16 MiB at the most.

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

use super::{Layer, broken, cut, trailing};
use crate::failure::Failure;

type State = BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>;

/// Where it is.
#[derive(Default)]
pub(super) enum Brotli {
    /// Nothing came.
    #[default]
    Untouched,
    /// Inside.
    Inside(Box<State>),
    /// Behind it.
    Ended,
}

impl Layer for Brotli {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<(usize, usize), Failure> {
        match self {
            Self::Inside(state) => {
                let (used, made, is_end) = decompress(state, input, output)?;
                if is_end {
                    *self = Self::Ended;
                }
                Ok((used, made))
            }
            _ if input.is_empty() => Ok((0, 0)),
            Self::Ended => Err(trailing("brotli")),
            Self::Untouched => {
                let alloc = StandardAlloc::default;
                // Strict: without the large windows that RFC 7932 does not have.
                *self = Self::Inside(Box::new(State::new_strict(alloc(), alloc(), alloc())));
                self.step(input, output)
            }
        }
    }

    fn finish(&self) -> Result<(), Failure> {
        if matches!(self, Self::Inside(_)) { Err(cut("brotli")) } else { Ok(()) }
    }
}

/// Octets used, octets made, and whether that was the end.
fn decompress(
    state: &mut State,
    input: &[u8],
    output: &mut [u8],
) -> Result<(usize, usize, bool), Failure> {
    let (mut left, mut used) = (input.len(), 0);
    let (mut space, mut made, mut total) = (output.len(), 0, 0);
    let result = BrotliDecompressStream(
        &mut left, &mut used, input, &mut space, &mut made, output, &mut total, state,
    );
    match result {
        BrotliResult::ResultFailure => Err(broken(format_args!("brotli: {:?}", state.error_code))),
        BrotliResult::ResultSuccess => Ok((used, made, true)),
        BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => Ok((used, made, false)),
    }
}
