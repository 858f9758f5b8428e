//! `-s`: statistics of protocols.

use std::io;

use wireline_cli::Exit;
use wireline_host::ProcNet;
use wireline_host::counters::{Table, by_protocol, parse_list, parse_pairs};

use crate::config::{Config, Protocols};
use crate::event::{Counter, Event};
use crate::family::Family;
use crate::output::{Output, complain};
use crate::statistics_text::Sentences;

pub(crate) fn show(config: &Config, output: &mut Output) -> anyhow::Result<Exit> {
    let is_v6 = match config.families[..] {
        [] | [Family::Inet] => false,
        [Family::Inet6] => true,
        _ => return unsupported(&config.families, output),
    };
    if output.is_json() {
        output.start("statistics")?;
    }
    let protocols = Wanted(config.protocols);
    let mut sentences = Sentences::default();
    let told = if is_v6 {
        v6(&protocols, &mut sentences, output)
    } else {
        v4(&protocols, &mut sentences, output)
    };
    told?;
    if output.is_json() {
        output.end()?;
    }
    Ok(Exit(0))
}

/// The original says this on stdout.
fn unsupported(families: &[Family], output: &mut Output) -> anyhow::Result<Exit> {
    let names: Vec<_> = families.iter().map(|family| family.name()).collect();
    let why = format!("No statistics support for specified address family: {}", names.join(","));
    if output.is_json() {
        return Err(wireline_cli::Refusal::new(Exit(1), why).into());
    }
    output.text(format_args!("netstat: {why}\n"))?;
    Ok(Exit(1))
}

fn v4(wanted: &Wanted, sentences: &mut Sentences, output: &mut Output) -> anyhow::Result<()> {
    for file in ["snmp", "netstat"] {
        let Some(text) = read(file, output)? else { return Ok(()) };
        let read = parse_pairs(&text);
        tables(&read.tables, |name| wanted.includes(name), sentences, output)?;
        if read.is_cut {
            cut(file, output)?;
            return Ok(());
        }
    }
    // A kernel without SCTP has none.
    if wanted.includes("Sctp")
        && let Ok(text) = ProcNet::new().read("sctp/snmp")
    {
        let table = Table { name: "Sctp".to_owned(), counters: parse_list(&text) };
        tables(&[table], |_| true, sentences, output)?;
    }
    Ok(())
}

fn v6(wanted: &Wanted, sentences: &mut Sentences, output: &mut Output) -> anyhow::Result<()> {
    let Some(text) = read("snmp6", output)? else { return Ok(()) };
    let own = by_protocol(parse_list(&text));
    tables(&own, |name| wanted.includes(name), sentences, output)?;
    // TCP counts for both families at once.
    let Some(text) = read("snmp", output)? else { return Ok(()) };
    let read = parse_pairs(&text);
    // Where it makes no sense the original says so only of IPv4.
    tables(
        &read.tables,
        |name| matches!(name, "Tcp" | "TcpExt") && wanted.includes(name),
        sentences,
        output,
    )
}

/// A file, or nothing and a word on stderr: the original goes on to succeed.
fn read(file: &str, output: &mut Output) -> anyhow::Result<Option<String>> {
    match ProcNet::new().read(file) {
        Ok(text) => Ok(Some(text)),
        Err(why) => {
            output.flush()?;
            complain(&cannot_open(file, &why));
            Ok(None)
        }
    }
}

fn cannot_open(file: &str, why: &io::Error) -> String {
    format!("cannot open /proc/net/{file}: {}\n", wireline_engine::errno_text(why))
}

fn cut(file: &str, output: &mut Output) -> anyhow::Result<()> {
    output.flush()?;
    complain(&format!("Problem while parsing /proc/net/{file}\n"));
    Ok(())
}

fn tables(
    tables: &[Table],
    wanted: impl Fn(&str) -> bool,
    sentences: &mut Sentences,
    output: &mut Output,
) -> anyhow::Result<()> {
    for table in tables {
        if !wanted(&table.name) {
            sentences.pass(table);
            continue;
        }
        if !output.is_json() {
            output.text(format_args!("{}", sentences.of(table)))?;
            continue;
        }
        for counter in &table.counters {
            output.row(&Event::Counter(Counter {
                protocol: table.name.clone(),
                name: counter.name.clone(),
                value: counter.value,
            }))?;
        }
    }
    Ok(())
}

/// Which protocols were named.
struct Wanted(Protocols);

impl Wanted {
    /// What nobody has sentences for belongs to no flag, and is always shown.
    fn includes(&self, table: &str) -> bool {
        let named = self.0;
        let any = named != Protocols::default();
        match table {
            "Ip" | "Icmp" | "Ip6" | "Icmp6" => named.raw || !any,
            "Tcp" | "TcpExt" => named.tcp || !any,
            "Udp" | "Udp6" => named.udp || !any,
            "Sctp" => named.sctp || !any,
            _ => true,
        }
    }
}
