#include "network-argument.h"

#include <charconv>
#include <cstring>

#include "arguments.h"

namespace edgeslot {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 40;
constexpr std::uint64_t kMostCycles = std::uint64_t{1} << 53;
constexpr std::uint32_t kMostSize = (1u << 16) - 1;  // keeps every product of three within 64 bits

/// Fields of one object, each named in full in what is refused.
class Fields {
 public:
  Fields(const Napi::Value& value, const std::string& name) : object_(object_argument(value, name)), name_(name) {}

  Fields in(const char* field) const { return {object_.Get(field), named(field)}; }
  std::string text(const char* field) const { return text_argument(object_.Get(field), named(field)); }
  std::uint64_t number(const char* field, std::uint64_t most) const {
    return number_argument(object_.Get(field), named(field), most);
  }
  std::uint32_t count(const char* field) const { return static_cast<std::uint32_t>(number(field, UINT32_MAX)); }
  std::uint32_t size(const char* field) const {
    const std::uint64_t value = number(field, kMostSize);
    if (value == 0) refuse_field(field, "a whole number from 1 to 65535");
    return static_cast<std::uint32_t>(value);
  }
  bool flag(const char* field) const {
    const Napi::Value value = object_.Get(field);
    return value.IsBoolean() && value.As<Napi::Boolean>();
  }
  template <std::size_t Size>
  void name(const char* field, char (&target)[Size]) const {
    const std::string value = text(field);
    if (value.empty() || value.size() >= Size) refuse_field(field, "1 to 255 bytes");
    std::memcpy(target, value.c_str(), value.size() + 1);
  }
  [[noreturn]] void refuse_field(const char* field, const char* expected) const {
    refuse(object_.Env(), named(field), expected);
  }

 private:
  std::string named(const char* field) const { return name_ + '.' + field; }

  const Napi::Object object_;
  const std::string name_;
};

std::array<std::uint8_t, 32> digest(const Fields& network) {
  const std::string text = network.text("sha256");
  std::array<std::uint8_t, 32> bytes{};
  bool right = text.size() == 2 * bytes.size();
  for (std::size_t i = 0; right && i < bytes.size(); i++) {
    const char* at = text.data() + 2 * i;
    right = std::from_chars(at, at + 2, bytes[i], 16).ptr == at + 2;
  }
  if (!right) network.refuse_field("sha256", "64 hexadecimal digits");
  return bytes;
}

es_role_resources needs(const Fields& needs) {
  return {needs.count("nativeDimension"), needs.count("multifunctionUnits"), needs.count("matrixRegisters"),
          needs.count("initialVectors"),  needs.count("addsubVectors"),      needs.count("dramVectors"),
          needs.count("matrixTiles"),     0};
}

}  // namespace

catapult::Network network_argument(const Napi::Value& value) {
  const Fields fields(value, "network");
  catapult::Network network;
  network.path = fields.text("path");
  network.bytes = fields.number("bytes", kMostBytes);
  network.sha256 = digest(fields);
  network.manifest = fields.text("manifest");
  es_role_firmware& firmware = network.firmware;
  firmware.needs = needs(fields.in("needs"));
  firmware.cycles = fields.number("cycles", kMostCycles);
  const Fields input = fields.in("input");
  input.name("name", firmware.input_name);
  firmware.input_rows = input.size("rows");
  firmware.input_columns = input.size("columns");
  firmware.input_channels = input.size("channels");
  firmware.input_border = static_cast<std::uint32_t>(input.number("border", kMostSize));
  if (2 * firmware.input_border >= firmware.input_rows || 2 * firmware.input_border >= firmware.input_columns) {
    input.refuse_field("border", "less than half of rows and of columns");
  }
  const Fields output = fields.in("output");
  output.name("name", firmware.output_name);
  firmware.output_rows = output.size("rows");
  firmware.output_columns = output.size("columns");
  firmware.output_channels = output.size("channels");
  firmware.interleaved = output.flag("interleaved") ? 1 : 0;
  return network;
}

}  // namespace edgeslot
