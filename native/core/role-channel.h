// Requests to the role through slots, each named by a request id, answers matched to them (include/edgeslot_role.h).
#pragma once

#include "../include/edgeslot_role.h"
#include "request-id.h"
#include "slots.h"

namespace catapult {

struct RoleAnswer {
  es_role_answer header;
  std::span<const std::byte> payload;  // in the slot, until it is discarded
};

/// `OUT_OF_ORDER`, ...
const char* role_result_name(std::uint32_t result);

/// One request at a time in a slot. `send` and `discard` by the slot's user, `receive` by the thread that waits.
class RoleChannel {
 public:
  RoleChannel(Slots& slots, std::uint32_t epoch) : slots_(slots), ids_(epoch) {}

  /// Where a request's payload goes and an answer's comes from, at most this many bytes.
  std::span<std::byte> payload(std::uint32_t slot) const { return slots_.input(slot).subspan(sizeof(es_role_request)); }

  /// Sends what lies in the payload; gives the request's id. Throws DeviceError (invalid, busy) as Slots::send.
  std::uint64_t send(std::uint32_t slot, es_role_operation operation, std::uint32_t payload_bytes,
                     std::uint64_t argument = 0);

  /// The answer to request `id`. Answers to other requests, of an owner that died or that were given up, are counted and
  /// dropped. Throws DeviceError as Slots::wait, and fault for an answer that is none.
  RoleAnswer receive(std::uint32_t slot, std::uint64_t id, DriverCalls::Clock::time_point deadline,
                     const std::atomic<bool>& stop);

  void discard(std::uint32_t slot) { slots_.discard(slot); }

  std::uint64_t stale_answers() const { return stale_answers_; }

 private:
  Slots& slots_;
  RequestIds ids_;
  std::atomic<std::uint64_t> stale_answers_{0};
};

}  // namespace catapult
