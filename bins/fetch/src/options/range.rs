//! `-r` and `-C`, which exclude each other.

use crate::grammar::{Done, Misuse, Reading, Word};
use crate::output::Resume;

/// Which octets: `0-499,-500`; of others the server is the judge.
pub(super) fn range(r: &mut Reading, word: &Word<'_>) -> Done {
    let text = word.content()?;
    if r.op.output.resume.is_some() {
        return exclusive(r);
    }
    if text.bytes().all(|octet| octet.is_ascii_digit()) {
        r.warn("A specified range MUST include at least one dash (-). Appending one for you");
        r.op.spec.request.range = Some(format!("{text}-"));
        return Ok(());
    }
    if !text.bytes().all(|octet| octet.is_ascii_digit() || matches!(octet, b'-' | b',')) {
        r.warn(
            "Invalid character is found in given range. A specified range MUST have only digits in 'start'-'stop'. The \
             server's response to this request is uncertain.",
        );
    }
    r.op.spec.request.range = Some(text);
    Ok(())
}

/// From an octet on, or from where the file ends.
pub(super) fn continue_at(r: &mut Reading, word: &Word<'_>) -> Done {
    let resume = match word.bytes() {
        b"-" => Resume::FromFile,
        _ => Resume::At(word.count().map_err(|_| Misuse::BadNumber)?),
    };
    if r.op.spec.request.range.is_some() {
        return exclusive(r);
    }
    r.op.output.resume = Some(resume);
    Ok(())
}

fn exclusive(r: &mut Reading) -> Done {
    r.error("--continue-at is mutually exclusive with --range");
    Err(Misuse::BadlyUsed)
}
