//! One question put without showing anything of it: for what asks many to tell one thing.

use std::ops::ControlFlow;
use std::time::Duration;

use wireline_dns::lookup::{
    Answer, Ask, Carrier, Clocks, Config, Ending, Event, Expects, Heard, Lookup, Mode, Notice,
    Server, Step,
};
use wireline_dns::{Edns, Header, Message, Name, Question, RecordType, Transport, encode};
use wireline_net::Clock;

use crate::ask::Plain;
use crate::carriers::Carriers;
use crate::config::System;
use crate::options::Query;

/// What came of a question: an answer, or why there is none.
pub(crate) type Outcome = Result<Box<Answer>, String>;

/// How long a server may take where nobody said, and how often it is asked.
const PATIENCE: (Duration, u32) = (Duration::from_secs(2), 2);

/// What a query of the command line says of how to ask, for questions of our own.
pub(crate) fn config(
    system: &System,
    query: &Query,
    servers: Vec<Server>,
    question: &Question,
) -> Config {
    let mut config = system.config(query, servers, None);
    config.name = question.name.to_string().into_bytes();
    (config.form.kind, config.form.class) = (question.kind, question.class);
    (config.mode, config.search, config.form.serial) = (Mode::Plain, None, None);
    (config.form.id, config.form.header_only) = (None, false);
    config
}

/// The question of a query, its name absolute; `None` where it is no name.
pub(crate) fn question(query: &Query) -> Option<Question> {
    let name = Name::parse(query.name.as_bytes(), &Name::root()).ok()?;
    Some(Question { name, kind: query.options.kind, class: query.options.class })
}

/// Sets header bits of a query to these, of those in `mask`.
pub(crate) fn set_flags(config: &mut Config, mask: u16, flags: u16) {
    config.form.flags = config.form.flags & !mask | flags;
}

/// Wants DNSSEC records, whether or not they are good.
pub(crate) fn want_dnssec(config: &mut Config) {
    set_flags(config, Header::CD, Header::CD);
    config.form.edns.get_or_insert_with(Edns::default).flags |= Edns::DO;
}

/// Asks, with all that a lookup does to get an answer.
pub(crate) fn put(carriers: &mut Carriers, query: &Query, config: Config) -> Outcome {
    let clocks = Clocks { now: Clock.now(), wall: Clock.wall() };
    let mut lookup = Lookup::new(config, wireline_net::seed(), clocks);
    let (mut answer, mut why) = (None, "no reply".to_owned());
    loop {
        match lookup.poll() {
            Step::Tell(Event::Answer(told)) => answer = Some(told),
            Step::Tell(Event::Notice(notice)) => why = reason(&notice).unwrap_or(why),
            Step::Tell(_) => {}
            Step::Ask(ask) => {
                carriers.ask(query, &ask, &mut |heard| lookup.handle(heard, Clock.now()));
            }
            Step::AskAll(asks) => {
                for (at, ask) in asks.iter().enumerate() {
                    carriers.ask(query, ask, &mut |heard| lookup.handle_of(at, heard, Clock.now()));
                }
                lookup.handle_end();
            }
            Step::Resolve(_) => lookup.handle_addresses(Err("not found".to_owned())),
            Step::Done(Ending::Fatal { why, .. }) => return Err(why),
            Step::Done(_) => return answer.ok_or(why),
        }
    }
}

fn reason(notice: &Notice) -> Option<String> {
    match notice {
        Notice::CommunicationError { why, .. }
        | Notice::ConnectionFailed { why, .. }
        | Notice::UdpSetupFailed { why, .. } => Some(why.to_string()),
        _ => None,
    }
}

/// A question to one server, of many that are asked at once.
pub(crate) struct Datagram {
    pub(crate) server: Server,
    pub(crate) question: Question,
    pub(crate) flags: u16,
}

/// A reply's octets and how long it took.
pub(crate) type Reply = Result<(Vec<u8>, Duration), String>;

/// Asks all at once by datagrams, those without a reply once more, those cut short over TCP.
pub(crate) fn put_all(
    plain: &mut Plain,
    datagrams: &[Datagram],
    timeout: Option<Duration>,
) -> Vec<Reply> {
    let (patience, tries) = (timeout.unwrap_or(PATIENCE.0), PATIENCE.1);
    let mut replies: Vec<Reply> = datagrams.iter().map(|_| Err("not asked".to_owned())).collect();
    for _ in 0..tries {
        let open: Vec<_> = (0..datagrams.len()).filter(|at| replies[*at].is_err()).collect();
        // Descriptors are few: not all of a large level at once.
        for some in open.chunks(64) {
            round(plain, datagrams, some, patience, &mut replies);
        }
    }
    for (datagram, reply) in datagrams.iter().zip(&mut replies) {
        let is_cut =
            |octets: &[u8]| Header::parse(octets).is_some_and(|header| header.has(Header::TC));
        if reply.as_ref().is_ok_and(|(octets, _)| is_cut(octets)) {
            *reply = by_tcp(plain, datagram, patience);
        }
    }
    replies
}

fn message(datagram: &Datagram, number: usize) -> Vec<u8> {
    let Datagram { question, flags, .. } = datagram;
    let edns = Some(Edns::default());
    let form = wireline_dns::Form {
        flags: *flags,
        class: question.class,
        kind: question.kind,
        edns,
        ..wireline_dns::Form::default()
    };
    // The low bits of a seed nobody can guess, another for each.
    let id =
        (wireline_net::seed().rotate_left(u32::try_from(number % 64).unwrap_or(0)) & 0xffff) as u16;
    encode(&form, &question.name, id, &[], 0)
}

fn ask_of(datagram: &Datagram, number: usize, timeout: Duration, transport: Transport) -> Ask {
    let octets = message(datagram, number);
    let server = datagram.server.clone();
    Ask { server, transport, octets, timeout, expects: Expects::One, keeps_open: false }
}

fn round(
    plain: &mut Plain,
    datagrams: &[Datagram],
    open: &[usize],
    patience: Duration,
    replies: &mut [Reply],
) {
    let ask = |at: &usize| ask_of(&datagrams[*at], *at, patience, Transport::Udp);
    let asks: Vec<_> = open.iter().map(ask).collect();
    let mut sent = vec![Clock.now(); asks.len()];
    plain.ask_all(&asks, &mut |at, heard| {
        let reply = match heard {
            Heard::Ready { .. } => {
                sent[at] = Clock.now();
                return ControlFlow::Continue(());
            }
            Heard::Message(octets)
                if !answers(octets, &asks[at], &datagrams[open[at]].question) =>
            {
                return ControlFlow::Continue(());
            }
            Heard::Message(octets) => Ok((octets.to_vec(), Clock.now().since(sent[at]))),
            Heard::Unconnected(why) | Heard::Failed(why) => Err(why.to_string()),
        };
        replies[open[at]] = reply;
        ControlFlow::Break(())
    });
}

/// Whether a message is a reply to this query: its ID, and its question where it has one.
fn answers(octets: &[u8], ask: &Ask, question: &Question) -> bool {
    let Some(message) = Message::parse(octets) else { return false };
    let asked = message.questions.first();
    message.header.has(Header::QR)
        && octets.get(..2) == ask.octets.get(..2)
        && asked.is_none_or(|asked| asked == question)
}

fn by_tcp(plain: &mut Plain, datagram: &Datagram, patience: Duration) -> Reply {
    let ask = ask_of(datagram, 0, patience, Transport::Tcp);
    let (mut sent, mut reply) = (Clock.now(), Err("no reply".to_owned()));
    plain.ask(&ask, &mut |heard| {
        match heard {
            Heard::Ready { .. } => {
                sent = Clock.now();
                return ControlFlow::Continue(());
            }
            Heard::Message(octets) if !answers(octets, &ask, &datagram.question) => {}
            Heard::Message(octets) => reply = Ok((octets.to_vec(), Clock.now().since(sent))),
            Heard::Unconnected(why) | Heard::Failed(why) => reply = Err(why.to_string()),
        }
        ControlFlow::Break(())
    });
    reply
}

/// A question of our own.
pub(crate) fn ask_for(name: &Name, kind: RecordType) -> Question {
    Question { name: name.clone(), kind, class: wireline_dns::Class::IN }
}
