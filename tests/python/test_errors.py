"""What a refusal says to a program: reason, domain, metadata and field paths, in the trailers as `google.rpc.Status`."""

import uuid

import grpc
import pytest

import scene
from contracts import Stubs
from refusals import DETAILS, refusal

Code = grpc.StatusCode


@pytest.fixture(scope="module")
def file(people):
    """An active file."""
    return scene.active(people)


def test_the_trailers_repeat_code_and_sentence_of_the_call(people):
    missing = f"files/{uuid.uuid4()}"
    with pytest.raises(grpc.RpcError) as caught:
        people["gm"].CustomerFileService.GetCustomerFile(name=missing, purpose=scene.PURPOSE)
    trailers = [value for key, value in caught.value.trailing_metadata() if key == DETAILS]
    assert len(trailers) == 1 and isinstance(trailers[0], bytes)
    with refusal("RESOURCE_NOT_FOUND", Code.NOT_FOUND) as told:
        people["gm"].CustomerFileService.GetCustomerFile(name=missing, purpose=scene.PURPOSE)
    assert (told.status.code, told.status.message) == (Code.NOT_FOUND.value[0], told.sentence)
    assert told.domain == "dossier" and told.missing == ("dossier/CustomerFile", missing)


def test_every_fault_of_a_request_is_named_by_its_path_at_once(people):
    bad = scene.company() | {"unit_ref": "", "fields": {"nonsense": {"text": "x"}, "name": {"integer": 7}}}
    with refusal("FIELD_VIOLATION", Code.INVALID_ARGUMENT) as told:
        people["sales-1"].CustomerFileService.CreateCustomerFile(customer_file=bad)
    named = " ".join(told.fields)
    for path in ("unit_ref", "nonsense", "name"):
        assert path in named, told
    assert all(told.fields.values()), "each path says what is wrong with it"


@pytest.mark.parametrize(
    ("who", "service", "method", "fields", "path"),
    [
        ("gm", "CustomerFileService", "GetCustomerFile", {"name": "nonsense", "purpose": "audit"}, "name"),
        ("gm", "CustomerFileService", "ListCustomerFiles", {"page_size": -1}, "page_size"),
        ("gm", "ApprovalService", "ListApprovals", {"page_size": -1}, "page_size"),
        ("gm", "AccessService", "CheckAccess", {"file": "files/7", "kind": "ACCESS_KIND_VIEW", "scope": {"whole_file": {}}, "purpose": "audit"}, "file"),
        ("gm", "LimitService", "GetLimit", {"name": "loans/7"}, "name"),
        ("sales-1", "ExposureService", "ReserveCredit", {"request_id": "again"}, "request_id"),
    ],
)
def test_a_bad_field_is_named_by_its_path(people, who, service, method, fields, path):
    if method == "ReserveCredit":
        fields = fields | scene.reserving(f"files/{uuid.uuid4()}", 5)
    with refusal("FIELD_VIOLATION", Code.INVALID_ARGUMENT) as told:
        getattr(getattr(people[who], service), method)(**fields)
    assert path in told.fields, told


def test_an_identifier_with_a_wrong_digit_names_its_field_and_not_its_value(people):
    bad = scene.company()
    bad["fields"]["uscc"] = {"text": "91350100M000100Y44"}
    with refusal("IDENTIFIER_INVALID", Code.INVALID_ARGUMENT) as told:
        people["sales-1"].CustomerFileService.CreateCustomerFile(customer_file=bad)
    assert any("uscc" in path for path in told.fields), told
    assert b"91350100M000100Y44" not in told.status.SerializeToString()


def test_an_action_that_no_post_gives_is_named(people, file):
    with refusal("PERMISSION_DENIED", Code.PERMISSION_DENIED) as told:
        people["sales-1"].CustomerFileService.ClassifyCustomerFile(name=file, level="none")
    assert told.metadata["action"] == "file.classify"


def test_the_right_to_act_is_asked_before_the_fields_are_looked_at(people):
    with refusal("PERMISSION_DENIED"):
        people["sales-1"].CustomerFileService.ClassifyCustomerFile(name="nonsense")


def test_a_wrong_state_says_which_it_is_and_which_are_allowed(people, file):
    with refusal("WRONG_STATE", Code.FAILED_PRECONDITION) as told:
        people["sales-1"].CustomerFileService.SubmitCustomerFile(name=file)
    assert told.metadata["resource"] == file
    assert told.metadata["state"] and told.metadata["allowed"]


def test_a_stale_etag_is_aborted_and_names_its_resource(people):
    draft = scene.draft(people)
    people["sales-1"].CustomerFileService.SubmitCustomerFile(name=draft.name, etag=draft.etag)
    with refusal("ETAG_STALE", Code.ABORTED) as told:
        people["archivist"].CustomerFileService.CloseCustomerFile(name=draft.name, etag=draft.etag, reason="x")
    assert told.metadata["resource"] == draft.name


def test_what_is_over_the_limit_says_how_much_is_available(people, customer):
    with refusal("LIMIT_EXCEEDED", Code.FAILED_PRECONDITION) as told:
        people["sales-1"].ExposureService.ReserveCredit(**scene.reserving(customer, 900_000_000))
    available = people["sales-1"].ExposureService.GetExposure(customer=customer).available.minor_units
    assert told.metadata["available_minor_units"] == str(available)
    assert told.metadata["currency_code"] == "CNY" and told.metadata["limit"].startswith("limits/")


def test_every_reason_is_one_of_the_contract(people, file):
    assert isinstance(people.contracts, Stubs)
    from dossier.type.v1 import error_reason_pb2  # generated; only there once the stubs are

    known = {name.removeprefix("ERROR_REASON_") for name in error_reason_pb2.ErrorReason.keys()}
    calls = [
        lambda: people["gm"].CustomerFileService.GetCustomerFile(name=file, purpose=""),
        lambda: people["gm"].CustomerFileService.ListCustomerFiles(filter="level ="),
        lambda: people["gm"].CustomerFileService.ListCustomerFiles(page_token="AAAA"),
        lambda: people["gm"].TemplateService.GetTemplate(name="templates/nothing"),
        lambda: people["gm"].DirectoryService.GetPerson(name=f"persons/{uuid.uuid4()}"),
        lambda: people["gm"].PolicyService.GetRegime(name="regimes/R99"),
        lambda: people["analyst"].RatingService.GetScoreModel(name=f"scoreModels/{uuid.uuid4()}"),
    ]
    wanted = [
        "FIELD_VIOLATION",
        "FILTER_INVALID",
        "PAGE_TOKEN_INVALID",
        "RESOURCE_NOT_FOUND",
        "RESOURCE_NOT_FOUND",
        "RESOURCE_NOT_FOUND",
        "RESOURCE_NOT_FOUND",
    ]
    for call, reason in zip(calls, wanted, strict=True):
        with refusal(reason) as told:
            call()
        assert told.reason in known and told.domain == "dossier"
