use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::*;

/// `wireline ` two hundred times, as `zstd --check` and `zstd -19 --no-check` write it.
const ZSTD_CHECKED: &str = "28b52ffd045885000048776972656c696e65200100fcf22f475d304bea";
const ZSTD_UNCHECKED: &str = "28b52ffd006885000048776972656c696e65200100fcf22f47";

fn text() -> Vec<u8> {
    (0..40_000_u32).flat_map(|number| format!("{number} ").into_bytes()).collect()
}

fn hex(digits: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(digits.as_bytes()).unwrap()
}

fn gzip(octets: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(octets).unwrap();
    encoder.finish().unwrap()
}

fn zlib(octets: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(octets).unwrap();
    encoder.finish().unwrap()
}

fn raw_deflate(octets: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(octets).unwrap();
    encoder.finish().unwrap()
}

fn zstd(octets: &[u8]) -> Vec<u8> {
    compress_to_vec(octets, CompressionLevel::Fastest)
}

/// Uncompressed meta-blocks of 64 KiB at the most (RFC 7932 §9.2), in a window of 64 KiB.
fn brotli(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for (nth, block) in octets.chunks(1 << 16).enumerate() {
        let length = u32::try_from(block.len() - 1).unwrap();
        // WBITS (once) 0; ISLAST 0, MNIBBLES 00, MLEN-1 in 16 bits, ISUNCOMPRESSED 1.
        let bits = (length << 3) | (1 << 19);
        let bits = if nth == 0 { bits << 1 } else { bits };
        out.extend_from_slice(&bits.to_le_bytes()[..3]);
        out.extend_from_slice(block);
    }
    out.push(3);
    out
}

/// What comes of it in pieces of this length, and how it ended.
fn decode(codings: &[Coding], octets: &[u8], piece: usize) -> (Vec<u8>, Result<(), Failure>) {
    let (mut decoder, mut out) = (Decoder::new(codings), Vec::new());
    for mut rest in octets.chunks(piece) {
        loop {
            let step = match decoder.decode(rest) {
                Ok(step) => step,
                Err(why) => return (out, Err(why)),
            };
            assert!(step.output.len() <= PIECE || codings.is_empty());
            out.extend_from_slice(step.output);
            let is_dry = step.output.is_empty();
            rest = &rest[step.consumed..];
            if rest.is_empty() && (is_dry || codings.is_empty()) {
                break;
            }
        }
    }
    let end = decoder.finish();
    (out, end)
}

fn encoded() -> Vec<(Coding, Vec<u8>)> {
    let text = text();
    vec![
        (Coding::Gzip, gzip(&text)),
        (Coding::Deflate, zlib(&text)),
        (Coding::Deflate, raw_deflate(&text)),
        (Coding::Brotli, brotli(&text)),
        (Coding::Zstd, zstd(&text)),
    ]
}

fn kind(result: Result<(), Failure>) -> Option<Kind> {
    result.err().map(|why| why.kind)
}

#[test]
fn every_coding_is_undone_in_pieces_of_any_length() {
    for (coding, octets) in encoded() {
        for piece in [1, 7, 1000, 1 << 20] {
            let (out, end) = decode(&[coding], &octets, piece);
            assert!(out == text() && end.is_ok(), "{coding:?} {piece} {} {end:?}", out.len());
        }
    }
    assert_eq!(decode(&[], b"as it is", 3), (b"as it is".to_vec(), Ok(())));
}

#[test]
fn what_is_cut_is_a_failure() {
    for (coding, octets) in encoded() {
        for end in [1, 2, 5, octets.len() / 2, octets.len() - 1] {
            let (out, result) = decode(&[coding], &octets[..end], 4096);
            assert_eq!(kind(result), Some(Kind::Encoding), "{coding:?} {end}");
            assert!(text().starts_with(&out), "what came before the cut is handed out");
        }
    }
}

#[test]
fn what_is_empty_is_whole() {
    for coding in [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd] {
        assert_eq!(decode(&[coding], b"", 1), (Vec::new(), Ok(())));
    }
}

#[test]
fn what_follows_the_end_is_a_failure() {
    for (coding, mut octets) in encoded() {
        octets.extend_from_slice(b"garbage");
        let (out, result) = decode(&[coding], &octets, 4096);
        let wanted = if coding == Coding::Zstd { Kind::Encoding } else { Kind::Write };
        assert_eq!((out == text(), kind(result)), (true, Some(wanted)), "{coding:?}");
    }
}

#[test]
fn changed_octets_are_found_by_checksums() {
    for (coding, mut octets) in [(Coding::Gzip, gzip(b"x y z")), (Coding::Zstd, hex(ZSTD_CHECKED))]
    {
        let last = octets.len() - 1;
        // The length behind gzip's CRC, or zstd's checksum.
        octets[last] ^= 1;
        assert_eq!(kind(decode(&[coding], &octets, 100).1), Some(Kind::Encoding), "{coding:?}");
    }
    let mut octets = gzip(b"x y z");
    let crc = octets.len() - 8;
    octets[crc] ^= 1;
    let why = decode(&[Coding::Gzip], &octets, 100).1.unwrap_err();
    assert!(why.text.ends_with(": incorrect data check"), "{}", why.text);
    let why = decode(&[Coding::Gzip], b"no gzip at all", 100).1.unwrap_err();
    assert!(why.text.ends_with(": incorrect header check"), "{}", why.text);
}

#[test]
fn members_and_frames_follow_each_other() {
    let two = [gzip(b"one "), gzip(b""), gzip(b"two")].concat();
    assert_eq!(decode(&[Coding::Gzip], &two, 1), (b"one two".to_vec(), Ok(())));
    let skippable = hex("502a4d18030000000102035e2a4d1800000000");
    let two = [hex(ZSTD_CHECKED), skippable, hex(ZSTD_UNCHECKED)].concat();
    for piece in [1, 1000] {
        let (out, end) = decode(&[Coding::Zstd], &two, piece);
        assert!(out == b"wireline ".repeat(400) && end.is_ok(), "{} {end:?}", out.len());
    }
}

#[test]
fn stacks_are_undone_from_the_outside() {
    let octets = brotli(&zstd(&gzip(&zlib(&text()))));
    let codings = [Coding::Deflate, Coding::Gzip, Coding::Zstd, Coding::Brotli];
    for piece in [100, 1 << 20] {
        let (out, end) = decode(&codings, &octets, piece);
        assert!(out == text() && end.is_ok(), "{end:?}");
    }
}

#[test]
fn bomb_comes_in_pieces_and_can_be_left() {
    let bomb = gzip(&gzip(&vec![0; 32 << 20]));
    assert!(bomb.len() < 1024);
    let (mut decoder, mut came, mut rest) =
        (Decoder::new(&[Coding::Gzip, Coding::Gzip]), 0, bomb.as_slice());
    while came < 1 << 20 {
        let step = decoder.decode(rest).unwrap();
        came += step.output.len();
        rest = &rest[step.consumed..];
        assert!(step.output.len() <= PIECE);
    }
}

#[test]
fn large_windows_are_refused() {
    // A frame header with a window of 16 MiB, and one of 8 MiB.
    let header = |exponent: u8| [&MAGIC_OF_ZSTD[..], &[0, exponent << 3], &[1, 0, 0]].concat();
    assert_eq!(kind(decode(&[Coding::Zstd], &header(14), 99).1), Some(Kind::Encoding));
    assert_eq!(kind(decode(&[Coding::Zstd], &header(13), 99).1), None);
    // Large-window brotli, which no browser takes (RFC 7932 §9.1 has no such WBITS).
    assert_eq!(kind(decode(&[Coding::Brotli], &[0x11, 0x1e, 0, 0], 99).1), Some(Kind::Encoding));
}

const MAGIC_OF_ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

#[test]
fn no_octets_panic() {
    let mut seed = 7_u64;
    let mut dice = |sides: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(seed >> 33).unwrap() % sides
    };
    let small = b"a small text, a small text of some words".repeat(3);
    let kinds = [
        (Coding::Gzip, gzip(&small)),
        (Coding::Deflate, zlib(&small)),
        (Coding::Deflate, raw_deflate(&small)),
        (Coding::Brotli, brotli(&small)),
        (Coding::Zstd, zstd(&small)),
        (Coding::Zstd, hex(ZSTD_CHECKED)),
    ];
    for _ in 0..20_000 {
        let (coding, mut octets) = kinds[dice(kinds.len())].clone();
        for _ in 0..=dice(4) {
            let at = dice(octets.len());
            octets[at] = u8::try_from(dice(256)).unwrap();
        }
        let (_, _) = decode(&[coding], &octets, 1 + dice(50));
    }
}

#[test]
fn codings_are_listed_in_one_field_or_several() {
    let mut fields = Fields::default();
    fields.push("Content-Encoding", "identity, X-GZip ,, br");
    fields.push("content-encoding", "zstd");
    let wanted = [Coding::Gzip, Coding::Brotli, Coding::Zstd];
    assert_eq!(content_codings(&fields).unwrap(), wanted);
}

#[test]
fn unknown_and_too_many_codings_are_refused() {
    let codings = |value: &str| {
        let mut fields = Fields::default();
        fields.push("Content-Encoding", value);
        content_codings(&fields).map_err(|why| (why.kind, why.text))
    };
    let (kind, text) = codings("bogus").unwrap_err();
    assert_eq!(kind, Kind::Encoding);
    assert!(text.starts_with("Unrecognized content encoding type"), "{text}");
    assert_eq!(codings("gzip,gzip,gzip,gzip,gzip").unwrap().len(), 5);
    let (kind, text) = codings(&"gzip,".repeat(20)).unwrap_err();
    assert_eq!(kind, Kind::Encoding);
    assert_eq!(text, "Reject response exceeding limit of 5 content encodings");
}
