//! Bytes that mean nothing, for the tests that a parser is total.
//!
//! The same at every run: a test that fails will fail again.

/// Buffers of 0 to 255 octets, as many as asked for.
pub(crate) fn noise(count: usize) -> impl Iterator<Item = Vec<u8>> {
    let mut state = 0x9e37_79b9_7f4a_7c15;
    (0..count).map(move |_| {
        let length = usize::from(next(&mut state));
        (0..length).map(|_| next(&mut state)).collect()
    })
}

/// One octet of a xorshift generator.
fn next(state: &mut u64) -> u8 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    state.to_be_bytes()[0]
}
