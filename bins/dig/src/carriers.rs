//! Who carries a query: datagrams and plain connections are here at once, all else is opened when the first
//! query wants it.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::ops::ControlFlow;

use wireline_cli::escape;
use wireline_dns::Transport;
use wireline_dns::lookup::{Ask, Carrier as _, Failure, Heard};

use crate::ask::Plain;
use crate::carry::{Refused, Secure};
use crate::options::Query;
use crate::session::Session;

/// All carriers of a run.
pub(crate) struct Carriers {
    pub(crate) plain: Plain,
    secure: Secure,
}

impl Carriers {
    /// Sends from `source`, or from where the kernel chooses.
    pub(crate) const fn new(source: Option<SocketAddr>) -> Self {
        Self { plain: Plain::new(source), secure: Secure::new(source) }
    }

    /// Connects, where that is more than a matter of the kernel's; a new session is told of.
    pub(crate) fn open(&mut self, query: &Query, ask: &Ask) -> Result<Option<Session>, Failure> {
        if is_plain(ask) {
            self.plain.proxy = query.options.carrier.proxy;
            return Ok(None);
        }
        self.secure.open(ask, &query.options).map_err(|Refused { failure, detail }| {
            // Beside what dig says on stdout, which says less.
            if let Some(detail) = detail {
                let (server, detail) = (escape(&ask.server.name), escape(&detail));
                let _ = writeln!(io::stderr(), "dig: {server}: {detail}");
            }
            failure
        })
    }

    /// Carries one query over what was opened for it.
    pub(crate) fn carry(&mut self, ask: &Ask, heard: &mut dyn FnMut(Heard<'_>) -> ControlFlow<()>) {
        if is_plain(ask) { self.plain.ask(ask, heard) } else { self.secure.carry(ask, heard) }
    }

    /// Connects and carries, for who has nothing to say of sessions.
    pub(crate) fn ask(
        &mut self,
        query: &Query,
        ask: &Ask,
        heard: &mut dyn FnMut(Heard<'_>) -> ControlFlow<()>,
    ) {
        match self.open(query, ask) {
            Ok(_) => self.carry(ask, heard),
            // The last that is heard of it, whatever is said to that.
            Err(why) => drop(heard(Heard::Unconnected(why))),
        }
    }

    /// Carries several queries by datagrams at once; each is told by its number.
    pub(crate) fn carry_all(
        &mut self,
        query: &Query,
        asks: &[Ask],
        heard: &mut dyn FnMut(usize, Heard<'_>) -> ControlFlow<()>,
    ) {
        self.plain.proxy = query.options.carrier.proxy;
        self.plain.ask_all(asks, heard);
    }
}

/// Whether a query is one that datagrams and plain connections carry.
const fn is_plain(ask: &Ask) -> bool {
    matches!(ask.transport, Transport::Udp | Transport::Tcp)
}
