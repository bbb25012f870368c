// Runs something that must fail with a DeviceError of one status, and gives its text.
#pragma once

#include <string>

#include "../core/device-error.h"
#include "check.h"

namespace test {

template <typename Action>
std::string error_text(catapult::Status status, Action&& action) {
  try {
    action();
  } catch (const catapult::DeviceError& error) {
    if (error.status() == status) return error.what();
    return std::string("another status, ") + catapult::status_name(error.status()) + ": " + error.what();
  }
  return "no error";
}

}  // namespace test

#define CHECK_ERROR(status, start, action) \
  CHECK(::test::error_text(catapult::Status::status, [&] { action; }).starts_with(start))
