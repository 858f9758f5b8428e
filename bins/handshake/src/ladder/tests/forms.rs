use super::super::json::Json;
use super::super::{mermaid::Mermaid, packetdrill::Packetdrill, svg::Svg, text::Text};
use super::*;

/// Whether a drawing is what it was. With `BLESS` in the environment it becomes so.
fn is_golden(name: &str, text: &str) {
    let path = format!("{}/src/ladder/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(golden == text, "{name}: if the change is meant, set BLESS=1. It is now:\n{text}");
}

fn json(heading: &Heading, lines: &[Line], ending: &Ending) -> String {
    let mut out = Vec::new();
    let mut json = Json::start(1, heading, &mut out).unwrap();
    for line in lines {
        json.line(line, &mut out).unwrap();
    }
    json.end(ending, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn text_fits_its_columns() {
    let (lines, ending) = captured();
    let heading = heading(Some("three-way"));
    for width in [60, 80, 120] {
        let text = drawn(Text::new(look(width, Explain::Long)), &heading, &lines, &ending);
        let longest = text.lines().map(|line| line.chars().count()).max();
        assert!(longest.unwrap() <= width, "{width}:\n{text}");
        assert!(text.lines().all(|line| !line.ends_with(' ')), "{text:?}");
    }
    let text = |look| drawn(Text::new(look), &heading, &lines, &ending);
    is_golden("text80.txt", &text(look(80, Explain::Nothing)));
    is_golden("text80-explain.txt", &text(look(80, Explain::Short)));
    is_golden("text120-long.txt", &text(look(120, Explain::Long)));
}

#[test]
fn rails_stand_one_below_the_other() {
    let (lines, ending) = captured();
    let text = drawn(Text::new(look(80, Explain::Long)), &heading(None), &lines, &ending);
    let ladder = text.lines().skip(1).take_while(|line| !line.is_empty());
    for line in ladder {
        let columns: Vec<_> = line.chars().collect();
        let is_rail = |column: usize| matches!(columns.get(column), Some('│' | '├' | '┤'));
        assert!(is_rail(13) && is_rail(66), "{line}");
    }
}

#[test]
fn ascii_has_nothing_else() {
    let (lines, ending) = captured();
    let plain = Look { unicode: false, absolute: true, ..look(80, Explain::Long) };
    let text = drawn(Text::new(plain), &heading(None), &lines, &ending);
    assert!(text.is_ascii(), "{text}");
    is_golden("ascii80.txt", &text);
}

#[test]
fn without_its_colors_it_says_the_same() {
    let (lines, ending) = captured();
    let all: Vec<_> = lines.into_iter().chain(rejected()).collect();
    let colored = Look { colored: true, ..look(80, Explain::Short) };
    let text = drawn(Text::new(colored), &heading(Some("x")), &all, &ending);
    assert!(text.contains("\x1b[31m"));
    let mut plain = String::new();
    for piece in text.split('\x1b') {
        // The first has no sequence before it.
        let rest = piece.strip_prefix('[').and_then(|piece| piece.split_once('m'));
        plain.push_str(rest.map_or(piece, |(_, rest)| rest));
    }
    assert_eq!(
        plain,
        drawn(Text::new(look(80, Explain::Short)), &heading(Some("x")), &all, &ending)
    );
}

#[test]
fn what_went_wrong_is_drawn_too() {
    let text =
        drawn(Text::new(look(80, Explain::Short)), &heading(None), &rejected(), &ending(None));
    is_golden("rejected80.txt", &text);
    assert!(!text.contains('\x1b'));
}

#[test]
fn every_form_draws_the_same_connection() {
    let (lines, ending) = captured();
    let (named, plain) = (heading(Some("three-way")), look(80, Explain::Short));
    is_golden("connection.mmd", &drawn(Mermaid::new(plain), &named, &lines, &ending));
    is_golden("connection.pkt", &drawn(Packetdrill::new(), &named, &lines, &ending));
    is_golden("connection.svg", &drawn(Svg::new(plain), &named, &lines, &ending));
    is_golden("connection.jsonl", &json(&named, &lines, &ending));
}

#[test]
fn mermaid_has_nothing_that_ends_a_message() {
    let mut all = captured().0;
    all.extend(rejected());
    let title = "a;b #c %%{init}%% <d>\nend";
    let text =
        drawn(Mermaid::new(look(80, Explain::Long)), &heading(Some(title)), &all, &ending(None));
    for line in text.lines().skip(1) {
        let is_known = ["    participant ", "    Note over ", "    C1", "    S1"];
        assert!(is_known.iter().any(|start| line.starts_with(start)), "{line}");
        let codes = line.matches('#').count();
        assert_eq!(line.matches(';').count(), codes, "{line}");
        assert!(!line.contains('<') && !line.contains('%'), "{line}");
    }
}

#[test]
fn svg_is_well_formed_whatever_is_in_it() {
    let mut all = captured().0;
    all.extend(rejected());
    let title = "<script>&\"\u{ffff}\u{0}]]>";
    let text = drawn(Svg::new(look(80, Explain::Long)), &heading(Some(title)), &all, &ending(None));
    assert!(!text.contains("<script>"));
    let mut open = Vec::new();
    for tag in text.split('<').skip(1) {
        let (tag, after) = tag.split_once('>').unwrap();
        assert!(!after.contains('>'), "{after}");
        assert!(after.split('&').skip(1).all(|entity| entity.contains(';')), "{after}");
        assert!(tag.matches('"').count().is_multiple_of(2), "{tag}");
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        match tag.strip_prefix('/') {
            Some(closed) => assert_eq!(open.pop(), Some(closed)),
            None if tag.ends_with('/') || tag.starts_with('?') => {}
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
    assert!(text.chars().all(|c| c == '\n' || c >= ' '), "no control characters (XML 1.0 §2.2)");
}

#[test]
fn each_line_of_json_is_an_object_with_its_time() {
    let (mut lines, ending) = captured();
    lines.extend(rejected());
    for line in json(&heading(None), &lines, &ending).lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!((&value["tool"], &value["connection"]), (&"handshake".into(), &1.into()));
        assert!(value["unix_ms"].as_f64().unwrap() >= 1.7e12, "{line}");
    }
}

#[test]
fn packetdrill_calls_what_makes_the_client_speak() {
    let (lines, ending) = captured();
    let text = drawn(Packetdrill::new(), &heading(None), &lines, &ending);
    let has = |line: &str| assert!(text.lines().any(|is| is == line), "{line}:\n{text}");
    has("+0.020284 write(3, ..., 6) = 6");
    has("+0.000000 > P. 1:7(6) ack 1 <nop,nop,TS val 116156941 ecr 1987169564>");
    has("+0.000158 < F. 7:7(0) ack 8 win 64 <nop,nop,TS val 1987169605 ecr 116156962>");
}

#[test]
fn segment_that_is_lost_ends_on_its_way_in_every_form() {
    let (mut lines, ending) = captured();
    lines.truncate(2);
    for line in &mut lines {
        let Line::Segment(step) = line else { continue };
        step.notes.push(Note::Lost);
    }
    let of = |painter: &mut dyn Painter| {
        let mut out = String::new();
        painter.heading(&heading(None), &mut out);
        for line in &lines {
            painter.line(line, &mut out);
        }
        painter.ending(&ending, &mut out);
        painter.finish(&mut out);
        out
    };
    for width in [60, 80, 120, 140] {
        let text = of(&mut Text::new(look(width, Explain::Nothing)));
        let arrows: Vec<_> = text.lines().filter(|line| line.contains('✗')).collect();
        assert_eq!(arrows.len(), 2, "{text}");
        assert!(arrows[0].contains(" │") && arrows[0].ends_with(" │"), "not to the rail: {text}");
        assert!(arrows[1].contains("│ ") && arrows[1].ends_with('┤'), "nor back: {text}");
        let columns = |line: &str| line.chars().count();
        assert_eq!(columns(arrows[0]), columns(arrows[1]), "{text}");
        assert!(!arrows.concat().contains(['▶', '◀']), "{text}");
    }
    let ascii = Look { unicode: false, ..look(80, Explain::Nothing) };
    assert!(of(&mut Text::new(ascii)).contains("-x "));
    let mermaid = of(&mut Mermaid::new(look(80, Explain::Nothing)));
    assert!(mermaid.contains("C1-xS1: SYN ") && mermaid.contains("S1-xC1: SYN,ACK"), "{mermaid}");
    let svg = of(&mut Svg::new(look(80, Explain::Nothing)));
    assert!(svg.contains("M640 ") && svg.contains("M310 "), "a cross at either side: {svg}");
}
