//! Who carries a query: datagrams and plain connections are here at once, all else is opened when the first
//! query wants it.

use std::ops::ControlFlow;
use std::sync::Arc;

use wireline_dns::Transport;
use wireline_dns::lookup::{Ask, Carrier, Failure, Heard};

use crate::ask::Plain;
use crate::options::{Globals, Options, Query};

/// All carriers of a run.
pub(crate) struct Carriers<'a> {
    globals: &'a Globals,
    pub(crate) plain: Plain,
    /// The one that was wanted last, and by which options: it may have a connection that is kept.
    other: Option<(Arc<Options>, Box<dyn Carrier>)>,
}

impl<'a> Carriers<'a> {
    /// None but the plain one.
    pub(crate) const fn new(globals: &'a Globals) -> Self {
        Self { globals, plain: Plain::new(globals.source), other: None }
    }

    /// Carries one query by whoever can.
    pub(crate) fn ask(
        &mut self,
        query: &Query,
        ask: &Ask,
        heard: &mut dyn FnMut(Heard<'_>) -> ControlFlow<()>,
    ) {
        if is_plain(query, ask) {
            return self.plain.ask(ask, heard);
        }
        match self.other(query) {
            Ok(carrier) => carrier.ask(ask, heard),
            Err(why) => {
                // Nothing more is heard of it.
                let _ = heard(Heard::Unconnected(why));
            }
        }
    }

    fn other(&mut self, query: &Query) -> Result<&mut Box<dyn Carrier>, Failure> {
        let alike = |options: &Options| {
            options.carrier == query.options.carrier && options.tls == query.options.tls
        };
        let other = match self.other.take().filter(|(options, _)| alike(options)) {
            Some((_, carrier)) => carrier,
            None => open(query, self.globals)?,
        };
        Ok(&mut self.other.insert((Arc::clone(&query.options), other)).1)
    }
}

/// Whether a query is one that datagrams and plain connections carry.
fn is_plain(query: &Query, ask: &Ask) -> bool {
    matches!(ask.transport, Transport::Udp | Transport::Tcp)
        && query.options.carrier.proxy.is_none()
}

/// Opens what a query wants: TLS, HTTPS, QUIC, or a PROXY header before it all.
fn open(query: &Query, _globals: &Globals) -> Result<Box<dyn Carrier>, Failure> {
    Err(Failure::Other(format!("{} is not built in", query.options.transport())))
}
