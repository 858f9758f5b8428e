//! `wireline-sockets`: sockets in every state that there is, for those who list them.
//!
//! `wireline-sockets states` makes one of each, in a network namespace of its own with the rules of
//! [`wireline_lab::Host::sockets_of_all_states`]. `wireline-sockets marked` makes listeners with a mark and with
//! an interface. `wireline-sockets KIND COUNT [v6]` makes many of one kind:
//! `established`, `half-closed`, `time-wait` (a connection counts for its two ends), `udp` or `unix`; more than
//! one process can hold are made by several. `waiting` are that many clients of a listener that accepts none,
//! `stalled` connections whose first end has written all it can to one that does not read. Either prints `ready` and keeps them until its standard input ends.
#![forbid(unsafe_code)]

#[path = "../sockets/each.rs"]
mod each;
#[path = "../sockets/many.rs"]
mod many;
#[path = "../sockets/marked.rs"]
mod marked;

use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    // Its own name may be anything: see tests/netstat/faults.rs.
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    let words: Vec<_> = args.iter().map(|word| word.to_str().unwrap_or_default()).collect();
    let held = match words.as_slice() {
        ["states"] => each::make().map(Held::Each),
        ["marked"] => marked::make().map(Held::Marked),
        [kind, count, rest @ ..] => many::make(kind, count, rest.contains(&"v6")).map(Held::Many),
        _ => Err(io::Error::other("states, marked, or a kind and a count")),
    };
    match held.and_then(|held| until_told(&held)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            let _ = writeln!(io::stderr(), "wireline-sockets: {why}");
            ExitCode::FAILURE
        }
    }
}

/// What is kept open.
#[expect(dead_code, reason = "held, and not looked at")]
enum Held {
    Each(each::Each),
    Many(many::Many),
    Marked(Vec<socket2::Socket>),
}

fn until_told(_held: &Held) -> io::Result<()> {
    writeln!(io::stdout(), "ready")?;
    io::stdin().read_to_end(&mut Vec::new()).map(drop)
}
