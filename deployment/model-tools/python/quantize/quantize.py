"""Quantises one ONNX graph to 8 bits with onnxruntime's own quantiser (static, QDQ, per channel).

Reads a JSON object from standard input and writes JSON lines to standard output: progress, then the result.

  source, target   the float32 graph, and where the quantised one goes
  folder           for files in between
  samples          a file of little-endian float32 tensors, one after the other, as the graph's input takes them
  shape            of one of them
  method           "minmax", "percentile" or "entropy"
  answers          whether the outputs are the answer, as a detector's, and not features for a classifier
  weight_bits      8, or 7: some processors without a dot product of bytes overflow with 8
"""

import json
import logging
import os
import sys
import threading
from pathlib import Path

import numpy
import onnx
import onnxruntime
from onnxruntime import quantization
from onnxruntime.quantization.shape_inference import quant_pre_process

# A mean over a picture in 8 bits throws away what the classifier decides by, and saves nothing.
KEPT_IN_FLOAT = {"GlobalAveragePool", "ReduceMean", "Softmax"}
# They only move numbers.
SHAPES = {"Flatten", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze"}

METHODS = {
    "minmax": quantization.CalibrationMethod.MinMax,
    "percentile": quantization.CalibrationMethod.Percentile,
    "entropy": quantization.CalibrationMethod.Entropy,
}


def say(**message):
    print(json.dumps(message), flush=True)


class Samples(quantization.CalibrationDataReader):
    """Tensors of a file, which is mapped, not read: one picture is in memory at a time."""

    def __init__(self, file, name, shape):
        self.tensors = numpy.memmap(file, dtype="<f4", mode="r").reshape(-1, *shape)
        self.name = name
        self.next = iter(range(len(self)))

    def __len__(self):
        return len(self.tensors)

    def set_range(self, start_index, end_index):
        self.next = iter(range(start_index, end_index))

    def get_next(self):
        index = next(self.next, None)
        if index is None:
            return None
        say(phase="calibrate", done=index, total=len(self))
        return {self.name: self.tensors[index : index + 1]}


def fold(source, target):
    """Folds batch normalisation into convolutions: left alone it would be quantised by itself, badly."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = target
    options.log_severity_level = 3
    onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def kept_in_float(model, answers):
    """Names of the nodes that stay in float32: means, and the layers whose numbers are the answer, if they are here."""
    for index, node in enumerate(model.graph.node):
        node.name = node.name or f"unnamed_{index}"
    makers = {output: node for node in model.graph.node for output in node.output}
    kept = [node.name for node in model.graph.node if node.op_type in KEPT_IN_FLOAT]
    waiting = [output.name for output in model.graph.output] if answers else []
    while waiting:
        node = makers.get(waiting.pop())
        if node is None:
            continue
        if node.op_type in SHAPES:
            waiting.append(node.input[0])
        kept.append(node.name)
    return kept


def forget_unused_domains(file):
    """The optimiser declares every operator set it knows of; a reader would have to know them all."""
    model = onnx.load(file)
    used = {node.domain for node in model.graph.node} | {""}
    kept = [one for one in model.opset_import if one.domain in used]
    del model.opset_import[:]
    model.opset_import.extend(kept)
    onnx.save(model, file)
    return model


def count(nodes):
    counts = {}
    for node in nodes:
        counts[node.op_type] = counts.get(node.op_type, 0) + 1
    return dict(sorted(counts.items()))


def run(job):
    folder = Path(job["folder"])
    folded, prepared = str(folder / "folded.onnx"), str(folder / "prepared.onnx")
    say(phase="prepare", done=0, total=1)
    fold(job["source"], folded)
    # Its own optimisation is lost when it is told to skip symbolic shapes, which need a further package.
    quant_pre_process(folded, prepared, skip_optimization=True, skip_symbolic_shape=True)
    model = onnx.load(prepared)
    in_float = kept_in_float(model, job["answers"])
    onnx.save(model, prepared)
    constants = {each.name for each in model.graph.initializer}
    fed = [one.name for one in model.graph.input if one.name not in constants]
    del model
    samples = Samples(job["samples"], fed[0], job["shape"])
    quantization.quantize_static(
        prepared,
        job["target"],
        samples,
        quant_format=quantization.QuantFormat.QDQ,
        nodes_to_exclude=in_float,
        per_channel=True,
        reduce_range=job["weight_bits"] == 7,
        activation_type=quantization.QuantType.QUInt8,
        weight_type=quantization.QuantType.QInt8,
        calibrate_method=METHODS[job["method"]],
        # One picture at a time, or every activation of every picture would be held.
        extra_options={"CalibStridedMinMax": 1},
    )
    say(phase="calibrate", done=len(samples), total=len(samples))
    model = forget_unused_domains(job["target"])
    say(
        result={
            "operators": count(model.graph.node),
            "onnxruntime": onnxruntime.__version__,
            "onnx": onnx.__version__,
        }
    )


def end_with_parent():
    """Standard input stays open as long as whoever started this lives."""
    while os.read(0, 4096):
        pass
    os._exit(1)


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    job = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=end_with_parent, daemon=True).start()
    run(job)
