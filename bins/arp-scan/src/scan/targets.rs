//! Whom to ask: the words, files and networks of the command line as spans of addresses.

use std::io::{BufRead, Read as _};
use std::net::Ipv4Addr;

use wireline_engine::errno_text;
use wireline_engine::segment::Span;
use wireline_host::{Family, Target};

use super::complaint::Complaint;
use super::number;

/// How words are read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reading {
    /// Names are not looked up.
    pub(crate) numeric: bool,
    /// Networks are without their first and last address.
    pub(crate) exclude_broadcast: bool,
    /// As many as there are, and not a /12 at the most.
    pub(crate) large: bool,
    /// Every line of a file is a target, as arp-scan has it.
    pub(crate) every_line: bool,
}

/// Hosts of a /12.
const MANY: u64 = 1 << 20;

/// Spans as they are read, and what is to be said of them.
#[derive(Debug, Default)]
pub(crate) struct Spans {
    pub(crate) spans: Vec<Span>,
    count: u64,
}

impl Spans {
    /// Adds what a word stands for. What is not asked, and why, goes to `warn`.
    pub(crate) fn add(
        &mut self,
        word: &str,
        reading: Reading,
        warn: &mut dyn FnMut(String),
    ) -> Result<(), Complaint> {
        let span = match form(word) {
            Form::Bits(address, bits) => network(word, address, bits, reading, warn)?,
            Form::Mask(address, mask) => masked(word, address, mask, reading, warn)?,
            Form::Range(first, last) => range(word, first, last, warn)?,
            Form::Host => host(word, reading.numeric, warn),
        };
        let Some(span) = span else { return Ok(()) };
        self.count += span.count();
        if self.count > MANY && !reading.large {
            return Err(Complaint::new(format!(
                "{} hosts are more than a /12: --yes-large asks them all",
                self.count
            )));
        }
        self.spans.push(span);
        Ok(())
    }

    /// Adds the words at the start of lines. Blank lines and such as begin with `#` are passed over.
    pub(crate) fn add_lines(
        &mut self,
        name: &str,
        mut file: impl BufRead,
        reading: Reading,
        warn: &mut dyn FnMut(String),
    ) -> Result<(), Complaint> {
        /// Longer than any name and its remark.
        const LONGEST: u64 = 4096;
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = file.by_ref().take(LONGEST).read_until(b'\n', &mut line);
            match read {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(why) => {
                    return Err(Complaint::new(format!("{name}: {}", errno_text(&why))));
                }
            }
            let text = String::from_utf8_lossy(&line);
            if reading.every_line {
                let end = text.find(|c: char| c.is_ascii_whitespace() || c == '\x0b');
                self.add(text.get(..end.unwrap_or(text.len())).unwrap_or_default(), reading, warn)?;
                continue;
            }
            let word = text.split_whitespace().next().unwrap_or_default();
            if !word.is_empty() && !word.starts_with('#') {
                self.add(word, reading, warn)?;
            }
        }
    }
}

enum Form<'a> {
    Bits(&'a str, &'a str),
    Mask(&'a str, &'a str),
    Range(&'a str, &'a str),
    Host,
}

fn form(word: &str) -> Form<'_> {
    let split = |separator: char| {
        let (left, right) = word.split_once(separator)?;
        (is_dotted(left) && right.starts_with(|c: char| c.is_ascii_digit()))
            .then_some((left, right))
    };
    let both = |separator| split(separator).filter(|(_, right)| is_dotted(right));
    if let Some((address, bits)) = split('/') {
        Form::Bits(address, bits)
    } else if let Some((address, mask)) = both(':') {
        Form::Mask(address, mask)
    } else if let Some((first, last)) = both('-') {
        Form::Range(first, last)
    } else {
        Form::Host
    }
}

/// Four numbers, of whatever size.
fn is_dotted(word: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
    word.split('.').count() == 4 && word.split('.').all(is_number)
}

fn address(word: &str) -> Result<Ipv4Addr, Complaint> {
    word.parse().map_err(|_| Complaint::error(format!("{word} is not a valid IP address")))
}

fn network(
    word: &str,
    given: &str,
    bits: &str,
    reading: Reading,
    warn: &mut dyn FnMut(String),
) -> Result<Option<Span>, Complaint> {
    let given = address(given)?;
    // A number that cannot be read has a sentence of its own.
    let is_number = bits.bytes().all(|c| c.is_ascii_digit());
    let bits = if is_number {
        bits.parse().unwrap_or(u64::MAX)
    } else {
        number::decimal("bits", bits, 0..=u64::MAX)?
    };
    let bits = u8::try_from(bits).ok().filter(|bits| (3..=32).contains(bits));
    let bits = bits.ok_or_else(|| bad_bits(word))?;
    Ok(Some(whole(word, given, bits, reading, warn)))
}

fn bad_bits(word: &str) -> Complaint {
    Complaint::error(format!("Number of bits in {word} must be between 3 and 32"))
}

fn masked(
    word: &str,
    given: &str,
    mask: &str,
    reading: Reading,
    warn: &mut dyn FnMut(String),
) -> Result<Option<Span>, Complaint> {
    let given = address(given)?;
    let bad = || {
        Complaint::new(format!("{word}: {mask} is not a valid netmask"))
            .peers(format!("ERROR: {given} is not a valid netmask"))
    };
    let bits = mask.parse::<Ipv4Addr>().map(u32::from).map_err(|_| bad())?;
    let ones = bits.leading_ones();
    if bits.count_ones() != ones {
        return Err(bad());
    }
    let prefix = u8::try_from(ones).ok().filter(|ones| *ones >= 3);
    let prefix = prefix.ok_or_else(|| bad_bits(word))?;
    Ok(Some(whole(word, given, prefix, reading, warn)))
}

fn whole(
    word: &str,
    given: Ipv4Addr,
    prefix: u8,
    reading: Reading,
    warn: &mut dyn FnMut(String),
) -> Span {
    let span = Span::network(given, prefix);
    if span.first() != given {
        warn(format!("WARNING: host part of {word} is non-zero"));
    }
    // Of two and of one, all are hosts (RFC 3021).
    if reading.exclude_broadcast && span.count() > 2 {
        let inner = |address: Ipv4Addr, step: i64| {
            let number = i64::from(u32::from(address)) + step;
            u32::try_from(number).map_or(address, Ipv4Addr::from)
        };
        return Span::new(inner(span.first(), 1), inner(span.last(), -1));
    }
    span
}

fn range(
    word: &str,
    first: &str,
    last: &str,
    warn: &mut dyn FnMut(String),
) -> Result<Option<Span>, Complaint> {
    let (first, last) = (address(first)?, address(last)?);
    if first > last {
        warn(format!("WARNING: {word} ends before it begins - target ignored"));
        return Ok(None);
    }
    Ok(Some(Span::new(first, last)))
}

fn host(word: &str, numeric: bool, warn: &mut dyn FnMut(String)) -> Option<Span> {
    if let Ok(address) = word.parse() {
        return Some(Span::one(address));
    }
    if numeric {
        warn(format!("WARNING: \"{word}\" is not a valid IPv4 address - target ignored"));
        return None;
    }
    match Target::resolve(word, Family::V4) {
        Ok(target) => match target.address() {
            std::net::SocketAddr::V4(address) => Some(Span::one(*address.ip())),
            std::net::SocketAddr::V6(_) => None,
        },
        Err(why) => {
            let text = why.to_string();
            let why = text.strip_prefix(&format!("{word}: ")).unwrap_or(&text);
            warn(format!(
                "WARNING: get_host_address failed for \"{word}\": {why} - target ignored"
            ));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str], reading: Reading) -> (Result<Vec<String>, String>, Vec<String>) {
        let (mut spans, mut warnings) = (Spans::default(), Vec::new());
        let mut warn = |text| warnings.push(text);
        let read = words.iter().try_for_each(|word| spans.add(word, reading, &mut warn));
        let text = |span: Span| match span.count() {
            1 => span.first().to_string(),
            _ => format!("{}-{}", span.first(), span.last()),
        };
        let spans = spans.spans.into_iter().map(text).collect();
        (read.map(|()| spans).map_err(|why| why.to_string()), warnings)
    }

    fn spans(word: &str) -> Vec<String> {
        read(&[word], Reading::default()).0.unwrap()
    }

    fn refused(word: &str) -> String {
        read(&[word], Reading::default()).0.unwrap_err()
    }

    #[test]
    fn networks_have_both_their_ends() {
        assert_eq!(spans("192.0.2.0/30"), ["192.0.2.0-192.0.2.3"]);
        assert_eq!(spans("192.0.2.0:255.255.255.252"), ["192.0.2.0-192.0.2.3"]);
        assert_eq!(spans("192.0.2.7/32"), ["192.0.2.7"]);
        assert_eq!(spans("192.0.2.1-192.0.2.9"), ["192.0.2.1-192.0.2.9"]);
        assert_eq!(spans("192.0.2.1"), ["192.0.2.1"]);
    }

    #[test]
    fn host_part_is_warned_of() {
        for word in ["192.0.2.9/24", "192.0.2.9:255.255.255.0"] {
            let (spans, warnings) = read(&[word], Reading::default());
            assert_eq!(spans.unwrap(), ["192.0.2.0-192.0.2.255"]);
            assert_eq!(warnings, [format!("WARNING: host part of {word} is non-zero")]);
        }
    }

    #[test]
    fn bad_networks_are_refused_in_the_words_of_the_peer() {
        for (word, expected) in [
            ("10.0.0.0/33", "ERROR: Number of bits in 10.0.0.0/33 must be between 3 and 32"),
            ("10.0.0.0/0", "ERROR: Number of bits in 10.0.0.0/0 must be between 3 and 32"),
            ("10.0.0.0/8x", "ERROR: \"8x\" is not a valid numeric value"),
            ("300.0.0.0/8", "ERROR: 300.0.0.0 is not a valid IP address"),
            ("10.0.0.0:300.0.0.0", "ERROR: 10.0.0.0 is not a valid netmask"),
            ("10.0.0.0:255.0.255.0", "ERROR: 10.0.0.0 is not a valid netmask"),
            (
                "10.0.0.0:0.0.0.0",
                "ERROR: Number of bits in 10.0.0.0:0.0.0.0 must be between 3 and 32",
            ),
            ("1.1.1.1-300.1.1.1", "ERROR: 300.1.1.1 is not a valid IP address"),
        ] {
            assert_eq!(refused(word), expected);
        }
    }

    #[test]
    fn what_is_large_is_refused_before_it_is_asked() {
        assert!(refused("10.0.0.0/11").contains("--yes-large"));
        assert_eq!(spans("10.0.0.0/12"), ["10.0.0.0-10.15.255.255"]);
        let large = Reading { large: true, ..Reading::default() };
        let all = read(&["0.0.0.0-255.255.255.255"], large).0.unwrap();
        assert_eq!(all, ["0.0.0.0-255.255.255.255"]);
    }

    #[test]
    fn broadcast_is_left_out_of_networks_alone_and_of_the_smallest_never() {
        let reading = Reading { exclude_broadcast: true, ..Reading::default() };
        let words = ["192.0.2.0/24", "192.0.2.0/31", "192.0.2.0/32", "192.0.2.0-192.0.2.1"];
        let expected =
            ["192.0.2.1-192.0.2.254", "192.0.2.0-192.0.2.1", "192.0.2.0", "192.0.2.0-192.0.2.1"];
        assert_eq!(read(&words, reading).0.unwrap(), expected);
    }

    #[test]
    fn what_is_not_asked_is_told() {
        let numeric = Reading { numeric: true, ..Reading::default() };
        let (spans, warnings) = read(&["nowhere.invalid", "192.0.2.9-192.0.2.1"], numeric);
        assert_eq!(spans.unwrap(), Vec::<String>::new());
        assert_eq!(
            warnings,
            [
                "WARNING: \"nowhere.invalid\" is not a valid IPv4 address - target ignored",
                "WARNING: 192.0.2.9-192.0.2.1 ends before it begins - target ignored",
            ]
        );
    }

    #[test]
    fn files_have_a_target_a_line_and_remarks() {
        let (mut spans, mut warnings) = (Spans::default(), Vec::new());
        let file = b"192.0.2.1 gateway\n\n# printers\n192.0.2.8/30\r\n192.0.2.20".as_slice();
        let mut warn = |text| warnings.push(text);
        spans.add_lines("-", file, Reading::default(), &mut warn).unwrap();
        assert_eq!(spans.spans.iter().map(|span| span.count()).collect::<Vec<_>>(), [1, 4, 1]);
        assert!(warnings.is_empty());
    }

    #[test]
    fn long_lines_and_noise_are_no_end() {
        let mut spans = Spans::default();
        let noise = [vec![0xff_u8; 20_000], b"\n192.0.2.1\n".to_vec()].concat();
        let numeric = Reading { numeric: true, ..Reading::default() };
        spans.add_lines("-", noise.as_slice(), numeric, &mut |_| {}).unwrap();
        assert_eq!(spans.spans, [Span::one([192, 0, 2, 1].into())]);
    }
}
