"""Reads .npy files with NumPy, as a user would.

Reads {"files": [path, ...], "results": path} from standard input; writes [{"dtype", "shape", "contiguous", "sha256"},
...] of the arrays, the digest over their bytes in C order.
"""

import hashlib
import json
import sys

import numpy


def describe(path):
    array = numpy.load(path, allow_pickle=False)
    return {
        "dtype": array.dtype.str,
        "shape": list(array.shape),
        "contiguous": bool(array.flags.c_contiguous),
        "sha256": hashlib.sha256(array.tobytes(order="C")).hexdigest(),
    }


def main():
    plan = json.load(sys.stdin)
    results = [describe(path) for path in plan["files"]]
    with open(plan["results"], "w", encoding="utf-8") as file:
        json.dump(results, file)


main()
