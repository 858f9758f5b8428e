//! Who announces an address: from a table or from a server, or nobody knows.

use std::cell::RefCell;
use std::net::IpAddr;
use std::os::fd::{AsFd as _, OwnedFd};
use std::rc::Rc;

use anyhow::{Result, bail};
use wireline_cli::{Exit, Refusal};
use wireline_host::{Answer, AsServer, AsTable, RouteServer};

use crate::args::PrintFlags;

/// Shared by the printer, which asks early, and the renderer, which prints what has come.
#[derive(Clone, Default)]
pub(crate) struct Origins {
    table: Option<Rc<AsTable>>,
    server: Option<Rc<RefCell<AsServer>>>,
}

impl Origins {
    pub(crate) fn new(flags: &PrintFlags) -> Result<Self> {
        if !flags.as_path_lookups {
            if flags.as_table.is_some() || flags.as_server.is_some() {
                bail!(Refusal::new(Exit::FAILED, "--as-table and --as-server go with -A"));
            }
            return Ok(Self::default());
        }
        if let Some(path) = &flags.as_table {
            let table = AsTable::read(path)
                .map_err(|why| Refusal::new(Exit::FAILED, format!("--as-table: {why}")))?;
            return Ok(Self { table: Some(Rc::new(table)), server: None });
        }
        let Some(word) = &flags.as_server else {
            let message = "-A: from where? Say --as-table=FILE or --as-server=HOST";
            bail!(Refusal::new(Exit::FAILED, message));
        };
        let server = RouteServer::parse(word)
            .map_err(|why| Refusal::new(Exit::FAILED, format!("--as-server: {why}")))?;
        Ok(Self { table: None, server: Some(Rc::new(RefCell::new(AsServer::start(server)?))) })
    }

    /// `AS64496`, several joined by slashes, or `*`.
    pub(crate) fn text(&self, address: IpAddr) -> String {
        let found = match (&self.table, &self.server) {
            (Some(table), _) => table.lookup(address).to_vec(),
            (None, Some(server)) => match server.borrow_mut().get(address) {
                Answer::Known(origins) => origins.clone(),
                Answer::None | Answer::Pending => Vec::new(),
            },
            (None, None) => Vec::new(),
        };
        if found.is_empty() {
            return "*".to_owned();
        }
        found.iter().map(|origin| format!("AS{origin}")).collect::<Vec<_>>().join("/")
    }

    /// Whether all that will come for this address has.
    pub(crate) fn is_ready(&self, address: IpAddr) -> bool {
        let Some(server) = &self.server else { return true };
        let mut server = server.borrow_mut();
        server.collect();
        *server.get(address) != Answer::Pending
    }

    /// What to poll for answers.
    pub(crate) fn wake(&self) -> Option<OwnedFd> {
        self.server.as_ref()?.borrow().as_fd().try_clone_to_owned().ok()
    }
}
