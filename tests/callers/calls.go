// One call of each kind, as the generated code of Go has it: compiled by tests/languages, never run.
package calls

import (
	"context"
	"io"

	"dossier/access/v1"
	"dossier/journal/v1"
	"dossier/profile/v1"
	"dossier/type/v1"

	"google.golang.org/grpc"
)

// Read gets one file for a purpose.
func Read(ctx context.Context, at grpc.ClientConnInterface, name string) (*profilev1.CustomerFile, error) {
	files := profilev1.NewCustomerFileServiceClient(at)
	return files.GetCustomerFile(ctx, &profilev1.GetCustomerFileRequest{Name: name, Purpose: "customer_service"})
}

// Change asks for the original of a file; the same id with the same content has its effect once.
func Change(ctx context.Context, at grpc.ClientConnInterface, file, id string) (*accessv1.RequestAccessResponse, error) {
	whole := &typev1.Scope{Reach: &typev1.Scope_WholeFile{WholeFile: &typev1.WholeFile{}}}
	return accessv1.NewAccessServiceClient(at).RequestAccess(ctx, &accessv1.RequestAccessRequest{
		File: file, Kind: typev1.AccessKind_ACCESS_KIND_ORIGINAL, Scope: whole, Purpose: "contract_performance", RequestId: id,
	})
}

// Pages walks a list to its end.
func Pages(ctx context.Context, at grpc.ClientConnInterface, each func(*accessv1.Loan)) error {
	loans, token := accessv1.NewLoanServiceClient(at), ""
	for {
		page, err := loans.ListLoans(ctx, &accessv1.ListLoansRequest{PageSize: 100, PageToken: token})
		if err != nil {
			return err
		}
		for _, loan := range page.Loans {
			each(loan)
		}
		if token = page.NextPageToken; token == "" {
			return nil
		}
	}
}

// Watch follows an approval until the server ends the stream.
func Watch(ctx context.Context, at grpc.ClientConnInterface, name string, each func(*accessv1.WatchApprovalResponse)) error {
	stream, err := accessv1.NewApprovalServiceClient(at).WatchApproval(ctx, &accessv1.WatchApprovalRequest{Name: name})
	if err != nil {
		return err
	}
	for {
		told, err := stream.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		each(told)
	}
}

// Event tells what kind of thing an entry is about.
func Event(event *journalv1.Event) string {
	switch kind := event.Kind.(type) {
	case *journalv1.Event_GrantChanged:
		return kind.GrantChanged.Grant
	default:
		return ""
	}
}
