//! Where rows are from: the kernel, as they come, or a place where they were kept.

use std::collections::HashMap;
use std::ops::ControlFlow;

use anyhow::Result;
use wireline_host::sockets::filter::UnixEnds;
use wireline_host::sockets::{
    Details, InetSocket, Protocol, Request, Sockets, State, States, UnixDetails, UnixEntry,
};

use super::choice::{Choice, Shown};
use super::unix::LISTENS;
use crate::filtering::Sieve;

/// Rows of the tables that were chosen.
pub(crate) enum Source<'a> {
    /// Read from the kernel once more each time, what the sieve lets through.
    Live(Box<Sockets>, &'a Sieve),
    Kept(Vec<InetSocket>, Vec<Entry>),
}

/// A line of `/proc/net/unix` that is kept.
pub(crate) struct Entry {
    entry: UnixEntry<'static>,
    path: Option<Vec<u8>>,
}

/// What is done with each row.
pub(crate) type Take<'a, Row> = &'a mut dyn FnMut(&Row) -> Result<()>;

impl<'a> Source<'a> {
    pub(crate) fn filtered(sieve: &'a Sieve) -> Self {
        Self::Live(Box::new(Sockets::open()), sieve)
    }

    /// The rows as they are now.
    pub(crate) fn keep(mut self, choice: Choice, shown: Shown) -> Result<Self> {
        let (mut rows, mut entries) = (Vec::new(), Vec::new());
        self.inet(choice, shown, &mut |row| {
            rows.push(row.clone());
            Ok(())
        })?;
        self.unix(choice, &mut |entry| {
            entries.push(Entry::of(entry));
            Ok(())
        })?;
        Ok(Self::Kept(rows, entries))
    }

    /// By which the owners of kept rows are known.
    pub(crate) fn inodes(&self) -> Vec<u32> {
        match self {
            Self::Live(..) => Vec::new(),
            Self::Kept(rows, entries) => {
                let entries = entries.iter().map(|entry| entry.entry.inode);
                rows.iter().map(|row| row.inode).chain(entries).collect()
            }
        }
    }

    pub(crate) fn inet(
        &mut self,
        choice: Choice,
        shown: Shown,
        take: Take<'_, InetSocket>,
    ) -> Result<()> {
        self.inet_with(choice, |protocol| shown.details(protocol), take)
    }

    /// As [`inet`](Self::inet), with more than is shown.
    pub(crate) fn inet_with(
        &mut self,
        choice: Choice,
        details: impl Fn(Protocol) -> Details,
        take: Take<'_, InetSocket>,
    ) -> Result<()> {
        match self {
            Self::Kept(rows, _) => rows.iter().try_for_each(take),
            Self::Live(sockets, sieve) => choice.tables().try_for_each(|(protocol, family)| {
                let states = choice.which.states(protocol).and(sieve.states());
                let details = details(protocol) | sieve.details();
                let bytecode = sieve.bytecode();
                if states == States::NONE {
                    return Ok(());
                }
                let request = Request { protocol, family, states, details, bytecode };
                table(sockets, &request, &mut |row| {
                    let is_taken = choice.which.takes(row) && sieve.takes(row);
                    if is_taken { take(row) } else { Ok(()) }
                })
            }),
        }
    }

    pub(crate) fn unix(
        &mut self,
        choice: Choice,
        take: &mut dyn FnMut(&UnixEntry<'_>) -> Result<()>,
    ) -> Result<()> {
        if !choice.unix {
            return Ok(());
        }
        match self {
            Self::Kept(_, entries) => entries.iter().try_for_each(|entry| take(&entry.borrow())),
            Self::Live(sockets, sieve) => {
                let peers = if sieve.needs_peers() { peers(sockets)? } else { Peers::default() };
                let mut taken = Ok(());
                sockets.unix_entries(|entry| {
                    if choice.which.takes_unix(&entry) && sieve.takes_unix(peers.ends(&entry)) {
                        taken = take(&entry);
                    }
                    go_on(&taken)
                })?;
                taken
            }
        }
    }
}

fn table(sockets: &mut Sockets, request: &Request<'_>, take: Take<'_, InetSocket>) -> Result<()> {
    let mut taken = Ok(());
    let read = sockets.inet(request, |row| {
        taken = take(&row);
        go_on(&taken)
    });
    taken?;
    match read {
        // A table that this kernel does not have is an empty one, as in the original.
        Err(why) if !why.is_absence() => Err(why.into()),
        _ => Ok(()),
    }
}

/// The names at the other ends of sockets of unix(7), by inode.
#[derive(Default)]
struct Peers(HashMap<u32, Vec<u8>>);

/// There is no way but netlink.
fn peers(sockets: &mut Sockets) -> Result<Peers> {
    let (mut names, mut ends) = (HashMap::new(), Vec::new());
    sockets.unix(States::ALL, UnixDetails::NAME | UnixDetails::PEER, |socket| {
        ends.extend(socket.peer.map(|peer| (socket.inode, peer)));
        names.extend(socket.name.map(|name| (socket.inode, shown(&name))));
        ControlFlow::Continue(())
    })?;
    let known = ends.iter().filter_map(|(own, peer)| Some((*own, names.get(peer)?.clone())));
    Ok(Peers(known.collect()))
}

/// A name as `/proc/net/unix` has it: with `@` for each zero octet, but for those at the end of a path.
fn shown(name: &[u8]) -> Vec<u8> {
    let end =
        if name.first() == Some(&0) { None } else { name.iter().position(|octet| *octet == 0) };
    let name = &name[..end.unwrap_or(name.len())];
    name.iter().map(|octet| if *octet == 0 { b'@' } else { *octet }).collect()
}

impl Peers {
    /// States as `sock_diag(7)` has them.
    fn ends<'a>(&'a self, entry: &UnixEntry<'a>) -> UnixEnds<'a> {
        let state = match entry.state {
            _ if entry.flags & LISTENS != 0 => State::Listen,
            2 => State::SynSent,
            3 => State::Established,
            4 => State::Closing,
            _ => State::Close,
        };
        let peer = self.0.get(&entry.inode).map(Vec::as_slice).unwrap_or_default();
        UnixEnds { state, name: entry.path.unwrap_or_default(), peer }
    }
}

const fn go_on<E>(taken: &Result<(), E>) -> ControlFlow<()> {
    if taken.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

impl Entry {
    fn of(entry: &UnixEntry<'_>) -> Self {
        let path = entry.path.map(<[u8]>::to_vec);
        Self { entry: UnixEntry { path: None, ..*entry }, path }
    }

    fn borrow(&self) -> UnixEntry<'_> {
        UnixEntry { path: self.path.as_deref(), ..self.entry }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream, UdpSocket};

    use super::*;
    use crate::sockets::choice::{Numeric, Which};
    use crate::sockets::inet::Lines;
    use crate::sockets::owner::Programs;

    /// The lines of the sockets of one TCP and one UDP port: other tests have theirs.
    fn lines(source: Source<'_>, choice: Choice, shown: Shown, ports: [u16; 2]) -> Vec<String> {
        let (mut source, programs) = (source, Programs::default());
        let mut lines = Lines::new(shown, &programs);
        let mut all = Vec::new();
        let take = &mut |row: &InetSocket| {
            let port = ports[usize::from(row.protocol == Protocol::Udp)];
            if [row.local.port, row.remote.port].contains(&port) {
                all.push(String::from_utf8_lossy(lines.row(row)).into_owned());
            }
            Ok(())
        };
        source.inet(choice, shown, take).unwrap();
        all
    }

    #[test]
    fn files_stand_in_for_netlink_and_change_no_line() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (mut client, _server) =
            (TcpStream::connect(address).unwrap(), listener.accept().unwrap());
        std::io::Write::write_all(&mut client, b"unread").unwrap();
        let _waiting = TcpStream::connect(address).unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        udp.connect(("127.0.0.1", 9)).unwrap();
        let ports = [address.port(), udp.local_addr().unwrap().port()];
        let (tcp, udp, family) = (true, true, wireline_host::Family::Any);
        let sieve = Sieve::default();
        for which in [Which::All, Which::Connected, Which::Listening] {
            let choice = Choice {
                tcp,
                sctp: false,
                udp,
                udplite: false,
                raw: false,
                unix: false,
                family,
                which,
            };
            for extended in [false, true] {
                let numeric = Numeric { hosts: true, ports: true, users: true };
                let shown = Shown { numeric, extended, ..Shown::default() };
                let files = Source::Live(Box::new(Sockets::files("/proc/thread-self/net")), &sieve);
                let by_netlink = lines(Source::filtered(&sieve), choice, shown, ports);
                let count = [(Which::All, 6), (Which::Connected, 5), (Which::Listening, 1)];
                let count = count.iter().find(|(known, _)| *known == which).unwrap().1;
                assert_eq!(by_netlink.len(), count, "{by_netlink:?}");
                assert_eq!(lines(files, choice, shown, ports), by_netlink);
            }
        }
    }
}
