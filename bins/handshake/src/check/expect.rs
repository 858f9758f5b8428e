//! The language of `--expect`: `open && rtt<20ms && (sack || !proxy) && close==fin`.
//!
//! What was not measured is neither true nor false, and an expectation that hangs on it is not met.

use std::time::Duration;

use super::fact::{Fact, Facts, Value};

mod parse;
mod token;

/// Why an expectation makes no sense, and where: counted in characters, from 1.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    pub(crate) at: usize,
    pub(crate) why: String,
}

impl std::fmt::Display for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "at {}: {}", self.at, self.why)
    }
}

/// A place in the text, in octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    from: usize,
    to: usize,
}

impl Span {
    const fn join(self, other: Self) -> Self {
        Self { from: self.from, to: other.to }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Debug, PartialEq)]
enum Claim {
    Flag(Fact),
    Compare(Fact, Comparison, Value),
    Not(Box<Clause>),
    All(Vec<Clause>),
    Any(Vec<Clause>),
}

#[derive(Clone, Debug, PartialEq)]
struct Clause {
    claim: Claim,
    span: Span,
}

/// An expectation that makes sense.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expectation {
    text: String,
    clause: Clause,
}

/// A clause that is not met, and what was found of its facts; `None` for what was not measured.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    /// As it was written.
    pub(crate) clause: String,
    pub(crate) found: Vec<(Fact, Option<Value>)>,
    /// Whether it would be false whatever was measured besides.
    pub(crate) is_false: bool,
}

impl Expectation {
    /// Reads an expectation.
    pub(crate) fn parse(text: &str) -> Result<Self, Complaint> {
        Ok(Self { text: text.to_owned(), clause: parse::parse(text)? })
    }

    /// The clauses that are not met, of those that `&&` joins; none where all is as expected.
    pub(crate) fn failures(&self, facts: &Facts) -> Vec<Failure> {
        let mut failures = Vec::new();
        self.fail(&self.clause, facts, &mut failures);
        failures
    }

    fn fail(&self, clause: &Clause, facts: &Facts, failures: &mut Vec<Failure>) {
        if let Claim::All(clauses) = &clause.claim {
            for clause in clauses {
                self.fail(clause, facts, failures);
            }
            return;
        }
        let holds = clause.holds(facts);
        if holds == Some(true) {
            return;
        }
        let mut asked = Vec::new();
        clause.gather(&mut asked);
        let found = asked.into_iter().map(|fact| (fact, facts.get(fact))).collect();
        let text = self.text.get(clause.span.from..clause.span.to).unwrap_or(&self.text);
        let is_false = holds == Some(false);
        failures.push(Failure { clause: text.to_owned(), found, is_false });
    }
}

impl Clause {
    /// `None` where that hangs on what was not measured.
    fn holds(&self, facts: &Facts) -> Option<bool> {
        match &self.claim {
            Claim::Flag(fact) => facts.get(*fact).map(|value| value == Value::Flag(true)),
            Claim::Compare(fact, how, want) => compare(facts.get(*fact)?, *how, *want),
            Claim::Not(clause) => clause.holds(facts).map(|holds| !holds),
            Claim::All(clauses) => join(clauses, facts, false),
            Claim::Any(clauses) => join(clauses, facts, true),
        }
    }

    fn gather(&self, facts: &mut Vec<Fact>) {
        match &self.claim {
            Claim::Flag(fact) | Claim::Compare(fact, ..) => {
                if !facts.contains(fact) {
                    facts.push(*fact);
                }
            }
            Claim::Not(clause) => clause.gather(facts),
            Claim::All(clauses) | Claim::Any(clauses) => {
                for clause in clauses {
                    clause.gather(facts);
                }
            }
        }
    }
}

/// One that is as `decisive` settles it; otherwise one that is unknown leaves it unknown.
fn join(clauses: &[Clause], facts: &Facts, decisive: bool) -> Option<bool> {
    let held: Vec<_> = clauses.iter().map(|clause| clause.holds(facts)).collect();
    if held.contains(&Some(decisive)) {
        return Some(decisive);
    }
    (!held.contains(&None)).then_some(!decisive)
}

fn compare(found: Value, how: Comparison, want: Value) -> Option<bool> {
    let order = match (found, want) {
        (Value::Number(found), Value::Number(want)) => found.partial_cmp(&want)?,
        (Value::Time(found), Value::Time(want)) => Duration::cmp(&found, &want),
        // The parser lets words be compared only for being the same.
        (Value::Word(found), Value::Word(want)) => found.cmp(want),
        _ => return None,
    };
    Some(match how {
        Comparison::Equal => order.is_eq(),
        Comparison::Unequal => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    })
}

#[cfg(test)]
mod tests;
