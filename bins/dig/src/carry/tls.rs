//! DNS over TLS (RFC 7858).

use wireline_dns::lookup::{Ask, Expects, Failure, Heard};
use wireline_net::Clock;
use wireline_net::tls::{Broken, Dial, Messages, TlsStream};

use super::{Manner, Refused, Taker, no_context, not_taken};
use crate::ask;
use crate::session::Session;

/// A connection.
pub(crate) struct Tls {
    messages: Messages,
}

impl Tls {
    pub(crate) fn open(ask: &Ask, manner: Manner<'_>) -> Result<(Self, Session), Refused> {
        let stream = connect(ask, manner)?;
        let session = Session::of_tls(ask, &stream);
        Ok((Self { messages: Messages::new(stream) }, session))
    }

    /// Whether the other side has not closed it meanwhile.
    pub(crate) fn is_usable(&mut self) -> bool {
        self.messages.turn().is_ok() && !self.messages.stream().is_closed()
    }

    /// Carries one; `false` where nothing more can be carried.
    pub(crate) fn carry(&mut self, ask: &Ask, heard: Taker<'_>) -> bool {
        let local = self.messages.stream().local();
        let sent = self.messages.queue(&ask.octets);
        if heard(Heard::Ready { local }).is_break() {
            return false;
        }
        if !sent {
            let _ = heard(Heard::Failed(Failure::Other("message too long".to_owned())));
            return false;
        }
        match self.listen(ask, heard) {
            Ok(()) => true,
            Err(why) => {
                let _ = heard(Heard::Failed(failure(&why)));
                false
            }
        }
    }

    fn listen(&mut self, ask: &Ask, heard: Taker<'_>) -> Result<(), Broken> {
        let mut deadline = Clock.now() + ask.timeout;
        loop {
            if heard(Heard::Message(self.messages.receive(deadline)?)).is_break() {
                return Ok(());
            }
            if ask.expects == Expects::Transfer {
                deadline = Clock.now() + ask.timeout;
            }
        }
    }
}

/// Shakes hands, and greets where the other side wants that first.
pub(crate) fn connect(ask: &Ask, manner: Manner<'_>) -> Result<TlsStream, Refused> {
    let to = ask.server.address;
    let profile = manner.profile.unwrap_or_default();
    let client = profile.client(&[b"dot"], to.ip());
    let client = client.map_err(|why| no_context(&why.to_string()))?;
    let dial = Dial { to, from: manner.source, preamble: manner.preamble };
    let deadline = Clock.now() + ask.timeout;
    let mut stream = TlsStream::connect(&dial, &client, deadline).map_err(|why| match why {
        Broken::Tls(why) => not_taken(&why),
        other => failure(&other).into(),
    })?;
    // RFC 9103 §7.1: zones go only where both have agreed on DNS.
    if ask.expects == Expects::Transfer && stream.facts().alpn.as_deref() != Some("dot") {
        return Err(Failure::NotForTransfers("ALPN for DoT failed").into());
    }
    stream.queue(&manner.greeting);
    Ok(stream)
}

impl Drop for Tls {
    fn drop(&mut self) {
        self.messages.close();
    }
}

fn failure(why: &Broken) -> Failure {
    match why {
        Broken::TimedOut => Failure::TimedOut,
        Broken::Closed => Failure::EndOfFile,
        Broken::Socket(why) => ask::failure(why),
        other => Failure::Other(other.to_string()),
    }
}
