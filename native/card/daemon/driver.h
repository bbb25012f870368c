// The driver's side of the card: who owns which slot, events and those who wait for them, as calls of `/dev/catapultN`.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "card-memory.h"
#include "faults.h"
#include "witness.h"

namespace card {

using Clock = std::chrono::steady_clock;

inline constexpr catapult::DriverVersion kDriverVersion{5, 1, 4, 12};  // the one whose interface this is
catapult::RegisterInfo register_info();

/// Answers of calls, by the request's number.
class CallReplies {
 public:
  virtual ~CallReplies() = default;
  virtual void reply_call(std::uint64_t request, std::span<const std::byte> answer) const = 0;
  virtual void refuse(std::uint64_t request, int error) const = 0;
};

class Driver {
 public:
  Driver(const CardMemory& memory, Faults& faults, const CallReplies& replies, Witness& witness);

  /// @param process thread group of the opener
  std::uint64_t opened(std::int32_t process);
  /// Frees all slots of the process that had opened it, as the driver does.
  void released(std::uint64_t handle);
  void called(std::uint64_t request, std::uint64_t handle, std::uint32_t command, std::span<const std::byte> argument);
  void interrupted(std::uint64_t request);

  /// Counts one completion for the slot; the longest waiter takes it.
  void complete(std::uint32_t slot);
  void reset_events();
  /// Answers the waits whose time is over.
  void expire(Clock::time_point now);
  std::optional<Clock::time_point> next_deadline() const;

  bool in_use() const { return owned_ > 0; }
  std::uint32_t owned() const { return owned_; }
  /// Thread group; 0 when the slot is free.
  std::int32_t owner(std::uint32_t slot) const { return owners_[slot]; }
  std::size_t waiting() const { return waits_.size(); }
  std::size_t open_files() const { return files_.size(); }

 private:
  struct Wait {
    std::uint64_t request;
    std::uint32_t slot;
    std::optional<Clock::time_point> deadline;
  };
  /// What a call answers at once: an errno, or data.
  struct Outcome {
    int error = 0;
    std::vector<std::byte> data = {};
  };

  std::optional<Outcome> answer(std::uint64_t request, std::int32_t process, std::uint32_t command,
                                std::span<const std::byte> argument);
  Outcome acquire(std::int32_t process);
  Outcome acquire_range(std::int32_t process, catapult::SlotRange range);
  Outcome release(std::int32_t process, std::uint32_t slot);
  Outcome event(std::uint32_t command, std::uint32_t slot);
  std::optional<Outcome> wait(std::uint64_t request, const catapult::SlotWait& asked);
  void free_slots(std::int32_t process);

  const CardMemory& memory_;
  Faults& faults_;
  const CallReplies& replies_;
  Witness& witness_;
  std::map<std::uint64_t, std::int32_t> files_;
  std::uint64_t next_handle_ = 1;
  std::vector<std::int32_t> owners_;  // 0: free
  std::vector<std::uint32_t> events_;
  std::uint32_t owned_ = 0;
  std::list<Wait> waits_;
};

}  // namespace card
