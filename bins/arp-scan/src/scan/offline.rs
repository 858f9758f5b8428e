//! Scans without a network: requests into a file, and answers from one. Neither needs privilege, and neither
//! waits: time is made up.

use std::fmt::Display;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::ops::ControlFlow;

use anyhow::Result;
use wireline_engine::segment::{Port, Scan, Targets};
use wireline_engine::{Datagrams as _, Engine as _, Instant, Reply, errno_text};
use wireline_net::Sink as _;
use wireline_packet::capture::Reader;
use wireline_packet::layers::LinkType;

use super::args::FileFlags;
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

/// What stands in for a network.
pub(crate) enum Tape {
    /// Frames that came, some time.
    Answers(Reader<BufReader<File>>),
    /// Frames that would be sent.
    Requests(BufWriter<File>),
}

impl Tape {
    pub(crate) fn open(files: &FileFlags) -> Result<Self, Complaint> {
        if let Some(path) = &files.readpktfromfile {
            let failed = |why: &dyn Display| Complaint::same(format!("pcap_open_offline: {why}"));
            let file = File::open(path);
            let file = file.map_err(|why| failed(&format!("{path}: {}", errno_text(&why))))?;
            let reader = Reader::of_link(BufReader::new(file), LinkType::ETHERNET)
                .map_err(|why| failed(&why))?;
            return Ok(Self::Answers(reader));
        }
        let path = files.writepkttofile.as_deref().unwrap_or_default();
        let failed = |why| Complaint::same(format!("open {path}: {}", errno_text(&why)));
        Ok(Self::Requests(BufWriter::new(File::create(path).map_err(failed)?)))
    }

    /// Octets of a frame that answers have at the most; `None` where there are none.
    pub(crate) const fn snap(&self) -> Option<u32> {
        match self {
            Self::Answers(reader) => Some(reader.most()),
            Self::Requests(_) => None,
        }
    }

    /// Runs a scan on it, to the end of the tape.
    pub(crate) fn run(
        self,
        scan: &mut Scan,
        start: Instant,
        teller: &mut Teller<'_>,
        save: &mut Option<Save>,
    ) -> Result<()> {
        let ran = match self {
            Self::Answers(reader) => read(reader, scan, start, teller, save),
            Self::Requests(file) => write(file, scan, start, teller),
        };
        scan.handle_stop(start);
        let _ = tell(scan, teller);
        ran
    }
}

/// Hands the frames of a file to the engine as if they had just come.
fn read(
    mut reader: Reader<BufReader<File>>,
    scan: &mut Scan,
    now: Instant,
    teller: &mut Teller<'_>,
    save: &mut Option<Save>,
) -> Result<()> {
    let mut first = None;
    while tell(scan, teller).is_continue() {
        let record = match reader.next_record() {
            Ok(Some(record)) => record,
            Ok(None) => break,
            // What came before was told.
            Err(why) => return Err(Complaint::same(format!("pcap_dispatch: {why}")).into()),
        };
        if let Some(save) = save {
            save.record(record);
        }
        let reply = Reply {
            source: nobody(),
            hop_limit: None,
            at: None,
            options: &[],
            flow: 0,
            contents: record.contents,
        };
        // Nobody knows when it was asked for: with the first of them, at the earliest.
        let first = *first.get_or_insert(record.at);
        if let Some(played) = &mut teller.played {
            *played = record.at.saturating_sub(first);
        }
        teller.heard(record.contents);
        scan.handle_reply(now, reply);
    }
    Ok(())
}

/// Writes the frames that would be sent, if nobody answered.
fn write(
    mut file: BufWriter<File>,
    scan: &mut Scan,
    start: Instant,
    teller: &mut Teller<'_>,
) -> Result<()> {
    let (mut now, mut frame) = (start, Vec::new());
    while !scan.is_finished() {
        while scan.poll_transmit(now, &mut frame).is_some() {
            file.write_all(&frame)?;
        }
        if tell(scan, teller).is_break() {
            break;
        }
        match scan.next_timeout() {
            Some(at) => now = now.max(at),
            None => break,
        }
        scan.handle_timeout(now);
    }
    Ok(file.flush()?)
}

/// Passes the engine's events on.
fn tell(scan: &mut Scan, teller: &mut Teller<'_>) -> ControlFlow<()> {
    while let Some(event) = scan.poll_event() {
        teller.event(event)?;
    }
    teller.settled()
}
