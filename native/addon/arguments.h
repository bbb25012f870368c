// What JavaScript gives, taken for what it has to be, or refused with a TypeError that names the field.
#pragma once

#include <napi.h>

#include <cstdint>
#include <span>
#include <string>

namespace edgeslot {

[[noreturn]] inline void refuse(Napi::Env env, const std::string& field, const char* expected) {
  throw Napi::TypeError::New(env, field + ": expected " + expected);
}

template <typename T>
constexpr napi_typedarray_type kind_of = napi_uint8_array;
template <>
inline constexpr napi_typedarray_type kind_of<std::int32_t> = napi_int32_array;
template <>
inline constexpr napi_typedarray_type kind_of<float> = napi_float32_array;

/// The array's own memory, valid during this call.
template <typename T>
std::span<T> array_argument(const Napi::Value& value, const std::string& field) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != kind_of<T>) {
    constexpr const char* name = kind_of<T> == napi_uint8_array   ? "a Uint8Array"
                                 : kind_of<T> == napi_int32_array ? "an Int32Array"
                                                                  : "a Float32Array";
    refuse(value.Env(), field, name);
  }
  auto typed = value.As<Napi::TypedArrayOf<T>>();
  return {typed.Data(), typed.ElementLength()};
}

inline Napi::Object object_argument(const Napi::Value& value, const std::string& field) {
  if (!value.IsObject()) refuse(value.Env(), field, "an object");
  return value.As<Napi::Object>();
}

inline std::string text_argument(const Napi::Value& value, const std::string& field) {
  if (!value.IsString()) refuse(value.Env(), field, "a string");
  return value.As<Napi::String>();
}

/// A whole number from 0 to `most`, which is at most 2^53.
inline std::uint64_t number_argument(const Napi::Value& value, const std::string& field, std::uint64_t most) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
  if (!(number >= 0 && number <= static_cast<double>(most)) ||
      number != static_cast<double>(static_cast<std::uint64_t>(number))) {
    refuse(value.Env(), field, ("a whole number from 0 to " + std::to_string(most)).c_str());
  }
  return static_cast<std::uint64_t>(number);
}

}  // namespace edgeslot
