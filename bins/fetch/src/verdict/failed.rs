//! What there is to say of a transfer that failed.

use std::time::Duration;

use wireline_http::account::{Account, Hop, Phase};
use wireline_http::event::Outcome;
use wireline_http::{Failure, Kind};

use super::Verdict;
use crate::reports::figures::ms;
use crate::reports::{doing, ladder};

pub(super) fn verdict(account: &Account, failure: &Failure, total: Duration) -> Verdict {
    let last = account.hops.last();
    let ended = last.and_then(Hop::unfinished);
    let text = failure.text.trim_end();
    let sentence = match ended {
        Some((phase, _)) => {
            format!("it failed after {}, while {}: {text}", ms(total), doing(phase))
        }
        None => format!("it failed after {}: {text}", ms(total)),
    };
    let mut evidence = Vec::new();
    if let (Some(hop), Some((phase, span))) = (last, ended) {
        evidence.extend(before(hop, phase));
        evidence.extend(explained(hop, phase, span.length(), failure));
    }
    Verdict { sentence, evidence }
}

/// What went well before.
fn before(hop: &Hop, phase: Phase) -> Option<String> {
    let done = hop.phases().all().filter(|(other, _)| *other < phase);
    let done: Vec<_> =
        done.map(|(one, span)| format!("{} {}", super::name(one), ms(span.length()))).collect();
    (!done.is_empty()).then(|| format!("went well before that: {}", done.join(", ")))
}

fn explained(hop: &Hop, phase: Phase, length: Duration, failure: &Failure) -> Vec<String> {
    match phase {
        Phase::Name => {
            vec![format!("nobody said within {} what addresses the name has", ms(length))]
        }
        Phase::Connect => connect(hop, failure),
        Phase::Secure => secure(hop),
        Phase::Wait if failure.kind == Kind::TimedOut => {
            vec![format!("the connection stands, and the server said nothing for {}", ms(length))]
        }
        Phase::Wait => vec!["the request was sent, and no response came".to_owned()],
        Phase::Send => Vec::new(),
        Phase::Receive => vec![format!("it had been coming for {}", ms(length))],
    }
}

fn connect(hop: &Hop, failure: &Failure) -> Vec<String> {
    let mut said: Vec<String> = hop
        .attempts
        .iter()
        .filter_map(|one| match &one.outcome {
            Outcome::Failed(why) => Some(format!(
                "{}: {why}, after {}",
                one.to,
                ms(one.ended.saturating_sub(one.began))
            )),
            _ => None,
        })
        .collect();
    let is_refused = said.iter().any(|line| line.contains("refused"));
    if is_refused {
        said.push("refused: the host is there, and nothing listens on that port (RST, RFC 9293 \u{a7}3.10.7.1)".to_owned());
    } else if failure.kind == Kind::TimedOut {
        said.push(
            "no answer to the SYN at all: a firewall that drops, a full backlog, or no such host"
                .to_owned(),
        );
    }
    said
}

fn secure(hop: &Hop) -> Vec<String> {
    let Some(shake) = hop.handshakes.last() else {
        return vec!["nothing came of TLS's handshake".to_owned()];
    };
    let mut said = Vec::new();
    if let Some(examined) = &shake.examined {
        said.extend(examined.diagnosis().findings.iter().map(|one| one.sentence()));
    }
    said.extend(ladder::pauses(shake, ladder::rtt(hop)).iter().map(ladder::Pause::sentence));
    said
}
