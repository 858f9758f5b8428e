//! `--explain`: the resolution of a name as it is taught, each step done for real.

use std::fs;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use wireline_cli::{Exit, Refusal};
use wireline_dns::delegation::{Ending, Walk};
use wireline_dns::lookup::Server;
use wireline_dns::present::{Style, rdata};
use wireline_dns::{Header, Message, Name, Question, Rcode, RecordType, Section};
use wireline_engine::errno_text;
use wireline_net::Clock;

use crate::carriers::Carriers;
use crate::config::System;
use crate::exit;
use crate::explain_event::Event;
use crate::explain_text;
use crate::explain_words as words;
use crate::options::{Globals, Query};
use crate::put::{self, Datagram};
use crate::validate_json::line;

/// A file of hosts larger than this is not read for one name.
const LARGEST_FILE: u64 = 16 << 20;
const HOSTS: &str = "/etc/hosts";

/// What shows an event.
type Show<'a> = &'a mut dyn FnMut(&Event) -> io::Result<()>;

/// Explains one query.
pub(crate) fn run(
    system: &System,
    globals: &Globals,
    query: &Query,
    write: &mut dyn FnMut(&str) -> io::Result<()>,
) -> anyhow::Result<Exit> {
    let refused = || Refusal::new(exit::FATAL, format!("'{}' is not a legal name", query.name));
    let question = put::question(query).ok_or_else(refused)?;
    let servers = system.servers(&query.options)?;
    let mut show = |event: &Event| {
        if globals.json {
            write(&line(Clock.wall(), event)?)
        } else {
            write(&explain_text::event(event))
        }
    };
    let mut carriers = Carriers::new(globals.source);
    show(&Event::ExplainQuestion {
        name: question.name.to_string(),
        kind: question.kind.to_string(),
        class: question.class.to_string(),
        meaning: words::meaning(question.kind),
    })?;
    show(&hosts(&question.name))?;
    let Some(server) = servers.first().cloned() else { return Ok(exit::NO_REPLY) };
    show(&cache(system, query, &server, &question, &mut carriers))?;
    show(&recursive(system, query, &server, &question, &mut carriers))?;
    let roots = roots(system, query, &server, &mut carriers);
    let timeout = query.options.asking.timeout;
    let ending = walk(Walk::new(question, roots), &server, timeout, &mut carriers, &mut show)?;
    show(&words::ending(&ending))?;
    Ok(match ending {
        Ending::Answered | Ending::NoName | Ending::NoData => exit::ANSWERED,
        _ => exit::NO_REPLY,
    })
}

/// What hosts(5) says of the name.
fn hosts(name: &Name) -> Event {
    let read = || {
        if fs::metadata(HOSTS)?.len() > LARGEST_FILE {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        fs::read_to_string(HOSTS)
    };
    match read() {
        Ok(text) => {
            Event::ExplainHosts { file: HOSTS, addresses: in_hosts(&text, name), error: None }
        }
        Err(why) => {
            let error = Some(errno_text(&why));
            Event::ExplainHosts { file: HOSTS, addresses: Vec::new(), error }
        }
    }
}

fn in_hosts(text: &str, name: &Name) -> Vec<IpAddr> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let found = lines.filter_map(|line| {
        let mut words = line.split_whitespace();
        let address = words.next()?.parse().ok()?;
        let is_it = |word: &str| {
            Name::parse(word.as_bytes(), &Name::root()).is_ok_and(|host| host == *name)
        };
        words.any(is_it).then_some(address)
    });
    found.take(16).collect()
}

/// Asks the recursive server for what it has, before it is made to look for it.
fn cache(
    system: &System,
    query: &Query,
    server: &Server,
    question: &Question,
    carriers: &mut Carriers,
) -> Event {
    let mut config = put::config(system, query, vec![server.clone()], question);
    put::set_flags(&mut config, Header::RD, 0);
    config.tries = 1;
    let told = |cached, ttl_s, error| Event::ExplainCache {
        server: server.address.ip(),
        cached,
        ttl_s,
        error,
    };
    let said = put::put(carriers, query, config);
    let message = said.as_ref().map(|answer| Message::parse(&answer.message.octets));
    match message {
        Ok(Some(message)) => {
            let ttl = message.section(Section::Answer).map(|record| record.ttl).min();
            match message.rcode() {
                Rcode::NOERROR => told(ttl.is_some(), ttl, None),
                Rcode::NXDOMAIN => told(true, ttl, None),
                other => told(false, None, Some(format!("the server says {other}"))),
            }
        }
        Ok(None) => told(false, None, Some("malformed".to_owned())),
        Err(why) => told(false, None, Some(why.clone())),
    }
}

fn recursive(
    system: &System,
    query: &Query,
    server: &Server,
    question: &Question,
    carriers: &mut Carriers,
) -> Event {
    let mut config = put::config(system, query, vec![server.clone()], question);
    // Whoever is asked goes on asking: a second query would bring nothing sooner.
    config.tries = 1;
    let (mut time_ms, mut status, mut answers, mut header, mut error) =
        (None, None, Vec::new(), Vec::new(), None);
    match put::put(carriers, query, config) {
        Ok(answer) => {
            time_ms = Some(answer.took.as_secs_f64() * 1e3);
            if let Some(message) = Message::parse(&answer.message.octets) {
                status = Some(message.rcode().to_string());
                header = words::header(&message);
                answers = records(&message);
            }
        }
        Err(why) => error = Some(why),
    }
    Event::ExplainAnswer { server: server.address.ip(), time_ms, status, answers, header, error }
}

fn records(message: &Message<'_>) -> Vec<String> {
    let answers = message.section(Section::Answer).take(32).map(|record| {
        let data = rdata(record.kind, record.class, record.rdata, &Style::default());
        format!("{} {} {} {data}", record.owner, record.ttl, record.kind)
    });
    answers.collect()
}

/// The root's servers, as the recursive server knows them.
fn roots(system: &System, query: &Query, server: &Server, carriers: &mut Carriers) -> Vec<Server> {
    let root = Name::root();
    let names: Vec<Name> = ask(system, query, server, &root, RecordType::NS, carriers, |record| {
        record.rdata.reader().name().ok()
    });
    let mut roots = Vec::new();
    for name in names.iter().take(13) {
        let addresses = ask(system, query, server, name, RecordType::A, carriers, |record| {
            <[u8; 4]>::try_from(record.rdata.octets()).ok().map(IpAddr::from)
        });
        let at =
            |address: &IpAddr| Server { address: (*address, 53).into(), name: name.to_string() };
        roots.extend(addresses.iter().take(4).map(at));
    }
    roots
}

fn ask<T>(
    system: &System,
    query: &Query,
    server: &Server,
    name: &Name,
    kind: RecordType,
    carriers: &mut Carriers,
    of: impl Fn(&wireline_dns::Record<'_>) -> Option<T>,
) -> Vec<T> {
    let question = put::ask_for(name, kind);
    let config = put::config(system, query, vec![server.clone()], &question);
    let Ok(answer) = put::put(carriers, query, config) else { return Vec::new() };
    let Some(message) = Message::parse(&answer.message.octets) else { return Vec::new() };
    let its = message.section(Section::Answer).filter(|record| record.kind == kind);
    its.filter_map(of).collect()
}

fn walk(
    mut walk: Walk,
    resolver: &Server,
    timeout: Option<Duration>,
    carriers: &mut Carriers,
    show: Show<'_>,
) -> anyhow::Result<Ending> {
    loop {
        while let Some(level) = walk.poll_level() {
            show(&words::level(&level))?;
        }
        if let Some(ending) = walk.ending() {
            return Ok(ending.clone());
        }
        let probes = walk.poll_probes();
        let datagram = |probe: &wireline_dns::delegation::Probe| Datagram {
            flags: if probe.server.is_some() { 0 } else { Header::RD },
            server: probe.server.clone().unwrap_or_else(|| resolver.clone()),
            question: probe.question.clone(),
        };
        let datagrams: Vec<_> = probes.iter().map(datagram).collect();
        let replies = put::put_all(&mut carriers.plain, &datagrams, timeout);
        for (probe, reply) in probes.iter().zip(replies) {
            match reply {
                Ok((octets, took)) => walk.handle_answer(probe.number, &octets, took),
                Err(why) => walk.handle_failure(probe.number, &why),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_file_is_read_by_whole_names_without_comments() {
        let text =
            "127.0.0.1 localhost # www.lab\n192.0.2.1\tother WWW.lab\n::1 www.lab.\nx www.lab\n";
        let name = Name::parse(b"www.lab", &Name::root()).unwrap();
        assert_eq!(
            in_hosts(text, &name),
            ["192.0.2.1".parse::<IpAddr>().unwrap(), "::1".parse().unwrap()]
        );
    }
}
