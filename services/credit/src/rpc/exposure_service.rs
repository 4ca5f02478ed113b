//! `ExposureService`.

use dossier_authority::Base;
use dossier_kernel::filter::said;
use dossier_proto::credit::v1::exposure_service_server::ExposureService;
use dossier_proto::credit::v1::{
    CheckCreditRequest, CheckCreditResponse, CommitReservationRequest, Exposure, GetExposureRequest,
    GetReservationRequest, ListReservationsRequest, ListReservationsResponse, ReleaseReservationRequest, Reservation,
    ReserveCreditRequest,
};
use tonic::{Request, Response, Status};

use super::enter::answer;
use super::{exposure, reservation};
use crate::desk::Desk;

/// The rpcs of `ExposureService`.
#[derive(Clone, Debug)]
pub(crate) struct ExposureRpc {
    pub base: Base,
    /// Where reservations are made together.
    pub desk: Desk,
}

#[tonic::async_trait]
impl ExposureService for ExposureRpc {
    async fn check_credit(&self, it: Request<CheckCreditRequest>) -> Result<Response<CheckCreditResponse>, Status> {
        answer!(self, it, "ExposureService/CheckCredit", "exposure.read", |it| it.customer, exposure::check)
    }

    async fn reserve_credit(&self, it: Request<ReserveCreditRequest>) -> Result<Response<Reservation>, Status> {
        answer!(self, it, "ExposureService/ReserveCredit", "exposure.reserve", |it| it.customer, reservation::reserve)
    }

    async fn commit_reservation(&self, it: Request<CommitReservationRequest>) -> Result<Response<Reservation>, Status> {
        answer!(self, it, "ExposureService/CommitReservation", "exposure.reserve", |it| it.name, reservation::commit)
    }

    async fn release_reservation(
        &self,
        it: Request<ReleaseReservationRequest>,
    ) -> Result<Response<Reservation>, Status> {
        answer!(self, it, "ExposureService/ReleaseReservation", "exposure.reserve", |it| it.name, reservation::release)
    }

    async fn get_exposure(&self, it: Request<GetExposureRequest>) -> Result<Response<Exposure>, Status> {
        answer!(self, it, "ExposureService/GetExposure", "exposure.read", |it| it.customer, exposure::get)
    }

    async fn get_reservation(&self, it: Request<GetReservationRequest>) -> Result<Response<Reservation>, Status> {
        answer!(self, it, "ExposureService/GetReservation", "exposure.read", |it| it.name, reservation::get)
    }

    async fn list_reservations(
        &self,
        it: Request<ListReservationsRequest>,
    ) -> Result<Response<ListReservationsResponse>, Status> {
        answer!(
            self,
            it,
            "ExposureService/ListReservations",
            "exposure.read",
            |it| said(&it.filter, "customer"),
            reservation::list
        )
    }
}
