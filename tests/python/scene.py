"""Short ways to the middle of a story, by real calls. Who does what is the pack's own division of work (R36)."""

import base64
import datetime
import uuid

import grpc

from people import until
from refusals import reason_of

#: What files are read for, unless a test says otherwise.
PURPOSE = "customer_service"

DUTIES = ["keep_clean", "no_marking", "no_copying", "no_sublending", "no_loss"]
WHOLE = {"whole_file": {}}
INSPECTED = ["pages_complete", "undamaged", "unmarked", "same_material"]
#: The content of documents.
PDF = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
INPUTS = {"years": "7", "trade": "steel"}


def later(**span):
    """A moment from now, as the contract writes it."""
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(**span)).isoformat().replace("+00:00", "Z")


def yuan(minor_units):
    """Yuan, in minor units."""
    return {"minor_units": minor_units, "currency_code": "CNY"}


def digest(approval):
    """The digest that a signature repeats."""
    return base64.b64encode(approval.content_digest).decode()


def company():
    """A company with everything that the pack requires, in a unit of its own."""
    mark = uuid.uuid4().hex
    texts = {
        "name": f"客户{mark[:6]}有限公司",
        "phone": f"021-{int(mark[:6], 16) % 90_000_000 + 10_000_000}",
        "address": "上海市黄浦区中山东路 1 号",
        "industry": "机械制造",
    }
    choice = {"cooperation_stage": {"choice": {"id": "signed"}}}
    return {
        "customer_type": "CUSTOMER_TYPE_COMPANY",
        "unit": "sales",
        "unit_ref": f"REF-{mark}",
        "template": "templates/customer_core",
        "fields": {key: {"text": text} for key, text in texts.items()} | choice,
    }


def draft(people, **changes):
    """A draft by sales-1."""
    file = company() | changes
    return people["sales-1"].CustomerFileService.CreateCustomerFile(customer_file=file, reason="首次接触")


def active(people):
    """A file that is effective and known to access and credit; gives its name."""
    file = draft(people)
    file = people["sales-1"].CustomerFileService.SubmitCustomerFile(name=file.name, etag=file.etag)
    people["sales-manager"].CustomerFileService.ReviewCustomerFile(
        name=file.name, etag=file.etag, decision="REVIEW_DECISION_ACCEPT", reason="已核对"
    )
    people["archivist"].CustomerFileService.ActivateCustomerFile(name=file.name)
    known(people, file.name, "none")
    return file.name


def classify(people, file, level):
    """Sets a level, and waits until access and credit know it."""
    people["archivist"].CustomerFileService.ClassifyCustomerFile(name=file, level=level, reason="定密")
    known(people, file, level)


def known(people, file, level):
    """Waits until access and credit know that the file stands at a level."""

    def asked():
        place = {"reading_place": "archive_room"} if level == "secret" else {}
        wanted = wish(file, "ACCESS_KIND_VIEW", validate_only=True) | place
        plan = people["gm"].AccessService.RequestAccess(**wanted)
        return level == "none" or plan.access_request.level == level

    until("access knows the file", lambda: _settles(asked))
    exposure = people["sales-1"].ExposureService.GetExposure
    if level == "none":
        until("credit knows the file", lambda: _settles(lambda: exposure(customer=file)))
    elif level == "secret":
        # The salesman's clearance ends below it.
        until("credit knows the level", lambda: not _settles(lambda: exposure(customer=file)))


def _settles(ask):
    try:
        return ask()
    except grpc.RpcError as fault:
        if reason_of(fault) in ("RESOURCE_NOT_FOUND", "WRONG_STATE", "FIELD_VIOLATION"):
            return False
        raise


def wish(file, kind, purpose=PURPOSE, **more):
    """A request for access with a justification tied to the work."""
    asked = {"file": file, "kind": kind, "scope": WHOLE, "purpose": purpose, "justification": "处理客户的售后服务申请"}
    return asked | more


def approve(people, who, approval, letter=""):
    """Signs with yes, on what the signer sees."""
    seen = people[who].ApprovalService.GetApproval(name=approval)
    return people[who].ApprovalService.ApproveStep(
        name=approval, content_digest=digest(seen), delegation=letter, etag=seen.etag, reason="同意"
    )


def handing(people, file, borrower, grant=""):
    """The hand-out of an original."""
    return {
        "file": file,
        "borrower": people.name(borrower),
        "grant": grant,
        "items": [{"description": "signed offer, one volume", "copies": 1, "pages": 42}],
        "acceptance": {"duties": DUTIES, "signature_reference": "slip 1"},
        "justification": "by approved request",
    }


def sound():
    """What is found when nothing differs from the hand-out."""
    return {
        "condition": "RETURN_CONDITION_SOUND",
        "copies": 1,
        "pages": 42,
        "inspected": INSPECTED,
        "restored_location": "archive room, cabinet 3",
    }


def card():
    """A score card of two variables, under a name of its own."""
    years = {
        "name": "years",
        "bins": [
            {"label": "under 5", "points": "-10", "range": {"upper": "5.0"}},
            {"label": "5 and more", "points": "25.5", "range": {"lower": "5.0"}},
        ],
        "missing_points": "0",
    }
    trade = {
        "name": "trade",
        "bins": [
            {"label": "steel", "points": "12", "categories": {"values": ["steel", "machines"]}},
            {"label": "other", "points": "0", "categories": {"values": ["other"]}},
        ],
    }
    name = f"small-{uuid.uuid4().hex[:12]}"
    return {"card": name, "title": "Small card", "base_points": "500", "variables": [years, trade]}


def model(people):
    """The small card in force; gives its name."""
    draft = people["analyst"].RatingService.CreateScoreModel(score_model=card())
    return people["analyst"].RatingService.ActivateScoreModel(name=draft.name).name


def rating(people, model, file):
    """A rating of a customer; gives its name."""
    return people["analyst"].RatingService.EvaluateCustomer(customer=file, score_model=model, inputs=INPUTS).name


def proposal(file, rating, minor_units):
    """A limit for half a year."""
    return {
        "customer": file,
        "amount": yuan(minor_units),
        "payment_terms": "30 days net",
        "valid_until": later(days=180),
        "rating": rating,
        "justification": "steady orders since 2025",
    }


def limit(people, model, file, minor_units):
    """A limit in force; gives its name."""
    service = people["analyst"].LimitService
    drafted = service.ProposeLimit(**proposal(file, rating(people, model, file), minor_units))
    submitted = service.SubmitLimit(name=drafted.name, etag=drafted.etag)
    approve(people, "finance-director", submitted.approval)
    approve(people, "deputy", submitted.approval)
    in_force(people, drafted.name)
    return drafted.name


def in_force(people, name):
    """Waits until a limit is approved, as access's journal told credit."""
    get = people["analyst"].LimitService.GetLimit
    until("the limit is in force", lambda: get(name=name).state == 4)  # LIMIT_STATE_APPROVED


def reserving(file, minor_units, **more):
    """A reservation for an hour."""
    return {"customer": file, "amount": yuan(minor_units), "ttl": "3600s", "reference": "order 1"} | more


def complaint():
    """A complaint about service, not taken up yet."""
    fields = {
        "complained_on": {"date": "2026-03-02"},
        "content": {"text": "到货破损"},
        "complaint_kind": {"choice": {"id": "service_quality"}},
    }
    return {"kind": "complaint", "fields": fields}


def talk(people, file):
    """A communication record in `file`, made by its author."""
    fields = {
        "held_at": {"timestamp": "2026-03-02T01:00:00Z"},
        "channel": {"choice": {"id": "telephone"}},
        "contact_person": {"text": "王经理"},
        "needs": {"text": "加购两台"},
    }
    record = {"kind": "communication", "fields": fields}
    return people["sales-1"].RecordService.CreateRecord(parent=file, record=record, reason="电话记录").name


def scan(people, file):
    """A document in `file` whose content is still to come, filed by sales-1."""
    document = {"kind": "other", "carrier": "DOCUMENT_CARRIER_SCAN", "fields": {"title": {"text": "扫描件"}}}
    return people["sales-1"].DocumentService.CreateDocument(parent=file, document=document, reason="归档").name


def said_of(content):
    """What the first message of an upload says of the whole."""
    return {"size_bytes": len(content), "media_type": "application/pdf"}


def uploading(people, document, part):
    """An upload of `PDF` that sales-1 began, and of which `part` was sent; its name."""
    name = f"{document}/uploads/{uuid.uuid4()}"
    method = people["sales-1"].DocumentService.UploadDocumentContent
    message = method.request(name=name, data=base64.b64encode(part).decode(), **said_of(PDF))
    list(method.send(iter([message])))
    return name


def document(people, file):
    """A document in `file` with its content, by sales-1."""
    name = scan(people, file)
    people["sales-1"].DocumentService.AttachDocumentContent(name=uploading(people, name, PDF))
    return name
