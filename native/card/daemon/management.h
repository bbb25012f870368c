// The card's other function, which manages it: a node of its own that tells what it is, and takes no requests.
#pragma once

#include <cstdint>

#include "driver.h"
#include "system-call.h"

namespace card {

/// Its registers read zero, and its slots cannot be had: the driver leaves them to the role.
class Management {
 public:
  Management(const CallReplies& replies, catapult::SlotConfig slots);

  /// What is behind mmap.
  int descriptor() const { return memory_.get(); }
  void called(std::uint64_t request, std::uint32_t command) const;

 private:
  const CallReplies& replies_;
  catapult::SlotConfig slots_;
  catapult::FileDescriptor memory_;
};

}  // namespace card
