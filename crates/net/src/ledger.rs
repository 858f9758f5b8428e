use std::collections::VecDeque;

/// Which datagram each of the kernel's transmit stamps is for.
///
/// The kernel numbers what leaves a socket from zero (`SOF_TIMESTAMPING_OPT_ID`); the engine has its
/// own names. Those that failed may or may not have used up a number: see [`restart`](Self::restart).
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// The kernel's number of the first entry.
    base: u32,
    ids: VecDeque<u32>,
}

impl Ledger {
    /// Stamps come back in microseconds; more than this many are never out.
    const LIMIT: usize = 1 << 14;

    /// Notes one that has left.
    pub(crate) fn sent(&mut self, id: u32) {
        if self.ids.len() == Self::LIMIT {
            self.ids.pop_front();
            self.base = self.base.wrapping_add(1);
        }
        self.ids.push_back(id);
    }

    /// The engine's name for the kernel's number.
    pub(crate) fn id(&self, number: u32) -> Option<u32> {
        let index = usize::try_from(number.wrapping_sub(self.base)).ok()?;
        self.ids.get(index).copied()
    }

    /// The kernel counts from zero again.
    pub(crate) fn restart(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::Ledger;

    #[test]
    fn numbers_are_told_apart_after_the_oldest_are_gone() {
        let mut ledger = Ledger::default();
        for id in 0..40_000 {
            ledger.sent(id + 7);
        }
        assert_eq!(ledger.id(39_999), Some(40_006));
        assert_eq!((ledger.id(0), ledger.id(40_000)), (None, None));
    }
}
