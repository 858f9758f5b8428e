//! Filters for the kernel: `struct inet_diag_bc_op` (`linux/inet_diag.h`), one after the other.
//!
//! Each instruction asks one thing. Yes goes on to the next one, no jumps ahead. Whoever arrives at the
//! end is let through; who jumps four octets past it is not (`inet_diag_bc_run`).

use std::net::IpAddr;

use super::super::diag::{AF_INET, AF_INET6};
use super::{Order, Prefix, Side, Term};

/// `INET_DIAG_BC_*`.
mod codes {
    pub(super) const JUMP: u8 = 1;
    pub(super) const LOCAL_AT_LEAST: u8 = 2;
    pub(super) const LOCAL_AT_MOST: u8 = 3;
    pub(super) const REMOTE_AT_LEAST: u8 = 4;
    pub(super) const REMOTE_AT_MOST: u8 = 5;
    pub(super) const AUTOBOUND: u8 = 6;
    pub(super) const LOCAL: u8 = 7;
    pub(super) const REMOTE: u8 = 8;
    pub(super) const INTERFACE: u8 = 9;
    pub(super) const MARK: u8 = 10;
    pub(super) const CGROUP: u8 = 13;
}

/// Of a netlink attribute, whose length is of 16 bits as the jumps are, some is for its header.
const MOST: usize = 65_000;

/// `None` for nothing to ask, or more than there is room for.
pub(super) fn compile(term: &Term) -> Option<Vec<u8>> {
    let mut program = Program::default();
    let (accepts, rejects) = (program.label(), program.label());
    program.term(term, Ways { yes: accepts, no: rejects, next: accepts });
    program.bind(accepts);
    let end = program.code.len();
    program.places[rejects.0] = end + 4;
    (1..=MOST).contains(&end).then_some(())?;
    program.finish()
}

/// A place in the program that may not be known yet.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Label(usize);

/// Where to go on, and what stands right behind.
#[derive(Clone, Copy)]
struct Ways {
    yes: Label,
    no: Label,
    next: Label,
}

#[derive(Default)]
struct Program {
    code: Vec<u8>,
    /// Of the labels.
    places: Vec<usize>,
    /// Instructions, and where each jumps.
    jumps: Vec<(usize, Label)>,
}

impl Program {
    fn label(&mut self) -> Label {
        self.places.push(0);
        Label(self.places.len() - 1)
    }

    fn bind(&mut self, label: Label) {
        self.places[label.0] = self.code.len();
    }

    fn term(&mut self, term: &Term, ways: Ways) {
        // What has grown too large is thrown away, and needs not grow more.
        if self.code.len() > MOST {
            return;
        }
        match term {
            Term::All(terms) => self.all(terms, ways),
            Term::Any(terms) => self.any(terms, ways),
            Term::Not(term) => {
                self.term(term, Ways { yes: ways.no, no: ways.yes, ..ways });
            }
            Term::Address(side, prefixes) => self.address(*side, prefixes, ways),
            Term::Port(side, order, port) => self.port(*side, *order, *port, ways),
            Term::Interface(index) => self.ask(codes::INTERFACE, &index.to_ne_bytes(), ways),
            Term::Mark { value, mask } => {
                let both = [value.to_ne_bytes(), mask.to_ne_bytes()];
                self.ask(codes::MARK, both.as_flattened(), ways);
            }
            Term::Cgroup(id) => self.ask(codes::CGROUP, &id.to_ne_bytes(), ways),
            Term::Autobound => self.ask(codes::AUTOBOUND, &[], ways),
            // Of sockets that are asked for another way.
            Term::Name(..) => self.go(ways.no, ways),
        }
    }

    fn all(&mut self, terms: &[Term], ways: Ways) {
        let Some((last, others)) = terms.split_last() else { return self.go(ways.yes, ways) };
        for term in others {
            let next = self.label();
            self.term(term, Ways { yes: next, no: ways.no, next });
            self.bind(next);
        }
        self.term(last, ways);
    }

    fn any(&mut self, terms: &[Term], ways: Ways) {
        let Some((last, others)) = terms.split_last() else { return self.go(ways.no, ways) };
        for term in others {
            let next = self.label();
            self.term(term, Ways { yes: ways.yes, no: next, next });
            self.bind(next);
        }
        self.term(last, ways);
    }

    fn address(&mut self, side: Side, prefixes: &[Prefix], ways: Ways) {
        let Some((last, others)) = prefixes.split_last() else { return self.go(ways.yes, ways) };
        for prefix in others {
            let next = self.label();
            self.ask(condition(side), &network(*prefix), Ways { yes: ways.yes, no: next, next });
            self.bind(next);
        }
        self.ask(condition(side), &network(*last), ways);
    }

    fn port(&mut self, side: Side, order: Order, port: u16, ways: Ways) {
        let code = match (side, order) {
            (_, Order::Equal) => return self.ask(condition(side), &port_is(port), ways),
            (Side::Local, Order::AtLeast) => codes::LOCAL_AT_LEAST,
            (Side::Local, Order::AtMost) => codes::LOCAL_AT_MOST,
            (Side::Remote, Order::AtLeast) => codes::REMOTE_AT_LEAST,
            (Side::Remote, Order::AtMost) => codes::REMOTE_AT_MOST,
        };
        let [a, b] = port.to_ne_bytes();
        // Where an instruction would have its second jump.
        self.ask(code, &[0, 0, a, b], ways);
    }

    /// Asks the kernel something, and goes where it says.
    fn ask(&mut self, code: u8, operand: &[u8], ways: Ways) {
        self.jumps.push((self.code.len(), ways.no));
        let length = u8::try_from(4 + operand.len()).unwrap_or(4);
        self.code.extend([code, length, 0, 0]);
        self.code.extend(operand);
        self.go(ways.yes, ways);
    }

    /// Goes there, if that is not what comes next.
    fn go(&mut self, to: Label, ways: Ways) {
        if to != ways.next {
            self.jumps.push((self.code.len(), to));
            self.code.extend([codes::JUMP, 4, 0, 0]);
        }
    }

    /// Fills the jumps in.
    fn finish(mut self) -> Option<Vec<u8>> {
        for (from, to) in &self.jumps {
            let length = u16::try_from(self.places[to.0].checked_sub(*from)?).ok()?;
            self.code[from + 2..from + 4].copy_from_slice(&length.to_ne_bytes());
        }
        Some(self.code)
    }
}

const fn condition(side: Side) -> u8 {
    match side {
        Side::Local => codes::LOCAL,
        Side::Remote => codes::REMOTE,
    }
}

/// `struct inet_diag_hostcond` without an address.
fn port_is(port: u16) -> [u8; 8] {
    let [a, b, c, d] = i32::from(port).to_ne_bytes();
    [0, 0, 0, 0, a, b, c, d]
}

/// The same without a port.
fn network(prefix: Prefix) -> Vec<u8> {
    let family = if prefix.address.is_ipv4() { AF_INET } else { AF_INET6 };
    let mut condition = vec![family, prefix.length, 0, 0];
    condition.extend((-1_i32).to_ne_bytes());
    match prefix.address {
        IpAddr::V4(address) => condition.extend(address.octets()),
        IpAddr::V6(address) => condition.extend(address.octets()),
    }
    condition
}
