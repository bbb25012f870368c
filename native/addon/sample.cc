#include "sample.h"

#include <span>
#include <stdexcept>
#include <string>

#include "../core/sampling.h"
#include "arguments.h"

namespace edgeslot {
namespace {

template <typename T>
std::span<T> array(const Napi::Value& value, const std::string& field) {
  return array_argument<T>(value, "sample: " + field);
}

Napi::Object object(const Napi::Value& value, const std::string& field) {
  return object_argument(value, "sample: " + field);
}

std::size_t size(const Napi::Object& plan, const char* field) {
  const Napi::Value value = plan.Get(field);
  if (!value.IsNumber()) refuse(plan.Env(), std::string("sample: ") + field, "a number");
  const std::int64_t number = value.As<Napi::Number>().Int64Value();
  return number < 0 ? 0 : static_cast<std::size_t>(number);
}

bool flag(const Napi::Object& plan, const char* field) {
  const Napi::Value value = plan.Get(field);
  if (!value.IsBoolean()) refuse(plan.Env(), std::string("sample: ") + field, "true or false");
  return value.As<Napi::Boolean>();
}

sampling::BilinearAxis bilinear_axis(const Napi::Object& plan, const char* name) {
  const Napi::Object axis = object(plan.Get(name), name);
  const std::string field = std::string(name) + '.';
  return {array<std::int32_t>(axis.Get("low"), field + "low"), array<std::int32_t>(axis.Get("high"), field + "high"),
          array<float>(axis.Get("weight"), field + "weight")};
}

sampling::FilterAxis filter_axis(const Napi::Object& plan, const char* name) {
  const Napi::Object axis = object(plan.Get(name), name);
  const std::string field = std::string(name) + '.';
  return {array<std::int32_t>(axis.Get("first"), field + "first"),
          array<std::int32_t>(axis.Get("count"), field + "count"),
          array<float>(axis.Get("weights"), field + "weights"), size(axis, "taps")};
}

}  // namespace

Napi::Value Sample(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto rgb = array<std::uint8_t>(info[0], "pixels");
  const Napi::Object plan = object(info[1], "plan");
  const auto target = array<float>(info[2], "target");
  const sampling::Pixels pixels{rgb, size(plan, "width"), size(plan, "height")};
  const sampling::Finish finish{flag(plan, "planar"), flag(plan, "reversed"),
                                array<float>(plan.Get("means"), "means"),
                                array<float>(plan.Get("scales"), "scales")};
  const auto scratch = array<float>(plan.Get("scratch"), "scratch");
  const Napi::Value kind = plan.Get("kind");
  const std::string name = kind.IsString() ? kind.As<Napi::String>().Utf8Value() : "";
  try {
    if (name == "bilinear") {
      sampling::sample_bilinear(pixels, bilinear_axis(plan, "x"), bilinear_axis(plan, "y"), finish, scratch, target);
    } else if (name == "filter") {
      sampling::sample_filter(pixels, filter_axis(plan, "x"), filter_axis(plan, "y"), finish, scratch, target);
    } else {
      refuse(env, "sample: kind", "\"bilinear\" or \"filter\"");
    }
  } catch (const std::out_of_range& error) {
    throw Napi::RangeError::New(env, std::string("sample: ") + error.what());
  }
  return env.Undefined();
}

}  // namespace edgeslot
