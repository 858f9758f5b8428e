//! Why a transfer took as long as it did: one sentence, and what it rests on.
//!
//! Every part of the time that has an explanation is a suspect; the largest is named. A part without an explanation of
//! its own is the way there and back, as often as it was gone.

use std::time::Duration;

use wireline_http::account::{Account, Phase};

use crate::reports::figures::ms;
use crate::reports::{Page, Tone};

mod failed;
mod suspects;

use suspects::suspects;

/// Faster than that nobody waits for.
const FAST: Duration = Duration::from_millis(20);
/// Of the whole, in hundredths, that the largest part must be to be the reason.
const MUCH: u128 = 30;

/// What there is to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// In a sentence.
    pub(crate) sentence: String,
    /// What it rests on, a line each.
    pub(crate) evidence: Vec<String>,
}

/// A part of the time with its explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Suspect {
    /// How much of the time it is.
    cost: Duration,
    /// What it is: `the server thought 300.2 ms`.
    what: String,
    evidence: Vec<String>,
}

impl Suspect {
    fn new(cost: Duration, what: impl Into<String>) -> Self {
        Self { cost, what: what.into(), evidence: Vec::new() }
    }

    fn with(mut self, evidence: impl Into<String>) -> Self {
        self.evidence.push(evidence.into());
        self
    }

    fn maybe(self, evidence: Option<String>) -> Self {
        match evidence {
            Some(evidence) => self.with(evidence),
            None => self,
        }
    }
}

/// Of a transfer that is over.
pub(crate) fn verdict(account: &Account) -> Verdict {
    let total = account.ended.unwrap_or_default();
    if let Some(failure) = &account.failure {
        return failed::verdict(account, failure, total);
    }
    let mut suspects = suspects(account);
    suspects.sort_by_key(|one| std::cmp::Reverse(one.cost));
    let mut all = suspects.into_iter();
    let first = all.next().filter(|first| is_much(first.cost, total));
    if total < FAST {
        let sentence = format!("nothing was slow: {} in all", ms(total));
        return Verdict { sentence, evidence: largest(account).into_iter().collect() };
    }
    let Some(first) = first else {
        let sentence = format!("no single reason for {}: many small parts", ms(total));
        return Verdict { sentence, evidence: largest(account).into_iter().collect() };
    };
    let mut evidence = first.evidence;
    evidence.extend(
        all.next()
            .filter(|next| is_much(next.cost, total))
            .map(|next| format!("besides: {}", next.what)),
    );
    let sentence = format!("{}, of {} in all", first.what, ms(total));
    Verdict { sentence, evidence }
}

const fn is_much(cost: Duration, total: Duration) -> bool {
    cost.as_nanos().saturating_mul(100) >= total.as_nanos().saturating_mul(MUCH)
}

/// The longest phase.
fn largest(account: &Account) -> Option<String> {
    let phases = account.hops.iter().flat_map(|hop| hop.phases().all().collect::<Vec<_>>());
    let (phase, span) = phases.max_by_key(|(_, span)| span.length())?;
    Some(format!("the longest part is {}: {}", name(phase), ms(span.length())))
}

const fn name(phase: Phase) -> &'static str {
    match phase {
        Phase::Name => "the name",
        Phase::Connect => "connecting",
        Phase::Secure => "TLS",
        Phase::Send => "sending",
        Phase::Wait => "waiting for the server",
        Phase::Receive => "receiving",
    }
}

/// Writes it at the end of a report.
pub(crate) fn write(page: &mut Page, account: &Account) {
    let verdict = verdict(account);
    page.heading("Verdict");
    let tone = if account.failure.is_some() { Tone::Bad } else { Tone::Plain };
    page.text("", 2, tone, &verdict.sentence);
    for line in &verdict.evidence {
        page.text("  - ", 4, Tone::Plain, line);
    }
}

#[cfg(test)]
mod tests;
