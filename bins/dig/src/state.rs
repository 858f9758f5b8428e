//! What reading keeps from word to word and from line to line.

use std::path::PathBuf;
use std::time::Duration;

use wireline_dns::Cookie;

use crate::apply::edns::octets;
use crate::key::KeySource;
use crate::options::{Globals, Options, Split};
use crate::stop::Stop;

/// All of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    /// What a new query begins with.
    pub template: Options,
    /// What dig has once for the process.
    pub process: Process,
    /// What is once for the process and no query knows.
    pub globals: Globals,
}

/// What dig keeps once, whichever query an option is written at.
#[derive(Clone, Debug)]
pub(crate) struct Process {
    /// `-p`.
    pub port: Option<u16>,
    /// `+timeout`.
    pub timeout: Option<Duration>,
    /// `+ndots`.
    pub ndots: Option<u16>,
    /// `+search`.
    pub use_search: bool,
    /// `+showsearch`.
    pub show_search: bool,
    /// `+domain`.
    pub domain: Option<String>,
    /// `+short`.
    pub short: bool,
    /// `+yaml`.
    pub yaml: bool,
    /// `+split`.
    pub split: Split,
    /// `+keepopen`.
    pub keep_open: bool,
    /// `+cmd`.
    pub command: bool,
    /// `+question` before the first name: transfers heed no other.
    pub question: bool,
    /// `+comments` before the first name: transfers heed no other.
    pub comments: bool,
    /// Whether a greeting was made.
    pub greeted: bool,
    /// The last server that was named.
    pub server: Option<String>,
    /// `+cookie=…`, in hex.
    pub cookie: String,
    /// `-k`.
    pub key_file: Option<PathBuf>,
    /// `-y`.
    pub key_words: Option<KeySource>,
}

impl Default for Process {
    fn default() -> Self {
        Self {
            port: None,
            timeout: None,
            ndots: None,
            use_search: false,
            show_search: false,
            domain: None,
            short: false,
            yaml: false,
            split: Split::Default,
            keep_open: false,
            command: true,
            question: false,
            comments: false,
            greeted: false,
            server: None,
            cookie: String::new(),
            key_file: None,
            key_words: None,
        }
    }
}

impl Process {
    /// Writes into a query's options what is the same for all.
    pub(crate) fn stamp(&self, options: &mut Options) -> Result<(), Stop> {
        if let Cookie::Chosen(chosen) = &mut options.edns.cookie {
            *chosen = octets(&self.cookie)?;
        }
        options.port = self.port;
        options.asking.timeout = self.timeout;
        options.search.ndots = self.ndots;
        options.search.wanted = self.use_search || self.domain.is_some();
        options.search.show = self.show_search;
        options.search.domain.clone_from(&self.domain);
        options.carrier.keep_open = self.keep_open;
        options.show.short = self.short;
        options.show.yaml = self.yaml;
        options.show.cmd = self.command;
        options.show.split = self.split;
        Ok(())
    }

    /// The key to sign with: dig takes the file's where both are given.
    pub(crate) fn key(&self) -> Option<KeySource> {
        let file = self.key_file.clone().filter(|file| !file.as_os_str().is_empty());
        file.map(KeySource::File).or_else(|| self.key_words.clone())
    }
}
