"""Deadlines: what comes too late has no effect, or has it once; the caller learns that by asking again."""

import time
import uuid

import grpc
import pytest

import scene
from people import PATIENCE
from refusals import unpack

LATE = grpc.StatusCode.DEADLINE_EXCEEDED


def late(call):
    """The refusal of a call whose time is over."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    told = unpack(caught.value)
    assert told.code == LATE, told
    return told


def test_a_deadline_that_has_passed_is_exceeded(people):
    get = people["gm"].CustomerFileService.GetCustomerFile
    request = get.request(name=f"files/{uuid.uuid4()}", purpose=scene.PURPOSE)
    late(lambda: get.send(request, timeout=-1))
    late(lambda: get.send(request, timeout=0))
    late(lambda: get.send(request, timeout=0.000001))


def test_a_change_whose_deadline_has_passed_has_no_effect(people):
    create = people["sales-1"].CustomerFileService.CreateCustomerFile
    file = scene.company()
    late(lambda: create.send(create.request(customer_file=file), timeout=-1))
    # The unit is still free: another call, with another id, opens its file.
    opened = create(customer_file=file)
    assert opened.revision == 1


@pytest.mark.parametrize("millis", [1, 2, 3, 5, 8, 13])
def test_a_change_that_came_late_is_asked_again_and_has_its_effect_once(people, millis):
    create = people["sales-1"].CustomerFileService.CreateCustomerFile
    request = create.request(customer_file=scene.company())
    try:
        create.send(request, timeout=millis / 1000)
    except grpc.RpcError as fault:
        assert fault.code() == LATE, fault
    # The unit has one open file: a second effect would be refused, a second reply would differ.
    file = create.send(request)
    assert create.send(request) == file
    revisions = people["sales-1"].CustomerFileService.ListCustomerFileRevisions(parent=file.name).revisions
    assert [one.revision for one in revisions] == [1]


def test_a_deadline_that_leaves_room_is_kept(people):
    get = people["gm"].DirectoryService.GetPerson
    assert get.send(get.request(name="persons/me"), timeout=PATIENCE).subject == "gm"


def test_a_deadline_longer_than_the_server_allows_is_no_fault(people):
    get = people["gm"].DirectoryService.GetPerson
    assert get.send(get.request(name="persons/me"), timeout=24 * 3600).subject == "gm"


def test_a_call_without_a_deadline_is_answered(people):
    get = people["gm"].DirectoryService.GetPerson
    assert get.send(get.request(name="persons/me"), timeout=None).subject == "gm"


def test_a_stream_ends_with_its_deadline(people):
    watch = people["archivist"].at("profile").JournalService.WatchEntries
    begun = time.monotonic()
    told = late(lambda: list(watch.send(watch.request(subject=f"files/{uuid.uuid4()}"), timeout=1)))
    assert told.code == LATE
    assert 0.9 < time.monotonic() - begun < 5


def test_a_caller_that_goes_away_leaves_nothing_stuck(people):
    listing = people["archivist"].CustomerFileService.ListCustomerFiles
    calls = [listing.future(page_size=500) for _ in range(8)]
    for call in calls:
        call.cancel()
    # One or the other may have been answered already.
    assert {call.code() for call in calls} <= {grpc.StatusCode.CANCELLED, grpc.StatusCode.OK}
    assert listing(page_size=1).customer_files is not None
