use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

mod hooks;
mod names;
mod records;

use records::{APPLICATION_DATA, HANDSHAKE, Hello, Reader, SERVER_HELLO, Seen};

pub(crate) use hooks::{Answerer, Keys, Slot, Store, scheme};
pub(crate) use names::alert as alert_name;

use crate::facts::Asked;
use crate::step::{Step, What};

/// Sees a handshake from outside: every record that comes and goes, and what is made of it. Clones are the same one.
///
/// It is told of octets by whoever moves them ([`Recorder::received`], [`Recorder::sent`]), and of what they mean by
/// the hooks that [`Client::config_for`](crate::Client::config_for) puts into rustls. Under QUIC, which has no records,
/// there are the hooks alone.
#[derive(Clone)]
pub struct Recorder {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Box<dyn Fn() -> Duration + Send + Sync>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Not taken yet.
    steps: Vec<Step>,
    /// How many there were.
    count: usize,
    inward: Reader,
    outward: Reader,
    /// When octets came last; `None` where nobody tells of them.
    arrival: Option<Duration>,
    is_13: bool,
    /// Encrypted records have come: the first of them begins with `EncryptedExtensions`.
    is_encrypted: bool,
    /// The server is done; what we send next is our last flight.
    is_answering: bool,
    has_answered: bool,
    asked: Option<Asked>,
    signature: Option<String>,
    /// What came first, to say what it is where it is no TLS.
    beginning: Vec<u8>,
    is_not_tls: bool,
    has_checked: bool,
}

/// A handshake has some twenty; nobody can make us keep more than this.
const MOST: usize = 256;
/// Octets of what is no TLS that are kept.
const BEGINNING: usize = 64;

impl Recorder {
    /// With a clock: since the transfer began.
    pub fn new(clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self { inner: Arc::new(Inner { clock: Box::new(clock), state: Mutex::default() }) }
    }

    /// Octets came, as they are on the wire.
    pub fn received(&self, octets: &[u8]) {
        if octets.is_empty() {
            return;
        }
        let now = self.now();
        let mut state = self.state();
        state.arrival = Some(now);
        let missing = BEGINNING.saturating_sub(state.beginning.len()).min(octets.len());
        state.beginning.extend_from_slice(octets.get(..missing).unwrap_or_default());
        let mut reader = std::mem::take(&mut state.inward);
        reader.feed(octets, &mut |reader, seen| state.came(reader, now, seen));
        state.inward = reader;
    }

    /// Octets went, as they are on the wire.
    pub fn sent(&self, octets: &[u8]) {
        let now = self.now();
        let mut state = self.state();
        let mut reader = std::mem::take(&mut state.outward);
        reader.feed(octets, &mut |reader, seen| state.went(reader, now, &seen));
        state.outward = reader;
    }

    /// The handshake is done, in this manner.
    pub fn done(&self, kind: &str) {
        let now = self.now();
        self.state().push(Step {
            at: now,
            took: None,
            sent: false,
            what: What::Done(kind.to_owned()),
            octets: 0,
        });
    }

    /// What was seen since this was asked last, in order.
    #[must_use]
    pub fn take(&self) -> Vec<Step> {
        std::mem::take(&mut self.state().steps)
    }

    /// On its clock.
    #[must_use]
    pub fn now(&self) -> Duration {
        (self.inner.clock)()
    }

    /// What the server said when it asked for a certificate, where it did.
    #[must_use]
    pub fn certificate_request(&self) -> Option<Asked> {
        self.state().asked.clone()
    }

    /// How the server signed, where it did.
    #[must_use]
    pub fn signature(&self) -> Option<String> {
        self.state().signature.clone()
    }

    /// The first octets that came, where they are no TLS. A stranger's.
    #[must_use]
    pub fn not_tls(&self) -> Option<Vec<u8>> {
        let state = self.state();
        state.is_not_tls.then(|| state.beginning.clone())
    }

    /// Whether a chain of certificates was checked: in a resumed session there is none.
    #[must_use]
    pub fn has_checked(&self) -> bool {
        self.state().has_checked
    }

    /// Whether anything came at all.
    #[must_use]
    pub fn has_received(&self) -> bool {
        self.state().arrival.is_some()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the hooks tell.
impl Recorder {
    pub(crate) fn keys(&self, label: &str) {
        let now = self.now();
        self.state().keys(now, label);
    }

    pub(crate) fn asked(&self, asked: Asked) {
        let now = self.now();
        let mut state = self.state();
        state.asked = Some(asked);
        if state.is_13 || state.arrival.is_none() {
            state.understood(now, 13);
        }
    }

    pub(crate) fn ticket(&self) {
        let now = self.now();
        self.state().message(now, false, 4, 0);
    }

    /// A chain was checked, from `began` until now.
    pub(crate) fn checked(&self, began: Duration, certificates: usize) {
        let now = self.now();
        let mut state = self.state();
        state.has_checked = true;
        if state.is_13 || state.arrival.is_none() {
            state.understood(began, 11);
        }
        let took = Some(now.saturating_sub(began));
        state.push(Step {
            at: began,
            took,
            sent: false,
            what: What::ChainChecked(certificates),
            octets: 0,
        });
    }

    /// The server's signature was checked.
    pub(crate) fn signed(&self, scheme: String) {
        let now = self.now();
        let mut state = self.state();
        state.signature = Some(scheme);
        if state.is_13 || state.arrival.is_none() {
            state.understood(now, 15);
        }
    }
}

impl State {
    fn push(&mut self, step: Step) {
        if self.count < MOST {
            self.count = self.count.saturating_add(1);
            self.steps.push(step);
        }
    }

    fn message(&mut self, at: Duration, sent: bool, number: u8, octets: usize) {
        let what = What::Message(names::message(number), number);
        self.push(Step { at, took: None, sent, what, octets });
    }

    /// An encrypted message of the server's, of which is known that it was dealt with just now.
    fn understood(&mut self, now: Duration, number: u8) {
        let at = self.arrival.unwrap_or(now);
        self.message(at, false, number, 0);
        if let Some(step) = self.steps.last_mut() {
            step.took = Some(now.saturating_sub(at));
        }
    }

    /// A message in the clear was dealt with just now.
    fn processed(&mut self, now: Duration, number: u8) {
        let is_it = |step: &&mut Step| {
            !step.sent && matches!(step.what, What::Message(_, one) if one == number)
        };
        if let Some(step) = self.steps.iter_mut().rev().find(is_it) {
            step.took = step.took.or(Some(now.saturating_sub(step.at)));
        }
    }

    fn keys(&mut self, now: Duration, label: &str) {
        match label {
            "CLIENT_HANDSHAKE_TRAFFIC_SECRET" => self.processed(now, SERVER_HELLO),
            "CLIENT_RANDOM" => self.processed(now, 14),
            "CLIENT_TRAFFIC_SECRET_0" | "SERVER_TRAFFIC_SECRET_0" if !self.is_answering => {
                self.is_answering = true;
                self.understood(now, 20);
            }
            _ => {}
        }
        let what = What::Keys(label.to_owned());
        self.push(Step { at: now, took: None, sent: false, what, octets: 0 });
    }

    fn came(&mut self, reader: &mut Reader, now: Duration, seen: Seen) {
        match seen {
            Seen::Message { number: SERVER_HELLO, length, hello } => {
                self.hello(now, length, &hello);
            }
            Seen::Message { number, length, .. } => self.message(now, false, number, length),
            Seen::ChangeCipherSpec => {
                reader.is_encrypted = !self.is_13;
                self.changes(now, false);
            }
            Seen::Encrypted { kind: HANDSHAKE, length } => self.message(now, false, 20, length),
            Seen::Encrypted { kind, length } => {
                self.encrypted(now, false, length);
                if kind == APPLICATION_DATA && self.is_13 && !self.is_encrypted {
                    self.is_encrypted = true;
                    self.message(now, false, 8, 0);
                }
            }
            Seen::Alert(number) => self.alert(now, false, number),
            Seen::NotTls => self.is_not_tls = true,
        }
    }

    fn went(&mut self, reader: &mut Reader, now: Duration, seen: &Seen) {
        match *seen {
            Seen::Message { number, length, .. } => self.message(now, true, number, length),
            Seen::ChangeCipherSpec => {
                reader.is_encrypted = !self.is_13;
                self.changes(now, true);
            }
            Seen::Encrypted { kind: HANDSHAKE, length } => self.message(now, true, 20, length),
            Seen::Encrypted { length, .. } => {
                self.encrypted(now, true, length);
                self.answer(now);
            }
            Seen::Alert(number) => self.alert(now, true, number),
            Seen::NotTls => {}
        }
    }

    fn hello(&mut self, now: Duration, length: usize, hello: &[u8]) {
        let hello = Hello::read(hello);
        self.is_13 |= hello.is_13;
        self.message(now, false, SERVER_HELLO, length);
        if let (true, Some(step)) = (hello.is_retry, self.steps.last_mut()) {
            step.what = What::Message("HelloRetryRequest", SERVER_HELLO);
        }
    }

    /// What our last flight in TLS 1.3 has in it (RFC 8446 §4.4).
    fn answer(&mut self, now: Duration) {
        if !self.is_answering || self.has_answered {
            return;
        }
        self.has_answered = true;
        let certificate = self.asked.as_ref().map(|asked| asked.answered);
        if let Some(answered) = certificate {
            self.message(now, true, 11, 0);
            if answered {
                self.message(now, true, 15, 0);
            }
        }
        self.message(now, true, 20, 0);
    }

    fn encrypted(&mut self, at: Duration, sent: bool, octets: usize) {
        self.push(Step { at, took: None, sent, what: What::Encrypted, octets });
    }

    fn changes(&mut self, at: Duration, sent: bool) {
        self.push(Step { at, took: None, sent, what: What::ChangeCipherSpec, octets: 6 });
    }

    fn alert(&mut self, at: Duration, sent: bool, number: u8) {
        let what = What::Alert(names::alert(number));
        self.push(Step { at, took: None, sent, what, octets: 7 });
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
