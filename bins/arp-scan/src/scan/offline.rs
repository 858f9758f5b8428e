//! Scans without a network: requests into a file, and answers from one. Neither needs privilege, and neither
//! waits: time is made up.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::ops::ControlFlow;

use anyhow::Result;
use wireline_engine::segment::{Port, Scan, Targets};
use wireline_engine::{Datagrams as _, Engine as _, Instant, Reply, errno_text};
use wireline_net::{Clock, Sink as _};
use wireline_packet::capture::Reader;

use super::complaint::Complaint;
use super::config::Config;
use super::save::Save;
use super::teller::Teller;

/// Whoever is not there.
fn nobody() -> std::net::SocketAddr {
    (std::net::Ipv4Addr::UNSPECIFIED, 0).into()
}

/// Ways in that lead nowhere, a VLAN each.
pub(crate) fn ports(config: &Config, targets: &Targets) -> Vec<Port> {
    let port =
        |vlan: &Option<u16>| Port { vlan: *vlan, targets: targets.clone(), ..Port::default() };
    config.vlans.iter().map(port).collect()
}

/// Hands the frames of a file to the engine as if they had just come.
pub(crate) fn read(
    path: &str,
    scan: &mut Scan,
    teller: &mut Teller<'_>,
    save: &mut Option<Save>,
) -> Result<()> {
    let failed = |why: &dyn std::fmt::Display| Complaint::new(format!("pcap_open_offline: {why}"));
    let file = File::open(path).map_err(|why| failed(&format!("{path}: {}", errno_text(&why))))?;
    let mut reader = Reader::new(BufReader::new(file)).map_err(|why| failed(&why))?;
    let now = Clock.now();
    if tell(scan, teller).is_break() {
        return Ok(());
    }
    loop {
        let record = match reader.next_record() {
            Ok(Some(record)) => record,
            Ok(None) => return Ok(()),
            // What came before was told.
            Err(why) => return Err(Complaint::new(format!("pcap_dispatch: {why}")).into()),
        };
        if let Some(save) = save {
            save.frame(record.at, record.contents);
        }
        let reply = Reply {
            source: nobody(),
            hop_limit: None,
            at: None,
            options: &[],
            flow: 0,
            contents: record.contents,
        };
        scan.handle_reply(now, reply);
        if tell(scan, teller).is_break() {
            return Ok(());
        }
    }
}

/// Writes the frames that would be sent, if nobody answered.
pub(crate) fn write(
    path: &str,
    mut scan: Scan,
    start: Instant,
    teller: &mut Teller<'_>,
) -> Result<()> {
    let failed = |why: &std::io::Error| Complaint::new(format!("open {path}: {}", errno_text(why)));
    let mut file = BufWriter::new(File::create(path).map_err(|why| failed(&why))?);
    let (mut now, mut frame) = (start, Vec::new());
    while !scan.is_finished() {
        while scan.poll_transmit(now, &mut frame).is_some() {
            file.write_all(&frame)?;
        }
        if tell(&mut scan, teller).is_break() {
            break;
        }
        match scan.next_timeout() {
            Some(at) => now = now.max(at),
            None => break,
        }
        scan.handle_timeout(now);
    }
    file.flush()?;
    let _ = tell(&mut scan, teller);
    Ok(())
}

/// Passes the engine's events on.
pub(crate) fn tell(scan: &mut Scan, teller: &mut Teller<'_>) -> ControlFlow<()> {
    while let Some(event) = scan.poll_event() {
        teller.event(event)?;
    }
    teller.settled()
}
