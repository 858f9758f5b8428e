//! What is said on stderr before and between transfers: `Warning: …` and `fetch: …`, in lines as wide as a terminal.

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
        let width = width().saturating_sub(prefix.len());
        let mut rest: Vec<char> = wireline_cli::escape(text).chars().collect();
        while rest.len() > width {
            let blank = |at: &usize| rest.get(*at).is_some_and(|letter| letter.is_whitespace());
            let cut = (1..width).rev().find(blank).map_or(width, |at| at.saturating_add(1));
            let behind = rest.split_off(cut);
            self.push(prefix, &String::from_iter(rest));
            rest = behind;
        }
        if !rest.is_empty() {
            self.push(prefix, &String::from_iter(rest));
        }
    }

    fn push(&mut self, prefix: &str, text: &str) {
        self.0.push_str(prefix);
        self.0.push_str(text);
        self.0.push('\n');
    }
}

/// Columns of the terminal: what `COLUMNS` says, or what the terminal says, or 79.
fn width() -> usize {
    let said = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let asked = || {
        let size = rustix::termios::tcgetwinsize(std::io::stderr()).ok()?;
        Some(usize::from(size.ws_col))
    };
    let usable = |columns: &usize| (21..10_000).contains(columns);
    said.filter(usable).or_else(|| asked().filter(usable)).unwrap_or(79)
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
