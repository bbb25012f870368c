// Brings a card that was just acquired, or that failed, to a known state: nothing in flight, no flag, no event, no model.
#pragma once

#include <chrono>

#include "slots.h"

namespace catapult {

struct SettleOptions {
  std::chrono::milliseconds still{50};      // no flag may move for this long: twice what a request takes, 50 ms or more
  std::chrono::milliseconds limit{10'000};  // then the card is given up
  std::chrono::milliseconds period{1};      // between two looks
};

/// Resets events and flags, waits until the card is quiet, resets the role. The model on the card is gone afterwards.
/// Throws DeviceError: timeout for a card that does not become quiet, lost.
void settle(DriverCalls& calls, Slots& slots, Registers& registers, const SettleOptions& options);

}  // namespace catapult
