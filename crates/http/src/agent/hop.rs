//! One request of those that a transfer takes, and which comes after it: redirects as curl follows them. Pure.

use crate::agent::request::edited;
use crate::event::Why;
use crate::failure::{Failure, Kind};
use crate::head::Head;
use crate::spec::{Body, FieldEdit, Spec};
use crate::url::Url;

/// What kind of request it is, whatever its method is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Head,
    Post,
    Put,
}

impl Verb {
    pub(crate) const fn has_body(self) -> bool {
        matches!(self, Self::Post | Self::Put)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// One request of a transfer.
#[derive(Clone, Debug)]
pub(crate) struct Hop {
    pub(crate) url: Url,
    pub(crate) verb: Verb,
    /// Whether the method that a person named still holds.
    keeps_custom: bool,
    pub(crate) why: Why,
    pub(crate) referer: Option<String>,
    /// The octet to go on from.
    pub(crate) resume: u64,
    /// Where it all began: who may be shown what was meant for it.
    pub(crate) origin: Url,
    /// Requests before this one.
    pub(crate) count: u32,
}

impl Hop {
    /// The first.
    pub(crate) fn first(url: Url, spec: &Spec, resume: u64, why: Why) -> Self {
        let verb = match &spec.request.body {
            _ if spec.request.is_head => Verb::Head,
            Body::None => Verb::Get,
            Body::Octets(..) | Body::Form(_) => Verb::Post,
            Body::Upload(_) => Verb::Put,
        };
        let referer = spec.request.referer.clone().filter(|referer| !referer.is_empty());
        let origin = url.clone();
        Self { url, verb, keeps_custom: true, why, referer, resume, origin, count: 0 }
    }

    pub(crate) fn method(&self, spec: &Spec) -> String {
        let custom = spec.request.method.as_ref().filter(|_| self.keeps_custom);
        custom.cloned().unwrap_or_else(|| self.verb.name().to_owned())
    }

    /// Whether what was meant for the first server may be shown to this one.
    pub(crate) fn is_trusted(&self, spec: &Spec) -> bool {
        spec.credentials.go_anywhere || self.url.is_same_origin(&self.origin)
    }

    /// Whether a field that a person gave goes to this server.
    pub(crate) fn may_show(&self, edit: &FieldEdit, spec: &Spec) -> bool {
        const SECRET: [&[u8]; 2] = [b"authorization", b"cookie"];
        let name = edited(edit);
        if name.eq_ignore_ascii_case(b"host") {
            return self.url.host.eq_ignore_ascii_case(&self.origin.host);
        }
        self.is_trusted(spec) || !SECRET.iter().any(|one| name.eq_ignore_ascii_case(one))
    }

    /// The same request, once more.
    pub(crate) fn again(&self, why: Why) -> Self {
        Self { why, count: self.count.saturating_add(1), ..self.clone() }
    }

    /// The request that follows a redirect, and what is noteworthy about it.
    pub(crate) fn redirect(
        &self,
        head: &Head,
        location: &[u8],
        spec: &Spec,
    ) -> Result<(Self, Vec<String>), Failure> {
        let rules = &spec.redirects;
        if let Some(most) = rules.most.filter(|most| self.count >= *most) {
            return Err(too_many(most));
        }
        let mut url = self.url.join(location, rules.path_as_is)?;
        if !rules.redirect_schemes.contains(&url.scheme) || !is_spoken(&url.scheme) {
            let text = format!("Protocol \"{}\" is disabled (in redirect)", url.scheme);
            return Err(Failure::new(Kind::UnsupportedProtocol, text));
        }
        let mut notes = Vec::new();
        self.strip(&mut url, spec, &mut notes);
        let mut next = self.again(Why::Redirect(head.status));
        next.change_method(head.status, spec);
        if spec.request.is_referer_automatic {
            next.referer = Some(self.url.referer());
        }
        next.url = url;
        Ok((next, notes))
    }

    /// What stays behind where it goes elsewhere.
    fn strip(&self, url: &mut Url, spec: &Spec, notes: &mut Vec<String>) {
        let is_same_host = url.host.eq_ignore_ascii_case(&self.url.host);
        let has_login = url.user.is_some() || url.password.is_some();
        if has_login && !is_same_host && !spec.credentials.go_anywhere {
            (url.user, url.password) = (None, None);
            notes.push(
                "user and password in the redirect's URL are not sent: another host chose them"
                    .to_owned(),
            );
        }
        if url.scheme != self.url.scheme {
            notes.push(format!("the scheme changes from {} to {}", self.url.scheme, url.scheme));
        }
        let has_secrets = spec.credentials.login.is_some()
            || spec.credentials.bearer.is_some()
            || spec.request.fields.iter().any(|edit| {
                let name = edited(edit);
                name.eq_ignore_ascii_case(b"authorization") || name.eq_ignore_ascii_case(b"cookie")
            });
        if has_secrets && !spec.credentials.go_anywhere && !url.is_same_origin(&self.origin) {
            notes.push("credentials stay behind: this is another server".to_owned());
        }
    }

    /// RFC 9110 §15.4, and what everybody does in its place.
    fn change_method(&mut self, status: u16, spec: &Spec) {
        let keeps = spec.redirects.keeps_post;
        let becomes_get = match (status, self.verb) {
            (301, Verb::Post) => !keeps[0],
            (302, Verb::Post) => !keeps[1],
            (303, Verb::Post) => !keeps[2],
            (303, Verb::Put) => true,
            _ => false,
        };
        if becomes_get {
            self.verb = Verb::Get;
        }
        if !spec.redirects.keeps_method && (becomes_get || is_rewritten(status, spec)) {
            self.keeps_custom = false;
        }
    }
}

/// Where a head leads, if anywhere.
pub(crate) fn location(head: &Head) -> Option<&[u8]> {
    let leads = (300..400).contains(&head.status);
    head.fields.get("location").filter(|location| leads && !location.is_empty())
}

/// With `--follow` a method that a person named becomes what the status makes of it.
fn is_rewritten(status: u16, spec: &Spec) -> bool {
    let Some(custom) = &spec.request.method else { return false };
    match status {
        301 | 302 => custom == "POST",
        303 => custom != "HEAD",
        _ => false,
    }
}

/// In curl's words.
pub(crate) fn too_many(most: u32) -> Failure {
    Failure::new(Kind::TooManyRedirects, format!("Maximum ({most}) redirects followed"))
}

pub(crate) fn is_spoken(scheme: &str) -> bool {
    matches!(scheme, "http" | "https")
}

#[cfg(test)]
mod tests;
