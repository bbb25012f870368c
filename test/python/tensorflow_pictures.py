"""What TensorFlow itself makes of pictures: decoded pixels, and a network's input.

Reads JSON from standard input: {"folder", "results", "jobs"}. A job is {"file", "accurate"?, "original"?, "recipe"?}:
with "original", the arguments of `preprocess_array`, that function of Microsoft's accelerated models makes the tensor;
with "recipe", the recipe of a model package does, through tf.image.resize; with neither, the picture is only decoded.
Writes {"shape", "sha256", "values"} or {"error"} for each; "values" names a file of the raw values of a tensor.
"""

import hashlib
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy
import tensorflow as tf
from azureml.accel.models import utils


def decode(data, accurate):
    """As `preprocess_array` does; the accurate transform is what only decode_jpeg offers."""
    if accurate:
        return tf.io.decode_jpeg(data, channels=3, dct_method="INTEGER_ACCURATE")
    return tf.io.decode_png(data, channels=3)


def original(data, accurate, settings):
    if not accurate:
        return utils.preprocess_array(tf.stack([data]), **settings)[0]
    # A PNG of the same pixels: the function decodes for itself.
    return utils.preprocess_array(tf.stack([tf.io.encode_png(decode(data, True))]), **settings)[0]


def resized_size(height, width, resize):
    """Of torchvision's Resize: the short side exact, the long one truncated."""
    short, to = min(height, width), resize["shortSide"]
    return [to if side == short else int(to * side / short) for side in (height, width)]


def by_recipe(data, accurate, recipe):
    image = tf.cast(decode(data, accurate), tf.float32)
    resize = recipe["resize"]
    antialias = recipe["interpolation"] == "bilinear-antialias"
    crop = [resize["height"], resize["width"]]
    if resize["mode"] == "stretch":
        image = tf.image.resize(image, crop, antialias=antialias)
    else:
        size = resized_size(image.shape[0], image.shape[1], resize)
        image = tf.image.resize(image, size, antialias=antialias)
        top, left = [int(round((whole - part) / 2.0)) for whole, part in zip(size, crop)]
        image = image[top : top + crop[0], left : left + crop[1]]
    image = (image - tf.constant(recipe["mean"], tf.float32)) * tf.constant(recipe["scale"], tf.float32)
    if recipe["channels"] == "BGR":
        image = image[..., ::-1]
    return tf.transpose(image, [2, 0, 1]) if recipe["layout"] == "NCHW" else image


def answer(job, folder, index):
    with open(job["file"], "rb") as file:
        data = file.read()
    accurate = job.get("accurate", False)
    try:
        if "original" in job:
            values = original(data, accurate, job["original"])
        elif "recipe" in job:
            values = by_recipe(data, accurate, job["recipe"])
        else:
            values = decode(data, accurate)
    except (tf.errors.OpError, ValueError) as error:
        return {"error": str(error).split("}} ", 1)[-1].splitlines()[0]}
    raw = numpy.ascontiguousarray(values.numpy()).tobytes()
    result = {"shape": list(values.shape), "sha256": hashlib.sha256(raw).hexdigest()}
    if "original" in job or "recipe" in job:
        result["values"] = os.path.join(folder, f"{index}.f32")
        with open(result["values"], "wb") as file:
            file.write(raw)
    return result


def main():
    plan = json.load(sys.stdin)
    answers = [answer(job, plan["folder"], index) for index, job in enumerate(plan["jobs"])]
    with open(plan["results"], "w", encoding="utf-8") as file:
        json.dump(answers, file)


main()
