//! What a tap sees of a connection, on its way to a drawing and to a capture file.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use wireline_engine::Instant;
use wireline_engine::tcp::{
    ConnectionSummary, Conversation, IcmpObserved, Inferred, Line, Observed,
};
use wireline_net::{Clock, Frame, Tap, TapFilter};
use wireline_packet::capture::pcapng;
use wireline_packet::layers::{self, Content};
use wireline_packet::tcp::read_start;

use super::plan::Plan;
use super::report::{Outcome, Report};
use crate::ladder::{Drawing, Heading};

/// Octets kept of each packet: whole ones, unless they are put together from many.
pub(crate) const KEPT: u32 = 65_535;

/// One connection after the other as it is seen.
pub(crate) struct View {
    tap: Option<Tap>,
    file: Option<Capture>,
    drawing: Option<Drawing>,
    at: At,
    conversation: Option<Conversation>,
    has_started: bool,
    /// Dropped before this connection.
    dropped: u64,
    failure: Option<anyhow::Error>,
}

/// Which connection, and what is known of it before the first segment.
struct At {
    id: u32,
    host: String,
    local: Option<SocketAddr>,
    remote: SocketAddr,
    started: Duration,
}

struct Capture {
    writer: pcapng::Writer<Box<dyn Write>>,
    interfaces: HashMap<u32, u32>,
}

impl View {
    pub(crate) fn new(tap: Option<Tap>, file: Option<Option<&PathBuf>>) -> Result<Self> {
        let file = file.map(Capture::open).transpose()?;
        let nobody = SocketAddr::from(([0; 4], 0));
        let at =
            At { id: 0, host: String::new(), local: None, remote: nobody, started: Duration::ZERO };
        Ok(Self {
            tap,
            file,
            drawing: None,
            at,
            conversation: None,
            has_started: false,
            dropped: 0,
            failure: None,
        })
    }

    /// Another connection begins.
    pub(crate) fn start(
        &mut self,
        id: u32,
        plan: &Plan,
        remote: SocketAddr,
        drawing: Option<Drawing>,
    ) {
        let host = plan.target.host.clone();
        self.at = At { id, host, local: None, remote, started: Clock.wall() };
        (self.drawing, self.conversation, self.has_started) = (drawing, None, false);
    }

    pub(crate) const fn is_seen(&self) -> bool {
        self.tap.is_some()
    }

    /// To be called before the first segment leaves.
    pub(crate) fn listen(&mut self, local: SocketAddr) -> Result<()> {
        self.at.local = Some(local);
        self.at.started = Clock.wall();
        self.conversation = Some(Conversation::new(local, self.at.remote));
        if let Some(tap) = &mut self.tap {
            tap.set_filter(&TapFilter::connection(local, self.at.remote))?;
            self.dropped = tap.statistics().dropped;
        }
        Ok(())
    }

    /// What to poll for input.
    pub(crate) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.tap.as_ref().map(|tap| tap.as_fd())
    }

    /// Takes in what has come by.
    pub(crate) fn read(&mut self) -> Result<()> {
        let Some(mut tap) = self.tap.take() else { return Ok(()) };
        let read = self.read_from(&mut tap);
        self.tap = Some(tap);
        read?;
        self.draw()?;
        self.failure.take().map_or(Ok(()), Err)
    }

    /// Waits so long for something to come by, and takes it in.
    pub(crate) fn await_frame(&mut self, longest: Duration) -> Result<()> {
        let timeout = Timespec::try_from(longest)?;
        if let Some(fd) = self.fd() {
            // Whatever it returns, there is a look.
            let _ = poll(&mut [PollFd::from_borrowed_fd(fd, PollFlags::IN)], Some(&timeout));
        }
        self.read()
    }

    /// Takes in what has come, and nothing later.
    pub(crate) fn stop(&mut self) -> Result<()> {
        self.read()?;
        let nobody = TapFilter { networks: vec![([0; 4].into(), 32)], ..TapFilter::default() };
        self.tap.as_ref().map_or(Ok(()), |tap| tap.set_filter(&nobody))?;
        Ok(())
    }

    fn read_from(&mut self, tap: &mut Tap) -> Result<()> {
        /// More are read at the next look.
        const AT_ONCE: usize = 64;
        for _ in 0..AT_ONCE {
            if tap.receive(&mut |frame| self.take(&frame))? == 0 {
                break;
            }
        }
        Ok(())
    }

    fn take(&mut self, frame: &Frame<'_>) {
        let at = stamp(frame);
        let Ok(packet) = layers::read(frame.link_type, frame.contents, frame.length) else {
            return;
        };
        let Some(conversation) = &mut self.conversation else { return };
        let is_ours = match packet.content {
            Content::Tcp { segment, length } => {
                let source = SocketAddr::new(packet.source, segment.source_port);
                let destination = SocketAddr::new(packet.destination, segment.destination_port);
                let is_ours = self.at.is_between(source, destination);
                if is_ours {
                    let hop_limit = packet.hop_limit;
                    conversation.observe(&Observed {
                        at,
                        source,
                        destination,
                        hop_limit,
                        segment,
                        length,
                    });
                }
                is_ours
            }
            Content::IcmpError { icmp_type, code, quoted, .. } => {
                let Ok(start) = read_start(quoted.transport) else { return };
                let source = SocketAddr::new(quoted.source, start.source_port);
                let destination = SocketAddr::new(quoted.destination, start.destination_port);
                let is_ours = self.at.is_between(source, destination);
                if is_ours {
                    conversation.observe_icmp(&IcmpObserved {
                        at,
                        by: packet.source,
                        icmp_type,
                        icmp_code: code,
                        source,
                        sequence: start.sequence,
                    });
                }
                is_ours
            }
            _ => false,
        };
        if !is_ours {
            return;
        }
        if !self.has_started {
            self.at.started = frame.wall;
            self.failure = self.begin("wire").err();
        }
        if let Some(file) = &mut self.file {
            self.failure = file.write(frame).err().map(anyhow::Error::from).or(self.failure.take());
        }
    }

    fn begin(&mut self, view: &str) -> Result<()> {
        self.has_started = true;
        let Some(drawing) = &mut self.drawing else { return Ok(()) };
        let heading = Heading {
            client: self.at.local.unwrap_or_else(|| unspecified(self.at.remote)),
            server: self.at.remote,
            host: Some(self.at.host.clone()),
            title: None,
            view: view.to_owned(),
            started: self.at.started,
        };
        Ok(drawing.start(self.at.id, heading)?)
    }

    fn draw(&mut self) -> Result<()> {
        let (Some(conversation), Some(drawing)) = (&mut self.conversation, &mut self.drawing)
        else {
            return Ok(());
        };
        while let Some(line) = conversation.poll_line() {
            drawing.line(self.at.id, &line)?;
        }
        Ok(())
    }

    /// Whether all that was to be seen was.
    pub(crate) fn is_over(&self) -> bool {
        self.conversation.as_ref().is_some_and(Conversation::is_over)
    }

    /// What its segments said, if any was seen.
    pub(crate) fn summary(&self) -> Option<ConnectionSummary> {
        let is_seen = self.is_seen() && self.has_started;
        self.conversation.as_ref().filter(|_| is_seen).map(Conversation::summary)
    }

    /// Packets that passed the filter and that there was no room for, since this connection began.
    pub(crate) fn dropped(&mut self) -> u64 {
        let before = self.dropped;
        self.tap.as_mut().map_or(0, |tap| tap.statistics().dropped.saturating_sub(before))
    }

    /// The connection has ended. Says whether there was anything to draw.
    pub(crate) fn end(&mut self, report: &Report, outcome: &Outcome) -> Result<bool> {
        if let Some(conversation) = &mut self.conversation {
            conversation.settle();
        }
        self.draw()?;
        if !self.has_started && outcome.syn_sent == 0 {
            return Ok(false);
        }
        if !self.has_started {
            self.begin(if self.is_seen() { "wire" } else { "inferred" })?;
        }
        let (id, is_seen) = (self.at.id, self.is_seen());
        if let Some(drawing) = &mut self.drawing {
            for inferred in outcome.story.iter().filter(|_| !is_seen) {
                drawing.line(id, &Line::Inferred(Inferred::clone(inferred)))?;
            }
            drawing.end(id, &report.ending(outcome, self.at.remote))?;
        }
        Ok(true)
    }

    /// For the next connection, or to be finished.
    pub(crate) fn take_drawing(&mut self) -> Option<Drawing> {
        self.drawing.take()
    }

    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), |file| file.writer.flush())
    }
}

impl At {
    fn is_between(&self, a: SocketAddr, b: SocketAddr) -> bool {
        let Some(local) = self.local else { return false };
        let same = |x: SocketAddr, y: SocketAddr| x.ip() == y.ip() && x.port() == y.port();
        same(a, local) && same(b, self.remote) || same(a, self.remote) && same(b, local)
    }
}

/// The kernel's stamp as it is: moved to another clock's line it would lose some microseconds.
fn stamp(frame: &Frame<'_>) -> Instant {
    Instant::from_nanos(u64::try_from(frame.wall.as_nanos()).unwrap_or(u64::MAX))
}

const fn unspecified(remote: SocketAddr) -> SocketAddr {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
    let ip = match remote {
        SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    SocketAddr::new(ip, 0)
}

impl Capture {
    fn open(path: Option<&PathBuf>) -> Result<Self> {
        let output: Box<dyn Write> = match path {
            None => Box::new(io::stdout()),
            Some(path) => {
                let file = File::create(path).with_context(|| path.display().to_string())?;
                Box::new(io::BufWriter::new(file))
            }
        };
        let writer = pcapng::Writer::new(output, concat!("handshake ", env!("CARGO_PKG_VERSION")))?;
        Ok(Self { writer, interfaces: HashMap::new() })
    }

    fn write(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        let interface = match self.interfaces.get(&frame.interface) {
            Some(known) => *known,
            None => {
                let name = wireline_host::interface_name(frame.interface).unwrap_or_default();
                let number = self.writer.interface(frame.link_type, &name, KEPT)?;
                self.interfaces.insert(frame.interface, number);
                number
            }
        };
        self.writer.write(&pcapng::Packet {
            interface,
            at: frame.wall,
            length: frame.length,
            contents: frame.contents,
            direction: match frame.direction {
                wireline_net::Direction::In => layers::Direction::In,
                wireline_net::Direction::Out => layers::Direction::Out,
            },
            comment: "",
        })
    }
}
