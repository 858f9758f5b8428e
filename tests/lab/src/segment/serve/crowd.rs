//! Everybody who claims an address, and what they send.
//!
//! Nothing here sends, waits or looks at a clock.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use wireline_lab::segment::Claim;

use crate::frame::{Answer, Request};
use crate::hostile;

/// A frame to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sending {
    /// How long after the request.
    pub(crate) after: Duration,
    /// How often, in a row.
    pub(crate) times: u32,
    pub(crate) frame: Vec<u8>,
}

#[derive(Debug, Default)]
pub(crate) struct Crowd {
    members: Vec<Member>,
}

#[derive(Debug)]
struct Member {
    claim: Claim,
    /// Requests so far, where they count.
    asked: HashMap<Ipv4Addr, u32>,
}

impl Crowd {
    pub(crate) fn join(&mut self, claim: Claim) {
        self.members.push(Member { claim, asked: HashMap::new() });
    }

    /// All who claim this address and no other are gone.
    pub(crate) fn leave(&mut self, address: Ipv4Addr) {
        let only = |member: &Member| {
            (member.claim.span.first, member.claim.span.last) == (address, address)
        };
        self.members.retain(|member| !only(member));
    }

    /// What goes back for one request, in order.
    pub(crate) fn answer(&mut self, request: &Request) -> Vec<Sending> {
        self.members.iter_mut().flat_map(|member| member.answer(request)).collect()
    }
}

impl Member {
    fn answer(&mut self, request: &Request) -> Vec<Sending> {
        if !self.claim.span.contains(request.target) || self.is_deaf(request.target) {
            return Vec::new();
        }
        let claim = &self.claim;
        let right = Answer::of(claim, request);
        let nonsense = claim.hostile.iter().flat_map(|hostile| hostile::frames(*hostile, &right));
        let once = |frame| Sending { after: claim.after, times: 1, frame };
        let mut all: Vec<_> = nonsense.map(once).collect();
        if !claim.is_silent {
            all.push(Sending { times: claim.times, ..once(right.frame()) });
        }
        all
    }

    fn is_deaf(&mut self, address: Ipv4Addr) -> bool {
        if self.claim.deaf_to == 0 {
            return false;
        }
        let asked = self.asked.entry(address).or_default();
        *asked = asked.saturating_add(1);
        *asked <= self.claim.deaf_to
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::request;

    fn crowd(claims: &[Claim]) -> Crowd {
        let mut crowd = Crowd::default();
        claims.iter().cloned().for_each(|claim| crowd.join(claim));
        crowd
    }

    #[test]
    fn all_who_claim_an_address_answer() {
        let late = Claim::of("192.0.2.0/24").after(Duration::from_millis(3)).times(4);
        let mut crowd = crowd(&[Claim::of("192.0.2.9"), Claim::of("192.0.2.8"), late]);
        let answers = crowd.answer(&request());
        let summary: Vec<_> = answers.iter().map(|a| (a.after.as_millis(), a.times)).collect();
        assert_eq!(summary, [(0, 1), (3, 4)]);
    }

    #[test]
    fn who_left_is_silent_and_a_network_stays() {
        let mut crowd = crowd(&[Claim::of("192.0.2.9"), Claim::of("192.0.2.0/24")]);
        crowd.leave(Ipv4Addr::new(192, 0, 2, 9));
        assert_eq!(crowd.answer(&request()).len(), 1);
    }

    #[test]
    fn deafness_is_counted_by_address() {
        let mut crowd = crowd(&[Claim::of("192.0.2.0/24").deaf_to(1)]);
        let other = Request { target: Ipv4Addr::new(192, 0, 2, 8), ..request() };
        let answers = [request(), other, request(), other].map(|r| crowd.answer(&r).len());
        assert_eq!(answers, [0, 0, 1, 1]);
    }
}
