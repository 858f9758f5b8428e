//! The columns of a table of hops, by the letters that mtr knows them by.

use std::time::Duration;

use wireline_cli::{Exit, Refusal};
use wireline_engine::millis;
use wireline_engine::trace::cycles::{Hop, Times};

/// One column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    letter: char,
    pub(super) title: &'static str,
    /// Characters.
    pub(super) width: usize,
}

/// What stands in it.
enum Value {
    Count(u32),
    /// 0 to 100.
    Percent(f64),
    Millis(Duration),
}

/// In the order of mtr's manual.
const FIELDS: [Field; 15] = [
    Field { letter: ' ', title: " ", width: 1 },
    Field { letter: 'L', title: "Loss%", width: 6 },
    Field { letter: 'D', title: "Drop", width: 5 },
    Field { letter: 'R', title: "Rcv", width: 6 },
    Field { letter: 'S', title: "Snt", width: 6 },
    Field { letter: 'N', title: "Last", width: 6 },
    Field { letter: 'B', title: "Best", width: 6 },
    Field { letter: 'A', title: "Avg", width: 6 },
    Field { letter: 'W', title: "Wrst", width: 6 },
    Field { letter: 'V', title: "StDev", width: 6 },
    Field { letter: 'G', title: "Gmean", width: 6 },
    Field { letter: 'J', title: "Jttr", width: 5 },
    Field { letter: 'M', title: "Javg", width: 5 },
    Field { letter: 'X', title: "Jmax", width: 5 },
    Field { letter: 'I', title: "Jint", width: 5 },
];

/// The columns that mtr shows where nobody said which.
const USUAL: &str = "LS NABWV";

impl Field {
    /// Those of a word such as `LSNA`.
    pub(super) fn parse(word: Option<&str>) -> Result<Vec<Self>, Refusal> {
        let bad = |letter: char| {
            let letter = letter.escape_default();
            let message = format!("--order: {letter}: not one of LDRSNBAWVGJMXI or a space");
            Refusal::new(Exit::FAILED, message)
        };
        let find = |letter| FIELDS.into_iter().find(|it| it.letter == letter).ok_or(bad(letter));
        word.unwrap_or(USUAL).chars().map(find).collect()
    }

    fn value(self, hop: &Hop) -> Value {
        let time = |which: fn(&Times) -> Duration| {
            Value::Millis(hop.times.as_ref().map(which).unwrap_or_default())
        };
        match self.letter {
            'L' => Value::Percent(hop.loss_percent),
            'R' => Value::Count(hop.received),
            'S' => Value::Count(hop.sent),
            'N' => time(|times| times.last),
            'B' => time(|times| times.best),
            'A' => time(|times| times.avg),
            'W' => time(|times| times.worst),
            'V' => time(|times| times.stdev),
            'G' => time(|times| times.gmean),
            'J' => time(|times| times.jitter),
            'M' => time(|times| times.jitter_avg),
            'X' => time(|times| times.jitter_max),
            'I' => time(|times| times.jitter_interarrival),
            // The blank one stands for it where there are no columns.
            _ => Value::Count(hop.lost),
        }
    }

    /// As it stands in a table. It may be wider than the column, whose neighbour then cuts it.
    pub(super) fn cell(self, hop: &Hop) -> String {
        let width = self.width - 1;
        match self.value(hop) {
            _ if self.letter == ' ' => " ".to_owned(),
            Value::Count(count) => format!(" {count:width$}"),
            Value::Percent(share) => format!(" {share:4.1}%"),
            Value::Millis(time) => format!(" {:width$.1}", millis(time)),
        }
    }

    /// As it stands between commas.
    pub(super) fn plain(self, hop: &Hop) -> String {
        match self.value(hop) {
            Value::Count(count) => count.to_string(),
            Value::Percent(share) => format!("{share:.2}"),
            Value::Millis(time) => format!("{:.2}", millis(time)),
        }
    }
}
