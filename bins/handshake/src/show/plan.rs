//! What was asked for, as it is meant.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use wireline_cli::Refusal;
use wireline_engine::Instant;
use wireline_engine::tcp::client::{self, Closing, Ecn, SynOptions, ThirdAck, Until};
use wireline_host::Family;
use wireline_net::{ConnectOptions, SocketOptions};

use super::args::{Args, Close, EcnKind};
use crate::exit::USAGE;
use crate::target::HostPort;
use crate::way::Way;

/// One connection as it is meant to be, whoever makes it.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) target: HostPort,
    pub(crate) family: Family,
    pub(crate) device: Option<String>,
    pub(crate) source: Option<std::net::IpAddr>,
    pub(crate) port: Option<u16>,
    pub(crate) ttl: Option<u8>,
    pub(crate) timeout: Duration,
    /// As on the command line: a file is not read yet.
    send: Option<String>,
    pub(crate) until: Until,
    pub(crate) close: Close,
    pub(crate) linger: Option<u16>,
    pub(crate) hold: Duration,
    pub(crate) mss: Option<u16>,
    pub(crate) fast_open: Option<Vec<u8>>,
    craft: Craft,
}

/// What the kernel lets nobody choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Craft {
    third_ack_data: bool,
    no_sack: bool,
    no_timestamps: bool,
    window_scale: Offer,
    isn: Option<u32>,
    window: Option<u16>,
    ecn: Ecn,
}

/// Of the window's shift.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Offer {
    #[default]
    Usual,
    Nothing,
    Shift(u8),
}

impl Plan {
    pub(crate) fn new(args: &Args) -> Result<Self> {
        let target = match args.target.as_slice() {
            [host, port] => HostPort::of(host, port)?,
            words => HostPort::parse(words.first().map_or("", String::as_str))?,
        };
        let Way { family, device, source } = args.way.way()?;
        let until = match args.recv {
            Some(octets) => Until::Octets(octets),
            None if args.until_close => Until::Closed,
            None => Until::Acknowledged,
        };
        let plan = Self {
            target,
            family,
            device,
            source,
            port: args.source_port,
            ttl: args.ttl,
            timeout: seconds("-t", &args.timeout)?,
            send: args.send.clone(),
            until,
            close: args.close,
            linger: args.linger,
            hold: args
                .hold
                .as_deref()
                .map_or(Ok(Duration::ZERO), |hold| seconds("--hold", hold))?,
            mss: args.mss,
            fast_open: args.tfo.as_deref().map(cookie).transpose()?,
            craft: craft(args)?,
        };
        plan.check()
    }

    fn check(self) -> Result<Self> {
        if self.linger.is_some() && self.needs_user_space() {
            return Err(wrong(
                "--linger is the kernel's: it does not go with what is made in user space",
            ));
        }
        if self.linger.is_some() && !matches!(self.close, Close::Fin) {
            return Err(wrong("--linger closes at once: it does not go with --close"));
        }
        if self.port == Some(0) {
            return Err(wrong("-g 0: a port is 1 to 65535"));
        }
        Ok(self)
    }

    /// Whether the kernel cannot do it.
    pub(crate) fn needs_user_space(&self) -> bool {
        let has_cookie = self.fast_open.as_ref().is_some_and(|cookie| !cookie.is_empty());
        self.craft != Craft::default() || has_cookie
    }

    /// What is to be said. Reads the file, if it is one.
    pub(crate) fn data(&self) -> Result<Vec<u8>> {
        let Some(word) = &self.send else { return Ok(Vec::new()) };
        if let Some(path) = word.strip_prefix('@') {
            return read_file(path).with_context(|| path.to_owned());
        }
        match word.strip_prefix("0x") {
            Some(digits) => {
                hex(digits).ok_or_else(|| wrong(&format!("{word}: pairs of hex digits are needed")))
            }
            None => Ok(word.clone().into_bytes()),
        }
    }

    /// For the kernel's connection to an address.
    pub(crate) fn options(&self, to: SocketAddr) -> ConnectOptions {
        let socket = SocketOptions {
            hop_limit: self.ttl,
            source: self.source.map(|source| with_scope(source, to)),
            port: self.port,
            ..SocketOptions::default()
        };
        ConnectOptions {
            socket,
            device: self.device.clone(),
            max_segment_size: self.mss,
            linger: self.linger.map(|seconds| Duration::from_secs(seconds.into())),
            ..ConnectOptions::default()
        }
    }

    /// For the client in user space, between these ends. `random` is anything that nobody can guess.
    pub(crate) fn client(
        &self,
        ends: [SocketAddr; 2],
        random: u64,
        data: &[u8],
        mtu_mss: u16,
    ) -> client::Config {
        let [local, remote] = ends;
        let craft = &self.craft;
        let is_fast = self.fast_open.as_ref().is_some_and(|cookie| !cookie.is_empty());
        let (syn_data, send) =
            if is_fast { (data.to_vec(), Vec::new()) } else { (Vec::new(), data.to_vec()) };
        // The low half and the high half are as good as two seeds.
        let [low, high] =
            [random & 0xffff_ffff, random >> 32].map(|half| u32::try_from(half).unwrap_or(0));
        client::Config {
            local,
            remote,
            isn: craft.isn.unwrap_or(low),
            options: SynOptions {
                max_segment_size: Some(self.mss.unwrap_or(mtu_mss)),
                sack_permitted: !craft.no_sack,
                timestamp: (!craft.no_timestamps).then_some(high),
                window_scale: match craft.window_scale {
                    Offer::Usual => Some(7),
                    Offer::Nothing => None,
                    Offer::Shift(shift) => Some(shift),
                },
                fast_open: self.fast_open.clone(),
                raw: Vec::new(),
            },
            window: craft.window.unwrap_or(64240),
            ecn: craft.ecn,
            syn_data,
            third_ack: if craft.third_ack_data { ThirdAck::WithData } else { ThirdAck::Plain },
            send,
            until: self.until,
            close: match self.close {
                Close::Fin => Closing::Fin,
                Close::Rst => Closing::Rst,
                Close::Half => Closing::Half,
                Close::None => Closing::None,
                Close::Server => Closing::Server,
            },
            hold: self.hold,
            hop_limit: self.ttl,
            retransmit_after: Duration::from_secs(1),
            syn_count: 4,
            timeout: self.timeout + self.hold,
        }
    }

    /// When what is awaited from `now` on is given up.
    pub(crate) fn deadline(&self, now: Instant) -> Instant {
        now + self.timeout
    }
}

/// An address of a link needs the link's number, which the other end's has.
pub(crate) fn with_scope(address: std::net::IpAddr, to: SocketAddr) -> SocketAddr {
    let mut with = SocketAddr::new(address, 0);
    if let (SocketAddr::V6(with), SocketAddr::V6(to)) = (&mut with, to) {
        with.set_scope_id(to.scope_id());
    }
    with
}

fn craft(args: &Args) -> Result<Craft> {
    Ok(Craft {
        third_ack_data: args.third_ack_data,
        no_sack: args.no_sack,
        no_timestamps: args.no_ts,
        window_scale: args.wscale.as_deref().map_or(Ok(Offer::Usual), window_scale)?,
        isn: args.isn,
        window: args.win,
        ecn: match args.ecn {
            None => Ecn::Off,
            Some(EcnKind::Classic) => Ecn::Classic,
            Some(EcnKind::Accurate) => Ecn::Accurate,
        },
    })
}

fn window_scale(word: &str) -> Result<Offer> {
    if word == "off" {
        return Ok(Offer::Nothing);
    }
    let shift = word.parse::<u8>().ok().filter(|shift| *shift <= 14);
    let shift = shift.ok_or_else(|| wrong(&format!("--wscale {word}: 0 to 14 or off")))?;
    Ok(Offer::Shift(shift))
}

/// RFC 7413 §2: 4 to 16 octets.
fn cookie(word: &str) -> Result<Vec<u8>> {
    if word.is_empty() {
        return Ok(Vec::new());
    }
    let octets = word.strip_prefix("0x").and_then(hex);
    let octets = octets.filter(|octets| (4..=16).contains(&octets.len()) && octets.len() % 2 == 0);
    octets.ok_or_else(|| {
        wrong(&format!("--tfo={word}: a cookie is 0x and 4 to 16 octets, an even number of them"))
    })
}

fn hex(digits: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let pair = |[a, b]: &[u8; 2]| {
        let digit =
            |octet: &u8| char::from(*octet).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        Some(digit(a)? << 4 | digit(b)?)
    };
    if rest.is_empty() { pairs.iter().map(pair).collect() } else { None }
}

/// Past this nobody looks at a drawing.
const MOST_DATA: u64 = 64 << 20;

fn read_file(path: &str) -> Result<Vec<u8>> {
    use std::io::Read as _;
    let mut octets = Vec::new();
    std::fs::File::open(path)?.take(MOST_DATA + 1).read_to_end(&mut octets)?;
    anyhow::ensure!(octets.len() as u64 <= MOST_DATA, "more than 64 MiB");
    Ok(octets)
}

fn seconds(flag: &str, word: &str) -> Result<Duration> {
    /// A day.
    const LONGEST: f64 = 86_400.0;
    let number = word.parse::<f64>().ok().filter(|number| (0.0..=LONGEST).contains(number));
    let number =
        number.ok_or_else(|| wrong(&format!("{flag} {word}: seconds are needed, 0 to 86400")))?;
    Ok(Duration::from_secs_f64(number))
}

fn wrong(why: &str) -> anyhow::Error {
    Refusal::new(USAGE, why).into()
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    fn plan(words: &[&str]) -> Result<Plan> {
        Plan::new(&Args::try_parse_from([&["show"], words].concat())?)
    }

    #[test]
    fn data_is_a_text_or_hex_or_a_file() {
        let data = |word| plan(&["h:1", "--send", word]).unwrap().data();
        assert_eq!(data("hi\n").unwrap(), b"hi\n");
        assert_eq!(data("0x00fF").unwrap(), [0, 255]);
        assert!(data("0x0").is_err() && data("0xgg").is_err() && data("@/nonexistent").is_err());
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, "of a file").unwrap();
        assert_eq!(data(&format!("@{}", file.path().display())).unwrap(), b"of a file");
    }

    #[test]
    fn kernel_makes_what_it_can() {
        for words in [&["h:1", "--tfo"][..], &["h:1", "--mss", "500"], &["h:1", "--close", "rst"]] {
            assert!(!plan(words).unwrap().needs_user_space(), "{words:?}");
        }
        for words in [
            &["h:1", "--tfo=0x0011223344556677"][..],
            &["h:1", "--no-sack"],
            &["h:1", "--no-ts"],
            &["h:1", "--wscale", "off"],
            &["h:1", "--isn", "7"],
            &["h:1", "--win", "7"],
            &["h:1", "--ecn"],
            &["h:1", "--send", "x", "--third-ack-data"],
        ] {
            assert!(plan(words).unwrap().needs_user_space(), "{words:?}");
        }
    }

    #[test]
    fn words_that_make_no_sense_together_are_refused() {
        for words in [
            &["h"][..],
            &["h:0"],
            &["h:1", "-4", "-6"],
            &["h:1", "--wscale", "15"],
            &["h:1", "--linger", "0", "--no-ts"],
            &["h:1", "--linger", "1", "--close", "rst"],
            &["h:1", "-t", "-1"],
            &["h:1", "-t", "nan"],
            &["h:1", "--tfo=0x0011"],
            &["h:1", "-g", "0"],
            &["h:1", "--third-ack-data"],
            &["h:1", "--recv", "1", "--until-close"],
        ] {
            assert!(plan(words).is_err(), "{words:?}");
        }
    }

    #[test]
    fn target_is_one_word_or_two() {
        let two = plan(&["2001:db8::1", "80"]).unwrap().target;
        assert_eq!(two, plan(&["[2001:db8::1]:80"]).unwrap().target);
    }
}
