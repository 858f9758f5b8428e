//! What the tests of fetch share: servers of their own, a directory to run in, and the ways to run it there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;
pub(crate) use wireline_lab::Run;
use wireline_lab::http::Server;
use wireline_lab::{PATIENCE, Watched};

/// Servers, and a directory in which fetch runs with nobody's home and settings.
///
/// In its words `{http}` is the port of the server with that name, and `{dir}` the directory of the servers' files.
pub(crate) struct Place {
    pub(crate) server: Arc<Server>,
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { server: Arc::new(Server::start()), folder: tempfile::tempdir().unwrap() }
    }

    /// Another directory before the same servers.
    pub(crate) fn beside(&self) -> Self {
        Self { server: Arc::clone(&self.server), folder: tempfile::tempdir().unwrap() }
    }

    /// Runs fetch here. Arguments are cut at spaces.
    pub(crate) fn fetch(&self, args: &str) -> Run {
        self.words(&args.split_whitespace().collect::<Vec<_>>())
    }

    /// Runs fetch with these words, blanks and all.
    pub(crate) fn words(&self, words: &[&str]) -> Run {
        self.fed(words, b"")
    }

    /// As [`Place::words`], with something on its stdin.
    pub(crate) fn fed(&self, words: &[&str], stdin: &[u8]) -> Run {
        self.run(bare(&ours()), words, stdin)
    }

    /// Runs fetch with variables of the environment.
    pub(crate) fn with(&self, variables: &[(&str, &str)], args: &str) -> Run {
        let mut command = bare(&ours());
        let words: Vec<_> = args.split_whitespace().collect();
        for (name, value) in variables {
            command.env(name, self.filled(value));
        }
        self.run(command, &words, b"")
    }

    /// Runs a line of shell here.
    pub(crate) fn shell(&self, line: &str) -> Run {
        self.other("sh", &["-c", line])
    }

    /// Runs another program by its name.
    pub(crate) fn other(&self, program: &str, words: &[&str]) -> Run {
        self.run(bare(program.as_ref()), words, b"")
    }

    fn run(&self, mut command: assert_cmd::Command, words: &[&str], stdin: &[u8]) -> Run {
        command.env("HOME", self.folder.path()).env("LC_ALL", "C").current_dir(&self.folder);
        command.args(words.iter().map(|word| self.filled(word))).timeout(PATIENCE);
        Run::lossy(command.write_stdin(stdin).assert().get_output())
    }

    /// Runs fetch for no longer than `deadline`, and looks at its memory.
    pub(crate) fn watched(&self, args: &str, deadline: Duration) -> Watched {
        let mut command = Command::new(ours());
        for name in SETTINGS {
            command.env_remove(name);
        }
        command.env("HOME", self.folder.path()).env("LC_ALL", "C").current_dir(&self.folder);
        command.args(args.split_whitespace().map(|word| self.filled(word)));
        Watched::run(&mut command, deadline)
    }

    /// `{http}` and the like with what they stand for.
    pub(crate) fn filled(&self, text: &str) -> String {
        let mut text = text.replace("{dir}", self.server.file("").to_str().unwrap());
        for (name, port) in self.server.ports() {
            text = text.replace(&format!("{{{name}}}"), &port.to_string());
        }
        text
    }

    /// What the run left in a file.
    pub(crate) fn read(&self, name: &str) -> String {
        let octets = fs::read(self.path(name)).unwrap_or_else(|why| panic!("{name}: {why}"));
        String::from_utf8_lossy(&octets).into_owned()
    }

    pub(crate) fn write(&self, name: &str, octets: impl AsRef<[u8]>) {
        fs::write(self.path(name), octets).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Names of what is here, in their order.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// Removes what is here.
    pub(crate) fn clear(&self) {
        for name in self.files() {
            fs::remove_file(self.path(&name)).unwrap();
        }
    }

    /// Requests that any of the servers has heard, in their order.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.server.heard()
    }
}

/// What would make a run another one.
const SETTINGS: [&str; 11] = [
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
    "SSLKEYLOGFILE",
    "XDG_CONFIG_HOME",
];

/// A program without them.
fn bare(program: &Path) -> assert_cmd::Command {
    let mut command = assert_cmd::Command::new(program);
    for name in SETTINGS {
        command.env_remove(name);
    }
    command
}

pub(crate) fn ours() -> PathBuf {
    cargo_bin!("fetch").to_path_buf()
}
