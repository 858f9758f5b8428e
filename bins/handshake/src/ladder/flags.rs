use anyhow::Result;
use clap::{Args, ValueEnum};

use super::{Choice, Explain};

/// When there are colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    Always,
    Never,
}

/// What the verbs that draw take. Flatten it into the verb's arguments.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct OutputFlags {
    /// Print one JSON object a line: what -o json does
    #[arg(long)]
    pub(crate) json: bool,

    /// Draw as text, json, svg, mermaid, packetdrill or pcapng, to stdout or to FILE; may be repeated
    #[arg(short = 'o', long, value_name = "FMT[:FILE]")]
    pub(crate) output: Vec<String>,

    /// Say with each segment what it means: short (one sentence) or long (with the clause of RFC 9293)
    #[arg(long, value_name = "LENGTH", num_args = 0..=1, require_equals = true, default_missing_value = "short")]
    pub(crate) explain: Option<Explain>,

    /// Show sequence numbers as they are on the wire, not from 0
    #[arg(long)]
    pub(crate) abs_seq: bool,

    /// Use colors: auto, always or never
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,

    /// Draw so many columns wide, not as wide as the terminal
    #[arg(long, value_name = "COLUMNS")]
    pub(crate) width: Option<u16>,
}

impl OutputFlags {
    /// What was asked for, or what is wrong with it (exit 2).
    pub(crate) fn choice(&self) -> Result<Choice> {
        anyhow::bail!("{self:?}: not there yet")
    }
}
