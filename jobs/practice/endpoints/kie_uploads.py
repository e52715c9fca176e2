"""kie.ai's upload service (docs/contracts.md, kie 6). Free; a file is public for a day."""

import base64
import binascii
import mimetypes
import re
import secrets
import time
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from jobs.practice.book.accounts import Account
from jobs.practice.endpoints import checks
from jobs.practice.endpoints.intake import customer
from jobs.practice.files.fetching import Unfetchable, fetch
from jobs.practice.files.uploads import Upload
from jobs.practice.http.messages import Refusal, Reply, Request, as_json, as_text
from jobs.practice.http.multipart import BadForm, form
from jobs.practice.life.practice import Practice

INVALID = 400
UNAUTHORIZED = "Unauthorized"
PREFIX = "/uploads/"
PLAIN = "application/octet-stream"
# Only these are served as what they are: nothing that a browser would run.
PICTURES = ("image/jpeg", "image/png", "image/webp")
FOLDER = re.compile(r"[\w. -]+(/[\w. -]+)*")
NAME = re.compile(r"[\w. -]{1,200}")
DATA_URL = re.compile(r"data:([\w.+/-]+);base64,")


def refusal(refused: Refusal) -> Reply:
    """An error of the upload service: the status, and the same in the body."""
    body = {"success": False, "code": refused.code, "msg": refused.message, "data": None}
    return as_json(body, refused.code)


def stream(practice: Practice, request: Request) -> Reply:
    """POST /api/file-stream-upload: multipart with file, uploadPath and fileName."""
    account = _account(practice, request)
    try:
        fields = form(request.headers.get("content-type", ""), request.body)
    except BadForm as error:
        raise Refusal(INVALID, f"no form: {error}") from error
    file = fields.get("file")
    if file is None:
        raise Refusal(INVALID, "file is required")
    texts = {name: each.content.decode("utf-8", "replace") for name, each in fields.items()}
    return _keep(practice, account, texts, file.content, file.kind)


def from_base64(practice: Practice, request: Request) -> Reply:
    """POST /api/file-base64-upload: base64Data is plain or a data: URL."""
    account = _account(practice, request)
    params = _params(request, "base64Data")
    data = str(params["base64Data"])
    told = DATA_URL.match(data)
    try:
        content = base64.b64decode(data[told.end() :] if told else data, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(INVALID, "base64Data is not base64") from None
    return _keep(practice, account, params, content, told[1] if told else "")


def from_url(practice: Practice, request: Request) -> Reply:
    """POST /api/file-url-upload: fetched at once."""
    account = _account(practice, request)
    params = _params(request, "fileUrl")
    problem = checks.web_address(params["fileUrl"])
    if problem:
        raise Refusal(INVALID, f"fileUrl {problem}")
    try:
        content = fetch(params["fileUrl"])
    except Unfetchable as error:
        raise Refusal(500, f"Failed to download the file: {error}") from error
    name = urlsplit(params["fileUrl"]).path.rpartition("/")[2]
    return _keep(practice, account, {"fileName": name, **params}, content, "")


def _account(practice: Practice, request: Request) -> Account:
    return customer(practice, "kie", request, UNAUTHORIZED)


def _params(request: Request, needed: str) -> dict[str, Any]:
    params = checks.json_object(request, INVALID)
    known = dict.fromkeys((needed, "uploadPath", "fileName", "mimeType"), checks.text)
    checks.fields(params, known, INVALID)
    if needed not in params:
        raise Refusal(INVALID, f"{needed} is required")
    return params


def _keep(
    practice: Practice, account: Account, texts: Mapping[str, str], content: bytes, told: str
) -> Reply:
    fault = practice.luck.of_upload()
    if fault == "upload-drop":
        return Reply(manner="reset")
    if fault is not None:
        code = int(fault.removeprefix("upload-"))
        raise Refusal(code, UNAUTHORIZED if code == 401 else "Server Error")
    folder = texts.get("uploadPath", "")
    if not FOLDER.fullmatch(folder) or ".." in folder:
        raise Refusal(INVALID, "uploadPath is required, without slashes at its ends")
    kind = texts.get("mimeType") or told or mimetypes.guess_type(texts.get("fileName", ""))[0]
    kind = kind or PLAIN
    name = texts.get("fileName") or _random_name(kind)
    if not NAME.fullmatch(name) or set(name) == {"."}:
        raise Refusal(INVALID, "fileName must be a plain name")
    number = zlib.crc32(account.name.encode()) % 1_000_000
    upload = Upload(f"kieai/{number}/{folder}/{name}", account, kind, content)
    practice.uploads.keep(upload)
    return as_json(_facts(practice, upload))


def _random_name(kind: str) -> str:
    ending = mimetypes.guess_extension(kind) or ""
    return f"{int(time.time() * 1000)}-{secrets.token_hex(6)}{ending}"


def _facts(practice: Practice, upload: Upload) -> dict[str, Any]:
    moment = datetime.fromtimestamp(upload.since, UTC)
    data = {
        "success": True,
        "fileName": upload.name,
        "filePath": upload.path,
        "downloadUrl": f"{practice.base_url}{PREFIX}{quote(upload.path)}",
        "fileSize": len(upload.content),
        "mimeType": upload.kind,
        "uploadedAt": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    return {"success": True, "code": 200, "msg": "File uploaded successfully", "data": data}


def serve(practice: Practice, request: Request) -> Reply:
    """GET /uploads/<path>: for everyone who has the address."""
    upload = practice.uploads.find(unquote(request.path.removeprefix(PREFIX)))
    if upload is None:
        return as_text("not found\n", 404)
    kind = upload.kind if upload.kind in PICTURES else PLAIN
    headers = {"Content-Type": kind, "X-Content-Type-Options": "nosniff"}
    return Reply(200, upload.content, headers)
