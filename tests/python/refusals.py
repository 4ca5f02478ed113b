"""What a refusal says: the code, the sentence, and the details that stand in the trailers as `google.rpc.Status`."""

import contextlib
import dataclasses

import grpc
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

#: The trailer that carries the details.
DETAILS = "grpc-status-details-bin"


@dataclasses.dataclass
class Refused:
    """A refusal, unpacked."""

    code: grpc.StatusCode = None
    sentence: str = ""
    reason: str = ""
    domain: str = ""
    metadata: dict = dataclasses.field(default_factory=dict)
    fields: dict = dataclasses.field(default_factory=dict)
    missing: tuple = ()
    status: status_pb2.Status = None


def unpack(fault):
    """The refusal in an error of a call; a local error has no details."""
    refused = Refused(code=fault.code(), sentence=fault.details() or "")
    refused.status = rpc_status.from_call(fault) if fault.trailing_metadata() else None
    for detail in refused.status.details if refused.status else ():
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        missing = error_details_pb2.ResourceInfo()
        if detail.Unpack(info):
            refused.reason, refused.domain, refused.metadata = info.reason, info.domain, dict(info.metadata)
        elif detail.Unpack(bad):
            refused.fields = {one.field: one.description for one in bad.field_violations}
        elif detail.Unpack(missing):
            refused.missing = (missing.resource_type, missing.resource_name)
    return refused


@contextlib.contextmanager
def refusal(*reasons_then_code):
    """Demands that a call inside is refused for one of the reasons, with the code if one is given; gives what it said."""
    reasons = [one for one in reasons_then_code if isinstance(one, str)]
    codes = [one for one in reasons_then_code if not isinstance(one, str)]
    told = Refused()
    try:
        yield told
    except grpc.RpcError as fault:
        told.__dict__.update(unpack(fault).__dict__)
        assert told.reason in reasons, f"refused, but not with {reasons}: {told}"
        assert not codes or told.code in codes, f"{reasons} must be {codes}: {told}"
    else:
        raise AssertionError(f"answered, but must be refused with {reasons}")


def reason_of(fault):
    """The reason in an error of a call."""
    return unpack(fault).reason
