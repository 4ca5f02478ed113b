"""The whole road, in steps; each is a real call whose answer is checked. It knows neither stubs nor reflection."""

import concurrent.futures
import uuid

import grpc

import scene
from people import until
from refusals import reason_of, refusal

HOUR = 3600
LIMIT, EACH, DRAWN = 1_000_000, 700_000, 300_000


def state(message):
    """The state of a resource, by its name in the contract."""
    return message.DESCRIPTOR.fields_by_name["state"].enum_type.values_by_number[message.state].name


def walk(people):
    """From a draft to a limit that was guarded; gives the name of the file."""
    file = opened(people)
    lent(people, file)
    credited(people, file)
    return file


def opened(people):
    """A file is created, submitted, reviewed by somebody else, activated with its number, and classified 秘密."""
    sales, manager, archivist = (people[who].CustomerFileService for who in ("sales-1", "sales-manager", "archivist"))
    file = sales.CreateCustomerFile(customer_file=scene.company(), reason="first visit")
    assert state(file) == "CUSTOMER_FILE_STATE_DRAFT" and file.number == ""
    file = sales.SubmitCustomerFile(name=file.name, etag=file.etag)
    assert state(file) == "CUSTOMER_FILE_STATE_SUBMITTED"
    accept = {"name": file.name, "etag": file.etag, "decision": "REVIEW_DECISION_ACCEPT"}
    with refusal("PERMISSION_DENIED", grpc.StatusCode.PERMISSION_DENIED):
        sales.ReviewCustomerFile(**accept)
    file = manager.ReviewCustomerFile(**accept)
    assert state(file) == "CUSTOMER_FILE_STATE_REVIEWED"
    file = archivist.ActivateCustomerFile(name=file.name, etag=file.etag)
    assert state(file) == "CUSTOMER_FILE_STATE_ACTIVE" and file.number.startswith("KH-")
    noted(people, file.name)
    file = archivist.ClassifyCustomerFile(name=file.name, level="confidential", etag=file.etag, reason="pending offer")
    assert file.level == "confidential"
    with refusal("RESOURCE_NOT_FOUND", grpc.StatusCode.NOT_FOUND):
        people["sales-2"].CustomerFileService.GetCustomerFile(name=file.name, purpose=scene.PURPOSE)
    scene.known(people, file.name, "confidential")
    return file.name


def noted(people, file):
    """A talk with the customer is noted in the file, corrected and read."""
    records, record = people["sales-1"].RecordService, scene.talk(people, file)
    better = {"name": record, "fields": {"needs": {"text": "加购三台"}}}
    assert records.UpdateRecord(record=better, update_mask="fields.needs").revision == 2
    assert records.GetRecord(name=record, purpose=scene.PURPOSE).fields["needs"].text == "加购三台"
    assert [one.name for one in records.ListRecords(parent=file).records] == [record]
    with refusal("PERMISSION_DENIED", grpc.StatusCode.PERMISSION_DENIED):
        people["archivist"].RecordService.UpdateRecord(record=better, update_mask="fields.needs")
    complained(people, file)


def complained(people, file):
    """A complaint goes through its stages: taken up, answered, signed twice, closed."""
    sales, manager, deputy = (people[who].RecordService for who in ("sales-1", "sales-manager", "deputy"))
    one = sales.CreateRecord(parent=file, record=scene.complaint())
    sales.AdvanceRecord(name=one.name)
    with refusal("STAGE_UNMET", grpc.StatusCode.FAILED_PRECONDITION):
        manager.AdvanceRecord(name=one.name)
    asked = sales.ExplainRecord(name=one.name).stages[0]
    assert [kind.WhichOneof("what") for kind in asked.unmet] == ["field", "signature"]
    answer = {"name": one.name, "fields": {"result_and_measures": {"text": "换货并致歉"}}}
    one = manager.UpdateRecord(record=answer, update_mask="fields.resultAndMeasures")
    manager.SignRecord(name=one.name, etag=one.etag)
    one = manager.AdvanceRecord(name=one.name)
    one = manager.ReturnRecord(name=one.name, stage="open", reason="措施不明")
    one = manager.SignRecord(name=one.name, etag=one.etag)
    one = manager.AdvanceRecord(name=one.name)
    deputy.SignRecord(name=one.name, etag=one.etag)
    one = manager.AdvanceRecord(name=one.name)
    assert (one.stage, len(one.signatures), len(one.next_stages)) == ("closed", 2, 0)
    twice = sales.CreateRecord(parent=file, record=scene.complaint())
    assert manager.VoidRecord(name=twice.name, reason="重复登记").state == one.state + 1


def lent(people, file):
    """A colleague asks for the original, a delegate approves, it goes out, is read, recalled, returned and inspected."""
    request, grant = granted(people, file)
    loan = handed_out(people, file, grant)
    read = {"name": file, "purpose": "contract_performance"}
    get = people["sales-2"].CustomerFileService.GetCustomerFile
    seen = until("profile knows the grant", lambda: _found(lambda: get(**read)))
    assert seen.fields["name"].text and seen.level == "confidential"
    with refusal("RESOURCE_NOT_FOUND"):
        people["service-1"].CustomerFileService.GetCustomerFile(**read)
    loan = people["archivist"].LoanService.RecallLoan(name=loan.name, etag=loan.etag, reason="needed for an inspection")
    assert state(loan) == "LOAN_STATE_RECALLED"
    loan = people["archivist"].LoanService.ReturnLoan(name=loan.name, etag=loan.etag, inspections=[scene.sound()])
    assert state(loan) == "LOAN_STATE_RETURNED" and loan.items[0].inspection.restored_location
    assert people["sales-2"].AccessService.GetAccessRequest(name=request).grant == grant


def granted(people, file):
    """Asked for by a colleague for 4 hours, approved by letter in the general manager's place: request and grant."""
    wish = scene.wish(file, "ACCESS_KIND_ORIGINAL", "contract_performance")
    access = people["sales-2"].AccessService
    with refusal("LOAN_TOO_LONG") as told:
        access.RequestAccess(**wish, duration=f"{5 * HOUR}s")
    assert told.metadata["longest_seconds"] == str(4 * HOUR), told
    asked = access.RequestAccess(**wish, duration=f"{4 * HOUR}s").access_request
    letters_ended(people)
    # Who has no letter is no approver; who had one is told that it has ended.
    with refusal("APPROVAL_NOT_APPROVER", "APPROVAL_OUTSIDE_DELEGATION"):
        scene.approve(people, "office-director", asked.approval)
    letter = people["gm"].DirectoryService.CreateDelegation(
        delegation={
            "delegator": people.name("gm"),
            "delegate": people.name("office-director"),
            "post": "general_manager",
            "matters": ["loan.confidential"],
            "max_level": "confidential",
            "valid_until": scene.later(days=7),
            "letter_reference": "委托书 2026-01",
        },
        reason="away on business",
    )
    approval = scene.approve(people, "office-director", asked.approval, letter.name)
    assert state(approval) == "APPROVAL_STATE_APPROVED"
    signature = approval.decisions[0]
    assert (signature.signer, signature.acting_for) == (people.name("office-director"), people.name("gm"))
    grant = access.GetAccessRequest(name=asked.name).grant
    assert grant.startswith("grants/")
    return asked.name, grant


def letters_ended(people):
    """Ends the letters of earlier walks, so that this one begins as they did."""
    directory = people["gm"].DirectoryService
    pair = f'delegator = "{people.name("gm")}" AND delegate = "{people.name("office-director")}"'
    for letter in directory.ListDelegations(filter=f"{pair} AND state = ACTIVE", page_size=500).delegations:
        directory.RevokeDelegation(name=letter.name, reason="back from business")


def handed_out(people, file, grant):
    """The archivist hands the original out for 4 hours; nobody else gets it meanwhile."""
    desk = people["archivist"].LoanService
    loan = desk.CheckOutItems(**scene.handing(people, file, "sales-2", grant))
    assert state(loan) == "LOAN_STATE_OUT"
    assert loan.due_time.seconds - loan.check_out_time.seconds == 4 * HOUR
    second = people["sales-manager"].AccessService
    wish = scene.wish(file, "ACCESS_KIND_ORIGINAL", "contract_performance", duration=f"{4 * HOUR}s")
    asked = second.RequestAccess(**wish).access_request
    scene.approve(people, "deputy", asked.approval)
    waiting = second.GetAccessRequest(name=asked.name).grant
    with refusal("ORIGINAL_OUT", grpc.StatusCode.FAILED_PRECONDITION) as told:
        desk.CheckOutItems(**scene.handing(people, file, "sales-manager", waiting))
    assert told.metadata["item"] == file
    return loan


def credited(people, file):
    """The customer is rated, a limit approved by two, and two reservations at once do not overrun it."""
    asked = people["analyst"].AccessService.RequestAccess(
        **scene.wish(file, "ACCESS_KIND_VIEW", "credit_assessment", duration="14400s")
    )
    scene.approve(people, "deputy", asked.access_request.approval)
    model = scene.model(people)
    evaluate = people["analyst"].RatingService.EvaluateCustomer
    wanted = {"customer": file, "score_model": model, "inputs": scene.INPUTS}
    until("credit knows the file and the grant", lambda: _found(lambda: evaluate(**wanted, validate_only=True)))
    rating = evaluate(**wanted)
    assert rating.score == "537.5"
    limits = people["analyst"].LimitService
    limit = limits.ProposeLimit(**scene.proposal(file, rating.name, LIMIT))
    limit = limits.SubmitLimit(name=limit.name, etag=limit.etag)
    assert state(limit) == "LIMIT_STATE_PENDING_APPROVAL"
    scene.approve(people, "finance-director", limit.approval)
    scene.approve(people, "deputy", limit.approval)
    scene.in_force(people, limit.name)
    reserved(people, file)


def reserved(people, file):
    """Two reservations come at once and one must fail; of the other a part is drawn and the rest let go."""
    exposure = people["analyst"].ExposureService
    calls = [exposure.ReserveCredit.future(**scene.reserving(file, EACH, reference=f"order {n}")) for n in (1, 2)]
    concurrent.futures.wait([_waiting(call) for call in calls])
    held = [call.result() for call in calls if call.exception() is None]
    lost = [reason_of(call.exception()) for call in calls if call.exception() is not None]
    assert len(held) == 1 and lost == ["LIMIT_EXCEEDED"]
    done = exposure.CommitReservation(name=held[0].name, amount=scene.yuan(DRAWN), final=True, request_id=str(uuid.uuid4()))
    assert state(done) == "RESERVATION_STATE_COMMITTED"
    known = exposure.GetExposure(customer=file)
    figures = [one.minor_units for one in (known.limit_amount, known.drawn, known.held, known.available)]
    assert figures == [LIMIT, DRAWN, 0, LIMIT - DRAWN]


def _waiting(call):
    done = concurrent.futures.Future()
    call.add_done_callback(lambda _: done.set_result(None))
    return done


def _found(ask):
    try:
        return ask()
    except grpc.RpcError as fault:
        if reason_of(fault) == "RESOURCE_NOT_FOUND":
            return False
        raise
