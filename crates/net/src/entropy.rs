use rustix::rand::{GetRandomFlags, getrandom};

/// A seed that nobody can guess (getrandom(2)): for identifiers and payload cookies.
#[must_use]
pub fn seed() -> u64 {
    let mut octets = [0; 8];
    // At most 256 octets are never cut short, and the flags are valid: getrandom(2), NOTES.
    let _ = getrandom(&mut octets, GetRandomFlags::empty());
    u64::from_ne_bytes(octets)
}

#[cfg(test)]
mod tests {
    #[test]
    fn two_seeds_differ() {
        assert_ne!(super::seed(), super::seed());
    }
}
