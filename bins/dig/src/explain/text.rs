//! `--explain` in text.

use std::fmt::Write as _;

use wireline_cli::escape;

use super::event::{Asked, Event};

/// One step.
pub(crate) fn event(event: &Event) -> String {
    let mut text = String::new();
    let _ = match event {
        Event::ExplainQuestion { name, kind, class, meaning } => {
            let meaning = meaning.map_or_else(String::new, |meaning| format!(" ({meaning})"));
            writeln!(text, "THE QUESTION\n  {name} {kind}{meaning}, class {class}\n")
        }
        Event::ExplainHosts { .. } => hosts(event, &mut text),
        Event::ExplainCache { .. } => cache(event, &mut text),
        Event::ExplainAnswer { .. } => answer(event, &mut text),
        Event::ExplainLevel { .. } => level(event, &mut text),
        Event::ExplainEnd { text: end, .. } => writeln!(text, "THE END\n  {end}"),
    };
    text
}

fn hosts(event: &Event, text: &mut String) -> std::fmt::Result {
    let Event::ExplainHosts { file, addresses, error } = event else { return Ok(()) };
    writeln!(text, "HOSTS FILE")?;
    match (error, addresses.as_slice()) {
        (Some(why), _) => writeln!(text, "  {file} cannot be read: {}", escape(why))?,
        (None, []) => writeln!(text, "  {file} says nothing of the name")?,
        (None, addresses) => {
            let list: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            writeln!(
                text,
                "  {file} says {}: programs take that and ask no name server",
                list.join(", ")
            )?;
        }
    }
    writeln!(text, "  (dig asks name servers whatever the file says)\n")
}

fn cache(event: &Event, text: &mut String) -> std::fmt::Result {
    let Event::ExplainCache { server, cached, ttl_s, error } = event else { return Ok(()) };
    writeln!(text, "CACHE of {server}, asked without recursion (RD=0)")?;
    match (error, cached, ttl_s) {
        (Some(why), ..) => writeln!(text, "  cannot be told: {}\n", escape(why)),
        (None, true, Some(ttl)) => {
            writeln!(text, "  has the answer, and may keep it for {ttl} s more\n")
        }
        _ => writeln!(text, "  has not got the answer\n"),
    }
}

fn answer(event: &Event, text: &mut String) -> std::fmt::Result {
    let Event::ExplainAnswer { server, time_ms, status, answers, header, error } = event else {
        return Ok(());
    };
    writeln!(text, "RECURSIVE SERVER {server}")?;
    if let Some(why) = error {
        return writeln!(text, "  no answer: {}\n", escape(why));
    }
    let time = time_ms.map_or_else(String::new, |time| format!(" after {time:.1} ms"));
    writeln!(text, "  {}{time}", status.as_deref().unwrap_or("malformed"))?;
    for record in answers {
        writeln!(text, "    {record}")?;
    }
    writeln!(text, "  its header:")?;
    for field in header {
        writeln!(text, "    {:<7}{:<9}{}", field.name, field.value, field.meaning)?;
    }
    writeln!(text)
}

fn level(event: &Event, text: &mut String) -> std::fmt::Result {
    let Event::ExplainLevel { zone, role, name, servers, flaws } = event else { return Ok(()) };
    let title = match *role {
        "root" => "ROOT".to_owned(),
        "top-level" => format!("TOP LEVEL {zone}"),
        _ => format!("ZONE {zone}"),
    };
    writeln!(text, "{title}, its servers asked for {name}")?;
    let cells: Vec<_> = servers.iter().map(cells).collect();
    let width = |at: usize| cells.iter().map(|cells| cells[at].len()).max().unwrap_or(0);
    for row in &cells {
        let [server, address, time, said] = row;
        let (first, second, third) = (width(0), width(1), width(2));
        writeln!(text, "  {server:<first$}  {address:<second$}  {time:>third$}  {said}")?;
    }
    for flaw in flaws {
        writeln!(text, "  ! {flaw}")?;
    }
    writeln!(text)
}

fn cells(asked: &Asked) -> [String; 4] {
    let time = asked.time_ms.map_or_else(|| "-".to_owned(), |time| format!("{time:.1} ms"));
    let serial = asked.serial.map_or_else(String::new, |serial| format!(", serial {serial}"));
    [
        escape(&asked.server_name).into_owned(),
        asked.server.to_string(),
        time,
        format!("{}{serial}", escape(&asked.text)),
    ]
}
