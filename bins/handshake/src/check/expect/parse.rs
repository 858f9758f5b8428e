//! From words to clauses: `||` joins what `&&` joins; `!` and parentheses bind closest.

use std::iter::Peekable;
use std::vec::IntoIter;

use super::super::fact::{Fact, Kind, TABLE, Value};
use super::token::{Token, place, tokens};
use super::{Claim, Clause, Comparison, Complaint, Span};

/// How deep parentheses and negations may be nested.
const DEEPEST: usize = 32;

/// How long an expectation may be, in octets.
const LONGEST: usize = 4096;

pub(super) fn parse(text: &str) -> Result<Clause, Complaint> {
    if text.len() > LONGEST {
        return Err(Complaint { at: 1, why: format!("more than {LONGEST} octets") });
    }
    let mut reader = Reader { text, tokens: tokens(text)?.into_iter().peekable() };
    let clause = reader.any(0)?;
    match reader.tokens.next() {
        None => Ok(clause),
        Some((_, span)) => Err(reader.complain(span, "'&&' or '||' is needed before this")),
    }
}

struct Reader<'a> {
    text: &'a str,
    tokens: Peekable<IntoIter<(Token<'a>, Span)>>,
}

impl<'a> Reader<'a> {
    fn complain(&self, span: Span, why: impl Into<String>) -> Complaint {
        Complaint { at: place(self.text, span.from), why: why.into() }
    }

    fn next(&mut self, wanted: &str) -> Result<(Token<'a>, Span), Complaint> {
        let end = Span { from: self.text.len(), to: self.text.len() };
        self.tokens.next().ok_or_else(|| self.complain(end, format!("{wanted} is missing")))
    }

    fn any(&mut self, depth: usize) -> Result<Clause, Complaint> {
        self.joined(depth, Token::Or, Self::all, Claim::Any)
    }

    fn all(&mut self, depth: usize) -> Result<Clause, Complaint> {
        self.joined(depth, Token::And, Self::one, Claim::All)
    }

    fn joined(
        &mut self,
        depth: usize,
        sign: Token<'_>,
        inner: fn(&mut Self, usize) -> Result<Clause, Complaint>,
        join: fn(Vec<Clause>) -> Claim,
    ) -> Result<Clause, Complaint> {
        let first = inner(self, depth)?;
        let mut span = first.span;
        let mut clauses = vec![first];
        while self.tokens.next_if(|(token, _)| *token == sign).is_some() {
            let clause = inner(self, depth)?;
            span = span.join(clause.span);
            clauses.push(clause);
        }
        match clauses.len() {
            1 => Ok(clauses.remove(0)),
            _ => Ok(Clause { claim: join(clauses), span }),
        }
    }

    fn one(&mut self, depth: usize) -> Result<Clause, Complaint> {
        let (token, span) = self.next("a fact")?;
        if depth == DEEPEST {
            return Err(self.complain(span, format!("nested more than {DEEPEST} deep")));
        }
        match token {
            Token::Not => {
                let clause = self.one(depth + 1)?;
                let span = span.join(clause.span);
                Ok(Clause { claim: Claim::Not(Box::new(clause)), span })
            }
            Token::Open => self.inner(depth, span),
            Token::Word(name) => self.fact(name, span),
            _ => Err(self.complain(span, "a fact is needed here")),
        }
    }

    /// What comes after an opening parenthesis, and the closing one.
    fn inner(&mut self, depth: usize, open: Span) -> Result<Clause, Complaint> {
        let clause = self.any(depth + 1)?;
        match self.next("')'")? {
            (Token::Close, close) => Ok(Clause { claim: clause.claim, span: open.join(close) }),
            (_, span) => Err(self.complain(span, "'&&', '||' or ')' is needed before this")),
        }
    }

    fn fact(&mut self, name: &str, span: Span) -> Result<Clause, Complaint> {
        let Some(fact) = Fact::named(name) else {
            let known: Vec<_> = TABLE.iter().map(|(_, name, ..)| *name).collect();
            let why = format!("no fact is called {name}; there are {}", known.join(" "));
            return Err(self.complain(span, why));
        };
        let next = self.tokens.next_if(|(token, _)| matches!(token, Token::Compare(_)));
        match (fact.kind(), next) {
            (Kind::Flag, None) => Ok(Clause { claim: Claim::Flag(fact), span }),
            (Kind::Flag, Some((_, sign))) => {
                let why = format!("{name} is yes or no, and stands alone or after '!'");
                Err(self.complain(sign, why))
            }
            (kind, None) => {
                Err(self.complain(span, format!("{name} is compared with {}", wanted(kind))))
            }
            (kind, Some((Token::Compare(how), sign))) => {
                self.comparison((fact, kind, span), how, sign)
            }
            (_, Some((_, sign))) => Err(self.complain(sign, "a comparison is needed here")),
        }
    }

    fn comparison(
        &mut self,
        (fact, kind, span): (Fact, Kind, Span),
        how: Comparison,
        sign: Span,
    ) -> Result<Clause, Complaint> {
        let is_order = !matches!(how, Comparison::Equal | Comparison::Unequal);
        if is_order && matches!(kind, Kind::Word(_)) {
            let why = format!("{} is compared by '==' or '!='", fact.name());
            return Err(self.complain(sign, why));
        }
        let (token, at) = self.next(&wanted(kind))?;
        let value = match (kind, token) {
            (Kind::Number, Token::Number(number)) => Some(Value::Number(number)),
            (Kind::Time, Token::Time(time)) => Some(Value::Time(time)),
            (Kind::Word(words), Token::Word(word)) => {
                words.iter().find(|known| **known == word).map(|word| Value::Word(word))
            }
            _ => None,
        };
        let wrong = || format!("{} is compared with {}", fact.name(), wanted(kind));
        let value = value.ok_or_else(|| self.complain(at, wrong()))?;
        Ok(Clause { claim: Claim::Compare(fact, how, value), span: span.join(at) })
    }
}

fn wanted(kind: Kind) -> String {
    match kind {
        Kind::Flag => "nothing".to_owned(),
        Kind::Number => "a number".to_owned(),
        Kind::Time => "a time in us, ms or s".to_owned(),
        Kind::Word(words) => format!("one of {}", words.join(" ")),
    }
}
