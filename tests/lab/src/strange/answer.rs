//! From a request and a behaviour to the datagrams to send.
//!
//! Nothing here sends, waits or looks at a clock.

use std::time::Duration;

use crate::behaviour::{Behaviour, Edit};
use crate::request::Request;
use crate::wire::{Ends, ICMP_HEADER, extension_headers};
use crate::{errors, noise};

/// A datagram to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sending {
    /// How long after the request.
    pub(crate) after: Duration,
    /// How often, in a row.
    pub(crate) times: u32,
    pub(crate) datagram: Vec<u8>,
}

impl Sending {
    fn now(datagram: Vec<u8>) -> Self {
        Self { after: Duration::ZERO, times: 1, datagram }
    }
}

/// One target, and what it remembers from request to request.
#[derive(Debug)]
pub(crate) struct Target {
    behaviour: Behaviour,
    /// Requests so far.
    seen: u64,
    /// The reply that `swap` keeps back.
    held: Option<Vec<u8>>,
}

impl Target {
    pub(crate) fn new(behaviour: Behaviour) -> Self {
        Self { behaviour, seen: 0, held: None }
    }

    /// What goes back for one request, in order.
    pub(crate) fn answer(&mut self, request: &Request) -> Vec<Sending> {
        self.seen += 1;
        let reply = right_reply(request);
        let datagrams = match &self.behaviour {
            Behaviour::Repeat(times) => {
                return vec![Sending { times: *times, ..Sending::now(reply) }];
            }
            Behaviour::Late(after) => {
                return vec![Sending { after: *after, ..Sending::now(reply) }];
            }
            Behaviour::Edited(edit) => vec![edited(request, edit)],
            Behaviour::Error(error) => vec![errors::about(request, error)],
            Behaviour::ErrorThenReply(error) => match request.ends {
                Ends::V4 { .. } => vec![errors::about(request, error), reply],
                Ends::V6 { .. } => vec![reply],
            },
            Behaviour::FirstSilent(silent) if self.seen <= *silent => vec![],
            Behaviour::DropEven if request.seq().is_multiple_of(2) => vec![],
            Behaviour::FirstSilent(_) | Behaviour::DropEven => vec![reply],
            Behaviour::Swap => self.swapped(request, reply),
            Behaviour::EveryTruncation => every_truncation(request),
            Behaviour::Random { seed, messages } => {
                let mut all = noise::messages(request.ends.reversed(), *seed, *messages);
                all.push(reply);
                all
            }
        };
        datagrams.into_iter().map(Sending::now).collect()
    }

    /// A reply kept back goes out after the next one, whatever that is.
    fn swapped(&mut self, request: &Request, reply: Vec<u8>) -> Vec<Vec<u8>> {
        if !request.seq().is_multiple_of(2) {
            return self.held.replace(reply).into_iter().collect();
        }
        std::iter::once(reply).chain(self.held.take()).collect()
    }
}

fn right_reply(request: &Request) -> Vec<u8> {
    sealed(request.ends.reversed(), &[], request.reply())
}

fn sealed(ends: Ends, extra: &[u8], mut icmp: Vec<u8>) -> Vec<u8> {
    ends.seal(&mut icmp);
    ends.datagram(extra, &icmp)
}

fn every_truncation(request: &Request) -> Vec<Vec<u8>> {
    (0..=request.icmp().len()).map(|octets| edited(request, &Edit::Truncate(octets))).collect()
}

fn edited(request: &Request, edit: &Edit) -> Vec<u8> {
    let ends = request.ends.reversed();
    match edit {
        Edit::WrongChecksum => {
            let mut icmp = request.reply();
            ends.seal(&mut icmp);
            icmp[3] ^= 1;
            ends.datagram(&[], &icmp)
        }
        Edit::OtherSource => sealed(ends.by_host(), &[], request.reply()),
        Edit::Options(options) if matches!(ends, Ends::V4 { .. }) => {
            sealed(ends, options, request.reply())
        }
        Edit::ExtHeaders(count) if matches!(ends, Ends::V6 { .. }) => {
            sealed(ends, &extension_headers(*count), request.reply())
        }
        edit => sealed(ends, &[], edited_message(request, edit)),
    }
}

/// The edits of the message alone.
fn edited_message(request: &Request, edit: &Edit) -> Vec<u8> {
    const FILLER: u8 = 0x5a;
    const TIME_STAMP: usize = 16;
    let mut icmp = request.reply();
    match edit {
        Edit::Truncate(octets) => icmp.truncate(*octets),
        Edit::ForeignIdent => add(&mut icmp[4..6], 1),
        Edit::ForeignSeq(difference) => add(&mut icmp[6..8], *difference),
        Edit::Flip(at) => {
            if let Some(octet) = icmp[ICMP_HEADER..].get_mut(*at) {
                *octet = !*octet;
            }
        }
        Edit::OddPayload => {
            icmp.iter_mut().skip(ICMP_HEADER).take(TIME_STAMP).for_each(|octet| *octet = 0xff);
        }
        Edit::Longer(octets) => icmp.resize(icmp.len() + octets, FILLER),
        Edit::Type { kind, code } => [icmp[0], icmp[1]] = [*kind, *code],
        Edit::RequestBack => icmp[0] = request.request_type(),
        Edit::WrongChecksum | Edit::OtherSource | Edit::Options(_) | Edit::ExtHeaders(_) => {}
    }
    icmp
}

/// Adds to a 16-bit field, which wraps.
pub(crate) fn add(field: &mut [u8], difference: u16) {
    let old = u16::from_be_bytes([field[0], field[1]]);
    field.copy_from_slice(&old.wrapping_add(difference).to_be_bytes());
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
