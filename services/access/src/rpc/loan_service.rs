//! `LoanService`: each rpc is one function of [`super::loan`].

use dossier_authority::Base;
use dossier_proto::access::v1::loan_service_server::LoanService;
use dossier_proto::access::v1::{
    CheckOutItemsRequest, GetLoanRequest, ListLoansRequest, ListLoansResponse, ListOverdueLoansRequest,
    ListOverdueLoansResponse, Loan, RecallLoanRequest, RenewLoanRequest, ReturnLoanRequest,
};
use tonic::{Request, Response, Status};

use super::enter::{answer, change};
use super::loan;

/// The ledger of loans.
#[derive(Clone, Debug)]
pub(crate) struct LoanRpc(pub(crate) Base);

#[tonic::async_trait]
impl LoanService for LoanRpc {
    async fn check_out_items(&self, request: Request<CheckOutItemsRequest>) -> Result<Response<Loan>, Status> {
        change!(self.0, request, "LoanService/CheckOutItems", "loan.check_out", |it| it.file, loan::check_out)
    }

    async fn return_loan(&self, request: Request<ReturnLoanRequest>) -> Result<Response<Loan>, Status> {
        change!(self.0, request, "LoanService/ReturnLoan", "loan.return", |it| it.name, loan::give_back)
    }

    async fn renew_loan(&self, request: Request<RenewLoanRequest>) -> Result<Response<Loan>, Status> {
        change!(self.0, request, "LoanService/RenewLoan", "loan.check_out", |it| it.name, loan::renew)
    }

    async fn recall_loan(&self, request: Request<RecallLoanRequest>) -> Result<Response<Loan>, Status> {
        change!(self.0, request, "LoanService/RecallLoan", "loan.recall", |it| it.name, loan::recall)
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
