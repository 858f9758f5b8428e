//! What is seen and said, put in order for the drawing: one connection after the other.

use std::fs::File;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use wireline_engine::tcp::{Caption, Conversation, Line, Observed};
use wireline_packet::capture::pcapng;
use wireline_packet::ipv4;
use wireline_packet::layers::{Direction, LinkType};
use wireline_packet::tcp::Segment;

use super::rooms::{CLIENT, SERVER};
use super::scenes::Scene;
use super::stage::Event;
use super::wire::{Fate, Passing};
use crate::ladder::{Choice, Drawing, Ending, Heading};

pub(super) struct Director {
    drawing: Drawing,
    frames: Option<Frames>,
    scene: &'static Scene,
    connections: Vec<Connection>,
    /// To be said when the first connection begins.
    before: Option<&'static str>,
}

struct Connection {
    id: u32,
    conversation: Conversation,
    lessons: Vec<String>,
    /// What comes now is no part of the scene.
    is_over: bool,
}

struct Frames {
    writer: pcapng::Writer<Box<dyn Write>>,
    interface: u32,
}

impl Director {
    pub(super) fn new(drawing: Drawing, choice: &Choice, scene: &'static Scene) -> Result<Self> {
        let frames = choice.pcapng().map(Frames::create).transpose()?;
        Ok(Self { drawing, frames, scene, connections: Vec::new(), before: Some(scene.before) })
    }

    pub(super) fn take(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Passing(passing) => self.see(&passing),
            Event::Said(port, text) => {
                let Some(place) = self.of(port) else { return Ok(()) };
                self.connections[place].conversation.say(text);
                self.draw(place)
            }
            Event::Over(port, lessons) => {
                let Some(place) = self.of(port) else { return Ok(()) };
                let connection = &mut self.connections[place];
                (connection.lessons, connection.is_over) = (lessons, true);
                Ok(())
            }
        }
    }

    /// Ends all that was begun.
    pub(super) fn finish(mut self) -> Result<()> {
        for place in 0..self.connections.len() {
            self.connections[place].conversation.settle();
            self.draw(place)?;
            let connection = &mut self.connections[place];
            let ending = Ending {
                summary: Some(connection.conversation.summary()),
                kernel_rtt: None,
                application: None,
                data_rtt: None,
                time_wait_left: None,
                remarks: std::mem::take(&mut connection.lessons),
            };
            self.drawing.end(connection.id, &ending)?;
        }
        self.drawing.finish()?;
        if let Some(mut frames) = self.frames {
            frames.writer.flush()?;
        }
        Ok(())
    }

    fn see(&mut self, passing: &Passing) -> Result<()> {
        let Some(segment) = observed(passing) else { return Ok(()) };
        let is_clients = segment.source.ip() == CLIENT;
        let client = if is_clients { segment.source } else { segment.destination };
        let place = self.of(client.port());
        let reused = |place: &usize| self.connections[*place].conversation.is_reused_by(&segment);
        let place = match place.filter(|place| !reused(place)) {
            Some(place) => place,
            None => self.begin(&segment, client, passing.wall)?,
        };
        if self.connections[place].is_over {
            return Ok(());
        }
        if let Some(frames) = &mut self.frames {
            frames.write(passing)?;
        }
        let conversation = &mut self.connections[place].conversation;
        match passing.fate {
            Fate::Arrives => conversation.observe(&segment),
            Fate::Lost => {
                conversation.observe_lost(&segment);
                conversation.say("The wire loses it: the other end never sees it.");
            }
            Fate::Marked => {
                conversation.observe(&segment);
                conversation.say("A router marks it on its way: CE.");
            }
        }
        self.draw(place)
    }

    fn begin(
        &mut self,
        segment: &Observed<'_>,
        client: SocketAddr,
        wall: Duration,
    ) -> Result<usize> {
        let is_clients = segment.source == client;
        let server = if is_clients { segment.destination } else { segment.source };
        let place = self.connections.len();
        let id = u32::try_from(place).unwrap_or(u32::MAX);
        let heading = Heading {
            client,
            server,
            host: None,
            title: Some(format!("{}: {}", self.scene.name, self.scene.about)),
            view: "wire".to_owned(),
            started: wall,
        };
        self.drawing.start(id, heading)?;
        let conversation = Conversation::new(client, server);
        self.connections.push(Connection { id, conversation, lessons: Vec::new(), is_over: false });
        if let Some(text) = self.before.take() {
            let caption = Caption { text: text.to_owned() };
            self.drawing.line(id, &Line::Caption(caption))?;
        }
        Ok(place)
    }

    fn draw(&mut self, place: usize) -> Result<()> {
        let connection = &mut self.connections[place];
        while let Some(line) = connection.conversation.poll_line() {
            self.drawing.line(connection.id, &line)?;
        }
        Ok(())
    }

    /// The latest connection from this port of the client's.
    fn of(&self, port: u16) -> Option<usize> {
        self.connections
            .iter()
            .rposition(|connection| connection.conversation.client().port() == port)
    }
}

fn observed(passing: &Passing) -> Option<Observed<'_>> {
    let header = ipv4::Header::parse(&passing.packet).ok()?;
    let segment = Segment::parse(header.payload).ok()?;
    let known = [CLIENT, SERVER];
    let ours = known.contains(&header.source) && known.contains(&header.destination);
    ours.then(|| Observed {
        at: passing.at,
        source: (header.source, segment.source_port).into(),
        destination: (header.destination, segment.destination_port).into(),
        hop_limit: header.ttl,
        segment,
        length: u32::try_from(segment.payload.len()).unwrap_or(u32::MAX),
    })
}

impl Frames {
    fn create(file: Option<&std::path::PathBuf>) -> Result<Self> {
        let output: Box<dyn Write> = match file {
            Some(path) => Box::new(io::BufWriter::new(File::create(path)?)),
            None => Box::new(io::stdout().lock()),
        };
        let mut writer = pcapng::Writer::new(output, "handshake lab")?;
        let interface = writer.interface(LinkType::RAW, "wire", 0)?;
        Ok(Self { writer, interface })
    }

    fn write(&mut self, passing: &Passing) -> io::Result<()> {
        self.writer.write(&pcapng::Packet {
            interface: self.interface,
            at: passing.wall,
            length: u32::try_from(passing.packet.len()).unwrap_or(u32::MAX),
            contents: &passing.packet,
            direction: Direction::Unknown,
            comment: match passing.fate {
                Fate::Arrives => "",
                Fate::Lost => "lost on the way",
                Fate::Marked => "marked on the way",
            },
        })
    }
}
