//! Connections in what came by, whether from a file or from a tap: each packet is put to its own, and whoever looks
//! is told.
//!
//! Memory has a bound whatever comes: of connections that are followed at a time, and of what is held back.

mod capture;
mod copies;
mod filter;
mod gallery;
mod table;

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use serde::Serialize;
use wireline_engine::Instant;
use wireline_engine::tcp::{Conversation, IcmpObserved, Observed};
use wireline_packet::layers::{Content, Direction, Packet};
use wireline_packet::protocol;
use wireline_packet::quoted::Quoted;
use wireline_packet::tcp::{Segment, read_start};

pub(crate) use capture::CaptureFile;
pub(crate) use filter::Filter;
pub(crate) use gallery::{Amount, Gallery};

use copies::{Copies, Mark};

/// Connections that are followed at a time.
const MOST: usize = 4096;

/// A packet that came by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passing<'a> {
    /// Since 1970.
    pub(crate) at: Duration,
    /// Where: the same packet may be seen at several places.
    pub(crate) place: (u32, Direction),
    pub(crate) packet: Packet<'a>,
}

/// Which connections are wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) filter: Filter,
    /// By their numbers; empty for all.
    pub(crate) numbers: Vec<u32>,
    /// The first so many of those.
    pub(crate) count: Option<u32>,
    /// Only such as were seen to begin.
    pub(crate) from_their_start: bool,
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Totals {
    /// All that was looked at.
    pub(crate) frames: u64,
    /// Of those, whole headers of TCP.
    pub(crate) segments: u64,
    /// Headers of TCP that are cut short or say what cannot be.
    pub(crate) broken: u64,
    /// Fragments of TCP behind the first, whose data is not looked at.
    pub(crate) fragments: u64,
    /// The same packet again at another interface: not counted as sent again.
    pub(crate) copies: u64,
    /// Connections, wanted or not.
    pub(crate) connections: u32,
    /// Those that were wanted.
    pub(crate) told: u32,
    /// Connections that were followed no further, to make room for others.
    pub(crate) given_up: u32,
}

impl Totals {
    /// Of a small capture, for the page of the JSON.
    pub(crate) const fn sample() -> Self {
        let (broken, fragments, copies, given_up) = (1, 0, 4, 0);
        let (frames, segments, connections, told) = (120, 96, 7, 2);
        Self { frames, segments, broken, fragments, copies, connections, told, given_up }
    }
}

struct Tracked {
    ends: Ends,
    conversation: Conversation,
    copies: Copies,
    is_wanted: bool,
    /// The last packet's number, by which the one that was silent for the longest is found.
    touched: u64,
    latest: Duration,
}

/// Both ends, the lesser first.
type Ends = (SocketAddr, SocketAddr);

/// Puts packets to their connections.
pub(crate) struct Collector {
    wanted: Wanted,
    gallery: Gallery,
    /// Where they were seen: a file's name, an interface.
    view: String,
    numbers: HashMap<Ends, u32>,
    tracked: HashMap<u32, Tracked>,
    /// The last packet of each, and whose it was.
    order: BTreeMap<u64, u32>,
    totals: Totals,
    /// Wanted ones that are over.
    ended: u32,
}

impl Collector {
    pub(crate) fn new(wanted: Wanted, gallery: Gallery, view: String) -> Self {
        Self {
            wanted,
            gallery,
            view,
            numbers: HashMap::new(),
            tracked: HashMap::new(),
            order: BTreeMap::new(),
            totals: Totals::default(),
            ended: 0,
        }
    }

    /// Of those that were wanted, how many were told to their end.
    pub(crate) const fn ended(&self) -> u32 {
        self.ended
    }

    /// Counts a frame that carries no IP.
    pub(crate) const fn pass_over(&mut self) {
        self.totals.frames += 1;
    }

    /// Takes in a packet, and says whether it belongs to a connection that is wanted.
    pub(crate) fn take(&mut self, passing: &Passing<'_>) -> io::Result<bool> {
        self.totals.frames += 1;
        let packet = &passing.packet;
        match packet.content {
            Content::Tcp { segment, length } => {
                self.totals.segments += 1;
                self.segment(passing, segment, length)
            }
            Content::IcmpError { icmp_type, code, quoted, .. } => {
                self.icmp(passing, icmp_type, code, &quoted)
            }
            Content::BrokenTcp { .. } => {
                self.totals.broken += 1;
                Ok(false)
            }
            Content::Other(protocol::TCP) => {
                self.totals.fragments += 1;
                Ok(false)
            }
            _ => Ok(false),
        }
    }

    fn segment(
        &mut self,
        passing: &Passing<'_>,
        segment: Segment<'_>,
        length: u32,
    ) -> io::Result<bool> {
        let packet = &passing.packet;
        let seen = Observed {
            at: instant(passing.at),
            source: (packet.source, segment.source_port).into(),
            destination: (packet.destination, segment.destination_port).into(),
            hop_limit: packet.hop_limit,
            segment,
            length,
        };
        let id = self.connection(passing, &seen)?;
        let Some(tracked) = self.tracked.get_mut(&id) else { return Ok(false) };
        let mark = Mark::of(&seen, packet.identification, passing.at, passing.place);
        if tracked.copies.has(mark) {
            self.totals.copies += 1;
            return Ok(false);
        }
        tracked.conversation.observe(&seen);
        self.tell(id, passing.at)
    }

    fn icmp(
        &mut self,
        passing: &Passing<'_>,
        icmp_type: u8,
        icmp_code: u8,
        quoted: &Quoted<'_>,
    ) -> io::Result<bool> {
        let start = read_start(quoted.transport).ok();
        let Some((start, (from, to))) = start.zip(quoted.ports()) else { return Ok(false) };
        let source = SocketAddr::from((quoted.source, from));
        let destination = SocketAddr::from((quoted.destination, to));
        let Some(id) = self.numbers.get(&ends(source, destination)).copied() else {
            return Ok(false);
        };
        let Some(tracked) = self.tracked.get_mut(&id) else { return Ok(false) };
        let mark = Mark::of_error(&passing.packet, start.sequence, passing.at, passing.place);
        if tracked.copies.has(mark) {
            self.totals.copies += 1;
            return Ok(false);
        }
        let (at, by, sequence) = (instant(passing.at), passing.packet.source, start.sequence);
        let error = IcmpObserved { at, by, icmp_type, icmp_code, source, sequence };
        tracked.conversation.observe_icmp(&error);
        self.tell(id, passing.at)
    }

    /// The number of a segment's connection: a new one where it begins one.
    fn connection(&mut self, passing: &Passing<'_>, seen: &Observed<'_>) -> io::Result<u32> {
        let ends = ends(seen.source, seen.destination);
        if let Some(id) = self.numbers.get(&ends).copied() {
            let is_old = self.tracked.get(&id);
            if is_old.is_some_and(|tracked| !tracked.conversation.is_reused_by(seen)) {
                return Ok(id);
            }
            self.end(id, "")?;
        }
        if self.tracked.len() >= MOST {
            self.make_room()?;
        }
        self.totals.connections += 1;
        let id = self.totals.connections;
        let conversation = Conversation::of(seen);
        let is_wanted = self.is_wanted(id, seen);
        if is_wanted {
            self.totals.told += 1;
            let ends = (conversation.client(), conversation.server());
            self.gallery.start(id, ends, &self.view, passing.at)?;
        }
        let (copies, touched, latest) = (Copies::default(), self.totals.frames, passing.at);
        self.numbers.insert(ends, id);
        self.order.insert(touched, id);
        self.tracked.insert(id, Tracked { ends, conversation, copies, is_wanted, touched, latest });
        Ok(id)
    }

    fn is_wanted(&self, id: u32, first: &Observed<'_>) -> bool {
        use wireline_packet::tcp::Flags;
        let Wanted { filter, numbers, count, from_their_start } = &self.wanted;
        let is_start = first.segment.flags.contains(Flags::SYN);
        filter.matches(first.source, first.destination)
            && (numbers.is_empty() || numbers.contains(&id))
            && count.is_none_or(|count| self.totals.told < count)
            && (is_start || !from_their_start)
    }

    /// Passes on what the connection has to say, and says whether it is wanted.
    fn tell(&mut self, id: u32, at: Duration) -> io::Result<bool> {
        let Some(tracked) = self.tracked.get_mut(&id) else { return Ok(false) };
        self.order.remove(&tracked.touched);
        (tracked.touched, tracked.latest) = (self.totals.frames, at);
        self.order.insert(tracked.touched, id);
        while let Some(line) = tracked.conversation.poll_line() {
            if tracked.is_wanted {
                self.gallery.line(id, line)?;
            }
        }
        Ok(tracked.is_wanted)
    }

    /// Gives up the one that was silent for the longest.
    fn make_room(&mut self) -> io::Result<()> {
        let Some(id) = self.order.first_key_value().map(|(_, id)| *id) else { return Ok(()) };
        let is_over = self.tracked.get(&id).is_some_and(|tracked| tracked.conversation.is_over());
        if is_over {
            return self.end(id, "");
        }
        self.totals.given_up += 1;
        self.end(id, "followed no further: too many connections at a time")
    }

    fn end(&mut self, id: u32, remark: &str) -> io::Result<()> {
        let Some(mut tracked) = self.tracked.remove(&id) else { return Ok(()) };
        self.order.remove(&tracked.touched);
        if self.numbers.get(&tracked.ends) == Some(&id) {
            self.numbers.remove(&tracked.ends);
        }
        tracked.conversation.settle();
        if !tracked.is_wanted {
            return Ok(());
        }
        while let Some(line) = tracked.conversation.poll_line() {
            self.gallery.line(id, line)?;
        }
        self.ended += 1;
        self.gallery.end(id, tracked.conversation.summary(), remark)
    }

    /// Ends those that are over and have been silent for so long.
    pub(crate) fn end_silent(&mut self, now: Duration, silence: Duration) -> io::Result<()> {
        let is_done = |(id, tracked): (&u32, &Tracked)| {
            let is_silent = now.saturating_sub(tracked.latest) >= silence;
            (tracked.conversation.is_over() && is_silent).then_some(*id)
        };
        let mut done: Vec<_> = self.tracked.iter().filter_map(is_done).collect();
        done.sort_unstable();
        done.into_iter().try_for_each(|id| self.end(id, ""))
    }

    /// Whether one that is wanted goes on.
    pub(crate) fn has_open(&self) -> bool {
        self.tracked.values().any(|one| one.is_wanted && !one.conversation.is_over())
    }

    /// Ends all, in their order, and shows what was held back.
    pub(crate) fn finish(mut self) -> io::Result<Totals> {
        let mut left: Vec<_> = self.tracked.keys().copied().collect();
        left.sort_unstable();
        left.into_iter().try_for_each(|id| self.end(id, ""))?;
        self.gallery.finish(&self.totals)?;
        Ok(self.totals)
    }
}

fn ends(a: SocketAddr, b: SocketAddr) -> Ends {
    if a <= b { (a, b) } else { (b, a) }
}

fn instant(at: Duration) -> Instant {
    Instant::from_nanos(u64::try_from(at.as_nanos()).unwrap_or(u64::MAX))
}
