//! Capture files that were cut short, or damaged: through the reader, the state machine and every form of drawing.

use std::io::Cursor;
use std::net::Ipv4Addr;
use std::time::Duration;

use wireline_packet::capture::pcapng::{Packet, Writer};
use wireline_packet::layers::{Direction, LinkType};
use wireline_packet::tcp::{Flags, Segment};

use super::*;
use crate::ladder::{Explain, Look};

/// A connection with options, data and both FINs, in packets of IPv4.
fn packets() -> Vec<Vec<u8>> {
    let ends = [Ipv4Addr::new(192, 0, 2, 1), Ipv4Addr::new(192, 0, 2, 2)];
    let options: &[u8] = &[2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7];
    let ack = Flags::ACK;
    [
        (0, Flags::SYN, 7, 0, options, &b""[..]),
        (1, Flags::SYN | ack, 90, 8, options, b""),
        (0, ack, 8, 91, &[], b""),
        (0, ack, 8, 91, &[], b"hello"),
        (1, ack | Flags::FIN, 91, 13, &[], b"\x1b[2J"),
        (0, ack | Flags::FIN, 13, 96, &[], b""),
        (1, ack, 96, 14, &[], b""),
    ]
    .into_iter()
    .map(|(from, flags, sequence, acknowledgment, options, payload)| {
        let ports = [40_000, 80];
        let segment = Segment {
            source_port: ports[from],
            destination_port: ports[1 - from],
            sequence,
            acknowledgment,
            flags,
            window: 1000,
            urgent: 0,
            options,
            payload,
        };
        let mut tcp = Vec::new();
        segment.emit(ends[from].into(), ends[1 - from].into(), &mut tcp);
        let length = u16::try_from(20 + tcp.len()).unwrap().to_be_bytes();
        let mut out = vec![0x45, 0, length[0], length[1], 0, 0, 0x40, 0, 64, 6, 0, 0];
        out.extend([ends[from].octets(), ends[1 - from].octets()].as_flattened());
        out.extend(tcp);
        out
    })
    .collect()
}

fn as_pcapng() -> Vec<u8> {
    let mut octets = Vec::new();
    let mut writer = Writer::new(&mut octets, "test").unwrap();
    let interface = writer.interface(LinkType::RAW, "eth0", 0).unwrap();
    for (n, contents) in (0..).zip(&packets()) {
        let at = Duration::from_millis(1_700_000_000_000 + n);
        let length = u32::try_from(contents.len()).unwrap();
        let (direction, comment) = (Direction::Unknown, "");
        writer.write(&Packet { interface, at, length, contents, direction, comment }).unwrap();
    }
    octets
}

fn as_pcap() -> Vec<u8> {
    let words =
        |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>();
    let mut octets = words(&[0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 101]);
    for packet in packets() {
        let length = u32::try_from(packet.len()).unwrap();
        octets.extend(words(&[1_700_000_000, 0, length, length]));
        octets.extend(packet);
    }
    octets
}

/// Reads it and draws it in every form; what came of it, and how much was drawn. Nothing drawn may reach beyond text.
fn drawn(octets: &[u8]) -> (Totals, usize) {
    let folder = tempfile::tempdir().unwrap();
    let forms = [Form::Text, Form::Json, Form::Svg, Form::Mermaid, Form::Packetdrill];
    let file = |form: &Form| (*form, Some(folder.path().join(format!("{form:?}"))));
    let look = Look {
        explain: Explain::Long,
        absolute: false,
        colored: false,
        unicode: true,
        width: 80,
        all: false,
    };
    let choice = Choice { outputs: forms.iter().map(file).collect(), look };
    let wanted = Wanted {
        filter: Filter::default(),
        numbers: Vec::new(),
        count: None,
        from_their_start: false,
    };
    let gallery = Gallery::new(Drawing::open(&choice).unwrap(), Amount::All);
    let mut collector = Collector::new(wanted, gallery, "test".to_owned());
    let input: Box<dyn Read> = Box::new(Cursor::new(octets.to_vec()));
    if let Ok(reader) = Reader::new(BufReader::new(input)) {
        assert!(!matches!(all(reader, &mut collector, None), Err(Failed::Output(_))));
    }
    let totals = collector.finish().unwrap();
    let mut length = 0;
    for (form, path) in &choice.outputs {
        let text = std::fs::read_to_string(path.as_ref().unwrap()).unwrap();
        let is_plain = |c: char| !c.is_control() || c == '\n';
        assert!(text.chars().all(is_plain), "{form:?}: {text:?}");
        length += text.len();
    }
    (totals, length)
}

#[test]
fn files_cut_anywhere_are_drawn_as_far_as_they_go() {
    for whole in [as_pcap(), as_pcapng()] {
        let most = drawn(&whole).1;
        assert_eq!(drawn(&whole).0.told, 1);
        for end in 0..whole.len() {
            assert!(drawn(&whole[..end]).1 <= most, "{end}");
        }
    }
}

#[test]
fn damaged_files_do_no_harm() {
    const SEEDS: u64 = 800;
    /// Drawn of seven packets whatever they say.
    const MOST: usize = 200_000;
    let files = [as_pcap(), as_pcapng()];
    let mut told = 0;
    for seed in 1..=SEEDS {
        // Marsaglia's xorshift.
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state >> 33).unwrap()
        };
        let mut octets = files[next() % 2].clone();
        for _ in 0..=(next() % 6) {
            let at = next() % octets.len();
            octets[at] ^= 1 << (next() % 8);
        }
        let (totals, length) = drawn(&octets);
        assert!(length < MOST, "{seed}: {length}");
        told += totals.told;
    }
    assert!(told > 0, "nothing was read at all");
}
