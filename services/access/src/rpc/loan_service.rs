//! `LoanService`: each rpc is one function of [`super::loan`].

use dossier_authority::Base;
use dossier_kernel::enter;
use dossier_proto::access::v1::loan_service_server::LoanService;
use dossier_proto::access::v1::{
    CheckOutItemsRequest, GetLoanRequest, ListLoansRequest, ListLoansResponse, ListOverdueLoansRequest,
    ListOverdueLoansResponse, Loan, RecallLoanRequest, RenewLoanRequest, ReturnLoanRequest,
};
use tonic::{Request, Response, Status};

use super::loan;

/// The ledger of loans.
#[derive(Clone, Debug)]
pub(crate) struct LoanRpc(pub(crate) Base);

#[tonic::async_trait]
impl LoanService for LoanRpc {
    async fn check_out_items(&self, request: Request<CheckOutItemsRequest>) -> Result<Response<Loan>, Status> {
        enter!(self.0, request, "loan.check_out", |call, it| loan::check_out(&self.0, call, it))
    }

    async fn return_loan(&self, request: Request<ReturnLoanRequest>) -> Result<Response<Loan>, Status> {
        enter!(self.0, request, "loan.return", |call, it| loan::give_back(&self.0, call, it))
    }

    async fn renew_loan(&self, request: Request<RenewLoanRequest>) -> Result<Response<Loan>, Status> {
        enter!(self.0, request, "loan.check_out", |call, it| loan::renew(&self.0, call, it))
    }

    async fn recall_loan(&self, request: Request<RecallLoanRequest>) -> Result<Response<Loan>, Status> {
        enter!(self.0, request, "loan.recall", |call, it| loan::recall(&self.0, call, it))
    }

    async fn get_loan(&self, request: Request<GetLoanRequest>) -> Result<Response<Loan>, Status> {
        enter!(self.0, request, "loan.get", |call, it| loan::get(&self.0, call, it))
    }

    async fn list_loans(&self, request: Request<ListLoansRequest>) -> Result<Response<ListLoansResponse>, Status> {
        enter!(self.0, request, "loan.list", |call, it| loan::list(&self.0, call, it))
    }

    async fn list_overdue_loans(
        &self,
        request: Request<ListOverdueLoansRequest>,
    ) -> Result<Response<ListOverdueLoansResponse>, Status> {
        enter!(self.0, request, "loan.list", |call, it| loan::list_overdue(&self.0, call, it))
    }
}
