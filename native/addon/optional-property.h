// A property that is there only when there is something to tell.
#pragma once

#include <napi.h>

#include <optional>
#include <string>

namespace edgeslot {

inline void set(Napi::Object& target, const char* key, const std::optional<std::string>& value) {
  if (value) target.Set(key, *value);
}

}  // namespace edgeslot
