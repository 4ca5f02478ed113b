//! `RatingService`.

use dossier_authority::Base;
use dossier_kernel::enter;
use dossier_kernel::filter::said;
use dossier_proto::credit::v1::rating_service_server::RatingService;
use dossier_proto::credit::v1::{
    ActivateScoreModelRequest, CreateScoreModelRequest, EvaluateCustomerRequest, GetRatingRequest,
    GetScoreModelRequest, ListRatingsRequest, ListRatingsResponse, ListScoreModelsRequest, ListScoreModelsResponse,
    Rating, ScoreModel,
};
use tonic::{Request, Response, Status};

use super::{rating, score_model};

/// The rpcs of `RatingService`.
#[derive(Clone, Debug)]
pub(crate) struct RatingRpc {
    pub base: Base,
}

#[tonic::async_trait]
impl RatingService for RatingRpc {
    async fn create_score_model(&self, it: Request<CreateScoreModelRequest>) -> Result<Response<ScoreModel>, Status> {
        enter!(self.base, it, "credit.model", |call, it| score_model::create(self, call, it))
    }

    async fn get_score_model(&self, it: Request<GetScoreModelRequest>) -> Result<Response<ScoreModel>, Status> {
        enter!(self.base, it, "credit.evaluate", |call, it| score_model::get(self, call, it))
    }

    async fn list_score_models(
        &self,
        it: Request<ListScoreModelsRequest>,
    ) -> Result<Response<ListScoreModelsResponse>, Status> {
        enter!(self.base, it, "credit.evaluate", |call, it| score_model::list(self, call, it))
    }

    async fn activate_score_model(
        &self,
        it: Request<ActivateScoreModelRequest>,
    ) -> Result<Response<ScoreModel>, Status> {
        enter!(self.base, it, "credit.model", |call, it| score_model::activate(self, call, it))
    }

    async fn evaluate_customer(&self, it: Request<EvaluateCustomerRequest>) -> Result<Response<Rating>, Status> {
        enter!(self.base, it, "credit.evaluate", |call, it| rating::evaluate(self, call, it))
    }

    async fn get_rating(&self, it: Request<GetRatingRequest>) -> Result<Response<Rating>, Status> {
        enter!(self.base, it, "credit.evaluate", |call, it| rating::get(self, call, it))
    }

    async fn list_ratings(&self, it: Request<ListRatingsRequest>) -> Result<Response<ListRatingsResponse>, Status> {
        enter!(self.base, it, about | it | said(&it.filter, "customer"), "credit.evaluate", |call, it| rating::list(
            self, call, it
        ))
    }
}
