"""Calls as bytes: to send what no stub would send, and to compare answers byte by byte."""

import dataclasses

import grpc
from google.protobuf import message_factory

#: The moment of an answer: the only thing in it that may differ between two equal ones.
MOMENTS = ("check_time", "as_of_time")


@dataclasses.dataclass(frozen=True)
class Answer:
    """All that came back, but for the date: equal only when every byte is."""

    code: str
    sentence: str
    headers: tuple
    trailers: tuple
    messages: tuple

    def renamed(self, names):
        """The answer as it would be if other names, equally long, had been asked for."""

        def swap(value):
            for old, new in names.items():
                pair = (old.encode(), new.encode()) if isinstance(value, bytes) else (old, new)
                value = value.replace(*pair)
            return value

        headers, trailers = (tuple((key, swap(value)) for key, value in one) for one in (self.headers, self.trailers))
        messages = tuple(swap(one) for one in self.messages)
        return Answer(self.code, swap(self.sentence), headers, trailers, messages)


def _kept(metadata):
    return tuple(sorted((one.key, one.value) for one in metadata or () if one.key != "date"))


def send(channel, path, request, header=(), streamed=False, timeout=20):
    """Calls a method with these bytes; gives everything that came back."""
    multi = channel.unary_stream(path) if streamed else channel.unary_unary(path)
    messages, fault = [], None
    if streamed:
        call = multi(request, metadata=header, timeout=timeout)
        try:
            messages.extend(call)
        except grpc.RpcError as error:
            fault = error
    else:
        try:
            message, call = multi.with_call(request, metadata=header, timeout=timeout)
            messages.append(message)
        except grpc.RpcError as error:
            call = fault = error
    code = fault.code() if fault else grpc.StatusCode.OK
    sentence = (fault.details() or "") if fault else ""
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        # Server and caller keep time by themselves; which of them ends the call first says nothing of what was asked.
        return Answer(code.name, "", (), (), tuple(messages))
    return Answer(code.name, sentence, _kept(call.initial_metadata()), _kept(call.trailing_metadata()), tuple(messages))


def ask(people, who, place, method, request, timeout=20):
    """Asks `method` (a descriptor) as somebody; the moment of the answer is taken out of it."""
    path = f"/{method.containing_service.full_name}/{method.name}"
    header = people.header(who)
    answer = send(people.channels[place], path, request, header, method.server_streaming, timeout)
    reply = message_factory.GetMessageClass(method.output_type)
    return dataclasses.replace(answer, messages=tuple(_timeless(reply, one) for one in answer.messages))


def _timeless(reply, encoded):
    message = reply.FromString(encoded)
    if not _clear(message):
        return encoded
    return message.SerializeToString(deterministic=True)


def _clear(message):
    found = False
    for field, value in message.ListFields():
        if field.name in MOMENTS:
            message.ClearField(field.name)
            found = True
        elif field.message_type is not None and not field.message_type.GetOptions().map_entry:
            for one in value if field.is_repeated else [value]:
                found |= _clear(one)
    return found
