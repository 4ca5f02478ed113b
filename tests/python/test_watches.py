"""Streams: an approval and a journal, watched while others change them."""

import queue
import threading
import time

import grpc
import pytest

import scene
from people import until
from refusals import refusal

Code = grpc.StatusCode


class Watched:
    """A stream that is read while the story goes on; of each message the part `what`."""

    def __init__(self, stream, what=None):
        self.stream, self.seen, self.what = stream, queue.Queue(), what
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            for message in self.stream:
                self.seen.put(getattr(message, self.what) if self.what else message)
            self.seen.put(None)
        except grpc.RpcError as fault:
            self.seen.put(fault)

    def next(self, seconds=15):
        """The next message; None when the stream has ended well."""
        item = self.seen.get(timeout=seconds)
        if isinstance(item, Exception):
            raise item
        return item


def name_of(approval):
    """The state of an approval, without its prefix."""
    values = approval.DESCRIPTOR.fields_by_name["state"].enum_type.values_by_number
    return values[approval.state].name.removeprefix("APPROVAL_STATE_")


@pytest.fixture
def asked(people):
    """A request that two people must approve, one after the other; gives its approval."""
    file = scene.active(people)
    access = people["sales-2"].AccessService
    wish = scene.wish(file, "ACCESS_KIND_ORIGINAL", duration="3600s")
    return access.RequestAccess(**wish).access_request.approval


def watching(people, who, approval, seconds=60):
    """The approval, watched by somebody."""
    watch = people[who].ApprovalService.WatchApproval
    return Watched(watch.send(watch.request(name=approval), timeout=seconds), "approval")


def test_a_watched_approval_shows_each_signature_and_ends_with_the_last(people, asked):
    watched = watching(people, "sales-2", asked)
    first = watched.next()
    assert (name_of(first), first.passed_steps) == ("PENDING", 0)
    scene.approve(people, "sales-manager", asked)
    second = watched.next()
    assert (name_of(second), second.passed_steps, len(second.decisions)) == ("PENDING", 1, 1)
    scene.approve(people, "office-director", asked)
    last = watched.next()
    assert (name_of(last), last.passed_steps, len(last.decisions)) == ("APPROVED", 2, 2)
    assert watched.next() is None, "nothing follows a final state"
    assert watched.stream.code() == Code.OK


def test_two_watchers_see_the_same_end(people, asked):
    both = [watching(people, who, asked) for who in ("sales-2", "gm")]
    assert [name_of(one.next()) for one in both] == ["PENDING", "PENDING"]
    seen = people["sales-manager"].ApprovalService.GetApproval(name=asked)
    people["sales-manager"].ApprovalService.RejectApproval(
        name=asked, content_digest=scene.digest(seen), reason="不符合工作需要"
    )
    assert [name_of(one.next()) for one in both] == ["REJECTED", "REJECTED"]
    assert [one.next() for one in both] == [None, None]


def test_a_final_approval_is_shown_once(people, asked):
    people["sales-2"].ApprovalService.WithdrawApproval(name=asked, reason="no longer needed")
    watch = people["sales-2"].ApprovalService.WatchApproval
    states = [name_of(one.approval) for one in watch(name=asked)]
    assert states == ["WITHDRAWN"]


def test_who_has_no_part_in_an_approval_cannot_watch_it(people, asked):
    with refusal("RESOURCE_NOT_FOUND", Code.NOT_FOUND):
        list(people["service-1"].ApprovalService.WatchApproval(name=asked))


def test_a_watch_ends_when_its_caller_goes_away(people, asked):
    watched = watching(people, "sales-2", asked)
    assert name_of(watched.next()) == "PENDING"
    watched.stream.cancel()
    with pytest.raises(grpc.RpcError) as caught:
        watched.next()
    assert caught.value.code() == Code.CANCELLED


def body(people, entry):
    """What an entry says."""
    people.contracts.services()
    from dossier.journal.v1 import entry_pb2  # generated; only there once the stubs are

    return entry_pb2.EntryBody.FromString(entry.body)


class Entries:
    """The entries of a watched journal, one by one."""

    def __init__(self, people, watched):
        self._people, self._watched, self._left = people, watched, []
        self.seqs = []

    def until(self, action):
        """Reads on until an entry with this action; gives it."""
        while True:
            while self._left:
                entry = self._left.pop(0)
                self.seqs.append(entry.seq)
                if (found := body(self._people, entry)).action == action:
                    return found
            self._left.extend(self._watched.next().entries)


def test_a_watched_journal_shows_what_happens_to_a_file_in_order_and_without_repetition(people):
    draft = scene.draft(people)
    watch = people["archivist"].at("profile").JournalService.WatchEntries
    watched = Watched(watch.send(watch.request(subject=draft.name), timeout=60))
    entries = Entries(people, watched)
    assert entries.until("file.created").subject == draft.name
    people["sales-1"].CustomerFileService.SubmitCustomerFile(name=draft.name)
    told = entries.until("file.submitted")
    assert (told.subject, told.actor, told.org) == (draft.name, people.name("sales-1"), "demo")
    people["archivist"].CustomerFileService.GetCustomerFile(name=draft.name, purpose="archive_work")
    listing = people["archivist"].at("profile").JournalService.ListEntries

    def listed():
        found = [one.seq for one in listing(filter=f'subject = "{draft.name}"', page_size=500).entries]
        return found if len(found) >= 3 else None

    whole = until("the reading stands in the journal too", listed)
    while len(entries.seqs) < len(whole):
        next_one = f'subject = "{draft.name}" AND seq >= {whole[len(entries.seqs)]}'
        entries.until(body(people, listing(filter=next_one).entries[0]).action)
    assert entries.seqs == whole == sorted(set(whole))
    watched.stream.cancel()


def test_a_watch_goes_on_after_the_last_entry_that_was_seen(people):
    draft = scene.draft(people)
    journal = people["archivist"].at("profile").JournalService
    until("the file stands in the journal", lambda: journal.ListEntries(filter=f'subject = "{draft.name}"').entries)
    first = Watched(journal.WatchEntries(subject=draft.name))
    last = first.next().entries[-1].seq
    first.stream.cancel()
    people["sales-1"].CustomerFileService.SubmitCustomerFile(name=draft.name)
    second = Watched(journal.WatchEntries(subject=draft.name, after_seq=last))
    begun = time.monotonic()
    entries = second.next().entries
    assert all(one.seq > last for one in entries)
    assert body(people, entries[0]).action == "file.submitted"
    assert time.monotonic() - begun < 5
    second.stream.cancel()


def test_who_may_not_read_the_journal_cannot_watch_it(people):
    for place in ("profile", "access", "credit"):
        with refusal("PERMISSION_DENIED", Code.PERMISSION_DENIED) as told:
            list(people["service-1"].at(place).JournalService.WatchEntries())
        assert told.metadata["action"] == "journal.read"
