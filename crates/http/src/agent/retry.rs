//! Which failures pass, and how long to wait for that. Pure.

use std::time::Duration;

use crate::failure::{Failure, Kind};
use crate::head::Head;
use crate::spec::Retry;

/// The first pause, doubled from then on.
const FIRST: Duration = Duration::from_secs(1);
/// No pause is longer, whatever a server asks for (curl waits as long as it is told).
pub(crate) const LONGEST: Duration = Duration::from_secs(600);

/// Why it is worth another try, in curl's words.
pub(crate) fn reason(
    failure: Option<&Failure>,
    head: Option<&Head>,
    retry: &Retry,
) -> Option<&'static str> {
    let status = head.map_or(0, |head| head.status);
    match failure.map(|failure| failure.kind) {
        Some(Kind::TimedOut | Kind::Name | Kind::ProxyName) => return Some("timeout"),
        Some(Kind::Connect) if retry.on_refused => return Some("connection refused"),
        None | Some(Kind::Status) if is_transient(status) => return Some("HTTP error"),
        _ => {}
    }
    (failure.is_some_and(|failure| failure.kind != Kind::Aborted) && retry.on_all)
        .then_some("(retrying all errors)")
}

/// A server that says so is expected to answer otherwise soon (RFC 9110 §15.5.9, §15.6; RFC 6585 §4).
pub(crate) const fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504 | 522 | 524)
}

/// Pauses between tries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pauses {
    left: u32,
    next: Duration,
}

/// What comes of a failure that passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// Again, after this long; whether that was cut to what is bearable.
    Again { after: Duration, was_cut: bool, left: u32 },
    /// No more, for this reason where there is one to tell.
    Enough(Option<&'static str>),
}

impl Pauses {
    pub(crate) fn new(retry: &Retry) -> Self {
        Self {
            left: retry.count,
            next: retry.delay.filter(|delay| !delay.is_zero()).unwrap_or(FIRST),
        }
    }

    /// After a failure, `spent` since the beginning of all tries; `asked` is what Retry-After says.
    pub(crate) fn then(&mut self, retry: &Retry, spent: Duration, asked: Option<Duration>) -> Then {
        let Some(left) = self.left.checked_sub(1) else { return Then::Enough(None) };
        let wanted = asked.map_or(self.next, |asked| asked.max(self.next));
        let after = wanted.min(LONGEST.max(retry.delay.unwrap_or_default()));
        let most = retry.most.filter(|most| !most.is_zero());
        if most.is_some_and(|most| spent.saturating_add(after) > most) {
            let asked_too_much = asked.is_some_and(|asked| asked > self.next);
            let why = "The Retry-After: time would make this command line exceed the maximum allowed time for retries.";
            return Then::Enough(asked_too_much.then_some(why));
        }
        self.left = left;
        if retry.delay.is_none_or(|delay| delay.is_zero()) {
            self.next = self.next.saturating_mul(2).min(LONGEST);
        }
        Then::Again { after, was_cut: after < wanted, left }
    }
}

/// What `Retry-After` asks for (RFC 9110 §10.2.3): seconds, or a date. `now` in seconds since 1970.
pub(crate) fn retry_after(head: &Head, now: i64) -> Option<Duration> {
    let value = head.fields.text("retry-after")?.trim();
    if !value.is_empty() && value.bytes().all(|octet| octet.is_ascii_digit()) {
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    let date = date.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
    Some(Duration::from_secs(date.saturating_sub(u64::try_from(now).ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(field: &str) -> Head {
        let mut head = Head { status: 503, ..Head::default() };
        head.fields.push("Retry-After", field);
        head
    }

    #[test]
    fn pauses_double_and_end() {
        let retry = Retry { count: 3, ..Retry::default() };
        let mut pauses = Pauses::new(&retry);
        let mut seen = Vec::new();
        while let Then::Again { after, .. } = pauses.then(&retry, Duration::ZERO, None) {
            seen.push(after.as_secs());
        }
        assert_eq!(seen, [1, 2, 4]);
    }

    #[test]
    fn server_that_asks_for_ages_gets_ten_minutes() {
        let retry = Retry { count: 1, ..Retry::default() };
        let asked = retry_after(&with("999999999999"), 0);
        let then = Pauses::new(&retry).then(&retry, Duration::ZERO, asked);
        assert_eq!(then, Then::Again { after: LONGEST, was_cut: true, left: 0 });
    }

    #[test]
    fn nothing_is_tried_after_the_time_for_tries() {
        let most = Some(Duration::from_secs(5));
        let retry = Retry { count: 9, most, ..Retry::default() };
        let asked = Some(Duration::from_secs(60));
        assert!(matches!(
            Pauses::new(&retry).then(&retry, Duration::ZERO, asked),
            Then::Enough(Some(_))
        ));
        assert_eq!(
            Pauses::new(&retry).then(&retry, Duration::from_secs(5), None),
            Then::Enough(None)
        );
    }

    #[test]
    fn dates_are_waited_for() {
        let head = with("Thu, 01 Jan 1970 00:01:00 GMT");
        assert_eq!(retry_after(&head, 40), Some(Duration::from_secs(20)));
        assert_eq!(retry_after(&head, 70), Some(Duration::ZERO));
        assert_eq!(retry_after(&with("soon"), 0), None);
        assert_eq!(
            retry_after(&with("99999999999999999999999"), 0),
            Some(Duration::from_secs(u64::MAX))
        );
    }

    #[test]
    fn refusals_are_tried_again_where_that_was_asked_for() {
        let refused = Failure::new(Kind::Connect, "");
        assert_eq!(reason(Some(&refused), None, &Retry::default()), None);
        let retry = Retry { on_refused: true, ..Retry::default() };
        assert_eq!(reason(Some(&refused), None, &retry), Some("connection refused"));
    }
}
