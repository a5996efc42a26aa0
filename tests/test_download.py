"""Downloads against a server of our own: mirrors, damage, silence, and nothing half-written."""

import hashlib
import http.server
import io
import tarfile
import threading
import time
import zipfile

import pytest

import helpers
from helpers import cifar10, download, sample_images, sample_text, text

CONTENT = b"the right bytes " * 1000
SUM = hashlib.sha256(CONTENT).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    files: dict[str, bytes] = {}
    asked: list[str] = []

    def do_GET(self):
        if self.asked[-1:] != [self.path]:  # torchvision asks twice, first for redirections
            self.asked.append(self.path)
        body = self.files.get(self.path)
        if body is None:
            self.send_error(404)
            return
        self.send_response(200)
        if self.path == "/broken":  # a chunk that is announced and does not come
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"ffff\r\n" + body[:1000])
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if self.path not in ("/cut", "/stalled") else body[: len(body) // 2])
        if self.path == "/stalled":  # half of it, and then silence
            self.wfile.flush()
            time.sleep(0.4)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        Handler.files = dict.fromkeys(("/good", "/cut", "/broken", "/stalled"), CONTENT)
        Handler.files["/other"] = b"other bytes"
        Handler.asked = []
        threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


def fetch(server, path, *names):
    urls = [f"{server}/{name}" for name in names]
    return helpers.fetch(urls, path, algorithm="sha256", checksum=SUM)


def test_falls_back_until_a_mirror_delivers(server, tmp_path):
    path = tmp_path / "new" / "file.bin"
    assert fetch(server, path, "missing", "other", "cut", "good") == path
    assert path.read_bytes() == CONTENT
    assert Handler.asked == ["/missing", "/other", "/cut", "/good"]
    assert list(path.parent.iterdir()) == [path]


def test_a_whole_file_is_not_fetched_again_and_a_damaged_one_is(server, tmp_path):
    path = tmp_path / "file.bin"
    fetch(server, path, "good")
    fetch(server, path, "other", "good")
    assert Handler.asked == ["/good"]
    path.write_bytes(CONTENT[:100])
    fetch(server, path, "other", "good")
    assert path.read_bytes() == CONTENT and Handler.asked == ["/good", "/other", "/good"]


def test_when_all_fail_each_answer_is_named_and_nothing_is_left(server, tmp_path):
    path = tmp_path / "file.bin"
    with pytest.raises(RuntimeError) as error:
        fetch(server, path, "missing", "other")
    message = str(error.value)
    assert "could not download file.bin" in message
    assert f"{server}/missing: HTTP Error 404" in message
    assert f"{server}/other: 11 bytes with sha256" in message
    assert f"save it as {path}" in message
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_does_not_answer_is_given_up(server, tmp_path, monkeypatch):
    import socket

    monkeypatch.setattr(download, "SECONDS_OF_SILENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and says nothing
        urls = [f"http://127.0.0.1:{silent.getsockname()[1]}/x", f"{server}/good"]
        path = helpers.fetch(urls, tmp_path / "f", algorithm="sha256", checksum=SUM)
    assert path.read_bytes() == CONTENT
    assert socket.getdefaulttimeout() is None


@pytest.mark.parametrize("first", ["stalled", "broken", "cut"])
def test_a_mirror_that_breaks_off_is_followed_by_the_next(server, tmp_path, monkeypatch, first):
    monkeypatch.setattr(download, "SECONDS_OF_SILENCE", 0.2)
    path = fetch(server, tmp_path / "file.bin", first, "good")
    assert path.read_bytes() == CONTENT and Handler.asked == [f"/{first}", "/good"]


def test_no_space(tmp_path):
    with pytest.raises(OSError, match=r"GB free and the data needs 1000000000\.0 GB"):
        download.need_space(tmp_path, 1e9)


@pytest.fixture
def archive(drawn, server, monkeypatch):
    """The sample, packed like CIFAR-10's archive and offered by the server in its place."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as tar:
        tar.add(drawn / "sample" / sample_images.FOLDER, arcname=sample_images.FOLDER)
    Handler.files["/cifar"] = packed.getvalue()
    monkeypatch.setattr(cifar10, "MD5", hashlib.md5(packed.getvalue()).hexdigest())
    monkeypatch.setattr(cifar10, "CIFAR10", cifar10.SampleCIFAR10)
    return [f"{server}/missing", f"{server}/cifar"]


def test_cifar10_arrives_unpacked_once(archive, data_root):
    for _ in range(2):
        assert len(helpers.load_cifar10("full", train=True, urls=archive)) == 1200
    assert Handler.asked == ["/missing", "/cifar"]
    assert [p.name for p in data_root.iterdir()] == ["cifar-10-batches-py"]


def test_cifar10_with_a_file_missing_is_fetched_again(archive, data_root):
    helpers.load_cifar10("full", train=True, urls=archive)
    (data_root / "cifar-10-batches-py" / "data_batch_3").unlink()
    assert len(helpers.load_cifar10("full", train=True, urls=archive)) == 1200
    assert [p.name for p in data_root.iterdir()] == ["cifar-10-batches-py"]


def test_a_failed_download_keeps_what_was_there(archive, data_root, server):
    helpers.load_cifar10("full", train=True, urls=archive)
    batch = data_root / "cifar-10-batches-py" / "data_batch_3"
    batch.rename(batch.with_name("aside"))
    with pytest.raises(RuntimeError, match=r"could not download cifar-10-python\.tar\.gz"):
        helpers.load_cifar10("full", train=True, urls=[f"{server}/missing"])
    assert batch.with_name("aside").exists()


def test_imdb_arrives_unpacked_once(server, tmp_path_factory, data_root, monkeypatch):
    folder = sample_text.draw_imdb(tmp_path_factory.mktemp("packed"))
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as tar:
        tar.add(folder, arcname="aclImdb")
    Handler.files["/imdb"] = packed.getvalue()
    monkeypatch.setattr(text, "IMDB_MD5", hashlib.md5(packed.getvalue()).hexdigest())
    monkeypatch.setattr(text, "IMDB_URLS", [f"{server}/missing", f"{server}/imdb"])
    for _ in range(2):
        texts, labels = text.load_imdb("full", train=True)
        assert len(texts) == 1000 and labels.sum() == 500
    assert Handler.asked == ["/missing", "/imdb"]
    assert [path.name for path in (data_root / "imdb").iterdir()] == ["aclImdb"]
    subset, labels = text.load_imdb("subset", train=True)
    assert len(subset) == 100 and labels.sum() == 50 and set(subset) <= set(texts)


def test_glove_arrives_and_one_member_is_unpacked(server, data_root, monkeypatch):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for dim in (50, 100):
            archive.writestr(f"glove.6B.{dim}d.txt", "good " + "0.5 " * (dim - 1) + "0.5\n")
    Handler.files["/glove"] = packed.getvalue()
    monkeypatch.setattr(text, "GLOVE_SHA256", hashlib.sha256(packed.getvalue()).hexdigest())
    monkeypatch.setattr(text, "GLOVE_URLS", [f"{server}/other", f"{server}/glove"])
    assert text.load_glove("full", 50)["good"].tolist() == [0.5] * 50
    assert not (data_root / "glove" / "glove.6B.100d.txt").exists()
    assert text.load_glove("full", 100)["good"].tolist() == [0.5] * 100
    assert Handler.asked == ["/other", "/glove"], "the archive is kept for the other sizes"
