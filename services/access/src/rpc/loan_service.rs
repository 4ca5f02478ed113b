//! `LoanService`: each rpc is one function of [`super::loan`].

use dossier_authority::Base;
use dossier_proto::access::v1::loan_service_server::LoanService;
use dossier_proto::access::v1::{
    CheckOutRequest, GetLoanRequest, ListLoansRequest, ListLoansResponse, ListOverdueLoansRequest,
    ListOverdueLoansResponse, Loan, LoanServiceReturnRequest, RecallRequest, RenewRequest,
};
use tonic::{Request, Response, Status};

use super::enter::{answer, change};
use super::loan;

/// The ledger of loans.
#[derive(Clone, Debug)]
pub(crate) struct LoanRpc(pub(crate) Base);

#[tonic::async_trait]
impl LoanService for LoanRpc {
    async fn check_out(&self, request: Request<CheckOutRequest>) -> Result<Response<Loan>, Status> {
        change!(self.0, request, "LoanService/CheckOut", "loan.check_out", |it| it.file, loan::check_out)
    }

    async fn r#return(&self, request: Request<LoanServiceReturnRequest>) -> Result<Response<Loan>, Status> {
        change!(self.0, request, "LoanService/Return", "loan.return", |it| it.name, loan::give_back)
    }

    async fn renew(&self, request: Request<RenewRequest>) -> Result<Response<Loan>, Status> {
        change!(self.0, request, "LoanService/Renew", "loan.check_out", |it| it.name, loan::renew)
    }

    async fn recall(&self, request: Request<RecallRequest>) -> Result<Response<Loan>, Status> {
        change!(self.0, request, "LoanService/Recall", "loan.recall", |it| it.name, loan::recall)
    }

    async fn get_loan(&self, request: Request<GetLoanRequest>) -> Result<Response<Loan>, Status> {
        answer!(self.0, request, "LoanService/GetLoan", "loan.get", |it| it.name, loan::get)
    }

    async fn list_loans(&self, request: Request<ListLoansRequest>) -> Result<Response<ListLoansResponse>, Status> {
        answer!(self.0, request, "LoanService/ListLoans", "loan.list", |it| "loans", loan::list)
    }

    async fn list_overdue_loans(
        &self,
        request: Request<ListOverdueLoansRequest>,
    ) -> Result<Response<ListOverdueLoansResponse>, Status> {
        answer!(self.0, request, "LoanService/ListOverdueLoans", "loan.list", |it| "loans", loan::list_overdue)
    }
}
