//! `DirectoryService`: each rpc is one function of [`super::person`] or [`super::delegation`].

use dossier_authority::Base;
use dossier_proto::access::v1::directory_service_server::DirectoryService;
use dossier_proto::access::v1::{
    AppointPersonRequest, CreateDelegationRequest, CreatePersonRequest, Delegation, EndAppointmentRequest,
    GetDelegationRequest, GetPersonRequest, ListDelegationsRequest, ListDelegationsResponse, ListPersonsRequest,
    ListPersonsResponse, Person, RevokeDelegationRequest, UpdatePersonRequest,
};
use tonic::{Request, Response, Status};

use super::enter::{answer, change};
use super::{delegation, person};

/// The directory's rpcs.
#[derive(Clone, Debug)]
pub(crate) struct DirectoryRpc(pub(crate) Base);

#[tonic::async_trait]
impl DirectoryService for DirectoryRpc {
    async fn create_person(&self, request: Request<CreatePersonRequest>) -> Result<Response<Person>, Status> {
        change!(self.0, request, "DirectoryService/CreatePerson", "directory.manage", |it| "persons", person::create)
    }

    async fn get_person(&self, request: Request<GetPersonRequest>) -> Result<Response<Person>, Status> {
        answer!(self.0, request, "DirectoryService/GetPerson", "directory.read", |it| it.name, person::get)
    }

    async fn list_persons(
        &self,
        request: Request<ListPersonsRequest>,
    ) -> Result<Response<ListPersonsResponse>, Status> {
        answer!(self.0, request, "DirectoryService/ListPersons", "directory.read", |it| "persons", person::list)
    }

    async fn update_person(&self, request: Request<UpdatePersonRequest>) -> Result<Response<Person>, Status> {
        change!(
            self.0,
            request,
            "DirectoryService/UpdatePerson",
            "directory.manage",
            |it| it.person.as_ref().map_or("persons", |person| &person.name),
            person::update
        )
    }

    async fn appoint_person(&self, request: Request<AppointPersonRequest>) -> Result<Response<Person>, Status> {
        change!(self.0, request, "DirectoryService/AppointPerson", "directory.manage", |it| it.name, person::appoint)
    }

    async fn end_appointment(&self, request: Request<EndAppointmentRequest>) -> Result<Response<Person>, Status> {
        change!(self.0, request, "DirectoryService/EndAppointment", "directory.manage", |it| it.name, person::end)
    }

    async fn create_delegation(
        &self,
        request: Request<CreateDelegationRequest>,
    ) -> Result<Response<Delegation>, Status> {
        change!(
            self.0,
            request,
            "DirectoryService/CreateDelegation",
            "delegation.create",
            |it| "delegations",
            delegation::create
        )
    }

    async fn revoke_delegation(
        &self,
        request: Request<RevokeDelegationRequest>,
    ) -> Result<Response<Delegation>, Status> {
        change!(
            self.0,
            request,
            "DirectoryService/RevokeDelegation",
            "delegation.manage",
            |it| it.name,
            delegation::revoke
        )
    }

    async fn get_delegation(&self, request: Request<GetDelegationRequest>) -> Result<Response<Delegation>, Status> {
        answer!(self.0, request, "DirectoryService/GetDelegation", "directory.read", |it| it.name, delegation::get)
    }

    async fn list_delegations(
        &self,
        request: Request<ListDelegationsRequest>,
    ) -> Result<Response<ListDelegationsResponse>, Status> {
        answer!(
            self.0,
            request,
            "DirectoryService/ListDelegations",
            "directory.read",
            |it| "delegations",
            delegation::list
        )
    }
}
