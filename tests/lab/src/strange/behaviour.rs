//! What a target does with an echo request, and how the command line spells it.
//!
//! One word names one behaviour; its arguments follow after colons. Numbers are decimal, or
//! hexadecimal after `0x`.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;
use std::time::Duration;

/// The words, for the message that a wrong one gets.
pub(crate) const WORDS: &str = "normal silent dup:N flood:N first-silent:N drop-even late:MS swap \
    wrong-checksum truncate:N every-truncation foreign-ident foreign-seq:D other-source flip:N \
    odd-payload longer:N options:HEX ext-headers[:N] type:T:C request-back error:T:C[:INFO] \
    error-full:T:C[:INFO] error-garbage:T:C:N error-truncated:T:C:N error-foreign:T:C \
    error-badsum:T:C redirect:C:A.B.C.D quench random:SEED:N";

/// What becomes of one echo request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// The right reply, so many times: `normal`, `silent`, `dup:N`, `flood:N`.
    Repeat(u32),
    /// The right reply, but for one thing.
    Edited(Edit),
    /// An error, and no reply.
    Error(IcmpError),
    /// An error, and the right reply after it. Where IPv6 has no such error, only the reply.
    ErrorThenReply(IcmpError),
    /// `first-silent:N`: the first requests get nothing.
    FirstSilent(u64),
    /// `drop-even`: nothing for an even sequence number.
    DropEven,
    /// `late:MS`.
    Late(Duration),
    /// `swap`: the reply to an odd sequence number waits until the next request is answered.
    Swap,
    /// `every-truncation`: the reply cut to each length from nothing on, and then whole.
    EveryTruncation,
    /// `random:SEED:N`: noise, and then the reply.
    Random { seed: u64, messages: usize },
}

/// The one thing wrong with a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    /// `wrong-checksum`.
    WrongChecksum,
    /// `truncate:N`: only so many octets of the message, with a checksum right for them.
    Truncate(usize),
    /// `foreign-ident`: the identifier is one more than the request's.
    ForeignIdent,
    /// `foreign-seq:D`: so much is added to the sequence number.
    ForeignSeq(u16),
    /// `other-source`: the reply comes from the host's own address.
    OtherSource,
    /// `flip:N`: this octet of the data inverted.
    Flip(usize),
    /// `odd-payload`: the first 16 octets of the data all ones; ping keeps its time there.
    OddPayload,
    /// `longer:N`: so many octets more than were sent.
    Longer(usize),
    /// `options:HEX`: these IPv4 options, padded. IPv6 has none.
    Options(Vec<u8>),
    /// `ext-headers[:N]`: behind a hop-by-hop and N destination options headers. IPv6 only.
    ExtHeaders(usize),
    /// `type:T:C`.
    Type { kind: u8, code: u8 },
    /// `request-back`: the reply is an echo request.
    RequestBack,
}

/// An ICMP error about the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IcmpError {
    pub(crate) kind: u8,
    pub(crate) code: u8,
    /// The 32 bits after the checksum: an MTU, a pointer, a gateway.
    pub(crate) info: u32,
    pub(crate) quote: Quote,
}

/// What an error quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Quote {
    /// The IP header and eight octets.
    Start,
    /// As `Start`, in an error whose own checksum is wrong.
    StartBadSum,
    /// The whole request.
    Whole,
    /// So many octets of 0xa5.
    Garbage(usize),
    /// So many octets of the request's datagram.
    Cut(usize),
    /// Another's request: ident and destination differ.
    Foreign,
}

/// A word that names no behaviour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadWord {
    word: String,
    why: String,
}

impl fmt::Display for BadWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.word, self.why)
    }
}

impl FromStr for Behaviour {
    type Err = BadWord;

    fn from_str(word: &str) -> Result<Self, BadWord> {
        let mut parts = word.split(':');
        let name = parts.next().unwrap_or_default();
        let mut args = Args { rest: parts.collect() };
        args.rest.reverse();
        read(name, &mut args)
            .and_then(|behaviour| args.end().map(|()| behaviour))
            .map_err(|why| BadWord { word: word.to_owned(), why })
    }
}

fn read(name: &str, args: &mut Args<'_>) -> Result<Behaviour, String> {
    /// They are all made before the first one is sent.
    const MOST_NOISE: usize = 100_000;
    Ok(match name {
        "normal" => Behaviour::Repeat(1),
        "silent" => Behaviour::Repeat(0),
        "dup" | "flood" => Behaviour::Repeat(args.number()?),
        "first-silent" => Behaviour::FirstSilent(args.number()?),
        "drop-even" => Behaviour::DropEven,
        "late" => Behaviour::Late(Duration::from_millis(args.number()?)),
        "swap" => Behaviour::Swap,
        "every-truncation" => Behaviour::EveryTruncation,
        "random" => Behaviour::Random { seed: args.number()?, messages: args.at_most(MOST_NOISE)? },
        "quench" => {
            Behaviour::ErrorThenReply(IcmpError { kind: 4, code: 0, info: 0, quote: Quote::Start })
        }
        "redirect" => Behaviour::ErrorThenReply(IcmpError {
            kind: 5,
            code: args.number()?,
            info: args.address()?.into(),
            quote: Quote::Start,
        }),
        _ => match name.strip_prefix("error") {
            Some(quote) => Behaviour::Error(read_error(quote, args)?),
            None => Behaviour::Edited(read_edit(name, args)?),
        },
    })
}

fn read_edit(name: &str, args: &mut Args<'_>) -> Result<Edit, String> {
    /// What fits every link that the tests have, with the headers.
    const LONGEST: usize = 65_000;
    Ok(match name {
        "wrong-checksum" => Edit::WrongChecksum,
        "truncate" => Edit::Truncate(args.number()?),
        "foreign-ident" => Edit::ForeignIdent,
        "foreign-seq" => Edit::ForeignSeq(args.difference()?),
        "other-source" => Edit::OtherSource,
        "flip" => Edit::Flip(args.number()?),
        "odd-payload" => Edit::OddPayload,
        "longer" => Edit::Longer(args.at_most(LONGEST)?),
        "options" => Edit::Options(args.options()?),
        "ext-headers" => Edit::ExtHeaders(args.at_most_or(64, 1)?),
        "type" => Edit::Type { kind: args.number()?, code: args.number()? },
        "request-back" => Edit::RequestBack,
        _ => return Err("no such behaviour".to_owned()),
    })
}

fn read_error(quote: &str, args: &mut Args<'_>) -> Result<IcmpError, String> {
    const MOST_GARBAGE: usize = 60;
    let (kind, code) = (args.number()?, args.number()?);
    let (quote, info) = match quote {
        "" => (Quote::Start, args.number_or(0)?),
        "-badsum" => (Quote::StartBadSum, 0),
        "-full" => (Quote::Whole, args.number_or(0)?),
        "-garbage" => (Quote::Garbage(args.at_most(MOST_GARBAGE)?), 0),
        "-truncated" => (Quote::Cut(args.number()?), 0),
        "-foreign" => (Quote::Foreign, 0),
        _ => return Err("no such behaviour".to_owned()),
    };
    Ok(IcmpError { kind, code, info, quote })
}

/// The arguments of a word that are not read yet, last first.
struct Args<'a> {
    rest: Vec<&'a str>,
}

impl<'a> Args<'a> {
    fn text(&mut self) -> Result<&'a str, String> {
        self.rest.pop().ok_or_else(|| "an argument is missing".to_owned())
    }

    fn number<T: TryFrom<u64>>(&mut self) -> Result<T, String> {
        let text = self.text()?;
        let number = match text.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16),
            None => text.parse(),
        };
        let number = number.map_err(|_| format!("{text:?} is not a number"))?;
        T::try_from(number).map_err(|_| format!("{text} is too much"))
    }

    fn number_or<T: TryFrom<u64>>(&mut self, default: T) -> Result<T, String> {
        if self.rest.is_empty() { Ok(default) } else { self.number() }
    }

    fn at_most(&mut self, most: usize) -> Result<usize, String> {
        let number = self.number()?;
        if number <= most { Ok(number) } else { Err(format!("{number} is more than {most}")) }
    }

    fn at_most_or(&mut self, most: usize, default: usize) -> Result<usize, String> {
        if self.rest.is_empty() { Ok(default) } else { self.at_most(most) }
    }

    /// What to add to a sequence number, which wraps: -1 is 65535.
    fn difference(&mut self) -> Result<u16, String> {
        let text = self.text()?;
        let number: i32 = text.parse().map_err(|_| format!("{text:?} is not a number"))?;
        u16::try_from(number.rem_euclid(0x1_0000)).map_err(|why| why.to_string())
    }

    fn address(&mut self) -> Result<Ipv4Addr, String> {
        let text = self.text()?;
        text.parse().map_err(|_| format!("{text:?} is not an IPv4 address"))
    }

    /// Octets in hexadecimal, padded to whole words with "end of option list" (RFC 791 §3.1).
    fn options(&mut self) -> Result<Vec<u8>, String> {
        const MOST: usize = 40;
        let text = self.text()?;
        let bad = || format!("{text:?} is not 1 to {MOST} octets in hexadecimal");
        let octet = |pair: &[u8]| {
            let pair = str::from_utf8(pair).ok().filter(|pair| !pair.contains('+'))?;
            u8::from_str_radix(pair, 16).ok().filter(|_| pair.len() == 2)
        };
        let mut octets: Vec<u8> =
            text.as_bytes().chunks(2).map(octet).collect::<Option<_>>().ok_or_else(bad)?;
        octets.resize(octets.len().next_multiple_of(4), 0);
        if octets.is_empty() || octets.len() > MOST { Err(bad()) } else { Ok(octets) }
    }

    fn end(&self) -> Result<(), String> {
        self.rest.last().map_or(Ok(()), |extra| Err(format!("what is {extra:?} for?")))
    }
}

#[cfg(test)]
#[path = "behaviour_tests.rs"]
mod tests;
