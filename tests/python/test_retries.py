"""The same `request_id`: one effect, one reply, however often and however many at once; another content is refused."""

import concurrent.futures
import uuid

import grpc
import pytest

import scene
from people import until
from refusals import refusal

Code = grpc.StatusCode


def entries_of(people, place, request_id, subject):
    """The journal's entries about a resource that a call with this id made."""
    people.contracts.services()
    from dossier.journal.v1 import entry_pb2  # generated; only there once the stubs are

    journal = people["archivist"].at(place).JournalService
    bodies = [
        entry_pb2.EntryBody.FromString(one.body) for one in journal.ListEntries(filter=f'subject = "{subject}"', page_size=500).entries
    ]
    return [one for one in bodies if one.request_id == request_id]


def test_a_repeated_creation_gives_the_same_reply_and_one_file(people):
    create = people["sales-1"].CustomerFileService.CreateCustomerFile
    request = create.request(customer_file=scene.company())
    first = create.send(request)
    again = [create.send(request) for _ in range(3)]
    assert all(one == first for one in again)
    until("it stands in the journal", lambda: entries_of(people, "profile", request.request_id, first.name))
    entries = entries_of(people, "profile", request.request_id, first.name)
    assert [one.action for one in entries] == ["file.created"]


def test_the_reply_stays_as_it_was_when_the_resource_has_changed_since(people):
    create = people["sales-1"].CustomerFileService.CreateCustomerFile
    request = create.request(customer_file=scene.company())
    first = create.send(request)
    people["sales-1"].CustomerFileService.SubmitCustomerFile(name=first.name)
    assert create.send(request) == first


def test_many_at_once_with_one_id_have_one_effect(people, customer):
    exposure = people["sales-1"].ExposureService
    held = exposure.GetExposure(customer=customer).held.minor_units
    request = exposure.ReserveCredit.request(**scene.reserving(customer, 1_000))

    def reserve(_):
        try:
            return exposure.ReserveCredit.send(request)
        except grpc.RpcError as fault:
            # Colliding with itself is a reason to come again, never to do it twice.
            assert fault.code() in (Code.ABORTED, Code.UNAVAILABLE), fault
            return None

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        replies = [one for one in pool.map(reserve, range(24)) if one is not None]
    assert replies and all(one == replies[0] for one in replies)
    assert exposure.GetExposure(customer=customer).held.minor_units == held + 1_000
    exposure.ReleaseReservation(name=replies[0].name)
    assert exposure.GetExposure(customer=customer).held.minor_units == held


def test_a_repeated_release_gives_back_once(people, customer):
    exposure = people["sales-1"].ExposureService
    one, two = (exposure.ReserveCredit(**scene.reserving(customer, 500)) for _ in range(2))
    before = exposure.GetExposure(customer=customer).held.minor_units
    request = exposure.ReleaseReservation.request(name=one.name)
    replies = [exposure.ReleaseReservation.send(request) for _ in range(3)]
    assert replies[0] == replies[1] == replies[2]
    assert exposure.GetExposure(customer=customer).held.minor_units == before - 500
    exposure.ReleaseReservation(name=two.name)


def test_another_content_under_the_same_id_is_refused(people, customer):
    exposure = people["sales-1"].ExposureService
    request = exposure.ReserveCredit.request(**scene.reserving(customer, 100))
    first = exposure.ReserveCredit.send(request)
    held = exposure.GetExposure(customer=customer).held.minor_units
    other = exposure.ReserveCredit.request(**scene.reserving(customer, 101, request_id=request.request_id))
    with refusal("REQUEST_ID_REUSED", Code.INVALID_ARGUMENT) as told:
        exposure.ReserveCredit.send(other)
    assert told.metadata["request_id"] == request.request_id
    assert exposure.GetExposure(customer=customer).held.minor_units == held
    assert exposure.ReserveCredit.send(request) == first
    exposure.ReleaseReservation(name=first.name)


@pytest.mark.parametrize("change", ["reason", "unit"])
def test_no_part_of_the_content_may_differ(people, change):
    create = people["sales-1"].CustomerFileService.CreateCustomerFile
    file, request_id = scene.company(), str(uuid.uuid4())
    create(customer_file=file, request_id=request_id, reason="one")
    fields = {"customer_file": file, "request_id": request_id, "reason": "one"}
    fields |= {"reason": "two"} if change == "reason" else {"customer_file": file | {"unit": "finance"}}
    with refusal("REQUEST_ID_REUSED", Code.INVALID_ARGUMENT):
        create(**fields)


def test_an_id_of_one_method_is_no_id_of_another(people):
    draft = scene.draft(people)
    service = people["sales-1"].CustomerFileService
    request_id = str(uuid.uuid4())
    service.SubmitCustomerFile(name=draft.name, request_id=request_id)
    with refusal("REQUEST_ID_REUSED", Code.INVALID_ARGUMENT):
        service.CreateCustomerFile(customer_file=scene.company(), request_id=request_id)


def test_the_ids_of_two_people_do_not_meet(people):
    request_id = str(uuid.uuid4())
    files = [
        people[who].CustomerFileService.CreateCustomerFile(customer_file=scene.company(), request_id=request_id)
        for who in ("sales-1", "sales-2")
    ]
    assert files[0].name != files[1].name


def test_a_refused_call_leaves_its_id_free(people):
    create = people["sales-1"].CustomerFileService.CreateCustomerFile
    file, request_id = scene.company(), str(uuid.uuid4())
    with refusal("FIELD_VIOLATION"):
        create(customer_file=file | {"unit_ref": ""}, request_id=request_id)
    assert create(customer_file=file, request_id=request_id).revision == 1


def test_a_trial_has_no_effect(people):
    create = people["sales-1"].CustomerFileService.CreateCustomerFile
    file = scene.company()
    tried = create(customer_file=file, validate_only=True)
    with refusal("RESOURCE_NOT_FOUND"):
        people["sales-1"].CustomerFileService.GetCustomerFile(name=tried.name, purpose=scene.PURPOSE)
    assert create(customer_file=file).revision == 1


def test_a_repeated_request_for_access_asks_once(people):
    file = scene.active(people)
    access = people["sales-2"].AccessService
    request = access.RequestAccess.request(**scene.wish(file, "ACCESS_KIND_ORIGINAL", duration="3600s"))
    first = access.RequestAccess.send(request)
    assert access.RequestAccess.send(request) == first
    assert len(access.ListAccessRequests(filter=f'file = "{file}"').access_requests) == 1
    approval = first.access_request.approval
    signing = people["sales-manager"].ApprovalService
    seen = signing.GetApproval(name=approval)
    signature = signing.ApproveStep.request(name=approval, content_digest=scene.digest(seen), reason="同意")
    assert signing.ApproveStep.send(signature) == signing.ApproveStep.send(signature)
    assert len(signing.GetApproval(name=approval).decisions) == 1
