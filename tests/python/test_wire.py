"""Bytes that no stub would send: too many, no message, no text. Each is refused with a reason and has no effect."""

import uuid

import grpc
import pytest

import scene
from refusals import unpack

Code = grpc.StatusCode

CREATE = ("profile", "sales-1", "/dossier.profile.v1.CustomerFileService/CreateCustomerFile")
PERSON = ("access", "office-director", "/dossier.access.v1.DirectoryService/CreatePerson")
EVALUATE = ("credit", "analyst", "/dossier.credit.v1.RatingService/EvaluateCustomer")

#: The most bytes of one message.
LIMIT = 4_194_304


def sent(people, target, request, timeout=30):
    """What a service says to these bytes."""
    place, who, path = target
    with pytest.raises(grpc.RpcError) as caught:
        people.channels[place].unary_unary(path)(request, metadata=people.header(who), timeout=timeout)
    return unpack(caught.value)


def torn(encoded, marker):
    """The message with a byte that no UTF-8 has where `marker` begins."""
    assert encoded.count(marker) == 1
    return encoded.replace(marker, b"\xff" + marker[1:])


def listed(people):
    """How many files there are for the archivist."""
    service, token, count = people["archivist"].CustomerFileService, "", 0
    while True:
        page = service.ListCustomerFiles(page_size=500, page_token=token)
        count, token = count + len(page.customer_files), page.next_page_token
        if not token:
            return count


def test_text_that_is_no_utf8_is_refused_with_its_field(people):
    before = listed(people)
    create = people["sales-1"].CustomerFileService.CreateCustomerFile.request(
        customer_file=scene.company() | {"unit_ref": "zzzz-canary"}
    )
    told = sent(people, CREATE, torn(create.SerializeToString(), b"zzzz"))
    assert (told.code, told.reason) == (Code.INVALID_ARGUMENT, "MESSAGE_MALFORMED")
    assert any("unit_ref" in field for field in told.fields), told
    assert b"canary" not in told.status.SerializeToString()
    assert listed(people) == before


def test_no_service_takes_text_that_is_no_utf8(people):
    person = {"subject": "zzzz", "display_name": "canary"}
    create = people["office-director"].DirectoryService.CreatePerson.request(person=person)
    evaluate = people["analyst"].RatingService.EvaluateCustomer.request(
        customer=f"files/{uuid.uuid4()}", inputs={"years": "zzzz"}
    )
    for target, message, field in ((PERSON, create, "subject"), (EVALUATE, evaluate, "inputs")):
        told = sent(people, target, torn(message.SerializeToString(), b"zzzz"))
        assert (told.code, told.reason) == (Code.INVALID_ARGUMENT, "MESSAGE_MALFORMED")
        assert any(field in one for one in told.fields), told
        assert b"canary" not in told.status.SerializeToString()


@pytest.mark.parametrize(
    "garbage",
    [b"\x0a\x7f\x01", b"\x0f", b"\xff" * 40],
    ids=["a length that reaches behind the end", "a wire type that does not exist", "a number that never ends"],
)
@pytest.mark.parametrize("target", [CREATE, PERSON, EVALUATE], ids=["profile", "access", "credit"])
def test_bytes_that_are_no_message_are_refused(people, target, garbage):
    told = sent(people, target, garbage)
    assert (told.code, told.reason) == (Code.INVALID_ARGUMENT, "MESSAGE_MALFORMED")


@pytest.mark.parametrize("target", [CREATE, PERSON, EVALUATE], ids=["profile", "access", "credit"])
def test_a_message_over_the_limit_is_refused_with_the_limit(people, target):
    # A field that no message has, so that the size alone is at fault: number 2047, then its length and its bytes.
    length = LIMIT + 1
    varint = bytes([length & 0x7F | 0x80, length >> 7 & 0x7F | 0x80, length >> 14 & 0x7F | 0x80, length >> 21])
    told = sent(people, target, b"\xfa\x7f" + varint + b"x" * length)
    assert (told.code, told.reason) == (Code.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE")
    assert told.metadata["limit_bytes"] == str(LIMIT)


def test_a_field_that_no_message_has_is_left_aside(people):
    place, who, path = ("access", "gm", "/dossier.access.v1.DirectoryService/GetPerson")
    known = people[who].DirectoryService.GetPerson.request(name="persons/me").SerializeToString()
    reply = people.channels[place].unary_unary(path)(known + b"\xfa\x7f\x01x", metadata=people.header(who), timeout=20)
    assert people[who].DirectoryService.GetPerson(name="persons/me").SerializeToString() == reply


def test_a_file_of_unreasonable_size_has_no_effect(people):
    before = listed(people)
    large = scene.company() | {"unit_ref": "canary" * 800_000}
    create = people["sales-1"].CustomerFileService.CreateCustomerFile.request(customer_file=large)
    told = sent(people, CREATE, create.SerializeToString())
    assert told.reason == "MESSAGE_TOO_LARGE"
    assert b"canary" not in told.status.SerializeToString()
    assert listed(people) == before


def test_a_method_that_does_not_exist_is_refused_by_name(people):
    told = sent(people, ("profile", "gm", "/dossier.profile.v1.CustomerFileService/BurnCustomerFile"), b"")
    assert (told.code, told.reason) == (Code.UNIMPLEMENTED, "METHOD_UNKNOWN")
    assert told.metadata["method"] == "dossier.profile.v1.CustomerFileService/BurnCustomerFile"


def test_the_services_of_another_process_are_not_served(people):
    told = sent(people, ("credit", "gm", CREATE[2]), b"")
    assert (told.code, told.reason) == (Code.UNIMPLEMENTED, "METHOD_UNKNOWN")
