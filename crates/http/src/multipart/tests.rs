use super::*;

fn source(parts: Vec<Part>, escapes: bool) -> Result<Source, String> {
    let mut count = 0;
    let mut random = || {
        count += 1;
        format!("{count:0>22}")
    };
    let size = |path: &Path| (path.as_os_str() != "-").then_some(12);
    Form { parts, escapes, media_type: None }.body(&mut random, &size)
}

/// With `<path>` where a file goes.
fn text(source: &Source) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Octets(octets) => String::from_utf8_lossy(octets).into_owned(),
        Piece::File { path, .. } => format!("<{}>", path.display()),
    };
    source
        .pieces
        .iter()
        .map(piece)
        .collect::<String>()
        .replace("\r\n", "|")
        .replace(&"-".repeat(26), "--B")
        .replace(&"-".repeat(24), "B")
}

fn part(name: &str, content: &str) -> Part {
    let content = Content::Octets(content.as_bytes().to_vec());
    Part { name: Some(name.to_owned()).filter(|name| !name.is_empty()), content, ..Part::default() }
}

fn file(name: &str, path: &str, filename: Option<&str>) -> Part {
    let filename = filename.map(str::to_owned);
    Part { content: Content::File(path.into()), filename, ..part(name, "") }
}

#[test]
fn form_is_that_of_curl() {
    let typed = Part {
        media_type: Some("text/foo".into()),
        filename: Some("q\"u\\.txt".into()),
        ..part("c", "x")
    };
    let parts =
        vec![part("a", "b"), file("file", "a.txt", Some("a.txt")), file("t", "a.txt", None), typed];
    let source = source(parts, false).unwrap();
    assert_eq!(
        source.content_type,
        "multipart/form-data; boundary=------------------------0000000000000000000001"
    );
    let expected = "--B0000000000000000000001|Content-Disposition: form-data; name=\"a\"||b|\
        --B0000000000000000000001|Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"|Content-Type: text/plain||<a.txt>|\
        --B0000000000000000000001|Content-Disposition: form-data; name=\"t\"||<a.txt>|\
        --B0000000000000000000001|Content-Disposition: form-data; name=\"c\"; filename=\"q%22u\\.txt\"|Content-Type: text/foo||x|\
        --B0000000000000000000001--|";
    assert_eq!(text(&source), expected);
    let octets: usize = source
        .pieces
        .iter()
        .map(|piece| match piece {
            Piece::Octets(octets) => octets.len(),
            Piece::File { .. } => 12,
        })
        .sum();
    assert_eq!(source.length, Some(octets as u64));
}

#[test]
fn length_is_curls() {
    // `curl -F 'm=@a.txt,b.png'` of 12 and 1 octets sends 562; both have 12 here.
    let inner = vec![file("", "a.txt", Some("a.txt")), file("", "b.png", Some("b.png"))];
    let parts = vec![Part { content: Content::Parts(inner), ..part("m", "") }];
    let source = source(parts, false).unwrap();
    assert_eq!(source.length, Some(562 + 11));
    assert!(text(&source).contains("name=\"m\"|Content-Type: multipart/mixed; boundary=B0000000000000000000002||--B0000000000000000000002|Content-Disposition: attachment; filename=\"a.txt\"|"));
}

#[test]
fn parts_of_parts_are_attachments_or_nothing() {
    let html = Part { media_type: Some("text/html".into()), ..part("", "two") };
    let outer = Part {
        content: Content::Parts(vec![part("x", "1"), html]),
        media_type: Some("multipart/alternative".into()),
        ..part("", "")
    };
    let source = source(vec![outer, part("z", "2")], false).unwrap();
    assert_eq!(source.length, Some(561), "as curl's");
    let shown = text(&source);
    assert!(shown.contains(
        "1|Content-Disposition: form-data|Content-Type: multipart/alternative; boundary="
    ));
    assert!(shown.contains("2|Content-Type: text/html||two|"), "{shown}");
}

#[test]
fn own_fields_take_the_place_of_ours() {
    let with = |name: &str, field: &str| Part { fields: vec![field.to_owned()], ..part(name, "1") };
    let parts = vec![
        with("x", "X-A: b"),
        with("y", "content-type: text/x"),
        with("w", "Content-Disposition: foo"),
    ];
    let shown = text(&source(parts, true).unwrap());
    assert!(shown.contains("name=\"x\"|X-A: b||1"), "{shown}");
    assert!(shown.contains("name=\"y\"|Content-Type: text/x||1"), "{shown}");
    assert!(shown.contains("1|Content-Disposition: foo||1"), "{shown}");
    let shown =
        text(&source(vec![file("f", "we\"ird\\n.html", Some("we\"ird\\n.html"))], true).unwrap());
    assert!(shown.contains("filename=\"we\\\"ird\\\\n.html\"|Content-Type: text/html"), "{shown}");
}

#[test]
fn stdin_has_no_type_and_no_length() {
    let source = source(vec![file("s", "-", Some("-"))], false).unwrap();
    assert_eq!(source.length, None);
    assert!(text(&source).contains("filename=\"-\"||<->"));
}

fn encoded(encoder: &str, octets: &[u8], step: usize) -> String {
    let mut encoder = Encoder::new(encoder).unwrap().unwrap();
    let mut text = Vec::new();
    for octets in octets.chunks(step) {
        encoder.encode(octets, false, &mut text).unwrap();
    }
    encoder.encode(b"", true, &mut text).unwrap();
    if let Some(length) = encoder.length(octets.len() as u64) {
        assert_eq!(length, text.len() as u64);
    }
    String::from_utf8(text).unwrap()
}

#[test]
fn encoders_are_those_of_rfc_2045() {
    assert_eq!(encoded("base64", b"hello world\n", 100), "aGVsbG8gd29ybGQK");
    assert_eq!(encoded("base64", &[0; 58], 100), format!("{}\r\nAA==", "A".repeat(76)));
    assert_eq!(
        encoded("quoted-printable", "a=b \u{e9} \r\nc\n\t".as_bytes(), 100),
        "a=3Db =C3=A9=20\r\nc=0A=09"
    );
    assert_eq!(encoded("quoted-printable", &[b'x'; 76], 100), "x".repeat(76));
    assert_eq!(encoded("quoted-printable", &[b'x'; 77], 100), format!("{}=\r\nxx", "x".repeat(75)));
    assert!(Encoder::new("7bit").unwrap().unwrap().encode(b"\xe9", true, &mut Vec::new()).is_err());
    assert!(Encoder::new("rot13").is_err());
}

#[test]
fn pieces_make_no_difference() {
    let mut chance = crate::chance::Chance::new(7);
    for _ in 0..300 {
        let octets = chance.mix(b"ab =\r\n\t\xff", 400);
        for encoder in ["base64", "quoted-printable"] {
            let whole = encoded(encoder, &octets, 1_000);
            let step = chance.below(9) + 1;
            assert_eq!(encoded(encoder, &octets, step), whole, "{octets:?}");
            assert!(whole.split("\r\n").all(|line| line.len() <= 76));
        }
    }
}
