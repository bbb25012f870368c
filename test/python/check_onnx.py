"""Checks ONNX files with ONNX's own checker, shapes and types inferred strictly.

Reads {"files": [path, ...], "results": path} from standard input; writes [{"path", "error"}, ...], error null when
nothing was found.
"""

import json
import sys

import onnx


def main():
    plan = json.load(sys.stdin)
    results = []
    for path in plan["files"]:
        error = None
        try:
            onnx.checker.check_model(path, full_check=True)
        except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as found:
            error = str(found)
        results.append({"path": path, "error": error})
    with open(plan["results"], "w", encoding="utf-8") as file:
        json.dump(results, file)


main()
