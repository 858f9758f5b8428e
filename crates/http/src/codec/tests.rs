use super::*;

const OK: &str = "HTTP/1.1 200 OK\r\n";

/// A head's status, fields, and octets.
type Heading = (u16, Vec<(Vec<u8>, Vec<u8>)>, Vec<u8>);

/// All that a response says.
#[derive(Debug, Default, PartialEq)]
struct Said {
    interims: Vec<u16>,
    head: Option<Heading>,
    body: Vec<u8>,
    trailers: Vec<u8>,
    oddities: Vec<&'static str>,
    /// Whether it keeps alive, or what was wrong.
    end: Option<Result<bool, (Kind, String)>>,
    /// Octets that were not used.
    left: usize,
}

/// A generator as in Numerical Recipes; good enough to cut octets with.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % u64::try_from(sides.max(1)).unwrap()).unwrap()
    }
}

/// Feeds it in pieces of the lengths that `cut` says, then the end.
fn read(asked: Asked, octets: &[u8], mut cut: impl FnMut() -> usize) -> Said {
    let (mut decoder, mut said, mut fed) = (Decoder::new(asked), Said::default(), 0);
    while fed < octets.len() && said.end.is_none() {
        let length = cut().clamp(1, octets.len() - fed);
        let mut piece = octets[fed..fed + length].to_vec();
        fed += length;
        let mut used = 0;
        loop {
            let step = match decoder.decode(&mut piece[used..]) {
                Ok(step) => step,
                Err(why) => {
                    said.end = Some(Err((why.kind, why.text)));
                    break;
                }
            };
            used += step.consumed;
            let Some(item) = step.item else { break };
            take(&mut said, item);
        }
        said.left = piece.len() - used;
    }
    if said.end.is_none() {
        match decoder.eof() {
            Ok(item) => take(&mut said, item),
            Err(why) => said.end = Some(Err((why.kind, why.text))),
        }
    } else {
        said.left += octets.len() - fed;
    }
    if matches!(said.end, Some(Err(_))) {
        said.left = 0;
    }
    said
}

fn take(said: &mut Said, item: Item<'_>) {
    match item {
        Item::Interim(head) => said.interims.push(head.status),
        Item::Head(head) => {
            let fields = head.fields.0.into_iter().map(|one| (one.name, one.value)).collect();
            said.head = Some((head.status, fields, head.raw.to_vec()));
        }
        Item::Body(octets) => said.body.extend_from_slice(octets),
        Item::Trailers { raw, .. } => said.trailers.extend_from_slice(&raw),
        Item::Oddity(what) => said.oddities.push(what),
        Item::End { keeps_alive } => said.end = Some(Ok(keeps_alive)),
    }
}

fn whole(octets: impl AsRef<[u8]>) -> Said {
    read(Asked::default(), octets.as_ref(), || usize::MAX)
}

/// What is behind a usual status line.
fn after_ok(rest: &str) -> Said {
    whole(format!("{OK}{rest}"))
}

fn failure(said: &Said) -> (Kind, &str) {
    match &said.end {
        Some(Err((kind, text))) => (*kind, text),
        other => panic!("{other:?}"),
    }
}

/// Responses, what came of their bodies, and what curl's exit code for it is called.
const ROWS: &[(&str, &str, Result<bool, Kind>)] = &[
    ("Content-Length: 5\r\n\r\nhello", "hello", Ok(true)),
    ("Content-Length: 100\r\n\r\naaa", "aaa", Err(Kind::Partial)),
    ("Content-Length: 5\r\n\r\nhello+extra", "hello", Ok(true)),
    ("Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", "", Err(Kind::WeirdReply)),
    ("Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "hello", Ok(true)),
    ("Content-Length: 5, 5\r\n\r\nhello", "hello", Ok(true)),
    ("Content-Length: 5, 6\r\n\r\nhello", "", Err(Kind::WeirdReply)),
    ("Content-Length: -1\r\n\r\nhello", "", Err(Kind::WeirdReply)),
    ("Content-Length: +5\r\n\r\nhello", "", Err(Kind::WeirdReply)),
    ("Content-Length: five\r\n\r\nhello", "", Err(Kind::WeirdReply)),
    ("Content-Length: 5x\r\n\r\nhello", "", Err(Kind::WeirdReply)),
    ("Content-Length: \r\n\r\nhello", "", Err(Kind::WeirdReply)),
    ("Content-Length: 99999999999999999999\r\n\r\nhello", "", Err(Kind::WeirdReply)),
    ("Content-Length: 9223372036854775807\r\n\r\nhello", "hello", Err(Kind::Partial)),
    ("Content-Length: 9223372036854775808\r\n\r\nhello", "", Err(Kind::WeirdReply)),
    (
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "hello",
        Ok(false),
    ),
    ("Transfer-Encoding: bogus\r\n\r\nhello", "", Err(Kind::Encoding)),
    ("Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "", Err(Kind::Encoding)),
    ("Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello", "hello", Ok(true)),
    ("Transfer-Encoding: chunked, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "", Err(Kind::Encoding)),
    ("Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", "", Err(Kind::Encoding)),
    ("X-A: b\rSet-Cookie: evil=1\r\nContent-Length: 3\r\n\r\nok\n", "", Err(Kind::WeirdReply)),
    ("X-A: b\nContent-Length: 3\n\nok\n", "ok\n", Ok(true)),
    ("X-A: a\0b\r\nContent-Length: 3\r\n\r\nok\n", "", Err(Kind::WeirdReply)),
    ("X-A: one\r\n  two\r\nContent-Length: 3\r\n\r\nok\n", "ok\n", Ok(true)),
    ("Content-Length : 3\r\n\r\nok\n", "ok\n", Ok(true)),
    ("this is no header\r\nContent-Length: 3\r\n\r\nok\n", "", Err(Kind::WeirdReply)),
    (": v\r\nContent-Length: 3\r\n\r\nok\n", "ok\n", Ok(true)),
    ("X-Ünï: naïve ☃\r\nContent-Length: 3\r\n\r\nok\n", "ok\n", Ok(true)),
    ("X: \u{1b}[2J\r\nContent-Length: 3\r\n\r\nok\n", "ok\n", Ok(true)),
    ("\r\nuntil the end", "until the end", Ok(false)),
    ("Connection: close\r\nContent-Length: 2\r\n\r\nok", "ok", Ok(false)),
    ("Content-Len", "", Err(Kind::Receive)),
    ("", "", Err(Kind::Receive)),
];

/// As [`ROWS`], behind `Transfer-Encoding: chunked`.
const CHUNKED: &[(&str, &str, Result<bool, Kind>)] = &[
    ("5\r\nhello\r\n0\r\n\r\n", "hello", Ok(true)),
    ("5\r\nhello\r\n1\r\n!\r\n0\r\nX-T: 1\r\n\r\n", "hello!", Ok(true)),
    ("ZZZ\r\nhello\r\n0\r\n\r\n", "", Err(Kind::Receive)),
    ("FFFFFFFFFFFFFFFFF\r\nhello", "", Err(Kind::Receive)),
    ("-5\r\nhello\r\n0\r\n\r\n", "", Err(Kind::Receive)),
    ("\r\nhello\r\n0\r\n\r\n", "", Err(Kind::Receive)),
    ("5\r\nhelloXX0\r\n\r\n", "hello", Err(Kind::Receive)),
    ("100\r\nhello", "hello", Err(Kind::Partial)),
    ("5\r\nhello\r\n", "hello", Err(Kind::Partial)),
    ("5\r\nhello\r\n0\r\n", "hello", Err(Kind::Partial)),
    ("5\nhello\n0\n\n", "hello", Ok(true)),
    ("0x5\r\nhello\r\n0\r\n\r\n", "", Err(Kind::WeirdReply)),
    ("5 \r\nhello\r\n0 \r\n\r\n", "hello", Ok(true)),
    ("7fffffffffffffff\r\nhello", "hello", Err(Kind::Partial)),
    ("5;name=\"v\";b\r\nhello\r\n0;e\r\n\r\n", "hello", Ok(true)),
    ("5;a\rb\r\nhello\r\n0\r\n\r\n", "", Err(Kind::Receive)),
    ("5\r\nhello\r\n0\r\nno colon\r\n\r\n", "hello", Err(Kind::WeirdReply)),
    ("8000000000000000\r\nhello", "", Err(Kind::Receive)),
    ("00000000000000005\r\nhello\r\n0\r\n\r\n", "", Err(Kind::Receive)),
];

/// Status lines and all.
const STARTS: &[(&str, &str, Result<bool, Kind>)] = &[
    ("", "", Err(Kind::Empty)),
    ("HTTP/1.1 2", "", Err(Kind::Empty)),
    ("HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", "ok", Ok(true)),
    ("HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok", "ok", Ok(true)),
    ("HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok", "ok", Ok(true)),
    ("HTTP/1.1 999 ?\r\nContent-Length: 2\r\n\r\nok", "ok", Ok(true)),
    ("HTTP/1.1 000 ?\r\n\r\n", "", Err(Kind::UnsupportedProtocol)),
    ("HTTP/1.1 -200 OK\r\n\r\n", "", Err(Kind::UnsupportedProtocol)),
    ("HTTP/1.2 200 OK\r\n\r\n", "", Err(Kind::UnsupportedProtocol)),
    ("HTTP/4 200 OK\r\n\r\n", "", Err(Kind::UnsupportedProtocol)),
    ("HTTP/2 200\r\nContent-Length: 2\r\n\r\nok", "ok", Ok(false)),
    ("HTTP/3.7 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok", Ok(false)),
    ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok", Ok(false)),
    ("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok", "ok", Ok(true)),
    ("HTTP/1.1 204 N\r\nContent-Length: 2\r\n\r\nok", "", Ok(true)),
    ("HTTP/1.1 304 N\r\nContent-Length: 2\r\n\r\n", "", Ok(true)),
    ("HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 E\r\nA: b\r\n\r\nHTTP/1.1 200 O\r\n\r\nx", "x", Ok(false)),
    ("HTTP/1.1 100 C\r\n\r\n", "", Err(Kind::Empty)),
    ("HTTP/1.1 100 C\r\n\r\nok", "", Err(Kind::WeirdReply)),
    ("HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\nwhatever", "", Err(Kind::Empty)),
    ("SSH-2.0-OpenSSH_9.2\r\n", "", Err(Kind::UnsupportedProtocol)),
    ("<html>", "", Err(Kind::UnsupportedProtocol)),
    ("\r\nHTTP/1.1 200 OK\r\n\r\n", "", Err(Kind::UnsupportedProtocol)),
];

fn rows() -> Vec<(String, &'static str, Result<bool, Kind>)> {
    let plain = ROWS.iter().map(|(rest, body, end)| (format!("{OK}{rest}"), *body, *end));
    let chunked = CHUNKED.iter().map(|(rest, body, end)| {
        (format!("{OK}Transfer-Encoding: chunked\r\n\r\n{rest}"), *body, *end)
    });
    let starts = STARTS.iter().map(|(all, body, end)| ((*all).to_owned(), *body, *end));
    plain.chain(chunked).chain(starts).collect()
}

#[test]
fn every_behaviour_has_its_outcome() {
    for (octets, body, end) in rows() {
        let said = whole(&octets);
        let ended = said.end.clone().unwrap().map_err(|(kind, _)| kind);
        assert_eq!(ended, end, "{octets:?} {said:?}");
        assert_eq!(said.body, body.as_bytes(), "{octets:?}");
    }
}

#[test]
fn any_split_says_the_same() {
    let mut dice = Dice(1);
    let asks = [
        Asked::default(),
        Asked { raw: true, ..Asked::default() },
        Asked { allow_http09: true, takes_transfer_codings: true, ..Asked::default() },
        Asked { ignore_content_length: true, is_upgrade: true, ..Asked::default() },
        Asked { is_head: true, ..Asked::default() },
    ];
    for (octets, ..) in rows() {
        for asked in asks {
            let at_once = read(asked, octets.as_bytes(), || usize::MAX);
            let one_by_one = read(asked, octets.as_bytes(), || 1);
            assert_eq!(one_by_one, at_once, "{octets:?}");
            for _ in 0..8 {
                let sides = 1 + dice.throw(30);
                let split = read(asked, octets.as_bytes(), || 1 + dice.throw(sides));
                assert_eq!(split, at_once, "{octets:?}");
            }
        }
    }
}

#[test]
fn no_octets_panic_nor_are_they_read_differently_when_split() {
    let mut dice = Dice(2);
    let rows = rows();
    for _ in 0..30_000 {
        let mut octets = rows[dice.throw(rows.len())].0.clone().into_bytes();
        let other = &rows[dice.throw(rows.len())].0;
        octets.extend_from_slice(&other.as_bytes()[dice.throw(other.len())..]);
        for _ in 0..dice.throw(6) {
            let at = dice.throw(octets.len() + 1).min(octets.len().saturating_sub(1));
            if octets.is_empty() {
                break;
            }
            match dice.throw(3) {
                0 => octets[at] = u8::try_from(dice.throw(256)).unwrap(),
                1 => drop(octets.remove(at)),
                _ => octets.insert(at, b"\r\n :;,0fx\t"[dice.throw(10)]),
            }
        }
        let asked =
            Asked { raw: dice.throw(2) == 0, allow_http09: dice.throw(2) == 0, ..Asked::default() };
        let at_once = read(asked, &octets, || usize::MAX);
        let split = read(asked, &octets, || 1 + dice.throw(20));
        assert_eq!(split, at_once, "{:?}", String::from_utf8_lossy(&octets));
    }
}

#[test]
fn head_is_kept_octet_for_octet() {
    let text = "HTTP/1.1 200 Fine  by me\r\nA:\t1 \r\nB: 2\n 3\r\n\r\n";
    let (status, fields, raw) = whole(text).head.unwrap();
    assert_eq!((status, raw.as_slice()), (200, text.as_bytes()));
    let wanted = [("A", "1"), ("B", "2 3")].map(|(name, value)| (name.into(), value.into()));
    assert_eq!(fields, wanted);
}

#[test]
fn what_is_odd_is_told_once() {
    let said =
        after_ok("X : a\nY : b\nContent-Length: 2\nTransfer-Encoding: chunked\n\n2 \nok\n0 \n\n");
    let wanted = [
        oddity::BARE_LF,
        oddity::SPACE_BEFORE_COLON,
        oddity::LENGTH_AND_CHUNKS,
        oddity::SPACE_IN_CHUNK,
        oddity::BARE_LF_IN_CHUNK,
    ];
    assert_eq!(said.oddities, wanted);
    assert_eq!(after_ok("Content-Length: 2\r\n\r\nok").oddities, [""; 0]);
}

#[test]
fn octets_behind_the_end_are_left() {
    assert_eq!(after_ok("Content-Length: 2\r\n\r\nokHTTP/1.1").left, 8);
    assert_eq!(after_ok("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP").left, 4);
}

#[test]
fn old_body_is_whole_where_it_is_allowed() {
    let asked = Asked { allow_http09: true, ..Asked::default() };
    let said = read(asked, b"HTTq is no protocol", || 2);
    assert_eq!(said.body, b"HTTq is no protocol");
    assert_eq!(said.end, Some(Ok(false)));
}

#[test]
fn upgrade_and_tunnel_leave_what_follows() {
    let asked = Asked { is_upgrade: true, ..Asked::default() };
    let said = read(asked, b"HTTP/1.1 101 S\r\n\r\nelse", || usize::MAX);
    assert_eq!((said.left, said.end.is_some()), (4, true));
    let asked = Asked { is_connect: true, ..Asked::default() };
    let said = read(asked, b"HTTP/1.1 200 S\r\nTransfer-Encoding: chunked\r\n\r\n\x16\x03", || 3);
    assert_eq!((said.body.len(), said.left, said.end), (0, 2, Some(Ok(true))));
}

#[test]
fn raw_body_has_its_frames() {
    let asked = Asked { raw: true, ..Asked::default() };
    let frames = "5;x\r\nhello\r\n0\r\nT: 1\r\n\r\n";
    let octets = format!("{OK}Transfer-Encoding: chunked\r\n\r\n{frames}");
    assert_eq!(read(asked, octets.as_bytes(), || 7).body, frames.as_bytes());
}

#[test]
fn trailers_are_told_apart() {
    let said = after_ok("Transfer-Encoding: chunked\r\n\r\n0\r\nX-T: 1\r\n\r\n");
    assert_eq!(said.trailers, b"X-T: 1\r\n\r\n");
}

#[test]
fn transfer_codings_are_known_behind_the_head() {
    let mut decoder = Decoder::new(Asked { takes_transfer_codings: true, ..Asked::default() });
    let mut octets = format!("{OK}Transfer-Encoding: deflate, gzip, chunked\r\n\r\n").into_bytes();
    decoder.decode(&mut octets).unwrap();
    assert_eq!(decoder.transfer_codings(), [Coding::Deflate, Coding::Gzip]);
}

/// The same octets for ever, at any split.
fn endless(begin: &str, again: &str) -> (Kind, String) {
    let unit = again.repeat(4096 / again.len() + 1);
    let mut octets = begin.as_bytes().to_vec();
    while octets.len() < 2 << 20 {
        octets.extend_from_slice(unit.as_bytes());
    }
    let said = whole(&octets);
    let (kind, text) = failure(&said);
    let split = read(Asked::default(), &octets, || 1000);
    assert_eq!(failure(&split), (kind, text));
    (kind, text.to_owned())
}

#[test]
fn nothing_in_a_head_is_endless() {
    assert_eq!(endless("HTTP/1.1 200 ", "A").0, Kind::TooLargeField);
    assert_eq!(endless("HTTP/1.1 200 OK\r\nX: ", "A").0, Kind::TooLargeField);
    let long = format!("X-1: {}\r\n", "a".repeat(200));
    assert_eq!(endless(OK, &long).0, Kind::Receive);
    assert_eq!(endless(OK, "X: 1\r\n").0, Kind::TooLargeField);
    assert_eq!(endless(OK, "X: 1\r\n 2\r\n").0, Kind::TooLargeField);
    assert_eq!(endless(&format!("{OK}X: 1\r\n"), " 2\r\n").0, Kind::Receive);
    assert_eq!(endless("", "HTTP/1.1 103 E\r\nLink: </a>\r\n\r\n").0, Kind::TooLargeField);
    assert_eq!(endless("", "HTTP/1.1 100 C\r\n\r\n").0, Kind::TooLargeField);
}

#[test]
fn nothing_around_chunks_is_endless() {
    let begin = format!("{OK}Transfer-Encoding: chunked\r\n\r\n");
    let trailer = format!("X-T: {}\r\n", "a".repeat(200));
    assert_eq!(endless(&format!("{begin}0\r\n"), &trailer).0, Kind::TooLargeField);
    assert_eq!(endless(&format!("{begin}5;"), "a").0, Kind::Receive);
    assert_eq!(endless(&format!("{begin}5"), " ").0, Kind::Receive);
    assert_eq!(endless(&begin, "1;aaaaaaa\r\na\r\n").0, Kind::Receive);
}

#[test]
fn small_chunks_are_one_slice_and_large_ones_are_not_moved() {
    let mut octets = format!("{OK}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    let mut decoder = Decoder::new(Asked::default());
    decoder.decode(&mut octets).unwrap();
    let mut small = b"1\r\na\r\n".repeat(1000);
    let step = decoder.decode(&mut small).unwrap();
    assert!(matches!(step.item, Some(Item::Body(data)) if data == [b'a'; 1000]));
    let large = format!("2000\r\n{}\r\n", "b".repeat(0x2000));
    let mut two = format!("1\r\na\r\n{large}").into_bytes();
    let step = decoder.decode(&mut two).unwrap();
    assert!(matches!(step.item, Some(Item::Body(b"a"))), "{step:?}");
    let used = step.consumed;
    let step = decoder.decode(&mut two[used..]).unwrap();
    assert!(matches!(step.item, Some(Item::Body(data)) if data.len() == 0x2000));
}
