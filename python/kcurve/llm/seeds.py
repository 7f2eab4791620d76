"""The seed of each sample: derived from the request, so that no two samples of it share one."""

from __future__ import annotations

from hashlib import sha256

from kcurve.errors import ArgumentError

STRIDE = 128
"""Distance between the seeds of neighbouring samples, and the most samples one request may ask for.

Some servers give choice i of a request the seed ``seed + i``; with seeds closer than n, two requests would
return the same choices under different names.
"""

_BLOCKS = (1 << 24) - 1
_TAG = b"kcurve.seed.v1\0"


def seed_offset(canonical: bytes) -> int:
    """Return where the seeds of the request with this canonical form start, in 0 .. 2**31 - 129.

    The canonical form holds the seed that the user gave, so that another one moves every sample's seed.
    """
    return int.from_bytes(sha256(_TAG + canonical).digest()[:8]) % (STRIDE * _BLOCKS)


def sample_seed(offset: int, index: int) -> int:
    """Return the seed of a sample: ``1 + (offset + 128 index) mod (2**31 - 128)``.

    Seeds of different samples differ by at least 128, wrapped around or not, because 128 divides the modulus;
    with the 127 above each they fill 1 .. 2**31 - 1. Zero and negative seeds mean "random" to some servers.

    Raises
    ------
    ArgumentError
        If `index` is 2**24 - 1 or more: the seeds would repeat.

    Examples
    --------
    >>> sample_seed(0, 0), sample_seed(0, 1), sample_seed(0, 2)
    (1, 129, 257)
    """
    if not 0 <= index < _BLOCKS:
        raise ArgumentError(
            f"a seeded request has at most {_BLOCKS} samples, got sample {index}; "
            "leave the seed out, or go on with another seed"
        )
    return 1 + (offset + STRIDE * index) % (STRIDE * _BLOCKS)
