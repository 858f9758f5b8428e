//! Servers that exist only as a list of arrivals, in virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::{IpAddr, SocketAddr};

use super::super::*;
use crate::{Class, RecordType};

pub(super) const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

pub(super) const fn us(us: u64) -> Duration {
    Duration::from_micros(us)
}

/// What becomes of a question, whoever is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fate {
    Answered,
    Lost,
    Slow(Duration),
    /// Over datagrams; over a stream all of it is there.
    Truncated,
    /// Two answers.
    Twice,
    Servfail,
}

/// How a forged message differs from the right one. It comes first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Forgery {
    Id,
    Socket,
    Server,
    Address,
    Port,
    Question,
    Kind,
    Query,
    Case,
    Short,
    TwoQuestions,
}

/// How servers are, and how they are asked.
pub(super) struct World {
    servers: usize,
    dead: Option<usize>,
    delay: Duration,
    service: Duration,
    queue: usize,
    lose: u64,
    slow: Option<(u64, Duration)>,
    fate: fn(u64) -> Fate,
    forgery: Option<Forgery>,
    config: Config,
    aside_every: u64,
    stop_after: Option<Duration>,
    /// Closes a stream after so many.
    closes_after: Option<u64>,
    refuses: bool,
    pub(super) change: fn(&mut Manner),
}

/// What one run did.
pub(super) struct Run {
    pub(super) told: Vec<(u64, Event)>,
    pub(super) summary: Summary,
    pub(super) took: Duration,
    pub(super) most_flying: usize,
    /// Questions that were taken in and not told of.
    pub(super) most_under_way: u64,
    pub(super) asked: Vec<u64>,
    pub(super) names: Vec<Vec<u8>>,
}

impl Run {
    pub(super) fn answered(&self) -> usize {
        self.told.iter().filter(|(_, event)| matches!(event, Event::Answer(_))).count()
    }
}

/// A message on its way to the questioner: when, a number, its flow, from where, what.
type Arrival = Reverse<(Instant, u64, u32, SocketAddr, Vec<u8>)>;

impl World {
    pub(super) fn new(servers: usize) -> Self {
        let config = Config { jobs: None, rate: None, order: Order::Completion, seed: 42 };
        Self {
            servers,
            dead: None,
            delay: us(15),
            service: Duration::ZERO,
            queue: usize::MAX,
            lose: 0,
            slow: None,
            fate: |_| Fate::Answered,
            forgery: None,
            config,
            aside_every: 0,
            stop_after: None,
            closes_after: None,
            refuses: false,
            change: |_| (),
        }
    }

    pub(super) fn dead(mut self, server: usize) -> Self {
        self.dead = Some(server);
        self
    }

    /// One way.
    pub(super) fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    pub(super) fn service(mut self, service: Duration) -> Self {
        self.service = service;
        self
    }

    pub(super) fn queue(mut self, queue: usize) -> Self {
        self.queue = queue;
        self
    }

    /// One datagram of so many.
    pub(super) fn lose(mut self, of: u64) -> Self {
        self.lose = of;
        self
    }

    pub(super) fn slow(mut self, of: u64, by: Duration) -> Self {
        self.slow = Some((of, by));
        self
    }

    pub(super) fn fate(mut self, fate: fn(u64) -> Fate) -> Self {
        self.fate = fate;
        self
    }

    pub(super) fn forge(mut self, forgery: Forgery) -> Self {
        self.forgery = Some(forgery);
        self
    }

    pub(super) fn order(mut self, order: Order) -> Self {
        self.config.order = order;
        self
    }

    pub(super) fn rate(mut self, rate: u32) -> Self {
        self.config.rate = Some(rate);
        self
    }

    pub(super) fn jobs(mut self, jobs: usize) -> Self {
        self.config.jobs = Some(jobs);
        self
    }

    pub(super) fn aside_every(mut self, every: u64) -> Self {
        self.aside_every = every;
        self
    }

    pub(super) fn stop_after(mut self, after: Duration) -> Self {
        self.stop_after = Some(after);
        self
    }

    pub(super) fn closes_after(mut self, answers: u64) -> Self {
        self.closes_after = Some(answers);
        self
    }

    pub(super) fn refuses(mut self) -> Self {
        self.refuses = true;
        self
    }

    pub(super) fn ask(mut self, change: fn(&mut Manner)) -> Self {
        self.change = change;
        self
    }

    fn manner(&self) -> Rc<Manner> {
        let root = b"\0\0\x01\0\0\x01\0\0\0\0\0\0\0\0\x01\0\x01";
        let mut manner = Manner::of_query(root, (0..self.servers).map(asked).collect()).unwrap();
        (self.change)(&mut manner);
        Rc::new(manner)
    }

    pub(super) fn run(&self, questions: u64) -> Run {
        let (manner, aside_every) = (self.manner(), self.aside_every);
        let source = (0..questions).map(move |n| {
            if aside_every > 0 && n % aside_every == 0 {
                return Next::Aside(n);
            }
            let name = WireName::parse(format!("h{n}.Bulk.lab").as_bytes()).unwrap();
            let manner = Rc::clone(&manner);
            Next::Question(Question { tag: n, name, kind: RecordType::A, class: Class::IN, manner })
        });
        Running::new(self).run(Batch::new(self.config, source, Instant::ZERO))
    }
}

fn asked(n: usize) -> Asked {
    let server = u8::try_from(n).unwrap();
    Asked { server, address: ([192, 0, 2, server + 1], 53).into() }
}

struct Running<'w> {
    world: &'w World,
    now: Instant,
    path: BinaryHeap<Arrival>,
    refusals: Vec<(Instant, u32)>,
    busy_until: Vec<Instant>,
    streamed: u64,
    sent: u64,
    dice: u64,
    run: Run,
}

impl<'w> Running<'w> {
    fn new(world: &'w World) -> Self {
        let run = Run {
            told: Vec::new(),
            summary: Summary::default(),
            took: Duration::ZERO,
            most_flying: 0,
            most_under_way: 0,
            asked: vec![0; world.servers],
            names: Vec::new(),
        };
        Self {
            world,
            now: Instant::ZERO,
            path: BinaryHeap::new(),
            refusals: Vec::new(),
            busy_until: vec![Instant::ZERO; world.servers],
            streamed: 0,
            sent: 0,
            dice: 1,
            run,
        }
    }

    fn run<S: Source>(mut self, mut batch: Batch<S>) -> Run {
        let (mut contents, mut turns) = (Vec::new(), 0_u64);
        loop {
            while let Some(transmit) = batch.poll_transmit(self.now, &mut contents) {
                self.carry(&transmit, &contents);
            }
            self.tell(&mut batch);
            if batch.is_finished() {
                self.run.took = self.now - Instant::ZERO;
                return self.run;
            }
            let flying = batch.slots.len();
            self.run.most_flying = self.run.most_flying.max(flying);
            self.step(&mut batch);
            turns += 1;
            assert!(turns < 20_000_000, "it does not come to an end");
        }
    }

    fn tell<S: Source>(&mut self, batch: &mut Batch<S>) {
        while let Some(event) = batch.poll_event() {
            let tag = match &event {
                Event::Answer(answer) => answer.tag,
                Event::Failed(failed) => failed.tag,
                Event::Aside(tag) => *tag,
                Event::Summary(summary) => {
                    self.run.summary = summary.as_ref().clone();
                    continue;
                }
            };
            self.run.told.push((tag, event));
        }
        let under_way = batch.tally.summary.questions.saturating_sub(self.run.told.len() as u64);
        self.run.most_under_way = self.run.most_under_way.max(under_way);
    }

    fn step<S: Source>(&mut self, batch: &mut Batch<S>) {
        let stop = self.world.stop_after.map(|after| Instant::ZERO + after);
        let stop = stop.filter(|stop| *stop > self.now);
        let arrival = self.path.peek().map(|Reverse((at, ..))| *at);
        let refusal = self.refusals.iter().map(|(at, _)| *at).min();
        let next = [arrival, refusal, batch.next_timeout(), stop].into_iter().flatten().min();
        self.now = next.expect("a batch that waits for nothing").max(self.now);
        if stop == Some(self.now) {
            batch.handle_stop(self.now);
        }
        let due: Vec<_> = self.refusals.extract_if(.., |(at, _)| *at <= self.now).collect();
        for (_, flow) in due {
            batch.handle_refusal(self.now, Refusal::local(flow, ([0, 0, 0, 0], 0).into(), 111));
        }
        while let Some(Reverse((at, ..))) = self.path.peek()
            && *at <= self.now
        {
            let Some(Reverse((_, _, flow, source, contents))) = self.path.pop() else { break };
            let reply = Reply {
                source,
                hop_limit: None,
                at: None,
                options: &[],
                flow,
                contents: &contents,
            };
            batch.handle_reply(self.now, reply);
        }
        batch.handle_timeout(self.now);
    }

    /// splitmix64: the same on every machine.
    fn roll(&mut self) -> u64 {
        self.dice = self.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.dice;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn is_lost(&mut self) -> bool {
        self.world.lose > 0 && self.roll().is_multiple_of(self.world.lose)
    }

    fn carry(&mut self, transmit: &Transmit, query: &[u8]) {
        self.sent += 1;
        let server = usize::try_from(transmit.flow / FLOWS).unwrap();
        self.run.asked[server] += 1;
        if self.run.names.len() < 100 {
            self.run.names.push(query[12..].to_vec());
        }
        assert_eq!(transmit.destination, asked(server).address);
        let is_stream = carrier(transmit.flow) == Over::Stream;
        if self.world.refuses {
            self.refusals.push((self.now + self.world.delay * 2, transmit.flow));
            return;
        }
        if self.world.dead == Some(server) || !is_stream && self.is_lost() {
            return;
        }
        if is_stream && let Some(limit) = self.world.closes_after {
            self.streamed += 1;
            if self.streamed.is_multiple_of(limit) {
                // What was asked on it and not answered is gone.
                self.path.retain(|Reverse((_, _, flow, ..))| *flow != transmit.flow);
                self.refusals.push((self.now + self.world.delay, transmit.flow));
                return;
            }
        }
        self.serve(server, transmit.flow, query);
    }

    fn serve(&mut self, server: usize, flow: u32, query: &[u8]) {
        let world = self.world;
        let there = self.now + world.delay;
        let start = self.busy_until[server].max(there);
        if !world.service.is_zero() {
            let waiting = start.since(there).as_nanos() / world.service.as_nanos();
            if waiting >= world.queue as u128 {
                return;
            }
        }
        let mut done = start + world.service;
        self.busy_until[server] = done;
        let fate = (world.fate)(number(query));
        let is_slow = world.slow.filter(|(of, _)| self.roll().is_multiple_of(*of));
        match (fate, is_slow) {
            (Fate::Lost, _) => return,
            (Fate::Slow(by), _) | (_, Some((_, by))) => done = done + by,
            _ => {}
        }
        if carrier(flow) == Over::Datagrams && self.is_lost() {
            return;
        }
        let reply = reply_to(query, fate, carrier(flow));
        let source = asked(server).address;
        if let Some(forgery) = world.forgery {
            let (flow, source, forged) = forge(forgery, flow, source, &reply);
            self.arrive(done, flow, source, forged);
        }
        if fate == Fate::Twice {
            self.arrive(done + us(1), flow, source, reply.clone());
        }
        self.arrive(done, flow, source, reply);
    }

    fn arrive(&mut self, done: Instant, flow: u32, source: SocketAddr, contents: Vec<u8>) {
        let number = self.sent * 4 + self.path.len() as u64 % 2;
        self.path.push(Reverse((done + self.world.delay, number, flow, source, contents)));
    }
}

fn number(query: &[u8]) -> u64 {
    let label = &query[14..13 + usize::from(query[12])];
    std::str::from_utf8(label).unwrap().parse().unwrap()
}

fn reply_to(query: &[u8], fate: Fate, over: Over) -> Vec<u8> {
    let mut reply = query.to_vec();
    reply[2] |= 0x80;
    if fate == Fate::Truncated && over == Over::Datagrams {
        reply[2] |= 0x02;
    }
    if fate == Fate::Servfail {
        reply[3] |= 2;
    }
    reply
}

fn forge(
    forgery: Forgery,
    mut flow: u32,
    mut source: SocketAddr,
    reply: &[u8],
) -> (u32, SocketAddr, Vec<u8>) {
    let mut forged = reply.to_vec();
    // Were it taken, that would be seen.
    forged[3] |= 5;
    let end = forged.len();
    match forgery {
        Forgery::Id => forged[0] ^= 1,
        Forgery::Socket => flow ^= 1,
        Forgery::Server => flow = (flow + FLOWS) % (2 * FLOWS),
        Forgery::Address => source.set_ip(IpAddr::from([192, 0, 2, 99])),
        Forgery::Port => source.set_port(54),
        Forgery::Question => forged[13] ^= 3,
        Forgery::Kind => forged[end - 3] ^= 3,
        Forgery::Query => forged[2] &= 0x7f,
        Forgery::Case => forged[16..20].make_ascii_lowercase(),
        Forgery::Short => forged.truncate(end - 1),
        Forgery::TwoQuestions => forged[5] = 2,
    }
    (flow, source, forged)
}
