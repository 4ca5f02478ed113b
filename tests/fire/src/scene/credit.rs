//! Credit: a score card, a rating, a limit in force, what is used of it.

use dossier_proto::access::v1::approval_service_client::ApprovalServiceClient;
use dossier_proto::access::v1::{ApproveStepRequest, GetApprovalRequest};
use dossier_proto::credit::v1::exposure_service_client::ExposureServiceClient;
use dossier_proto::credit::v1::limit_service_client::LimitServiceClient;
use dossier_proto::credit::v1::rating_service_client::RatingServiceClient;
use dossier_proto::credit::v1::score_bin::Match;
use dossier_proto::credit::v1::{
    ActivateScoreModelRequest, CategorySet, CreateScoreModelRequest, EvaluateCustomerRequest, Exposure,
    GetExposureRequest, GetLimitRequest, LimitState, NumericRange, ProposeLimitRequest, ScoreBin, ScoreModel,
    ScoreVariable, SubmitLimitRequest,
};
use dossier_proto::types::Money;
use prost_types::Timestamp;
use tonic::Code;
use tonic::transport::Channel;

use super::{Scene, fresh_id, given, until};
use crate::ground::{Result, Service};

/// Half a year, in seconds.
const TERM: i64 = 180 * 24 * 3600;

/// Yuan, in minor units.
pub fn money(minor_units: i64) -> Money {
    Money { minor_units, currency_code: "CNY".to_owned() }
}

/// The minor units of an amount; nothing is 0.
pub fn units(money: Option<Money>) -> i64 {
    money.map_or(0, |money| money.minor_units)
}

/// A small score card of two variables.
pub fn card() -> ScoreModel {
    let range = |label: &str, points: &str, from: &str, until: &str| ScoreBin {
        label: label.to_owned(),
        points: points.to_owned(),
        r#match: Some(Match::Range(NumericRange { lower: from.to_owned(), upper: until.to_owned() })),
    };
    let set = |label: &str, points: &str, values: &[&str]| ScoreBin {
        label: label.to_owned(),
        points: points.to_owned(),
        r#match: Some(Match::Categories(CategorySet { values: values.iter().map(|&one| one.to_owned()).collect() })),
    };
    let years = ScoreVariable {
        name: "years".to_owned(),
        bins: vec![range("under 5", "-10", "", "5.0"), range("5 and more", "25.5", "5.0", "")],
        missing_points: "0".to_owned(),
    };
    let trade = ScoreVariable {
        name: "trade".to_owned(),
        bins: vec![set("steel", "12", &["steel", "machines"]), set("other", "0", &["other"])],
        missing_points: String::new(),
    };
    ScoreModel {
        card: "fire".to_owned(),
        title: "Small card".to_owned(),
        base_points: "500".to_owned(),
        variables: vec![years, trade],
        ..ScoreModel::default()
    }
}

/// A rating of `customer` by a model of the [`card`].
pub fn evaluation(customer: &str, model: &str) -> EvaluateCustomerRequest {
    let inputs = [("years", "7"), ("trade", "steel")];
    EvaluateCustomerRequest {
        customer: customer.to_owned(),
        score_model: model.to_owned(),
        inputs: inputs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        request_id: fresh_id(),
        ..Default::default()
    }
}

/// A limit of `minor_units` for half a year.
pub fn proposal(customer: &str, rating: String, minor_units: i64) -> ProposeLimitRequest {
    ProposeLimitRequest {
        customer: customer.to_owned(),
        amount: Some(money(minor_units)),
        payment_terms: "30 days net".to_owned(),
        valid_until: Some(Timestamp { seconds: crate::clock::seconds() + TERM, nanos: 0 }),
        rating,
        justification: "steady orders".to_owned(),
        request_id: fresh_id(),
        ..Default::default()
    }
}

// === impl Scene ===

impl Scene {
    /// What is set aside and drawn, over the first connection.
    pub fn exposures(&self) -> ExposureServiceClient<Channel> {
        ExposureServiceClient::new(self.line(Service::Credit, 0))
    }

    fn ratings(&self) -> RatingServiceClient<Channel> {
        RatingServiceClient::new(self.line(Service::Credit, 0))
    }

    fn limits(&self) -> LimitServiceClient<Channel> {
        LimitServiceClient::new(self.line(Service::Credit, 0))
    }

    fn approvals(&self) -> ApprovalServiceClient<Channel> {
        ApprovalServiceClient::new(self.line(Service::Access, 0))
    }

    /// A small score card in force; gives its name.
    ///
    /// # Errors
    /// The refusal.
    pub async fn model(&self) -> Result<String> {
        let create =
            CreateScoreModelRequest { score_model: Some(card()), request_id: fresh_id(), ..Default::default() };
        let name = given("create a card", self.ratings().create_score_model(self.say("analyst", create)).await)?.name;
        let activate = ActivateScoreModelRequest { name, request_id: fresh_id(), ..Default::default() };
        let active = self.ratings().activate_score_model(self.say("analyst", activate)).await;
        Ok(given("put a card in force", active)?.name)
    }

    /// An active customer by `mark` with a limit of `minor_units` in force, rated by `model`; gives its file's name.
    ///
    /// # Errors
    /// The refusal.
    pub async fn customer(&self, model: &str, mark: &str, minor_units: i64) -> Result<String> {
        let file = self.active(mark).await?;
        until("credit knows the file", || async {
            match self.exposures().get_exposure(self.say("sales-1", exposure_of(&file))).await {
                Err(status) if status.code() == Code::NotFound => Ok(None),
                _ => Ok(Some(())),
            }
        })
        .await?;
        self.limit(model, &file, minor_units).await?;
        Ok(file)
    }

    async fn limit(&self, model: &str, file: &str, minor_units: i64) -> Result<()> {
        let evaluate = evaluation(file, model);
        let rating = until("credit rates the customer", || async {
            match self.ratings().evaluate_customer(self.say("analyst", evaluate.clone())).await {
                Err(status) if matches!(status.code(), Code::NotFound | Code::FailedPrecondition) => Ok(None),
                answer => given("rate", answer).map(Some),
            }
        })
        .await?;
        let propose = proposal(file, rating.name, minor_units);
        let limit = given("propose a limit", self.limits().propose_limit(self.say("analyst", propose)).await)?;
        let submit = SubmitLimitRequest {
            name: limit.name.clone(),
            etag: limit.etag,
            request_id: fresh_id(),
            ..Default::default()
        };
        let limit = given("submit a limit", self.limits().submit_limit(self.say("analyst", submit)).await)?;
        for subject in ["finance-director", "deputy"] {
            self.approve(subject, &limit.approval).await?;
        }
        until("the limit is in force", || async {
            let request = self.say("analyst", GetLimitRequest { name: limit.name.clone() });
            let limit = given("read a limit", self.limits().get_limit(request).await)?;
            Ok((limit.state() == LimitState::Approved).then_some(()))
        })
        .await
    }

    async fn approve(&self, subject: &str, name: &str) -> Result<()> {
        let name = name.to_owned();
        let get = self.say(subject, GetApprovalRequest { name: name.clone() });
        let seen = given("read an approval", self.approvals().get_approval(get).await)?;
        let content_digest = seen.content_digest;
        let approve = ApproveStepRequest {
            name,
            content_digest,
            reason: "同意".to_owned(),
            request_id: fresh_id(),
            ..Default::default()
        };
        given("approve", self.approvals().approve_step(self.say(subject, approve)).await).map(drop)
    }

    /// Limit, drawn and held of a customer.
    ///
    /// # Errors
    /// The refusal.
    pub async fn exposure(&self, file: &str) -> Result<Exposure> {
        given("read an exposure", self.exposures().get_exposure(self.say("sales-1", exposure_of(file))).await)
    }
}

fn exposure_of(file: &str) -> GetExposureRequest {
    GetExposureRequest { customer: file.to_owned() }
}
