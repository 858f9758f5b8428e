//! What stands behind an answer: how long it took, whose it is, when it came, how long it is.

use std::fmt::Write as _;

use wireline_cli::escape;
use wireline_dns::lookup::{Received, Signature};

use crate::clock::local;
use crate::layout::Layout;
use crate::notice::address;

/// Writes the statistics of an answer, or with `+identify` a line of them.
pub(crate) fn received(
    page: &mut String,
    received: &Received,
    session: Option<&str>,
    layout: &Layout,
) {
    if layout.short || layout.yaml {
        return;
    }
    if layout.stats {
        statistics(page, received, session, layout);
    } else if layout.identify {
        identify(page, received, layout.microseconds);
    }
}

fn statistics(page: &mut String, received: &Received, session: Option<&str>, layout: &Layout) {
    let _ = if layout.microseconds {
        writeln!(page, ";; Query time: {} usec", received.took.as_micros())
    } else {
        writeln!(page, ";; Query time: {} msec", received.took.as_millis())
    };
    let _ = writeln!(page, ";; SERVER: {} ({})", server(received), received.transport);
    if let Some(session) = session {
        let _ = writeln!(page, "{session}");
    }
    let _ = writeln!(page, ";; WHEN: {}", local(received.at));
    let _ = match received.transfer {
        Some(sums) => writeln!(
            page,
            ";; XFR size: {} records (messages {}, bytes {})",
            sums.records, sums.messages, sums.octets
        ),
        None => writeln!(page, ";; MSG SIZE  rcvd: {}", received.octets),
    };
    match received.signature {
        Some(Signature::Bad) => {
            page.push_str(";; WARNING -- Some TSIG could not be validated\n");
        }
        None if layout.key => page.push_str(";; WARNING -- TSIG key was not used.\n"),
        _ => {}
    }
    page.push('\n');
}

/// `192.0.2.1#53(ns1.example)`.
fn server(received: &Received) -> String {
    let server = &received.server;
    format!("{}({})", address(server.address), escape(&server.name))
}

fn identify(page: &mut String, received: &Received, microseconds: bool) {
    let octets = received.transfer.map_or(received.octets as u64, |sums| sums.octets);
    let server = server(received);
    let _ = if microseconds {
        write!(
            page,
            ";; Received {octets} bytes from {server} in {} us\n\n",
            received.took.as_micros()
        )
    } else {
        write!(
            page,
            ";; Received {octets} bytes from {server} in {} ms\n\n",
            received.took.as_millis()
        )
    };
}
