//! `--explain`: the resolution of a name as it is taught, each step done for real.

pub mod event;
mod resolver;
mod text;
mod words;

use std::fs;
use std::io;
use std::net::IpAddr;

use wireline_cli::{Exit, Refusal};
use wireline_dns::delegation::{Ending, Probe, Walk};
use wireline_dns::{Header, Name};
use wireline_engine::errno_text;
use wireline_net::Clock;

use crate::carriers::Carriers;
use crate::config::System;
use crate::exit;
use crate::json;
use crate::options::{Globals, Query};
use crate::put::{self, Datagram};

use event::Event;
use resolver::Resolver;

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
            write(&json::text(Clock.wall(), event))
        } else {
            write(&text::event(event))
        }
    };
    show(&Event::ExplainQuestion {
        name: question.name.to_string(),
        kind: question.kind.to_string(),
        class: question.class.to_string(),
        meaning: words::meaning(question.kind),
    })?;
    show(&hosts(&question.name))?;
    let Some(server) = servers.first().cloned() else { return Ok(exit::NO_REPLY) };
    let carriers = Carriers::new(globals.source);
    let mut resolver = Resolver { system, query, server, carriers };
    show(&resolver.cache(&question))?;
    show(&resolver.answer(&question))?;
    let roots = resolver.roots();
    let ending = walk(Walk::new(question, roots), resolver, &mut show)?;
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

fn walk(mut walk: Walk, resolver: Resolver<'_>, show: Show<'_>) -> anyhow::Result<Ending> {
    let Resolver { query, server: recursive, mut carriers, .. } = resolver;
    loop {
        while let Some(level) = walk.poll_level() {
            show(&words::level(&level))?;
        }
        if let Some(ending) = walk.ending() {
            return Ok(ending.clone());
        }
        let probes = walk.poll_probes();
        let datagram = |probe: &Probe| Datagram {
            flags: if probe.server.is_some() { 0 } else { Header::RD },
            server: probe.server.clone().unwrap_or_else(|| recursive.clone()),
            question: probe.question.clone(),
        };
        let datagrams: Vec<_> = probes.iter().map(datagram).collect();
        let replies = put::put_all(&mut carriers.plain, &datagrams, query.options.asking.timeout);
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
