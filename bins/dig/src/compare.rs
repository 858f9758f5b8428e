//! `--compare`: one question to many servers, and where they differ.

pub mod event;
mod text;
pub(crate) mod watch;

use std::collections::BTreeSet;
use std::thread;

use wireline_cli::{Exit, Refusal};
use wireline_dns::lookup::{Config, Server};
use wireline_dns::present::{Style, rdata};
use wireline_dns::{Message, RecordType, Section};

use crate::carriers::Carriers;
use crate::config::System;
use crate::exit;
use crate::json;
use crate::options::{Globals, Query};
use crate::put::{self, Outcome};
use crate::shown::flags;

use event::{Comparison, Row};

/// More servers than that are not compared: each has a thread while it is asked.
const SERVERS: usize = 64;

impl Comparison {
    /// 0 where the servers agree, 9 where none of them answers.
    pub(crate) fn exit(&self) -> Exit {
        if self.servers.iter().all(|row| row.status.is_none()) {
            return exit::NO_REPLY;
        }
        if self.agree { exit::ANSWERED } else { exit::DIFFERENT }
    }
}

/// One server and how it is asked.
pub(crate) struct Candidate {
    query: Query,
    server: Server,
    config: Config,
}

/// Everyone who is asked: the servers of all queries, which must be about one thing.
pub(crate) fn candidates(system: &System, queries: &[Query]) -> Result<Vec<Candidate>, Refusal> {
    let refused = |why: &str| Refusal::new(exit::USAGE, why.to_owned());
    let mut candidates = Vec::new();
    let first = queries.first().and_then(put::question);
    let Some(first) = first else { return Err(refused("nothing to compare: no name")) };
    for query in queries {
        if put::question(query).as_ref() != Some(&first) {
            return Err(refused("--compare and --watch take one name and type"));
        }
        for server in system.servers(&query.options)? {
            let config = put::config(system, query, vec![server.clone()], &first);
            candidates.push(Candidate { query: query.clone(), server, config });
        }
    }
    if candidates.len() > SERVERS {
        return Err(refused("too many servers to compare"));
    }
    Ok(candidates)
}

/// Asks all of them at once.
pub(crate) fn ask(globals: &Globals, query: &Query, candidates: &[Candidate]) -> Comparison {
    let outcomes: Vec<Outcome> = thread::scope(|scope| {
        let started: Vec<_> = candidates
            .iter()
            .map(|candidate| {
                let (query, config) = (&candidate.query, candidate.config.clone());
                scope.spawn(move || put::put(&mut Carriers::new(globals.source), query, config))
            })
            .collect();
        let lost = || Err("its thread ended".to_owned());
        started.into_iter().map(|thread| thread.join().unwrap_or_else(|_| lost())).collect()
    });
    let rows = candidates.iter().zip(&outcomes).map(|(candidate, outcome)| row(candidate, outcome));
    compared(query, rows.collect())
}

fn row(candidate: &Candidate, outcome: &Outcome) -> Row {
    let (server, config) = (&candidate.server, &candidate.config);
    let mut row = Row {
        server: server.address.ip(),
        port: server.address.port(),
        server_name: server.name.clone(),
        transport: json::transport(config.transport),
        status: None,
        flags: Vec::new(),
        ttl_s: None,
        time_ms: None,
        answers: BTreeSet::new(),
        variant: 0,
        error: None,
    };
    let answer = match outcome {
        Ok(answer) => answer,
        Err(why) => return Row { error: Some(why.clone()), ..row },
    };
    let Some(message) = Message::parse(&answer.message.octets) else {
        return Row { error: Some("malformed".to_owned()), ..row };
    };
    row.transport = json::transport(answer.message.transport);
    row.status = Some(message.rcode().to_string());
    row.flags = flags(message.header).collect();
    row.time_ms = Some(answer.took.as_secs_f64() * 1e3);
    row.ttl_s = message.section(Section::Answer).map(|record| record.ttl).min();
    // Signatures are made anew from time to time and from server to server.
    let said = message.section(Section::Answer).filter(|record| record.kind != RecordType::RRSIG);
    row.answers = said
        .map(|record| {
            let data = rdata(record.kind, record.class, record.rdata, &Style::default());
            format!("{} {} {data}", record.owner.to_lowercase(), record.kind)
        })
        .collect();
    row
}

fn compared(query: &Query, mut rows: Vec<Row>) -> Comparison {
    let mut seen: Vec<(Option<String>, BTreeSet<String>, Option<String>)> = Vec::new();
    for row in &mut rows {
        let said = (row.status.clone(), row.answers.clone(), row.error.clone());
        let known = seen.iter().position(|known| *known == said);
        row.variant = known.map_or(seen.len(), |known| known) + 1;
        if known.is_none() {
            seen.push(said);
        }
    }
    let answered = || rows.iter().filter(|row| row.status.is_some());
    let mut differ = Vec::new();
    let is_one = |count: usize| count < 2;
    if !is_one(answered().map(|row| &row.flags).collect::<BTreeSet<_>>().len()) {
        differ.push("flags");
    }
    if !is_one(answered().map(|row| row.ttl_s).collect::<BTreeSet<_>>().len()) {
        differ.push("ttl");
    }
    let question = put::question(query);
    let agree = is_one(seen.len()) && rows.iter().all(|row| row.error.is_none());
    Comparison {
        name: question.map_or_else(String::new, |question| question.name.to_string()),
        kind: query.options.kind.to_string(),
        variants: seen.len(),
        servers: rows,
        agree,
        differ,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: &str, answers: &[&str], ttl: u32) -> Row {
        Row {
            server: "192.0.2.1".parse().unwrap(),
            port: 53,
            server_name: "a".to_owned(),
            transport: "udp",
            status: Some(status.to_owned()),
            flags: vec!["qr"],
            ttl_s: Some(ttl),
            time_ms: Some(1.0),
            answers: answers.iter().map(|text| (*text).to_owned()).collect(),
            variant: 0,
            error: None,
        }
    }

    fn of(rows: Vec<Row>) -> Comparison {
        let options = std::sync::Arc::default();
        compared(&Query { name: "www.lab".to_owned(), greeting: None, options }, rows)
    }

    #[test]
    fn order_of_records_and_ttl_make_no_other_answer() {
        let comparison = of(vec![said("NOERROR", &["a", "b"], 5), said("NOERROR", &["b", "a"], 9)]);
        assert!(comparison.agree);
        assert_eq!((comparison.differ.clone(), comparison.exit()), (vec!["ttl"], exit::ANSWERED));
    }

    #[test]
    fn other_records_other_codes_and_silence_are_different() {
        let silent = Row { status: None, error: Some("timed out".to_owned()), ..said("", &[], 0) };
        let comparison = of(vec![
            said("NOERROR", &["a"], 5),
            said("NOERROR", &["b"], 5),
            said("NOERROR", &["a"], 5),
            said("SERVFAIL", &[], 5),
            silent.clone(),
        ]);
        let variants: Vec<_> = comparison.servers.iter().map(|row| row.variant).collect();
        assert_eq!((variants, comparison.exit()), (vec![1, 2, 1, 3, 4], exit::DIFFERENT));
        assert_eq!(of(vec![silent.clone(), silent]).exit(), exit::NO_REPLY);
    }
}
