//! A form's octets.

use std::fmt::Write as _;
use std::path::Path;

use bytes::Bytes;

use super::{Content, Encoder, Form, Part, Piece, Source};

const FORM_DATA: &str = "multipart/form-data";
/// Of files whose name says nothing.
const ANY: &str = "application/octet-stream";

/// Media types by the end of a file's name, those that curl knows.
#[rustfmt::skip]
const MEDIA_TYPES: [(&str, &str); 10] = [
    (".gif", "image/gif"), (".jpg", "image/jpeg"), (".jpeg", "image/jpeg"), (".png", "image/png"),
    (".svg", "image/svg+xml"), (".txt", "text/plain"), (".htm", "text/html"), (".html", "text/html"),
    (".pdf", "application/pdf"), (".xml", "application/xml"),
];

/// The body of a form.
pub(super) fn body(
    form: &Form,
    random: &mut dyn FnMut() -> String,
    size: &dyn Fn(&Path) -> Option<u64>,
) -> Result<Source, String> {
    let media_type = form.media_type.as_deref().unwrap_or(FORM_DATA);
    let is_form =
        media_type.get(..FORM_DATA.len()).is_some_and(|it| it.eq_ignore_ascii_case(FORM_DATA));
    let mut writer = Writer {
        escapes: form.escapes,
        random,
        size,
        pieces: Vec::new(),
        octets: Vec::new(),
        length: Some(0),
    };
    let boundary = writer.boundary();
    writer.parts(&form.parts, &boundary, if is_form { "form-data" } else { "attachment" })?;
    writer.flush();
    let Writer { pieces, length, .. } = writer;
    Ok(Source { content_type: format!("{media_type}; boundary={boundary}"), pieces, length })
}

struct Writer<'a> {
    escapes: bool,
    random: &'a mut dyn FnMut() -> String,
    size: &'a dyn Fn(&Path) -> Option<u64>,
    pieces: Vec<Piece>,
    /// Of the next piece.
    octets: Vec<u8>,
    length: Option<u64>,
}

impl Writer<'_> {
    fn boundary(&mut self) -> String {
        format!("{:-<24}{}", "", (self.random)())
    }

    fn flush(&mut self) {
        if !self.octets.is_empty() {
            self.grow(u64::try_from(self.octets.len()).ok());
            self.pieces.push(Piece::Octets(Bytes::from(std::mem::take(&mut self.octets))));
        }
    }

    fn grow(&mut self, octets: Option<u64>) {
        self.length = self.length.zip(octets).and_then(|(sum, octets)| sum.checked_add(octets));
    }

    fn parts(&mut self, parts: &[Part], boundary: &str, disposition: &str) -> Result<(), String> {
        let mut line = format!("--{boundary}");
        for part in parts {
            self.octets.extend(line.as_bytes());
            line = format!("\r\n--{boundary}");
            self.part(part, disposition)?;
        }
        self.octets.extend(format!("{line}--\r\n").as_bytes());
        Ok(())
    }

    fn part(&mut self, part: &Part, disposition: &str) -> Result<(), String> {
        let inner = matches!(part.content, Content::Parts(_)).then(|| self.boundary());
        let head = self.head(part, disposition, inner.as_deref());
        self.octets.extend(head.as_bytes());
        let encoder = part.encoder.as_deref().map(Encoder::new).transpose()?.flatten();
        match &part.content {
            Content::Parts(parts) => self.parts(parts, &inner.unwrap_or_default(), "attachment")?,
            Content::Octets(octets) => match encoder {
                Some(mut encoder) => encoder.encode(octets, true, &mut self.octets)?,
                None => self.octets.extend(octets),
            },
            Content::File(path) => {
                self.flush();
                let size = (self.size)(path);
                let length =
                    encoder.as_ref().map_or(size, |one| size.and_then(|size| one.length(size)));
                self.grow(length);
                self.pieces.push(Piece::File { path: path.clone(), encoder });
            }
        }
        Ok(())
    }

    /// The head of a part, from the end of the line before it.
    fn head(&self, part: &Part, disposition: &str, boundary: Option<&str>) -> String {
        let mut head = "\r\n".to_owned();
        let own = |name: &str| part.fields.iter().find_map(|field| value_of(field, name));
        if own("Content-Disposition").is_none() {
            head += &self.disposition(part, disposition);
        }
        if let Some(media_type) =
            own("Content-Type").map(str::to_owned).or_else(|| media_type(part))
        {
            let _ = write!(head, "Content-Type: {media_type}");
            if let Some(boundary) = boundary {
                let _ = write!(head, "; boundary={boundary}");
            }
            head += "\r\n";
        }
        if let Some(encoder) =
            part.encoder.as_deref().filter(|_| own("Content-Transfer-Encoding").is_none())
        {
            let _ = write!(head, "Content-Transfer-Encoding: {encoder}\r\n");
        }
        for field in part.fields.iter().filter(|field| value_of(field, "Content-Type").is_none()) {
            let _ = write!(head, "{field}\r\n");
        }
        head + "\r\n"
    }

    /// `Content-Disposition`; nothing where it would say nothing.
    fn disposition(&self, part: &Part, disposition: &str) -> String {
        let Part { name, filename, .. } = part;
        if disposition == "attachment" && name.is_none() && filename.is_none() {
            return String::new();
        }
        let mut text = format!("Content-Disposition: {disposition}");
        for (key, value) in [("name", name), ("filename", filename)] {
            if let Some(value) = value {
                let _ = write!(text, "; {key}=\"{}\"", self.quote(value));
            }
        }
        text + "\r\n"
    }

    /// As browsers do (RFC 7578 §2), or with backslashes.
    fn quote(&self, text: &str) -> String {
        let mut quoted = String::with_capacity(text.len());
        for one in text.chars() {
            match one {
                '"' | '\\' if self.escapes => quoted.extend(['\\', one]),
                '"' => quoted += "%22",
                '\r' if !self.escapes => quoted += "%0D",
                '\n' if !self.escapes => quoted += "%0A",
                one => quoted.push(one),
            }
        }
        quoted
    }
}

/// The value of a field of this name.
fn value_of<'a>(field: &'a str, name: &str) -> Option<&'a str> {
    let (own, value) = field.split_once(':')?;
    own.trim().eq_ignore_ascii_case(name).then(|| value.trim())
}

/// Given, or guessed from the file's name.
fn media_type(part: &Part) -> Option<String> {
    if part.media_type.is_some() {
        return part.media_type.clone();
    }
    let told = part.filename.as_deref();
    let guessed = told.and_then(by_name);
    let found = match &part.content {
        Content::Parts(_) => Some("multipart/mixed"),
        Content::Octets(_) => guessed,
        // Stdin has no name of its own.
        Content::File(path) if path.as_os_str() == "-" => guessed,
        Content::File(path) => {
            let read = guessed.or_else(|| by_name(&path.to_string_lossy()));
            let read = read.filter(|found| told.is_some() || *found != "text/plain");
            read.or(told.map(|_| ANY))
        }
    };
    found.map(str::to_owned)
}

fn by_name(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    MEDIA_TYPES.iter().find(|(end, _)| name.ends_with(end)).map(|(_, media_type)| *media_type)
}
