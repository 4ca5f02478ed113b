//! The narrator: says what happens, how long it took, and refuses to go on when something differs.

use std::fmt::Display;
use std::io::Write;
use std::time::Instant;

use dossier_kernel::error::{Reason, reason_of};
use tonic::Status;

use crate::Failure;

/// Tells the story on standard output.
#[derive(Debug)]
pub struct Stage {
    begun: Instant,
    steps: usize,
}

// === impl Stage ===

impl Stage {
    /// Begins the story now.
    pub fn new() -> Self {
        Self { begun: Instant::now(), steps: 0 }
    }

    /// Says a sentence.
    pub fn say(&self, text: impl Display) {
        // Nobody listens to a closed pipe; the exit code still tells.
        let _ = writeln!(std::io::stdout().lock(), "{text}");
    }

    /// Begins a chapter.
    pub fn chapter(&self, title: &str) {
        self.say(format_args!("\n{title}"));
    }

    /// Does one step and says that it was done and how long it took.
    ///
    /// # Errors
    /// Those of the step, with its words in front.
    pub async fn step<T>(&mut self, words: &str, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let begun = Instant::now();
        let done = work.await.map_err(|fault| fault.within(words))?;
        self.steps += 1;
        self.say(format_args!("  {:>9.1} ms  {words}", begun.elapsed().as_secs_f64() * 1e3));
        Ok(done)
    }

    /// How many steps were done, and in how many seconds.
    pub fn tally(&self) -> (usize, f64) {
        (self.steps, self.begun.elapsed().as_secs_f64())
    }
}

impl Default for Stage {
    fn default() -> Self {
        Self::new()
    }
}

/// Refuses to go on unless `holds`.
///
/// # Errors
/// `words` when it does not.
pub fn must(holds: bool, words: impl Display) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(Failure::differs(words)) }
}

/// The reply's message, or what was refused in plain words.
///
/// # Errors
/// The refusal.
pub fn given<T>(answer: Result<tonic::Response<T>, Status>) -> Result<T, Failure> {
    answer.map(tonic::Response::into_inner).map_err(Failure::from)
}

/// Demands that a call was refused for `reason`.
///
/// # Errors
/// When it was answered, or refused for another reason.
pub fn refused<T>(answer: Result<tonic::Response<T>, Status>, reason: Reason) -> Result<Status, Failure> {
    let wanted = reason.as_str_name();
    match answer {
        Ok(_) => Err(Failure::differs(format_args!("answered, but must be refused with {wanted}"))),
        Err(status) if reason_of(&status) == Some(reason) => Ok(status),
        Err(status) => Err(Failure::from(status).within(&format!("must be refused with {wanted}, but"))),
    }
}
