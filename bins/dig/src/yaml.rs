//! `+yaml`: a message as a list of dnstap's fields, as dig writes it to the octet.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use wireline_dns::present::{Style, edns_yaml, question, record};
use wireline_dns::{Header, Opcode, Record, Section, Transport};

use crate::clock::utc;
use crate::layout::Layout;
use crate::message_text::{Soas, has_heading_alone, untold};
use crate::short;
use crate::shown::{Shown, flags, opcode_text, rcode_text};

/// Below `query_message_data:`.
const DEPTH: usize = 3;

/// Writes a message.
pub(crate) fn message(page: &mut String, shown: &Shown<'_>, layout: &Layout) {
    about(page, shown, layout);
    header(page, shown);
    if layout.has_comments() {
        pseudosection(page, shown, layout);
    }
    if !layout.is_long() {
        if layout.answer {
            short::answers(page, shown, layout);
        }
        return;
    }
    let style = Style { yaml: true, ..layout.style.clone() };
    let wanted = [layout.question, layout.answer, layout.authority, layout.additional];
    for (section, _) in Section::ALL.into_iter().zip(wanted).filter(|(_, wanted)| *wanted) {
        match section {
            Section::Question => questions(page, shown, layout, &style),
            _ => records(page, shown, section, layout, &style),
        }
    }
    if layout.additional {
        signatures(page, shown, layout, &style);
    }
}

/// An error: what ended a query without an answer.
pub(crate) fn error(page: &mut String, what: &str) {
    let _ = write!(page, "- type: DIG_ERROR\n  message: |\n    {what}\n");
}

fn indent(page: &mut String, depth: usize, text: &str) {
    let _ = writeln!(page, "{:1$}{text}", "", depth * 2);
}

fn about(page: &mut String, shown: &Shown<'_>, layout: &Layout) {
    let exchanged = shown.exchanged;
    let _ = write!(page, "- type: MESSAGE\n  message:\n    type: {}\n", kind(shown));
    let time = |at| utc(at, layout.microseconds);
    let _ = writeln!(page, "    query_time: !!timestamp {}", time(exchanged.sent));
    if let Some(at) = exchanged.received {
        let _ = writeln!(page, "    response_time: !!timestamp {}", time(at));
    }
    let _ = writeln!(page, "    message_size: {}b", exchanged.octets.len());
    socket(page, shown, layout);
    let whose = if shown.is_query() { "query" } else { "response" };
    let _ = writeln!(page, "    {whose}_message_data:");
}

fn kind(shown: &Shown<'_>) -> &'static str {
    let header = shown.header();
    match (shown.is_query(), header.has(Header::RD), header.has(Header::RA)) {
        (true, true, _) => "RECURSIVE_QUERY",
        (true, false, _) => "AUTH_QUERY",
        (false, true, true) => "RECURSIVE_RESPONSE",
        (false, ..) => "AUTH_RESPONSE",
    }
}

fn socket(page: &mut String, shown: &Shown<'_>, layout: &Layout) {
    let server = shown.exchanged.server.address;
    let family = if server.is_ipv4() { "INET" } else { "INET6" };
    let protocol = if shown.exchanged.transport == Transport::Udp { "UDP" } else { "TCP" };
    let _ = writeln!(page, "    socket_family: {family}\n    socket_protocol: {protocol}");
    end(page, "response", server);
    // What the socket was bound to, as dig has it: not what the kernel chose.
    let any =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    end(page, "query", layout.source.unwrap_or(SocketAddr::new(any, 0)));
}

fn end(page: &mut String, whose: &str, address: SocketAddr) {
    let ip = match address.ip() {
        // Not to be taken for something else by a reader of YAML.
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => "::0".to_owned(),
        _ => crate::notice::host(address),
    };
    let port = address.port();
    let _ = write!(page, "    {whose}_address: \"{ip}\"\n    {whose}_port: {port}\n");
}

fn header(page: &mut String, shown: &Shown<'_>) {
    let header = shown.header();
    indent(page, DEPTH, &format!("opcode: {}", opcode_text(header.opcode())));
    indent(page, DEPTH, &format!("status: {}", rcode_text(shown.rcode())));
    indent(page, DEPTH, &format!("id: {}", header.id));
    let flags = flags(header).fold("flags:".to_owned(), |text, flag| text + " " + flag);
    indent(page, DEPTH, &flags);
    if header.has(Header::Z) {
        indent(page, DEPTH, "MBZ: 0x4");
    }
    let names = match header.opcode() {
        Opcode::UPDATE => ["ZONE", "PREREQ", "UPDATE", "ADDITIONAL"],
        _ => ["QUESTION", "ANSWER", "AUTHORITY", "ADDITIONAL"],
    };
    for (name, count) in names.into_iter().zip(header.counts) {
        indent(page, DEPTH, &format!("{name}: {count}"));
    }
}

fn pseudosection(page: &mut String, shown: &Shown<'_>, layout: &Layout) {
    if let Some(opt) = shown.opt() {
        indent(page, DEPTH, "OPT_PSEUDOSECTION:");
        for line in edns_yaml(opt, shown.cookie()) {
            match untold(&line.text, shown, layout) {
                "" => page.push('\n'),
                text => indent(page, DEPTH + line.level, text),
            }
        }
    }
}

fn heading(page: &mut String, shown: &Shown<'_>, section: Section) {
    indent(page, DEPTH, &format!("{}_SECTION:", shown.heading(section)));
}

fn item(page: &mut String, depth: usize, quoted: &str) {
    indent(page, depth, &format!("- {quoted}"));
}

fn questions(page: &mut String, shown: &Shown<'_>, layout: &Layout, style: &Style) {
    if shown.message.questions.is_empty() && !has_heading_alone(shown, layout) {
        return;
    }
    heading(page, shown, Section::Question);
    for one in &shown.message.questions {
        item(page, DEPTH + 1, &question(one, style));
    }
}

fn records(page: &mut String, shown: &Shown<'_>, section: Section, layout: &Layout, style: &Style) {
    let mut records = shown.section(section).peekable();
    if records.peek().is_none() {
        return;
    }
    heading(page, shown, section);
    let mut soas = Soas::new(shown, section, layout);
    for one in records.filter(|one| soas.takes(one)) {
        item(page, DEPTH + 1, &record(one, style));
    }
}

fn signatures(page: &mut String, shown: &Shown<'_>, layout: &Layout, style: &Style) {
    let mut write = |name: &str, one: &Record<'_>, ends: bool| {
        indent(page, DEPTH, &format!("{name}_PSEUDOSECTION:"));
        item(page, DEPTH, &record(one, style));
        page.push_str(if ends { "\n" } else { "" });
    };
    if let Some(tsig) = shown.tsig() {
        write("TSIG", tsig, true);
    }
    if let Some(sig0) = shown.sig0() {
        write("SIG0", sig0, layout.comments);
    }
}
