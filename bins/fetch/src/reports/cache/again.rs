//! The same request with the conditions that a cache would send, and, after a 304, without: whether that was true.

use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use wireline_http::account::Hop;
use wireline_http::fingerprint::Fingerprint;
use wireline_http::spec::{Body, Fail, FieldEdit};
use wireline_http::{Event, Failure, Fields, Head, Job, Observer, Report, Spec, Url};

use super::words;
use crate::reports::lines::Line;
use crate::reports::page::Tone;
use crate::reports::{Look, Page, Told};
use crate::sink::{Origin, Shared};

/// For a request that is asked again, where nobody said how long: it is only to be compared.
const PATIENCE: Duration = Duration::from_secs(60);
/// Fields that caches renew from a 304 (RFC 9110 §15.4.5). `Date` goes without saying.
const RENEWED: [&str; 5] = ["Cache-Control", "Content-Location", "ETag", "Expires", "Vary"];
/// Fields that make a request conditional, or for a part.
const CONDITIONS: [&str; 6] =
    ["If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range", "Range"];

/// What was asked again, and what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    pub(crate) conditions: Vec<(String, String)>,
    /// The first body.
    pub(crate) first: Fingerprint,
    /// What came with the conditions.
    pub(crate) conditional: Answer,
    /// What came without, after a 304.
    pub(crate) whole: Option<Answer>,
    /// Fields that the 304 should have had.
    pub(crate) lacks: Vec<&'static str>,
    pub(crate) outcome: Outcome,
}

/// What came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: Option<u16>,
    pub(crate) failure: Option<String>,
    pub(crate) body: Fingerprint,
    pub(crate) took: Duration,
    fields: Fields,
}

/// What is to be said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// 304, and the body has not changed.
    NotModified,
    /// 304, and the body could not be had to compare.
    NotModifiedUnsure,
    /// 304, and the body is another.
    NotModifiedButDifferent,
    /// The same body, once more.
    SentAgain,
    /// Another body.
    Changed,
    /// Another body, and the same `ETag`.
    ChangedUnderSameTag,
    /// Something else.
    Unexpected,
    /// Nothing.
    Failed,
}

impl Answer {
    /// For tests.
    #[cfg(test)]
    pub(super) fn of(status: u16, octets: &[u8], took: Duration) -> Self {
        let mut body = Fingerprint::default();
        body.put(octets);
        Self { status: Some(status), body, took, ..Self::default() }
    }
}

/// What the checks of one response have in common.
struct Asking {
    shared: Rc<Shared>,
    /// `None`: in JSON.
    look: Option<Look>,
    transfer: u64,
    url: Url,
    spec: Arc<Spec>,
    conditions: Vec<(String, String)>,
    first: Fingerprint,
    fields: Fields,
}

/// The job that asks again; `None` where there is nothing to ask with.
///
/// `spec` is that of the first request, to `origin`: what was meant for it alone goes to no other server.
pub(crate) fn first(
    told: &Told<'_>,
    origin: &Origin,
    spec: &Arc<Spec>,
    shared: &Rc<Shared>,
    look: Option<Look>,
) -> Option<Job> {
    let hop: &Hop = super::last(told)?;
    let (_, head) = hop.head.as_ref()?;
    if head.status != 200 || hop.method != "GET" || !matches!(spec.request.body, Body::None) {
        return None;
    }
    let conditions = super::explain(told, hop)?.conditions;
    let first = told.sample?.body.clone();
    if conditions.is_empty() {
        return None;
    }
    let url = Url::parse(&hop.url, None, spec.redirects.path_as_is).ok()?;
    let spec = plain(spec, url.is_same_origin(&origin.url));
    let fields = head.fields.clone();
    let shared = Rc::clone(shared);
    let transfer = origin.transfer;
    Some(Asking { shared, look, transfer, url, spec, conditions, first, fields }.job(None))
}

/// The request without conditions of its own, as it goes to the server that answered last.
fn plain(spec: &Spec, is_same: bool) -> Arc<Spec> {
    let mut spec = spec.clone();
    let is_trusted = is_same || spec.credentials.go_anywhere;
    let request = &mut spec.request;
    (request.range, request.resume_from, request.time_condition) = (None, 0, None);
    (request.fail, spec.redirects.follow, spec.retry.count) = (Fail::No, false, 0);
    spec.limits.total = spec.limits.total.or(Some(PATIENCE));
    request.fields.retain(|edit| {
        let name = name(edit);
        let is = |list: &[&str]| list.iter().any(|one| name.eq_ignore_ascii_case(one.as_bytes()));
        !is(&CONDITIONS) && (is_trusted || !is(&["Authorization", "Cookie", "Host"]))
    });
    if !is_trusted {
        let credentials = &mut spec.credentials;
        (credentials.login, credentials.bearer) = (None, None);
        credentials.cookies.clear();
        spec.request.target = None;
    }
    Arc::new(spec)
}

fn name(edit: &FieldEdit) -> &[u8] {
    match edit {
        FieldEdit::Set(name, _) | FieldEdit::Empty(name) | FieldEdit::Remove(name) => name,
    }
}

impl Asking {
    /// With the conditions, or, where their answer is there, without.
    fn job(self, conditional: Option<Answer>) -> Job {
        let mut spec = Arc::clone(&self.spec);
        if conditional.is_none() {
            let fields = &mut Arc::make_mut(&mut spec).request.fields;
            for (name, value) in &self.conditions {
                fields.push(FieldEdit::Set(name.clone().into(), value.clone().into()));
            }
        }
        let url = self.url.clone();
        let observer =
            Box::new(Probe { asking: Some(self), conditional, answer: Answer::default() });
        Job { url, spec, observer }
    }

    fn checked(&self, conditional: Answer, whole: Option<Answer>) -> Checked {
        let is_304 = conditional.status == Some(304) && conditional.failure.is_none();
        let has = |fields: &Fields, name: &str| fields.get(name).is_some();
        let is_missing = |name: &&str| has(&self.fields, name) && !has(&conditional.fields, name);
        let lacks =
            if is_304 { RENEWED.into_iter().filter(is_missing).collect() } else { Vec::new() };
        let outcome = self.outcome(&conditional, whole.as_ref());
        let (conditions, first) = (self.conditions.clone(), self.first.clone());
        Checked { conditions, first, conditional, whole, lacks, outcome }
    }

    fn outcome(&self, conditional: &Answer, whole: Option<&Answer>) -> Outcome {
        let is_whole = |answer: &&Answer| answer.status == Some(200) && answer.failure.is_none();
        match conditional.status {
            _ if conditional.failure.is_some() => Outcome::Failed,
            Some(304) => match whole.filter(is_whole) {
                None => Outcome::NotModifiedUnsure,
                Some(whole) if whole.body == self.first => Outcome::NotModified,
                Some(_) => Outcome::NotModifiedButDifferent,
            },
            Some(200) if conditional.body == self.first => Outcome::SentAgain,
            Some(200) => match (self.fields.get("etag"), conditional.fields.get("etag")) {
                (Some(one), Some(other)) if one == other => Outcome::ChangedUnderSameTag,
                _ => Outcome::Changed,
            },
            Some(_) => Outcome::Unexpected,
            None => Outcome::Failed,
        }
    }
}

/// Sees one of those requests.
struct Probe {
    asking: Option<Asking>,
    /// What came with the conditions, where this is the one without.
    conditional: Option<Answer>,
    answer: Answer,
}

impl Observer for Probe {
    fn event(&mut self, at: Duration, event: &Event) {
        match event {
            Event::ResponseHead { head, is_tunnel: false } if head.status >= 200 => {
                self.answer.status = Some(head.status);
                self.answer.fields = head.fields.clone();
            }
            Event::Done { .. } => self.answer.took = at,
            _ => {}
        }
    }

    fn begin(&mut self, _head: &Head) -> Result<(), Failure> {
        self.answer.body = Fingerprint::default();
        Ok(())
    }

    fn body(&mut self, octets: &[u8]) -> Result<(), Failure> {
        self.answer.body.put(octets);
        Ok(())
    }

    fn restart(&mut self) -> Result<u64, Failure> {
        self.answer = Answer::default();
        Ok(0)
    }

    fn done(&mut self, _report: &Report, result: Result<(), Failure>) -> ControlFlow<()> {
        self.answer.failure = result.err().map(|why| why.text);
        let answer = std::mem::take(&mut self.answer);
        let Some(asking) = self.asking.take() else { return ControlFlow::Continue(()) };
        let is_304 = answer.status == Some(304) && answer.failure.is_none();
        let shared = Rc::clone(&asking.shared);
        let checked = match self.conditional.take() {
            None if is_304 => {
                shared.follow_up(asking.job(Some(answer)));
                return ControlFlow::Continue(());
            }
            None => asking.checked(answer, None),
            Some(conditional) => asking.checked(conditional, Some(answer)),
        };
        match asking.look {
            Some(look) => shared.report(&page(&checked, look)),
            None => {
                shared.line(&Line::of_check(&asking.url.effective(), &checked, asking.transfer));
            }
        }
        ControlFlow::Continue(())
    }
}

/// As it is printed.
pub(super) fn page(checked: &Checked, look: Look) -> String {
    let mut page = Page::new(look);
    page.text("  ", 2, Tone::Bold, &format!("{}:", words::asked(checked)));
    for text in words::outcome(checked) {
        page.text("  - ", 4, Tone::Plain, &text);
    }
    page.finish()
}
