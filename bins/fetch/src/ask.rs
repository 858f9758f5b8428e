//! Names that others than the system are asked for: name servers (`--dns-servers`), or one over HTTPS (`--doh-url`).
//!
//! Which reply is an answer is [`wireline_dns`]'s to say.

mod carry;

use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use wireline_dns::lookup::{Answer, Ask, Clocks, Config, Event, Heard, Lookup, Mode, Server, Step};
use wireline_dns::{Class, Form, Message, Name, Rcode, Record, RecordType, Section, Transport};
use wireline_http::event::NameSource;
use wireline_http::spec::{Asker, Family};
use wireline_http::tls::Profile;
use wireline_http::{Carriage, Client, Method, Spec, Url, Versions};
use wireline_net::Clock;

/// For one server's reply.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often each is asked.
const TRIES: u32 = 2;
/// Addresses of one name that are looked at.
const MOST: usize = 64;
/// Aliases that are followed to them.
const MOST_ALIASES: usize = 16;

/// Somebody who asks them, where there are any.
pub(crate) fn asker(spec: &Spec) -> Option<Asker> {
    let (doh, servers) = (spec.connect.doh.clone(), spec.connect.name_servers.clone());
    if let Some(url) = doh {
        let spec = Arc::new(spec.clone());
        return Some(Asker(Arc::new(move |host, family| over_https(&url, &spec, host, family))));
    }
    let ask = move |host: &str, family| over_datagrams(&servers, host, family);
    (!spec.connect.name_servers.is_empty()).then(|| Asker(Arc::new(ask)))
}

/// Addresses and who said so, or why there are none.
type Found = Result<(Vec<IpAddr>, NameSource), String>;

/// What is asked for; IPv6 first, as it is tried first.
const fn kinds(family: Family) -> &'static [RecordType] {
    match family {
        Family::Any => &[RecordType::AAAA, RecordType::A],
        Family::V4 => &[RecordType::A],
        Family::V6 => &[RecordType::AAAA],
    }
}

fn over_datagrams(servers: &[SocketAddr], host: &str, family: Family) -> Found {
    let answers = std::thread::scope(|scope| {
        let ask = |kind: &RecordType| {
            let lookup = lookup(host, *kind, servers, Transport::Udp);
            scope.spawn(move || finish(lookup, carry::carry))
        };
        let asked: Vec<_> = kinds(family).iter().map(ask).collect();
        asked.into_iter().map(|one| one.join().ok().flatten()).collect()
    });
    let (addresses, server) = addresses(answers)?;
    Ok((addresses, NameSource::Server(server)))
}

fn over_https(url: &str, spec: &Spec, host: &str, family: Family) -> Found {
    let mut client = connect(url, spec)?;
    let server = client.1;
    let lookups = kinds(family).iter().map(|kind| {
        let lookup = lookup(host, *kind, &[server], Transport::HttpsPost);
        (lookup, None)
    });
    let answers = at_once(&mut client.0, lookups.collect());
    let (addresses, _) = addresses(answers)?;
    Ok((addresses, NameSource::Https(url.to_owned())))
}

/// A connection to the server, whose own name the system knows, or `--resolve`.
fn connect(url: &str, spec: &Spec) -> Result<(Client, SocketAddr), String> {
    let url = Url::parse(url, None, false).map_err(|why| format!("--doh-url: {why}"))?;
    if !url.is_secure() {
        return Err("--doh-url: it does not begin with https://".to_owned());
    }
    let (host, port) = (url.host.as_str(), url.effective_port());
    let mut given = spec.connect.overrides.iter().rev();
    let given = given.find(|one| one.port == port && one.host.eq_ignore_ascii_case(host));
    let places: Vec<_> = match given {
        Some(given) => given.addresses.iter().map(|one| SocketAddr::new(*one, port)).collect(),
        None => (host, port).to_socket_addrs().map_err(|why| format!("{host}: {why}"))?.collect(),
    };
    // What is said of the URL's server (-k, pins, a certificate of ours) is not said of this one.
    let (trust, key_log) = (spec.tls.trust.clone(), spec.tls.key_log.clone());
    let profile = Profile { trust, key_log, name: Some(host.to_owned()), ..Profile::default() };
    let mut why = format!("{host} has no addresses");
    for to in places {
        let carriage = Carriage::Http {
            method: Method::Post,
            versions: Versions::TwoOrOne,
            authority: Some(url.host_header()),
            path: url.request_target(),
        };
        let config = wireline_http::Config {
            to,
            from: None,
            carriage,
            profile: Some(profile.clone()),
            preamble: Vec::new(),
            greeting: Vec::new(),
        };
        match Client::connect(&config, PATIENCE) {
            Ok(client) => return Ok((client, to)),
            Err(error) => why = format!("{host}: {error}"),
        }
    }
    Err(why)
}

fn lookup(host: &str, kind: RecordType, servers: &[SocketAddr], transport: Transport) -> Lookup {
    let servers = servers.iter().map(|at| Server { address: *at, name: at.ip().to_string() });
    let config = Config {
        name: [host.trim_end_matches('.').as_bytes(), b"."].concat(),
        form: Form { kind, ..Form::default() },
        servers: servers.collect(),
        transport,
        timeout: Some(PATIENCE),
        tries: TRIES,
        search: None,
        ignores_truncation: false,
        stops_at_servfail: false,
        negotiates_edns: true,
        retries_bad_cookie: true,
        shows_bad_cookie: false,
        takes_malformed: false,
        shows_queries: false,
        keeps_open: false,
        mixes_case: false,
        key: None,
        signing_time: None,
        mode: Mode::Plain,
        root_hints: Vec::new(),
    };
    Lookup::new(config, wireline_net::seed(), Clocks { now: Clock.now(), wall: Clock.wall() })
}

/// Takes a lookup to its end.
fn finish(
    mut lookup: Lookup,
    mut carry: impl FnMut(&Ask, &mut dyn FnMut(Heard<'_>) -> ControlFlow<()>),
) -> Option<Answer> {
    let mut answer = None;
    loop {
        match lookup.poll() {
            Step::Tell(Event::Answer(one)) => answer = Some(*one),
            Step::Tell(_) => {}
            Step::Ask(ask) => carry(&ask, &mut |heard| lookup.handle(heard, Clock.now())),
            Step::AskAll(_) | Step::Resolve(_) | Step::Done(_) => return answer,
        }
    }
}

/// Takes several, over one connection, each query on its way before the first answer is there.
fn at_once(client: &mut Client, mut lookups: Vec<(Lookup, Option<Answer>)>) -> Vec<Option<Answer>> {
    for (token, one) in (0_u64..).zip(&mut lookups) {
        go_on(client, token, one);
    }
    while let Some((token, reply)) = client.next(PATIENCE) {
        let place = usize::try_from(token).ok();
        let Some(one) = place.and_then(|place| lookups.get_mut(place)) else { continue };
        let heard = match &reply {
            Ok(reply) => Heard::Message(&reply.octets),
            Err(why) => Heard::Failed(wireline_dns::lookup::Failure::Other(why.to_string())),
        };
        // One request has one response, whatever is said to it.
        if one.0.handle(heard, Clock.now()).is_continue() {
            let end = wireline_dns::lookup::Failure::EndOfFile;
            let _ = one.0.handle(Heard::Failed(end), Clock.now());
        }
        go_on(client, token, one);
    }
    lookups.into_iter().map(|(_, answer)| answer).collect()
}

/// Up to the next query.
fn go_on(client: &mut Client, token: u64, (lookup, answer): &mut (Lookup, Option<Answer>)) {
    loop {
        match lookup.poll() {
            Step::Tell(Event::Answer(one)) => *answer = Some(*one),
            Step::Tell(_) => {}
            Step::Ask(ask) => {
                let local = client.facts().local;
                if lookup.handle(Heard::Ready { local }, Clock.now()).is_continue() {
                    client.start(token, ask.octets, ask.timeout);
                    return;
                }
            }
            Step::AskAll(_) | Step::Resolve(_) | Step::Done(_) => return,
        }
    }
}

/// All addresses, and who said the first.
fn addresses(answers: Vec<Option<Answer>>) -> Result<(Vec<IpAddr>, SocketAddr), String> {
    let mut why = "no reply".to_owned();
    let (mut all, mut server) = (Vec::new(), None);
    for answer in answers.into_iter().flatten() {
        let Some(message) = Message::parse(&answer.message.octets) else { continue };
        let found = addresses_in(&message);
        if found.is_empty() {
            why = reason(message.rcode());
            continue;
        }
        all.extend(found);
        server.get_or_insert(answer.message.server.address);
    }
    all.truncate(MOST);
    server.map(|server| (all, server)).ok_or(why)
}

fn reason(rcode: Rcode) -> String {
    if rcode == Rcode::NOERROR { "no addresses".to_owned() } else { rcode.to_string() }
}

/// Those of the question's name, and of what that is an alias of. What else a server says was not asked.
fn addresses_in(message: &Message<'_>) -> Vec<IpAddr> {
    let Some(question) = message.questions.first() else { return Vec::new() };
    let mut name = question.name.to_lowercase();
    for _ in 0..MOST_ALIASES {
        let records = || {
            let all = message.section(Section::Answer).filter(|one| one.class == Class::IN);
            all.filter(|one| one.owner.to_lowercase() == name)
        };
        let found: Vec<_> = records().filter_map(Record::address).take(MOST).collect();
        if !found.is_empty() {
            return found;
        }
        let alias = records().find(|one| one.kind == RecordType::CNAME);
        let target: Option<Name> = alias.and_then(|alias| alias.rdata.reader().name().ok());
        match target {
            Some(target) => name = target.to_lowercase(),
            None => break,
        }
    }
    Vec::new()
}
