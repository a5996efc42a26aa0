"""Fetch a file from the first mirror that delivers it whole."""

import hashlib
import http.client
import shutil
import socket
import tempfile
from collections.abc import Sequence
from pathlib import Path

from torchvision.datasets.utils import download_url

SECONDS_OF_SILENCE = 30  # after which a mirror is given up and the next one is asked


def fetch(urls: Sequence[str], path: Path, *, algorithm: str, checksum: str) -> Path:
    """Download `path` from the first of `urls` that works, with a progress bar, and check its sum.

    `algorithm` is a name that hashlib knows ("md5", "sha256"), `checksum` the hexadecimal digest. A file
    that is there and whole is not fetched again. Nothing incomplete is ever left under `path`. If no
    mirror delivers, a RuntimeError lists what each one answered and what to do. See notebook 01.
    """
    path = Path(path)
    if path.exists() and file_checksum(path, algorithm) == checksum:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    failures = []
    timeout = socket.getdefaulttimeout()
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        for url in urls:
            part = Path(scratch) / path.name
            socket.setdefaulttimeout(SECONDS_OF_SILENCE)
            try:
                download_url(url, scratch, filename=path.name)
            except (OSError, RuntimeError, http.client.HTTPException) as error:
                # What has arrived must go: torchvision takes a file that is there for a finished one.
                part.unlink(missing_ok=True)
                failures.append(f"{url}: {error or type(error).__name__}")
                continue
            finally:
                socket.setdefaulttimeout(timeout)
            found = file_checksum(part, algorithm)
            if found == checksum:
                part.replace(path)
                return path
            size = part.stat().st_size
            failures.append(f"{url}: {size:,} bytes with {algorithm} {found}, expected {checksum}")
            part.unlink()
    shown = "\n  ".join(failures)
    raise RuntimeError(
        f"could not download {path.name}:\n  {shown}\n"
        f"Check the connection and run the cell again, or download the file in a browser and save it as {path}"
    )


def need_space(folder: Path, gigabytes: float) -> None:
    """Raise an OSError that says what is missing unless `folder`'s disk has `gigabytes` (1e9 bytes) free."""
    free = shutil.disk_usage(folder).free / 1e9
    if free < gigabytes:
        raise OSError(
            f"{folder} has {free:.1f} GB free and the data needs {gigabytes:.1f} GB; free some space"
        )


def file_checksum(path: Path, algorithm: str) -> str:
    """The hexadecimal digest of a file, read a piece at a time."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()
