// `sample(rgb, plan, target)` for JavaScript.
#pragma once

#include <napi.h>

namespace edgeslot {

/// Fills `target` in the calling thread and keeps nothing. A TypeError for an argument of another kind, a RangeError
/// for a plan that leaves the pixels or the target.
Napi::Value Sample(const Napi::CallbackInfo& info);

}  // namespace edgeslot
