//! The lists that are built in, looked up where they lie.
//!
//! Numbers are little-endian:
//!
//! | What | Octets |
//! | --- | --- |
//! | `wlvendor` | 8 |
//! | when the lists were fetched, as 2026-10-17 | 10 |
//! | how many rows the tables of 24, 28 and 36 bits have | 3 × 4 |
//! | how many names there are | 4 |
//! | rows of 24 bits, sorted: prefix, number of its name | 3 + 2 each |
//! | rows of 28 bits, the last half octet zero | 4 + 2 each |
//! | rows of 36 bits, the last half octet zero | 5 + 2 each |
//! | where each name ends in the text | 4 each |
//! | the text of all names, UTF-8 | the rest |
//!
//! The lists are the IEEE's public listing, in which it asserts no copyright; `examples/vendors.rs` took them
//! from the crate `oui-data` 0.2.4 (MIT).
//!
//! A file that was damaged gives no names or wrong ones, and does nothing worse.

use wireline_packet::Mac;

static BUILT_IN: &[u8] = include_bytes!("oui.bin");

const MAGIC: usize = 8;
const DATE: usize = 10;

/// When the lists were fetched.
pub(super) const BUILT_IN_DATE: &str = {
    let (_, rest) = include_bytes!("oui.bin").split_at(MAGIC);
    match str::from_utf8(rest.split_at(DATE).0) {
        Ok(date) => date,
        Err(_) => panic!("examples/vendors.rs writes dates in ASCII"),
    }
};

/// The owner of the longest prefix that was assigned, and how many bits it has.
pub(super) fn built_in(mac: Mac) -> Option<(u8, &'static str)> {
    Blob(BUILT_IN).name(mac)
}

#[derive(Clone, Copy)]
struct Blob<'a>(&'a [u8]);

impl<'a> Blob<'a> {
    fn name(self, mac: Mac) -> Option<(u8, &'a str)> {
        let mut rest = self.0.get(MAGIC + DATE..)?;
        let counts = [number(&mut rest)?, number(&mut rest)?, number(&mut rest)?];
        let names = number(&mut rest)?;
        let (rows_24, rest) = rest.split_at_checked(counts[0].checked_mul(5)?)?;
        let (rows_28, rest) = rest.split_at_checked(counts[1].checked_mul(6)?)?;
        let (rows_36, rest) = rest.split_at_checked(counts[2].checked_mul(7)?)?;
        let (ends, text) = rest.split_at_checked(names.checked_mul(4)?)?;
        let (mut of_28, mut of_36) = (*mac.0.first_chunk::<4>()?, *mac.0.first_chunk::<5>()?);
        of_28[3] &= 0xf0;
        of_36[4] &= 0xf0;
        let found = find::<7>(rows_36, &of_36).map(|id| (36, id));
        let found = found.or_else(|| find::<6>(rows_28, &of_28).map(|id| (28, id)));
        let found = found.or_else(|| find::<5>(rows_24, &mac.0[..3]).map(|id| (24, id)));
        found.and_then(|(bits, id)| Some((bits, text_of(ends, text, id)?)))
    }
}

fn number(rest: &mut &[u8]) -> Option<usize> {
    let (octets, after) = rest.split_first_chunk()?;
    *rest = after;
    usize::try_from(u32::from_le_bytes(*octets)).ok()
}

/// Finds the number of a prefix' name among rows of `ROW` octets.
fn find<const ROW: usize>(rows: &[u8], prefix: &[u8]) -> Option<u16> {
    let (rows, _) = rows.as_chunks::<ROW>();
    let at = rows.binary_search_by(|row| row.split_at(ROW - 2).0.cmp(prefix)).ok()?;
    Some(u16::from_le_bytes(*rows.get(at)?.last_chunk()?))
}

fn text_of<'a>(ends: &[u8], text: &'a [u8], id: u16) -> Option<&'a str> {
    let (ends, _) = ends.as_chunks::<4>();
    let end = |n: usize| ends.get(n).and_then(|end| usize::try_from(u32::from_le_bytes(*end)).ok());
    let id = usize::from(id);
    let start = id.checked_sub(1).map_or(Some(0), end)?;
    str::from_utf8(text.get(start..end(id)?)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One row a table: 00:00:01 of 24 bits, 00:00:02:3 of 28, 00:00:03:00:0 of 36.
    fn small() -> Vec<u8> {
        let mut blob = b"wlvendor2026-10-17".to_vec();
        for count in [1_u32, 1, 1, 3] {
            blob.extend(count.to_le_bytes());
        }
        blob.extend([0, 0, 1, 0, 0]);
        blob.extend([0, 0, 2, 0x30, 1, 0]);
        blob.extend([0, 0, 3, 0, 0, 2, 0]);
        for end in [3_u32, 6, 9] {
            blob.extend(end.to_le_bytes());
        }
        blob.extend(b"onetwosix");
        blob
    }

    const OF_SMALL: [(Mac, (u8, &str)); 3] = [
        (Mac([0, 0, 1, 9, 9, 9]), (24, "one")),
        (Mac([0, 0, 2, 0x3f, 9, 9]), (28, "two")),
        (Mac([0, 0, 3, 0, 0xf, 9]), (36, "six")),
    ];

    #[test]
    fn each_table_is_asked() {
        for (mac, expected) in OF_SMALL {
            assert_eq!(Blob(&small()).name(mac), Some(expected), "{mac}");
        }
        assert_eq!(
            Blob(&small()).name(Mac([0, 0, 2, 0x40, 9, 9])),
            None,
            "the next block of 28 bits"
        );
    }

    #[test]
    fn cut_anywhere_it_gives_no_name_that_is_not_there() {
        let blob = small();
        for length in 0..blob.len() {
            for (mac, expected) in OF_SMALL {
                let found = Blob(&blob[..length]).name(mac);
                assert!(found.is_none() || found == Some(expected), "{length} octets: {found:?}");
            }
        }
    }

    #[test]
    fn any_octet_may_be_wrong() {
        for at in 0..small().len() {
            for wrong in [0, 0x7f, 0x80, 0xff] {
                let mut blob = small();
                blob[at] = wrong;
                for (mac, _) in OF_SMALL {
                    let _ = Blob(&blob).name(mac);
                }
            }
        }
    }

    #[test]
    fn built_in_lists_are_whole_and_sorted() {
        let mut rest = &BUILT_IN[MAGIC + DATE..];
        assert_eq!(&BUILT_IN[..MAGIC], b"wlvendor");
        let counts = [(); 4].map(|()| number(&mut rest).unwrap());
        assert!(counts[0] > 40_000 && counts[1] > 6_000 && counts[2] > 11_000, "{counts:?}");
        let (rows_24, rest) = rest.split_at(counts[0] * 5);
        let (rows_28, rest) = rest.split_at(counts[1] * 6);
        let (rows_36, rest) = rest.split_at(counts[2] * 7);
        assert!(rows_24.as_chunks::<5>().0.is_sorted_by(|a, b| a[..3] < b[..3]));
        assert!(rows_28.as_chunks::<6>().0.is_sorted_by(|a, b| a[..4] < b[..4]));
        assert!(rows_36.as_chunks::<7>().0.is_sorted_by(|a, b| a[..5] < b[..5]));
        let (ends, text) = rest.split_at(counts[3] * 4);
        for id in 0..u16::try_from(counts[3]).unwrap() {
            assert!(text_of(ends, text, id).is_some_and(|name| !name.is_empty()), "name {id}");
        }
        let last = u32::from_le_bytes(*ends.last_chunk().unwrap());
        assert_eq!(
            usize::try_from(last),
            Ok(text.len()),
            "the text has more or less than the names"
        );
    }
}
