use std::collections::HashMap;
use std::hash::Hash;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

/// What is known of something that is looked up beside the work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<T> {
    /// Nothing yet.
    Pending,
    /// There is none, or it will not come.
    None,
    /// This.
    Known(T),
}

/// Questions that threads answer, each one at a time.
///
/// Whoever wants an answer asks for it, goes on, and looks again when the descriptor says that
/// something has come: nothing ever waits here.
#[derive(Debug)]
pub(crate) struct Lookups<Q, T> {
    known: HashMap<Q, Answer<T>>,
    questions: Sender<Q>,
    answers: Receiver<(Q, Option<T>)>,
    wake: UnixStream,
}

impl<Q: Copy + Eq + Hash + Send + 'static, T: Send + 'static> Lookups<Q, T> {
    /// What is asked for at once, and kept. Past that there are no answers: whoever sends replies
    /// from a million addresses shall not fill our memory.
    const LIMIT: usize = 4096;

    /// Starts a thread for each of `workers`, which ends when this is dropped and its present question
    /// is answered.
    ///
    /// A worker is also given a stream that is hung up once nobody wants the answer.
    pub(crate) fn start<W>(name: &str, workers: impl IntoIterator<Item = W>) -> io::Result<Self>
    where
        W: FnMut(Q, &UnixStream) -> Option<T> + Send + 'static,
    {
        let (questions, asked) = channel();
        let (found, answers) = channel();
        let (wake, waker) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        waker.set_nonblocking(true)?;
        let asked = Arc::new(Mutex::new(asked));
        for mut worker in workers {
            let (asked, found, waker) = (asked.clone(), found.clone(), waker.try_clone()?);
            let work = move || {
                while let Some(question) = next(&asked) {
                    if found.send((question, worker(question, &waker))).is_err() {
                        return;
                    }
                    // A full pipe has enough in it to wake anybody.
                    let _ = (&waker).write(&[0]);
                }
            };
            thread::Builder::new().name(name.into()).spawn(work)?;
        }
        Ok(Self { known: HashMap::new(), questions, answers, wake })
    }

    /// The answer to a question, which is asked if this is the first time.
    pub(crate) fn get(&mut self, question: Q) -> &Answer<T> {
        if !self.known.contains_key(&question) && self.known.len() < Self::LIMIT {
            let asked = self.questions.send(question).is_ok();
            self.known.insert(question, if asked { Answer::Pending } else { Answer::None });
        }
        self.known.get(&question).unwrap_or(&Answer::None)
    }

    /// Takes in the answers that have come.
    pub(crate) fn collect(&mut self) {
        let mut octets = [0; 64];
        while (&self.wake).read(&mut octets).is_ok_and(|n| n > 0) {}
        for (question, answer) in self.answers.try_iter() {
            self.known.insert(question, answer.map_or(Answer::None, Answer::Known));
        }
    }
}

/// The next question; `None` once nobody asks any more.
fn next<Q>(asked: &Mutex<Receiver<Q>>) -> Option<Q> {
    asked.lock().ok()?.recv().ok()
}

/// Readable when there is something to [`collect`](Lookups::collect).
impl<Q, T> AsFd for Lookups<Q, T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_past_the_limit_are_not_asked() {
        let mut lookups =
            Lookups::<usize, usize>::start("test", [|n, _: &UnixStream| Some(n)]).unwrap();
        for n in 0..Lookups::<usize, usize>::LIMIT {
            assert_eq!(lookups.get(n), &Answer::Pending);
        }
        assert_eq!(lookups.get(usize::MAX), &Answer::None);
        assert_eq!(lookups.get(0), &Answer::Pending, "those before it are still under way");
    }
}
