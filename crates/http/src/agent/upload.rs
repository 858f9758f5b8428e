//! What is sent behind a request's head: octets, files, forms, a piece at a time.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::failure::{Failure, Kind};
use crate::multipart::{self, Encoder, Piece};
use crate::spec::{Body, Upload};

/// Octets of a file that are read at once.
const BITE: usize = 128 * 1024;

/// A body that is being sent.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pieces: VecDeque<Part>,
    /// Octets of all; `None` where that is not known.
    pub(crate) length: Option<u64>,
}

#[derive(Debug)]
enum Part {
    Octets(Bytes),
    File {
        file: File,
        left: Option<u64>,
        encoder: Option<Encoder>,
    },
    /// What somebody types, or a program says: read by a thread, because that may take its time.
    Stdin {
        coming: mpsc::Receiver<std::io::Result<Bytes>>,
        encoder: Option<Encoder>,
    },
}

/// What a body is, before it is opened.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) source: Source,
    /// A form's own.
    pub(crate) content_type: Option<String>,
}

impl Source {
    /// Nothing.
    pub(crate) fn none() -> Self {
        Self { pieces: VecDeque::new(), length: Some(0) }
    }

    /// Of this body; `from` is the octet of an upload to go on from.
    pub(crate) fn open(body: &Body, from: u64) -> Result<Opened, Failure> {
        let plain = |source| Opened { source, content_type: None };
        Ok(match body {
            Body::None => plain(Self::none()),
            Body::Octets(octets, content_type) => Opened {
                source: Self::octets(octets.clone()),
                content_type: content_type.map(str::to_owned),
            },
            Body::Upload(upload) => plain(Self::upload(upload, from)?),
            Body::Form(form) => Self::form(form)?,
        })
    }

    pub(crate) fn octets(octets: Bytes) -> Self {
        let length = Some(count(octets.len()));
        Self { pieces: VecDeque::from([Part::Octets(octets)]), length }
    }

    fn upload(upload: &Upload, from: u64) -> Result<Self, Failure> {
        let (part, length) = open(&upload.path, from, None)?;
        Ok(Self { pieces: VecDeque::from([part]), length })
    }

    fn form(form: &multipart::Form) -> Result<Opened, Failure> {
        let body = form.body(&mut boundary, &size).map_err(|why| Failure::new(Kind::Read, why))?;
        let mut pieces = VecDeque::new();
        for piece in body.pieces {
            pieces.push_back(match piece {
                Piece::Octets(octets) => Part::Octets(octets),
                Piece::File { path, encoder } => open(&path, 0, encoder)?.0,
            });
        }
        let source = Self { pieces, length: body.length };
        Ok(Opened { source, content_type: Some(body.content_type) })
    }

    /// Whether all of it is at hand, small enough to go with the head.
    pub(crate) fn take_small(&mut self) -> Option<Bytes> {
        match self.pieces.front() {
            Some(Part::Octets(octets)) if self.pieces.len() == 1 && octets.len() <= 64 * 1024 => {
                match self.pieces.pop_front() {
                    Some(Part::Octets(octets)) => Some(octets),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Comes next, before the rest.
    pub(crate) fn put_back(&mut self, octets: Bytes) {
        self.pieces.push_front(Part::Octets(octets));
    }

    /// The next octets; `None` at the end.
    pub(crate) fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, Failure>> {
        loop {
            let Some(part) = self.pieces.front_mut() else { return Poll::Ready(Ok(None)) };
            let next = match part {
                Part::Octets(octets) => Some(std::mem::take(octets)).filter(|one| !one.is_empty()),
                Part::File { file, left, encoder } => read(file, left, encoder)?,
                Part::Stdin { coming, encoder } => match coming.poll_recv(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(octets) => {
                        encode(encoder, octets.transpose().map_err(|why| failed(&why))?)?
                    }
                },
            };
            match next {
                Some(octets) if octets.is_empty() => {}
                Some(octets) => return Poll::Ready(Ok(Some(octets))),
                None => drop(self.pieces.pop_front()),
            }
        }
    }
}

fn open(path: &Path, from: u64, encoder: Option<Encoder>) -> Result<(Part, Option<u64>), Failure> {
    if path == Path::new("-") || path == Path::new(".") {
        return Ok((Part::Stdin { coming: stdin(from), encoder }, None));
    }
    let cannot = |_| {
        let path = path.display();
        Failure::new(Kind::Read, format!("cannot open '{path}'"))
    };
    let mut file = File::open(path).map_err(cannot)?;
    let about = file.metadata().map_err(cannot)?;
    if about.is_dir() {
        return Err(Failure::new(Kind::Read, "read function returned funny value"));
    }
    let length = about.is_file().then(|| about.len().saturating_sub(from));
    if from > 0 {
        file.seek(SeekFrom::Start(from)).map_err(|why| failed(&why))?;
    }
    Ok((Part::File { file, left: length, encoder }, length))
}

fn read(
    file: &mut File,
    left: &mut Option<u64>,
    encoder: &mut Option<Encoder>,
) -> Result<Option<Bytes>, Failure> {
    let most = left.map_or(BITE, |left| usize::try_from(left).map_or(BITE, |left| left.min(BITE)));
    let mut octets = vec![0; most];
    let length = if most == 0 { 0 } else { file.read(&mut octets).map_err(|why| failed(&why))? };
    if length == 0 && left.is_some_and(|left| left > 0) {
        return Err(Failure::new(Kind::Read, "the file became shorter while it was being sent"));
    }
    octets.truncate(length);
    if let Some(left) = left {
        *left = left.saturating_sub(count(length));
    }
    encode(encoder, (length > 0).then(|| Bytes::from(octets)))
}

/// `None`: there is no more. The encoder is gone once it has said its last.
fn encode(encoder: &mut Option<Encoder>, octets: Option<Bytes>) -> Result<Option<Bytes>, Failure> {
    let Some(encoding) = encoder else { return Ok(octets) };
    let mut coded = Vec::new();
    let (octets, is_last) = octets.map_or((Bytes::new(), true), |octets| (octets, false));
    let outcome = encoding.encode(&octets, is_last, &mut coded);
    outcome.map_err(|why| Failure::new(Kind::Read, why))?;
    if is_last {
        *encoder = None;
    }
    Ok(Some(Bytes::from(coded)).filter(|one| !is_last || !one.is_empty()))
}

/// Reads stdin in a thread of its own, which ends with it or with whoever listens.
fn stdin(skip: u64) -> mpsc::Receiver<std::io::Result<Bytes>> {
    let (send, coming) = mpsc::channel(2);
    let read = move || {
        let mut stdin = std::io::stdin().lock();
        if skip > 0 {
            let _ = std::io::copy(&mut Read::by_ref(&mut stdin).take(skip), &mut std::io::sink());
        }
        loop {
            let mut octets = vec![0; BITE / 2];
            let next = match stdin.read(&mut octets) {
                Ok(0) => return,
                Ok(length) => {
                    octets.truncate(length);
                    Ok(Bytes::from(octets))
                }
                Err(why) if why.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(why) => Err(why),
            };
            if send.blocking_send(next).is_err() {
                return;
            }
        }
    };
    drop(std::thread::Builder::new().name("stdin".to_owned()).spawn(read));
    coming
}

fn size(path: &Path) -> Option<u64> {
    let about = std::fs::metadata(path).ok()?;
    about.is_file().then_some(about.len())
}

/// 22 letters and digits, as curl's boundaries end.
fn boundary() -> String {
    const LETTERS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let random = super::random::<22>();
    let letter =
        |octet: &u8| LETTERS.get(usize::from(*octet) % LETTERS.len()).copied().unwrap_or(b'0');
    random.iter().map(|octet| char::from(letter(octet))).collect()
}

fn failed(why: &std::io::Error) -> Failure {
    Failure::new(Kind::Read, format!("the body could not be read: {why}"))
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
