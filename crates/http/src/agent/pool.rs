//! Connections that are kept, and found again.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use tokio::sync::Notify;

use crate::agent::exchange::Line;
use crate::event::Event;
use crate::failure::Failure;
use crate::head::Version;
use crate::spec::Versions;
use crate::tell::Tell;
use crate::transport::{self, Connection, Key, Want};

/// Connections that are kept.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    state: Rc<transport::State>,
    /// Idle ones of HTTP/1, the one used last behind the others; and all of HTTP/2 and 3.
    kept: RefCell<Vec<Held>>,
    /// Connections that are being made, and may turn out to carry many exchanges.
    pending: RefCell<Vec<(Key, Rc<Notify>)>>,
    most_idle: Cell<usize>,
    is_immediate: Cell<bool>,
}

/// A connection in use, or kept.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) line: Line,
    pub(crate) about: Rc<About>,
    /// Whether it carried something before.
    pub(crate) is_reused: bool,
}

/// What is known of a connection.
#[derive(Debug)]
pub(crate) struct About {
    pub(crate) number: u64,
    pub(crate) version: Version,
    pub(crate) local: Option<std::net::SocketAddr>,
    pub(crate) remote: Option<std::net::SocketAddr>,
    pub(crate) proxy: Option<transport::Proxy>,
    pub(crate) is_absolute: bool,
    pub(crate) tls: Option<crate::tls::Facts>,
    pub(crate) key: Key,
    /// What TLS says after its handshake.
    pub(crate) late: Option<transport::tls::Late>,
    connect_status: u16,
}

impl About {
    fn of(connection: &mut Connection) -> Self {
        Self {
            number: connection.number,
            version: connection.version,
            local: connection.local,
            remote: connection.remote,
            proxy: connection.proxy.clone(),
            is_absolute: connection.is_absolute,
            tls: connection.tls.clone(),
            key: connection.key.clone(),
            late: connection.late.take(),
            connect_status: connection.connect_status,
        }
    }

    /// Whether it speaks what is wanted.
    fn speaks(&self, versions: Versions) -> bool {
        match versions {
            Versions::Http10 | Versions::Http11 => self.version <= Version::Http11,
            Versions::Http2PriorKnowledge => self.version == Version::Http2,
            Versions::Http3Only => self.version == Version::Http3,
            Versions::Usual | Versions::Http2 => self.version != Version::Http3,
            Versions::Http3 => true,
        }
    }
}

impl Pool {
    pub(crate) fn new(most_idle: usize) -> Self {
        Self { most_idle: Cell::new(most_idle), ..Self::default() }
    }

    /// As many are kept as there are transfers at a time: else some are closed only to be opened again.
    pub(crate) fn keep_at_least(&self, most: usize) {
        self.most_idle.set(self.most_idle.get().max(most));
    }

    /// Nobody waits for a connection that may come to carry more.
    pub(crate) fn set_immediate(&self, is_immediate: bool) {
        self.is_immediate.set(is_immediate);
    }

    /// Whether a server is owed a goodbye.
    pub(crate) fn has_goodbyes(&self) -> bool {
        self.kept.borrow().iter().any(|held| matches!(held.line, Line::H3(_)))
    }

    /// A connection: one that is kept, or a new one.
    pub(crate) async fn get(
        &self,
        want: Want<'_>,
        is_fresh: bool,
        tell: &Tell,
    ) -> Result<Held, Failure> {
        let key = Key::of(want)?;
        if is_fresh {
            return self.open(want, tell).await;
        }
        loop {
            if let Some(held) = self.find(&key, want.versions) {
                tell_reused(&held.about, tell);
                return Ok(held);
            }
            let Some(pending) = self.pending(&key, want) else { break };
            pending.notified().await;
        }
        if !may_multiplex(want) {
            return self.open(want, tell).await;
        }
        let _announced = self.announce(key);
        self.open(want, tell).await
    }

    fn find(&self, key: &Key, versions: Versions) -> Option<Held> {
        let mut kept = self.kept.borrow_mut();
        let fits = |held: &Held| held.about.key == *key && held.about.speaks(versions);
        // Only those that would be taken are looked at: that is a system call each.
        let place = loop {
            let place = kept.iter().rposition(fits)?;
            if kept.get(place)?.line.is_usable() {
                break place;
            }
            kept.remove(place);
        };
        let shared = kept.get(place).and_then(|held| {
            held.line.share().map(|line| Held {
                line,
                about: Rc::clone(&held.about),
                is_reused: true,
            })
        });
        Some(shared.unwrap_or_else(|| kept.remove(place)))
    }

    /// A connection that is being made, which may do for this, too.
    fn pending(&self, key: &Key, want: Want<'_>) -> Option<Rc<Notify>> {
        if self.is_immediate.get() || !may_multiplex(want) {
            return None;
        }
        let pending = self.pending.borrow();
        pending.iter().find(|(one, _)| one == key).map(|(_, notify)| Rc::clone(notify))
    }

    /// Others wait for what becomes of it, for as long as what is returned is there.
    fn announce(&self, key: Key) -> Announced<'_> {
        let notify = Rc::new(Notify::new());
        self.pending.borrow_mut().push((key, Rc::clone(&notify)));
        Announced { pool: self, notify }
    }

    async fn open(&self, want: Want<'_>, tell: &Tell) -> Result<Held, Failure> {
        // Much is kept while a connection is made: not in every transfer.
        let mut connection = Box::pin(transport::connect(want, &self.state, tell)).await?;
        let about = Rc::new(About::of(&mut connection));
        let line = Box::pin(Line::new(connection)).await?;
        if let Some(line) = line.share() {
            let held = Held { line, about: Rc::clone(&about), is_reused: true };
            self.kept.borrow_mut().push(held);
        }
        Ok(Held { line, about, is_reused: false })
    }

    /// Keeps one that can carry more.
    pub(crate) fn put(&self, held: Held) {
        if !matches!(held.line, Line::H1(_)) {
            return;
        }
        let mut kept = self.kept.borrow_mut();
        let idle = kept.iter().filter(|one| matches!(one.line, Line::H1(_))).count();
        if idle >= self.most_idle.get()
            && let Some(oldest) = kept.iter().position(|one| matches!(one.line, Line::H1(_)))
        {
            kept.remove(oldest);
        }
        if self.most_idle.get() > 0 {
            kept.push(Held { is_reused: true, ..held });
        }
    }

    /// Forgets one that cannot.
    pub(crate) fn forget(&self, number: u64) {
        self.kept.borrow_mut().retain(|held| held.about.number != number);
    }

    /// Closes them all; says goodbye where that is polite.
    pub(crate) async fn close(&self) {
        let kept = std::mem::take(&mut *self.kept.borrow_mut());
        for held in kept {
            if let Line::H3(line) = &held.line {
                line.close().await;
            }
        }
    }
}

/// A connection that others wait for.
struct Announced<'a> {
    pool: &'a Pool,
    notify: Rc<Notify>,
}

impl Drop for Announced<'_> {
    fn drop(&mut self) {
        self.pool.pending.borrow_mut().retain(|(_, notify)| !Rc::ptr_eq(notify, &self.notify));
        self.notify.notify_waiters();
    }
}

fn may_multiplex(want: Want<'_>) -> bool {
    match want.versions {
        Versions::Http10 | Versions::Http11 => false,
        Versions::Usual | Versions::Http2 => want.url.is_secure(),
        Versions::Http2PriorKnowledge | Versions::Http3 | Versions::Http3Only => true,
    }
}

fn tell_reused(about: &About, tell: &Tell) {
    {
        let mut recorder = tell.recorder();
        recorder.report.is_proxied = about.proxy.is_some();
        recorder.report.tls.clone_from(&about.tls);
        recorder.report.connect_status = about.connect_status;
    }
    let (local, remote) = (about.local, about.remote);
    tell.event(&Event::Reused { connection: about.number, local, remote });
    tell.event(&Event::Ready { version: about.version });
}
