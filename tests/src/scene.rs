//! Short ways to the middle of a story. Each goes through real calls; who does what is R36's own division of work.

mod acts;
mod credit;
mod custody;
mod documents;
mod files;
mod merges;
mod records;
mod rights;
mod stages;
mod transfers;

pub use acts::{to_appoint, to_classify, to_close, to_hand_over};
pub use credit::{money, small_card};
pub use custody::{KEEPER, item_of, lines, paper_of, reference, slip};
pub use documents::{PDF, paper, pdf};
pub use files::{choice, company, list, text};
pub use records::talk;
pub use rights::{hours, sound};
pub use stages::{RESULT, complaint};
pub use transfers::{ended, parcel};

use dossier::serve::Which;
use dossier_proto::access::v1::GetPersonRequest;
use prost_types::Timestamp;

use crate::answer::Answer;
use crate::world::{DEMO, Replica};

/// `services/{service}`: the parent of what every service has of its own.
pub fn home(which: Which) -> String {
    dossier_kernel::name::of_service(which.name())
}

/// The instant as contracts carry it.
pub fn stamp(instant: jiff::Timestamp) -> Timestamp {
    dossier_kernel::time::to_proto(instant)
}

/// The instant that a contract carries.
///
/// # Panics
/// When there is none.
#[track_caller]
pub fn instant(stamp: Option<&Timestamp>) -> jiff::Timestamp {
    dossier_kernel::time::from_proto("time", stamp.expect("a time")).expect("an instant")
}

impl Replica {
    /// `persons/{uuid}` of a subject of org `demo`.
    pub async fn who(&self, subject: &str) -> String {
        self.who_in(DEMO, subject).await
    }

    /// `persons/{uuid}` of a subject.
    pub async fn who_in(&self, org: &str, subject: &str) -> String {
        let mut calls = self.access_as(self.person(org, subject));
        let request = GetPersonRequest { name: "persons/me".into() };
        calls.directory.get_person(request).await.good().name
    }
}
