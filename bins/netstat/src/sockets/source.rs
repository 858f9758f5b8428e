//! Where rows are from: the kernel, as they come, or a place where they were kept.

use std::ops::ControlFlow;

use anyhow::Result;
use wireline_host::sockets::{Details, InetSocket, Protocol, Request, Sockets, UnixEntry};

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
            Self::Live(sockets) => choice.tables().try_for_each(|(protocol, family)| {
                let states = choice.which.states(protocol);
                let details = details(protocol);
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
