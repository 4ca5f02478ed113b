//! `ExposureService`.

use dossier_authority::Base;
use dossier_kernel::enter;
use dossier_kernel::filter::said;
use dossier_proto::credit::v1::exposure_service_server::ExposureService;
use dossier_proto::credit::v1::{
    CheckCreditRequest, CheckCreditResponse, CommitReservationRequest, Exposure, GetExposureRequest,
    GetReservationRequest, ListReservationsRequest, ListReservationsResponse, ReleaseReservationRequest, Reservation,
    ReserveCreditRequest,
};
use tonic::{Request, Response, Status};

use super::{exposure, reservation};
use crate::work::group_commit::GroupCommit;

/// The rpcs of `ExposureService`.
#[derive(Clone, Debug)]
pub(crate) struct ExposureRpc {
    pub base: Base,
    /// Where reservations are made together.
    pub group_commit: GroupCommit,
}

#[tonic::async_trait]
impl ExposureService for ExposureRpc {
    async fn check_credit(&self, it: Request<CheckCreditRequest>) -> Result<Response<CheckCreditResponse>, Status> {
        enter!(self.base, it, "exposure.read", |call, it| exposure::check(self, call, it))
    }

    async fn reserve_credit(&self, it: Request<ReserveCreditRequest>) -> Result<Response<Reservation>, Status> {
        enter!(self.base, it, "exposure.reserve", |call, it| reservation::reserve(self, call, it))
    }

    async fn commit_reservation(&self, it: Request<CommitReservationRequest>) -> Result<Response<Reservation>, Status> {
        enter!(self.base, it, "exposure.reserve", |call, it| reservation::commit(self, call, it))
    }

    async fn release_reservation(
        &self,
        it: Request<ReleaseReservationRequest>,
    ) -> Result<Response<Reservation>, Status> {
        enter!(self.base, it, "exposure.reserve", |call, it| reservation::release(self, call, it))
    }

    async fn get_exposure(&self, it: Request<GetExposureRequest>) -> Result<Response<Exposure>, Status> {
        enter!(self.base, it, "exposure.read", |call, it| exposure::get(self, call, it))
    }

    async fn get_reservation(&self, it: Request<GetReservationRequest>) -> Result<Response<Reservation>, Status> {
        enter!(self.base, it, "exposure.read", |call, it| reservation::get(self, call, it))
    }

    async fn list_reservations(
        &self,
        it: Request<ListReservationsRequest>,
    ) -> Result<Response<ListReservationsResponse>, Status> {
        enter!(self.base, it, about | it | said(&it.filter, "customer"), "exposure.read", |call, it| reservation::list(
            self, call, it
        ))
    }
}
