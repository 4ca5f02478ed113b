"""Credentials that do not say who calls are refused before anything else is looked at, by every service alike."""

import base64
import json
import time

import grpc
import pytest

import people as company
import raw
from refusals import refusal, unpack

Code = grpc.StatusCode

#: One method of each service.
ASKED = {
    "profile": "/dossier.profile.v1.CustomerFileService/GetCustomerFile",
    "access": "/dossier.access.v1.DirectoryService/GetPerson",
    "credit": "/dossier.credit.v1.ExposureService/GetExposure",
}


def refused(channels, place, header):
    """What a service says to a header."""
    with pytest.raises(grpc.RpcError) as caught:
        channels[place].unary_unary(ASKED[place])(b"", metadata=header, timeout=20)
    return unpack(caught.value)


def _part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@pytest.mark.parametrize("place", company.PLACES)
class TestEveryService:
    """The three services agree on who may not call."""

    def test_a_call_without_a_token_is_refused(self, channels, place):
        told = refused(channels, place, ())
        assert (told.code, told.reason) == (Code.UNAUTHENTICATED, "TOKEN_MISSING")

    @pytest.mark.parametrize("header", ["Bearer x.y", "Bearer", "Basic Z206Z20=", "nonsense", "Bearer " + "A" * 999])
    def test_a_header_that_is_no_token_is_refused(self, channels, place, header):
        told = refused(channels, place, (("authorization", header),))
        assert told.code == Code.UNAUTHENTICATED
        assert told.reason in ("TOKEN_MALFORMED", "TOKEN_MISSING", "TOKEN_FOREIGN"), told

    def test_a_token_that_was_altered_is_refused(self, channels, place):
        head, _, signature = company.token("gm").split(".")
        promoted = _claims(company.token("service-1")) | {"sub": "gm"}
        told = refused(channels, place, company.bearer(f"{head}.{_part(promoted)}.{signature}"))
        assert (told.code, told.reason) == (Code.UNAUTHENTICATED, "TOKEN_FOREIGN")

    def test_a_token_without_a_signature_is_refused(self, channels, place):
        claims = _claims(company.token("gm"))
        told = refused(channels, place, company.bearer(f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}."))
        assert (told.code, told.reason) == (Code.UNAUTHENTICATED, "TOKEN_FOREIGN")

    def test_a_token_of_somebody_unknown_may_nothing(self, people, channels, place):
        told = refused(channels, place, company.bearer(company.token("nobody-at-all")))
        assert (told.code, told.reason) == (Code.PERMISSION_DENIED, "PERSON_UNKNOWN")


def test_a_token_ends_with_its_time(people, channels):
    header = company.bearer(company.token("gm", ttl="2s"))
    get, message = people.contracts.method(channels["access"], "access", "DirectoryService", "GetPerson")
    request = message(name="persons/me")
    assert get(request, metadata=header, timeout=20).subject == "gm"

    def ended():
        try:
            get(request, metadata=header, timeout=20)
        except grpc.RpcError as fault:
            told = unpack(fault)
            assert (told.code, told.reason) == (Code.UNAUTHENTICATED, "TOKEN_EXPIRED"), told
            return True
        return False

    # The services forgive a difference between clocks: 30 s by default.
    begun = time.monotonic()
    company.until("the token has ended", ended, seconds=45)
    assert time.monotonic() - begun > 1, "it must hold until its end"


def test_a_token_of_another_organisation_sees_nothing_of_this_one(people, channels, customer):
    header = company.bearer(company.token("gm", org="meridian"))
    service = people.contracts.service(None, "CustomerFileService")
    path = f"/{service.full_name}/CheckCompleteness"
    _, message = people.contracts.method(channels["profile"], "profile", "CustomerFileService", "CheckCompleteness")
    answer = raw.send(channels["profile"], path, message(name=customer).SerializeToString(), header)
    missing = "files/" + "7" * 8 + "-7777-7777-7777-" + "7" * 12
    other = raw.send(channels["profile"], path, message(name=missing).SerializeToString(), header)
    assert answer.code == "NOT_FOUND"
    assert answer.renamed({customer: missing}) == other
    listing, message = people.contracts.method(
        channels["profile"], "profile", "CustomerFileService", "ListCustomerFiles"
    )
    listed = listing(message(page_size=500), metadata=header, timeout=20).customer_files
    assert customer not in [one.name for one in listed]


def test_health_answers_without_a_token_and_everything_else_does_not(channels):
    for place in company.PLACES:
        answer = raw.send(channels[place], "/grpc.health.v1.Health/Check", b"")
        assert (answer.code, answer.messages) == ("OK", (b"\x08\x01",))
        assert raw.send(channels[place], "/dossier.duty.v1.DutyService/ListDuties", b"").code == "UNAUTHENTICATED"


def test_what_a_token_says_is_looked_at_before_the_request(people, channels):
    garbage = b"\xff" * 40
    told = raw.send(channels["profile"], ASKED["profile"], garbage)
    assert told.code == "UNAUTHENTICATED"
    with refusal("FIELD_VIOLATION"):
        people["gm"].CustomerFileService.GetCustomerFile(name="", purpose="audit")
