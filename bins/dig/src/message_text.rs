//! A message as text, as dig writes it to the octet: header, pseudo-sections, sections.

use std::fmt::Write as _;

use wireline_dns::present::{Style, edns_text, question, record};
use wireline_dns::{Header, Name, Rcode, Record, RecordType, Section};

use crate::layout::Layout;
use crate::short;
use crate::shown::{Shown, flags, opcode_text, rcode_text};

/// Writes a message.
pub(crate) fn message(page: &mut String, shown: &Shown<'_>, layout: &Layout) {
    if layout.has_comments() {
        comments(page, shown, layout);
        pseudosection(page, shown, layout);
    }
    if !layout.is_long() {
        if layout.answer {
            short::answers(page, shown, layout);
        }
        return;
    }
    let wanted = [layout.question, layout.answer, layout.authority, layout.additional];
    for (section, _) in Section::ALL.into_iter().zip(wanted).filter(|(_, wanted)| *wanted) {
        match section {
            Section::Question => questions(page, shown, layout),
            _ => records(page, shown, section, layout),
        }
    }
    if layout.additional {
        signature(page, "TSIG", shown.tsig(), layout);
        signature(page, "SIG0", shown.sig0(), layout);
    }
}

/// Everything down to the blank line after the header.
fn comments(page: &mut String, shown: &Shown<'_>, layout: &Layout) {
    page.push_str(if shown.is_query() { ";; Sending:\n" } else { ";; Got answer:\n" });
    if is_local(shown) {
        page.push_str(
            ";; WARNING: .local is reserved for Multicast DNS\n;; You are currently testing what happens \
             when an mDNS query is leaked to DNS\n",
        );
    }
    header(page, shown);
    if !shown.is_query() {
        warnings(page, shown, layout);
    }
    page.push('\n');
}

fn is_local(shown: &Shown<'_>) -> bool {
    let local = Name::root().child(b"local").unwrap_or_else(Name::root);
    shown.message.questions.iter().any(|question| question.name.is_in(&local))
}

fn header(page: &mut String, shown: &Shown<'_>) {
    let header = shown.header();
    let [questions, answers, authority, additional] = header.counts;
    let _ = write!(
        page,
        ";; ->>HEADER<<- opcode: {}, status: {}, id: {}\n;; flags:",
        opcode_text(header.opcode()),
        status(shown),
        header.id
    );
    for flag in flags(header) {
        let _ = write!(page, " {flag}");
    }
    if header.has(Header::Z) {
        page.push_str("; MBZ: 0x4");
    }
    let _ = writeln!(
        page,
        "; QUERY: {questions}, ANSWER: {answers}, AUTHORITY: {authority}, ADDITIONAL: {additional}"
    );
}

fn status(shown: &Shown<'_>) -> String {
    let text = rcode_text(shown.rcode());
    // A number without a name has a question mark before it here, and not in YAML.
    if text.starts_with(|first: char| first.is_ascii_digit()) { format!("?{text}") } else { text }
}

fn warnings(page: &mut String, shown: &Shown<'_>, layout: &Layout) {
    let header = shown.header();
    if header.has(Header::RD) && !header.has(Header::RA) {
        page.push_str(";; WARNING: recursion requested but not available\n");
    }
    let refuses_edns = [Rcode::FORMERR.0, Rcode::NOTIMP.0].contains(&shown.rcode());
    if layout.edns && shown.opt().is_none() && refuses_edns {
        let dnssec = if layout.dnssec { "+nodnssec " } else { "" };
        let status = status(shown);
        let _ = writeln!(
            page,
            "\n;; WARNING: EDNS query returned status {status} - retry with '{dnssec}+noedns'"
        );
    }
    match shown.extra() {
        0 => {}
        // One byte is plural too.
        extra => {
            let _ = writeln!(page, ";; WARNING: Message has {extra} extra bytes at end");
        }
    }
}

fn pseudosection(page: &mut String, shown: &Shown<'_>, layout: &Layout) {
    if let Some(opt) = shown.opt() {
        page.push_str(";; OPT PSEUDOSECTION:\n");
        for line in edns_text(opt, shown.cookie()) {
            page.push_str(untold(&line, shown, layout));
            page.push('\n');
        }
    }
}

/// A line of an OPT, but for the padding of a query, of which dig knows no more yet than that it is there.
pub(crate) fn untold<'l>(line: &'l str, shown: &Shown<'_>, layout: &Layout) -> &'l str {
    let name = ["; PAD:", "PAD:"].into_iter().find(|name| line.starts_with(name));
    name.filter(|_| shown.is_query() && layout.padded).unwrap_or(line)
}

fn heading(page: &mut String, shown: &Shown<'_>, section: Section, layout: &Layout) {
    if layout.comments {
        let _ = writeln!(page, ";; {} SECTION:", shown.heading(section));
    }
}

fn questions(page: &mut String, shown: &Shown<'_>, layout: &Layout) {
    let questions = &shown.message.questions;
    if questions.is_empty() && !has_heading_alone(shown, layout) {
        return;
    }
    heading(page, shown, Section::Question, layout);
    for one in questions {
        let _ = writeln!(page, ";{}", question(one, &layout.style));
    }
    end(page, layout);
}

/// Whether the question that `+header-only` keeps from being sent has left its heading.
pub(crate) const fn has_heading_alone(shown: &Shown<'_>, layout: &Layout) -> bool {
    shown.is_query() && layout.header_only
}

fn records(page: &mut String, shown: &Shown<'_>, section: Section, layout: &Layout) {
    let mut records = shown.section(section).peekable();
    if records.peek().is_none() {
        return;
    }
    heading(page, shown, section, layout);
    let mut soas = Soas::new(shown, section, layout);
    for one in records.filter(|one| soas.takes(one)) {
        line(page, one, &layout.style);
    }
    end(page, layout);
}

fn line(page: &mut String, one: &Record<'_>, style: &Style) {
    page.push_str(&record(one, style));
    page.push('\n');
}

fn end(page: &mut String, layout: &Layout) {
    if layout.comments {
        page.push('\n');
    }
}

fn signature(page: &mut String, name: &str, signature: Option<&Record<'_>>, layout: &Layout) {
    let Some(signature) = signature else { return };
    if layout.comments {
        let _ = writeln!(page, ";; {name} PSEUDOSECTION:");
    }
    line(page, signature, &layout.style);
    end(page, layout);
}

/// Which SOA of an answer are shown: with `+onesoa` that at the start of a zone, but not that at its end.
pub(crate) struct Soas {
    /// How many more; `None` for all.
    left: Option<u32>,
}

impl Soas {
    pub(crate) fn new(shown: &Shown<'_>, section: Section, layout: &Layout) -> Self {
        let before = shown.answer.and_then(|answer| answer.transfer).unwrap_or_default();
        let left = (layout.onesoa && section == Section::Answer)
            .then_some(u32::from(before.messages == 0));
        Self { left }
    }

    pub(crate) fn takes(&mut self, record: &Record<'_>) -> bool {
        match &mut self.left {
            Some(left) if record.kind == RecordType::SOA => {
                let takes = *left > 0;
                *left = left.saturating_sub(1);
                takes
            }
            _ => true,
        }
    }
}
