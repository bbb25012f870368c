// `probe(options)` for JavaScript.
#pragma once

#include <napi.h>

namespace edgeslot {

/// probe({devDir, sysfsDir}) -> Promise of plain objects, one per node; a TypeError for wrong arguments.
Napi::Value Probe(const Napi::CallbackInfo& info);

}  // namespace edgeslot
