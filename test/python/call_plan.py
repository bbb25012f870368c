"""A plan of calls as JSON on standard input, their results as JSON in a file: what both clients' scripts share."""

import contextlib
import io
import json
import sys

import grpc
import numpy


def read_array(path, shape):
    """A float32 array from a raw little-endian file."""
    return numpy.fromfile(path, dtype="<f4").reshape(shape)


def described(array):
    """Shape and flat values of an array, as JSON takes them."""
    return {"shape": list(array.shape), "values": [float(value) for value in array.ravel()]}


def run(plan, perform):
    """Performs every call; one that fails gives its gRPC status or exception, and what it printed counts as output."""
    results = []
    for call in plan["calls"]:
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                result = perform(call)
        except grpc.RpcError as error:
            result = {"error": error.code().name, "text": error.details()}
        except Exception as error:  # a client's own failure is a result, too: the test judges it
            result = {"error": type(error).__name__, "text": str(error)}
        results.append({**result, "retries": printed.getvalue().count("Retrying")})
    return results


def main(make_perform):
    plan = json.load(sys.stdin)
    results = run(plan, make_perform(plan))
    with open(plan["results"], "w", encoding="utf-8") as file:
        json.dump(results, file)
