"""What keeps a process of a test from files and room, as `Command` takes it: root, too."""

import ctypes
import resource

_FILE_CAPABILITIES = 0b1110  # of Linux: to pass over permissions to write, to read, and of owners
_VERSION_3 = 0x20080522


def obey_permissions() -> None:
    """Takes from root what lets it read and write whatever it likes; from anybody else, nothing."""
    libc = ctypes.CDLL(None, use_errno=True)
    header, data = (ctypes.c_uint32 * 2)(_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    assert libc.capget(header, data) == 0
    for place in (0, 1):  # effective, permitted
        data[place] &= ~_FILE_CAPABILITIES
    assert libc.capset(header, data) == 0


def limit_files(size: int) -> None:
    """Lets no file grow beyond so many bytes, as on a disk that is full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
