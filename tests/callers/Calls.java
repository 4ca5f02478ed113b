import dossier.access.v1.AccessServiceGrpc;
import dossier.access.v1.ApprovalServiceGrpc;
import dossier.access.v1.ListLoansRequest;
import dossier.access.v1.ListLoansResponse;
import dossier.access.v1.Loan;
import dossier.access.v1.LoanServiceGrpc;
import dossier.access.v1.RequestAccessRequest;
import dossier.access.v1.RequestAccessResponse;
import dossier.access.v1.WatchApprovalRequest;
import dossier.access.v1.WatchApprovalResponse;
import dossier.journal.v1.Event;
import dossier.profile.v1.CustomerFile;
import dossier.profile.v1.CustomerFileServiceGrpc;
import dossier.profile.v1.GetCustomerFileRequest;
import dossier.type.v1.AccessKind;
import dossier.type.v1.Scope;
import dossier.type.v1.WholeFile;
import io.grpc.Channel;
import java.util.Iterator;
import java.util.function.Consumer;

/** One call of each kind, as the generated code of Java has it: compiled by tests/languages, never run. */
final class Calls {
    private Calls() {}

    /** Gets one file for a purpose. */
    static CustomerFile read(Channel at, String name) {
        return CustomerFileServiceGrpc.newBlockingStub(at)
                .getCustomerFile(GetCustomerFileRequest.newBuilder().setName(name).setPurpose("customer_service").build());
    }

    /** Asks for the original of a file; the same id with the same content has its effect once. */
    static RequestAccessResponse change(Channel at, String file, String id) {
        return AccessServiceGrpc.newBlockingStub(at)
                .requestAccess(RequestAccessRequest.newBuilder()
                        .setFile(file)
                        .setKind(AccessKind.ACCESS_KIND_ORIGINAL)
                        .setScope(Scope.newBuilder().setWholeFile(WholeFile.getDefaultInstance()))
                        .setPurpose("contract_performance")
                        .setRequestId(id)
                        .build());
    }

    /** Walks a list to its end. */
    static void pages(Channel at, Consumer<Loan> each) {
        String token = "";
        do {
            ListLoansResponse page = LoanServiceGrpc.newBlockingStub(at)
                    .listLoans(ListLoansRequest.newBuilder().setPageSize(100).setPageToken(token).build());
            page.getLoansList().forEach(each);
            token = page.getNextPageToken();
        } while (!token.isEmpty());
    }

    /** Follows an approval until the server ends the stream. */
    static void watch(Channel at, String name, Consumer<WatchApprovalResponse> each) {
        Iterator<WatchApprovalResponse> told = ApprovalServiceGrpc.newBlockingStub(at)
                .watchApproval(WatchApprovalRequest.newBuilder().setName(name).build());
        told.forEachRemaining(each);
    }

    /** Tells what an entry is about. */
    static String event(Event event) {
        return event.getKindCase() == Event.KindCase.GRANT_CHANGED ? event.getGrantChanged().getGrant() : "";
    }
}
