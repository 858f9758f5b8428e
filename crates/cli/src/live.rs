use std::io;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Lines for a person that change in place, one a subject. Nothing is drawn where stdout is not a
/// terminal.
#[derive(Debug)]
pub struct Live {
    all: MultiProgress,
    lines: Vec<ProgressBar>,
}

impl Live {
    /// No lines yet.
    #[must_use]
    pub fn new() -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stdout_with_hz(10));
        Self { all, lines: Vec::new() }
    }

    /// Sets the text of line `n`, and makes the lines before it if they are not there yet. A text
    /// wider than the terminal is cut.
    pub fn set(&mut self, n: usize, text: String) {
        while self.lines.len() <= n {
            let style = ProgressStyle::with_template("{wide_msg}");
            let line = ProgressBar::no_length()
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            self.lines.push(self.all.add(line));
        }
        self.lines[n].set_message(text);
        self.lines[n].tick();
    }

    /// Prints above the lines.
    pub fn print(&self, text: &str) -> io::Result<()> {
        self.all.println(text)
    }

    /// Takes the lines off the screen.
    pub fn clear(&self) -> io::Result<()> {
        self.lines.iter().for_each(ProgressBar::finish_and_clear);
        self.all.clear()
    }

    /// Leaves the lines on the screen as they are.
    pub fn finish(&self) {
        self.lines.iter().for_each(ProgressBar::abandon);
    }
}

impl Default for Live {
    fn default() -> Self {
        Self::new()
    }
}

/// Recent times as a row of bars, the oldest first, scaled to the longest; a lost one is `!`.
#[must_use]
pub fn sparkline<'a>(recent: impl IntoIterator<Item = &'a Option<Duration>> + Clone) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let longest = recent.clone().into_iter().flatten().max().map_or(0, Duration::as_nanos).max(1);
    let bar = |time: &Option<Duration>| match time {
        Some(time) => {
            let step = time.as_nanos() * (BARS.len() as u128 - 1) / longest;
            BARS[usize::try_from(step).unwrap_or(0).min(BARS.len() - 1)]
        }
        None => '!',
    };
    recent.into_iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_scaled_to_the_longest_and_a_loss_stands_out() {
        let recent = [Some(1), None, Some(70), Some(35)].map(|ms| ms.map(Duration::from_millis));
        assert_eq!(sparkline(&recent), "▁!█▄");
        assert_eq!(sparkline(&[]), "");
    }
}
