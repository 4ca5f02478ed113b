//! Acts that nobody does alone: asked for, approved, done.

use dossier_proto::access::v1::{
    Act, AppointPersonRequest, Appointment, AppointmentAct, Approval, CreateApprovalRequest, EndAppointmentRequest,
    FileAct, FileActKind, GetPersonRequest, Person, act,
};
use dossier_proto::profile::v1::{ClassifyCustomerFileRequest, CustomerFile, HandOverCustomerFileRequest};
use tonic::{Response, Status};

use crate::answer::Answer;
use crate::world::World;

/// A file that is to get a level.
pub fn to_classify(file: &str, level: &str) -> Act {
    let (file, kind, level) = (file.to_owned(), FileActKind::Classify.into(), level.to_owned());
    Act { kind: Some(act::Kind::File(FileAct { file, kind, level, ..FileAct::default() })) }
}

/// A file that is to get a custodian.
pub fn to_hand_over(file: &str, custodian: &str) -> Act {
    let (file, kind, custodian) = (file.to_owned(), FileActKind::HandOver.into(), custodian.to_owned());
    Act { kind: Some(act::Kind::File(FileAct { file, kind, custodian, ..FileAct::default() })) }
}

/// A file that is to end.
pub fn to_close(file: &str) -> Act {
    let (file, kind) = (file.to_owned(), FileActKind::Close.into());
    Act { kind: Some(act::Kind::File(FileAct { file, kind, ..FileAct::default() })) }
}

/// Somebody who is to get a post.
pub fn to_appoint(person: &str, post: &str, unit: &str) -> Act {
    let appointment = Appointment { post: post.into(), unit: unit.into(), ..Appointment::default() };
    let (person, appointment) = (person.to_owned(), Some(appointment));
    Act { kind: Some(act::Kind::Appointment(AppointmentAct { person, appointment })) }
}

// === impl World ===

impl World {
    /// Asks for the approval of an act.
    ///
    /// # Errors
    /// The refusal.
    pub async fn ask_act(&self, subject: &str, act: Act) -> Result<Response<Approval>, Status> {
        let request = CreateApprovalRequest {
            approval: Some(Approval { act: Some(act), ..Approval::default() }),
            request_id: self.request_id(),
            reason: "工作需要".into(),
            ..CreateApprovalRequest::default()
        };
        self.access(subject).approvals.create_approval(request).await
    }

    /// The approval of an act, asked by `subject` and given by `approver`; every service knows it.
    ///
    /// What is asked about stands in another service, which must have said first how it stands.
    pub async fn approved_act(&self, subject: &str, act: Act, approver: &str) -> String {
        self.settle().await;
        let asked = self.ask_act(subject, act).await.good();
        self.approve(approver, &asked.name).await.good();
        self.settle().await;
        asked.name
    }

    /// Sets a level on an approval.
    ///
    /// # Errors
    /// The refusal.
    pub async fn classify_on(
        &self,
        subject: &str,
        name: &str,
        level: &str,
        approval: &str,
    ) -> Result<Response<CustomerFile>, Status> {
        let request = ClassifyCustomerFileRequest {
            name: name.to_owned(),
            level: level.to_owned(),
            request_id: self.request_id(),
            reason: "定密".into(),
            approval: approval.to_owned(),
            ..ClassifyCustomerFileRequest::default()
        };
        self.profile(subject).files.classify_customer_file(request).await
    }

    /// Hands a file over; an empty approval: none.
    ///
    /// # Errors
    /// The refusal.
    pub async fn hand_over(
        &self,
        subject: &str,
        name: &str,
        to: &str,
        approval: &str,
    ) -> Result<Response<CustomerFile>, Status> {
        let request = HandOverCustomerFileRequest {
            name: name.to_owned(),
            custodian: self.who(to).await,
            approval: approval.to_owned(),
            request_id: self.request_id(),
            reason: "工作交接".into(),
            ..HandOverCustomerFileRequest::default()
        };
        self.profile(subject).files.hand_over_customer_file(request).await
    }

    /// Gives somebody a post, by the office director; an empty approval: none.
    ///
    /// # Errors
    /// The refusal.
    pub async fn appoint_on(
        &self,
        who: &str,
        post: &str,
        unit: &str,
        approval: &str,
    ) -> Result<Response<Person>, Status> {
        let appointment = Appointment { post: post.into(), unit: unit.into(), ..Appointment::default() };
        let request = AppointPersonRequest {
            name: self.who(who).await,
            appointment: Some(appointment),
            approval: approval.to_owned(),
            request_id: self.request_id(),
            ..AppointPersonRequest::default()
        };
        self.access("office-director").directory.appoint_person(request).await
    }

    /// Gives somebody a post, by the office director, and on an approval where the pack wants one.
    pub async fn appoint(&self, who: &str, post: &str, unit: &str) {
        let plain = ["sales_staff", "service_staff", "auditor"].contains(&post);
        let approval = match plain {
            true => String::new(),
            false => {
                let approver = if who == "gm" { "deputy" } else { "gm" };
                self.approved_act("office-director", to_appoint(&self.who(who).await, post, unit), approver).await
            }
        };
        self.appoint_on(who, post, unit, &approval).await.good();
    }

    /// What ends the newest appointment of `who` to a post in a unit.
    pub async fn ending(&self, who: &str, post: &str, unit: &str) -> EndAppointmentRequest {
        let name = self.who(who).await;
        let person = self.access("office-director").directory.get_person(GetPersonRequest { name }).await.good();
        let held = person.appointments.into_iter().find(|held| held.post == post && held.unit == unit);
        EndAppointmentRequest {
            name: held.map(|held| held.name).unwrap_or_default(),
            request_id: self.request_id(),
            reason: "离职".into(),
            ..EndAppointmentRequest::default()
        }
    }

    /// Ends it, by the office director.
    ///
    /// # Errors
    /// The refusal.
    pub async fn dismiss(&self, who: &str, post: &str, unit: &str) -> Result<Response<Person>, Status> {
        let ending = self.ending(who, post, unit).await;
        self.access("office-director").directory.end_appointment(ending).await
    }
}
