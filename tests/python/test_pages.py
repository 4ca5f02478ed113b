"""Lists, page by page to the end: every row once, in one order; a page token is good for its own query alone."""

import grpc
import pytest

import scene
from people import until
from refusals import refusal

Code = grpc.StatusCode

#: More than two pages of three.
ROWS = 8


class Query:
    """One list, as somebody asks for it."""

    def __init__(self, method, field, key="name", **fields):
        self.method, self.field, self.key, self.fields = method, field, key, fields

    def page(self, size, token=""):
        """Keys of a page, and the token of the next."""
        reply = self.method(**self.fields, page_size=size, page_token=token)
        return [getattr(one, self.key) for one in getattr(reply, self.field)], reply.next_page_token

    def all(self, size):
        """Keys of all pages, in order."""
        keys, token, pages = self.page(size) + (1,)
        assert len(keys) <= size
        while token:
            more, token = self.page(size, token)
            assert more and len(more) <= size, "a page that was promised holds something, and not too much"
            keys, pages = keys + more, pages + 1
            assert pages < 5_000, "the pages must end"
        return keys


@pytest.fixture(scope="module")
def made(people, customer):
    """Rows of every kind: drafts, revisions of one file, reservations, requests."""
    drafts = [scene.draft(people).name for _ in range(ROWS)]
    edited = drafts[0]
    for n in range(ROWS):
        people["sales-1"].CustomerFileService.UpdateCustomerFile(
            customer_file={"name": edited, "fields": {"address": {"text": f"上海市中山东路 {n} 号"}}},
            update_mask="fields.address",
        )
    exposure = people["sales-1"].ExposureService
    reservations = [exposure.ReserveCredit(**scene.reserving(customer, 10, reference="pages")).name for _ in range(ROWS)]
    journal = people["archivist"].at("profile").JournalService
    until("the changes stand in the journal", lambda: len(journal.ListEntries(filter=f'subject = "{edited}"').entries) > ROWS)
    yield {"drafts": drafts, "edited": edited, "reservations": reservations}
    for name in reservations:
        exposure.ReleaseReservation(name=name)


def query(people, made, customer, what):
    """A query by its name in these tests, and the keys that it must give among others."""
    files, access = people["sales-1"].CustomerFileService, people["gm"]
    journal = people["archivist"].at("profile").JournalService
    name = made["edited"]
    match what:
        case "files":
            return Query(files.ListCustomerFiles, "customer_files"), made["drafts"]
        case "drafts":
            return Query(files.ListCustomerFiles, "customer_files", filter="state = DRAFT"), made["drafts"]
        case "files found":
            search = {"name_contains": "客户", "purpose": scene.PURPOSE}
            return Query(files.SearchCustomerFiles, "customer_files", **search), made["drafts"]
        case "revisions":
            wanted = [f"{name}/revisions/{n}" for n in range(1, ROWS + 2)]
            return Query(files.ListCustomerFileRevisions, "revisions", parent=name), wanted
        case "entries":
            return Query(journal.ListEntries, "entries", "seq", filter=f'subject = "{name}"'), []
        case "people":
            return Query(access.DirectoryService.ListPersons, "persons"), [people.name("gm"), people.name("analyst")]
        case "approvals":
            return Query(access.ApprovalService.ListApprovals, "approvals"), []
        case "templates":
            return Query(access.TemplateService.ListTemplates, "templates"), ["templates/customer_core"]
        case "numbers":
            return Query(people["archivist"].NumberService.ListFileNumbers, "file_numbers"), []
        case "reservations":
            listing = people["sales-1"].ExposureService.ListReservations
            found = f'customer = "{customer}" AND reference = "pages"'
            return Query(listing, "reservations", filter=found), made["reservations"]
        case "models":
            return Query(people["analyst"].RatingService.ListScoreModels, "score_models"), []
        case "duties":
            return Query(access.at("profile").DutyService.ListDuties, "duties"), []
    raise AssertionError(what)


LISTS = [
    "files", "drafts", "files found", "revisions", "entries", "people", "approvals", "templates", "numbers", "reservations",
    "models", "duties",
]  # fmt: skip


@pytest.mark.parametrize("what", LISTS)
def test_every_row_is_given_once_and_in_one_order_whatever_the_size_of_a_page(people, made, customer, what):
    asked, wanted = query(people, made, customer, what)
    whole = asked.all(500)
    assert len(whole) == len(set(whole))
    assert set(wanted) <= set(whole)
    for size in (3, 7):
        assert asked.all(size) == whole


def test_rows_that_come_while_paging_repeat_and_lose_none_of_those_there_were(people, made, customer):
    asked, wanted = query(people, made, customer, "drafts")
    before = asked.all(500)
    keys, token = asked.page(3)
    while token:
        scene.draft(people)
        more, token = asked.page(50, token)
        keys += more
    assert len(keys) == len(set(keys))
    assert [one for one in keys if one in set(before)] == before


@pytest.mark.parametrize("what", ["files", "revisions", "people", "reservations", "entries"])
def test_a_token_of_another_query_is_refused(people, made, customer, what):
    asked, _ = query(people, made, customer, what)
    _, token = asked.page(2)
    assert token
    other = {
        "files": {"filter": "state = DRAFT"},
        "revisions": {"parent": made["drafts"][1]},
        "people": {"filter": 'appointments.post = "archivist"'},
        "reservations": {"filter": 'reference = "others"'},
        "entries": {"filter": f'subject = "{made["drafts"][1]}"'},
    }[what]
    with refusal("PAGE_TOKEN_INVALID", Code.INVALID_ARGUMENT):
        asked.method(**asked.fields | other, page_size=2, page_token=token)
    assert asked.page(2, token)[0], "the token is still good for its own query"


def test_a_token_of_another_list_is_refused(people, made, customer):
    _, token = query(people, made, customer, "files")[0].page(2)
    for what in ("revisions", "people", "reservations"):
        with refusal("PAGE_TOKEN_INVALID", Code.INVALID_ARGUMENT):
            query(people, made, customer, what)[0].page(2, token)


def test_a_token_of_somebody_else_is_refused_or_shows_only_what_its_bearer_may_see(people, made, customer):
    asked, _ = query(people, made, customer, "files")
    _, token = asked.page(2)
    stranger = people["service-1"].CustomerFileService.ListCustomerFiles
    try:
        assert list(stranger(page_size=2, page_token=token).customer_files) == []
    except grpc.RpcError:
        with refusal("PAGE_TOKEN_INVALID", Code.INVALID_ARGUMENT):
            stranger(page_size=2, page_token=token)


def test_an_altered_token_is_refused(people, made, customer):
    asked, _ = query(people, made, customer, "files")
    _, token = asked.page(2)
    middle = len(token) // 2
    altered = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]
    for bad in (altered, token[:-4], token + "AAAA", "nonsense", "%%%"):
        with refusal("PAGE_TOKEN_INVALID", Code.INVALID_ARGUMENT):
            asked.page(2, bad)


def test_a_page_larger_than_allowed_is_cut_and_a_negative_one_refused(people, made, customer):
    asked, _ = query(people, made, customer, "files")
    assert len(asked.page(100_000)[0]) <= 500
    assert len(asked.page(0)[0]) <= 50
    with refusal("FIELD_VIOLATION", Code.INVALID_ARGUMENT) as told:
        asked.page(-1)
    assert "page_size" in told.fields
