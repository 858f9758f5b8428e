use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::BorrowedFd;

use super::connection::{Connection, End};
use super::{RouteServer, rpsl};
use crate::{Family, Target};

/// What is remembered of a server between questions.
#[derive(Debug)]
pub(super) struct Session {
    server: RouteServer,
    /// Those that are left to try; only the right one once one has been reached.
    addresses: Vec<SocketAddr>,
    manner: Manner,
    /// One that may be asked again.
    kept: Option<Connection>,
    /// In a row.
    failures: u8,
}

/// How a server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// Not known yet.
    Untried,
    /// Many questions a connection, after `!!` (`IRRd`'s multiple command mode).
    Many,
    /// One question a connection (RFC 3912 §2).
    One,
}

/// Asks for a connection that is kept. It is not answered.
const KEEP: &str = "!!\n";

/// Past so many failures in a row, nothing more is asked.
const MOST_FAILURES: u8 = 3;

/// Of one server. Each may take a second to refuse.
const MOST_ADDRESSES: usize = 4;

impl Session {
    pub(super) const fn new(server: RouteServer) -> Self {
        let manner = Manner::Untried;
        Self { server, addresses: Vec::new(), manner, kept: None, failures: 0 }
    }

    /// Who announces an address, if the server says so before `nobody` wants to know any more.
    pub(super) fn origins(&mut self, address: IpAddr, nobody: BorrowedFd<'_>) -> Option<Vec<u32>> {
        if self.failures >= MOST_FAILURES {
            return None;
        }
        let found = self.ask(address, nobody);
        self.failures = if found.is_ok() { 0 } else { self.failures + 1 };
        found.ok().filter(|found| !found.is_empty())
    }

    fn ask(&mut self, address: IpAddr, nobody: BorrowedFd<'_>) -> io::Result<Vec<u32>> {
        if let Some(kept) = self.kept.take().filter(Connection::is_quiet)
            && let Ok(found) = self.ask_and_keep(kept, "", address, nobody)
            && self.kept.is_some()
        {
            return Ok(found);
        }
        match self.manner {
            Manner::Untried => self.find_manner(address, nobody),
            Manner::Many => {
                let connection = self.connect()?;
                self.ask_and_keep(connection, KEEP, address, nobody)
            }
            Manner::One => self.ask_once(address, nobody),
        }
    }

    /// A server that does not know `!!` may call it an error, may take it for the question, may close
    /// or may wait for more. Only an answer with origins shows that it was understood.
    fn find_manner(&mut self, address: IpAddr, nobody: BorrowedFd<'_>) -> io::Result<Vec<u32>> {
        let connection = self.connect()?;
        let found = self.ask_and_keep(connection, KEEP, address, nobody);
        let is_kept = self.kept.is_some();
        match found {
            Ok(found) if !found.is_empty() => {
                self.manner = if is_kept { Manner::Many } else { Manner::One };
                return Ok(found);
            }
            // There may just be none.
            Ok(_) if is_kept => self.kept = None,
            _ => self.manner = Manner::One,
        }
        self.ask_once(address, nobody)
    }

    fn ask_and_keep(
        &mut self,
        mut connection: Connection,
        before: &str,
        address: IpAddr,
        nobody: BorrowedFd<'_>,
    ) -> io::Result<Vec<u32>> {
        let question = format!("{before}{address}\r\n");
        let said = connection.ask(&question, End::EmptyLines, nobody)?;
        if said.end == End::EmptyLines {
            self.kept = Some(connection);
        }
        Ok(rpsl::origins(&said.text, address))
    }

    fn ask_once(&mut self, address: IpAddr, nobody: BorrowedFd<'_>) -> io::Result<Vec<u32>> {
        let said = self.connect()?.ask(&format!("{address}\r\n"), End::Close, nobody)?;
        Ok(rpsl::origins(&said.text, address))
    }

    fn connect(&mut self) -> io::Result<Connection> {
        if self.addresses.is_empty() {
            self.addresses = self.server.addresses()?;
        }
        let mut why = ErrorKind::NotConnected.into();
        for address in &self.addresses {
            match Connection::open(address) {
                Ok(connection) => {
                    self.addresses = vec![*address];
                    return Ok(connection);
                }
                Err(refused) => why = refused,
            }
        }
        Err(why)
    }
}

impl RouteServer {
    fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        let target = Target::resolve(&self.host, Family::Any).map_err(io::Error::other)?;
        let with_port = |mut address: SocketAddr| {
            address.set_port(self.port);
            address
        };
        Ok(target.addresses.into_iter().take(MOST_ADDRESSES).map(with_port).collect())
    }
}
