//! Streams of a batch over TLS.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use wireline_cli::Refusal;
use wireline_dns::Transport;
use wireline_dns::batch::{Asked, stream};
use wireline_dns::lookup::{Ask, Expects, Server};
use wireline_net::tls::Sessions;

use super::source::Shared;
use crate::carry::{self, Refused};
use crate::config::System;
use crate::exit;
use crate::options::{CommandLine, Globals, Options};

/// How long connecting may take where nobody said.
const PATIENCE: Duration = Duration::from_secs(10);

/// The options of a command line whose questions all go over TLS.
pub(super) fn options(line: &CommandLine) -> Option<Arc<Options>> {
    let options = match line.queries.first() {
        Some(query) => Arc::clone(&query.options),
        None => Arc::new(line.defaults.options().ok()?),
    };
    (options.transport() == Transport::Tls).then_some(options)
}

/// Sessions with the servers, of which the first that can be had is there.
pub(super) fn sessions<'a>(
    options: Arc<Options>,
    system: &System,
    globals: &'a Globals,
    shared: Rc<RefCell<Shared>>,
) -> Result<Sessions<'a>, Refusal> {
    let servers = system.servers(&options)?;
    let known = servers.clone();
    let mut sessions = Sessions::new(Box::new(move |_flow, to| {
        let shared = shared.borrow();
        let mut all = known.iter().chain(shared.ways.iter().flat_map(|way| &way.servers));
        let server = all.find(|server| server.address == to).cloned();
        let server = server.unwrap_or_else(|| Server { address: to, name: to.ip().to_string() });
        let ask = ask(server, &options);
        carry::messages(globals.source, &ask, &options).map_err(|why| io::Error::other(text(why)))
    }));
    let mut why = Refusal::new(exit::NO_REPLY, "no servers could be reached".to_owned());
    for (number, server) in (0..).zip(servers.iter().take(Asked::MOST)) {
        match sessions.prepare(stream(number), server.address) {
            Ok(()) => return Ok(sessions),
            Err(error) => why = Refusal::new(exit::NO_REPLY, format!("{}: {error}", server.name)),
        }
    }
    Err(why)
}

fn ask(server: Server, options: &Options) -> Ask {
    let timeout = options.asking.timeout.unwrap_or(PATIENCE);
    let (octets, expects) = (Vec::new(), Expects::One);
    Ask { server, transport: Transport::Tls, octets, timeout, expects, keeps_open: true }
}

fn text(Refused { failure, detail }: Refused) -> String {
    detail.unwrap_or_else(|| failure.to_string())
}
