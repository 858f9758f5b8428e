use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use wireline_cli::{Color, Refusal, speaks_utf8};

use super::{Choice, Explain, Form, Look};
use crate::exit::USAGE;

/// Columns where stdout is no terminal.
const WIDTH: usize = 80;
/// No fewer columns make sense, and more make long arrows.
const WIDTHS: std::ops::RangeInclusive<usize> = 60..=140;

/// What the verbs that draw take. Flatten it into the verb's arguments.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct OutputFlags {
    /// Print one JSON object a line: what -o json does
    #[arg(long)]
    pub(crate) json: bool,

    /// Draw as text, json, svg, mermaid, packetdrill or pcapng, to stdout or to FILE; may be
    /// repeated. Where nothing else goes to stdout, the text does
    #[arg(short = 'o', long, value_name = "FMT[:FILE]")]
    pub(crate) output: Vec<String>,

    /// Say with each segment what it means: short (one sentence) or long (and why)
    #[arg(
        long,
        value_name = "LENGTH",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "short"
    )]
    pub(crate) explain: Option<Explain>,

    /// Show sequence numbers as they are on the wire, not from 0
    #[arg(long)]
    pub(crate) abs_seq: bool,

    /// Draw every segment of a long run of data, not only its beginning and its end
    #[arg(long)]
    pub(crate) all_segments: bool,

    /// Use colors: auto, always or never
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,

    /// Draw so many columns wide (60 to 140), not as wide as the terminal
    #[arg(long, value_name = "COLUMNS")]
    pub(crate) width: Option<u16>,
}

impl OutputFlags {
    /// What was asked for, or what is wrong with it (exit 2).
    pub(crate) fn choice(&self) -> Result<Choice> {
        let mut outputs = Vec::new();
        if self.json {
            outputs.push((Form::Json, None));
        }
        for word in &self.output {
            outputs.push(read(word)?);
        }
        let to_stdout = outputs.iter().filter(|(_, file)| file.is_none()).count();
        if to_stdout > 1 {
            return Err(wrong("-o", "only one form can go to stdout: give the others a FILE"));
        }
        if to_stdout == 0 {
            outputs.insert(0, (Form::Text, None));
        }
        Ok(Choice { outputs, look: self.look()? })
    }

    fn look(&self) -> Result<Look> {
        let asked = self.width.map(usize::from);
        if let Some(width) = asked.filter(|width| !WIDTHS.contains(width)) {
            return Err(wrong("--width", &format!("{width}: from 60 to 140")));
        }
        let stdout = rustix::stdio::stdout();
        let is_terminal = rustix::termios::isatty(stdout);
        let size = rustix::termios::tcgetwinsize(stdout).ok().filter(|_| is_terminal);
        let width = size.map(|size| usize::from(size.ws_col)).filter(|width| *width > 0);
        let width = width.unwrap_or(WIDTH).clamp(*WIDTHS.start(), *WIDTHS.end());
        Ok(Look {
            explain: self.explain.unwrap_or_default(),
            absolute: self.abs_seq,
            colored: self.color.is_on(is_terminal),
            unicode: speaks_utf8(),
            width: asked.unwrap_or(width),
            all: self.all_segments,
        })
    }
}

fn wrong(flag: &str, why: &str) -> anyhow::Error {
    Refusal::new(USAGE, format!("{flag}: {why}")).into()
}

/// Reads `svg` and `svg:FILE`.
fn read(word: &str) -> Result<(Form, Option<PathBuf>)> {
    let (name, file) = match word.split_once(':') {
        Some((_, "")) => {
            return Err(wrong("-o", &format!("{word}: a file is needed after the colon")));
        }
        Some((name, file)) => (name, Some(PathBuf::from(file))),
        None => (word, None),
    };
    let form = match name {
        "text" => Form::Text,
        "json" => Form::Json,
        "svg" => Form::Svg,
        "mermaid" => Form::Mermaid,
        "packetdrill" => Form::Packetdrill,
        "pcapng" => Form::Pcapng,
        _ => {
            let known = "text, json, svg, mermaid, packetdrill or pcapng";
            return Err(wrong("-o", &format!("{name}: not one of {known}")));
        }
    };
    Ok((form, file))
}
