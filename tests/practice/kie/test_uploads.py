"""kie's upload service: the recorded answers, public files, faults."""

import base64
from collections.abc import Callable

import pytest

from jobs.practice import PracticeServer
from jobs.practice.book.accounts import Account
from jobs.practice.files.uploads import MOST_FILES, Upload, Uploads
from tests.practice.test_faults import DROPPED
from tests.support.servers.practice_client import STREAM, Client, call

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
BASE64, URL = "/api/file-base64-upload", "/api/file-url-upload"
RECORDED = ["success", "fileName", "filePath", "downloadUrl"]
RECORDED += ["fileSize", "mimeType", "uploadedAt"]


def test_an_upload_is_answered_as_recorded_and_public_at_once(client: Client) -> None:
    answer = client.upload(PNG, "a.png").json
    data = answer["data"]
    assert (answer["success"], answer["code"]) == (True, 200)
    assert list(data) == RECORDED
    assert (data["fileName"], data["fileSize"], data["mimeType"]) == ("a.png", 70, "image/png")
    assert data["filePath"].endswith("/images/test/a.png")
    path = data["downloadUrl"].removeprefix(client.server.url)
    served = call(client.server, "GET", path, headers={"Authorization": ""})
    assert (served.body, served.headers["Content-Type"]) == (PNG, "image/png")


def test_a_file_without_a_name_gets_a_random_one(client: Client) -> None:
    names = {client.upload(PNG).json["data"]["fileName"] for _ in range(3)}
    assert len(names) == 3
    assert all(name.endswith(".png") for name in names)


def test_the_same_name_overwrites(client: Client) -> None:
    url = client.upload(PNG, "same.png").json["data"]["downloadUrl"]
    assert client.upload(b"other", "same.png").json["data"]["downloadUrl"] == url
    assert client.fetch(url).body == b"other"


def test_any_bytes_arrive_as_they_were(client: Client) -> None:
    content = bytes(range(256)) * 5000 + b"\r\n--edg\r\n\r\n"
    url = client.upload(content, "b.bin", "application/x-thing").json["data"]["downloadUrl"]
    answer = client.fetch(url)
    assert answer.body == content
    assert answer.headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize("before", ["", "data:image/png;base64,"])
def test_base64_is_taken_plain_and_as_a_data_url(client: Client, before: str) -> None:
    text = before + base64.b64encode(PNG).decode()
    body = {"base64Data": text, "uploadPath": "images", "fileName": "c.png"}
    data = call(client.server, "POST", BASE64, body).json["data"]
    assert (client.fetch(data["downloadUrl"]).body, data["mimeType"]) == (PNG, "image/png")


def test_a_file_can_be_named_by_its_address(client: Client) -> None:
    source = client.upload(PNG, "d.png").json["data"]["downloadUrl"]
    body = {"fileUrl": source, "uploadPath": "copies"}
    data = call(client.server, "POST", URL, body).json["data"]
    assert data["filePath"].endswith("copies/d.png")
    assert client.fetch(data["downloadUrl"]).body == PNG


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (BASE64, {"base64Data": "%%%", "uploadPath": "x"}),
        (BASE64, {"uploadPath": "x"}),
        (BASE64, {"base64Data": "QQ==", "uploadPath": "/x"}),
        (BASE64, {"base64Data": "QQ==", "uploadPath": "a/../x"}),
        (BASE64, {"base64Data": "QQ==", "uploadPath": "x", "fileName": "../a"}),
        (BASE64, {"base64Data": "QQ=="}),
        (URL, {"fileUrl": "ftp://a/b", "uploadPath": "x"}),
        (STREAM, {}),
    ],
)
def test_a_senseless_upload_is_refused(client: Client, path: str, body: dict[str, str]) -> None:
    answer = call(client.server, "POST", path, body)
    assert (answer.status, answer.json["success"], answer.json["code"]) == (400, False, 400)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--edge--",
        b"--edge\r\nno end",
        b"--edge\r\n\r\nno head\r\n--edge--\r\n",
        b'--edge\r\nContent-Disposition: form-data; name="uploadPath"\r\n\r\nx\r\n--edge--\r\n',
    ],
)
def test_a_body_that_is_no_form_is_refused(server: PracticeServer, body: bytes) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    assert call(server, "POST", STREAM, body, headers).json["code"] == 400


def test_an_address_that_leads_nowhere_is_told(client: Client) -> None:
    body = {"fileUrl": f"{client.server.url}/files/none.mp4", "uploadPath": "x"}
    assert call(client.server, "POST", URL, body).json["code"] == 500


def test_a_wrong_key_uploads_nothing(server: PracticeServer) -> None:
    answer = call(server, "POST", BASE64, {"base64Data": "QQ==", "uploadPath": "x"}, key="no")
    assert (answer.status, answer.json["code"]) == (401, 401)


def test_too_large_a_file_is_refused(client: Client) -> None:
    assert client.upload(bytes(101 << 20)).status == 413


@pytest.mark.parametrize(("name", "code"), [("upload-401", 401), ("upload-500", 500)])
def test_uploads_can_fail(start: Callable[..., Client], name: str, code: int) -> None:
    client = start(faults=(f"{name}=1",))
    assert client.upload(PNG).json["code"] == code
    assert client.server.state["uploads"] == []
    assert client.upload(PNG).json["code"] == 200
    assert client.generate().json["code"] == 200


def test_uploads_can_be_cut_off(start: Callable[..., Client]) -> None:
    client = start(faults=("upload-drop",))
    with pytest.raises(DROPPED):
        client.upload(PNG)


def test_the_oldest_files_make_room() -> None:
    uploads, account = Uploads(), Account.__new__(Account)
    for number in range(MOST_FILES + 1):
        uploads.keep(Upload(f"{number}", account, "", b"x"))
    assert (uploads.find("0"), len(uploads.all())) == (None, MOST_FILES)
    uploads.keep(Upload("old", account, "", b"x", since=0.0))
    assert uploads.find("old") is None
