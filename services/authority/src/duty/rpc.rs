//! `DutyService`, the same in every service.

use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Reason, Result};
use dossier_kernel::etag;
use dossier_kernel::filter::Field;
use dossier_kernel::list::List;
use dossier_kernel::time::micros_to_proto;
use dossier_kernel::{asked, enter, mutate, name, words};
use dossier_proto::duty::v1::duty_service_server::DutyService;
use dossier_proto::duty::v1::{
    CompleteDutyRequest, Duty, DutyState, ListDutiesRequest, ListDutiesResponse, WaiveDutyRequest,
};
use dossier_regime::Action;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::PART;
use crate::base::Base;
use crate::entries::Effect;
use crate::principal::Principal;
use crate::promise::Word;
use crate::store::duty::{self, End, Filter};

/// The `DutyService` of one service.
#[derive(Clone, Debug)]
pub struct DutyRpc(Base);

const DUTIES: List = List {
    fields: &[
        Field::state("state", &["open", "completed", "waived", "cancelled"]),
        Field::text("kind"),
        Field::text("subject"),
        Field::name("assignee", "persons"),
        Field::text("post"),
        Field::text("unit"),
        Field::time("due_time"),
    ],
    orders: &["due_time"],
};

struct Ending<'a> {
    name: &'a str,
    etag: &'a str,
    request_id: &'a str,
    reason: &'a str,
    state: DutyState,
}

// Both requests say the same; they are two messages.
macro_rules! ended {
    ($rpc:ident, $call:ident, $request:ident, $state:expr) => {{
        let order = Ending {
            name: &$request.name,
            etag: &$request.etag,
            request_id: &$request.request_id,
            reason: &$request.reason,
            state: $state,
        };
        mutate!(
            $rpc.0.mutations, $call, $request,
            tx => $rpc.end(tx, $call, &order).await,
            kept => $rpc.owed(tx, $call, &order).await.map(|_| kept)
        )
    }};
}

// === impl DutyRpc ===

impl DutyRpc {
    /// The service over `base`'s store.
    pub fn new(base: Base) -> Self {
        Self(base)
    }

    async fn list(&self, call: &Call, request: &ListDutiesRequest) -> Result<ListDutiesResponse> {
        let mut tx = self.0.db.read().await?;
        let principal = self.0.authorise(&mut tx, call, Action::DutyRead).await?;
        name::require_service("parent", self.0.service, "", &request.parent)?;
        let (found, page) = DUTIES.read(call, &asked!(request, parent))?;
        let filter = Filter {
            state: found.worded::<DutyState>("state")?.map(|state| state.as_str_name()),
            kind: found.text("kind"),
            subject: found.text("subject"),
            assignee: found.id("assignee"),
            post: found.text("post"),
            unit: found.text("unit"),
            due: found.range("due_time"),
        };
        let mut rows = duty::list(&mut tx, &call.org, principal.person, call.micros(), &filter, &page).await?;
        let next_page_token = page.cut(&mut rows, duty::key);
        let duties = rows.iter().map(|row| message(self.0.service, row)).collect();
        Ok(ListDutiesResponse { duties, next_page_token })
    }

    async fn complete(&self, call: &Call, request: CompleteDutyRequest) -> Result<Duty> {
        ended!(self, call, request, DutyState::Completed)
    }

    async fn waive(&self, call: &Call, request: WaiveDutyRequest) -> Result<Duty> {
        ended!(self, call, request, DutyState::Waived)
    }

    // The caller and the duty, which they see and may end.
    async fn owed(&self, tx: &mut Tx, call: &Call, order: &Ending<'_>) -> Result<(Principal, duty::Duty)> {
        let (base, pack) = (&self.0, self.0.pack(&call.org)?);
        let principal = base.principal(tx, call).await?;
        if order.state == DutyState::Waived {
            principal.require(pack, Action::DutyManage)?;
        } else {
            principal.require(pack, Action::DutyRead)?;
        }
        let id = order.check(base.service)?;
        let missing = || Error::missing(Missing::Duty, order.name);
        let row = duty::visible(tx, &call.org, principal.person, call.micros(), id).await?.ok_or_else(missing)?;
        require_owed(&row, &principal, principal.can(pack, Action::DutyManage))?;
        Ok((principal, row))
    }

    async fn end(&self, tx: &mut Tx, call: &Call, order: &Ending<'_>) -> Result<Duty> {
        let (principal, row) = self.owed(tx, call, order).await?;
        let (base, id, missing) = (&self.0, row.id, || Error::missing(Missing::Duty, order.name));
        require_open(&row, order)?;
        let end = End { state: order.state.as_str_name(), by: Some(principal.person), at: call.micros() };
        if !duty::end(tx, &call.org, id, row.version, &end).await? {
            return Err(Error::new(Reason::EtagStale).with("resource", order.name));
        }
        let row = duty::visible(tx, &call.org, principal.person, call.micros(), id).await?.ok_or_else(missing)?;
        let (event, subject) = (super::event(&row, order.name), order.name);
        let (action, request_id) = ("duty.closed", order.request_id);
        let words = [Word::reason(order.reason)];
        let effect = Effect { request_id, words: &words, ..Effect::new(action, subject, event) };
        base.record(tx, call, &principal.name(), effect).await?;
        Ok(message(base.service, &row))
    }
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl DutyService for DutyRpc {
    async fn list_duties(&self, it: Request<ListDutiesRequest>) -> Answer<ListDutiesResponse> {
        let all = name::collection(self.0.service, "duties/-");
        enter!(self.0, it, about | _it | all, Action::DutyRead.as_str(), |call, it| self.list(call, &it))
    }

    async fn complete_duty(&self, it: Request<CompleteDutyRequest>) -> Answer<Duty> {
        enter!(self.0, it, "duty.complete", |call, it| self.complete(call, it))
    }

    async fn waive_duty(&self, it: Request<WaiveDutyRequest>) -> Answer<Duty> {
        enter!(self.0, it, "duty.waive", |call, it| self.waive(call, it))
    }
}

// === impl Ending ===

impl Ending<'_> {
    fn check(&self, service: &str) -> Result<Uuid> {
        words::require(self.reason, self.state == DutyState::Waived)?;
        name::id("name", &name::collection(service, PART), self.name)
    }
}

// Whoever owes a duty completes it; a duty manager may for everybody.
fn require_owed(row: &duty::Duty, principal: &Principal, manages: bool) -> Result<()> {
    let unit = Some(row.unit.as_str()).filter(|unit| !unit.is_empty());
    let owes = row.assignee == Some(principal.person) || principal.holds(&row.post, unit);
    if owes || manages {
        return Ok(());
    }
    Err(Error::new(Reason::PermissionDenied).with("action", Action::DutyManage.as_str()))
}

fn require_open(row: &duty::Duty, order: &Ending<'_>) -> Result<()> {
    if row.state != DutyState::Open.as_str_name() {
        return Err(Error::wrong_state(order.name, &row.state, &[DutyState::Open.as_str_name()]));
    }
    etag::require(order.etag, &etag_of(row), order.name)
}

fn etag_of(row: &duty::Duty) -> String {
    row.version.to_string()
}

/// A duty of `service` in the words of the contract.
pub fn message(service: &str, row: &duty::Duty) -> Duty {
    let state = DutyState::from_str_name(&row.state).unwrap_or_default();
    let person = |id: Option<Uuid>| id.map(|id| name::name("persons", id)).unwrap_or_default();
    Duty {
        name: super::name(service, row.id),
        kind: row.kind.clone(),
        subject: row.subject.clone(),
        post: row.post.clone(),
        unit: row.unit.clone(),
        assignee: person(row.assignee),
        due_time: Some(micros_to_proto(row.due_at)),
        calendar_version: row.calendar_version.clone(),
        due_provisional: row.provisional,
        state: state.into(),
        create_time: Some(micros_to_proto(row.opened_at)),
        update_time: Some(micros_to_proto(row.closed_at.unwrap_or(row.opened_at))),
        end_time: row.closed_at.map(micros_to_proto),
        ended_by: person(row.closed_by),
        etag: etag_of(row),
        ground: row.ground.clone(),
        other_file: row.shown.map(|id| name::name("files", id)).unwrap_or_default(),
    }
}
