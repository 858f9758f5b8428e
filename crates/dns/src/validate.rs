//! Validation of an answer by DNSSEC (RFC 4035 §5): the chain from a trust anchor to it, link by link.
//!
//! Nothing is asked here: [`Validator::poll_need`] says which question's reply is needed next, and
//! [`Validator::handle_answer`] takes it. The replies may be of a resolver (asked with DO and CD) or of the
//! zones' own servers. What a server says is hostile: questions, aliases, signature checks and hashing are
//! all bounded (CVE-2023-50387, CVE-2023-50868).

mod anchor;
mod canonical;
mod chain;
mod denial;
mod keys;
mod reply;
mod report;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};

pub use self::anchor::{Anchor, AnchorError};
use self::keys::{Key, Work, after};
use self::reply::Reply;
pub use self::report::{
    ClockHint, DsState, Fact, Gap, Link, Proof, Security, SignatureFault, Subject, Verdict, Why,
};
use crate::{Name, Question, RecordType};

/// How many questions are asked.
const QUESTIONS: usize = 64;
/// How many aliases are followed, as resolvers do.
const ALIASES: usize = 16;

/// The validation of the answer to one question.
#[derive(Debug)]
pub struct Validator {
    anchors: Vec<Anchor>,
    question: Question,
    work: Work,
    replies: HashMap<(Name, RecordType), Reply>,
    /// Keys of zones that are known to be authentic.
    zones: HashMap<Name, Vec<Key>>,
    cuts: HashMap<Name, Cut>,
    links: VecDeque<Link>,
    /// The names that the question's name has led to, the one at hand last.
    names: Vec<Name>,
    /// Whose reply is looked at for the name at hand.
    at: Name,
    worst: Security,
    why: Option<Why>,
    need: Option<Question>,
    verdict: Option<Verdict>,
}

/// What a name is to the zone above it.
#[derive(Clone, Debug)]
enum Cut {
    /// A zone with authentic keys.
    Zone,
    /// Nothing particular.
    None,
    /// There is no such name, so that nothing is below it.
    Absent,
    /// A zone without a chain.
    Insecure(Why),
}

/// Why no further step can be taken.
enum Halt {
    Need(Question),
    /// Nothing further can make it better.
    Broken(Security, Why),
}

impl Validator {
    /// Begins. `now` is seconds since 1970, modulo 2^32 (RFC 4034 §3.1.5).
    #[must_use]
    pub fn new(anchors: Vec<Anchor>, question: Question, now: u32) -> Self {
        let name = question.name.clone();
        let mut validator = Self {
            anchors,
            question,
            work: Work { now, checks: 0, rounds: 0 },
            replies: HashMap::new(),
            zones: HashMap::new(),
            cuts: HashMap::new(),
            links: VecDeque::new(),
            names: vec![name.clone()],
            at: name,
            worst: Security::Secure,
            why: None,
            need: None,
            verdict: None,
        };
        validator.proceed();
        validator
    }

    /// The question whose reply is needed next, with DO and CD set; `None` at the end. It is the same until
    /// it was answered.
    #[must_use]
    pub fn poll_need(&self) -> Option<Question> {
        self.need.clone()
    }

    /// Takes the reply to the question that was needed.
    pub fn handle_answer(&mut self, octets: &[u8]) {
        let Some(question) = self.need.take() else { return };
        match Reply::parse(octets, question.class) {
            Ok(reply) => {
                self.replies.insert((question.name, question.kind), reply);
                self.proceed();
            }
            Err(text) => self.give_up(question, text),
        }
    }

    /// Takes that there is no reply to the question that was needed, and why.
    pub fn handle_failure(&mut self, why: &str) {
        if let Some(question) = self.need.take() {
            self.give_up(question, why.to_owned());
        }
    }

    /// The next link, from the anchor down; those of a name's aliases one after the other.
    pub fn poll_link(&mut self) -> Option<Link> {
        self.links.pop_front()
    }

    /// How it ended, once it has.
    #[must_use]
    pub const fn verdict(&self) -> Option<&Verdict> {
        self.verdict.as_ref()
    }

    fn give_up(&mut self, question: Question, text: String) {
        self.finish(Security::Indeterminate, Some(Why::NoAnswer { question, rcode: None, text }));
    }

    fn proceed(&mut self) {
        match self.run() {
            Ok(()) => self.finish(self.worst, self.why.clone()),
            Err(Halt::Broken(security, why)) => self.finish(security, Some(why)),
            Err(Halt::Need(question)) if self.replies.len() < QUESTIONS => {
                self.need = Some(question);
            }
            Err(Halt::Need(_)) => {
                let why = Why::TooExpensive("questions", QUESTIONS);
                self.finish(Security::Indeterminate, Some(why));
            }
        }
    }

    fn finish(&mut self, security: Security, why: Option<Why>) {
        let is_of_time = matches!(
            &why,
            Some(Why::BadSignature {
                fault: SignatureFault::Expired(_) | SignatureFault::NotYet(_),
                ..
            })
        );
        let clock = if is_of_time { self.clock_hint() } else { None };
        let (questions, checks) = (self.replies.len(), self.work.checks);
        self.verdict = Some(Verdict { security, why, clock, questions, checks });
    }

    /// Whether every signature of every reply is out of its time in the same direction: of several zones,
    /// the clock is likelier to be wrong than all of them.
    fn clock_hint(&self) -> Option<ClockHint> {
        let signatures =
            || self.replies.values().flat_map(|reply| &reply.sets).flat_map(|set| &set.signatures);
        let first = signatures().next()?;
        let one_signer = signatures().all(|signature| signature.signer == first.signer);
        if one_signer && !first.signer.is_root() {
            return None;
        }
        let now = self.work.now;
        let late = signatures().map(|signature| after(now, signature.expiration));
        let early = signatures().map(|signature| after(signature.inception, now));
        // All of them, or none: the largest of what each one asks for.
        let all = |spans: Vec<Option<u32>>| {
            spans.into_iter().collect::<Option<Vec<_>>>()?.into_iter().max()
        };
        all(late.collect())
            .map(ClockHint::Ahead)
            .or_else(|| all(early.collect()).map(ClockHint::Behind))
    }

    /// Follows the question's name from alias to alias to its end.
    fn run(&mut self) -> Result<(), Halt> {
        if matches!(self.question.kind, RecordType::RRSIG | RecordType::SIG) {
            let why = Why::NeverSigned(self.question.kind);
            return Err(Halt::Broken(Security::Indeterminate, why));
        }
        while let Some(name) = self.names.last().cloned() {
            let Some(target) = self.settle(&name)? else { return Ok(()) };
            if self.names.contains(&target) {
                return Err(Halt::Broken(
                    self.worst.max(Security::Indeterminate),
                    Why::AliasLoop(target),
                ));
            }
            if self.names.len() > ALIASES {
                let why = Why::TooExpensive("aliases", ALIASES);
                return Err(Halt::Broken(self.worst.max(Security::Indeterminate), why));
            }
            // The reply may go on about the target; otherwise that is a question of its own.
            let reply = self.replies.get(&(self.at.clone(), self.question.kind));
            let goes_on = reply.is_some_and(|reply| {
                reply.in_answer().any(|set| {
                    set.owner == target
                        || set.kind == RecordType::DNAME
                            && target.is_in(&set.owner)
                            && target != set.owner
                })
            });
            if !goes_on {
                self.at = target.clone();
            }
            self.names.push(target);
        }
        Ok(())
    }

    fn record(&mut self, link: Link) {
        if link.security > self.worst {
            (self.worst, self.why) = (link.security, link.why.clone());
        }
        self.links.push_back(link);
    }

    fn reply(&self, name: &Name, kind: RecordType) -> Result<&Reply, Halt> {
        let class = self.question.class;
        let need = || Halt::Need(Question { name: name.clone(), kind, class });
        self.replies.get(&(name.clone(), kind)).ok_or_else(need)
    }
}
