//! Credit: a small card, a rating, a limit in force, reservations.

use dossier_proto::credit::v1::score_bin::Match;
use dossier_proto::credit::v1::{
    ActivateScoreModelRequest, CategorySet, CreateScoreModelRequest, EvaluateCustomerRequest, Exposure,
    GetExposureRequest, GetLimitRequest, Limit, LimitState, NumericRange, ProposeLimitRequest, Rating, Reservation,
    ReserveCreditRequest, ScoreBin, ScoreModel, ScoreVariable, SubmitLimitRequest,
};
use dossier_proto::types::Money;
use jiff::SignedDuration;
use tonic::{Response, Status};

use super::stamp;
use crate::answer::Answer;
use crate::world::World;

/// Yuan as contracts carry them.
pub fn money(minor_units: i64) -> Money {
    Money { minor_units, currency_code: "CNY".into() }
}

/// A card of two variables: `years` in two bins and `trade` in two sets, 500 base points.
pub fn small_card(card: &str) -> ScoreModel {
    let range = |label: &str, points: &str, from: &str, until: &str| ScoreBin {
        label: label.into(),
        points: points.into(),
        r#match: Some(Match::Range(NumericRange { lower: from.into(), upper: until.into() })),
    };
    let set = |label: &str, points: &str, values: &[&str]| ScoreBin {
        label: label.into(),
        points: points.into(),
        r#match: Some(Match::Categories(CategorySet { values: values.iter().map(|&one| one.to_owned()).collect() })),
    };
    let years = ScoreVariable {
        name: "years".into(),
        bins: vec![range("[-inf,5.0)", "-10", "", "5.0"), range("[5.0,inf)", "25.5", "5.0", "")],
        missing_points: "-0.0".into(),
    };
    let trade = ScoreVariable {
        name: "trade".into(),
        bins: vec![set("steel%,%machines", "12", &["steel", "machines"]), set("other", "0", &["other"])],
        missing_points: String::new(),
    };
    ScoreModel {
        card: card.into(),
        title: "Small card".into(),
        base_points: "500".into(),
        variables: vec![years, trade],
        ..ScoreModel::default()
    }
}

// === impl World ===

impl World {
    /// Enters a card, by the analyst.
    ///
    /// # Errors
    /// The refusal.
    pub async fn card(&self, card: ScoreModel) -> Result<Response<ScoreModel>, Status> {
        let (score_model, request_id) = (Some(card), self.request_id());
        let request = CreateScoreModelRequest { score_model, request_id, ..CreateScoreModelRequest::default() };
        self.credit("analyst").ratings.create_score_model(request).await
    }

    /// Puts a model in force, by the analyst.
    ///
    /// # Errors
    /// The refusal.
    pub async fn put_in_force(&self, name: &str) -> Result<Response<ScoreModel>, Status> {
        let (name, request_id) = (name.to_owned(), self.request_id());
        let request = ActivateScoreModelRequest { name, request_id, ..ActivateScoreModelRequest::default() };
        self.credit("analyst").ratings.activate_score_model(request).await
    }

    /// The small card in force.
    pub async fn model(&self) -> ScoreModel {
        let draft = self.card(small_card("small")).await.good();
        self.put_in_force(&draft.name).await.good()
    }

    /// An evaluation of a customer by the only card.
    pub fn evaluating(&self, customer: &str) -> EvaluateCustomerRequest {
        let inputs = [("years", "7"), ("trade", "steel")];
        EvaluateCustomerRequest {
            customer: customer.to_owned(),
            inputs: inputs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            request_id: self.request_id(),
            ..EvaluateCustomerRequest::default()
        }
    }

    /// A rating of a customer by the analyst.
    pub async fn rating(&self, customer: &str) -> Rating {
        self.credit("analyst").ratings.evaluate_customer(self.evaluating(customer)).await.good()
    }

    /// A proposal of `minor_units` for half a year.
    pub fn proposing(&self, customer: &str, rating: &str, minor_units: i64) -> ProposeLimitRequest {
        ProposeLimitRequest {
            customer: customer.to_owned(),
            amount: Some(money(minor_units)),
            payment_terms: "月结 30 天".into(),
            valid_until: Some(stamp(self.now() + SignedDuration::from_hours(24 * 180))),
            rating: rating.to_owned(),
            request_id: self.request_id(),
            justification: "长期合作客户".into(),
            ..ProposeLimitRequest::default()
        }
    }

    /// Submits a limit, by the analyst.
    ///
    /// # Errors
    /// The refusal.
    pub async fn submit_limit(&self, name: &str) -> Result<Response<Limit>, Status> {
        let (name, request_id) = (name.to_owned(), self.request_id());
        let request = SubmitLimitRequest { name, request_id, ..SubmitLimitRequest::default() };
        self.credit("analyst").limits.submit_limit(request).await
    }

    /// A limit of the customer before its approvers.
    pub async fn submitted_limit(&self, customer: &str, minor_units: i64) -> Limit {
        let rating = self.rating(customer).await;
        let proposal = self.proposing(customer, &rating.name, minor_units);
        let limit = self.credit("analyst").limits.propose_limit(proposal).await.good();
        self.submit_limit(&limit.name).await.good()
    }

    /// A limit of the customer in force.
    pub async fn limit(&self, customer: &str, minor_units: i64) -> Limit {
        let limit = self.submitted_limit(customer, minor_units).await;
        self.approve("finance-director", &limit.approval).await.good();
        self.approve("gm", &limit.approval).await.good();
        self.settle().await;
        let limit = self.get_limit(&limit.name).await;
        assert_eq!(limit.state(), LimitState::Approved, "{limit:?}");
        limit
    }

    /// A limit as the analyst sees it.
    pub async fn get_limit(&self, name: &str) -> Limit {
        self.credit("analyst").limits.get_limit(GetLimitRequest { name: name.to_owned() }).await.good()
    }

    /// An active customer with a limit of `minor_units` in force; the small card rates.
    pub async fn customer(&self, n: u32, minor_units: i64) -> String {
        let file = self.active(n).await;
        if n == 1 {
            self.model().await;
        }
        self.limit(&file.name, minor_units).await;
        file.name
    }

    /// A reservation for an hour.
    pub fn reserving(&self, customer: &str, minor_units: i64) -> ReserveCreditRequest {
        ReserveCreditRequest {
            customer: customer.to_owned(),
            amount: Some(money(minor_units)),
            ttl: Some(super::hours(1)),
            reference: "订单 1".into(),
            request_id: self.request_id(),
            ..ReserveCreditRequest::default()
        }
    }

    /// Sets an amount aside, by sales-1.
    ///
    /// # Errors
    /// The refusal.
    pub async fn reserve(&self, customer: &str, minor_units: i64) -> Result<Response<Reservation>, Status> {
        self.credit("sales-1").exposure.reserve_credit(self.reserving(customer, minor_units)).await
    }

    /// Limit, drawn, held, available of a customer.
    pub async fn exposure(&self, customer: &str) -> Exposure {
        let request = GetExposureRequest { customer: customer.to_owned() };
        self.credit("sales-1").exposure.get_exposure(request).await.good()
    }
}
