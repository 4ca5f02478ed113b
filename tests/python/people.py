"""The people of the organisation `demo`, each with a token of the development issuer, and the ways to the services."""

import functools
import os
import subprocess
import time
import uuid

import grpc
from google.protobuf import json_format

from contracts import PLACES, at_home, place_of

#: The organisation that everything happens in.
ORG = "demo"

#: Seconds that a call may take unless a test says otherwise.
PATIENCE = 20


def addresses():
    """Host and port of each service."""
    pairs = (one.split("=", 1) for one in os.environ["DOSSIER_PYTHON_CONNECT"].split(","))
    known = {place: address.removeprefix("http://") for place, address in pairs}
    assert sorted(known) == sorted(PLACES), f"DOSSIER_PYTHON_CONNECT must name {', '.join(PLACES)}"
    return known


def token(subject, org=ORG, ttl="2h"):
    """A token of the development issuer."""
    command = [os.environ["DOSSIER"]]
    if folder := os.environ.get("DOSSIER_DATA_DIR"):
        command += ["--data-dir", folder]
    command += ["token", "--org", org, "--subject", subject, "--ttl", ttl]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def bearer(text):
    """The header of a token."""
    return (("authorization", f"Bearer {text}"),)


def until(words, holds, seconds=60):
    """Asks again and again until `holds` gives something; effects reach other services through the journal."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(0.05)
    raise AssertionError(f"still not so after {seconds} s: {words}")


class People:
    """Everybody, over one channel to each service. `people["gm"]` is the general manager."""

    def __init__(self, channels, contracts):
        self.channels, self.contracts = channels, contracts
        self._tokens, self._names = {}, {}

    def __getitem__(self, subject):
        return Person(self, subject)

    def by(self, contracts):
        """The same people, speaking by other contracts."""
        return People(self.channels, contracts)

    def header(self, subject):
        """The header that says who calls."""
        if subject not in self._tokens:
            self._tokens[subject] = bearer(token(subject))
        return self._tokens[subject]

    def name(self, subject):
        """`persons/{uuid}` of a subject."""
        if subject not in self._names:
            self._names[subject] = self[subject].DirectoryService.GetPerson(name="persons/me").name
        return self._names[subject]


class Person:
    """Somebody who calls: `person.CustomerFileService.GetCustomerFile(name=..., purpose=...)`."""

    def __init__(self, people, subject, place=None):
        self._people, self.subject, self._place = people, subject, place

    def at(self, place):
        """The same person at one process, for the services that every process has."""
        return Person(self._people, self.subject, place)

    @property
    def name(self):
        """`persons/{uuid}`."""
        return self._people.name(self.subject)

    def __getattr__(self, service):
        contracts, place = self._people.contracts, self._place
        if place is None and hasattr(contracts, "place"):
            place = contracts.place(service)
        elif place is None:
            place = place_of(contracts.service(None, service).full_name)
        return Service(self._people, self.subject, place, service)


class Service:
    """One service, asked by one person."""

    def __init__(self, people, subject, place, name):
        self._make = functools.partial(Method, people, subject, place, name)

    def __getattr__(self, method):
        return self._make(method)


class Method:
    """One method, asked by one person. Fields are given in the JSON form of the contract."""

    def __init__(self, people, subject, place, service, method):
        header, channel = people.header(subject), people.channels[place]
        self.call, self.message = people.contracts.method(channel, place, service, method)
        self.header, self.place = header, place

    def request(self, **fields):
        """The request; a mutation gets a `request_id` unless one is given."""
        if "request_id" in self.message.DESCRIPTOR.fields_by_name:
            fields.setdefault("request_id", str(uuid.uuid4()))
        return json_format.ParseDict(at_home(self.message, self.place, fields), self.message())

    def send(self, request, timeout=PATIENCE):
        """The reply to a request, or the stream of replies."""
        return self.call(request, timeout=timeout, metadata=self.header)

    def future(self, **fields):
        """The call under way."""
        return self.call.future(self.request(**fields), timeout=PATIENCE, metadata=self.header)

    def __call__(self, **fields):
        return self.send(self.request(**fields))


def channels():
    """An open channel to each service."""
    # Larger than the server takes, so that it is the server that refuses.
    options = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
    return {place: grpc.insecure_channel(address, options=options) for place, address in addresses().items()}
