"""Predict calls with TensorFlow Serving's own Python stubs."""

import grpc
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

import call_plan


def make_perform(plan):
    channel = grpc.insecure_channel(f"{plan['address']}:{plan['port']}")
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)

    def perform(call):
        request = predict_pb2.PredictRequest()
        request.model_spec.name = call.get("model", "")
        request.model_spec.signature_name = call.get("signature", "")
        if "version" in call:
            request.model_spec.version.value = call["version"]
        request.inputs[call["input"]].CopyFrom(tensor_of(call))
        request.output_filter.extend(call.get("outputs", []))
        reply = stub.Predict(request, 30.0)
        outputs = {name: call_plan.described(tf.make_ndarray(proto)) for name, proto in reply.outputs.items()}
        spec = reply.model_spec
        model = {"name": spec.name, "version": spec.version.value, "signature": spec.signature_name}
        return {"outputs": outputs, "model": model}

    return perform


def tensor_of(call):
    if call["do"] == "integers":
        return tf.make_tensor_proto([1], dtype=tf.int32)
    if call["do"] == "array":
        return tf.make_tensor_proto(call_plan.read_array(call["path"], call["shape"]))
    with open(call["path"], "rb") as file:
        return tf.make_tensor_proto([file.read()] * call.get("copies", 1))


if __name__ == "__main__":
    call_plan.main(make_perform)
