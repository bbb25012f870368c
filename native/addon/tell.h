// For what JavaScript is told when work off its thread has ended.
#pragma once

#include <napi.h>

namespace edgeslot {

/// Resolves or rejects. A thread that is being stopped runs no JavaScript any more: then there is nobody to tell.
template <typename Action>
void tell(Action&& action) {
  try {
    action();
  } catch (const Napi::Error&) {
    return;
  }
}

}  // namespace edgeslot
