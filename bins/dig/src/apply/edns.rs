//! EDNS and its options.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use data_encoding::HEXUPPER_PERMISSIVE;
use wireline_dns::Cookie;

use super::{Done, invalid, number};
use crate::number::{any_base, decimal};
use crate::options::{DEFAULT_BUFSIZE, Subnet};
use crate::plus::{Plus, Word};
use crate::reader::Reader;
use crate::stop::Stop;

/// What dig calls them, and their codes (IANA "DNS EDNS0 Option Codes (OPT)").
const NAMES: &[(&str, u16)] = &[
    ("LLQ", 1),
    ("NSID", 3),
    ("DAU", 5),
    ("DHU", 6),
    ("N3U", 7),
    ("ECS", 8),
    ("EXPIRE", 9),
    ("COOKIE", 10),
    ("KEEPALIVE", 11),
    ("PADDING", 12),
    ("PAD", 12),
    ("CHAIN", 13),
    ("KEY-TAG", 14),
    ("EDE", 15),
    ("CLIENT-TAG", 16),
    ("SERVER-TAG", 17),
    ("DEVICEID", 26946),
];

/// dig keeps no more of them.
const OPTIONS: usize = 100;

/// dig keeps no more characters of a cookie, nor of a prefix.
const COOKIE: usize = 80;
const PREFIX: usize = 49;

impl Reader<'_> {
    pub(super) fn edns(&mut self, word: &Word<'_>, plus: Plus) -> Done {
        let state = word.state;
        match (plus, word.value) {
            (Plus::Dnssec, _) => {
                self.with_edns(state);
                self.options().edns.dnssec = state;
            }
            (Plus::Nsid, _) => {
                self.with_edns(state);
                self.options().edns.nsid = state;
            }
            (Plus::Cookie, value) => return self.cookie(state, value),
            (Plus::Bufsize, _) if !state => return Err(invalid(word)),
            (Plus::Bufsize, None) => self.options().edns.bufsize = Some(DEFAULT_BUFSIZE),
            (Plus::Bufsize, Some(value)) => {
                let size = number(value, 0xffff, "buffer size", "buffer size")?;
                self.options().edns.bufsize = u16::try_from(size).ok();
            }
            (Plus::Edns, value) => self.options().edns.chosen = version(state, value)?,
            (Plus::EdnsFlags, Some(value)) if state => {
                let stop = Stop::unparsed("Couldn't parse ednsflags");
                let flags = any_base(value, 0xffff)
                    .map_err(|fault| stop.after("ednsflags", value, fault))?;
                self.with_edns(true);
                self.options().edns.flags = u16::try_from(flags).unwrap_or(0);
            }
            (Plus::EdnsFlags, _) => self.options().edns.flags = 0,
            (Plus::EdnsOpt, _) if !state => self.options().edns.options.clear(),
            (Plus::EdnsOpt, value) => return self.option(value.unwrap_or_default()),
            (Plus::Padding, value) => {
                self.with_edns(state);
                let value = value.ok_or_else(|| invalid(word))?;
                let padding = number(value, 512, "padding", "padding")?;
                self.options().edns.padding = u16::try_from(padding).unwrap_or(512);
            }
            (Plus::Subnet, _) if !state => self.options().edns.subnet = None,
            (Plus::Subnet, value) => {
                let value = value.ok_or_else(|| invalid(word))?;
                self.with_edns(true);
                self.options().edns.subnet = Some(subnet(value)?);
            }
            _ => return Err(invalid(word)),
        }
        Ok(())
    }

    /// Such an option brings EDNS back.
    fn with_edns(&mut self, state: bool) {
        let edns = &mut self.options().edns;
        edns.chosen = edns.chosen.or(state.then_some(0));
    }

    fn cookie(&mut self, state: bool, value: Option<&str>) -> Done {
        self.with_edns(state);
        let chosen = match value {
            Some(value) if value.len() > COOKIE => {
                return Err(Stop::unparsed("COOKIE data too large"));
            }
            Some(value) if state => {
                // As dig has it: the value is one for all queries, and looked at when they are made.
                value.clone_into(&mut self.state.process.cookie);
                Cookie::Chosen(Vec::new())
            }
            _ if state => Cookie::Drawn,
            _ => Cookie::None,
        };
        self.options().edns.cookie = chosen;
        Ok(())
    }

    fn option(&mut self, value: &str) -> Done {
        let value = value.trim_start_matches(':');
        let (code, data) = value.split_once(':').unwrap_or((value, ""));
        if code.is_empty() {
            return Err(Stop::unparsed("ednsopt no code point specified"));
        }
        let options = &mut self.options().edns.options;
        if options.len() >= OPTIONS {
            return Err(Stop::fatal("too many ednsopts"));
        }
        let code = match NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(code)) {
            Some((_, number)) => *number,
            None => numbered(code)?,
        };
        options.push((code, octets(data)?));
        Ok(())
    }
}

fn version(state: bool, value: Option<&str>) -> Result<Option<u8>, Stop> {
    match value {
        _ if !state => Ok(None),
        None => Ok(Some(0)),
        Some(value) => Ok(u8::try_from(number(value, 255, "edns", "edns")?).ok()),
    }
}

fn numbered(code: &str) -> Result<u16, Stop> {
    let stop = || Stop::fatal(format!("bad edns code point: {code}"));
    let code = decimal(code, 65535).map_err(|fault| stop().after("ednsopt", code, fault))?;
    u16::try_from(code).map_err(|_| stop())
}

pub(crate) fn octets(hex: &str) -> Result<Vec<u8>, Stop> {
    let digits: String = hex.chars().filter(|digit| !digit.is_ascii_whitespace()).collect();
    let bad = |_| Stop::fatal("isc_hex_decodestring: bad hex encoding");
    HEXUPPER_PERMISSIVE.decode(digits.as_bytes()).map_err(bad)
}

/// An address with as many of its octets as one likes, if a length follows it.
fn subnet(value: &str) -> Result<Subnet, Stop> {
    if value.len() > PREFIX {
        return Err(Stop::fatal(format!("invalid prefix '{value}'\n")));
    }
    if value == "0" {
        return Ok(Subnet { address: None, prefix: 0 });
    }
    let (text, length) = match value.split_once('/') {
        Some((text, length)) => (text, Some(length)),
        None => (value, None),
    };
    let length = length.map(|length| decimal(length, u32::MAX)).transpose();
    let length = length
        .map_err(|fault| Stop::fatal(format!("invalid prefix length in '{value}': {fault}\n")))?;
    let address = text.parse::<IpAddr>().ok().or_else(|| {
        let filled = (1..4).map(|zeros| format!("{text}{}", ".0".repeat(zeros)));
        let mut filled = filled.filter_map(|text| text.parse::<Ipv4Addr>().ok().map(IpAddr::V4));
        length.and_then(|_| filled.next())
    });
    let Some(address) = address else {
        return Err(Stop::fatal(format!("invalid address '{value}'")));
    };
    let bits = if address.is_ipv4() { Ipv4Addr::BITS } else { Ipv6Addr::BITS };
    let prefix = length.unwrap_or(bits).min(bits);
    Ok(Subnet { address: Some(address), prefix: u8::try_from(prefix).unwrap_or(128) })
}
