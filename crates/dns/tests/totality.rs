//! Whatever comes in is read to an end and can be shown: answers of named, nsd and unbound, cut at every
//! place, changed in every octet and spliced at random. Nothing may panic, and no text may hold what moves a
//! cursor or grow without bound.

#![expect(clippy::unwrap_used, reason = "a test")]

use wireline_dns::present::{
    CookieCheck, Split, Style, edns_text, edns_yaml, is_well_formed, question, rdata, record,
};
use wireline_dns::{Header, Message};

/// Lines `name type hex`.
const CAPTURED: &str = include_str!("captured.txt");

fn captured() -> Vec<Vec<u8>> {
    let octets = |hex: &str| -> Vec<u8> {
        let pair = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(pair).collect()
    };
    CAPTURED.lines().map(|line| octets(line.rsplit(' ').next().unwrap())).collect()
}

fn styles() -> [Style; 4] {
    let plain = Style::default;
    [
        plain(),
        Style { multiline: true, rr_comments: Some(true), ttl_units: true, ..plain() },
        Style { unknown_format: true, split: Split::Never, ttl: false, ..plain() },
        Style { yaml: true, crypto: false, expand_aaaa: true, class: false, ..plain() },
    ]
}

/// Reads a message and shows all of it in every style; returns how long all texts are.
fn show(octets: &[u8], styles: &[Style]) -> usize {
    let Some(message) = Message::parse(octets) else {
        assert!(octets.len() < Header::SIZE);
        return 0;
    };
    let mut length = 0;
    let mut look = |text: &str| {
        // A tab and, in several lines, their ends are of the layout.
        let is_plain = |octet: u8| matches!(octet, b' '..=b'~' | b'\t' | b'\n');
        assert!(text.bytes().all(is_plain), "{text:?} of {octets:02x?}");
        length += text.len();
    };
    for style in styles {
        message.questions.iter().for_each(|asked| look(&question(asked, style)));
        for each in &message.records {
            look(&record(each, style));
            look(&rdata(each.kind, each.class, each.rdata, style));
            let _ = is_well_formed(each.kind, each.class, each.rdata);
        }
    }
    if let Some(opt) = message.opt() {
        for line in edns_text(opt, CookieCheck::None) {
            look(&line);
        }
        for line in edns_yaml(opt, CookieCheck::None) {
            look(&line.text);
        }
    }
    length
}

#[test]
fn answers_of_real_servers_are_read_whole() {
    for octets in captured() {
        let message = Message::parse(&octets).unwrap();
        assert_eq!(message.fault, None, "{octets:02x?}");
        for each in &message.records {
            assert!(is_well_formed(each.kind, each.class, each.rdata), "{each:?}");
        }
        show(&octets, &styles());
    }
}

// Of the long one every ninth, for it costs as much as all others.
#[test]
fn every_cut_can_be_shown() {
    for octets in captured() {
        for length in (0..octets.len()).step_by(if octets.len() > 1000 { 9 } else { 1 }) {
            show(&octets[..length], &styles()[1..2]);
        }
    }
}

#[test]
fn every_octet_may_be_another() {
    for (number, octets) in captured().into_iter().enumerate() {
        let step = if octets.len() > 1000 { 9 } else { 1 };
        let styles = [styles()[number % 4].clone()];
        for at in (0..octets.len()).step_by(step) {
            for value in [0, 0xc0, octets[at] ^ 0x80, octets[at].wrapping_add(1)] {
                let mut changed = octets.clone();
                changed[at] = value;
                show(&changed, &styles);
            }
        }
    }
}

/// Numbers that look like chance and are the same each time (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(bound).unwrap()).unwrap()
    }
}

#[test]
fn messages_spliced_at_random_can_be_shown() {
    let captured = captured();
    let mut chance = Chance(5);
    for _ in 0..3000 {
        let [one, other] = [(); 2].map(|()| &captured[chance.below(captured.len())]);
        let mut spliced = one[..chance.below(one.len())].to_vec();
        spliced.extend(&other[chance.below(other.len())..]);
        for _ in 0..chance.below(4) {
            let at = chance.below(spliced.len());
            spliced[at] = u8::try_from(chance.below(256)).unwrap();
        }
        spliced.truncate(2000);
        show(&spliced, &[styles()[chance.below(4)].clone()]);
    }
}

/// S21: compression that costs its reader the square of its length.
#[test]
fn largest_message_of_many_names_is_bounded() {
    let mut octets = b"\0\0\x80\0\0\0\0\0\0\0\0\0".to_vec();
    // A name of 254 octets, and then as many records as there is room for that point to it.
    octets.extend([[&[63][..], &[b'a'; 63]].concat().repeat(3), vec![60], vec![b'b'; 60]].concat());
    octets.push(0);
    octets.extend(b"\0\x02\0\x01\0\0\0\0\0\x02\xc0\x0c");
    let mut count = 1_u16;
    while octets.len() + 14 <= 65535 {
        octets.extend(b"\xc0\x0c\0\x02\0\x01\0\0\0\0\0\x02\xc0\x0c");
        count += 1;
    }
    octets[6..8].copy_from_slice(&count.to_be_bytes());
    assert!(count > 4600, "{count}");
    let length = show(&octets, &styles()[..1]);
    // Each record has its owner once and its target twice, for its data is shown alone too.
    assert!(length < usize::from(count) * 900, "{length} octets of text");
}
