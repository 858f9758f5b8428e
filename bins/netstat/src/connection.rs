//! `--connection`: one socket whole.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::ControlFlow;

use anyhow::{Context as _, Result};
use wireline_cli::{Exit, Refusal, escape};
use wireline_host::Family;
use wireline_host::process::{Depth, Names as ProcessNames, Owners, Proc};
use wireline_host::sockets::filter::{End, Filter, Names, Verdict};
use wireline_host::sockets::{Details, Endpoint, InetSocket, Protocol, Request, Sockets, Tuple};

use crate::event::Event;
use crate::filtering::refused;
use crate::output::Output;
use crate::sockets::Choice;

pub(crate) mod facts;
mod tcp;
mod text;

/// Which one.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// As they were typed.
    words: String,
    protocols: Vec<Protocol>,
    family: Family,
    /// Both directions, and all addresses that the names stand for.
    pairs: Vec<(Endpoint, Endpoint)>,
}

/// How many pairs of addresses two names may stand for.
const MOST: usize = 64;

impl Asked {
    pub(crate) fn new(
        local: &str,
        remote: &str,
        choice: Choice,
        names: &dyn Names,
    ) -> Result<Self, Refusal> {
        let end = |text: &str| {
            let why = |why| refused(escape(&format!("--connection: '{text}': {why}")).into_owned());
            End::parse(text, names).map_err(why)
        };
        let (one, other) = (end(local)?, end(remote)?);
        if one.port == 0 && other.port == 0 {
            return Err(refused("--connection: one of both ends needs a port"));
        }
        let there = pairs(&one, &other);
        let back = there.iter().map(|(one, other)| (*other, *one));
        let pairs: Vec<_> = there.iter().copied().chain(back).collect();
        if pairs.is_empty() {
            return Err(refused("--connection: both ends must be of one family"));
        }
        let protocols = choice.tables().map(|(protocol, _)| protocol).collect();
        Ok(Self { words: format!("{local} {remote}"), protocols, family: choice.family, pairs })
    }

    fn is_it(&self, row: &InetSocket, pair: (Endpoint, Endpoint)) -> bool {
        let is_of_family = match self.family {
            Family::Any => true,
            Family::V4 => !row.is_v6(),
            Family::V6 => row.is_v6(),
        };
        is_of_family && is_same(row.local, pair.0) && is_same(row.remote, pair.1)
    }

    /// By the exact look-up, which takes microseconds. It has nothing of sockets that are bound to an
    /// interface, nor without netlink: these are searched for.
    fn find(&self, sockets: &mut Sockets) -> Result<Option<InetSocket>> {
        for pair in &self.pairs {
            for protocol in &self.protocols {
                if let Some(row) = self.exact(sockets, *protocol, *pair) {
                    return Ok(Some(row));
                }
            }
        }
        for pair in &self.pairs {
            for protocol in &self.protocols {
                if let Some(row) = self.search(sockets, *protocol, *pair)? {
                    return Ok(Some(row));
                }
            }
        }
        Ok(None)
    }

    /// Of TCP the kernel answers with the listener where there is no connection.
    fn exact(
        &self,
        sockets: &mut Sockets,
        protocol: Protocol,
        pair: (Endpoint, Endpoint),
    ) -> Option<InetSocket> {
        let tuple = Tuple { protocol, local: pair.0, remote: pair.1, interface: 0 };
        let found = sockets.find(&tuple, Details::ALL).ok().flatten();
        found.filter(|row| self.is_it(row, pair))
    }

    fn search(
        &self,
        sockets: &mut Sockets,
        protocol: Protocol,
        pair: (Endpoint, Endpoint),
    ) -> Result<Option<InetSocket>> {
        let filter = Filter::between(pair.0, pair.1);
        let bytecode = filter.bytecode();
        let (details, bytecode) = (Details::ALL, bytecode.as_slice());
        let request = Request { details, bytecode, ..Request::new(protocol) };
        let mut found = None;
        let read = sockets.inet(&request, |row| {
            if filter.check(&row) != Verdict::Yes || !self.is_it(&row, pair) {
                return ControlFlow::Continue(());
            }
            found = Some(row);
            ControlFlow::Break(())
        });
        match read {
            Err(why) if !why.is_absence() => Err(why.into()),
            _ => Ok(found),
        }
    }
}

/// Each with each of its own family; any address is that of the other's family.
fn pairs(one: &End, other: &End) -> Vec<(Endpoint, Endpoint)> {
    let addresses = |own: &End, other: &End| -> Vec<IpAddr> {
        let any = |is_v4: bool| -> IpAddr {
            if is_v4 { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() }
        };
        let is_wanted = |is_v4: &bool| {
            other.addresses.is_empty()
                || other.addresses.iter().any(|o| o.to_canonical().is_ipv4() == *is_v4)
        };
        if own.addresses.is_empty() {
            return [true, false].into_iter().filter(is_wanted).map(any).collect();
        }
        own.addresses.iter().map(IpAddr::to_canonical).collect()
    };
    let (ones, others) = (addresses(one, other), addresses(other, one));
    let all = ones.iter().flat_map(|one| others.iter().map(move |other| (*one, *other)));
    let alike = all.filter(|(one, other)| one.is_ipv4() == other.is_ipv4());
    let ports = |(a, b)| {
        (Endpoint { address: a, port: one.port }, Endpoint { address: b, port: other.port })
    };
    alike.map(ports).take(MOST).collect()
}

/// A listener of both families has no address of either.
fn is_same(own: Endpoint, asked: Endpoint) -> bool {
    let is_any = own.address.is_unspecified() && asked.address.is_unspecified();
    own.port == asked.port && (is_any || own.address.to_canonical() == asked.address.to_canonical())
}

/// One listing.
pub(crate) fn show(asked: &Asked, output: &mut Output) -> Result<Exit> {
    let found = asked.find(&mut Sockets::open())?;
    let Some(row) = found else {
        let why = format!("{}: no such socket, in either direction", escape(&asked.words));
        return Err(Refusal::new(Exit(1), why).into());
    };
    let proc = Proc::open("/proc").context("/proc")?;
    let owners = Owners::find(&proc, &proc, vec![row.inode], Depth::All, ProcessNames::Both)?;
    let connection = facts::Connection::new(&row, &owners, &proc);
    if output.is_json() {
        output.start("connection")?;
        output.row(&Event::Connection(Box::new(connection)))?;
        output.end()?;
    } else {
        output.text(format_args!("{}", text::Text(&connection)))?;
    }
    Ok(Exit(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(addresses: &[&str], port: u16) -> End {
        End { addresses: addresses.iter().map(|text| text.parse().unwrap()).collect(), port }
    }

    #[test]
    fn ends_meet_within_a_family() {
        let shown = |one: &End, other: &End| -> Vec<String> {
            let pairs = pairs(one, other).into_iter();
            pairs.map(|(one, other)| format!("{} {}", one.address, other.address)).collect()
        };
        let v4 = end(&["192.0.2.1"], 1);
        assert_eq!(shown(&v4, &end(&["2001:db8::1", "192.0.2.2"], 2)), ["192.0.2.1 192.0.2.2"]);
        assert_eq!(shown(&v4, &end(&["::ffff:192.0.2.2"], 2)), ["192.0.2.1 192.0.2.2"]);
        assert_eq!(shown(&v4, &end(&[], 0)), ["192.0.2.1 0.0.0.0"]);
        assert_eq!(shown(&end(&[], 1), &end(&[], 0)), ["0.0.0.0 0.0.0.0", ":: ::"]);
        assert!(shown(&v4, &end(&["2001:db8::1"], 1)).is_empty());
    }
}
