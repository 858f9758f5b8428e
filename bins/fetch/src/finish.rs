//! What the words of an operation come to, once all of them have been read.

use bytes::Bytes;
use wireline_http::spec::{Body, FieldEdit};

use crate::config::Operation;
use crate::grammar::{Reading, Stop};
use crate::options::place;
use crate::output::{OutputSpec, To};

mod access;

/// What is called a browser's: who asks, unless somebody says otherwise.
const AGENT: &str = concat!("wireline-fetch/", env!("CARGO_PKG_VERSION"));

/// curl's, for `-Y` without `-y`.
const SLOW_TIME: std::time::Duration = std::time::Duration::from_secs(30);

/// Puts an operation together.
pub(crate) fn operation(r: &mut Reading, op: &mut Operation) -> Result<(), Stop> {
    method(r, op)?;
    body(op);
    outputs(r, op)?;
    overrides(op)?;
    // As curl joins them.
    let cookies = std::mem::take(&mut op.spec.credentials.cookies).join(";");
    op.spec.credentials.cookies.extend((!cookies.is_empty()).then_some(cookies));
    op.spec.limits.slow = match (op.asked.slow_rate, op.asked.slow_time) {
        (None, None) => None,
        (rate, time) => Some((rate.unwrap_or(1), time.unwrap_or(SLOW_TIME))),
    };
    op.spec.limits.slow.take_if(|(rate, time)| *rate == 0 || time.is_zero());
    op.spec.request.agent = match op.asked.agent.take() {
        None => Some(AGENT.to_owned()),
        said => said.filter(|text| !text.is_empty()),
    };
    access::logins(r, op)?;
    access::proxies(&r.world, op);
    access::trust(r, op)
}

/// A method that flags ask for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    Head,
    Form,
    Post,
    Put,
}

impl Asks {
    const fn text(self) -> &'static str {
        match self {
            Self::Head => "HEAD (-I, --head)",
            Self::Form => "multipart formpost (-F, --form)",
            Self::Post => "POST (-d, --data)",
            Self::Put => "PUT (-T, --upload-file)",
        }
    }

    /// What it is called in a request.
    const fn method(self) -> &'static str {
        match self {
            Self::Head => "HEAD",
            Self::Form | Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// All flags must ask for the same.
fn method(r: &mut Reading, op: &Operation) -> Result<(), Stop> {
    let uploads =
        op.targets.iter().any(|one| one.upload.as_ref().is_some_and(|file| !file.is_empty()));
    let said = [
        (op.spec.request.is_head, Asks::Head),
        (op.asked.form.is_some(), Asks::Form),
        (op.asked.data.is_some() && !op.asked.in_url, Asks::Post),
        (uploads, Asks::Put),
    ];
    let mut said = said.into_iter().filter_map(|(is_said, asks)| is_said.then_some(asks));
    let first = said.next();
    if let (Some(first), Some(second)) = (first, said.next()) {
        let text = [
            "You can only select one HTTP request method! You asked for both ",
            second.text(),
            " and ",
            first.text(),
            ".",
        ];
        r.warn(&text.concat());
        return Err(Stop::Said(2));
    }
    custom_method(r, op, first.map_or("GET", Asks::method));
    Ok(())
}

/// What people mostly mean otherwise.
fn custom_method(r: &mut Reading, op: &Operation, inferred: &str) {
    let Some(custom) = &op.spec.request.method else { return };
    if custom.eq_ignore_ascii_case(inferred) {
        if r.globals.shown.talk != crate::output::Talk::Nothing && !r.globals.shown.is_silent {
            r.said.note(&format!(
                "Unnecessary use of -X or --request, {inferred} is already inferred."
            ));
        }
    } else if custom.eq_ignore_ascii_case("HEAD") {
        r.warn(
            "Setting custom HTTP method to HEAD with -X/--request may not work the way you want. Consider using -I/--head \
             instead.",
        );
    }
}

fn body(op: &mut Operation) {
    if let Some(mut form) = op.asked.form.take() {
        form.escapes = op.asked.form_escapes;
        op.spec.request.body = Body::Form(form);
    }
    match op.asked.data.take() {
        Some(data) if op.asked.in_url => op.asked.query = data,
        Some(data) => {
            let kind = (!op.asked.is_json).then_some("application/x-www-form-urlencoded");
            op.spec.request.body = Body::Octets(Bytes::from(data), kind);
        }
        None => {}
    }
    if op.asked.is_json {
        for name in ["Content-Type", "Accept"] {
            if !op.spec.request.fields.iter().any(|edit| is_of(edit, name)) {
                let edit = FieldEdit::Set(name.into(), b"application/json".to_vec());
                op.spec.request.fields.push(edit);
            }
        }
    }
}

fn is_of(edit: &FieldEdit, name: &str) -> bool {
    let (FieldEdit::Set(other, _) | FieldEdit::Empty(other) | FieldEdit::Remove(other)) = edit;
    other.eq_ignore_ascii_case(name.as_bytes())
}

/// Each URL gets its output.
fn outputs(r: &mut Reading, op: &mut Operation) -> Result<(), Stop> {
    if op.output.resume == Some(crate::output::Resume::FromFile) && op.named_by_server {
        r.error("--continue-at and --remote-header-name cannot be combined");
        return Err(Stop::SaidBadUse);
    }
    if op.targets.iter().any(|one| one.url.is_none()) {
        r.warn("Got more output options than URLs");
        op.targets.retain(|one| one.url.is_some());
    }
    let has_etag = op.state.etag.is_some() || op.output.etag_save.is_some();
    if has_etag && op.targets.len() > 1 {
        r.error("The etag options only work on a single URL");
        return Err(Stop::SaidBadUse);
    }
    for target in &mut op.targets {
        if op.names_all && target.to.is_none() {
            target.to = Some(To::RemoteName);
        }
        if op.named_by_server && target.to == Some(To::RemoteName) {
            target.to = Some(To::RemoteHeaderName);
        }
    }
    let own = std::mem::take(&mut op.output);
    let shown = &r.globals.shown;
    if shown.reports.trace_dns.is_some() && !(shown.reports.timing || shown.reports.story) {
        r.error("--trace-dns is shown by --timing and --story, and needs one of them");
        return Err(Stop::SaidBadUse);
    }
    if let Some(text) = clash(&r.globals, op) {
        r.error(text);
        return Err(Stop::SaidBadUse);
    }
    let shown = &r.globals.shown;
    if shown.reports.any() {
        for target in &mut op.targets {
            target.to.get_or_insert(To::Report);
        }
    }
    op.output = OutputSpec {
        is_plain: shown.is_plain,
        is_silent: shown.is_silent,
        shows_errors: shown.shows_errors,
        progress: shown.progress,
        talk: shown.talk.clone(),
        talks_time: shown.talks_time,
        talks_ids: shown.talks_ids,
        stderr: shown.stderr.clone(),
        reports: shown.reports.clone(),
        color: shown.color,
        ..own
    };
    Ok(())
}

/// What does not go together.
fn clash(globals: &crate::config::Globals, op: &Operation) -> Option<&'static str> {
    let (measure, reports) = (&globals.measure, &globals.shown.reports);
    let is_measured = measure.is_any();
    let texts = [
        (reports.json && reports.is_text(), "--json and reports for people cannot be combined"),
        (measure.compares && measure.runs.is_some(), "--compare and --runs cannot be combined"),
        (measure.runs.is_none() && measure.is_warm, "--warm is about --runs, and needs it"),
        (
            measure.runs.is_none() && measure.interval.is_some(),
            "--interval is about --runs, and needs it",
        ),
        (is_measured && reports.is_text(), "--runs and --compare are reports of their own"),
        (is_measured && reports.har.is_some(), "--har is not for --runs and --compare"),
        (is_measured && globals.is_parallel, "--parallel is not for --runs and --compare"),
        (is_measured && op.targets.len() > 1, "--runs and --compare take a single URL"),
        (
            is_measured && op.targets.iter().any(|one| one.to.is_some() || one.upload.is_some()),
            "--runs and --compare throw away what comes, and send no file",
        ),
    ];
    texts.into_iter().find_map(|(is_so, text)| is_so.then_some(text))
}

fn overrides(op: &mut Operation) -> Result<(), Stop> {
    for text in std::mem::take(&mut op.asked.resolve) {
        let answer = place::answer(&text).ok_or_else(|| {
            Stop::Failed(49, format!("Couldn't parse CURLOPT_RESOLVE entry '{text}'"))
        })?;
        op.spec.connect.overrides.push(answer);
    }
    Ok(())
}
