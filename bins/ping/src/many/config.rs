//! What is asked of many targets, whichever way it was said.

use std::time::Duration;

use anyhow::Result;
use wireline_cli::{Exit, Refusal};
use wireline_engine::sweep::Mode;
use wireline_host::Family;
use wireline_net::{SocketOptions, Stamps, seed};

use crate::args::Args;
use crate::config::{Format, Request, Source, format};
use crate::number::{seconds, whole};

/// What to ask of whom, and how to tell.
#[derive(Debug)]
pub(crate) struct Many {
    pub(crate) who: Who,
    pub(crate) request: Request,
    pub(crate) source: Source,
    pub(crate) random_payload: bool,
    pub(crate) mode: Mode,
    pub(crate) interval: Duration,
    pub(crate) timeout: Duration,
    pub(crate) enough: Option<u64>,
    pub(crate) format: Format,
    pub(crate) text: TextConfig,
}

/// Whom to ask.
#[derive(Debug)]
pub(crate) struct Who {
    pub(crate) words: Vec<String>,
    pub(crate) files: Vec<String>,
    pub(crate) exclude: Vec<String>,
    pub(crate) family: Family,
    /// Ask every address of a name, not the first only.
    pub(crate) every_address: bool,
    pub(crate) naming: Naming,
    /// How complaints about a word begin.
    pub(crate) prefix: String,
}

/// What a target is called in the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// As it was given.
    AsGiven,
    /// By its address.
    Address,
    /// By the name of its address, where it was given as an address; always, if so asked.
    Reverse { always: bool, with_address: bool },
}

/// Which targets a listing shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Show {
    /// All, with a word on each.
    All,
    /// Those that answer.
    Alive,
    /// Those that do not.
    Unreachable,
    /// None.
    Nothing,
}

/// What the text renderer does differently for a flag.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextConfig {
    pub(crate) show: Show,
    pub(crate) elapsed: bool,
    pub(crate) quiet: bool,
    pub(crate) stats: bool,
    pub(crate) outage: bool,
    pub(crate) each_sample: bool,
    pub(crate) timestamps: bool,
    pub(crate) percentiles: bool,
    /// Answers from so many are wanted.
    pub(crate) enough: Option<u64>,
}

impl Many {
    /// Reads ping's own flags.
    pub(crate) fn new(program: &str, args: &Args, family: Family) -> Result<Self> {
        refuse_flags_of_one(args)?;
        let flags = &args.many;
        let mode = mode(args)?;
        let who = Who {
            words: args.destinations.clone(),
            files: flags.file.clone(),
            exclude: flags.exclude.clone(),
            family,
            every_address: false,
            naming: if args.print.numeric { Naming::Address } else { Naming::AsGiven },
            prefix: format!("{program}: "),
        };
        Ok(Self {
            who,
            request: Request::new(args, family)?,
            source: Source::new(&args.socket.interface)?,
            random_payload: false,
            mode,
            interval: interval(flags.rate.as_deref().unwrap_or("1000"))?,
            timeout: timeout(args, mode)?,
            enough: None,
            format: format(&args.print),
            text: text(args),
        })
    }

    pub(crate) fn payload(&self) -> Vec<u8> {
        if !self.random_payload {
            return self.request.payload();
        }
        let octets = std::iter::repeat_with(seed).flat_map(u64::to_ne_bytes);
        octets.take(self.request.size).collect()
    }

    /// The share of a socket of one family.
    pub(crate) fn socket(&self, is_ipv6: bool) -> SocketOptions {
        /// Room for the replies that come while we send a batch.
        const RECEIVE_BUFFER: u32 = 8 << 20;
        const SEND_BUFFER: u32 = 4 << 20;
        let source = self.source.address.filter(|address| address.is_ipv6() == is_ipv6);
        SocketOptions {
            hop_limit: self.request.hop_limit,
            traffic_class: self.request.traffic_class,
            path_mtu: self.request.path_mtu,
            source: source.map(|address| (address, 0).into()),
            port: self.request.ident,
            send_buffer: Some(self.request.send_buffer.unwrap_or(SEND_BUFFER)),
            receive_buffer: RECEIVE_BUFFER,
            stamps: self.stamps(),
            ..SocketOptions::default()
        }
    }

    /// Transmit stamps cost a tenth of the speed, and are asked for where a round trip is told.
    fn stamps(&self) -> Stamps {
        let counted = matches!(self.mode, Mode::Counted { .. });
        let told = counted || self.text.elapsed || self.text.stats || self.format != Format::Text;
        if told { Stamps::Transmit } else { Stamps::Receive }
    }
}

/// Flags that make sense for one target only are not swallowed.
fn refuse_flags_of_one(args: &Args) -> Result<(), Refusal> {
    let (probe, timing, socket, print) = (&args.probe, &args.timing, &args.socket, &args.print);
    let given = [
        ("-f", timing.flood),
        ("-A", timing.adaptive),
        ("-l", timing.preload.is_some()),
        ("-w", timing.deadline.is_some()),
        ("-U", timing.user_latency),
        ("-R", probe.record_route),
        ("-T", probe.timestamp.is_some()),
        ("-F", probe.flow_label.is_some()),
        ("-r", socket.dont_route),
        ("-b", socket.broadcast),
        ("-B", socket.sticky_source),
        ("-L", socket.no_loopback),
        ("-d", socket.debug),
        ("-C", socket.connect),
        ("-v", print.verbose),
        ("-H", print.names),
        ("-O", print.outstanding),
        ("-a", print.audible),
        ("-3", print.precise),
        ("--breakdown", print.breakdown),
    ];
    let counted = probe.count.is_some() || args.many.endless;
    let listing = args.many.alive || args.many.unreachable || args.many.elapsed;
    if counted && listing {
        let message =
            "--alive, --unreachable and --elapsed list targets, and go with neither -c nor --loop";
        return Err(Refusal::new(Exit::FAILED, message));
    }
    match given.iter().find(|(_, given)| *given) {
        Some((flag, _)) => {
            Err(Refusal::new(Exit::FAILED, format!("{flag}: not with several targets")))
        }
        None => Ok(()),
    }
}

fn mode(args: &Args) -> Result<Mode, Refusal> {
    let count =
        args.probe.count.as_ref().map(|word| whole("-c", word, 1, u32::MAX.into())).transpose()?;
    let period = seconds("bad timing interval", args.timing.interval.as_deref().unwrap_or("1"))?;
    let endless = args.many.endless || args.print.live;
    if count.is_some() || endless {
        return Ok(Mode::Counted { count, period });
    }
    let word = args.many.backoff.as_deref().unwrap_or("1.5");
    let backoff: Option<f64> = word.parse().ok();
    let bad = || {
        Refusal::new(
            Exit::FAILED,
            format!("backoff factor {word} not valid, must be between 1.0 and 5.0 (--backoff)"),
        )
    };
    let backoff = backoff.filter(|factor| (1.0..=5.0).contains(factor)).ok_or_else(bad)?;
    Ok(Mode::Alive {
        retries: whole("--retries", args.many.retries.as_deref().unwrap_or("3"), 0, 1000)?,
        backoff,
    })
}

fn interval(rate: &str) -> Result<Duration, Refusal> {
    let bad =
        || Refusal::new(Exit::FAILED, format!("--rate: not a number of requests a second: {rate}"));
    let rate: f64 = rate.parse().ok().filter(|rate| (0.0..=1e9).contains(rate)).ok_or_else(bad)?;
    if rate == 0.0 {
        return Ok(Duration::ZERO);
    }
    Duration::try_from_secs_f64(1.0 / rate).map_err(|_| bad())
}

/// As fping: half a second for a listing; a period, but two seconds at most, for counted requests.
fn timeout(args: &Args, mode: Mode) -> Result<Duration, Refusal> {
    match (args.timing.timeout.as_deref(), mode) {
        (Some(word), _) => match seconds("bad linger time", word)? {
            Duration::ZERO => Err(Refusal::new(Exit::FAILED, "-W 0: not with several targets")),
            timeout => Ok(timeout),
        },
        (None, Mode::Alive { .. }) => Ok(Duration::from_millis(500)),
        (None, Mode::Counted { period, .. }) => Ok(period.min(Duration::from_secs(2))),
    }
}

fn text(args: &Args) -> TextConfig {
    let (flags, print) = (&args.many, &args.print);
    let show = match (flags.alive, flags.unreachable) {
        (true, false) => Show::Alive,
        (false, true) => Show::Unreachable,
        _ if print.quiet => Show::Nothing,
        _ => Show::All,
    };
    TextConfig {
        show,
        elapsed: flags.elapsed,
        quiet: print.quiet,
        stats: flags.stats,
        outage: false,
        each_sample: false,
        timestamps: print.timestamps,
        percentiles: print.percentiles,
        enough: None,
    }
}
