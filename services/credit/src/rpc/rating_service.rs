//! `RatingService`.

use dossier_authority::Base;
use dossier_kernel::filter::said;
use dossier_proto::credit::v1::rating_service_server::RatingService;
use dossier_proto::credit::v1::{
    ActivateScoreModelRequest, CreateScoreModelRequest, EvaluateCustomerRequest, GetRatingRequest,
    GetScoreModelRequest, ListRatingsRequest, ListRatingsResponse, ListScoreModelsRequest, ListScoreModelsResponse,
    Rating, ScoreModel,
};
use tonic::{Request, Response, Status};

use super::enter::answer;
use super::{rating, score_model};

/// The rpcs of `RatingService`.
#[derive(Clone, Debug)]
pub(crate) struct RatingRpc {
    pub base: Base,
}

#[tonic::async_trait]
impl RatingService for RatingRpc {
    async fn create_score_model(&self, it: Request<CreateScoreModelRequest>) -> Result<Response<ScoreModel>, Status> {
        answer!(self, it, "RatingService/CreateScoreModel", "credit.model", |it| "", score_model::create)
    }

    async fn get_score_model(&self, it: Request<GetScoreModelRequest>) -> Result<Response<ScoreModel>, Status> {
        answer!(self, it, "RatingService/GetScoreModel", "credit.evaluate", |it| it.name, score_model::get)
    }

    async fn list_score_models(
        &self,
        it: Request<ListScoreModelsRequest>,
    ) -> Result<Response<ListScoreModelsResponse>, Status> {
        answer!(self, it, "RatingService/ListScoreModels", "credit.evaluate", |it| "", score_model::list)
    }

    async fn activate_score_model(
        &self,
        it: Request<ActivateScoreModelRequest>,
    ) -> Result<Response<ScoreModel>, Status> {
        answer!(self, it, "RatingService/ActivateScoreModel", "credit.model", |it| it.name, score_model::activate)
    }

    async fn evaluate_customer(&self, it: Request<EvaluateCustomerRequest>) -> Result<Response<Rating>, Status> {
        answer!(self, it, "RatingService/EvaluateCustomer", "credit.evaluate", |it| it.customer, rating::evaluate)
    }

    async fn get_rating(&self, it: Request<GetRatingRequest>) -> Result<Response<Rating>, Status> {
        answer!(self, it, "RatingService/GetRating", "credit.evaluate", |it| it.name, rating::get)
    }

    async fn list_ratings(&self, it: Request<ListRatingsRequest>) -> Result<Response<ListRatingsResponse>, Status> {
        answer!(
            self,
            it,
            "RatingService/ListRatings",
            "credit.evaluate",
            |it| said(&it.filter, "customer"),
            rating::list
        )
    }
}
