//! The load while things break: people who create, read, lend, grant and reserve, each by draws of its own.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dossier_fire::ground::Service;
use dossier_fire::history::Call;
use dossier_fire::scene::{money, text};
use dossier_proto::access::v1::access_service_client::AccessServiceClient;
use dossier_proto::access::v1::loan_service_client::LoanServiceClient;
use dossier_proto::access::v1::{GetAccessRequestRequest, ListLoansRequest, RequestAccessRequest, RevokeGrantRequest};
use dossier_proto::credit::v1::exposure_service_client::ExposureServiceClient;
use dossier_proto::credit::v1::{CommitReservationRequest, ListReservationsRequest};
use dossier_proto::profile::v1::customer_file_service_client::CustomerFileServiceClient;
use dossier_proto::profile::v1::{CustomerFile, UpdateCustomerFileRequest};
use dossier_proto::types::{AccessKind, Scope};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::acts::{check_out, give_back, read, release, reserve};
use crate::calls::{Answer, Ask, Callers};
use crate::chance::Chance;
use crate::scene::{self, Scene};
use crate::{change, look};

/// What workers share.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) callers: Arc<Callers>,
    pub(crate) scene: Arc<Scene>,
    /// Files that are effective, for readers.
    pub(crate) read: Arc<Mutex<Vec<String>>>,
}

/// What a worker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trade {
    /// Files from their creation to their number.
    Files,
    /// Reading.
    Read,
    /// Rights to confidential files, from this place of the scene on.
    Grant(usize),
    /// Originals that others want too.
    Lend,
    /// Parts of limits that others want too.
    Reserve,
}

/// What the workers of an ordinary load do.
pub(crate) const MIX: [Trade; 10] = [
    Trade::Files,
    Trade::Files,
    Trade::Read,
    Trade::Grant(0),
    Trade::Grant(2),
    Trade::Lend,
    Trade::Lend,
    Trade::Reserve,
    Trade::Reserve,
    Trade::Reserve,
];

/// One worker.
struct Worker {
    stage: Stage,
    chance: Chance,
    stop: watch::Receiver<bool>,
    trade: Trade,
}

/// The load under way.
pub(crate) struct Load {
    stop: watch::Sender<bool>,
    workers: JoinSet<()>,
}

// === impl Load ===

impl Load {
    /// Starts the workers; what they ask for follows from `seed`.
    pub(crate) fn start(stage: &Stage, seed: u64, trades: &[Trade]) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut workers = JoinSet::new();
        for (trade, number) in trades.iter().zip(1..) {
            let (stage, stop) = (stage.clone(), stopped.clone());
            let worker = Worker { stage, chance: Chance::new(seed, number), stop, trade: *trade };
            workers.spawn(worker.run());
        }
        Self { stop, workers }
    }

    /// Stops the load and waits for the calls under way.
    pub(crate) async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.workers.join_next().await.is_some() {}
    }
}

// === impl Worker ===

impl Worker {
    async fn run(mut self) {
        while !*self.stop.borrow() {
            match self.trade {
                Trade::Files => self.keep_files().await,
                Trade::Read => self.read().await,
                Trade::Grant(first) => self.grant(first).await,
                Trade::Lend => self.lend().await,
                Trade::Reserve => self.reserve().await,
            }
            tokio::time::sleep(Duration::from_millis(self.chance.within(5, 40))).await;
        }
    }

    /// A file from its creation to its number, changed on the way.
    async fn keep_files(&mut self) {
        let Ok(draft) = scene::file(&self.stage.callers, &mut self.chance).await else { return };
        if self.chance.percent(50) {
            self.update(&draft.name).await;
        }
        if let Answer::Done(file) = scene::advance(&self.stage.callers, &mut self.chance, &draft.name).await {
            self.update(&file.name).await;
            self.stage.read.lock().unwrap_or_else(PoisonError::into_inner).push(file.name);
        }
    }

    async fn update(&mut self, name: &str) {
        let words = text(format!("Demand {}", self.chance.next()));
        let file = CustomerFile {
            name: name.to_owned(),
            fields: [("demand".to_owned(), words)].into(),
            ..CustomerFile::default()
        };
        let request = UpdateCustomerFileRequest {
            customer_file: Some(file),
            update_mask: Some(prost_types::FieldMask { paths: vec!["fields.demand".into()] }),
            reason: "asked by phone".into(),
            ..Default::default()
        };
        let ask = Ask::new(Service::Profile, "sales-1", Call::File("file.updated"));
        change!(self.stage.callers, &mut self.chance, ask, CustomerFileServiceClient.update_customer_file, request);
    }

    /// Somebody with standing access reads; each reading must leave its entry.
    async fn read(&mut self) {
        let known = self.stage.read.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let name = if known.is_empty() { self.stage.scene.probe.clone() } else { self.chance.one(&known).clone() };
        read(&self.stage.callers, &mut self.chance, "archivist", &name, None).await;
    }

    /// A right is asked for, approved, used, revoked, and then tried once more.
    async fn grant(&mut self, first: usize) {
        let place = first + usize::try_from(self.chance.within(0, 2)).unwrap_or(0);
        let Some(file) = self.stage.scene.confidential.get(place).cloned() else { return };
        // What was revoked in the round before must stay shut.
        read(&self.stage.callers, &mut self.chance, "sales-2", &file, None).await;
        let Some(grant) = self.granted(&file).await else { return };
        for _ in 0..self.chance.within(1, 5) {
            read(&self.stage.callers, &mut self.chance, "sales-2", &file, None).await;
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        let request =
            RevokeGrantRequest { name: grant.clone(), reason: "no longer needed".into(), ..Default::default() };
        let ask = Ask::new(Service::Access, "gm", Call::Revoke { grant, file: file.clone(), holder: "sales-2" });
        let answer = change!(self.stage.callers, &mut self.chance, ask, AccessServiceClient.revoke_grant, request);
        // Most go on at once; some stay and try the door until it must be shut.
        if answer.done().is_some() && self.chance.percent(50) {
            for _ in 0..12 {
                if *self.stop.borrow() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
                read(&self.stage.callers, &mut self.chance, "sales-2", &file, None).await;
            }
        }
    }

    async fn granted(&mut self, file: &str) -> Option<String> {
        let request = RequestAccessRequest {
            scope: Some(Scope::whole_file()),
            file: file.to_owned(),
            kind: AccessKind::View.into(),
            purpose: "customer_service".into(),
            justification: "an enquiry of the customer".into(),
            ..Default::default()
        };
        let ask = Ask::new(Service::Access, "sales-2", Call::Ask { file: file.to_owned() });
        let asked = change!(self.stage.callers, &mut self.chance, ask, AccessServiceClient.request_access, request);
        let asked = asked.done()?.access_request?;
        scene::approve(&self.stage.callers, &mut self.chance, "deputy", &asked.approval).await.done()?;
        for _ in 0..10 {
            let ask = Ask::new(Service::Access, "sales-2", Call::Look);
            let request = GetAccessRequestRequest { name: asked.name.clone() };
            let known =
                look!(self.stage.callers, &mut self.chance, ask, AccessServiceClient.get_access_request, request);
            if let Some(known) = known.done().filter(|known| !known.grant.is_empty()) {
                return Some(known.grant);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        None
    }

    /// An original that others want too.
    async fn lend(&mut self) {
        let file = self.chance.one(&self.stage.scene.originals).clone();
        let borrower = self.chance.one(&self.stage.scene.borrowers).clone();
        match check_out(&self.stage.callers, &mut self.chance, &file, &borrower, None).await {
            Answer::Done(loan) => {
                tokio::time::sleep(Duration::from_millis(self.chance.within(5, 60))).await;
                give_back(&self.stage.callers, &mut self.chance, &loan.name, &file, None).await;
            }
            // Perhaps somebody gave up before they knew that they have it: it is taken back from whoever has it.
            _ if self.chance.percent(25) => self.take_back(&file).await,
            _ => {}
        }
    }

    async fn take_back(&mut self, file: &str) {
        let ask = Ask::new(Service::Access, "archivist", Call::Look);
        let filter = format!("file = \"{file}\" AND state = OUT");
        let request = ListLoansRequest { filter, ..ListLoansRequest::default() };
        let open = look!(self.stage.callers, &mut self.chance, ask, LoanServiceClient.list_loans, request);
        if let Some(loan) = open.done().and_then(|mut list| list.loans.pop()) {
            give_back(&self.stage.callers, &mut self.chance, &loan.name, file, None).await;
        }
    }

    /// A part of a limit that others want too; a little of it is drawn, most is let go.
    async fn reserve(&mut self) {
        let customer = self.chance.one(&self.stage.scene.customers).clone();
        let amount = i64::try_from(self.chance.within(150_000, 600_000)).unwrap_or(1);
        match reserve(&self.stage.callers, &mut self.chance, &customer, amount, None).await {
            Answer::Done(one) => {
                tokio::time::sleep(Duration::from_millis(self.chance.within(5, 40))).await;
                if self.chance.percent(40) {
                    self.commit(&one.name, &customer).await;
                } else {
                    release(&self.stage.callers, &mut self.chance, &one.name, &customer, None).await;
                }
            }
            // Perhaps somebody gave up before they knew that it is theirs.
            _ if self.chance.percent(25) => self.let_go(&customer).await,
            _ => {}
        }
    }

    async fn commit(&mut self, reservation: &str, customer: &str) {
        let amount = i64::try_from(self.chance.within(1, 100)).unwrap_or(1);
        let request = CommitReservationRequest {
            name: reservation.to_owned(),
            amount: Some(money(amount)),
            r#final: true,
            ..Default::default()
        };
        let call = Call::Commit { reservation: reservation.to_owned(), customer: customer.to_owned(), amount };
        let ask = Ask::new(Service::Credit, "analyst", call);
        change!(self.stage.callers, &mut self.chance, ask, ExposureServiceClient.commit_reservation, request);
    }

    async fn let_go(&mut self, customer: &str) {
        let ask = Ask::new(Service::Credit, "analyst", Call::Look);
        let filter = format!("customer = \"{customer}\" AND state = HELD");
        let request = ListReservationsRequest { filter, ..Default::default() };
        let held = look!(self.stage.callers, &mut self.chance, ask, ExposureServiceClient.list_reservations, request);
        if let Some(one) = held.done().and_then(|mut list| list.reservations.pop()) {
            release(&self.stage.callers, &mut self.chance, &one.name, customer, None).await;
        }
    }
}
