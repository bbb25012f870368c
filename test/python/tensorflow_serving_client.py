"""Calls of PredictionService and ModelService with TensorFlow Serving's own Python stubs."""

import grpc
import tensorflow as tf
from google.protobuf import json_format, struct_pb2
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    model_management_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

import call_plan


def make_perform(plan):
    channel = grpc.insecure_channel(f"{plan['address']}:{plan['port']}")
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)

    models = model_service_pb2_grpc.ModelServiceStub(channel)
    examples = {
        "classify": (stub.Classify, classification_pb2.ClassificationRequest),
        "regress": (stub.Regress, regression_pb2.RegressionRequest),
        "multi_inference": (stub.MultiInference, inference_pb2.MultiInferenceRequest),
    }

    def perform(call):
        if call["do"] in examples:
            method, request = examples[call["do"]]
            return {"answered": json_format.MessageToDict(method(request(), 30.0))}
        others = {"metadata": metadata, "status": status, "reload": reload}
        return others.get(call["do"], predict)(call)

    def status(call):
        request = get_model_status_pb2.GetModelStatusRequest()
        fill_spec(request.model_spec, call)
        return {"states": [described_state(one) for one in models.GetModelStatus(request, 30.0).model_version_status]}

    def reload(call):
        request = model_management_pb2.ReloadConfigRequest()
        for name in call["models"]:
            config = request.config.model_config_list.config.add(name=name, model_platform="tensorflow")
            config.base_path = call.get("base_path", "")
            # Touching the list chooses the policy, also with nothing in it.
            if "versions" in call:
                config.model_version_policy.specific.versions.extend(call["versions"])
        reply = models.HandleReloadConfigRequest(request, 120.0)
        return {"status": reply.status.error_code}

    def metadata(call):
        request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=call["fields"])
        fill_spec(request.model_spec, call)
        reply = stub.GetModelMetadata(request, 30.0)
        return {
            "metadata": {name: unpacked(name, packed) for name, packed in reply.metadata.items()},
            "model": described_spec(reply.model_spec),
        }

    def predict(call):
        request = predict_pb2.PredictRequest()
        fill_spec(request.model_spec, call)
        request.inputs[call["input"]].CopyFrom(tensor_of(call))
        request.output_filter.extend(call.get("outputs", []))
        reply = stub.Predict(request, 30.0)
        outputs = {name: call_plan.described(tf.make_ndarray(proto)) for name, proto in reply.outputs.items()}
        return {"outputs": outputs, "model": described_spec(reply.model_spec)}

    return perform


def fill_spec(spec, call):
    spec.name = call.get("model", "")
    spec.signature_name = call.get("signature", "")
    if "version" in call:
        spec.version.value = call["version"]


def described_state(one):
    state = get_model_status_pb2.ModelVersionStatus.State.Name(one.state)
    return {"version": one.version, "state": state, "code": one.status.error_code, "text": one.status.error_message}


def described_spec(spec):
    return {"name": spec.name, "version": spec.version.value, "signature": spec.signature_name}


def unpacked(name, packed):
    message = struct_pb2.Struct() if name == "edgeslot" else get_model_metadata_pb2.SignatureDefMap()
    if not packed.Unpack(message):
        raise TypeError(f"{name} is a {packed.type_url}")
    if name == "edgeslot":
        return json_format.MessageToDict(message)
    return {key: described_signature(signature) for key, signature in message.signature_def.items()}


def described_signature(signature):
    return {
        "inputs": {alias: described_tensor(info) for alias, info in signature.inputs.items()},
        "outputs": {alias: described_tensor(info) for alias, info in signature.outputs.items()},
        "method": signature.method_name,
    }


def described_tensor(info):
    shape = [dim.size for dim in info.tensor_shape.dim]
    return {"name": info.name, "dtype": tf.as_dtype(info.dtype).name, "shape": shape}


def tensor_of(call):
    if call["do"] == "integers":
        return tf.make_tensor_proto([1], dtype=tf.int32)
    if call["do"] == "array":
        return tf.make_tensor_proto(call_plan.read_array(call["path"], call["shape"]))
    with open(call["path"], "rb") as file:
        return tf.make_tensor_proto([file.read()] * call.get("copies", 1))


if __name__ == "__main__":
    call_plan.main(make_perform)
