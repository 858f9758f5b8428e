//! `-d`: what happens on the way, on stderr. Scripts read dig's lines of the search list there.

use std::io::Write as _;

use wireline_cli::escape;
use wireline_dns::lookup::{Ask, Event};

use crate::notice::address;

/// What an event says of the way.
pub(crate) fn of_event(event: &Event) -> Option<String> {
    match event {
        Event::Trying { domain: Some(domain) } => Some(format!("trying origin {}", escape(domain))),
        Event::Trying { domain: None } => Some("using root origin".to_owned()),
        _ => None,
    }
}

/// That a query goes out, and where to.
pub(crate) fn of_ask(ask: &Ask) -> String {
    format!("sending a request to {} ({})", address(ask.server.address), ask.transport)
}

/// Nobody is left to tell if that fails.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_of_the_search_list_are_told_in_dig_s_words() {
        let trying = |domain: Option<&str>| {
            of_event(&Event::Trying { domain: domain.map(str::to_owned) }).unwrap()
        };
        assert_eq!(trying(Some("bar")), "trying origin bar");
        assert_eq!(trying(Some("\x1b[2J")), "trying origin \\027[2J", "nothing raw");
        assert_eq!(trying(None), "using root origin");
    }
}
