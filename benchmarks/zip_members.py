"""What everyone who reads a zip has to know of it."""

import struct
import zlib
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipInfo

METHODS = (ZIP_STORED, ZIP_DEFLATED)  # of compression, that every program knows

# What the standard library raises of a zip whose bytes are not what they should be. InputError is a ValueError too.
DAMAGE = (BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, ValueError)

ENCRYPTED = 1  # flag of a member


def is_encrypted(member: ZipInfo) -> bool:
    """Whether it cannot be read without a password."""
    return member.flag_bits & ENCRYPTED != 0
