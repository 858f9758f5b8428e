use super::*;

/// What several connections at once come to, as text.
fn text_of(script: impl FnOnce(&mut Drawing)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ladder");
    let outputs = vec![(Form::Text, Some(path.clone()))];
    let look = Look { all: true, ..look(80, Explain::Nothing) };
    let mut drawing = Drawing::open(&Choice { outputs, look }).unwrap();
    script(&mut drawing);
    drawing.finish().unwrap();
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn connections_are_drawn_one_after_the_other() {
    let (lines, ending) = captured();
    let text = text_of(|drawing| {
        drawing.start(1, heading(Some("first"))).unwrap();
        drawing.line(1, &lines[0]).unwrap();
        drawing.start(2, heading(Some("second"))).unwrap();
        drawing.start(3, heading(Some("third"))).unwrap();
        for line in &lines {
            drawing.line(3, line).unwrap();
        }
        drawing.end(3, &ending).unwrap();
        drawing.line(2, &lines[0]).unwrap();
        drawing.line(1, &lines[1]).unwrap();
        drawing.end(1, &ending).unwrap();
        drawing.line(2, &lines[1]).unwrap();
    });
    let at = |word: &str| text.find(word).unwrap();
    assert!(at("first") < at("second") && at("second") < at("third"), "{text}");
    assert_eq!(text.matches("SYN,ACK").count(), 3, "none is lost: {text}");
    assert_eq!(text.matches("server_isn").count(), 3);
}

#[test]
fn connection_that_nobody_began_is_not_drawn() {
    let (lines, ending) = captured();
    let text = text_of(|drawing| {
        drawing.line(7, &lines[0]).unwrap();
        drawing.end(7, &ending).unwrap();
    });
    assert_eq!(text, "");
}

#[test]
fn lines_that_wait_are_bounded_and_what_is_left_out_is_told() {
    let (lines, ending) = captured();
    let text = text_of(|drawing| {
        drawing.start(1, heading(Some("first"))).unwrap();
        drawing.start(2, heading(Some("second"))).unwrap();
        for _ in 0..WAITING + 7 {
            drawing.line(2, &lines[4]).unwrap();
        }
        drawing.end(1, &ending).unwrap();
    });
    assert!(text.contains("7 lines after this had to be left out"));
    assert!(text.matches("ACK seq=1 ack=7").count() == WAITING);
}

#[test]
fn forms_are_read_and_what_makes_no_sense_is_refused() {
    let choice = |words: &[&str], json| {
        let output = words.iter().map(|word| (*word).to_owned()).collect();
        OutputFlags { json, output, ..OutputFlags::default() }.choice()
    };
    let outputs = |words: &[&str]| choice(words, false).unwrap().outputs;
    assert_eq!(outputs(&[]), [(Form::Text, None)]);
    let file = Some(PathBuf::from("a:b"));
    assert_eq!(outputs(&["svg:a:b"]), [(Form::Text, None), (Form::Svg, file)]);
    assert_eq!(outputs(&["packetdrill"]), [(Form::Packetdrill, None)]);
    for words in [&["gif"][..], &["svg:"], &["svg", "mermaid"], &[""]] {
        assert!(choice(words, false).is_err(), "{words:?}");
    }
    assert!(choice(&["text"], true).is_err(), "--json has stdout already");
    let narrow = OutputFlags { width: Some(59), ..OutputFlags::default() };
    assert!(narrow.choice().is_err());
}
