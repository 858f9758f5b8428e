//! What all transfers of a run share.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use crate::agent::Shared;
use crate::agent::pool::Pool;
use crate::failure::{Failure, Kind};
use crate::netrc;
use crate::spec::Netrc;
use crate::url::Url;

/// What all transfers of a run share.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) shared: RefCell<Shared>,
    pub(crate) pool: Pool,
    /// Files of logins that were read.
    logins: RefCell<Vec<(PathBuf, Vec<u8>)>>,
}

/// A file of logins with more octets is none.
const MOST: u64 = 1 << 20;

impl Core {
    pub(crate) fn new(shared: Shared, pool: Pool) -> Self {
        Self { shared: RefCell::new(shared), pool, logins: RefCell::default() }
    }

    /// What a file of logins says of a URL's host.
    pub(crate) fn netrc(
        &self,
        netrc: &Netrc,
        url: &Url,
    ) -> Result<Option<(String, String)>, Failure> {
        let home = || std::env::home_dir().map(|home| home.join(".netrc"));
        let Some(path) = netrc.path.clone().or_else(home) else { return Ok(None) };
        let found = self.text(&path, |text| netrc::find(text, &url.host, url.user.as_deref()));
        let unreadable =
            |why: String| Failure::new(Kind::Read, format!("{}: {why}", path.display()));
        match found {
            None => Ok(None),
            Some(found) => Ok(found.map_err(unreadable)?.map(|login| (login.user, login.password))),
        }
    }

    /// Reads a file once.
    fn text<T>(&self, path: &Path, read: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let mut logins = self.logins.borrow_mut();
        if !logins.iter().any(|(one, _)| one == path) {
            let about = std::fs::metadata(path).ok()?;
            if about.len() > MOST {
                return None;
            }
            logins.push((path.to_owned(), std::fs::read(path).ok()?));
        }
        logins.iter().find(|(one, _)| one == path).map(|(_, text)| read(text))
    }
}
