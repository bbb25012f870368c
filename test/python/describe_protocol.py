"""What the stock packages say of .proto files, as JSON: full name of each message, enum and service -> its lines.

Standard input: {"files": ["tensorflow/core/framework/tensor.proto", ...], "results": FILE}
"""

import importlib
import json
import sys

from google.protobuf.descriptor import FieldDescriptor

SCALARS = {
    getattr(FieldDescriptor, name): name[len("TYPE_") :].lower()
    for name in dir(FieldDescriptor)
    if name.startswith("TYPE_")
}
UNPACKABLE = ("string", "bytes", "message", "group")


def type_of(field):
    if field.message_type:
        return field.message_type.full_name
    return field.enum_type.full_name if field.enum_type else SCALARS[field.type]


def line_of(field):
    entry = field.message_type
    if entry and entry.GetOptions().map_entry:
        kind = f"map<{type_of(entry.fields_by_name['key'])}, {type_of(entry.fields_by_name['value'])}>"
    elif field.label == FieldDescriptor.LABEL_REPEATED:
        options = field.GetOptions()
        packed = SCALARS[field.type] not in UNPACKABLE and (options.packed or not options.HasField("packed"))
        kind = f"repeated {type_of(field)}{' packed' if packed else ''}"
    else:
        kind = type_of(field)
    choice = f" of {field.containing_oneof.name}" if field.containing_oneof else ""
    return f"{field.number} {field.name}: {kind}{choice}"


def describe_message(message, into):
    if message.GetOptions().map_entry:
        return
    into[message.full_name] = sorted(line_of(field) for field in message.fields)
    for enum in message.enum_types:
        describe_enum(enum, into)
    for nested in message.nested_types:
        describe_message(nested, into)


def describe_enum(enum, into):
    into[enum.full_name] = sorted(f"{value.number} {value.name}" for value in enum.values)


def describe_service(service, into):
    into[service.full_name] = sorted(
        f"{method.name}: {method.input_type.full_name} -> {method.output_type.full_name}" for method in service.methods
    )


def describe_file(file, into):
    for message in file.message_types_by_name.values():
        describe_message(message, into)
    for enum in file.enum_types_by_name.values():
        describe_enum(enum, into)
    for service in file.services_by_name.values():
        describe_service(service, into)


def with_public_imports(file):
    yield file
    for other in file.public_dependencies:
        yield from with_public_imports(other)


def main():
    plan = json.load(sys.stdin)
    found = {}
    for path in plan["files"]:
        module = importlib.import_module(path.removesuffix(".proto").replace("/", ".") + "_pb2")
        for file in with_public_imports(module.DESCRIPTOR):
            describe_file(file, found)
    with open(plan["results"], "w", encoding="utf-8") as out:
        json.dump(found, out)


if __name__ == "__main__":
    main()
