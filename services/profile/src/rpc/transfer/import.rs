//! `ImportCustomerFiles`: whole files come in, each in one act or not at all; what is refused stops no other (P-47, P-48).

use std::time::Duration;

use dossier_authority::Base;
use dossier_authority::base::refused;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result, code};
use dossier_kernel::faults::Faults;
use dossier_kernel::name;
use dossier_kernel::objects::Objects;
use dossier_kernel::slots::Slot;
use dossier_kernel::streamed::{Answers, Streamed, streamed};
use dossier_kernel::transact;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::import_customer_files_request::Message as Said;
use dossier_proto::profile::v1::{ImportCustomerFilesRequest, ImportCustomerFilesResponse, ImportOutcome};
use dossier_regime::Action;
use tonic::{Code, Status, Streaming};

use super::receiving::{Receiving, Step};
use crate::domain::text;
use crate::domain::transfer::Batch;
use crate::rpc::transfer_service::TransferRpc;
use crate::store::transfer as store;
use crate::work::customer_file::session::Session;
use crate::work::transfer::{Brought, Coming, bring, journal};

/// How long a stream may be silent.
const SILENCE: Duration = Duration::from_secs(60);

type Tell = Answers<ImportCustomerFilesResponse>;
type Pieced = Streaming<ImportCustomerFilesRequest>;

/// One stream that brings files in.
struct Incoming {
    base: Base,
    call: Call,
    contents: Objects,
    batch: Batch,
    validate_only: bool,
    _slot: Slot,
}

/// Answers the call: whether it may begin is said before anything of the stream is read but its first message.
///
/// # Errors
/// As the contract says.
pub async fn run(
    rpc: &TransferRpc,
    call: &Call,
    first: ImportCustomerFilesRequest,
    rest: Pieced,
) -> Result<Streamed<ImportCustomerFilesResponse>> {
    let (base, slot) = (rpc.base.clone(), rpc.streams.take(call)?);
    let begin = match first.message {
        Some(Said::Begin(begin)) => begin,
        _ => wire::ImportBegin::default(),
    };
    let batch = transact!(base.db, tx => Box::pin(begun(&base, call, tx, &begin)).await)?;
    let (call, contents, validate_only) = (call.clone(), rpc.contents.clone(), begin.validate_only);
    let mut incoming = Incoming { base, call, contents, batch, validate_only, _slot: slot };
    Ok(streamed(&rpc.stop, 64, |tell| async move { incoming.follow(rest, &tell).await }))
}

// The batch that the stream begins, or goes on with.
async fn begun(base: &Base, call: &Call, tx: &mut Tx, begin: &wire::ImportBegin) -> Result<Batch> {
    let session = Session::open(base, tx, call, Action::FileImport).await?;
    let given = begin.batch.clone().unwrap_or_default();
    let mut faults = Faults::default();
    let asked = faults.absorb(Batch::asked(&given, session.principal.person, call.now));
    let reason = faults.absorb(text::reason(&begin.reason, true)).unwrap_or_default();
    let asked = faults.finish_with(asked)?;
    if let Some(known) = store::lookup(tx, &call.org, asked.id).await? {
        known.require_same(&asked)?;
        known.require_open()?;
        return Ok(known);
    }
    if !begin.validate_only {
        if !store::insert(tx, &call.org, &asked).await? {
            return Err(Error::new(Reason::ConflictRetry).transient());
        }
        journal(&session, tx, &asked, ("import.begun", &reason, "")).await?;
    }
    Ok(asked)
}

async fn next(rest: &mut Pieced) -> Result<Option<wire::TransferPart>, Status> {
    let message = tokio::time::timeout(SILENCE, rest.message()).await;
    let message = message.map_err(|_| Error::new(Reason::DeadlineExceeded))??;
    match message.map(|message| message.message) {
        None => Ok(None),
        Some(Some(Said::Part(part))) => Ok(Some(part)),
        Some(_) => Err(Error::violation("begin", "is for the first message alone").into()),
    }
}

// === impl Incoming ===

impl Incoming {
    async fn follow(&mut self, mut rest: Pieced, tell: &Tell) -> Result<(), Status> {
        while let Some(part) = next(&mut rest).await? {
            let mut receiving = self.begin(part).await?;
            let ended = self.receive(&mut receiving, &mut rest).await;
            let answer = match ended {
                Ok(()) => self.ended(&mut receiving).await,
                Err(fault) => Err(fault),
            };
            if !matches!(&answer, Ok(answer) if answer.outcome == i32::from(ImportOutcome::Created) && !self.validate_only)
            {
                receiving.drop_contents(&self.base, &self.contents, &self.call.org).await;
            }
            if tell.send(Ok(answer?)).await.is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    // The right is asked as of now, with every file.
    async fn begin(&mut self, part: wire::TransferPart) -> Result<Receiving> {
        self.base.go_on(&mut self.call).await?;
        let mut tx = self.base.db.read().await?;
        let session = Session::open(&self.base, &mut tx, &self.call, Action::FileImport).await?;
        Receiving::begin(&session, &mut tx, &self.batch, (part, self.validate_only)).await
    }

    // Until its end has come.
    async fn receive(&mut self, receiving: &mut Receiving, rest: &mut Pieced) -> Result<(), Status> {
        loop {
            let part =
                next(rest).await?.ok_or_else(|| Error::violation("part", "is missing: the file has not ended"))?;
            match receiving.add(&self.base, &self.contents, &self.call, part).await? {
                Step::More => {}
                Step::Whole => return Ok(()),
            }
        }
    }

    async fn ended(&mut self, receiving: &mut Receiving) -> Result<ImportCustomerFilesResponse, Status> {
        let key = receiving.key().to_owned();
        let brought = match receiving.refused() {
            Some(fault) => Err(fault),
            None => self.bring(receiving).await,
        };
        match brought {
            Ok(brought) => Ok(self.told(key, &brought)),
            Err(fault) if is_refusal(&fault) => {
                let fault = refused(&self.base, &self.call, &self.batch.name(), "file.import", fault).await;
                let (outcome, refusal) = (ImportOutcome::Refused.into(), Some(refusal(&fault)));
                Ok(ImportCustomerFilesResponse { key, outcome, refusal, ..ImportCustomerFilesResponse::default() })
            }
            Err(fault) => Err(fault.into()),
        }
    }

    async fn bring(&self, receiving: &Receiving) -> Result<Brought> {
        if let Some(file) = receiving.known() {
            return Ok(Brought { file, number: String::new(), existing: true });
        }
        let (base, call) = (&self.base, &self.call);
        let coming = Coming {
            batch: &self.batch,
            parcel: receiving.parcel(),
            drawn: receiving.drawn(),
            held: receiving.held(),
            tried: self.validate_only,
        };
        if self.validate_only {
            // Nothing of it is committed.
            let mut tx = base.db.write().await?;
            let session = Session::open(base, &mut tx, call, Action::FileImport).await?;
            return Box::pin(bring(&session, &mut tx, &coming)).await;
        }
        let brought = transact!(base.db, tx => {
            let session = Session::open(base, tx, call, Action::FileImport).await?;
            Box::pin(bring(&session, tx, &coming)).await
        })?;
        base.wake.ring();
        // The first try may have come through, its answer lost.
        Ok(Brought { existing: brought.existing && brought.file != receiving.drawn().file, ..brought })
    }

    fn told(&self, key: String, brought: &Brought) -> ImportCustomerFilesResponse {
        let outcome = if brought.existing { ImportOutcome::AlreadyThere } else { ImportOutcome::Created };
        let tried = self.validate_only && !brought.existing;
        ImportCustomerFilesResponse {
            key,
            outcome: outcome.into(),
            file: if tried { String::new() } else { name::name("files", brought.file) },
            number: brought.number.clone(),
            refusal: None,
        }
    }
}

// What is at fault in the file alone, so that the next may be right.
fn is_refusal(fault: &Error) -> bool {
    let codes =
        [Code::InvalidArgument, Code::NotFound, Code::FailedPrecondition, Code::AlreadyExists, Code::PermissionDenied];
    codes.contains(&code(fault.reason()))
}

fn refusal(fault: &Error) -> wire::ImportRefusal {
    let told = |one: &dossier_kernel::error::Violation| wire::ImportFault {
        field: one.field.clone(),
        description: one.why.clone(),
    };
    wire::ImportRefusal {
        reason: fault.reason().into(),
        faults: fault.violations().iter().map(told).collect(),
        metadata: fault.told().collect(),
    }
}
