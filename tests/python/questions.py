"""Everything that can be asked without changing anything, about a file and all that hangs on it."""

import dataclasses
import uuid

import scene
from contracts import PLACES, place_of
from people import until

#: What tells nothing about files: the directory, the rules, the forms, the score cards.
ELSEWHERE = {
    "DirectoryService.GetPerson",
    "DirectoryService.GetDelegation",
    "PolicyService.GetRegime",
    "PolicyService.SimulateApproval",
    "TemplateService.GetTemplate",
    "TemplateService.RenderTemplate",
    # Counts of everybody in groups of at least five, which hang on nobody's right to see a file.
    "RegisterService.GetStatistics",
    "TemplateService.ValidateIdentifier",
    "RatingService.GetScoreModel",
    # The register shows every number that was given, on purpose, and not to whom.
    "NumberService.ListFileNumbers",
    # Between services: how far a copy goes.
    "JournalService.CompareCopy",
}

#: Rows of everything are the auditor's work: `approval.read_all`, `loan.read_all`, `access.check`.
LEDGERS = {
    "AccessService.GetAccessRequest",
    "AccessService.ListAccessRequests",
    "AccessService.GetGrant",
    "AccessService.ListGrants",
    "ApprovalService.GetApproval",
    "ApprovalService.ListApprovals",
    "ApprovalService.ExplainApproval",
    "ApprovalService.WatchApproval",
    "LoanService.GetLoan",
    "LoanService.ListLoans",
    "LoanService.ListOverdueLoans",
}


@dataclasses.dataclass(frozen=True)
class Names:
    """A file and all that hangs on it, by name."""

    file: str
    rating: str
    limit: str
    reservation: str
    loan: str
    request: str
    grant: str
    approval: str
    entry: str
    record: str
    document: str
    scan: str
    upload: str

    @classmethod
    def missing(cls):
        """Names of nothing."""
        kinds = (
            "files",
            "ratings",
            "limits",
            "reservations",
            "loans",
            "accessRequests",
            "grants",
            "approvals",
            "entries",
        )
        names = [f"{kind}/{uuid.uuid4()}" for kind in kinds]
        record, document, scan = (f"{names[0]}/{kind}/{uuid.uuid4()}" for kind in ("records", "documents", "documents"))
        return cls(*names, record, document, scan, f"{scan}/uploads/{uuid.uuid4()}")

    def swapped(self, other):
        """From the ids of these names to those of others."""
        pairs = zip(dataclasses.astuple(self), dataclasses.astuple(other), strict=True)
        return {one.rsplit("/")[-1]: two.rsplit("/")[-1] for one, two in pairs}


def hidden(people, model):
    """A file with everything that can hang on one, then raised to 机密: above the clearance even of its author."""
    file = scene.active(people)
    record = scene.talk(people, file)
    document, scan = scene.document(people, file), scene.scan(people, file)
    upload = scene.uploading(people, scan, scene.PDF[:9])
    limit = scene.limit(people, model, file, 100_000)
    rating = people["analyst"].LimitService.GetLimit(name=limit).rating
    reservation = people["sales-1"].ExposureService.ReserveCredit(**scene.reserving(file, 40_000)).name
    handing = scene.handing(people, file, "finance-director")
    loan = people["archivist"].LoanService.CheckOutItems(**handing, duration="3600s").name
    scene.classify(people, file, "secret")
    director = people["finance-director"].AccessService
    asked = director.RequestAccess(**scene.wish(file, "ACCESS_KIND_VIEW", reading_place="archive_room")).access_request
    scene.approve(people, "gm", asked.approval)
    grant = director.GetAccessRequest(name=asked.name).grant
    entry = until("it stands in the journal", lambda: _entry(people, file))
    papers = (record, document, scan, upload)
    return Names(file, rating, limit, reservation, loan, asked.name, grant, asked.approval, entry, *papers)


def _entry(people, file):
    people.contracts.services()
    from dossier.journal.v1 import entry_pb2  # generated; only there once the stubs are

    found = people["archivist"].at("profile").JournalService.ListEntries(filter=f'subject = "{file}"').entries
    return found and f"entries/{entry_pb2.EntryBody.FromString(found[0].body).id}"


def reading(people):
    """Every method that changes nothing: those without a `request_id`."""
    methods = [method for service in people.contracts.services().values() for method in service.methods]
    return [one for one in methods if "request_id" not in one.input_type.fields_by_name]


def short(method):
    """`Service.Method`."""
    return f"{method.containing_service.name}.{method.name}"


def places(method):
    """The processes that serve a method."""
    place = place_of(method.containing_service.full_name)
    return [place] if place else PLACES


def by_name(names, visible):
    """Requests about these names, by method; `visible` is a file that the reader may see."""
    purpose = scene.PURPOSE
    check = {"file": names.file, "kind": "ACCESS_KIND_VIEW", "scope": scene.WHOLE, "purpose": purpose}
    subjects = (names.file, names.rating, names.limit, names.reservation)
    one = lambda **fields: [fields]  # noqa: E731
    return {
        "CustomerFileService.GetCustomerFile": one(name=names.file, purpose=purpose),
        "CustomerFileService.GetCustomerOverview": one(name=names.file, purpose=purpose),
        "CustomerFileService.BatchGetCustomerFiles": [
            {"names": [names.file], "purpose": purpose},
            {"names": [visible, names.file], "purpose": purpose},
        ],
        "CustomerFileService.FindDuplicates": one(name=names.file, purpose=purpose),
        "CustomerFileService.PreviewMerge": [
            {"name": names.file, "merged": visible, "purpose": purpose},
            {"name": visible, "merged": names.file, "purpose": purpose},
        ],
        "CustomerFileService.ListCustomerFileRevisions": one(parent=names.file),
        "CustomerFileService.GetCustomerFileRevision": [
            {"name": f"{names.file}/revisions/1", "purpose": purpose},
            {"name": f"{names.file}/revisions/99", "purpose": purpose},
            {"name": f"{names.file}/revisions/-", "as_of_time": "2030-01-01T00:00:00Z", "purpose": purpose},
        ],
        "CustomerFileService.ListFileEvents": one(parent=names.file),
        "CustomerFileService.CheckCompleteness": one(name=names.file),
        "RecordService.GetRecord": one(name=names.record, purpose=purpose),
        "RecordService.RenderRecord": one(name=names.record, purpose=purpose),
        "RecordService.BatchGetRecords": [
            {"parent": names.file, "names": [names.record], "purpose": purpose},
            {"parent": "files/-", "names": [names.record], "purpose": purpose},
        ],
        "RecordService.ListRecords": one(parent=names.file),
        "RecordService.ExplainRecord": one(name=names.record),
        "RecordService.ListRecordRevisions": one(parent=names.record),
        "RecordService.GetRecordRevision": one(name=f"{names.record}/revisions/1", purpose=purpose),
        "CustodyService.GetItem": one(name=names.document.replace("/documents/", "/items/")),
        "CustodyService.ListItems": one(parent=names.file),
        "VolumeService.GetVolume": one(name=names.document.replace("/documents/", "/volumes/")),
        "VolumeService.ListVolumes": one(parent=names.file),
        "VolumeService.RenderVolume": one(
            name=names.document.replace("/documents/", "/volumes/"), sheet="VOLUME_SHEET_CATALOGUE", purpose=purpose),
        "VolumeService.ComposeVolume": one(parent=names.file),
        "DocumentService.GetDocument": one(name=names.document, purpose=purpose),
        "DocumentService.ListDocuments": one(parent=names.file),
        "DocumentService.ListDocumentRevisions": one(parent=names.document),
        "DocumentService.DownloadDocumentContent": one(name=names.document, purpose=purpose),
        "DocumentService.GetDocumentUpload": one(name=names.upload),
        "DocumentService.UploadDocumentContent": one(name=names.upload, **scene.said_of(scene.PDF)),
        "DispositionService.EvaluateDisposition": one(name=names.file),
        "DispositionService.ListHolds": one(parent=names.file),
        "DispositionService.GetDisposal": one(name=f"disposals/{uuid.UUID(int=9)}"),
        "DispositionService.GetDisposalCertificate": one(name=f"disposals/{uuid.UUID(int=9)}"),
        "DispositionService.GetHold": one(name=f"{names.file}/holds/{uuid.UUID(int=9)}"),
        "TransferService.GetImportMark": [{"name": name, "purpose": purpose} for name in (names.file, names.record)],
        "TransferService.ExportCustomerFiles": one(names=[names.file], purpose=purpose),
        "RegisterService.ListRegisterRows": one(
            parent="registers/ledger", filter=f'file = "{names.file}"', purpose=purpose
        ),
        "RegisterService.ExportRegister": one(
            name="registers/ledger", format="REGISTER_FORMAT_CSV", filter=f'file = "{names.file}"', purpose=purpose
        ),
        "AccessService.CheckAccess": [
            check,
            check | {"kind": "ACCESS_KIND_ORIGINAL"},
            check | {"scope": {"field_set": {"fields": ["name"]}}},
        ],
        "AccessService.BatchCheckAccess": one(checks=[check, check | {"file": visible}]),
        "AccessService.GetAccessRequest": one(name=names.request),
        "AccessService.ListAccessRequests": one(filter=f'file = "{names.file}"'),
        "AccessService.GetGrant": one(name=names.grant),
        "AccessService.ListGrants": one(filter=f'file = "{names.file}"'),
        "ApprovalService.GetApproval": one(name=names.approval),
        "ApprovalService.ListApprovals": one(filter=f'subject = "{names.request}"'),
        "ApprovalService.ExplainApproval": one(name=names.approval),
        "ApprovalService.WatchApproval": one(name=names.approval),
        "LoanService.GetLoan": one(name=names.loan),
        "LoanService.ListLoans": one(filter=f'file = "{names.file}"'),
        "RatingService.GetRating": one(name=names.rating),
        "RatingService.ListRatings": one(filter=f'customer = "{names.file}"'),
        "LimitService.GetLimit": one(name=names.limit),
        "LimitService.ListLimits": one(filter=f'customer = "{names.file}"'),
        "ExposureService.GetExposure": one(customer=names.file),
        "ExposureService.CheckCredit": one(customer=names.file, amount=scene.yuan(5)),
        "ExposureService.GetReservation": one(name=names.reservation),
        "ExposureService.ListReservations": one(filter=f'customer = "{names.file}"'),
        "DutyService.ListDuties": one(filter=f'subject = "{names.file}"'),
        "JournalService.ListEntries": [{"filter": f'subject = "{subject}"'} for subject in subjects],
        "JournalService.WatchEntries": one(subject=names.file),
        "JournalService.GetInclusionProof": one(entry_id=names.entry.split("/")[1]),
        "JournalService.OpenPromises": one(entry_id=names.entry.split("/")[1], purpose=purpose),
    }


def collections():
    """Requests that name nothing, by method: what they give and how much of it must not depend on what is invisible."""
    search = {"name_contains": "有限公司", "purpose": scene.PURPOSE}
    said = {"name_contains": "youxiangongsi", "purpose": scene.PURPOSE}
    whole = {"view": "CUSTOMER_FILE_VIEW_FULL", "purpose": scene.PURPOSE}
    secret = {"filter": 'state = ACTIVE AND level = "secret"'}
    return {
        "CustomerFileService.ListCustomerFiles": [{}, {"page_size": 1}, secret, whole],
        "CustomerFileService.SearchCustomerFiles": [search, search | {"page_size": 1}, said],
        "CustodyService.ListItems": [{"parent": "files/-"}],
        "CustodyService.ListPlaces": [{}],
        "CustodyService.GetPlace": [{"name": f"places/{uuid.UUID(int=7)}"}],
        "AccessService.ListAccessRequests": [{}],
        "AccessService.ListGrants": [{}],
        "ApprovalService.ListApprovals": [{}],
        "ApprovalService.ListPendingApprovals": [{}],
        "DirectoryService.ListPersons": [{}],
        "DirectoryService.ListDelegations": [{}],
        "LoanService.ListLoans": [{}],
        "LoanService.ListOverdueLoans": [{}],
        "RatingService.ListRatings": [{}],
        "RatingService.ListScoreModels": [{}],
        "LimitService.ListLimits": [{}],
        "ExposureService.ListReservations": [{}],
        "DutyService.ListDuties": [{}],
        "TemplateService.ListTemplates": [{}],
        "RegisterService.ListRegisters": [{}],
        "DispositionService.ListDueFiles": [{}],
        "DispositionService.ListHolds": [{"parent": "files/-"}],
        "DispositionService.ListDisposals": [{}],
        "TransferService.ListImportBatches": [{}],
        "TransferService.ImportCustomerFiles": [
            {"begin": {"batch": {"name": f"importBatches/{uuid.UUID(int=8)}"}, "validate_only": True, "reason": "x"}}
        ],
        "TransferService.GetImportBatch": [{"name": f"importBatches/{uuid.UUID(int=7)}"}],
    }


#: The journal of a service and its proofs: for who may read journals, but not of what he may not see.
JOURNAL = {
    "JournalService.GetJournal": [{}],
    "JournalService.GetCheckpoint": [{}],
    "JournalService.GetConsistencyProof": [{"first_tree_size": 1}],
}
