//! The chain as a tree: a zone stands below the one that vouches for it.

use std::collections::HashMap;
use std::fmt::Write as _;

use wireline_dns::validate::{Link, Security, Subject, Verdict};
use wireline_dns::{Name, Question};

use super::words;

/// Writes links and the verdict.
pub(crate) struct Tree {
    question: Question,
    /// Only what is not secure is told, and only in the verdict.
    is_brief: bool,
    /// How deep each zone stands.
    depths: HashMap<Name, usize>,
}

impl Tree {
    pub(crate) fn new(question: &Question, is_brief: bool) -> Self {
        Self { question: question.clone(), is_brief, depths: HashMap::new() }
    }

    /// A link with all that it rests on.
    pub(crate) fn link(&mut self, link: &Link) -> String {
        let depth = self.depth(link);
        if self.is_brief {
            return String::new();
        }
        let mut text = String::new();
        if self.depths.len() == 1 && link.subject == Subject::Anchored {
            let _ =
                writeln!(text, ";; VALIDATION OF {} {}:", self.question.name, self.question.kind);
        }
        let (indent, branch) = ("   ".repeat(depth), if depth == 0 { "" } else { "`- " });
        let stem = indent.get(3..).unwrap_or_default();
        let subject = words::subject(&link.subject, &link.zone);
        let _ = writeln!(text, ";  {stem}{branch}{subject}: {}", link.security.word());
        for fact in &link.facts {
            let _ = writeln!(text, ";  {indent}   {}", words::fact(fact));
        }
        if let Some(why) = &link.why {
            let _ = writeln!(text, ";  {indent}   => {}", words::why(why));
        }
        text
    }

    fn depth(&mut self, link: &Link) -> usize {
        let above = self.depths.get(&link.zone).copied();
        match &link.subject {
            Subject::Anchored => *self.depths.entry(link.zone.clone()).or_insert(0),
            Subject::Delegation(child) => {
                let depth = above.map_or(0, |above| above + 1);
                *self.depths.entry(child.clone()).or_insert(depth)
            }
            _ => above.map_or(0, |above| above + 1),
        }
    }

    /// The last line, with the reason where it is not secure.
    pub(crate) fn verdict(&self, verdict: &Verdict) -> String {
        if self.is_brief && verdict.security == Security::Secure {
            return String::new();
        }
        let (name, kind) = (&self.question.name, self.question.kind);
        let mut text = format!(";; {name} {kind} is {}", verdict.security.word());
        if let Some(why) = &verdict.why {
            let _ = write!(text, ": {}", words::why(why));
        }
        let _ = writeln!(
            text,
            " ({} questions, {} signatures checked)",
            verdict.questions, verdict.checks
        );
        if let Some(hint) = verdict.clock {
            let _ = writeln!(
                text,
                ";; every signature is out of its time: {}",
                words::clock_hint(hint)
            );
        }
        if !self.is_brief {
            text.push('\n');
        }
        text
    }
}
