//! What becomes of a response, by its head.

use super::{Logins, Planned, Transfer, Verdict};
use crate::agent::hop::{Hop, Verb, location, too_many};
use crate::agent::{retry, wall};
use crate::auth::Reaction;
use crate::event::{Event, Why};
use crate::failure::{Failure, Kind};
use crate::head::Head;
use crate::spec::Fail;

impl Transfer {
    /// What becomes of a response with this head; what it asks to be remembered is.
    pub(crate) fn judge(&self, hop: &Hop, head: &Head) -> Result<Verdict, Failure> {
        self.remember(hop, head);
        if head.status == 417 && self.has_offered.get() && !self.without_expect.replace(true) {
            return Ok(Verdict::Follow(Box::new(hop.again(Why::Again))));
        }
        if let Some(next) = self.challenge(hop, head)? {
            return Ok(Verdict::Follow(Box::new(next)));
        }
        if let Some(location) = location(head) {
            // Until it is followed, and where it will not be, it is known where it would lead.
            let to = hop.url.join(location, self.spec.redirects.path_as_is).ok();
            self.tell.recorder().report.redirect_url = to.map(|url| url.effective());
            if self.spec.redirects.follow {
                return self.follow(hop, head, location);
            }
        }
        self.settle(hop, head)
    }

    fn follow(&self, hop: &Hop, head: &Head, location: &[u8]) -> Result<Verdict, Failure> {
        let (next, notes) = hop.redirect(head, location, &self.spec)?;
        let to = next.url.effective();
        self.tell.event(&Event::Redirecting { to, notes });
        Ok(Verdict::Follow(Box::new(next)))
    }

    /// It goes nowhere from here.
    fn settle(&self, hop: &Hop, head: &Head) -> Result<Verdict, Failure> {
        if retry::is_transient(head.status) && self.spec.retry.count > 0 {
            let asked = retry::retry_after(head, wall());
            if let Some(planned) = self.pause_for("HTTP error", asked, self.tell.begin()) {
                let failure = self.status_failure(head.status);
                *self.planned.borrow_mut() = Some(Planned { failure, ..planned });
                return Ok(Verdict::Pass);
            }
        }
        let resumes = hop.resume > 0 && hop.verb == Verb::Get;
        if resumes && head.status == 416 {
            return Ok(Verdict::Pass);
        }
        if self.spec.request.fail == Fail::WithoutBody
            && let Some(failure) = self.status_failure(head.status)
        {
            return Ok(Verdict::Fail(failure));
        }
        if resumes && head.status < 300 && !resumes_at(head, hop.resume) {
            return self.unresumed(hop, head);
        }
        Ok(if self.is_unchanged(head) { Verdict::Pass } else { Verdict::Deliver })
    }

    fn unresumed(&self, hop: &Hop, head: &Head) -> Result<Verdict, Failure> {
        let length = head.fields.text("content-length").and_then(|length| length.parse().ok());
        if length == Some(hop.resume) {
            self.tell.note("The entire document is already downloaded");
            return Ok(Verdict::Pass);
        }
        let text = "HTTP server does not seem to support byte ranges. Cannot resume.";
        Err(Failure::new(Kind::Range, text))
    }

    /// The document is not what `-z` asks for, although the server sends it.
    fn is_unchanged(&self, head: &Head) -> bool {
        let Some((seconds, is_unmodified)) = self.spec.request.time_condition else { return false };
        let modified = head.fields.get("last-modified").and_then(crate::date::parse_http);
        let Some(modified) = modified.filter(|_| head.status == 200) else { return false };
        let is_met = if is_unmodified { modified < seconds } else { modified > seconds };
        if !is_met {
            self.tell.note(if is_unmodified {
                "The requested document is not old enough"
            } else {
                "The requested document is not new enough"
            });
        }
        !is_met
    }

    /// The answer to a challenge, where there is one.
    fn challenge(&self, hop: &Hop, head: &Head) -> Result<Option<Hop>, Failure> {
        let mut logins = self.logins.borrow_mut();
        let Logins { server, proxy } = &mut *logins;
        let (login, asks, says) = match head.status {
            407 => (proxy.as_mut(), "proxy-authenticate", "proxy-authentication-info"),
            _ => (
                server.as_mut().and_then(|(_, login)| login.as_mut()),
                "www-authenticate",
                "authentication-info",
            ),
        };
        let Some(login) = login else { return Ok(None) };
        if !matches!(head.status, 401 | 407) {
            if let Some(field) = head.fields.get(says) {
                login.told(field);
            }
            return Ok(self.is_unasked(head).then(|| hop.again(Why::Again)));
        }
        match login.challenged(head.fields.all(asks)) {
            Reaction::Again => {
                if let Some(most) = self.spec.redirects.most.filter(|most| hop.count >= *most) {
                    return Err(too_many(most));
                }
                Ok(Some(hop.again(Why::Challenge(head.status))))
            }
            Reaction::GiveUp(why) => {
                self.tell.note(why);
                Ok(None)
            }
            Reaction::Loop(why) => Err(Failure::new(Kind::TooManyRedirects, why)),
        }
    }

    /// The body stayed at home for a challenge that did not come.
    fn is_unasked(&self, head: &Head) -> bool {
        self.body_at_home.get() && head.status < 300 && !self.sends_all.replace(true)
    }

    fn remember(&self, hop: &Hop, head: &Head) {
        let now = wall();
        let mut shared = self.core.shared.borrow_mut();
        let shared = &mut *shared;
        if let Some(jar) = &mut shared.cookies {
            for why in jar.set_all(&hop.url, head.fields.all("set-cookie"), now) {
                self.tell.note(format!("cookie refused: {why}"));
            }
        }
        if !hop.url.is_secure() {
            return;
        }
        if let (Some(hsts), Some(field)) =
            (&mut shared.hsts, head.fields.get("strict-transport-security"))
        {
            hsts.set(&hop.url, field, now);
        }
        if let Some(others) = &mut shared.alt_services {
            for field in head.fields.all("alt-svc") {
                others.set(&hop.url, head.version, field, now);
            }
        }
    }

    /// A status that is a failure, behind its body.
    pub(super) fn final_failure(&self) -> Option<Failure> {
        let status = self.tell.recorder().report.head.as_ref()?.status;
        self.status_failure(status).filter(|_| self.spec.request.fail == Fail::WithBody)
    }

    /// What a status is, where statuses are failures.
    fn status_failure(&self, status: u16) -> Option<Failure> {
        let is_failure = self.spec.request.fail != Fail::No && status >= 400;
        let text = format!("The requested URL returned error: {status}");
        is_failure.then(|| Failure::new(Kind::Status, text))
    }
}

/// Whether a response goes on at this octet (RFC 9110 §14.4).
fn resumes_at(head: &Head, resume: u64) -> bool {
    let Some(range) = head.fields.text("content-range") else { return false };
    let digits = range.find(|one: char| one.is_ascii_digit()).and_then(|place| range.get(place..));
    let first = digits.and_then(|digits| digits.split('-').next());
    first.and_then(|first| first.trim().parse().ok()) == Some(resume)
}
