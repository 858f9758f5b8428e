//! Ranges of 100,000 octets, the n-th of which is n modulo 256 (RFC 9110 §14).

use super::super::reply::Reply;
use super::super::request::Request;

const LENGTH: usize = 100_000;

pub(super) fn answer(request: &Request) -> Reply {
    let all: Vec<u8> = (0..=u8::MAX).cycle().take(LENGTH).collect();
    let tagged = |reply: Reply| reply.with("Accept-Ranges", "bytes").with("ETag", "\"r1\"");
    let is_other = !matches!(request.field("if-range"), "" | "\"r1\"");
    let Some(asked) = request.field("range").strip_prefix("bytes=").filter(|_| !is_other) else {
        return tagged(Reply::ok(all));
    };
    let ranges: Option<Vec<_>> = asked.split(',').map(|one| range(one.trim())).collect();
    match ranges.as_deref() {
        None | Some([]) => {
            tagged(Reply::new(416, "")).with("Content-Range", format!("bytes */{LENGTH}"))
        }
        Some([(first, last)]) => tagged(Reply::new(206, &all[*first..=*last]))
            .with("Content-Range", format!("bytes {first}-{last}/{LENGTH}")),
        Some(many) => {
            let part = |(first, last): &(usize, usize)| {
                let head = format!("--BB\r\nContent-Range: bytes {first}-{last}/{LENGTH}\r\n\r\n");
                [head.as_bytes(), &all[*first..=*last], b"\r\n"].concat()
            };
            let parts = many.iter().flat_map(part).chain(*b"--BB--\r\n").collect::<Vec<_>>();
            tagged(Reply::new(206, parts)).with("Content-Type", "multipart/byteranges; boundary=BB")
        }
    }
}

/// `5-9`, `5-` and `-5`.
fn range(text: &str) -> Option<(usize, usize)> {
    let (first, last) = text.split_once('-')?;
    let (first, last) = match (first.parse().ok(), last.parse().ok()) {
        (Some(first), last) => (first, last.unwrap_or(LENGTH - 1).min(LENGTH - 1)),
        (None, Some(last)) => (LENGTH.checked_sub(last)?, LENGTH - 1),
        (None, None) => return None,
    };
    (first <= last && first < LENGTH).then_some((first, last))
}
