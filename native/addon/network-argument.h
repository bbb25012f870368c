// A network as JavaScript describes it (src/card.ts).
#pragma once

#include <napi.h>

#include "../core/network.h"

namespace edgeslot {

/// {path, bytes, sha256, manifest, cycles, needs, input, output}; a TypeError that names the field.
catapult::Network network_argument(const Napi::Value& value);

}  // namespace edgeslot
