//! The grammar: `or` binds loosest, then `and`, which may be left out, then `not`.

use std::fmt;
use std::net::IpAddr;

use super::super::States;
use super::ends::{self, BadEnd, Host};
use super::lex::{Token, tokens};
use super::words::states_named;
use super::{Order, Prefix, Side, Term};
use crate::Family;

/// What names in a filter mean.
pub trait Names {
    /// The addresses of a host, or why there are none.
    fn hosts(&self, name: &str, family: Family) -> Result<Vec<IpAddr>, String>;
    /// The port of a service.
    fn port(&self, service: &str) -> Option<u16>;
    /// The number of an interface.
    fn interface(&self, name: &str) -> Option<u32>;
    /// The number of a cgroup of version 2, or why there is none.
    fn cgroup(&self, path: &str) -> Result<u64, String>;
}

/// Where a filter stops making sense. What stood there is a stranger's: escape it before printing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    /// The character, counted from 1; one past the last where the filter ends too early.
    pub at: usize,
    /// What stands there; empty at the end.
    pub found: String,
    /// What should.
    pub expected: String,
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, found, expected } = self;
        match found.as_str() {
            "" => write!(f, "at {at}, where it ends: expected {expected}"),
            found => write!(f, "at {at}, '{found}': expected {expected}"),
        }
    }
}

impl std::error::Error for FilterError {}

/// In bytes.
const LONGEST: usize = 1 << 15;
/// Of `not` and brackets in each other.
const DEEPEST: usize = 64;

const A_TERM: &str = "src, dst, sport, dport, dev, fwmark, cgroup, autobound, not or '('";

pub(super) fn parse(text: &str, names: &dyn Names) -> Result<(Option<States>, Term), FilterError> {
    if text.len() > LONGEST {
        let expected = format!("a filter of at most {LONGEST} bytes");
        return Err(FilterError { at: LONGEST + 1, found: String::new(), expected });
    }
    let end = text.chars().count() + 1;
    let mut parser = Parser { tokens: tokens(text), next: 0, end, depth: 0, names };
    let states = parser.states()?;
    if parser.peek().is_none() {
        return Ok((states, Term::All(Vec::new())));
    }
    let term = parser.any()?;
    match parser.peek() {
        None => Ok((states, term)),
        Some(")") => Err(parser.expected("'(' before it")),
        Some(_) => Err(parser.expected(A_TERM)),
    }
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    next: usize,
    end: usize,
    depth: usize,
    names: &'a dyn Names,
}

/// Of ports.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    Unequal,
    Less,
    Greater,
    AtMost,
    AtLeast,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.tokens.get(self.next).map(|token| token.text)
    }

    fn skip_if(&mut self, words: &[&str]) -> bool {
        let is_one = self.peek().is_some_and(|word| words.contains(&word));
        self.next += usize::from(is_one);
        is_one
    }

    /// The next token is not what it should be.
    fn expected(&self, what: &str) -> FilterError {
        self.unexpected(self.next, what)
    }

    fn unexpected(&self, place: usize, what: &str) -> FilterError {
        let token = self.tokens.get(place);
        let (at, found) = token.map_or((self.end, ""), |token| (token.at, token.text));
        FilterError { at, found: found.to_owned(), expected: what.to_owned() }
    }

    /// A word that is no sign, handed to `read`.
    fn value<T>(
        &mut self,
        what: &str,
        read: impl FnOnce(&str) -> Result<T, BadEnd>,
    ) -> Result<T, FilterError> {
        let word = self.peek().filter(|word| !is_sign(word)).ok_or_else(|| self.expected(what))?;
        let value = read(word).map_err(|BadEnd(what)| self.expected(&what))?;
        self.next += 1;
        Ok(value)
    }

    fn states(&mut self) -> Result<Option<States>, FilterError> {
        const A_STATE: &str = "the name of a state, or all, connected, synchronized, bucket, big";
        let named = |word: &str| states_named(word).ok_or_else(|| BadEnd(A_STATE.to_owned()));
        let mut states = None;
        loop {
            states = if self.skip_if(&["state"]) {
                Some(states.unwrap_or(States::NONE) | self.value(A_STATE, named)?)
            } else if self.skip_if(&["exclude", "excl"]) {
                Some(states.unwrap_or(States::ALL).without(self.value(A_STATE, named)?))
            } else {
                return Ok(states);
            };
        }
    }

    fn any(&mut self) -> Result<Term, FilterError> {
        let mut terms = vec![self.all()?];
        while self.skip_if(&["or", "|", "||"]) {
            terms.push(self.all()?);
        }
        Ok(alone(terms, Term::Any))
    }

    fn all(&mut self) -> Result<Term, FilterError> {
        let mut terms = vec![self.not()?];
        loop {
            let is_said = self.skip_if(&["and", "&", "&&"]);
            let ends = matches!(self.peek(), None | Some("or" | "|" | "||" | ")"));
            if ends && !is_said {
                return Ok(alone(terms, Term::All));
            }
            terms.push(self.not()?);
        }
    }

    fn not(&mut self) -> Result<Term, FilterError> {
        if self.skip_if(&["not", "!"]) {
            let term = self.deeper(Self::not)?;
            return Ok(Term::Not(Box::new(term)));
        }
        if !self.skip_if(&["("]) {
            return self.single();
        }
        let term = self.deeper(Self::any)?;
        if self.skip_if(&[")"]) {
            return Ok(term);
        }
        Err(self.expected(&format!("')' or {A_TERM}")))
    }

    fn deeper(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Term, FilterError>,
    ) -> Result<Term, FilterError> {
        if self.depth == DEEPEST {
            return Err(self.expected(&format!("at most {DEEPEST} of '(' and not in each other")));
        }
        self.depth += 1;
        let term = read(self)?;
        self.depth -= 1;
        Ok(term)
    }

    fn single(&mut self) -> Result<Term, FilterError> {
        let place = self.next;
        self.next += 1;
        match self.tokens.get(place).map(|token| token.text) {
            Some("src") => self.host(Side::Local),
            Some("dst") => self.host(Side::Remote),
            Some("sport") => self.port(Side::Local),
            Some("dport") => self.port(Side::Remote),
            Some("dev") => self.interface(),
            Some("fwmark") => self.mark(),
            Some("cgroup") => self.cgroup(),
            Some("autobound") => Ok(Term::Autobound),
            Some("state" | "exclude" | "excl") => {
                Err(self.unexpected(place, "states before everything else"))
            }
            _ => Err(self.unexpected(place, A_TERM)),
        }
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let comparison = match self.peek()? {
            "=" | "==" | "eq" => Comparison::Equal,
            "!=" | "ne" | "neq" => Comparison::Unequal,
            "<" | "lt" => Comparison::Less,
            ">" | "gt" => Comparison::Greater,
            "<=" | "le" | "leq" => Comparison::AtMost,
            ">=" | "ge" | "geq" => Comparison::AtLeast,
            _ => return None,
        };
        self.next += 1;
        Some(comparison)
    }

    /// A comparison for which there is no more or less, and what is compared. Without one it is `=`.
    fn equality<T>(
        &mut self,
        what: &str,
        read: impl FnOnce(&str) -> Result<T, BadEnd>,
        term: impl FnOnce(T) -> Term,
    ) -> Result<Term, FilterError> {
        let is_equal = match self.comparison().unwrap_or(Comparison::Equal) {
            Comparison::Equal => true,
            Comparison::Unequal => false,
            _ => return Err(self.unexpected(self.next - 1, "= or !=")),
        };
        let term = term(self.value(what, read)?);
        Ok(if is_equal { term } else { Term::Not(Box::new(term)) })
    }

    fn host(&mut self, side: Side) -> Result<Term, FilterError> {
        let names = self.names;
        self.equality(
            "a host",
            |word| ends::host(word, names),
            |host| match host {
                Host::Unix(glob) => Term::Name(side, glob),
                Host::Inet(networks, port) => inet(side, networks, port, Comparison::Equal),
            },
        )
    }

    fn port(&mut self, side: Side) -> Result<Term, FilterError> {
        const WHAT: &str = "a port, 0 to 65535, or the name of a service";
        let comparison = self.comparison().unwrap_or(Comparison::Equal);
        let names = self.names;
        let has_order = !matches!(comparison, Comparison::Equal | Comparison::Unequal);
        self.value(WHAT, |word| match ends::port(word, names)? {
            Host::Inet(networks, port) if port.is_some() || !has_order => {
                Ok(inet(side, networks, port, comparison))
            }
            _ => Err(BadEnd(WHAT.to_owned())),
        })
    }

    fn interface(&mut self) -> Result<Term, FilterError> {
        const WHAT: &str = "the name or the number of an interface";
        let names = self.names;
        let read = |word: &str| {
            let number = names.interface(word).or_else(|| word.parse().ok());
            number.ok_or_else(|| BadEnd(WHAT.to_owned()))
        };
        self.equality(WHAT, read, Term::Interface)
    }

    fn mark(&mut self) -> Result<Term, FilterError> {
        const WHAT: &str = "a mark, or MARK/MASK, of 32 bits each";
        let read = |word: &str| mark(word).ok_or_else(|| BadEnd(WHAT.to_owned()));
        self.equality(WHAT, read, |(value, mask)| Term::Mark { value, mask })
    }

    fn cgroup(&mut self) -> Result<Term, FilterError> {
        const WHAT: &str = "the path of a cgroup of version 2";
        let names = self.names;
        let read = |word: &str| names.cgroup(word).map_err(|why| BadEnd(format!("{WHAT} ({why})")));
        self.equality(WHAT, read, Term::Cgroup)
    }
}

/// One that stands alone is itself.
fn alone(mut terms: Vec<Term>, of: impl FnOnce(Vec<Term>) -> Term) -> Term {
    if terms.len() == 1 { terms.remove(0) } else { of(terms) }
}

/// Networks and a port of one end. The opposite is of the port: the family, where one is said, stays.
fn inet(side: Side, networks: Vec<Prefix>, port: Option<u16>, comparison: Comparison) -> Term {
    let mut terms = Vec::new();
    if !networks.is_empty() {
        terms.push(Term::Address(side, networks));
    }
    let is = |order, port| Term::Port(side, order, port);
    let not = |term| Term::Not(Box::new(term));
    let none = || not(Term::All(Vec::new()));
    match (comparison, port) {
        (Comparison::Unequal, None) => terms.push(none()),
        (_, None) => {}
        (Comparison::Equal, Some(port)) => terms.push(is(Order::Equal, port)),
        (Comparison::Unequal, Some(port)) => terms.push(not(is(Order::Equal, port))),
        (Comparison::AtLeast, Some(port)) => terms.push(is(Order::AtLeast, port)),
        (Comparison::AtMost, Some(port)) => terms.push(is(Order::AtMost, port)),
        (Comparison::Less, Some(port)) => terms.push(not(is(Order::AtLeast, port))),
        (Comparison::Greater, Some(port)) => terms.push(not(is(Order::AtMost, port))),
    }
    // Any at all is still said of an address: `dst *` is of no socket of unix(7).
    if terms.is_empty() { Term::Address(side, Vec::new()) } else { alone(terms, Term::All) }
}

fn mark(word: &str) -> Option<(u32, u32)> {
    let (value, mask) = word.split_once('/').unwrap_or((word, "0xffffffff"));
    Some((number(value)?, number(mask)?))
}

/// Decimal, or hexadecimal behind `0x`.
fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x").or(text.strip_prefix("0X")) {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

fn is_sign(word: &str) -> bool {
    matches!(
        word,
        "=" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "!" | "&" | "&&" | "|" | "||" | "(" | ")"
    )
}
