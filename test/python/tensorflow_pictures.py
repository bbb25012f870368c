"""What TensorFlow makes of pictures: decoded pixels, and tensors as `preprocess_array` of Microsoft's accelerated models makes them.

Reads JSON from standard input: {"folder", "results", "jobs": [{"file", "decode"?, "recipe"?}]}. A job without a recipe only
decodes. Each answer is {"shape", "sha256", "values"?: name of a file of raw values} or {"error"}, in the order of the jobs.
"""

import hashlib
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy
import tensorflow as tf
from azureml.accel.models import utils

SETTINGS = ("order", "scaling_factor", "output_height", "output_width", "preserve_aspect_ratio")


def decode(data, method):
    """As `preprocess_array` does; "accurate" is the slow DCT, which only decode_jpeg offers."""
    if method == "accurate":
        return tf.io.decode_jpeg(data, channels=3, dct_method="INTEGER_ACCURATE")
    return tf.io.decode_png(data, channels=3)


def preprocess(data, method, recipe):
    kind = recipe["kind"]
    if kind == "preprocess_array":
        settings = {name: recipe[name] for name in SETTINGS if name in recipe}
        decoder = tf.io.decode_png if method != "accurate" else lambda image, channels: decode(image, method)
        original, tf.image.decode_png = tf.image.decode_png, decoder
        try:
            return utils.preprocess_array(tf.stack([data]), **settings)[0]
        finally:
            tf.image.decode_png = original
    image = tf.cast(decode(data, method), tf.float32)
    size = (recipe["height"], recipe["width"])
    resized = tf.image.resize(image, size, antialias=kind == "resize_antialias")
    return (resized - tf.constant(recipe["mean"], tf.float32)) * tf.constant(recipe["scale"], tf.float32)


def answer(job, folder, index):
    with open(job["file"], "rb") as file:
        data = file.read()
    method = job.get("decode", "default")
    try:
        recipe = job.get("recipe")
        values = (decode(data, method) if recipe is None else preprocess(data, method, recipe)).numpy()
    except (tf.errors.OpError, ValueError) as error:
        return {"error": str(error).split("} ", 1)[-1].splitlines()[0]}
    raw = numpy.ascontiguousarray(values).tobytes()
    name = os.path.join(folder, f"{index}.raw")
    with open(name, "wb") as file:
        file.write(raw)
    return {"shape": list(values.shape), "sha256": hashlib.sha256(raw).hexdigest(), "values": name}


def main():
    plan = json.load(sys.stdin)
    answers = [answer(job, plan["folder"], index) for index, job in enumerate(plan["jobs"])]
    with open(plan["results"], "w", encoding="utf-8") as file:
        json.dump(answers, file)


main()
