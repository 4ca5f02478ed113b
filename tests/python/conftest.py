"""What all tests share: the people and the ways to the services; and the line of counts at the end."""

import grpc
import pytest

import people as company
import scene
from contracts import PLACES, Reflection, Stubs
from refusals import reason_of

_counts = {"passed": 0, "failed": 0}


@pytest.fixture(scope="session")
def channels():
    """A channel to each service, closed at the end."""
    opened = company.channels()
    for place in PLACES:
        grpc.channel_ready_future(opened[place]).result(timeout=30)
    yield opened
    for channel in opened.values():
        channel.close()


@pytest.fixture(scope="session")
def people(channels):
    """Everybody, by stubs; profile and credit know the first people from access's journal."""
    everybody = company.People(channels, Stubs())

    def listed():
        try:
            everybody["archivist"].CustomerFileService.ListCustomerFiles(page_size=1)
            everybody["analyst"].RatingService.ListScoreModels(page_size=1)
        except grpc.RpcError as fault:
            if reason_of(fault) in ("PERSON_UNKNOWN", "AUTHORITY_STALE"):
                return False
            raise
        return True

    company.until("profile and credit know the first people", listed)
    return everybody


@pytest.fixture(scope="session")
def strangers(people, channels):
    """Everybody, by reflection alone."""
    return people.by(Reflection(channels))


@pytest.fixture(scope="session")
def model(people):
    """A small score card in force."""
    return scene.model(people)


@pytest.fixture(scope="session")
def customer(people, model):
    """An active customer with 10,000.00 CNY in force; tests take and give back within it."""
    file = scene.active(people)
    scene.limit(people, model, file, 1_000_000)
    return file


def pytest_runtest_logreport(report):
    """Counts a test once, and a fixture that failed as a failed test."""
    if report.when == "call" and report.passed:
        _counts["passed"] += 1
    elif report.failed:
        _counts["failed"] += 1


def pytest_collectreport(report):
    """Counts a file that cannot be read as a failed test."""
    if report.failed:
        _counts["failed"] += 1


def pytest_unconfigure():
    """The last line."""
    print("{passed} passed, {failed} failed".format(**_counts))
