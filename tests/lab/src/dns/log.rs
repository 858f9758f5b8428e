//! What came to the servers, in lines of JSON.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use wireline_lab::Asked;

/// The log of all servers.
#[derive(Debug)]
pub(crate) struct Log(Mutex<File>);

impl Log {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        File::options().append(true).open(path).map(|file| Self(Mutex::new(file)))
    }

    /// Writes a line. A test that has gone reads no more, and nothing is to be done about it.
    pub(crate) fn write(&self, asked: &Asked) {
        let Ok(mut line) = serde_json::to_vec(asked) else { return };
        line.push(b'\n');
        let _ = self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line);
    }
}
