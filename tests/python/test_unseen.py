"""What a caller without rights learns: nothing. Invisible and missing are the same bytes, and no count tells them apart."""

import time

import pytest
from google.protobuf import json_format, message_factory

import questions
import raw
import scene
from contracts import PLACES, at_home
from questions import Names, short

#: Nobody of them took part in what is hidden, or his clearance ends below it.
READERS = ["service-1", "sales-2", "sales-1", "analyst", "auditor"]

#: Who created what is hidden, before it rose above their clearance.
AUTHOR = "sales-1"


@pytest.fixture(scope="module")
def hidden(people, model):
    """A file above the clearance of all readers, with all that hangs on it."""
    return questions.hidden(people, model)


@pytest.fixture(scope="module")
def visible(people):
    """A file that the readers of the unit may see."""
    return scene.active(people)


def request(method, place, fields):
    """The bytes of a request to one process."""
    message = message_factory.GetMessageClass(method.input_type)()
    return json_format.ParseDict(at_home(message, place, fields), message).SerializeToString(deterministic=True)


def ask_all(people, who, wanted):
    """Every answer to what is wanted of each method, by method, process and number."""
    answers = {}
    for method in questions.reading(people):
        for place in questions.places(method):
            for number, fields in enumerate(wanted.get(short(method), ())):
                # A stream that shows nothing stays open until its deadline.
                patience = 0.5 if method.server_streaming else 20
                answer = raw.ask(people, who, place, method, request(method, place, fields), patience)
                answers[short(method), place, number] = answer
    return answers


def differences(before, after):
    """Where two sets of answers are not the same bytes."""
    assert before.keys() == after.keys()
    return {key: (before[key], after[key]) for key in before if before[key] != after[key]}


def without(wanted, methods):
    """The questions but for those to some methods."""
    return {name: asked for name, asked in wanted.items() if name not in methods}


def test_every_reading_method_is_asked_or_tells_nothing_about_files(people):
    names = Names.missing()
    asked = questions.by_name(names, names.file).keys() | questions.collections().keys() | questions.JOURNAL.keys()
    there_are = {short(one) for one in questions.reading(people)}
    assert asked | questions.ELSEWHERE == there_are
    assert not asked & questions.ELSEWHERE


def journal_of(asked):
    """Those of the questions that go to the journals."""
    return {name: one for name, one in asked.items() if name.startswith("JournalService.")}


@pytest.mark.parametrize("who", READERS)
def test_an_invisible_file_answers_as_one_that_does_not_exist(people, hidden, visible, who):
    missing = Names.missing()
    # What the auditor is refused here stands in the journal as his own, so its questions come apart, below.
    apart = questions.LEDGERS | journal_of(questions.by_name(missing, visible)).keys() if who == "auditor" else set()
    # What somebody said themselves is no secret before them, whatever became of the file.
    apart = apart | {"JournalService.OpenPromises"} if who == AUTHOR else apart
    of_hidden = ask_all(people, who, without(questions.by_name(hidden, visible), apart))
    of_missing = ask_all(people, who, without(questions.by_name(missing, visible), apart))
    names = hidden.swapped(missing)
    told = differences({key: answer.renamed(names) for key, answer in of_hidden.items()}, of_missing)
    assert not told, f"{who} can tell: {told}"


def test_who_did_what_an_entry_tells_sees_their_own_words_and_no_value(people, hidden):
    wanted = {"JournalService.OpenPromises": questions.by_name(hidden, hidden.file)["JournalService.OpenPromises"]}
    answers = {who: ask_all(people, who, wanted)["JournalService.OpenPromises", "profile", 0] for who in READERS}
    assert [who for who, answer in answers.items() if answer.code == "OK"] == [AUTHOR]


def test_the_comparison_would_see_a_visible_file(people, visible):
    missing = Names.missing()
    seen = Names(visible, *list(vars(missing).values())[1:])
    of_seen = ask_all(people, "sales-2", questions.by_name(seen, visible))
    of_missing = ask_all(people, "sales-2", questions.by_name(missing, visible))
    names = seen.swapped(missing)
    told = differences({key: answer.renamed(names) for key, answer in of_seen.items()}, of_missing)
    assert {"CustomerFileService.GetCustomerFile", "ExposureService.GetExposure", "AccessService.CheckAccess"} <= {
        name for name, _, _ in told
    }


def test_who_may_see_the_file_is_told_of_it(people, hidden):
    answers = ask_all(people, "archivist", questions.by_name(hidden, hidden.file))
    # A level that binds a place binds its keeper too; who may not know of the file is not told of the place either.
    assert answers["CustomerFileService.GetCustomerFile", "profile", 0].code == "INVALID_ARGUMENT"
    reading = {"name": hidden.file, "purpose": scene.PURPOSE, "reading_place": "archive_room"}
    assert people["archivist"].CustomerFileService.GetCustomerFile(**reading).name == hidden.file
    assert answers["LoanService.GetLoan", "access", 0].code == "OK"
    assert answers["AccessService.GetAccessRequest", "access", 0].code == "OK"
    # A receipt of somebody else's act is for who sees the whole journal.
    assert answers["JournalService.GetInclusionProof", "profile", 0].code == "NOT_FOUND"
    proofs = ask_all(people, "auditor", journal_of(questions.by_name(hidden, hidden.file)))
    assert proofs["JournalService.GetInclusionProof", "profile", 0].code == "OK"


def quiet(ask):
    """Asks until the answers stay the same for a second: what other tests began has reached every service."""
    last = ask()
    for _ in range(30):
        time.sleep(1)
        now = ask()
        if now == last:
            return now
        last = now
    raise AssertionError("the answers never came to rest")


@pytest.mark.parametrize("who", ["service-1", "sales-2", "auditor"])
def test_no_list_and_no_count_changes_when_an_invisible_file_comes_to_be(people, model, who):
    apart = questions.LEDGERS if who == "auditor" else ()
    wanted = without(questions.collections(), apart)
    before = quiet(lambda: ask_all(people, who, wanted))
    begun = questions.hidden(people, model)
    assert begun.grant
    after = ask_all(people, who, wanted)
    told = differences(before, after)
    assert not told, f"{who} can tell: {told}"


def test_the_comparison_would_see_a_visible_row(people):
    before = ask_all(people, "sales-2", questions.collections())
    scene.draft(people)
    told = differences(before, ask_all(people, "sales-2", questions.collections()))
    assert ("CustomerFileService.ListCustomerFiles", "profile", 0) in told


def message(people, entry):
    """What an entry says."""
    people.contracts.services()
    from dossier.journal.v1 import entry_pb2  # generated; only there once the stubs are

    return entry_pb2.EntryBody.FromString(entry.body)


def test_the_auditor_is_told_who_when_and_what_of_an_invisible_file_and_no_content(people, model):
    hidden = questions.hidden(people, model)
    for place in PLACES:
        shown = people["auditor"].at(place).JournalService.ListEntries(filter=f'subject = "{hidden.file}"', page_size=500).entries
        assert shown
        for one in shown:
            body = message(people, one)
            assert one.abridged
            assert body.actor and body.action and body.subject and body.time.seconds
            assert not body.HasField("event")
            assert not body.commitments
