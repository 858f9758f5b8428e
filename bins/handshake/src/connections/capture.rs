use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use wireline_packet::capture::pcapng::{Packet, Writer};
use wireline_packet::layers::LinkType;

/// A capture file of what belongs to the connections that are wanted.
pub(crate) struct CaptureFile {
    writer: Writer<Box<dyn Write>>,
    interfaces: HashMap<(LinkType, u32), u32>,
}

impl CaptureFile {
    /// Creates it; without a name it goes to stdout.
    pub(crate) fn open(path: Option<&PathBuf>) -> Result<Self> {
        let output: Box<dyn Write> = match path {
            Some(path) => Box::new(File::create(path).with_context(|| path.display().to_string())?),
            None => Box::new(io::stdout()),
        };
        let writer = Writer::new(Box::new(BufWriter::new(output)) as Box<dyn Write>, APPLICATION)?;
        Ok(Self { writer, interfaces: HashMap::new() })
    }

    /// Writes a packet of an interface, which is described at its first.
    pub(crate) fn write(
        &mut self,
        (link_type, interface): (LinkType, u32),
        name: impl FnOnce() -> String,
        packet: &Packet<'_>,
    ) -> io::Result<()> {
        let number = match self.interfaces.get(&(link_type, interface)) {
            Some(number) => *number,
            None => {
                let number = self.writer.interface(link_type, &name(), 0)?;
                self.interfaces.insert((link_type, interface), number);
                number
            }
        };
        self.writer.write(&Packet { interface: number, ..*packet })
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

const APPLICATION: &str = concat!("handshake ", env!("CARGO_PKG_VERSION"));
