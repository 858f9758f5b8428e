//! The states of TCP and the ways between them (RFC 9293 §3.3.2, Figure 5), with a count in each.

use std::fmt::Write as _;

/// `{NAME}` and blanks up to the brace are the place of a count.
const DIAGRAM: &str = "
                         +-------------+
                         |    CLOSED   |
                         |{CLOSE      }|
                         +-------------+
            listen(2)     |           |     connect(2), SYN sent
              +-----------+           +-----------+
              v                                   v
       +-------------+                     +-------------+
       |   LISTEN    |                     |  SYN_SENT   |
       |{LISTEN     }|                     |{SYN_SENT   }|
       +-------------+                     +-------------+
              | SYN received                      | SYN and ACK received
              v                                   |
       +-------------+                            |
       |  SYN_RECV   |                            |
       |{SYN_RECV   }|                            |
       +-------------+                            |
              | ACK received  +-------------+     |
              +-------------->| ESTABLISHED |<----+
                              |{ESTABLISHED}|
                              +-------------+
              close(2), FIN sent  |     |  FIN received
              +-------------------+     +---------+
              v                                   v
       +-------------+                     +-------------+
       |  FIN_WAIT1  |---- FIN received    | CLOSE_WAIT  |
       |{FIN_WAIT1  }|          |          |{CLOSE_WAIT }|
       +-------------+          v          +-------------+
              |          +-------------+          | close(2), FIN sent
 ACK received |          |   CLOSING   |          v
              v          |{CLOSING    }|   +-------------+
       +-------------+   +-------------+   |  LAST_ACK   |
       |  FIN_WAIT2  |          |          |{LAST_ACK   }|
       |{FIN_WAIT2  }|          |          +-------------+
       +-------------+          |                 | ACK received
              | FIN received    | ACK received    v
              |                 v              CLOSED
              |          +-------------+
              +--------->|  TIME_WAIT  |
                         |{TIME_WAIT  }|--- 60 seconds ---> CLOSED
                         +-------------+
";

/// A state without sockets has an empty place.
pub(super) fn drawn(count: impl Fn(&str) -> u64) -> String {
    let mut text = String::with_capacity(DIAGRAM.len());
    let mut rest = DIAGRAM;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else { break };
        text.push_str(before);
        let count = match count(name.trim_end()) {
            0 => String::new(),
            count => count.to_string(),
        };
        // The braces are a part of the place.
        let _ = write!(text, "{count:^0$}", name.len() + 2);
        rest = behind;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_place_of_one_width() {
        let asked = std::cell::RefCell::new(Vec::new());
        let text = drawn(|name| {
            asked.borrow_mut().push(name.to_owned());
            1_234_567
        });
        assert_eq!(text.matches("|   1234567   |").count(), 11, "{text}");
        assert_eq!(asked.borrow().len(), 11);
        let widths = |text: &str| text.lines().map(str::len).collect::<Vec<_>>();
        assert_eq!(widths(&text), widths(DIAGRAM), "boxes are closed");
        assert!(text.is_ascii() && text.lines().all(|line| line.len() < 80));
    }

    #[test]
    fn empty_states_are_blank() {
        let text = drawn(|name| u64::from(name == "LISTEN"));
        assert!(text.contains("|      1      |"), "{text}");
        assert_eq!(text.matches("|             |").count(), 10, "{text}");
    }
}
