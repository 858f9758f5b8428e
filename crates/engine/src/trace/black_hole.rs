//! A link that swallows what is too long for it and says nothing (RFC 2923 §2.1): its MTU is found by
//! trying, as RFC 4821 §7 does.

/// The search for the longest probe that comes through, in octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Search {
    /// This comes through; 0 before anything has.
    passes: usize,
    /// This does not.
    fails: usize,
}

/// What a search has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Try this.
    Try(usize),
    /// No longer one comes through.
    Found(usize),
    /// Not even the shortest: nobody answers there, whatever the length.
    Silent,
}

impl Search {
    /// What every link lets through: RFC 791 §3.2 and RFC 8200 §5.
    pub(super) const fn floor(is_ipv6: bool) -> usize {
        if is_ipv6 { 1280 } else { 576 }
    }

    /// A probe of so many octets got no answer.
    pub(super) const fn new(fails: usize) -> Self {
        Self { passes: 0, fails }
    }

    /// Whether the hop answers, so that silence means something.
    pub(super) const fn has_passed(self) -> bool {
        self.passes > 0
    }

    /// The shortest that is known not to come through.
    pub(super) const fn fails(self) -> usize {
        self.fails
    }

    /// A probe of `size` octets was answered.
    pub(super) const fn answered(&mut self, size: usize) -> Next {
        self.passes = size;
        self.next()
    }

    /// A probe of `size` octets was not.
    pub(super) const fn lost(&mut self, size: usize) -> Next {
        if self.passes == 0 {
            return Next::Silent;
        }
        self.fails = size;
        self.next()
    }

    const fn next(self) -> Next {
        if self.fails - self.passes <= 1 {
            return Next::Found(self.passes);
        }
        Next::Try(self.passes + (self.fails - self.passes) / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(mtu: usize) -> (usize, u32) {
        let mut search = Search::new(1500);
        let (mut size, mut tries) = (Search::floor(false), 0);
        loop {
            tries += 1;
            let next = if size <= mtu { search.answered(size) } else { search.lost(size) };
            match next {
                Next::Try(other) => size = other,
                Next::Found(found) => return (found, tries),
                Next::Silent => return (0, tries),
            }
        }
    }

    #[test]
    fn every_mtu_is_found_to_the_octet() {
        for mtu in 576..1500 {
            let (found, tries) = find(mtu);
            assert_eq!(found, mtu);
            assert!(tries < 12, "{tries} for {mtu}");
        }
    }

    #[test]
    fn a_link_that_lets_nothing_through_is_no_black_hole() {
        assert_eq!(find(100), (0, 1));
    }
}
