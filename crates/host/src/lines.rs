//! Files of the kernel's, line by line, each no longer than it may be.

use std::io::{self, Read};
use std::ops::ControlFlow;

/// In octets, the end included. A longer line is passed over whole.
const LONGEST: usize = 1 << 13;

/// Hands over each line without its end, and says whether somebody wanted no more.
pub(crate) fn each_line(
    mut input: impl Read,
    mut each: impl FnMut(&[u8]) -> ControlFlow<()>,
) -> io::Result<ControlFlow<()>> {
    let mut buffer = vec![0; 2 * LONGEST];
    let (mut filled, mut is_too_long) = (0, false);
    loop {
        let read = match input.read(&mut buffer[filled..]) {
            Ok(read) => read,
            Err(err) if err.kind() == io::ErrorKind::Interrupted => continue,
            Err(err) => return Err(err),
        };
        filled += read;
        let mut start = 0;
        while let Some(length) = buffer[start..filled].iter().position(|octet| *octet == b'\n') {
            let line = &buffer[start..start + length];
            start += length + 1;
            if !std::mem::take(&mut is_too_long) && each(line).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        if read == 0 {
            let last = &buffer[start..filled];
            let is_line = !last.is_empty() && !is_too_long;
            return Ok(if is_line { each(last) } else { ControlFlow::Continue(()) });
        }
        buffer.copy_within(start..filled, 0);
        filled -= start;
        if filled > LONGEST {
            (filled, is_too_long) = (0, true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives so many octets at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let (now, later) = self.0.split_at(self.1.min(self.0.len()).min(buffer.len()));
            buffer[..now.len()].copy_from_slice(now);
            self.0 = later;
            Ok(now.len())
        }
    }

    fn lines(text: &[u8], step: usize) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        let read = each_line(Slow(text, step), |line| {
            all.push(line.to_vec());
            ControlFlow::Continue(())
        });
        assert!(read.unwrap().is_continue());
        all
    }

    #[test]
    fn lines_are_the_same_however_they_come() {
        for step in [1, 2, 3, 100] {
            assert_eq!(lines(b"one\n\ntwo\nthree", step), [&b"one"[..], b"", b"two", b"three"]);
            assert_eq!(lines(b"", step), Vec::<Vec<u8>>::new());
        }
    }

    #[test]
    fn line_that_is_too_long_is_passed_over() {
        let text =
            [b"a\n", &vec![b'x'; 5 * LONGEST][..], b"\nb\n", &vec![b'y'; 3 * LONGEST]].concat();
        for step in [1000, 4096, usize::MAX] {
            assert_eq!(lines(&text, step), [b"a", b"b"]);
        }
    }

    #[test]
    fn reading_stops_when_nobody_wants_more() {
        let mut count = 0;
        let read = each_line(&b"a\nb\nc\n"[..], |_| {
            count += 1;
            ControlFlow::Break(())
        });
        assert_eq!((read.unwrap(), count), (ControlFlow::Break(()), 1));
    }
}
