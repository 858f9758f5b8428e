//! `+validate`: the chain of signatures behind an answer, asked for link by link.

pub mod event;
mod text;
mod words;

use std::fs;
use std::io;
use std::path::Path;

use wireline_cli::{Exit, Refusal};
use wireline_dns::lookup::Server;
use wireline_dns::validate::{Anchor, Security, Validator};
use wireline_dns::{Header, Question, RecordType};
use wireline_engine::errno_text;
use wireline_net::Clock;

use crate::carriers::Carriers;
use crate::config::System;
use crate::exit;
use crate::json;
use crate::layout::Layout;
use crate::options::{Anchors, Options, Query};
use crate::put::{self, Outcome};

use text::Tree;

/// A file of anchors has a few hundred octets a key.
const LARGEST_FILE: u64 = 1 << 20;

/// The trust anchors that were asked for.
pub(crate) fn anchors(wanted: &Anchors) -> Result<Vec<Anchor>, Refusal> {
    let Anchors::File(file) = wanted else { return Ok(Anchor::built_in()) };
    let refused = |why: String| Refusal::new(exit::USAGE, format!("{}: {why}", file.display()));
    let text = text_of(file).map_err(refused)?;
    Anchor::read(&text, &file.display().to_string()).map_err(|why| refused(why.to_string()))
}

fn text_of(file: &Path) -> Result<String, String> {
    let about = fs::metadata(file).map_err(|why| errno_text(&why))?;
    if about.len() > LARGEST_FILE {
        return Err("too large for trust anchors".to_owned());
    }
    fs::read_to_string(file).map_err(|why| errno_text(&why))
}

/// Who is asked for the links: the servers of the query, or where these are no resolvers, the system's for
/// what the zones above say.
struct Chain<'a> {
    system: &'a System,
    query: &'a Query,
    servers: Vec<Server>,
    /// Set once a server has answered without recursion.
    beside: Option<Vec<Server>>,
}

impl Chain<'_> {
    fn ask(&mut self, carriers: &mut Carriers, question: &Question) -> Outcome {
        if question.kind == RecordType::DS
            && let Some(servers) = self.beside.clone()
        {
            return self.put(carriers, servers, question);
        }
        let outcome = self.put(carriers, self.servers.clone(), question);
        let header = outcome.as_ref().ok().and_then(|answer| Header::parse(&answer.message.octets));
        let Some(header) = header.filter(|header| !header.has(Header::RA)) else { return outcome };
        let beside = self.beside.get_or_insert_with(|| {
            let options = Options { servers: Vec::new(), ..(*self.query.options).clone() };
            self.system.servers(&options).unwrap_or_default()
        });
        if header.has(Header::AA) || beside.is_empty() {
            outcome
        } else {
            let servers = beside.clone();
            self.put(carriers, servers, question)
        }
    }

    fn put(&self, carriers: &mut Carriers, servers: Vec<Server>, question: &Question) -> Outcome {
        let mut config = put::config(self.system, self.query, servers, question);
        put::want_dnssec(&mut config);
        put::set_flags(&mut config, Header::RD, Header::RD);
        put::put(carriers, self.query, config)
    }
}

/// Validates the answer to a query and shows the links; the verdict's exit code, for those who ask for it.
pub(crate) fn run(
    system: &System,
    query: &Query,
    servers: Vec<Server>,
    carriers: &mut Carriers,
    layout: &Layout,
    write: &mut dyn FnMut(&str) -> io::Result<()>,
) -> anyhow::Result<Exit> {
    let (Some(wanted), Some(question)) = (&query.options.validate, put::question(query)) else {
        return Ok(exit::ANSWERED);
    };
    let anchors = anchors(wanted)?;
    // Seconds modulo 2^32, as signatures have them (RFC 4034 §3.1.5).
    let now = (Clock.wall().as_secs() & 0xffff_ffff) as u32;
    let mut validator = Validator::new(anchors, question.clone(), now);
    let mut chain = Chain { system, query, servers, beside: None };
    let mut tree = Tree::new(&question, layout.short || !layout.comments);
    loop {
        while let Some(link) = validator.poll_link() {
            if layout.json {
                write(&json::text(Clock.wall(), &event::link(&link)))?;
            } else {
                write(&tree.link(&link))?;
            }
        }
        let Some(need) = validator.poll_need() else { break };
        match chain.ask(carriers, &need) {
            Ok(answer) => validator.handle_answer(&answer.message.octets),
            Err(why) => validator.handle_failure(&why),
        }
    }
    let Some(verdict) = validator.verdict() else { return Ok(exit::ANSWERED) };
    if layout.json {
        write(&json::text(Clock.wall(), &event::verdict(&question, verdict)))?;
    } else {
        write(&tree.verdict(verdict))?;
    }
    Ok(match verdict.security {
        Security::Bogus => exit::BOGUS,
        _ => exit::ANSWERED,
    })
}

/// What must be so for `+validate` to begin: said before anything is asked.
pub(crate) fn check(query: &Query) -> Result<(), Refusal> {
    query.options.validate.as_ref().map_or(Ok(()), |wanted| anchors(wanted).map(|_| ()))
}
