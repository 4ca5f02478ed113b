//! What a round begins with: files of both kinds, a score model, two hot customers with a limit.

use dossier_fire::ground::{Result, Service};
use dossier_fire::history::Call;
use dossier_fire::scene::{self, until};
use dossier_proto::access::v1::approval_service_client::ApprovalServiceClient;
use dossier_proto::access::v1::directory_service_client::DirectoryServiceClient;
use dossier_proto::access::v1::{ApproveStepRequest, GetApprovalRequest, GetPersonRequest, Person};
use dossier_proto::credit::v1::limit_service_client::LimitServiceClient;
use dossier_proto::credit::v1::rating_service_client::RatingServiceClient;
use dossier_proto::credit::v1::{
    ActivateScoreModelRequest, CreateScoreModelRequest, GetLimitRequest, LimitState, SubmitLimitRequest,
};
use dossier_proto::profile::v1::customer_file_service_client::CustomerFileServiceClient;
use dossier_proto::profile::v1::{
    ActivateCustomerFileRequest, ClassifyCustomerFileRequest, CreateCustomerFileRequest, CustomerFile,
    ReviewCustomerFileRequest, ReviewDecision, SubmitCustomerFileRequest,
};

use crate::calls::{Answer, Ask, Callers};
use crate::chance::Chance;
use crate::{change, look};

/// The limit of each hot customer, minor units.
pub(crate) const LIMIT: i64 = 1_000_000;

/// What the workers of a round work on; resource names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scene {
    /// Files without a level whose originals are lent; nobody else touches them.
    pub(crate) originals: Vec<String>,
    /// Confidential files that sales-2 sees by grants alone.
    pub(crate) confidential: Vec<String>,
    /// Customers with a limit in force.
    pub(crate) customers: Vec<String>,
    /// For probes alone, its original too.
    pub(crate) probe: String,
    /// `persons/{uuid}` of those who may borrow without approval.
    pub(crate) borrowers: Vec<String>,
}

/// Makes the scene; nothing disturbs these calls.
pub(crate) async fn lay(callers: &Callers, chance: &mut Chance) -> Result<Scene> {
    let mut scene = Scene::default();
    for who in ["gm", "deputy", "finance-director"] {
        scene.borrowers.push(person(callers, chance, who).await?.name);
    }
    until("profile knows the people", async || Ok(file(callers, chance).await.ok().map(drop))).await?;
    scene.probe = active(callers, chance).await?;
    for _ in 0..2 {
        scene.originals.push(active(callers, chance).await?);
        scene.customers.push(active(callers, chance).await?);
    }
    for _ in 0..4 {
        let name = active(callers, chance).await?;
        let request = ClassifyCustomerFileRequest {
            name: name.clone(),
            level: "confidential".into(),
            reason: "prices of a pending offer".into(),
            ..Default::default()
        };
        let ask = Ask::new(Service::Profile, "archivist", Call::File("file.classified"));
        change!(callers, chance, ask, CustomerFileServiceClient.classify_customer_file, request).must("a level")?;
        scene.confidential.push(name);
    }
    let model = model(callers, chance).await?;
    for customer in scene.customers.clone() {
        limit(callers, chance, &customer, &model).await?;
    }
    Ok(scene)
}

async fn person(callers: &Callers, chance: &mut Chance, who: &'static str) -> Result<Person> {
    let ask = Ask::new(Service::Access, who, Call::Look);
    let request = GetPersonRequest { name: "persons/me".into() };
    look!(callers, chance, ask, DirectoryServiceClient.get_person, request).must("a person")
}

/// A company of its own.
pub(crate) fn company(chance: &mut Chance) -> CustomerFile {
    let mut company = scene::company(&chance.uuid().simple().to_string());
    company.fields.insert("phone".into(), scene::text(format!("021-{}", chance.within(10_000_000, 99_999_999))));
    company
}

/// A new draft by sales-1.
pub(crate) async fn file(callers: &Callers, chance: &mut Chance) -> Result<CustomerFile> {
    let request = CreateCustomerFileRequest {
        customer_file: Some(company(chance)),
        reason: "first visit".into(),
        ..Default::default()
    };
    let ask = Ask::new(Service::Profile, "sales-1", Call::File("file.created"));
    change!(callers, chance, ask, CustomerFileServiceClient.create_customer_file, request).must("a draft")
}

/// Moves a draft on until it is effective.
pub(crate) async fn advance(callers: &Callers, chance: &mut Chance, name: &str) -> Answer<CustomerFile> {
    let (name, reason) = (name.to_owned(), "as agreed".to_owned());
    let request = SubmitCustomerFileRequest { name: name.clone(), reason: reason.clone(), ..Default::default() };
    let ask = Ask::new(Service::Profile, "sales-1", Call::File("file.submitted"));
    let etag = match change!(callers, chance, ask, CustomerFileServiceClient.submit_customer_file, request) {
        Answer::Done(file) => file.etag,
        other => return other,
    };
    let request = ReviewCustomerFileRequest {
        name: name.clone(),
        etag,
        decision: ReviewDecision::Accept.into(),
        reason: reason.clone(),
        ..Default::default()
    };
    let ask = Ask::new(Service::Profile, "sales-manager", Call::File("file.reviewed"));
    match change!(callers, chance, ask, CustomerFileServiceClient.review_customer_file, request) {
        Answer::Done(_) => {}
        other => return other,
    }
    let request = ActivateCustomerFileRequest { name, reason, ..Default::default() };
    let ask = Ask::new(Service::Profile, "archivist", Call::File("file.activated"));
    change!(callers, chance, ask, CustomerFileServiceClient.activate_customer_file, request)
}

async fn active(callers: &Callers, chance: &mut Chance) -> Result<String> {
    let draft = file(callers, chance).await?;
    Ok(advance(callers, chance, &draft.name).await.must("an effective file")?.name)
}

async fn model(callers: &Callers, chance: &mut Chance) -> Result<String> {
    let request = CreateScoreModelRequest { score_model: Some(scene::card()), ..Default::default() };
    let made = until("credit knows the people", async || {
        let ask = Ask::new(Service::Credit, "analyst", Call::Other("score_model.created"));
        let answer = change!(callers, chance, ask, RatingServiceClient.create_score_model, request.clone());
        Ok(answer.done().map(|model| model.name))
    })
    .await?;
    let ask = Ask::new(Service::Credit, "analyst", Call::Other("score_model.activated"));
    let request = ActivateScoreModelRequest { name: made, ..Default::default() };
    let model = change!(callers, chance, ask, RatingServiceClient.activate_score_model, request);
    Ok(model.must("a score model")?.name)
}

async fn limit(callers: &Callers, chance: &mut Chance, customer: &str, model: &str) -> Result<()> {
    let evaluate = scene::evaluation(customer, model);
    let rating = until("credit knows the customer", async || {
        let ask = Ask::new(Service::Credit, "analyst", Call::Other("rating.given"));
        let answer = change!(callers, chance, ask, RatingServiceClient.evaluate_customer, evaluate.clone());
        Ok(answer.done().map(|rating| rating.name))
    })
    .await?;
    let request = scene::proposal(customer, rating, LIMIT);
    let ask = Ask::new(Service::Credit, "analyst", Call::Other("limit.proposed"));
    let limit = change!(callers, chance, ask, LimitServiceClient.propose_limit, request).must("a limit")?;
    let request = SubmitLimitRequest { name: limit.name.clone(), ..Default::default() };
    let ask = Ask::new(Service::Credit, "analyst", Call::Other("limit.submitted"));
    let limit = change!(callers, chance, ask, LimitServiceClient.submit_limit, request).must("a submitted limit")?;
    for who in ["finance-director", "deputy"] {
        approve(callers, chance, who, &limit.approval).await.must("an approval")?;
    }
    until("the limit is in force", async || {
        let ask = Ask::new(Service::Credit, "analyst", Call::Look);
        let request = GetLimitRequest { name: limit.name.clone() };
        let known = look!(callers, chance, ask, LimitServiceClient.get_limit, request).done();
        Ok(known.filter(|limit| limit.state() == LimitState::Approved).map(drop))
    })
    .await
}

/// Signs with yes what `who` sees.
pub(crate) async fn approve(
    callers: &Callers,
    chance: &mut Chance,
    who: &'static str,
    approval: &str,
) -> Answer<dossier_proto::access::v1::Approval> {
    let ask = Ask::new(Service::Access, who, Call::Look);
    let request = GetApprovalRequest { name: approval.to_owned() };
    let known = match look!(callers, chance, ask, ApprovalServiceClient.get_approval, request) {
        Answer::Done(known) => known,
        other => return other,
    };
    let request = ApproveStepRequest {
        name: known.name,
        content_digest: known.content_digest,
        reason: "agreed".into(),
        ..Default::default()
    };
    let ask = Ask::new(Service::Access, who, Call::Other("approval.signed"));
    change!(callers, chance, ask, ApprovalServiceClient.approve_step, request)
}
