//! What cannot be had together with `--pipeline`, and is refused rather than passed over.

use wireline_http::spec::{Body, Fail, Versions};

use crate::config::{Config, Operation};
use crate::output::{Resume, Talk, To};
use crate::reports::Reports;

/// The first such option of a command line.
pub(super) fn first(config: &Config) -> Option<&'static str> {
    let globals = &config.globals;
    let all = [
        (config.operations.len() > 1, "--next"),
        (globals.is_parallel, "--parallel"),
        (globals.between.is_some(), "--rate"),
        (others(&globals.shown.reports), "another report"),
    ];
    let unfit = all.into_iter().find(|(is_given, _)| *is_given).map(|(_, name)| name);
    unfit.or_else(|| config.operations.iter().find_map(of_operation))
}

fn others(reports: &Reports) -> bool {
    let others = Reports { pipeline: None, json: false, ..reports.clone() };
    others.any() || others.har.is_some()
}

fn of_operation(operation: &Operation) -> Option<&'static str> {
    let (spec, output) = (&operation.spec, &operation.output);
    let target =
        |is: fn(&To) -> bool| operation.targets.iter().filter_map(|one| one.to.as_ref()).any(is);
    let all = [
        (!matches!(spec.request.body, Body::None), "a request with a body"),
        (operation.targets.iter().any(|one| one.upload.is_some()), "--upload-file"),
        (spec.redirects.follow, "--location"),
        (spec.retry.count > 0, "--retry"),
        (spec.request.fail != Fail::No, "--fail"),
        (spec.versions != Versions::Usual, "a version of HTTP"),
        (spec.limits.receive_rate.is_some() || spec.limits.send_rate.is_some(), "--limit-rate"),
        (spec.limits.slow.is_some(), "--speed-limit"),
        (target(|to| !matches!(to, To::Report)), "--output"),
        (matches!(output.resume, Some(Resume::FromFile | Resume::At(_))), "--continue-at"),
        (output.includes_heads, "--show-headers"),
        (output.dump_heads.is_some(), "--dump-header"),
        (
            output.etag_save.is_some() || operation.state.etag.is_some(),
            "--etag-save and --etag-compare",
        ),
        (output.write_out.is_some(), "--write-out"),
        (output.talk != Talk::Nothing, "--verbose"),
        (operation.state.jar.is_some(), "--cookie-jar"),
    ];
    all.into_iter().find(|(is_given, _)| *is_given).map(|(_, name)| name)
}
