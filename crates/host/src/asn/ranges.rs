/// What values hold from which number on, and no overlaps any more: the prefixes of a table laid
/// flat, so that the longest match is a binary search in a row of numbers.
///
/// Takes the bytes of a number and four more for each end of a prefix that changes something, which
/// is at most two a prefix.
#[derive(Debug)]
pub(super) struct Ranges<N> {
    /// Ascending.
    starts: Vec<N>,
    /// As many as there are `starts`.
    values: Vec<Option<Value>>,
}

/// Never zero, so that an `Option` of it takes no more.
pub(super) type Value = std::num::NonZeroU32;

/// A prefix as its first and its last address, and its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span<N> {
    pub(super) first: N,
    pub(super) last: N,
    pub(super) value: Value,
}

/// An address as a number.
pub(super) trait Number: Copy + Ord {
    /// The one after it, unless it is the last.
    fn next(self) -> Option<Self>;
}

impl Number for u32 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
}

impl Number for u128 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
}

impl<N: Number> Ranges<N> {
    /// Lays prefixes flat. They may come in any order; where one is there twice, `merge` makes one
    /// value of the earlier one's and the later one's.
    pub(super) fn new(
        mut spans: Vec<Span<N>>,
        mut merge: impl FnMut(Value, Value) -> Value,
    ) -> Self {
        // An outer prefix comes before those inside it.
        spans.sort_by(|a, b| a.first.cmp(&b.first).then(b.last.cmp(&a.last)));
        spans.dedup_by(|later, kept| {
            let is_same = (later.first, later.last) == (kept.first, kept.last);
            if is_same {
                kept.value = merge(kept.value, later.value);
            }
            is_same
        });
        let mut ranges = Self { starts: Vec::new(), values: Vec::new() };
        ranges.lay(&spans);
        ranges.starts.shrink_to_fit();
        ranges.values.shrink_to_fit();
        ranges
    }

    /// The value of the longest prefix that a number is in.
    pub(super) fn get(&self, number: N) -> Option<Value> {
        let after = self.starts.partition_point(|start| *start <= number);
        self.values[after.checked_sub(1)?]
    }

    fn lay(&mut self, spans: &[Span<N>]) {
        // Those that the present one is inside, the innermost last.
        let mut outer: Vec<&Span<N>> = Vec::new();
        for span in spans {
            while let Some(ended) = outer.pop_if(|outer| outer.last < span.first) {
                self.resume(ended, outer.last());
            }
            self.push(span.first, Some(span.value));
            outer.push(span);
        }
        while let Some(ended) = outer.pop() {
            self.resume(ended, outer.last());
        }
    }

    /// Past the end of a prefix, the one around it holds again.
    fn resume(&mut self, ended: &Span<N>, around: Option<&&Span<N>>) {
        if let Some(next) = ended.last.next() {
            self.push(next, around.map(|span| span.value));
        }
    }

    /// Says what holds from here on, whatever was said of here before.
    fn push(&mut self, start: N, value: Option<Value>) {
        if self.starts.last() == Some(&start) {
            self.starts.pop();
            self.values.pop();
        }
        if self.values.last().copied().flatten() != value {
            self.starts.push(start);
            self.values.push(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_prefix_matches_as_if_each_were_tried() {
        // Nested, adjacent, equal at one end, up to both ends of the numbers.
        let prefixes: Vec<(u32, u32)> =
            vec![(0, 2), (0, 8), (0, 32), (1, 32), (7, 16), (7, 24), (255, 8), (256, 24), (3, 30)];
        let spans: Vec<_> = (1..).zip(&prefixes).map(|(n, p)| span(p.0 << 24, p.1, n)).collect();
        let ranges = Ranges::new(spans.clone(), |_, _| panic!("no two are the same"));
        let edges = spans.iter().flat_map(|s| {
            [s.first, s.last, s.first.wrapping_sub(1), s.last.wrapping_add(1), s.first ^ 0x0101]
        });
        for number in edges {
            let inside = spans.iter().filter(|s| (s.first..=s.last).contains(&number));
            let best = inside.min_by_key(|s| s.last - s.first).map(|s| s.value);
            assert_eq!(ranges.get(number), best, "{number:#x}");
        }
    }

    #[test]
    fn prefix_that_is_there_twice_has_both_values() {
        let sum = |a: Value, b: Value| a.checked_add(b.get()).unwrap();
        let ranges = Ranges::new(vec![span(0, 8, 1), span(0, 16, 7), span(0, 8, 2)], sum);
        assert_eq!(ranges.get(0xff_ffff).map(Value::get), Some(3));
        assert_eq!(ranges.get(0).map(Value::get), Some(7), "only what is the same is merged");
    }

    #[test]
    fn neighbours_of_one_value_are_one() {
        let ranges =
            Ranges::new(vec![span(0, 9, 1), span(1 << 23, 9, 1), span(5, 32, 1)], |a, _| a);
        assert_eq!(ranges.starts, [0, 1 << 24]);
    }

    #[test]
    fn all_of_ipv6_can_be_one_prefix() {
        let value = Value::new(9).unwrap();
        let all = Span { first: 0, last: u128::MAX, value };
        let ranges = Ranges::new(vec![all], |a, _| a);
        assert_eq!([ranges.get(0), ranges.get(u128::MAX)], [Some(value); 2]);
    }

    fn span(first: u32, len: u32, value: u32) -> Span<u32> {
        let last = first | u32::MAX.checked_shr(len).unwrap_or(0);
        Span { first, last, value: Value::new(value).unwrap() }
    }
}
