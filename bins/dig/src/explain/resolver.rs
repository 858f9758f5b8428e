//! The recursive server: what it has, what it answers, and where it says that the root is.

use std::net::IpAddr;

use wireline_dns::lookup::Server;
use wireline_dns::present::{Style, rdata};
use wireline_dns::{Header, Message, Name, Question, Rcode, Record, RecordType, Section};

use super::event::Event;
use super::words;
use crate::carriers::Carriers;
use crate::config::System;
use crate::options::Query;
use crate::put::{self, Outcome};

/// The server, and how it is asked.
pub(super) struct Resolver<'a> {
    pub(super) system: &'a System,
    pub(super) query: &'a Query,
    pub(super) server: Server,
    pub(super) carriers: Carriers,
}

impl Resolver<'_> {
    /// Asks it for what it has, before it is made to look for it.
    pub(super) fn cache(&mut self, question: &Question) -> Event {
        let server = self.server.address.ip();
        let told = |cached, ttl_s, error| Event::ExplainCache { server, cached, ttl_s, error };
        let said = self.put(question, Recursion::No);
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

    /// Asks it to find out.
    pub(super) fn answer(&mut self, question: &Question) -> Event {
        let (mut time_ms, mut status, mut answers, mut header, mut error) =
            (None, None, Vec::new(), Vec::new(), None);
        match self.put(question, Recursion::Once) {
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
        let server = self.server.address.ip();
        Event::ExplainAnswer { server, time_ms, status, answers, header, error }
    }

    /// The root's servers, as it knows them.
    pub(super) fn roots(&mut self) -> Vec<Server> {
        let of_root = put::ask_for(&Name::root(), RecordType::NS);
        let names = self.records(&of_root, |record| record.rdata.reader().name().ok());
        let mut roots = Vec::new();
        for name in names.iter().take(13) {
            let of_name = put::ask_for(name, RecordType::A);
            #[expect(
                clippy::redundant_closure_for_method_calls,
                reason = "a method has one lifetime"
            )]
            let addresses = self.records(&of_name, |record| record.address());
            let at = |address: &IpAddr| Server {
                address: (*address, 53).into(),
                name: name.to_string(),
            };
            roots.extend(addresses.iter().take(4).map(at));
        }
        roots
    }

    /// What the records that answer a question come to.
    fn records<T>(&mut self, question: &Question, of: impl Fn(&Record<'_>) -> Option<T>) -> Vec<T> {
        let Ok(answer) = self.put(question, Recursion::Yes) else { return Vec::new() };
        let Some(message) = Message::parse(&answer.message.octets) else { return Vec::new() };
        let its = message.section(Section::Answer).filter(|record| record.kind == question.kind);
        its.filter_map(of).collect()
    }

    fn put(&mut self, question: &Question, recursion: Recursion) -> Outcome {
        let servers = vec![self.server.clone()];
        let mut config = put::config(self.system, self.query, servers, question);
        if recursion == Recursion::No {
            put::set_flags(&mut config, Header::RD, 0);
        }
        if recursion != Recursion::Yes {
            config.tries = 1;
        }
        put::put(&mut self.carriers, self.query, config)
    }
}

/// Whether the server is to ask others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Recursion {
    /// It says what it has, and is asked no second time.
    No,
    /// It goes on asking by itself: a second query would bring nothing sooner.
    Once,
    /// As any query.
    Yes,
}

fn records(message: &Message<'_>) -> Vec<String> {
    let answers = message.section(Section::Answer).take(32).map(|record| {
        let data = rdata(record.kind, record.class, record.rdata, &Style::default());
        format!("{} {} {} {data}", record.owner, record.ttl, record.kind)
    });
    answers.collect()
}
