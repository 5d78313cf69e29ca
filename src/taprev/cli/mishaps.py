"""What the machine refuses, such as a full disk or a file that may not be read, as one sentence with the path."""

from __future__ import annotations

import errno
from pathlib import Path

AGAIN = "run it again: what was finished is kept"
FULL = (errno.ENOSPC, errno.EDQUOT)
KNOWN = {
    errno.EROFS: "nothing can be written here, because the disk is read-only. Copy the review to another place.",
    errno.EFBIG: f"the file is larger than is allowed here. Ask for more room (ulimit -f, or a quota), then {AGAIN}.",
    errno.EISDIR: "this is a folder, and a file should be here. Move the folder away, and restore the file.",
    errno.ENOTDIR: "a file stands where a folder should be. Move the file away, or correct the path.",
    errno.EEXIST: "a file stands where a folder should be. Move the file away, or correct the path.",
    errno.ELOOP: "this link leads to no file. Remove it, and restore the file.",
    errno.ENAMETOOLONG: "this name is too long. Give it a shorter one.",
    errno.EIO: f"the disk cannot be read or written here. Copy the review to another disk, then {AGAIN}.",
    errno.EMFILE: f"too many files are open. Close other programs, or raise the limit (ulimit -n), then {AGAIN}.",
    errno.ENFILE: f"too many files are open. Close other programs, then {AGAIN}.",
    errno.ENOENT: "No such file or directory. Make it first, or correct the path.",
    errno.EBUSY: f"another program holds it. Close it there, then {AGAIN}.",
    errno.ETXTBSY: f"another program holds it. Close it there, then {AGAIN}.",
}


def mishap(error: OSError) -> str:
    """Return what the machine refused in one sentence: the path where it is known, what is wrong, and what to do."""
    path = Path(str(error.filename)) if error.filename is not None else None
    if error.errno in FULL:
        where = f" at {path}" if path else ""
        return f"The disk is full{where}. Free some space and {AGAIN}."
    if isinstance(error, PermissionError):
        return _forbidden(path)
    what = KNOWN.get(error.errno or 0) or f"{error.strerror or error}. Correct the path, or ask who runs the machine."
    return f"{path}: {what}" if path else f"A file cannot be read or written: {what}"


def _forbidden(path: Path | None) -> str:
    """Return what may not be read or written: the file, or the folder in which it would be."""
    if path is None:
        return "A file or folder may not be read or written. Change its permissions."
    try:
        kept = path.exists() and not path.is_dir()
    except PermissionError:
        kept = False
    if kept:
        return f"{path}: it cannot be opened. Close it in other programs, or change its permissions."
    folder = next(one for one in (path, *path.absolute().parents) if _is_folder(one))
    return f"{folder}: nothing can be written or read there. Change its permissions."


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except PermissionError:
        return False
