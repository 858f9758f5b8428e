//! How a command line is read: the glance, `~/.digrc`, the words.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use crate::dash::glance;
use crate::digrc;
use crate::options::{CommandLine, Defaults, Said};
use crate::reader::{Draft, Reader, Source, finish};
use crate::state::State;
use crate::stop::Stop;

/// What reading depends on beside the words.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Where `.digrc` is; `None` not to read it.
    pub home: Option<PathBuf>,
    /// Whether names are internationalized if nobody says: stdout is a terminal.
    pub idn: bool,
}

/// Reads the words after the program's name. What could not be read comes with what was said before.
///
/// # Errors
/// Where dig would end.
pub fn read(words: &[OsString], surroundings: &Surroundings) -> Result<CommandLine, (Said, Stop)> {
    let words: Vec<String> = words.iter().map(|word| text(word.as_bytes())).collect();
    let mut said = Said::default();
    let read = read_all(&words, surroundings, &mut said)
        .and_then(|(state, drafts)| Ok((finish(drafts, &state)?, state)));
    match read {
        Ok((queries, state)) => {
            let mut globals = state.globals.clone();
            globals.key = state.process.key();
            Ok(CommandLine { globals, queries, defaults: Defaults::new(state), said })
        }
        Err(stop) => Err((said, stop)),
    }
}

fn read_all(
    words: &[String],
    surroundings: &Surroundings,
    said: &mut Said,
) -> Result<(State, Vec<Draft>), Stop> {
    let mut state = State::default();
    (state.template.idn_in, state.template.idn_out) = (surroundings.idn, surroundings.idn);
    let reads_config = glance(words, &mut state.globals)?;
    let home = surroundings.home.as_deref().filter(|_| reads_config);
    let mut drafts = Vec::new();
    for line in digrc::lines(home) {
        let line = line.into_iter().map(Into::into).collect();
        drafts.extend(Reader::new(&mut state, said, Source::Config, line).read(true)?);
    }
    let line = words.iter().map(|word| word.as_str().into()).collect();
    let reader = Reader::new(&mut state, said, Source::CommandLine, line);
    drafts.extend(reader.read(!drafts.is_empty())?);
    Ok((state, drafts))
}

/// A word as text: octets that are none become escapes of master files, so that a name keeps them.
pub(crate) fn text(word: &[u8]) -> String {
    let mut text = String::new();
    for chunk in word.utf8_chunks() {
        text.push_str(chunk.valid());
        for octet in chunk.invalid() {
            let _ = write!(text, "\\{octet:03}");
        }
    }
    text
}

#[cfg(test)]
mod tests;
