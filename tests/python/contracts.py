"""The contracts in two forms: as stubs generated from `proto/`, and as the running services describe themselves.

Both answer the same two questions, so that everything else is written once: which services there are, and how one of their
methods is called. The second form never looks at a generated file.
"""

import importlib
import os
import pathlib
import sys
import types

from google.protobuf import descriptor_pool, message_factory
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

#: The services that every process serves for itself.
EVERYWHERE = ("dossier.journal.v1.JournalService", "dossier.duty.v1.DutyService")

#: The processes, or the parts of one.
PLACES = ("profile", "access", "credit")


def place_of(full_name):
    """The process that serves `dossier.<place>.v1.<Service>`; None where every one does."""
    return None if full_name in EVERYWHERE else full_name.split(".")[1]


def at_home(message, place, fields):
    """The fields of a request, with the name of the process where each one that every process answers must say it."""
    names = message.DESCRIPTOR.fields_by_name
    if message.DESCRIPTOR.full_name.split(".")[1] not in ("journal", "duty"):
        return fields
    home = {"parent": f"services/{place}"} if "parent" in names else {}
    if message.DESCRIPTOR.name == "GetJournalRequest":
        home = {"name": f"services/{place}/journal"}
    return home | fields


def _request_class(method):
    return message_factory.GetMessageClass(method.input_type)


class Stubs:
    """The contracts by generated code."""

    def __init__(self):
        folder = pathlib.Path(os.environ["DOSSIER_PYTHON_STUBS"])
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
        self._services, self._stubs = {}, {}
        for path in sorted(folder.glob("dossier/*/v1/*_pb2.py")):
            name = ".".join(path.relative_to(folder).with_suffix("").parts)
            descriptor = importlib.import_module(name).DESCRIPTOR
            for service in descriptor.services_by_name.values():
                self._services[service.name] = service
                self._stubs[service.name] = getattr(importlib.import_module(f"{name}_grpc"), f"{service.name}Stub")

    def services(self):
        """Every service by its short name."""
        return self._services

    def service(self, _place, name):
        """One service."""
        return self._services[name]

    def method(self, channel, place, service, method):
        """How a method is called on a channel, and the class of its requests."""
        descriptor = self.service(place, service).methods_by_name[method]
        return getattr(self._stubs[service](channel), method), _request_class(descriptor)


class _Described(ProtoReflectionDescriptorDatabase):
    """What a server tells about itself by `grpc.reflection.v1`.

    The library speaks the older `v1alpha`, which differs in the name of the service alone: the messages are the same bytes.
    """

    def __init__(self, channel):
        super().__init__(channel)
        ask = channel.stream_stream(
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
            response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
        )
        self._stub = types.SimpleNamespace(ServerReflectionInfo=ask)


class Reflection:
    """The contracts as the services tell them: descriptors from the server, messages made at run time."""

    def __init__(self, channels):
        self._pools, self._names = {}, {}
        for place, channel in channels.items():
            database = _Described(channel)
            self._pools[place] = descriptor_pool.DescriptorPool(database)
            self._names[place] = list(database.get_services())

    def names(self, place):
        """Full names of what a process describes."""
        return self._names[place]

    def service(self, place, name):
        """One service of a process."""
        full = next(one for one in self._names[place] if one.endswith(f".{name}"))
        return self._pools[place].FindServiceByName(full)

    def place(self, name):
        """The process that serves a service of this short name, if one does: each describes what it serves."""
        full = next(one for place in PLACES for one in self._names[place] if one.endswith(f".{name}"))
        return place_of(full)

    def method(self, channel, place, service, method):
        """How a method is called on a channel, and the class of its requests."""
        descriptor = self.service(place, service).methods_by_name[method]
        reply = message_factory.GetMessageClass(descriptor.output_type)
        path = f"/{descriptor.containing_service.full_name}/{method}"
        make = channel.unary_stream if descriptor.server_streaming else channel.unary_unary
        request = _request_class(descriptor)
        return make(path, request_serializer=request.SerializeToString, response_deserializer=reply.FromString), request
