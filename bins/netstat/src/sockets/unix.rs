//! The lines of Unix sockets, which are those of `/proc/net/unix`.

use wireline_cli::escape;
use wireline_host::sockets::UnixEntry;

use super::choice::Shown;
use super::owner::Programs;

/// `__SO_ACCEPTCON`, `__SO_WAITDATA`, `__SO_NOSPACE` of `linux/net.h`.
pub(crate) const LISTENS: u32 = 1 << 16;
const WAITS: u32 = 1 << 17;
const NO_SPACE: u32 = 1 << 18;

pub(crate) fn header(shown: Shown) -> String {
    let programs = if shown.programs { "PID/Program name     " } else { "" };
    format!("Proto RefCnt Flags       Type       State         I-Node   {programs}Path\n")
}

pub(crate) fn row(entry: &UnixEntry<'_>, shown: Shown, programs: &Programs) -> String {
    let (flags, kind, state) = (flags(entry.flags), kind(entry.kind), state(entry));
    let (references, inode) = (entry.references, entry.inode);
    let program = programs.text(inode);
    let program = if shown.programs { format!("{program:<20} ") } else { String::new() };
    let path = path(entry.path.unwrap_or_default());
    format!("unix  {references:<6} {flags:<11} {kind:<10} {state:<13} {inode:<8} {program}{path}\n")
}

pub(super) fn flags(flags: u32) -> String {
    let words = [(LISTENS, "ACC "), (WAITS, "W "), (NO_SPACE, "N ")];
    let set = words.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, word)| *word);
    format!("[ {}]", set.collect::<String>())
}

/// `SOCK_*` of socket(2).
pub(crate) const fn kind(number: u32) -> &'static str {
    match number {
        1 => "STREAM",
        2 => "DGRAM",
        3 => "RAW",
        4 => "RDM",
        5 => "SEQPACKET",
        _ => "UNKNOWN",
    }
}

/// `SS_*` of `linux/net.h`.
pub(crate) const fn state(entry: &UnixEntry<'_>) -> &'static str {
    match entry.state {
        0 => "FREE",
        1 if entry.flags & LISTENS != 0 => "LISTENING",
        1 => "",
        2 => "CONNECTING",
        3 => "CONNECTED",
        4 => "DISCONNECTING",
        _ => "UNKNOWN",
    }
}

/// Up to the first blank, as the original reads it.
pub(super) fn path(octets: &[u8]) -> String {
    let end = octets.iter().position(u8::is_ascii_whitespace).unwrap_or(octets.len());
    escape(&String::from_utf8_lossy(&octets[..end])).into_owned()
}
