//! Where a command line stands: files, secrets and variables that it takes from the machine.

use std::ffi::OsString;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use rustix::termios::{self, LocalModes, OptionalActions};

/// What a command line depends on beside its words. Empty for tests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Surroundings {
    /// The file of options that is read first.
    pub(crate) options_file: Option<PathBuf>,
    /// The environment.
    pub(crate) variables: Vec<(OsString, OsString)>,
    /// Whether a person can be asked for secrets.
    pub(crate) asks: bool,
}

/// What is read at once of a file that is part of a request: as much as memory can hold is too much.
const MOST_READ: u64 = 1 << 31;

impl Surroundings {
    /// Of this process.
    pub(crate) fn here() -> Self {
        let variables: Vec<_> = std::env::vars_os().collect();
        let mut here = Self { options_file: None, variables, asks: true };
        here.options_file = here.find_options();
        here
    }

    /// A variable, where it has a value that is not empty.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let (_, value) = self.variables.iter().find(|(key, _)| key == name)?;
        let value = value.to_string_lossy().into_owned();
        (!value.is_empty()).then_some(value)
    }

    /// A variable of either case, the small one first.
    pub(crate) fn variable_of_any_case(&self, name: &str) -> Option<String> {
        self.variable(&name.to_lowercase()).or_else(|| self.variable(&name.to_uppercase()))
    }

    /// curl's file of options, where curl looks for it (curl(1), `--config`).
    fn find_options(&self) -> Option<PathBuf> {
        let in_folder = |name: &str, file: &str| {
            let folder = self.variable(name)?;
            let path = Path::new(&folder).join(file);
            path.is_file().then_some(path)
        };
        in_folder("CURL_HOME", ".curlrc")
            .or_else(|| in_folder("XDG_CONFIG_HOME", "curlrc"))
            .or_else(|| in_folder("HOME", ".config/curlrc"))
            .or_else(|| in_folder("HOME", ".curlrc"))
    }
}

/// All of a file, or of stdin (`-`).
pub(crate) fn contents(path: &Path) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    if path == Path::new("-") {
        io::stdin().lock().take(MOST_READ).read_to_end(&mut octets)?;
    } else {
        std::fs::File::open(path)?.take(MOST_READ).read_to_end(&mut octets)?;
    }
    Ok(octets)
}

/// Asks a person at the terminal, whose letters are not shown.
pub(crate) fn secret(prompt: &str) -> io::Result<String> {
    let mut terminal = std::fs::File::options().read(true).write(true).open("/dev/tty")?;
    terminal.write_all(wireline_cli::escape(prompt).as_bytes())?;
    let before = termios::tcgetattr(&terminal)?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    termios::tcsetattr(&terminal, OptionalActions::Drain, &silent)?;
    let read = line(&mut terminal);
    termios::tcsetattr(&terminal, OptionalActions::Drain, &before)?;
    terminal.write_all(b"\n")?;
    read
}

/// Up to the end of the line; longer ones are no secrets of anybody's.
fn line(from: &mut impl io::Read) -> io::Result<String> {
    let mut octets = Vec::new();
    let mut octet = [0];
    while octets.len() < 4096 && from.read(&mut octet)? > 0 && octet != *b"\n" {
        octets.extend_from_slice(&octet);
    }
    Ok(String::from_utf8_lossy(&octets).into_owned())
}
