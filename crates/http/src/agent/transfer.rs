//! One transfer: tries, and within each the requests that follow from each other.

mod verdict;

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::agent::core::Core;
use crate::agent::delivery::Delivery;
use crate::agent::exchange::{Broken, Then};
use crate::agent::hop::{Hop, is_spoken};
use crate::agent::pool::Held;
use crate::agent::request::{self, Request, Shown};
use crate::agent::retry::{self, Pauses};
use crate::agent::{limits, race};
use crate::auth::Authenticator;
use crate::event::{Event, Why};
use crate::failure::{Failure, Kind};
use crate::spec::{Body, Spec, Versions};
use crate::tell::Tell;
use crate::transport::Want;
use crate::url::Url;

/// One transfer.
pub(crate) struct Transfer {
    pub(crate) core: std::rc::Rc<Core>,
    pub(crate) tell: Tell,
    pub(crate) spec: Arc<Spec>,
    url: Url,
    pauses: RefCell<Pauses>,
    /// What is shown to servers, and to a proxy that requests are sent to.
    logins: RefCell<Logins>,
    /// Another try is due after the response that is being read.
    planned: RefCell<Option<Planned>>,
    /// The server takes no Expect.
    without_expect: Cell<bool>,
    /// The server speaks HTTP/1.1 and nothing above.
    only_11: Cell<bool>,
    /// Stdin was read: it cannot be sent again.
    is_spent: Cell<bool>,
    /// The last request asked whether its body is wanted.
    has_offered: Cell<bool>,
    /// The last request's body stayed at home, for a challenge that was expected; and whether that is to be so again.
    body_at_home: Cell<bool>,
    sends_all: Cell<bool>,
}

#[derive(Default)]
struct Logins {
    /// For the server whose URL this is.
    server: Option<(Url, Option<Authenticator>)>,
    proxy: Option<Authenticator>,
}

/// Another try.
#[derive(Clone, Debug)]
struct Planned {
    why: &'static str,
    after: Duration,
    was_cut: bool,
    left: u32,
    /// What this try came to, where that is a failure.
    failure: Option<Failure>,
}

/// What becomes of a response.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It is what was asked for.
    Deliver,
    /// It is not looked at; the transfer is well.
    Pass,
    /// It leads to another request.
    Follow(Box<Hop>),
    /// It is read, and the transfer fails.
    Fail(Failure),
}

impl Transfer {
    pub(crate) fn new(core: std::rc::Rc<Core>, tell: Tell, spec: Arc<Spec>, url: Url) -> Self {
        let pauses = RefCell::new(Pauses::new(&spec.retry));
        Self {
            core,
            tell,
            spec,
            url,
            pauses,
            logins: RefCell::default(),
            planned: RefCell::default(),
            without_expect: Cell::new(false),
            only_11: Cell::new(false),
            is_spent: Cell::new(false),
            has_offered: Cell::new(false),
            body_at_home: Cell::new(false),
            sends_all: Cell::new(false),
        }
    }

    /// All of it.
    pub(crate) async fn run(&self) -> Result<(), Failure> {
        let began = Instant::now();
        let mut resume = self.spec.request.resume_from;
        let mut why = Why::First;
        loop {
            let outcome = self.attempt(resume, why).await;
            let planned = self.planned.take();
            let Some(planned) = planned.or_else(|| self.plan(outcome.as_ref().err(), began)) else {
                return outcome;
            };
            self.pause(&planned).await;
            resume = resume.max(self.tell.observer().restart()?);
            why = Why::Retry;
        }
    }

    /// Whether a failure passes.
    fn plan(&self, failure: Option<&Failure>, began: Instant) -> Option<Planned> {
        let retry = &self.spec.retry;
        if retry.count == 0 || failure.is_none_or(|failure| failure.kind == Kind::Write) {
            return None;
        }
        let why = retry::reason(failure, self.tell.recorder().report.head.as_ref(), retry)?;
        let planned = self.pause_for(why, None, began)?;
        Some(Planned { failure: failure.cloned(), ..planned })
    }

    fn pause_for(
        &self,
        why: &'static str,
        asked: Option<Duration>,
        began: Instant,
    ) -> Option<Planned> {
        let spent = began.elapsed();
        match self.pauses.borrow_mut().then(&self.spec.retry, spent, asked) {
            retry::Then::Again { after, was_cut, left } => {
                Some(Planned { why, after, was_cut, left, failure: None })
            }
            retry::Then::Enough(why) => {
                if let Some(why) = why {
                    self.tell.note(why);
                }
                None
            }
        }
    }

    async fn pause(&self, planned: &Planned) {
        let Planned { why, after, was_cut, left, failure } = planned.clone();
        if was_cut {
            self.tell.note("the server asks for a longer pause (Retry-After) than is made");
        }
        // What `left` counts is after this one; people are told what was left before it.
        let left = left.saturating_add(1);
        self.tell.event(&Event::Retrying { why: why.to_owned(), after, left, failure });
        sleep(after).await;
    }

    /// One try, within its limits.
    async fn attempt(&self, resume: u64, why: Why) -> Result<(), Failure> {
        self.tell.recorder().begin_again(self.tell.now());
        self.tell.counters.reset();
        let guard = limits::guard(&self.spec.limits, &self.tell, Instant::now());
        race(self.hops(resume, why), async { Err(guard.await) }).await
    }

    async fn hops(&self, resume: u64, why: Why) -> Result<(), Failure> {
        let schemes = &self.spec.redirects.schemes;
        if !schemes.contains(&self.url.scheme) || !is_spoken(&self.url.scheme) {
            let scheme = &self.url.scheme;
            let what = if is_spoken(scheme) { "is disabled" } else { "not supported" };
            return Err(Failure::new(
                Kind::UnsupportedProtocol,
                format!("Protocol \"{scheme}\" {what}"),
            ));
        }
        let mut hop = Hop::first(self.url.clone(), &self.spec, resume, why);
        self.upgrade(&mut hop);
        hop.origin = hop.url.clone();
        loop {
            match self.hop(&hop).await? {
                Verdict::Deliver => return self.final_failure().map_or(Ok(()), Err),
                Verdict::Pass => return Ok(()),
                Verdict::Fail(failure) => return Err(failure),
                Verdict::Follow(next) => hop = *next,
            }
            self.upgrade(&mut hop);
        }
    }

    /// Hosts that are known to want TLS get it (RFC 6797 §8.3).
    fn upgrade(&self, hop: &mut Hop) {
        let shared = self.core.shared.borrow();
        let Some(hsts) = &shared.hsts else { return };
        if hop.url.is_secure() || !hsts.covers(&hop.url.host, super::wall()) {
            return;
        }
        "https".clone_into(&mut hop.url.scheme);
        if hop.url.port == Some(80) {
            hop.url.port = None;
        }
        self.tell.note(format!("Switched from HTTP to HTTPS due to HSTS => {}", hop.url));
    }

    /// One request and its response; again, once, where a connection that was kept turns out to be dead.
    async fn hop(&self, hop: &Hop) -> Result<Verdict, Failure> {
        let tell = &self.tell;
        let (url, method) = (hop.url.effective(), hop.method(&self.spec));
        tell.event(&Event::Hop { url, method, why: hop.why });
        tell.recorder().report.referer.clone_from(&hop.referer);
        tell.counters.reset();
        let mut is_fresh = false;
        let mut tries = 0;
        loop {
            let mut held = self.connection(hop, is_fresh).await?;
            let mut request = self.request(hop, &held)?;
            let mut delivery = Delivery::new(self, hop);
            let exchanged = held.line.exchange(&mut request, &mut delivery).await;
            if let Some(late) = held.about.late.as_ref().filter(|_| !held.is_reused) {
                late.tell(tell);
            }
            let (number, is_reused) = (held.about.number, held.is_reused);
            let broken = match exchanged {
                Ok(left) => {
                    tell.event(&Event::Left { connection: number, is_open: left.is_open });
                    if left.is_open {
                        self.core.pool.put(held);
                    } else {
                        self.core.pool.forget(number);
                    }
                    return Ok(delivery.verdict());
                }
                Err(broken) => broken,
            };
            tries += 1;
            let stays = matches!(broken.failure.kind, Kind::Http2Stream) && held.line.is_usable();
            if !stays {
                self.core.pool.forget(number);
            }
            tell.event(&Event::Left { connection: number, is_open: stays });
            if tries > 5 || !self.may_repeat(&broken, is_reused) {
                return Err(broken.failure);
            }
            is_fresh = true;
            tell.note(format!("the connection was dead ({}): again, over another", broken.failure));
            let (url, method) = (hop.url.effective(), hop.method(&self.spec));
            tell.event(&Event::Hop { url, method, why: Why::Again });
        }
    }

    fn may_repeat(&self, broken: &Broken, is_reused: bool) -> bool {
        match broken.then {
            Then::Over => false,
            Then::Again => is_reused || broken.failure.kind == Kind::Http2Stream,
            Then::AgainIn11 => !self.only_11.replace(true),
        }
    }

    async fn connection(&self, hop: &Hop, is_fresh: bool) -> Result<Held, Failure> {
        let versions = match self.spec.versions {
            Versions::Http10 => Versions::Http10,
            _ if self.only_11.get() => Versions::Http11,
            other => other,
        };
        let (url, spec) = (&hop.url, &self.spec);
        let want = Want { url, spec, versions, elsewhere: None, deadline: None };
        if let Some(held) = self.alternative(want, is_fresh).await {
            return Ok(held);
        }
        self.core.pool.get(want, is_fresh, &self.tell).await
    }

    /// A connection to another place where the server said that it is (RFC 7838).
    async fn alternative(&self, want: Want<'_>, is_fresh: bool) -> Option<Held> {
        if !want.url.is_secure() || !matches!(want.versions, Versions::Usual | Versions::Http3) {
            return None;
        }
        let others = {
            let shared = self.core.shared.borrow();
            shared.alt_services.as_ref()?.of(want.url, crate::Version::Http3, super::wall())
        };
        for other in others {
            let versions = match other.version {
                crate::Version::Http3 => Versions::Http3Only,
                crate::Version::Http2 => Versions::Http2,
                _ => Versions::Http11,
            };
            self.tell
                .note(format!("Alt-Svc: HTTP/{} at {}:{}", other.version, other.host, other.port));
            let elsewhere = Some((other.host.as_str(), other.port));
            let want = Want { versions, elsewhere, ..want };
            match self.core.pool.get(want, is_fresh, &self.tell).await {
                Ok(held) => return Some(held),
                Err(why) => self.tell.note(format!("Alt-Svc: {why}: back to the origin")),
            }
        }
        None
    }

    pub(crate) fn request(&self, hop: &Hop, held: &Held) -> Result<Request, Failure> {
        if self.is_spent.get() && hop.verb.has_body() {
            return Err(Failure::new(Kind::Rewind, "necessary data rewind was not possible"));
        }
        let method = hop.method(&self.spec);
        let mut shown = self.shown(hop, &method)?;
        shown.without_expect = self.without_expect.get();
        shown.is_forwarded = held.about.is_absolute;
        let without_body = shown.without_body;
        let mut request = request::make(hop, &self.spec, &shown)?;
        self.has_offered.set(request.expects);
        self.body_at_home.set(without_body);
        if hop.verb.has_body() && !without_body && is_stdin(&self.spec.request.body) {
            self.is_spent.set(true);
        }
        if held.about.is_absolute {
            self.for_proxy(&mut request, held, &method);
        }
        Ok(request)
    }

    /// What a proxy is shown that requests are sent to.
    fn for_proxy(&self, request: &mut Request, held: &Held, method: &str) {
        let connect = &self.spec.connect;
        let login = held.about.proxy.as_ref().and_then(|proxy| proxy.login.clone());
        let mut logins = self.logins.borrow_mut();
        let proxy = logins
            .proxy
            .get_or_insert_with(|| Authenticator::new(connect.proxy_schemes, login, None));
        if let Some(field) = proxy.field(method, &request.absolute, super::random()) {
            request.proxy_fields.push("Proxy-Authorization", field);
        }
        for edit in &connect.proxy_fields {
            if let crate::spec::FieldEdit::Set(name, value) = edit {
                request.fields.push(name.clone(), value.clone());
            }
        }
    }

    /// What this server may see of us.
    fn shown(&self, hop: &Hop, method: &str) -> Result<Shown, Failure> {
        let mut logins = self.logins.borrow_mut();
        let is_known = logins.server.as_ref().is_some_and(|(url, _)| url.is_same_origin(&hop.url));
        if !is_known {
            logins.server = Some((hop.url.clone(), self.login(hop)?));
        }
        let mut shown = Shown { cookie: self.cookie(hop), ..Shown::default() };
        if let Some((_, Some(login))) = &mut logins.server {
            let target = self.spec.request.target.clone();
            let target = target.unwrap_or_else(|| hop.url.request_target());
            shown.authorization = login.field(method, &target, super::random());
            shown.without_body =
                hop.verb.has_body() && !self.sends_all.get() && login.awaits_challenge();
        }
        Ok(shown)
    }

    /// Who we are for this server: what its URL says, else a person, else a file.
    fn login(&self, hop: &Hop) -> Result<Option<Authenticator>, Failure> {
        let credentials = &self.spec.credentials;
        let is_trusted = hop.is_trusted(&self.spec);
        let of_url = hop.url.user.is_some() || hop.url.password.is_some();
        let mut login = of_url.then(|| {
            let part = |part: &Option<String>| part.clone().unwrap_or_default();
            (part(&hop.url.user), part(&hop.url.password))
        });
        if login.is_none() && is_trusted {
            login.clone_from(&credentials.login);
        }
        if let Some(netrc) = &credentials.netrc
            && (login.is_none() || !netrc.is_optional || hop.url.password.is_none())
            && let Some(found) = self.core.netrc(netrc, &hop.url)?
        {
            login = Some(found);
        }
        let bearer = credentials.bearer.clone().filter(|_| is_trusted);
        let has_any = login.is_some() || bearer.is_some();
        Ok(has_any.then(|| Authenticator::new(credentials.schemes, login, bearer)))
    }

    fn cookie(&self, hop: &Hop) -> Option<Vec<u8>> {
        let shared = self.core.shared.borrow();
        let kept = shared.cookies.as_ref().and_then(|jar| jar.field(&hop.url, super::wall()));
        let mut all = kept.unwrap_or_default();
        if hop.is_trusted(&self.spec) {
            for cookie in &self.spec.credentials.cookies {
                if !all.is_empty() {
                    all.extend_from_slice(b"; ");
                }
                all.extend_from_slice(cookie.as_bytes());
            }
        }
        (!all.is_empty()).then_some(all)
    }
}

fn is_stdin(body: &Body) -> bool {
    use crate::multipart::{Content, Part};
    fn has_stdin(parts: &[Part]) -> bool {
        parts.iter().any(|part| match &part.content {
            Content::File(path) => path.as_os_str() == "-",
            Content::Parts(parts) => has_stdin(parts),
            Content::Octets(_) => false,
        })
    }
    match body {
        Body::Upload(upload) => matches!(upload.path.to_str(), Some("-" | ".")),
        Body::Form(form) => has_stdin(&form.parts),
        Body::None | Body::Octets(..) => false,
    }
}
