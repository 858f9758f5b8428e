//! What is said on stderr before and between transfers: `Warning: …` and `fetch: …`, in lines as wide as a terminal.

use crate::complain;

/// Lines to be said, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Notices(pub(crate) String);

impl Notices {
    /// A line with `Warning: ` before it; more than one where it is long, as curl has it.
    pub(crate) fn warning(&mut self, text: &str) {
        self.wrapped("Warning: ", text);
    }

    /// A line with the tool's name before it.
    pub(crate) fn error(&mut self, text: &str) {
        self.wrapped("fetch: ", text);
    }

    /// A line with `Note: ` before it, as `Notices::warning`.
    pub(crate) fn note(&mut self, text: &str) {
        self.wrapped("Note: ", text);
    }

    /// A line with the tool's name before it, however long.
    pub(crate) fn line(&mut self, text: &str) {
        self.push("fetch: ", text);
    }

    fn wrapped(&mut self, prefix: &str, text: &str) {
        self.0.push_str(&complain::wrapped(prefix, text, complain::columns()));
    }

    fn push(&mut self, prefix: &str, text: &str) {
        self.0.push_str(prefix);
        self.0.push_str(text);
        self.0.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::Notices;

    #[test]
    fn long_warning_is_cut_behind_a_blank() {
        let mut said = Notices::default();
        said.warning(
            "You can only select one HTTP request method! You asked for both POST (-d, --data) and HEAD (-I, --head).",
        );
        let want = "Warning: You can only select one HTTP request method! You asked for both POST \n\
                    Warning: (-d, --data) and HEAD (-I, --head).\n";
        assert_eq!(said.0, want);
    }

    #[test]
    fn word_wider_than_the_terminal_is_cut_anywhere() {
        let mut said = Notices::default();
        said.warning(&"x".repeat(100));
        assert_eq!(said.0.lines().count(), 2);
    }
}
