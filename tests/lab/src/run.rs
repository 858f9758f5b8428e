//! What a run of a program left behind, and what a test says of it.
//!
//! It starts nothing itself: that is for [`crate::Host::command`] and [`crate::Host::spawn`].

use std::process::Output;

use serde_json::Value;

use crate::texts;

/// What a run of a program left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// Stdout.
    pub out: String,
    /// Stderr.
    pub err: String,
}

#[expect(clippy::must_use_candidate, reason = "assertions give themselves for the next one")]
impl Run {
    /// Of a program of ours, which writes UTF-8 and is called by its name whatever its path was.
    #[must_use]
    pub fn of(output: Output) -> Self {
        let (code, out, err) = texts(output);
        Self { code, out, err }
    }

    /// Of a program that writes octets of others: what is not UTF-8 becomes U+FFFD.
    #[must_use]
    pub fn lossy(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Runs a program to its end, whatever its exit code is. Arguments are cut at spaces.
    #[must_use]
    pub fn to_end(mut command: assert_cmd::Command, args: &str) -> Self {
        // Unlike `output`, which fails where the exit code is not 0.
        Self::of(command.args(args.split_whitespace()).assert().get_output().clone())
    }

    /// Stdout in lines of JSON. Every line must be a value.
    #[must_use]
    pub fn json(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }

    /// The objects of one event.
    #[must_use]
    pub fn events(&self, name: &str) -> Vec<Value> {
        self.json().into_iter().filter(|object| object["event"] == name).collect()
    }

    /// Asserts the exit code.
    #[track_caller]
    pub fn exit(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }

    /// Asserts the exit code, and that nothing was said on stderr.
    #[track_caller]
    pub fn quiet_exit(&self, code: i32) -> &Self {
        assert_eq!((self.code, self.err.as_str()), (Some(code), ""), "{}", self.out);
        self
    }

    /// Asserts the exit code, and one line on stderr with each of these words.
    #[track_caller]
    pub fn complains(&self, code: i32, words: &[&str]) -> &Self {
        self.exit(code);
        assert_eq!(self.err.lines().count(), 1, "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "{word:?} is not in {self:?}");
        }
        self
    }

    /// Asserts what stdout is, and that all went well without a word on stderr.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert_eq!((self.out.as_str(), self.err.as_str(), self.code), (text, "", Some(0)));
        self
    }

    /// Asserts that a line of stdout is this, and that the exit code is.
    #[track_caller]
    pub fn has(&self, line: &str, code: i32) -> &Self {
        assert!(self.out.lines().any(|there| there == line), "no {line:?}: {self:#?}");
        self.exit(code)
    }
}
