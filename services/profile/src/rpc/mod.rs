//! The road of every request: enter, authorise, convert, load, decide, save with its journal entry, answer.
//!
//! # To add an rpc
//! 1. Write `rpc/<resource>/<method>.rs` with one `run`: what it needs of the caller first, then what is wrong with the
//!    request, then the file, then its state.
//! 2. Name it in `rpc/<resource>_service.rs`, with the resource and the action that a refusal is journaled under.

pub mod customer_file;
pub mod customer_file_service;
pub mod number;
pub mod number_service;
pub mod template;
pub mod template_service;

/// Enters a call, runs it, and journals its refusal if it is refused. What the function needs besides base, call and
/// request follows it.
macro_rules! answer {
    ($base:expr, $request:ident, $method:expr, $resource:expr, $action:expr, $run:path $(, $with:expr)*) => {{
        let base = &$base;
        let call = dossier_kernel::call::Call::enter(&base.providers, &$request, $method)?;
        let request = $request.into_inner();
        let resource: String = $resource(&request);
        // Before any transaction: who only was not asked lately gets the chance to say that nothing was taken back (I5).
        base.freshness.settle(&call.org).await;
        let answer = match base.require_believed(&call.org, &["access"]) {
            // Boxed: the future of a whole mutation is large.
            Ok(()) => Box::pin($run(base, &call, request $(, $with)*)).await,
            Err(fault) => Err(fault),
        };
        match answer {
            Ok(reply) => Ok(tonic::Response::new(reply)),
            Err(fault) => Err(dossier_authority::refused(base, &call, &resource, $action, fault).await.into()),
        }
    }};
}
pub(crate) use answer;
