"""A program of another house: it keeps a copy of customer files by the change feed, and files a registry check by itself.

    python feed.py copy FOLDER          keeps FOLDER/files.json up to what profile's journal says, until it is told to end
    python feed.py check FOLDER         as `copy`, and files the answer of the company register for each new active company

It needs nothing but the contracts. Where it stopped it goes on: the cursor lies beside the copy, and both are written in one move.
It shows what a consumer owes the feed:

- entries come in the order of `seq`, none twice and none left out, as far as its person may see them;
- an event carries the whole state of its resource, so that applying one twice, or after a gap, changes nothing;
- a kind that is not known is passed over; an abridged entry tells that something happened, and nothing of what;
- what it does by itself it does under a `request_id` that follows from the entry, so that a repetition has no second effect.
"""

import json
import os
import pathlib
import sys
import uuid

import grpc

import people as company
from contracts import PLACES, Stubs
from refusals import reason_of

#: Who the program is in the directory: a person of its own, with posts of its own.
SUBJECT = os.environ.get("FEED_SUBJECT", "company-register")
#: Turns an entry into the one id under which its effect happens.
NAMESPACE = uuid.UUID("5f0c7d3e-6a0b-4c3f-9d52-8a4f0c1f7b11")


class Copy:
    """The files as the feed has told them, with how far it was read."""

    def __init__(self, folder):
        self.path = pathlib.Path(folder) / "files.json"
        kept = json.loads(self.path.read_text()) if self.path.exists() else {}
        self.cursor, self.files, self.checked = kept.get("cursor", 0), kept.get("files", {}), set(kept.get("checked", []))

    def apply(self, entry):
        """Takes one entry; gives the name of a file that became effective with it."""
        assert entry.seq > self.cursor, "entries come in order, none twice"
        self.cursor = entry.seq
        event = entry.decoded.event
        if entry.abridged or event.WhichOneof("kind") != "file_changed":
            return None
        now = event.file_changed
        before = self.files.get(now.file, {})
        if now.revision <= before.get("revision", 0):
            return None
        self.files[now.file] = {
            "revision": now.revision,
            "number": now.number,
            "state": now.state.removeprefix("CUSTOMER_FILE_STATE_"),
            "level": now.level,
            "unit": now.unit,
            "customer_type": now.customer_type,
        }
        active = self.files[now.file]["state"] == "ACTIVE"
        return now.file if active and before.get("state") != "ACTIVE" else None

    def keep(self):
        """Copy and cursor in one move: whoever stops in between finds both or neither."""
        new = self.path.with_suffix(".new")
        kept = {"cursor": self.cursor, "files": self.files, "checked": sorted(self.checked)}
        new.write_text(json.dumps(kept, ensure_ascii=False, indent=1))
        new.replace(self.path)


def register_says(_file):
    """What the company register answers: here the register of the tests, which knows every company."""
    return "工商登记查询:存续"


def check(me, copy, file, seq):
    """Files the answer of the register as a document of the file."""
    answer = {
        "kind": os.environ.get("FEED_KIND", "other"),
        "carrier": "DOCUMENT_CARRIER_ELECTRONIC",
        "fields": {"title": {"text": register_says(file)}},
    }
    me.DocumentService.CreateDocument(
        parent=file, document=answer, reason="工商登记查询", request_id=str(uuid.uuid5(NAMESPACE, f"{file}/{seq}"))
    )
    copy.checked.add(file)


def follow(folder, checks, until=None):
    """Follows the feed; `until` says when enough was seen."""
    channels = company.channels()
    me = company.People(channels, Stubs())[SUBJECT]
    copy = Copy(folder)
    watch = me.at("profile").JournalService.WatchEntries
    request = watch.request(parent="services/profile", after_seq=copy.cursor, decode=True)
    try:
        for message in watch.send(request, timeout=None):
            for entry in message.entries:
                new = copy.apply(entry)
                if new and checks and copy.files[new]["customer_type"] != 1:
                    check(me, copy, new, entry.seq)
            copy.keep()
            if until and until(copy):
                return copy
    finally:
        for place in PLACES:
            channels[place].close()


def main():
    """Until it is told to end; a feed that breaks is begun again where it was kept."""
    what, folder = sys.argv[1:]
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    while True:
        try:
            follow(folder, what == "check")
        except grpc.RpcError as fault:
            if fault.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
                sys.exit(f"the feed ended: {reason_of(fault)}")
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
