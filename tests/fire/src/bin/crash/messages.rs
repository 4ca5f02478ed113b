//! What the history must know of the messages: which carry an id, and what their answers say.

use dossier_fire::history::Reply;
use dossier_proto::access::v1 as access;
use dossier_proto::credit::v1 as credit;
use dossier_proto::profile::v1 as profile;
use prost::Message;

/// A request that carries an id and a reason.
pub(crate) trait Mutation: Clone + Send + Sync + 'static {
    fn identify(&mut self, id: String);
    /// Another request of the same shape.
    fn twist(&mut self);
}

/// What an answer says to the history.
pub(crate) trait Told: Message + Sized {
    fn told(&self) -> Reply {
        Reply { bytes: self.encode_to_vec(), ..Reply::default() }
    }
}

macro_rules! mutations {
    ($($request:ty),* $(,)?) => {
        $(impl Mutation for $request {
            fn identify(&mut self, id: String) {
                self.request_id = id;
            }
            fn twist(&mut self) {
                self.reason.push_str(" and more");
            }
        })*
    };
}

mutations!(
    profile::CreateCustomerFileRequest,
    profile::UpdateCustomerFileRequest,
    profile::SubmitCustomerFileRequest,
    profile::ReviewCustomerFileRequest,
    profile::ActivateCustomerFileRequest,
    profile::ClassifyCustomerFileRequest,
    profile::CreateDocumentRequest,
    profile::AttachDocumentContentRequest,
    access::RequestAccessRequest,
    access::ApproveStepRequest,
    access::RevokeGrantRequest,
    access::CheckOutItemsRequest,
    access::ReturnLoanRequest,
    credit::CreateScoreModelRequest,
    credit::ActivateScoreModelRequest,
    credit::EvaluateCustomerRequest,
    credit::ProposeLimitRequest,
    credit::SubmitLimitRequest,
    credit::ReserveCreditRequest,
    credit::CommitReservationRequest,
    credit::ReleaseReservationRequest,
);

macro_rules! told {
    ($($reply:ty),* $(,)?) => {
        $(impl Told for $reply {
            fn told(&self) -> Reply {
                Reply { bytes: self.encode_to_vec(), name: self.name.clone(), ..Reply::default() }
            }
        })*
    };
}

told!(
    access::Approval,
    access::AccessRequest,
    access::Grant,
    access::Loan,
    access::Person,
    credit::ScoreModel,
    credit::Rating,
    credit::Limit,
    profile::Document,
    profile::DocumentUpload,
);

impl Told for access::RequestAccessResponse {}
impl Told for access::ListLoansResponse {}
impl Told for credit::ListReservationsResponse {}

impl Told for profile::CustomerFile {
    fn told(&self) -> Reply {
        let (name, state) = (self.name.clone(), self.state().as_str_name().to_owned());
        Reply { bytes: self.encode_to_vec(), name, revision: self.revision, state, ..Reply::default() }
    }
}

impl Told for credit::Reservation {
    fn told(&self) -> Reply {
        let minor = |money: &Option<dossier_proto::types::Money>| money.as_ref().map_or(0, |money| money.minor_units);
        let (name, state) = (self.name.clone(), self.state().as_str_name().to_owned());
        let (held, committed) = (minor(&self.held), minor(&self.committed));
        Reply { bytes: self.encode_to_vec(), name, state, held, committed, revision: 0 }
    }
}
