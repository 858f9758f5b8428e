use std::net::Ipv4Addr;

/// Answers a query; nothing to what is none.
#[must_use]
pub fn answer(query: &[u8]) -> Option<Vec<u8>> {
    let end = end_of_name(query)?;
    let kind = query.get(end..end + 2)?;
    let question = query.get(12..end + 4)?;
    let label: String = label(query).unwrap_or_default();
    let mut reply = query.get(..2)?.to_vec();
    reply.extend([0x80 | (query.get(2)? & 1), 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
    reply.extend_from_slice(question);
    let rdata = match number(&label, 't') {
        Some(length) if kind == [0, 16] => text(length as usize),
        _ => address(&label).octets().to_vec(),
    };
    reply.extend([0xc0, 12]);
    reply.extend_from_slice(kind);
    reply.extend([0, 1, 0, 0, 1, 44]);
    reply.extend(u16::try_from(rdata.len()).ok()?.to_be_bytes());
    reply.extend_from_slice(&rdata);
    Some(reply)
}

fn end_of_name(query: &[u8]) -> Option<usize> {
    let mut at = 12;
    loop {
        match *query.get(at)? {
            0 => return Some(at + 1),
            length @ 1..=63 => at += usize::from(length) + 1,
            _ => return None,
        }
    }
}

fn label(query: &[u8]) -> Option<String> {
    let length = usize::from(*query.get(12)?);
    Some(String::from_utf8_lossy(query.get(13..13 + length)?).to_lowercase())
}

fn number(label: &str, letter: char) -> Option<u32> {
    label.strip_prefix(letter)?.parse().ok()
}

fn address(label: &str) -> Ipv4Addr {
    let within = |net: u32, number: u32| Ipv4Addr::from(net | (number & 0x00ff_ffff));
    match (number(label, 'h'), number(label, 'l')) {
        (Some(number), _) => within(0x0a00_0000, number),
        (_, Some(number)) => within(0x7f00_0000, number),
        (None, None) => Ipv4Addr::new(192, 0, 2, 1),
    }
}

fn text(mut length: usize) -> Vec<u8> {
    let mut octets = Vec::new();
    while length > 0 {
        let part = length.saturating_sub(1).clamp(1, 255).min(length);
        octets.push(u8::try_from(part).unwrap_or(255));
        octets.extend(std::iter::repeat_n(b'x', part));
        length = length.saturating_sub(part + 1);
    }
    octets
}
