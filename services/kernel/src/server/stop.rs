//! Stopping a process: announced, asked softly, then for good.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The wish to stop, shared by everything that runs: servers, jobs, consumers. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    leaving: CancellationToken,
    soft: CancellationToken,
    hard: CancellationToken,
    tasks: TaskTracker,
    reload: Arc<Notify>,
}

// === impl Stop ===

impl Stop {
    /// Nobody wishes to stop yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// At the first SIGINT or SIGTERM says that the process is leaving, and stops softly `pre_stop` later, when whoever
    /// sends it calls has seen that; at the second signal stops for good. SIGHUP ends nothing: whoever waits for
    /// [`Stop::reload`] reads its files again. Needs a running tokio runtime.
    ///
    /// # Errors
    /// When the machine does not give signals.
    #[cfg(unix)]
    pub fn on_signals(pre_stop: Duration) -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let stop = Self::new();
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let (mut hangup, reload) = (signal(SignalKind::hangup())?, stop.reload.clone());
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                tracing::info!("told to look at the files that are followed");
                reload.notify_waiters();
            }
        });
        let told = stop.clone();
        tokio::spawn(async move {
            let mut asked = async || tokio::select! { _ = interrupt.recv() => {} _ = terminate.recv() => {} };
            asked().await;
            told.leave();
            if tokio::time::timeout(pre_stop, asked()).await.is_err() {
                told.request();
                asked().await;
            }
            told.force();
        });
        Ok(stop)
    }

    /// Says that the process will stop soon, so that nobody sends it more calls; those that come are answered.
    pub fn leave(&self) {
        self.leaving.cancel();
    }

    /// Asks everything to come to an end.
    pub fn request(&self) {
        self.leaving.cancel();
        self.soft.cancel();
    }

    /// Asks everything to end at once.
    pub fn force(&self) {
        self.request();
        self.hard.cancel();
    }

    /// Cancelled when nobody should send more calls.
    pub fn leaving(&self) -> &CancellationToken {
        &self.leaving
    }

    /// Cancelled when things should come to an end.
    pub fn soft(&self) -> &CancellationToken {
        &self.soft
    }

    /// Cancelled when things should end at once.
    pub fn hard(&self) -> &CancellationToken {
        &self.hard
    }

    /// Returns when the process is next told to read its files again.
    pub async fn reload(&self) {
        self.reload.notified().await;
    }

    /// Runs a background task that [`Stop::finished`] waits for; it is dropped when the stop is for good.
    pub fn spawn<F>(&self, work: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let hard = self.hard.clone();
        self.tasks.spawn(async move {
            let _ = hard.run_until_cancelled_owned(work).await;
        });
    }

    /// Waits for a wish to stop, then for all tasks, at most `limit`; then stops for good. Tells whether all tasks
    /// came to their end by themselves.
    pub async fn finished(&self, limit: Duration) -> bool {
        self.soft.cancelled().await;
        self.tasks.close();
        let ended = tokio::time::timeout(limit, self.tasks.wait()).await.is_ok();
        self.force();
        ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_does_not_end_is_dropped_at_the_limit() {
        let stop = Stop::new();
        let soft = stop.soft().clone();
        stop.spawn(async move { soft.cancelled().await });
        stop.request();
        assert!(stop.finished(Duration::from_secs(60)).await);
        let stop = Stop::new();
        stop.spawn(std::future::pending());
        stop.request();
        assert!(!stop.finished(Duration::from_millis(20)).await);
        stop.tasks.wait().await;
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_hangup_reloads_and_ends_nothing() {
        let stop = Stop::on_signals(Duration::ZERO).unwrap();
        let mut reload = Box::pin(stop.reload());
        assert!(futures::poll!(&mut reload).is_pending());
        let own = std::process::id().to_string();
        // Without a handler this ends the process that runs the tests.
        assert!(std::process::Command::new("kill").args(["-HUP", &own]).status().unwrap().success());
        tokio::time::timeout(Duration::from_secs(10), reload).await.unwrap();
        assert!(!stop.soft().is_cancelled());
    }
}
