//! Paths: dots in them, and octets that are written as `%XX`.

/// Without `.` and `..`, also where their dots are encoded (RFC 3986 §5.2.4). Begins with `/`.
pub(super) fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.strip_prefix('/').unwrap_or(path).split('/').peekable();
    while let Some(segment) = segments.next() {
        let dots = dots(segment);
        if dots == Some(2) {
            kept.pop();
        }
        if dots.is_none() {
            kept.push(segment);
        } else if segments.peek().is_none() {
            kept.push("");
        }
    }
    format!("/{}", kept.join("/"))
}

/// How many, where there is nothing else and no more than two.
fn dots(segment: &str) -> Option<usize> {
    let (mut rest, mut count) = (segment, 0_usize);
    while !rest.is_empty() {
        let dot = rest.strip_prefix('.').or_else(|| rest.strip_prefix("%2e"));
        rest = dot.or_else(|| rest.strip_prefix("%2E"))?;
        count = count.saturating_add(1);
    }
    (1..=2).contains(&count).then_some(count)
}

/// With `%XX` for what is no printable ASCII; a space in a query is `+`.
pub(super) fn encode(octets: &[u8], is_query: bool) -> String {
    let mut text = String::with_capacity(octets.len());
    for octet in octets {
        match octet {
            b' ' if is_query => text.push('+'),
            0x21..=0x7e => text.push(char::from(*octet)),
            _ => {
                text.push('%');
                for digit in [octet >> 4, octet & 0x0f] {
                    text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
                }
            }
        }
    }
    text
}

/// What `%XX` stands for; a `%` that stands for nothing stays.
pub(super) fn decode(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, more @ ..] = rest {
        let encoded = match rest {
            [b'%', high, low, ..] => digit(*high).zip(digit(*low)),
            _ => None,
        };
        if let Some((high, low)) = encoded {
            decoded.push((high << 4) | low);
            rest = rest.get(3..).unwrap_or_default();
        } else {
            decoded.push(*first);
            rest = more;
        }
    }
    decoded
}

fn digit(octet: u8) -> Option<u8> {
    char::from(octet).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
