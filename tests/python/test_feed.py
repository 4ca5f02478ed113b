"""The change feed, followed by a program of another house that has an account of its own (X-41)."""

import json
import os
import pathlib
import subprocess
import sys
import uuid

import pytest

import feed
import scene
from people import until


@pytest.fixture
def account(people):
    """A person of the directory for the program: it reads the journal as the archivist does, and files what sales files."""
    subject = f"register-{uuid.uuid4().hex[:8]}"
    director = people["office-director"]
    person = director.DirectoryService.CreatePerson(person={"subject": subject, "display_name": "企业登记接口"}).name
    post = {"post": "sales_staff", "unit": "sales"}
    director.DirectoryService.AppointPerson(name=person, appointment=post)
    post = {"post": "archivist", "unit": "general-office"}
    act = {"appointment": {"person": person, "appointment": post}}
    asked = director.ApprovalService.CreateApproval(approval={"act": act}, reason="接口账号").name
    scene.approve(people, "gm", asked)
    director.DirectoryService.AppointPerson(name=person, appointment=post, approval=asked)
    return subject


class Program:
    """The program at work in a folder."""

    def __init__(self, account, folder):
        self.folder = folder
        environment = os.environ | {"FEED_SUBJECT": account}
        script = str(pathlib.Path(feed.__file__))
        self.process = subprocess.Popen([sys.executable, script, "check", str(folder)], env=environment)

    def copy(self):
        """What it has kept so far."""
        path = self.folder / "files.json"
        return json.loads(path.read_text()) if path.exists() else {"files": {}, "checked": [], "cursor": 0}

    def kill(self):
        """The machine stops."""
        self.process.kill()
        self.process.wait()


def filed(people, file):
    """The answers of the register that lie in a file."""
    documents = people["sales-1"].DocumentService.ListDocuments(parent=file, filter='kind = "other"').documents
    return [one.name for one in documents]


def test_a_program_keeps_a_copy_and_files_a_registry_check_once_for_each_company(people, account, tmp_path):
    program = Program(account, tmp_path)
    try:
        first = scene.active(people)
        until("the first company is checked", lambda: first in program.copy()["checked"])
        program.kill()
        second = scene.active(people)
        program = Program(account, tmp_path)
        until("the second company is checked", lambda: second in program.copy()["checked"])
        program.kill()
        # Its cursor is lost, and with it what it remembers: the same entries have no second effect.
        (tmp_path / "files.json").unlink()
        program = Program(account, tmp_path)
        until("all is read again", lambda: {first, second} <= set(program.copy()["checked"]))
        assert [len(filed(people, file)) for file in (first, second)] == [1, 1]
        for file in (first, second):
            now = people["archivist"].CustomerFileService.GetCustomerFile(name=file, purpose="archive_work")
            kept = program.copy()["files"][file]
            assert (kept["number"], kept["revision"], kept["state"]) == (now.number, now.revision, "ACTIVE")
    finally:
        program.kill()
