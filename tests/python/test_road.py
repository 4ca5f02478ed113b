"""The road, walked by generated stubs and walked by reflection alone."""

import pytest

import road
from contracts import PLACES


def test_the_road_is_walked_by_stubs(people):
    file = road.walk(people)
    entries = people["archivist"].at("profile").JournalService.ListEntries(filter=f'subject = "{file}"', page_size=500).entries
    assert entries, "what was done on the road stands in the journal"


def test_the_road_is_walked_by_reflection_alone(strangers):
    road.walk(strangers)


@pytest.mark.parametrize("place", PLACES)
def test_a_process_describes_every_service_of_its_contract(people, strangers, place):
    described = set(strangers.contracts.names(place))
    of_stubs = {one.full_name for one in people.contracts.services().values()}
    wanted = {one for one in of_stubs if one.startswith(f"dossier.{place}.")} | {
        "dossier.journal.v1.JournalService",
        "dossier.duty.v1.DutyService",
        "grpc.health.v1.Health",
    }
    assert wanted <= described
    assert {one for one in described if one.startswith("dossier.")} <= of_stubs


def test_what_is_described_is_what_the_stubs_were_made_from(people, strangers):
    for service in people.contracts.services().values():
        name = service.name
        places = PLACES if service.full_name.split(".")[1] in ("journal", "duty") else [strangers.contracts.place(name)]
        for place in places:
            other = strangers.contracts.service(place, name)
            assert [_shape(one) for one in service.methods] == [_shape(one) for one in other.methods]


def _shape(method):
    fields = [
        [(one.name, one.number, one.type, one.is_repeated) for one in message.fields]
        for message in (method.input_type, method.output_type)
    ]
    return method.name, method.server_streaming, method.client_streaming, fields
