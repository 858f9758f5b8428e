//! `--trace-dns`: a name is followed from the root down, after the transfer, so that it costs that nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use wireline_dns::delegation::{Asked, Ending, Flaw, Level, Probe, Role, Walk};
use wireline_dns::lookup::Server;
use wireline_dns::{
    Class, Edns, Form, Header, Message, Name, Question, ROOT_SERVERS, RecordType, ResolvConf,
    encode,
};
use wireline_engine::Instant;
use wireline_http::account::Account;
use wireline_net::Clock;

use crate::reports::figures::ms;
use crate::reports::{TraceDns, Walked};
use crate::surroundings::contents;

/// How long the servers of a level are waited for.
const PATIENCE: Duration = Duration::from_millis(1500);
/// Names of one transfer that are followed.
const MOST: usize = 5;

/// Follows the names that a transfer asked for.
pub(crate) fn walks(account: &Account, from: TraceDns) -> Vec<Walked> {
    let mut names: Vec<&str> = Vec::new();
    for hop in &account.hops {
        let asked = hop.asked_name.as_ref().map(|(_, name)| name.as_str());
        let name = hop.lookup.as_ref().map(|one| one.host.as_str()).or(asked);
        let is_new = |name: &&str| name.parse::<IpAddr>().is_err() && !names.contains(name);
        if let Some(name) = name.filter(is_new) {
            names.push(name);
        }
    }
    names.into_iter().take(MOST).map(|name| walk(name, from)).collect()
}

fn walk(text: &str, from: TraceDns) -> Walked {
    let mut walked = Walked { name: text.to_owned(), lines: Vec::new() };
    let Ok(name) = Name::parse(text.as_bytes(), &Name::root()) else {
        walked.lines.push((false, "this is no name of DNS".to_owned()));
        return walked;
    };
    let question = Question { name, kind: RecordType::A, class: Class::IN };
    let mut walk = Walk::new(question, roots(from));
    let resolver = resolver(from);
    loop {
        while let Some(level) = walk.poll_level() {
            told(&level, &mut walked.lines);
        }
        if let Some(ending) = walk.ending() {
            walked.lines.push(end(ending));
            return walked;
        }
        ask(&mut walk, resolver);
    }
}

fn roots(from: TraceDns) -> Vec<Server> {
    match from {
        TraceDns::From(address) => vec![Server { address, name: address.to_string() }],
        TraceDns::Root => {
            let of = |(name, v4, _): &(&str, Ipv4Addr, Ipv6Addr)| Server {
                address: (*v4, 53).into(),
                name: (*name).to_owned(),
            };
            ROOT_SERVERS.iter().map(of).collect()
        }
    }
}

/// Who is asked for addresses that a referral lacks.
fn resolver(from: TraceDns) -> Option<SocketAddr> {
    if let TraceDns::From(address) = from {
        return Some(address);
    }
    let text = contents("/etc/resolv.conf".as_ref()).ok()?;
    let known = ResolvConf::parse(&text).ok()?;
    known.servers.iter().find_map(|server| Some((server.parse::<IpAddr>().ok()?, 53).into()))
}

/// A query on its way.
struct Query {
    number: usize,
    to: SocketAddr,
    id: u16,
    question: Question,
    sent: Instant,
}

/// Puts all that a walk wants to know, at once.
fn ask(walk: &mut Walk, resolver: Option<SocketAddr>) {
    let bind = |any: IpAddr| {
        let socket = UdpSocket::bind((any, 0)).ok()?;
        socket.set_nonblocking(true).ok()?;
        Some(socket)
    };
    let sockets = [bind(Ipv4Addr::UNSPECIFIED.into()), bind(Ipv6Addr::UNSPECIFIED.into())];
    let mut open: Vec<Query> = Vec::new();
    for probe in walk.poll_probes() {
        match send(&probe, resolver, &sockets) {
            Ok(query) => open.push(query),
            Err(why) => walk.handle_failure(probe.number, &why),
        }
    }
    let began = Clock.now();
    while !open.is_empty() {
        let left = PATIENCE.saturating_sub(Clock.now().since(began));
        if left.is_zero() || !wait(&sockets, left) {
            break;
        }
        for socket in sockets.iter().flatten() {
            receive(socket, &mut open, walk);
        }
    }
    for query in open {
        walk.handle_failure(query.number, "no reply");
    }
}

fn send(
    probe: &Probe,
    resolver: Option<SocketAddr>,
    [v4, v6]: &[Option<UdpSocket>; 2],
) -> Result<Query, String> {
    let to = probe.server.as_ref().map(|one| one.address).or(resolver);
    let to = to.ok_or_else(|| "there is no resolver to ask".to_owned())?;
    let flags = if probe.server.is_some() { 0 } else { Header::RD };
    let question = &probe.question;
    let edns = Some(Edns::default());
    let form = Form { flags, class: question.class, kind: question.kind, edns, ..Form::default() };
    let id = u16::try_from(wireline_net::seed() & 0xffff).unwrap_or_default();
    let octets = encode(&form, &question.name, id, &[], 0);
    let socket = if to.is_ipv4() { v4 } else { v6 };
    let socket = socket.as_ref().ok_or_else(|| "no socket of that family".to_owned())?;
    let sent = Clock.now();
    socket.send_to(&octets, to).map_err(|why| wireline_engine::errno_text(&why))?;
    Ok(Query { number: probe.number, to, id, question: question.clone(), sent })
}

/// Until something can be read, or that long.
fn wait(sockets: &[Option<UdpSocket>; 2], left: Duration) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut all: Vec<_> =
        sockets.iter().flatten().map(|one| PollFd::new(one, PollFlags::IN)).collect();
    let Ok(left) = Timespec::try_from(left) else { return false };
    poll(&mut all, Some(&left)).is_ok_and(|count| count > 0)
}

/// Takes replies: each from whom it was asked for, with its ID and its question.
fn receive(socket: &UdpSocket, open: &mut Vec<Query>, walk: &mut Walk) {
    let mut buffer = [0; 4096];
    while let Ok((length, from)) = socket.recv_from(&mut buffer) {
        let octets = buffer.get(..length).unwrap_or_default();
        let Some(message) = Message::parse(octets) else { continue };
        let id = octets.first_chunk().map(|id| u16::from_be_bytes(*id));
        let is_it = |query: &Query| {
            let asked = message.questions.first();
            query.to == from
                && Some(query.id) == id
                && message.header.has(Header::QR)
                && asked.is_none_or(|asked| *asked == query.question)
        };
        let Some(at) = open.iter().position(is_it) else { continue };
        let query = open.swap_remove(at);
        walk.handle_answer(query.number, octets, Clock.now().since(query.sent));
    }
}

fn told(level: &Level, lines: &mut Vec<(bool, String)>) {
    let what = match level.zone.label_count() {
        0 => "the root".to_owned(),
        1 => format!("top level {}", level.zone),
        _ => format!("zone {}", level.zone),
    };
    let many = level.servers.len();
    lines.push((
        true,
        format!(
            "{what}: {} asked for {}",
            crate::reports::figures::many(many as u64, "server"),
            level.name
        ),
    ));
    for asked in level.servers.iter().take(8) {
        lines.push(said(asked));
    }
    lines.extend(level.flaws.iter().map(|one| (false, flaw(one))));
}

fn said(asked: &Asked) -> (bool, String) {
    let (is_good, role) = match &asked.role {
        Role::Answers => (true, "has the answer".to_owned()),
        Role::Alias(target) => (true, format!("says it is an alias of {target}")),
        Role::NoName => (true, "says there is no such name".to_owned()),
        Role::NoData => (true, "says the name has no such record".to_owned()),
        Role::Refers(zone) => (true, format!("refers to the servers of {zone}")),
        Role::Lame => (false, "is lame: it does not answer for this zone".to_owned()),
        Role::Fails(rcode) => (false, format!("fails: {rcode}")),
        Role::Dead(why) => (false, format!("is dead: {why}")),
    };
    let took = asked.took.map(|took| format!(", {}", ms(took))).unwrap_or_default();
    (is_good, format!("- {} ({}) {role}{took}", asked.server.name, asked.server.address.ip()))
}

fn flaw(flaw: &Flaw) -> String {
    match flaw {
        Flaw::NoGlue(name) => format!("! missing glue: the zone above gives no address of {name}"),
        Flaw::NoAddress(name) => format!("! no address could be found of {name}"),
        Flaw::Serials(_) => "! the servers have different serials".to_owned(),
        Flaw::OnlyAbove(names) => format!("! {} listed only by the zone above", names.len()),
        Flaw::OnlyWithin(names) => format!("! {} listed only by the zone itself", names.len()),
    }
}

fn end(ending: &Ending) -> (bool, String) {
    match ending {
        Ending::Answered => (true, "an authoritative server has the answer".to_owned()),
        Ending::NoName => (false, "there is no such name".to_owned()),
        Ending::NoData => (true, "the name has no such record (A)".to_owned()),
        Ending::NobodyAnswers(zone) => (false, format!("no server of {zone} leads on")),
        Ending::AliasLoop(name) => (false, format!("aliases lead back to {name}")),
        Ending::TooLong => (false, "more levels or aliases than are followed".to_owned()),
    }
}
