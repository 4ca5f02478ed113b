//! `DirectoryService`: each rpc is one function of [`super::person`] or [`super::delegation`].

use dossier_authority::Base;
use dossier_kernel::enter;
use dossier_proto::access::v1::directory_service_server::DirectoryService;
use dossier_proto::access::v1::{
    AppointPersonRequest, CreateDelegationRequest, CreatePersonRequest, Delegation, EndAppointmentRequest,
    GetDelegationRequest, GetPersonRequest, ListDelegationsRequest, ListDelegationsResponse, ListPersonsRequest,
    ListPersonsResponse, Person, RevokeDelegationRequest, UpdatePersonRequest,
};
use tonic::{Request, Response, Status};

use super::{delegation, person};

/// The directory's rpcs.
#[derive(Clone, Debug)]
pub(crate) struct DirectoryRpc(pub(crate) Base);

#[tonic::async_trait]
impl DirectoryService for DirectoryRpc {
    async fn create_person(&self, request: Request<CreatePersonRequest>) -> Result<Response<Person>, Status> {
        enter!(self.0, request, "directory.manage", |call, it| person::create(&self.0, call, it))
    }

    async fn get_person(&self, request: Request<GetPersonRequest>) -> Result<Response<Person>, Status> {
        enter!(self.0, request, "directory.read", |call, it| person::get(&self.0, call, it))
    }

    async fn list_persons(
        &self,
        request: Request<ListPersonsRequest>,
    ) -> Result<Response<ListPersonsResponse>, Status> {
        enter!(self.0, request, "directory.read", |call, it| person::list(&self.0, call, it))
    }

    async fn update_person(&self, request: Request<UpdatePersonRequest>) -> Result<Response<Person>, Status> {
        enter!(self.0, request, "directory.manage", |call, it| person::update(&self.0, call, it))
    }

    async fn appoint_person(&self, request: Request<AppointPersonRequest>) -> Result<Response<Person>, Status> {
        enter!(self.0, request, "directory.manage", |call, it| person::appoint(&self.0, call, it))
    }

    async fn end_appointment(&self, request: Request<EndAppointmentRequest>) -> Result<Response<Person>, Status> {
        enter!(self.0, request, "directory.manage", |call, it| person::end(&self.0, call, it))
    }

    async fn create_delegation(
        &self,
        request: Request<CreateDelegationRequest>,
    ) -> Result<Response<Delegation>, Status> {
        enter!(self.0, request, "delegation.create", |call, it| delegation::create(&self.0, call, it))
    }

    async fn revoke_delegation(
        &self,
        request: Request<RevokeDelegationRequest>,
    ) -> Result<Response<Delegation>, Status> {
        enter!(self.0, request, "delegation.manage", |call, it| delegation::revoke(&self.0, call, it))
    }

    async fn get_delegation(&self, request: Request<GetDelegationRequest>) -> Result<Response<Delegation>, Status> {
        enter!(self.0, request, "directory.read", |call, it| delegation::get(&self.0, call, it))
    }

    async fn list_delegations(
        &self,
        request: Request<ListDelegationsRequest>,
    ) -> Result<Response<ListDelegationsResponse>, Status> {
        enter!(self.0, request, "directory.read", |call, it| delegation::list(&self.0, call, it))
    }
}
