//! What the command line means, checked.

use std::time::Duration;

use wireline_engine::segment::{self, Accept, Linger, Order, Pace, Patience, Request, Sender};
use wireline_packet::Mac;
use wireline_packet::arp::{LENGTH, operation};
use wireline_packet::ethernet::{Framing, HEADER, SHORTEST};

use super::Args;
use super::args::{FrameFlags, MessageFlags, TimingFlags};
use super::complaint::Complaint;
use super::format::Format;
use super::number;
use super::shuffle::permutation;
use super::targets::Reading;

/// What is to be done, but for what the machine and the files say.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// Text, timing and exit status of arp-scan.
    pub(crate) compat: bool,
    pub(crate) json: bool,
    /// Exit status 3 where something is not in order.
    pub(crate) check: bool,
    pub(crate) text: TextConfig,
    pub(crate) reading: Reading,
    /// The engine's, without ports and order.
    pub(crate) scan: segment::Config,
    /// Tags of requests; one of `None` where there are none.
    pub(crate) vlans: Vec<Option<u16>>,
    pub(crate) shuffle: Shuffle,
    /// Octets of a frame and bits a second that make the pace.
    pub(crate) bandwidth: Option<(u64, u64)>,
    /// Octets of a frame that are saved.
    pub(crate) snap: u32,
    /// How long to wait for a carrier.
    pub(crate) wait_carrier: Duration,
    /// It matters who the gateway is.
    pub(crate) is_gateway_pinned: bool,
    /// Who it is, if that was said.
    pub(crate) gateway: Option<Mac>,
    /// Send what may take addresses from those who have them.
    pub(crate) force: bool,
    /// Neighbours of IPv6 too.
    pub(crate) ipv6: bool,
    /// Every request leaves with a stamp.
    pub(crate) stamps: bool,
}

/// What lines look like.
#[derive(Clone, Debug, Default)]
pub(crate) struct TextConfig {
    pub(crate) quiet: bool,
    pub(crate) plain: bool,
    pub(crate) ignoredups: bool,
    pub(crate) rtt: bool,
    pub(crate) resolve: bool,
    pub(crate) verbose: u8,
    pub(crate) format: Option<Format>,
    pub(crate) compat: bool,
    /// Interfaces are more than one, and lines name theirs.
    pub(crate) several: bool,
    /// Frames come from a file.
    pub(crate) offline: bool,
}

/// In which order hosts are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shuffle {
    /// As they were given.
    No,
    /// As drawn by a seed that nobody chose.
    Any,
    /// As drawn by this one.
    By(u32),
}

impl Config {
    pub(crate) fn new(args: &Args) -> Result<Self, Complaint> {
        let compat = args.print.compat;
        let check = args.verdict.check;
        let mut scan = timing(&args.timing, compat)?;
        scan.request = request(&args.message, &args.frame)?;
        scan.request.counts_header = compat;
        let octets = frame_octets(&scan.request, args.frame.vlan.is_some());
        scan.pace = pace(&args.timing, octets, compat)?;
        scan.accept = accept(&scan.request, compat);
        scan.repeats = repeats(args);
        scan.own = !compat;
        scan.silent = args.print.verbose > 1;
        let format = args.print.format.as_deref().map(Format::parse).transpose()?;
        let text = TextConfig {
            quiet: args.print.quiet,
            plain: args.print.plain,
            ignoredups: args.print.ignoredups,
            rtt: args.print.rtt,
            resolve: args.print.resolve,
            verbose: args.print.verbose,
            format,
            compat,
            several: false,
            offline: is_offline(args),
        };
        Ok(Self {
            compat,
            json: args.print.json,
            check,
            text,
            reading: Reading {
                numeric: args.who.numeric,
                exclude_broadcast: args.who.exclude_broadcast,
                // What is only looked for in a file floods nobody.
                every_line: compat,
                // A fingerprint has a bound of its own.
                large: args.who.yes_large
                    || args.files.readpktfromfile.is_some()
                    || args.verdict.fingerprint,
            },
            scan,
            vlans: vlans(args.frame.vlan.as_deref())?,
            shuffle: shuffle(args)?,
            bandwidth: bandwidth(&args.timing, octets)?,
            snap: snap(args.frame.snap.as_deref())?,
            wait_carrier: wait_carrier(args.who.wait_carrier.as_deref())?,
            is_gateway_pinned: args.verdict.pin_gateway.is_some(),
            gateway: mac(
                "pin-gateway",
                "gateway",
                args.verdict.pin_gateway.as_deref().filter(|pin| !pin.is_empty()),
            )?,
            force: args.message.force || compat,
            ipv6: args.who.ipv6,
            stamps: args.print.rtt || args.print.json,
        })
    }

    /// In which order so many hosts are asked. Where the order is to be shown it is made at once.
    pub(crate) fn order(&self, hosts: u64, seed: u64) -> Result<Order, Complaint> {
        /// Hosts of a /8: 64 MB of numbers.
        const MOST: u64 = 1 << 24;
        let is_shown = self.text.verbose > 2;
        let drawn = match self.shuffle {
            Shuffle::No => return Ok(Order::Given),
            Shuffle::Any if !is_shown => return Ok(Order::Shuffled(seed)),
            Shuffle::Any => u32::try_from(seed >> 32).unwrap_or_default(),
            Shuffle::By(seed) => seed,
        };
        let count = u32::try_from(hosts).ok().filter(|_| hosts <= MOST);
        let count = count.ok_or_else(|| {
            Complaint::new(
                "--randomseed orders the hosts of a /8 at the most: --random alone has no limit",
            )
        })?;
        Ok(Order::Permutation(permutation(count, drawn)))
    }
}

/// Whether nobody is asked.
pub(crate) const fn is_offline(args: &Args) -> bool {
    args.files.readpktfromfile.is_some() || args.files.writepkttofile.is_some()
}

fn timing(flags: &TimingFlags, compat: bool) -> Result<segment::Config, Complaint> {
    let mut scan = segment::Config::default();
    if compat {
        (scan.patience, scan.linger, scan.extra_tries) = (Patience::Fixed, Linger::NONE, 0);
    }
    if flags.fast {
        scan.patience = Patience::BRIEF;
    }
    if let Some(tries) = &flags.retry {
        let tries = number::decimal("retry", tries, 1..=u64::from(segment::Config::MOST_TRIES))?;
        (scan.tries, scan.extra_tries) = (u32::try_from(tries).unwrap_or(u32::MAX), 0);
    }
    if let Some(timeout) = &flags.timeout {
        /// An hour.
        const MOST: u64 = 3_600_000;
        let timeout = number::decimal("timeout", timeout, 0..=MOST)?;
        (scan.timeout, scan.patience) = (Duration::from_millis(timeout.max(1)), Patience::Fixed);
    }
    if let Some(backoff) = &flags.backoff {
        scan.backoff = number::factor("backoff", backoff, 1.0..=100.0)?;
    }
    if let Some(linger) = &flags.linger {
        let linger = Duration::from_millis(number::decimal("linger", linger, 0..=3_600_000)?);
        scan.linger = Linger { least: linger, most: linger };
    }
    if let Some(tries) = &flags.retry_send {
        let tries = number::decimal("retry-send", tries, 1..=1_000_000)?;
        scan.send_tries = u32::try_from(tries).unwrap_or(u32::MAX);
    }
    if let Some(interval) = &flags.retry_send_interval {
        scan.send_interval = number::interval("retry-send-interval", interval)?;
    }
    let limit = flags.limit.as_deref();
    let limit = limit.map(|limit| number::decimal("limit", limit, 0..=u64::MAX)).transpose()?;
    scan.limit = limit.filter(|limit| *limit > 0);
    Ok(scan)
}

/// arp-scan's bits a second.
const BANDWIDTH: u64 = 256_000;

/// How fast requests of so many octets leave.
fn pace(flags: &TimingFlags, octets: u64, compat: bool) -> Result<Pace, Complaint> {
    let interval = flags.interval.as_deref();
    let interval = interval.map(|text| number::interval("interval", text)).transpose()?;
    // As if it were not given.
    let interval = interval.filter(|interval| !interval.is_zero());
    let bandwidth = flags.bandwidth.as_deref().map(number::bandwidth).transpose()?;
    if interval.is_some() && bandwidth.is_some_and(|bandwidth| bandwidth != BANDWIDTH) {
        let why = "You cannot specify both --bandwidth and --interval.";
        return Err(Complaint::error(why));
    }
    let rate = flags.rate.as_deref();
    let rate = rate.map(|rate| number::decimal("rate", rate, 1..=10_000_000)).transpose()?;
    let given = usize::from(interval.is_some() || bandwidth.is_some());
    if given + usize::from(rate.is_some()) + usize::from(flags.fast) > 1 {
        let why = "Only one of --fast, --rate, and --bandwidth or --interval can be given.";
        return Err(Complaint::new(why));
    }
    Ok(match (interval, bandwidth, rate) {
        (Some(interval), ..) => Pace::Every(interval),
        (_, Some(bandwidth), _) => bandwidth_pace(bandwidth, octets),
        (_, _, Some(rate)) => Pace::Every(Duration::from_nanos(1_000_000_000 / rate)),
        _ if flags.fast => Pace::FAST,
        _ if compat => bandwidth_pace(BANDWIDTH, octets),
        _ => Pace::POLITE,
    })
}

/// What arp-scan tells of the pace with `-vv`, unless it is an interval that was given.
fn bandwidth(flags: &TimingFlags, octets: u64) -> Result<Option<(u64, u64)>, Complaint> {
    let is_other = flags.interval.is_some() || flags.rate.is_some() || flags.fast;
    let bits = flags.bandwidth.as_deref().map(number::bandwidth).transpose()?.unwrap_or(BANDWIDTH);
    Ok((!is_other).then_some((octets, bits)))
}

fn bandwidth_pace(bandwidth: u64, octets: u64) -> Pace {
    Pace::Every(Duration::from_nanos(octets * 8 * 1_000_000_000 / bandwidth.max(1)))
}

/// What a request takes up on the wire, as arp-scan reckons: 46 octets at the least, and 18 around them.
fn frame_octets(request: &Request, is_tagged: bool) -> u64 {
    let tag = if is_tagged { 4 } else { 0 };
    let llc = if request.framing == Framing::Snap { 8 } else { 0 };
    let frame = HEADER + LENGTH + tag + llc + request.padding.len();
    u64::try_from(frame.max(46) + 18).unwrap_or(u64::MAX)
}

fn request(message: &MessageFlags, frame: &FrameFlags) -> Result<Request, Complaint> {
    /// arp-scan's longest frame, less all that comes before.
    const MOST: usize = 2048 - HEADER - 4 - 8 - 28;
    let mut request = Request::default();
    let word = |option: &str, text: &Option<String>, or: u16| -> Result<u16, Complaint> {
        let Some(text) = text else { return Ok(or) };
        Ok(u16::try_from(number::any_base(option, text, 0..=0xffff)?).unwrap_or(or))
    };
    let octet = |option: &str, text: &Option<String>, or: u8| -> Result<u8, Complaint> {
        let Some(text) = text else { return Ok(or) };
        Ok(u8::try_from(number::any_base(option, text, 0..=0xff)?).unwrap_or(or))
    };
    let header = &mut request.header;
    header.hardware = word("arphrd", &message.arphrd, header.hardware)?;
    header.protocol = word("arppro", &message.arppro, header.protocol)?;
    header.hardware_length = octet("arphln", &message.arphln, header.hardware_length)?;
    header.protocol_length = octet("arppln", &message.arppln, header.protocol_length)?;
    header.operation = word("arpop", &message.arpop, header.operation)?;
    request.ether_type = word("prototype", &frame.prototype, request.ether_type)?;
    request.sender_mac = mac("arpsha", "source", message.arpsha.as_deref())?;
    request.target_mac = mac("arptha", "target", message.arptha.as_deref())?.unwrap_or(Mac::ZERO);
    request.source = mac("srcaddr", "target", frame.srcaddr.as_deref())?;
    request.destination =
        mac("destaddr", "target", frame.destaddr.as_deref())?.unwrap_or(Mac::BROADCAST);
    request.sender_address = match message.arpspa.as_deref() {
        None => Sender::Port,
        Some("dest") => Sender::Target,
        Some(text) => Sender::Given(number::address("arpspa", text)?),
    };
    if frame.llc {
        request.framing = Framing::Snap;
    }
    let padding = message.padding.as_deref();
    request.padding = padding.map(number::octets).transpose()?.unwrap_or_default();
    if request.padding.len() > MOST {
        return Err(Complaint::new(format!("--padding has room for {MOST} octets.")));
    }
    Ok(request)
}

fn mac(option: &str, whose: &str, text: Option<&str>) -> Result<Option<Mac>, Complaint> {
    text.map(|text| number::mac(option, whose, text)).transpose()
}

/// Who asks something else than who has an address is answered by something else.
const fn accept(request: &Request, compat: bool) -> Accept {
    if compat || request.header.operation != operation::REQUEST {
        Accept::Anything
    } else {
        Accept::Replies
    }
}

/// Lines of one host after its first. A storm has an end, and is told of.
fn repeats(args: &Args) -> u64 {
    const MOST: u64 = 3;
    // A file has an end of its own.
    let is_all = args.print.compat || args.files.readpktfromfile.is_some();
    match (args.print.ignoredups, is_all) {
        (true, _) => 0,
        (_, true) => u64::MAX,
        _ => MOST,
    }
}

fn vlans(text: Option<&str>) -> Result<Vec<Option<u16>>, Complaint> {
    let Some(text) = text else { return Ok(vec![None]) };
    Ok(number::vlans(text)?.into_iter().map(Some).collect())
}

fn shuffle(args: &Args) -> Result<Shuffle, Complaint> {
    let seed = args.who.randomseed.as_deref();
    let seed = seed.map(|seed| number::any_base("randomseed", seed, 0..=u64::from(u32::MAX)));
    let seed = seed.transpose()?.and_then(|seed| u32::try_from(seed).ok());
    Ok(match seed.filter(|seed| *seed != 0) {
        _ if !args.who.random => Shuffle::No,
        None => Shuffle::Any,
        Some(seed) => Shuffle::By(seed),
    })
}

fn snap(text: Option<&str>) -> Result<u32, Complaint> {
    let Some(text) = text else { return Ok(SNAP) };
    let snap = number::any_base("snap", text, SHORTEST as u64 - 18..=262_144)?;
    Ok(u32::try_from(snap).unwrap_or(SNAP))
}

/// Octets of a frame that arp-scan keeps.
const SNAP: u32 = 64;

fn wait_carrier(text: Option<&str>) -> Result<Duration, Complaint> {
    let Some(text) = text else { return Ok(Duration::ZERO) };
    Ok(Duration::from_secs(number::decimal("wait-carrier", text, 0..=86_400)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Config, String> {
        let words = std::iter::once("arp-scan").chain(words.iter().copied());
        Config::new(&Args::read(words).unwrap()).map_err(|why| why.to_string())
    }

    #[test]
    fn bandwidth_is_an_interval_and_compat_has_the_peers() {
        let two = Pace::Every(Duration::from_millis(2));
        assert_eq!(read(&["--compat"]).unwrap().scan.pace, two);
        assert_eq!(read(&["--bandwidth=256K"]).unwrap().scan.pace, two);
        assert_eq!(read(&["--interval=2"]).unwrap().scan.pace, two);
        assert_eq!(read(&["--rate=500"]).unwrap().scan.pace, two);
        assert_eq!(read(&[]).unwrap().scan.pace, Pace::POLITE);
        let padded = read(&["--padding=00000000000000000000", "--bandwidth=560"]).unwrap();
        assert_eq!(padded.scan.pace, Pace::Every(Duration::from_secs(1)), "52 octets and 18");
        assert_eq!(read(&["--interval=0"]).unwrap().scan.pace, Pace::POLITE, "as not given");
    }

    #[test]
    fn two_ways_to_say_how_fast_are_too_many() {
        let peers = "ERROR: You cannot specify both --bandwidth and --interval.";
        assert_eq!(read(&["--interval=1", "--bandwidth=1M"]).unwrap_err(), peers);
        assert!(read(&["--interval=1", "--bandwidth=256000"]).is_ok(), "as the peer has it");
        assert!(read(&["--fast", "--rate=1"]).unwrap_err().contains("--fast"));
        assert_eq!(
            read(&["--bandwidth=0"]).unwrap_err(),
            "--bandwidth=0 must be between 1 and 1000000000000"
        );
    }

    #[test]
    fn who_says_how_long_to_wait_is_taken_at_the_word() {
        let config = read(&["--timeout=1500", "--retry=4"]).unwrap();
        assert_eq!(config.scan.timeout, Duration::from_millis(1500));
        assert_eq!(
            (config.scan.patience, config.scan.tries, config.scan.extra_tries),
            (Patience::Fixed, 4, 0)
        );
        for bad in ["--backoff=abc", "--backoff=0.5", "--backoff=nan", "--retry=0", "--retry=-1"] {
            assert!(read(&[bad]).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_field_of_a_request_can_be_set() {
        let words = [
            "--arphrd=0x4444",
            "--arppro=0x5555",
            "--arphln=0x66",
            "--arppln=0x77",
            "--arpop=0x8888",
            "--arpsha=02:00:5e:00:53:01",
            "--arptha=02-00-5e-00-53-02",
            "--srcaddr=02:00:5e:00:53:03",
            "--destaddr=02:00:5e:00:53:04",
            "--prototype=0x3333",
            "--arpspa=192.0.2.1",
            "--padding=dddd",
            "--llc",
            "--vlan=0xddd",
        ];
        let config = read(&words).unwrap();
        let request = config.scan.request;
        let header = request.header;
        assert_eq!((header.hardware, header.protocol, header.operation), (0x4444, 0x5555, 0x8888));
        assert_eq!((header.hardware_length, header.protocol_length), (0x66, 0x77));
        let macs = [
            request.sender_mac.unwrap(),
            request.target_mac,
            request.source.unwrap(),
            request.destination,
        ];
        assert_eq!(macs.map(|mac| mac.0[5]), [1, 2, 3, 4]);
        assert_eq!((request.ether_type, request.framing), (0x3333, Framing::Snap));
        assert_eq!(request.sender_address, Sender::Given([192, 0, 2, 1].into()));
        assert_eq!(
            (request.padding.as_slice(), config.vlans),
            (&[0xdd, 0xdd][..], vec![Some(0xddd)])
        );
        assert_eq!(config.scan.accept, Accept::Anything, "whatever answers that");
    }

    #[test]
    fn bad_addresses_are_told_in_the_words_of_the_peer() {
        for (word, expected) in [
            ("--arpsha=foo", "Invalid source MAC address: foo"),
            ("--arptha=foo", "Invalid target MAC address: foo"),
            ("--srcaddr=zz", "Invalid target MAC address: zz"),
            ("--destaddr=", "Invalid target MAC address: "),
            ("--destaddr=1:2-3:4:5:6", "Invalid target MAC address: 1:2-3:4:5:6"),
            ("--arpspa=foo", "inet_pton failed for foo: Success"),
        ] {
            assert_eq!(read(&[word]).unwrap_err(), expected);
        }
    }

    #[test]
    fn orders_are_the_peers_where_a_seed_is_given() {
        let config = read(&["--random", "--randomseed=0x1"]).unwrap();
        let Order::Permutation(order) = config.order(16, 0).unwrap() else { panic!() };
        assert_eq!(order[..4], [4, 14, 3, 5]);
        assert_eq!(read(&["--random"]).unwrap().order(16, 7).unwrap(), Order::Shuffled(7));
        assert_eq!(read(&["--randomseed=5"]).unwrap().order(16, 7).unwrap(), Order::Given);
        assert!(config.order(1 << 30, 0).is_err());
    }
}
