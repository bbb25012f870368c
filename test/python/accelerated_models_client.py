"""Calls of azureml.accel.PredictionClient, as the notebooks of the accelerated models make them."""

from azureml.accel import PredictionClient

import call_plan


def make_perform(plan):
    client = PredictionClient(address=plan["address"], port=plan["port"], use_ssl=False, access_token="", service_name="")

    def perform(call):
        if call["do"] == "score_file":
            array = client.score_file(path=call["path"], input_name=call["input"], outputs=call.get("outputs"))
        else:
            arrays = {call["input"]: call_plan.read_array(call["path"], call["shape"])}
            array = client.score_numpy_arrays(input_map=arrays, outputs=call.get("outputs"))
        return call_plan.described(array)

    return perform


if __name__ == "__main__":
    call_plan.main(make_perform)
