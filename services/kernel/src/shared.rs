//! One look at the store for all who ask at the same time.
//!
//! A question that one statement answers costs a round trip, a plan and a transaction; sixty-four callers who ask at once
//! pay them sixty-four times. A [`Shared`] look takes all questions that wait, answers them by the same statements, and
//! lets the next ones gather meanwhile: the more ask, the less each one costs, and who asks alone waits for nobody.
//!
//! Every answer is of a moment after its question was put: what was committed before a call began is in it.
//!
//! # To share a look
//! 1. Implement [`Look`]: many questions in, as many answers out, in one reading transaction. A question at fault is at
//!    fault in its own answer; only the store fails for all.
//! 2. [`Shared::start`] it once for the service, and [`Shared::ask`] in the rpc.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc, oneshot};

use crate::error::{Error, Reason, Result};

/// Most questions that wait; beyond it each is looked at by itself.
const QUEUE: usize = 4096;

/// Most questions of one look, so that no statement grows without bound.
const MOST: usize = 128;

/// Longest wait for one look: a connection that hangs must not hold up everybody who asks after it.
const LONGEST: Duration = Duration::from_secs(1);

/// What can be looked at for many at once.
#[async_trait::async_trait]
pub trait Look: Send + Sync + 'static {
    /// What is asked.
    type Question: Clone + Send + Sync + 'static;
    /// What is answered.
    type Answer: Send + 'static;

    /// The name in metrics and logs.
    const NAME: &'static str;

    /// One answer to each question, in their order.
    ///
    /// # Errors
    /// Only what fails for all: `STORE_UNAVAILABLE`.
    async fn look(&self, asked: &[Self::Question]) -> Result<Vec<Self::Answer>>;
}

/// A look that callers share; cheap to clone. Its lanes end when the last clone is dropped.
pub struct Shared<L: Look> {
    look: Arc<L>,
    queue: mpsc::Sender<Asked<L>>,
}

struct Asked<L: Look> {
    question: L::Question,
    answer: oneshot::Sender<L::Answer>,
}

struct Lane<L: Look> {
    look: Arc<L>,
    queue: Arc<Mutex<mpsc::Receiver<Asked<L>>>>,
}

// === impl Shared ===

impl<L: Look> Shared<L> {
    /// Starts sharing `look`. Needs a running tokio runtime.
    pub fn start(look: L) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let (look, queue) = (Arc::new(look), Arc::new(Mutex::new(receiver)));
        // Few lanes: while one looks the next callers gather. More than one only where there are processors for it.
        let lanes = std::thread::available_parallelism().map_or(1, |cores| cores.get() / 2).clamp(1, 4);
        for _ in 0..lanes {
            tokio::spawn(Lane { look: Arc::clone(&look), queue: Arc::clone(&queue) }.run());
        }
        Self { look, queue: sender }
    }

    /// The answer to `question` as of a moment after this call began.
    ///
    /// # Errors
    /// As [`Look::look`].
    pub async fn ask(&self, question: L::Question) -> Result<L::Answer> {
        match self.together(question.clone()).await {
            Some(answer) => Ok(answer),
            // The shared look failed or hung: alone, each caller learns the reason as their own.
            None => self.alone(question).await,
        }
    }

    /// As [`ask`](Self::ask), but `None` when the shared look gives no answer.
    pub async fn together(&self, question: L::Question) -> Option<L::Answer> {
        let (answer, answered) = oneshot::channel();
        self.queue.try_send(Asked { question, answer }).ok()?;
        answered.await.ok()
    }

    async fn alone(&self, question: L::Question) -> Result<L::Answer> {
        let answers = self.look.look(&[question]).await?;
        let missing = || Error::new(Reason::Internal).because("a look left out an answer");
        answers.into_iter().next().ok_or_else(missing)
    }
}

impl<L: Look> Clone for Shared<L> {
    fn clone(&self) -> Self {
        Self { look: Arc::clone(&self.look), queue: self.queue.clone() }
    }
}

impl<L: Look> fmt::Debug for Shared<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("look", &L::NAME).finish_non_exhaustive()
    }
}

// === impl Lane ===

impl<L: Look> Lane<L> {
    async fn run(self) {
        while let Some(asked) = self.gather().await {
            self.answer(asked).await;
        }
    }

    async fn gather(&self) -> Option<Vec<Asked<L>>> {
        let mut queue = self.queue.lock().await;
        let mut asked = Vec::with_capacity(MOST);
        if queue.recv_many(&mut asked, MOST).await == 0 {
            return None;
        }
        // Calls that are about to ask come along; when there are none this costs nothing.
        tokio::task::yield_now().await;
        while asked.len() < MOST
            && let Ok(one) = queue.try_recv()
        {
            asked.push(one);
        }
        Some(asked)
    }

    async fn answer(&self, mut asked: Vec<Asked<L>>) {
        // Whoever gave up waiting is not looked for.
        asked.retain(|one| !one.answer.is_closed());
        if asked.is_empty() {
            return;
        }
        metrics::histogram!("dossier_shared_look_callers", "look" => L::NAME).record(asked.len() as f64);
        let (questions, answers): (Vec<_>, Vec<_>) = asked.into_iter().map(|one| (one.question, one.answer)).unzip();
        match tokio::time::timeout(LONGEST, self.look.look(&questions)).await {
            Ok(Ok(given)) => {
                for (answer, given) in answers.into_iter().zip(given) {
                    let _ = answer.send(given);
                }
            }
            // The callers are told nothing and look by themselves.
            Ok(Err(fault)) => tracing::warn!(look = L::NAME, ?fault, "a shared look failed"),
            Err(_) => tracing::warn!(look = L::NAME, "a shared look is not done in time"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Semaphore;

    use super::*;

    struct Doubled {
        may: Semaphore,
        looks: AtomicUsize,
        most: AtomicUsize,
    }

    #[async_trait::async_trait]
    impl Look for Arc<Doubled> {
        type Question = u64;
        type Answer = u64;
        const NAME: &'static str = "doubled";

        async fn look(&self, asked: &[u64]) -> Result<Vec<u64>> {
            self.looks.fetch_add(1, Ordering::Relaxed);
            self.most.fetch_max(asked.len(), Ordering::Relaxed);
            let _permit = self.may.acquire().await;
            if asked.len() > 1 && asked.contains(&13) {
                return Err(Error::new(Reason::StoreUnavailable));
            }
            Ok(asked.iter().map(|one| one * 2).collect())
        }
    }

    // May look `permits` times; then it hangs.
    fn doubled(permits: usize) -> (Arc<Doubled>, Shared<Arc<Doubled>>) {
        let (looks, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let look = Arc::new(Doubled { may: Semaphore::new(permits), looks, most });
        (Arc::clone(&look), Shared::start(look))
    }

    async fn ask_all(shared: &Shared<Arc<Doubled>>, asked: std::ops::Range<u64>) -> Vec<u64> {
        let answers = futures::future::join_all(asked.map(|one| shared.ask(one))).await;
        answers.into_iter().map(|answer| answer.expect("an answer")).collect()
    }

    #[tokio::test]
    async fn who_waits_together_is_answered_by_one_look_each_with_his_own() {
        let (look, shared) = doubled(64);
        assert_eq!(ask_all(&shared, 100..164).await, (100..164).map(|one| one * 2).collect::<Vec<_>>());
        assert!(look.most.load(Ordering::Relaxed) > 1);
        assert!(look.looks.load(Ordering::Relaxed) < 64);
    }

    #[tokio::test]
    async fn a_look_that_fails_for_all_is_made_again_by_each_alone() {
        let (look, shared) = doubled(64);
        assert_eq!(ask_all(&shared, 10..20).await, (10..20).map(|one| one * 2).collect::<Vec<_>>());
        assert!(look.looks.load(Ordering::Relaxed) > 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_that_hangs_gives_its_callers_back() {
        let (_, shared) = doubled(0);
        assert_eq!(shared.together(7).await, None);
    }

    #[tokio::test]
    async fn no_look_is_larger_than_it_may_be() {
        let (look, shared) = doubled(64);
        ask_all(&shared, 1000..2000).await;
        assert!(look.most.load(Ordering::Relaxed) <= MOST);
    }
}
