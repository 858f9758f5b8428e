//! DNS over HTTPS, HTTP and QUIC (RFC 8484, RFC 9250).

use std::io;

use wireline_dns::Transport;
use wireline_dns::lookup::{Ask, Failure, Heard};
use wireline_http::{Carriage, Client, Config, Error, Method, Versions};

use super::{Manner, Refused, Taker, no_context, not_taken};
use crate::ask;
use crate::session::Session;

/// A connection.
pub(crate) struct Web {
    client: Client,
}

impl Web {
    pub(crate) fn open(ask: &Ask, manner: Manner<'_>) -> Result<(Self, Session), Refused> {
        let carriage = carriage(ask, &manner);
        let Manner { source, profile, preamble, greeting, .. } = manner;
        let to = ask.server.address;
        let config = Config { to, from: source, carriage, profile, preamble, greeting };
        let client = Client::connect(&config, ask.timeout).map_err(|why| match why {
            Error::Profile(why) => no_context(&why),
            Error::Tls(why) => not_taken(&why),
            other => failure(&other).into(),
        })?;
        let session = Session::of_http(ask, client.facts());
        Ok((Self { client }, session))
    }

    /// Whether the other side has not closed it meanwhile.
    pub(crate) fn is_usable(&mut self) -> bool {
        self.client.is_usable()
    }

    /// Carries one; `false` where nothing more can be carried.
    pub(crate) fn carry(&mut self, ask: &Ask, heard: Taker<'_>) -> bool {
        if heard(Heard::Ready { local: self.client.facts().local }).is_break() {
            return false;
        }
        match self.client.ask(&ask.octets, ask.timeout) {
            Ok(reply) => {
                if heard(Heard::Message(&reply.octets)).is_continue() {
                    // A request has one response.
                    let _ = heard(Heard::Failed(Failure::EndOfFile));
                }
                true
            }
            Err(why) => {
                let _ = heard(Heard::Failed(failure(&why)));
                false
            }
        }
    }
}

fn carriage(ask: &Ask, manner: &Manner<'_>) -> Carriage {
    let carrier = &manner.options.carrier;
    if ask.transport == Transport::Quic {
        return Carriage::Quic;
    }
    let is_get = matches!(ask.transport, Transport::HttpsGet | Transport::HttpGet);
    Carriage::Http {
        method: if is_get { Method::Get } else { Method::Post },
        versions: if carrier.http3 { Versions::Three } else { Versions::TwoOrOne },
        authority: None,
        path: carrier.path.clone().unwrap_or_else(|| "/dns-query".to_owned()),
    }
}

fn failure(why: &Error) -> Failure {
    match why {
        Error::TimedOut => Failure::TimedOut,
        Error::Closed => Failure::EndOfFile,
        Error::Socket(kind, text) => match ask::failure(&io::Error::from(*kind)) {
            Failure::Other(_) => Failure::Other(text.clone()),
            known => known,
        },
        other => Failure::Other(other.to_string()),
    }
}
