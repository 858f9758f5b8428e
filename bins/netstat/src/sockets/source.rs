//! Where rows are from: the kernel, as they come, or a place where they were kept.

use std::ops::ControlFlow;

use anyhow::Result;
use wireline_host::sockets::{InetSocket, Request, Sockets, UnixEntry};

use super::choice::{Choice, Shown};

/// Rows of the tables that were chosen.
pub(crate) enum Source {
    /// Read from the kernel once more each time.
    Live(Box<Sockets>),
    Kept(Vec<InetSocket>, Vec<Entry>),
}

/// A line of `/proc/net/unix` that is kept.
pub(crate) struct Entry {
    entry: UnixEntry<'static>,
    path: Option<Vec<u8>>,
}

/// What is done with each row.
pub(crate) type Take<'a, Row> = &'a mut dyn FnMut(&Row) -> Result<()>;

impl Source {
    pub(crate) fn live() -> Self {
        Self::Live(Box::new(Sockets::open()))
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
            Self::Live(_) => Vec::new(),
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
        match self {
            Self::Kept(rows, _) => rows.iter().try_for_each(take),
            Self::Live(sockets) => choice.tables().try_for_each(|(protocol, family)| {
                let states = choice.which.states(protocol);
                let details = shown.details(protocol);
                let request = Request { family, states, details, ..Request::new(protocol) };
                table(sockets, &request, &mut |row| {
                    if choice.which.takes(row) { take(row) } else { Ok(()) }
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
            Self::Live(sockets) => {
                let mut taken = Ok(());
                sockets.unix_entries(|entry| {
                    if choice.which.takes_unix(&entry) {
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

    fn lines(source: Source, choice: Choice, shown: Shown, port: u16) -> Vec<String> {
        let (mut source, programs) = (source, Programs::default());
        let mut lines = Lines::new(shown, &programs);
        let mut all = Vec::new();
        let take = &mut |row: &InetSocket| {
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
        let port = address.port();
        let (mut client, _server) =
            (TcpStream::connect(address).unwrap(), listener.accept().unwrap());
        std::io::Write::write_all(&mut client, b"unread").unwrap();
        let _waiting = TcpStream::connect(address).unwrap();
        let udp = UdpSocket::bind(("127.0.0.1", port)).unwrap();
        udp.connect(("127.0.0.1", 9)).unwrap();
        let (tcp, udp, family) = (true, true, wireline_host::Family::Any);
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
                let files = Source::Live(Box::new(Sockets::files("/proc/thread-self/net")));
                let by_netlink = lines(Source::live(), choice, shown, port);
                let count = [(Which::All, 6), (Which::Connected, 5), (Which::Listening, 1)];
                let count = count.iter().find(|(known, _)| *known == which).unwrap().1;
                assert_eq!(by_netlink.len(), count, "{by_netlink:?}");
                assert_eq!(lines(files, choice, shown, port), by_netlink);
            }
        }
    }
}
