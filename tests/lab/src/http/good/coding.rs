//! Bodies in codings.

use std::io::Write as _;

use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use flate2::{Compression, Crc};

use super::super::reply::Reply;
use super::text;

pub(super) fn answer(coding: &str) -> Reply {
    let text = text();
    let (name, body) = match coding {
        "gzip" => ("gzip", gzip(&text)),
        "multigzip" => ("gzip", [gzip(&text[..100]), gzip(&text[100..])].concat()),
        "deflate" => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(&text).expect("memory");
            ("deflate", encoder.finish().expect("memory"))
        }
        "rawdeflate" => ("deflate", deflated(&text)),
        "br" => ("br", brotli(&text)),
        _ => ("zstd", zstd(&text)),
    };
    Reply::ok(body).with("Content-Encoding", name).with("Content-Type", "text/plain")
}

/// One member of gzip.
pub(crate) fn gzip(octets: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(octets).expect("memory");
    encoder.finish().expect("memory")
}

fn deflated(octets: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(octets).expect("memory");
    encoder.finish().expect("memory")
}

/// So many MiB of zeros as one member of gzip, made by repeating one block of them.
pub(crate) fn zeros(mebibytes: u32) -> Vec<u8> {
    let block = vec![0; 1 << 20];
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&block).expect("memory");
    encoder.flush().expect("memory");
    let repeated = encoder.get_ref().clone();
    let end = encoder.finish().expect("memory").split_off(repeated.len());
    let (mut all, mut one) = (Crc::new(), Crc::new());
    one.update(&block);
    for _ in 0..mebibytes {
        all.combine(&one);
    }
    let mut octets = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff];
    for _ in 0..mebibytes {
        octets.extend_from_slice(&repeated);
    }
    octets.extend(end);
    octets.extend(all.sum().to_le_bytes());
    octets.extend(mebibytes.wrapping_shl(20).to_le_bytes());
    octets
}

/// Uncompressed meta-blocks, RFC 7932 §9.2: the header's bits are put together by hand.
fn brotli(octets: &[u8]) -> Vec<u8> {
    let mut stream = Vec::new();
    for (number, part) in octets.chunks(1 << 16).enumerate() {
        let length = u32::try_from(part.len() - 1).expect("16 bits");
        // WBITS 16 once: a bit. Then ISLAST 0, MNIBBLES 4: two bits of 0, MLEN - 1: 16 bits, ISUNCOMPRESSED 1.
        let bits = (length << 3) | (1 << 19);
        let bits = if number == 0 { bits << 1 } else { bits };
        stream.extend(&bits.to_le_bytes()[..3]);
        stream.extend_from_slice(part);
    }
    // ISLAST, ISLASTEMPTY.
    stream.push(3);
    stream
}

/// Raw blocks of a single segment, RFC 8878 §3.1.1.
fn zstd(octets: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x28, 0xb5, 0x2f, 0xfd, 0xa0];
    stream.extend(u32::try_from(octets.len()).expect("small").to_le_bytes());
    let mut parts = octets.chunks(1 << 16).peekable();
    while let Some(part) = parts.next() {
        let last = u32::from(parts.peek().is_none());
        let head = (u32::try_from(part.len()).expect("small") << 3) | last;
        stream.extend(&head.to_le_bytes()[..3]);
        stream.extend_from_slice(part);
    }
    stream
}
