use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use wireline_packet::Mac;
use wireline_packet::arp::{End, Header, Message, operation};
use wireline_packet::ethernet::{Frame, Framing, ethertype};

use super::super::*;

/// This machine on the segment.
pub(super) const OURS: Mac = Mac([2, 0, 0x5e, 0, 0x53, 0xff]);

/// What somebody does when asked.
#[derive(Clone, Debug)]
pub(super) struct Said {
    after: Duration,
    mac: Option<Mac>,
    frame_mac: Option<Mac>,
}

/// The usual host answers after so long.
pub(super) fn reply_from(after: Duration) -> Said {
    Said { after, mac: None, frame_mac: None }
}

impl Said {
    pub(super) fn by(self, mac: Mac) -> Self {
        Self { mac: Some(mac), ..self }
    }

    pub(super) fn on_a_frame_of(self, mac: Mac) -> Self {
        Self { frame_mac: Some(mac), ..self }
    }
}

/// Who answers what: by the place of the address from the first one on, and how often it was asked.
type Answers = Box<dyn FnMut(u32, u32) -> Vec<Said>>;

/// A segment.
pub(super) struct World {
    answers: Answers,
    /// What the system says to the request of that number, at that time.
    refuse: Box<dyn FnMut(u64, Instant) -> Option<i32>>,
    /// Answers that the kernel has room for between two looks at them.
    room: usize,
    /// How long one frame takes to hand over.
    cost: Duration,
    /// Frames that come without being asked for.
    unasked: Vec<(Duration, Vec<u8>)>,
    /// The link goes down.
    down_at: Option<Duration>,
    stamp_after: Option<Duration>,
}

/// What happened.
pub(super) struct Run {
    pub(super) events: Vec<Event>,
    pub(super) sent_at: Vec<Duration>,
    /// Who was asked, in that order.
    pub(super) asked: Vec<u32>,
    pub(super) ended_at: Duration,
    /// Calls of `poll_transmit`, `handle_timeout` and `next_timeout`: what the engine costs.
    pub(super) calls: u64,
    /// Times that the machine slept.
    pub(super) sleeps: u64,
}

impl Run {
    pub(super) fn summary(&self) -> &Summary {
        let Some(Event::Summary(summary)) = self.events.last() else { panic!("no summary") };
        summary
    }

    pub(super) fn hosts(&self) -> impl Iterator<Item = &Host> {
        self.events.iter().filter_map(|event| match event {
            Event::Host(host) => Some(&**host),
            _ => None,
        })
    }

    pub(super) fn findings(&self) -> Vec<&Finding> {
        let findings = self.events.iter().filter_map(|event| match event {
            Event::Finding(finding) => Some(finding),
            _ => None,
        });
        findings.collect()
    }
}

impl World {
    pub(super) fn new(answers: impl FnMut(u32, u32) -> Vec<Said> + 'static) -> Self {
        Self {
            answers: Box::new(answers),
            refuse: Box::new(|_, _| None),
            room: usize::MAX,
            cost: Duration::ZERO,
            unasked: Vec::new(),
            down_at: None,
            stamp_after: None,
        }
    }

    pub(super) fn refusing(
        mut self,
        refuse: impl FnMut(u64, Instant) -> Option<i32> + 'static,
    ) -> Self {
        self.refuse = Box::new(refuse);
        self
    }

    pub(super) fn with_room_for(self, room: usize) -> Self {
        Self { room, ..self }
    }

    pub(super) fn at_a_cost_of(self, cost: Duration) -> Self {
        Self { cost, ..self }
    }

    pub(super) fn with_unasked(mut self, at: Duration, frame: Vec<u8>) -> Self {
        self.unasked.push((at, frame));
        self
    }

    pub(super) fn down_at(self, at: Duration) -> Self {
        Self { down_at: Some(at), ..self }
    }

    pub(super) fn stamped(self, after: Duration) -> Self {
        Self { stamp_after: Some(after), ..self }
    }

    /// Runs a scan to its end, as `wireline_net::drive` does.
    pub(super) fn run(self, config: Config) -> Run {
        let first = config.ports.first().and_then(|port| port.targets.get(0));
        self.run_from(first.unwrap_or(Ipv4Addr::UNSPECIFIED), config)
    }

    /// As [`run`](Self::run), with hosts numbered from `first` on.
    pub(super) fn run_from(self, first: Ipv4Addr, config: Config) -> Run {
        let now = Instant::ZERO;
        let scan = Scan::new(config, now);
        Running {
            first,
            world: self,
            scan,
            now,
            path: BinaryHeap::new(),
            frames: 0,
            tries: BTreeMap::new(),
            run: Run {
                events: Vec::new(),
                sent_at: Vec::new(),
                asked: Vec::new(),
                ended_at: Duration::ZERO,
                calls: 0,
                sleeps: 0,
            },
        }
        .finish()
    }
}

struct Running {
    first: Ipv4Addr,
    world: World,
    scan: Scan,
    now: Instant,
    /// Frames on their way, soonest first.
    path: BinaryHeap<Reverse<(Instant, u64, Vec<u8>)>>,
    frames: u64,
    tries: BTreeMap<u32, u32>,
    run: Run,
}

/// As `wireline_net::Outbox` has it.
const BATCH: usize = 64;

impl Running {
    fn finish(mut self) -> Run {
        for (at, frame) in std::mem::take(&mut self.world.unasked) {
            self.frames += 1;
            self.path.push(Reverse((Instant::ZERO + at, self.frames, frame)));
        }
        loop {
            let sent = self.send();
            self.run.events.extend(std::iter::from_fn(|| self.scan.poll_event()));
            if self.scan.is_finished() {
                self.run.ended_at = self.now - Instant::ZERO;
                return self.run;
            }
            if !self.receive() && sent < BATCH {
                self.sleep();
            }
            self.run.calls += 1;
            self.scan.handle_timeout(self.now);
            assert!(self.run.calls < 20_000_000, "it goes round in circles");
        }
    }

    fn send(&mut self) -> usize {
        let (mut batch, mut contents) = (Vec::new(), Vec::new());
        while batch.len() < BATCH {
            self.run.calls += 1;
            let Some(transmit) = self.scan.poll_transmit(self.now, &mut contents) else { break };
            batch.push((transmit, contents.clone()));
        }
        let mut refused = None;
        for (transmit, contents) in &batch {
            self.now = self.now + self.world.cost;
            let number = self.run.sent_at.len() as u64;
            refused = refused.or_else(|| (self.world.refuse)(number, self.now));
            match refused {
                Some(errno) => {
                    let why = io::Error::from_raw_os_error(errno);
                    self.scan.handle_unsent(self.now, transmit, &why);
                }
                None => self.leave(transmit, contents),
            }
        }
        batch.len()
    }

    fn leave(&mut self, transmit: &Transmit, contents: &[u8]) {
        self.run.sent_at.push(self.now - Instant::ZERO);
        let target = asked(contents, self.first);
        self.run.asked.push(target);
        if let Some(delay) = self.world.stamp_after {
            let stamp = Stamp { id: transmit.id, stage: Stage::Sent, at: self.now + delay };
            self.scan.handle_stamp(stamp);
        }
        let tries = self.tries.entry(target).or_default();
        *tries += 1;
        for said in (self.world.answers)(target, *tries) {
            let mac = said.mac.unwrap_or(mac_of(target));
            let mut frame = answer(contents, mac);
            frame[6..12].copy_from_slice(&said.frame_mac.unwrap_or(mac).0);
            self.frames += 1;
            self.path.push(Reverse((self.now + said.after, self.frames, frame)));
        }
    }

    /// Hands over what came, and says whether something did.
    fn receive(&mut self) -> bool {
        if self.world.down_at.is_some_and(|at| Instant::ZERO + at <= self.now) {
            self.world.down_at = None;
            self.world.refuse = Box::new(|_, _| Some(100));
            self.scan.handle_refusal(self.now, Refusal::local(0, NOBODY, 100));
        }
        let (mut count, mut dropped) = (0, 0);
        while self.path.peek().is_some_and(|Reverse((at, ..))| *at <= self.now) {
            let Some(Reverse((at, _, frame))) = self.path.pop() else { break };
            count += 1;
            if count > self.world.room {
                dropped += 1;
                continue;
            }
            let at = self.world.stamp_after.map(|_| at);
            self.scan.handle_reply(self.now, Reply { at, ..heard(&frame) });
        }
        if dropped > 0 {
            self.scan.handle_drops(self.now, 0, dropped);
        }
        count > 0
    }

    fn sleep(&mut self) {
        self.run.sleeps += 1;
        self.run.calls += 1;
        let arrival = self.path.peek().map(|Reverse((at, ..))| *at);
        let down = self.world.down_at.map(|at| Instant::ZERO + at);
        let timeout = self.scan.next_timeout().expect("a scan that waits for nothing");
        self.now =
            [arrival, down, Some(timeout)].into_iter().flatten().min().unwrap().max(self.now);
    }
}

/// A reply as the channel has it.
pub(super) fn heard(contents: &[u8]) -> Reply<'_> {
    Reply { source: NOBODY, hop_limit: None, at: None, options: &[], flow: 0, contents }
}

/// The place of the address that a request asks for.
fn asked(contents: &[u8], first: Ipv4Addr) -> u32 {
    let frame = Frame::parse(contents).unwrap();
    let message = Message::parse(frame.payload).unwrap();
    u32::from(message.target.address) - u32::from(first)
}

/// What a host says to a request.
pub(super) fn answer(contents: &[u8], mac: Mac) -> Vec<u8> {
    let frame = Frame::parse(contents).unwrap();
    let message = Message::parse(frame.payload).unwrap();
    let sender = End { mac, address: message.target.address };
    said(operation::REPLY, sender, message.sender, message.sender.mac)
}

/// A frame with a message to somebody, filled up as cards do.
pub(super) fn said(operation: u16, sender: End, target: End, destination: Mac) -> Vec<u8> {
    let message = Message { header: Header::ipv4(operation), sender, target, rest: &[0; 18] };
    let mut payload = Vec::new();
    message.emit(&mut payload);
    let frame = Frame {
        destination,
        source: sender.mac,
        tag: None,
        framing: Framing::Ethernet2,
        protocol: ethertype::ARP,
        payload: &payload,
    };
    let mut contents = Vec::new();
    frame.emit(&mut contents);
    contents
}

/// The usual link-layer address of a host.
pub(super) fn mac_of(host: u32) -> Mac {
    let [_, _, high, low] = host.to_be_bytes();
    Mac([2, 0, 0, 0, high, low])
}

/// A polite scan of one network.
pub(super) fn config(network: &str, prefix: u8) -> Config {
    let address: Ipv4Addr = network.parse().unwrap();
    let span = Span::network(address, prefix);
    let port = Port {
        mac: OURS,
        address: Some(Ipv4Addr::new(198, 51, 100, 1)),
        networks: vec![span],
        targets: [span].into_iter().collect(),
        ..Port::default()
    };
    Config { ports: vec![port], ..Config::default() }
}

pub(super) fn drain(scan: &mut Scan) -> Vec<Event> {
    std::iter::from_fn(|| scan.poll_event()).collect()
}

pub(super) const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}
