use super::*;
use crate::noise::noise;

/// What a machine of one order of octets writes: one frame of five octets, of which three are kept.
fn file(write: fn(u32) -> [u8; 4], magic: u32, fraction: u32) -> Vec<u8> {
    let version = write(0x0002_0004);
    let mut octets = [write(magic), version, write(0), write(0), write(64), write(1)].concat();
    octets.extend([write(7), write(fraction), write(3), write(5)].concat());
    octets.extend(b"abc");
    octets
}

fn all(octets: &[u8]) -> Result<Vec<(Duration, u32, Vec<u8>)>, Error> {
    let mut reader = Reader::new(octets)?;
    let mut records = Vec::new();
    while let Some(record) = reader.next_record()? {
        records.push((record.at, record.length, record.contents.to_vec()));
    }
    Ok(records)
}

#[test]
fn every_order_and_resolution_is_read_alike() {
    for write in [u32::to_le_bytes, u32::to_be_bytes] {
        for (magic, fraction) in [(MICROSECONDS, 250_000), (NANOSECONDS, 250_000_000)] {
            let records = all(&file(write, magic, fraction)).unwrap();
            assert_eq!(records, [(Duration::from_millis(7250), 5, b"abc".to_vec())]);
        }
    }
}

#[test]
fn file_that_ends_early_is_an_error_but_between_frames() {
    let whole = file(u32::to_be_bytes, MICROSECONDS, 0);
    for end in 0..whole.len() {
        let read = all(&whole[..end]);
        match end {
            FILE_HEADER => assert!(read.unwrap().is_empty()),
            _ => assert!(matches!(read, Err(Error::Truncated { .. })), "{end}"),
        }
    }
    let why = all(&whole[..30]).unwrap_err().to_string();
    assert_eq!(why, "truncated dump file; tried to read 16 header bytes, only got 6");
}

#[test]
fn lengths_that_lie_cost_no_memory() {
    let mut octets = file(u32::to_le_bytes, MICROSECONDS, u32::MAX);
    octets[32..36].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(matches!(all(&octets), Err(Error::TooLong(u32::MAX))));
    octets[32..36].copy_from_slice(&LONGEST.to_le_bytes());
    let mut reader = Reader::new(&octets[..]).unwrap();
    assert!(matches!(reader.next_record(), Err(Error::Truncated { got: 3, .. })));
    assert!(reader.contents.capacity() < 1 << 16);
}

#[test]
fn other_links_are_told_or_refused_and_other_files_are_none() {
    let mut octets = file(u32::to_le_bytes, MICROSECONDS, 0);
    octets[20] = 113;
    let mut reader = Reader::new(&octets[..]).unwrap();
    assert_eq!(reader.next_record().unwrap().unwrap().link_type, LinkType::LINUX_SLL);
    let refused = Reader::of_link(&octets[..], LinkType::ETHERNET);
    assert!(matches!(refused, Err(Error::LinkType(113))));
    assert!(matches!(all(b"GET / HTTP/1.1 and so on"), Err(Error::Magic(_))));
}

#[test]
fn noise_is_read_to_some_end() {
    for octets in noise(2_000) {
        let _ = all(&octets);
        let mut file = file(u32::to_le_bytes, NANOSECONDS, 9);
        file.extend(&octets);
        let _ = all(&file);
    }
}

#[test]
fn what_is_written_is_read() {
    let mut octets = Vec::new();
    let mut writer = Writer::new(&mut octets, 4).unwrap();
    let at = Duration::new(1_700_000_000, 123_456_789);
    writer.write(at, b"abcdef").unwrap();
    writer.write(at, b"").unwrap();
    writer.flush().unwrap();
    let at = Duration::new(1_700_000_000, 123_456_000);
    assert_eq!(all(&octets).unwrap(), [(at, 6, b"abcd".to_vec()), (at, 0, Vec::new())]);
}
