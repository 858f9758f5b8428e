use super::super::{Reader, Record};
use super::*;
use crate::layers::Direction;
use crate::noise::noise;

/// Blocks of one order of octets.
struct File {
    write: fn(u32) -> [u8; 4],
    octets: Vec<u8>,
}

impl File {
    fn new(write: fn(u32) -> [u8; 4]) -> Self {
        let mut file = Self { write, octets: Vec::new() };
        // Version 1.0, in the order of its halves.
        let version = if write(1)[0] == 1 { 1 } else { 0x0001_0000 };
        file.block(SECTION, &[ORDER, version, u32::MAX, u32::MAX], &[]);
        file
    }

    fn block(&mut self, kind: u32, words: &[u32], rest: &[u8]) -> &mut Self {
        let mut body: Vec<u8> = words.iter().flat_map(|word| (self.write)(*word)).collect();
        append(&mut body, rest);
        let length = (self.write)(u32::try_from(body.len()).unwrap() + FRAME);
        self.octets.extend((self.write)(kind));
        self.octets.extend(length);
        self.octets.extend(body);
        self.octets.extend(length);
        self
    }

    /// Link type and option, both of two halves.
    fn interface(&mut self, link: u16, most: u32, option: Option<(u16, &[u8])>) -> &mut Self {
        let halves = |a: u16, b: u16| {
            let is_little = (self.write)(1)[0] == 1;
            if is_little {
                u32::from(b) << 16 | u32::from(a)
            } else {
                u32::from(a) << 16 | u32::from(b)
            }
        };
        let mut words = vec![halves(link, 0), most];
        let mut value = Vec::new();
        if let Some((code, octets)) = option {
            words.push(halves(code, u16::try_from(octets.len()).unwrap()));
            append(&mut value, octets);
            value.extend([0; 4]);
        }
        self.block(INTERFACE, &words, &value)
    }
}

fn append(body: &mut Vec<u8>, octets: &[u8]) {
    body.extend(octets);
    body.resize(body.len().next_multiple_of(4), 0);
}

type Told = (u16, u32, Duration, u32, Vec<u8>);

fn all(octets: &[u8]) -> Result<Vec<Told>, Error> {
    let mut reader = Reader::new(octets)?;
    let mut told = Vec::new();
    while let Some(Record { link_type, interface, at, length, contents }) = reader.next_record()? {
        told.push((link_type.0, interface, at, length, contents.to_vec()));
    }
    Ok(told)
}

/// Every block that is looked into, and one that is not.
fn example(write: fn(u32) -> [u8; 4]) -> Vec<u8> {
    let mut file = File::new(write);
    file.interface(1, 4, None).interface(101, 0, Some((RESOLUTION, &[9])));
    file.block(0xbad, &[1, 2, 3], b"passed over");
    file.block(ENHANCED_PACKET, &[0, 0, 1_500_000, 3, 9], b"abc");
    file.block(ENHANCED_PACKET, &[1, 1, 5, 3, 3], b"def");
    file.block(SIMPLE_PACKET, &[9], b"ghij");
    let old = if write(1)[0] == 1 { 0x0007_0001 } else { 0x0001_0007 };
    file.block(OLD_PACKET, &[old, 0, 7, 2, 2], b"kl");
    file.octets
}

#[test]
fn every_block_of_every_order_is_read() {
    let nanos = Duration::from_nanos;
    for write in [u32::to_le_bytes, u32::to_be_bytes] {
        let want = [
            (1, 0, Duration::from_millis(1500), 9, b"abc".to_vec()),
            (101, 1, nanos((1 << 32) + 5), 3, b"def".to_vec()),
            (1, 0, Duration::ZERO, 9, b"ghij".to_vec()),
            (101, 1, nanos(7), 2, b"kl".to_vec()),
        ];
        assert_eq!(all(&example(write)).unwrap(), want);
    }
}

#[test]
fn sections_may_follow_each_other_and_each_has_its_own_interfaces() {
    let two = [example(u32::to_le_bytes), example(u32::to_be_bytes)].concat();
    assert_eq!(all(&two).unwrap().len(), 8);
    let mut bare = File::new(u32::to_le_bytes);
    bare.block(ENHANCED_PACKET, &[0, 0, 0, 0, 0], &[]);
    let orphan = [example(u32::to_le_bytes), bare.octets].concat();
    assert!(matches!(all(&orphan), Err(Error::NoInterface(0))));
}

#[test]
fn times_are_told_in_any_unit_and_from_any_year() {
    let time = |resolution, offset, count| {
        let link_type = LinkType::RAW;
        Interface { link_type, most: 0, resolution, offset }.time(count)
    };
    assert_eq!(time(6, 0, 1_000_001), Duration::from_micros(1_000_001));
    assert_eq!(time(0, 0, 5), Duration::from_secs(5));
    assert_eq!(time(12, 0, 1_500), Duration::from_nanos(1));
    assert_eq!(time(0x80 | 0x0a, 0, 512), Duration::from_millis(500));
    assert_eq!(time(6, 100, 1), Duration::from_micros(100_000_001));
    assert_eq!(time(6, -5, 1), Duration::ZERO, "before 1970");
    for resolution in 0..=u8::MAX {
        for offset in [i64::MIN, 0, i64::MAX] {
            let _ = time(resolution, offset, u64::MAX);
        }
    }
}

#[test]
fn file_that_ends_early_is_an_error_but_between_blocks() {
    let whole = example(u32::to_le_bytes);
    let mut ends = vec![];
    let mut at = 0;
    while at < whole.len() {
        at += u32::from_le_bytes(whole[at + 4..at + 8].try_into().unwrap()) as usize;
        ends.push(at);
    }
    for end in 0..whole.len() {
        let read = all(&whole[..end]);
        if ends.contains(&end) {
            assert!(read.is_ok(), "{end}");
        } else {
            assert!(matches!(read, Err(Error::Truncated { .. })), "{end}");
        }
    }
}

#[test]
fn lengths_that_lie_are_refused_and_cost_no_memory() {
    let whole = example(u32::to_le_bytes);
    for at in (0..whole.len()).step_by(4) {
        for value in [0, 1, 2, 8, 11, 13, 0x7fff_ffff, u32::MAX - 3, u32::MAX] {
            let mut lying = whole.clone();
            lying[at..at + 4].copy_from_slice(&value.to_le_bytes());
            let Ok(mut reader) = Reader::new(&lying[..]) else { continue };
            while let Ok(Some(_)) = reader.next_record() {}
            assert!(reader.contents.capacity() < 1 << 16, "{at} {value}");
        }
    }
}

#[test]
fn interfaces_have_an_end() {
    let mut file = File::new(u32::to_le_bytes);
    for _ in 0..=MOST_INTERFACES {
        file.interface(1, 0, None);
    }
    assert!(matches!(all(&file.octets), Err(Error::TooManyInterfaces)));
}

#[test]
fn noise_is_read_to_some_end() {
    for octets in noise(5_000) {
        let mut file = example(u32::to_le_bytes);
        file.extend(&octets);
        let _ = all(&file);
        let mut blocks = File::new(u32::to_be_bytes);
        for kind in [INTERFACE, OLD_PACKET, SIMPLE_PACKET, ENHANCED_PACKET] {
            blocks.block(kind, &[], &octets);
        }
        let _ = all(&blocks.octets);
    }
}

#[test]
fn what_is_written_is_read() {
    let mut octets = Vec::new();
    let mut writer = Writer::new(&mut octets, "wireline").unwrap();
    let lo = writer.interface(LinkType::RAW, "lo", 64).unwrap();
    let other = writer.interface(LinkType::ETHERNET, "", 0).unwrap();
    let at = Duration::new(1_700_000_000, 123_456_789);
    let comment = "é".repeat(40_000);
    let packet = Packet {
        interface: lo,
        at,
        length: 99,
        contents: b"abcde",
        direction: Direction::Out,
        comment: &comment,
    };
    writer.write(&packet).unwrap();
    let direction = Direction::Unknown;
    writer
        .write(&Packet { interface: other, length: 0, comment: "", direction, ..packet })
        .unwrap();
    assert!(writer.write(&Packet { interface: 2, ..packet }).is_err(), "it was not described");
    writer.flush().unwrap();
    let want = [(101, 0, at, 99, b"abcde".to_vec()), (1, 1, at, 5, b"abcde".to_vec())];
    assert_eq!(all(&octets).unwrap(), want);
}
