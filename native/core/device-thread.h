// The thread that waits for a card, because the driver's node cannot be polled: requests go in, outcomes come back.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "device.h"

namespace catapult {

struct Outcome {
  std::exception_ptr error;  // a DeviceError, or null
  RoleAnswer answer{};       // its payload lies in the slot until `discard`
};

/// At most one request for each used slot. Answers are waited for in the order of the requests. After a timeout, a fault
/// or a loss nothing is accepted until `reset` has succeeded.
class DeviceThread {
 public:
  using Done = std::function<void(Outcome)>;  // runs on this thread: short, and never throws

  explicit DeviceThread(Device& device);
  DeviceThread(const DeviceThread&) = delete;
  DeviceThread& operator=(const DeviceThread&) = delete;
  /// Closes.
  ~DeviceThread();

  /// Sends, from the calling thread, what lies in the slot's payload; gives the request's id. Throws DeviceError: again
  /// while the slot's last answer is not discarded, fault while a reset is needed, cancelled after `close`, invalid.
  std::uint64_t submit(std::uint32_t slot, es_role_operation operation, std::uint32_t payload_bytes,
                       std::uint64_t argument, std::chrono::milliseconds timeout, Done done);

  /// The answer of request `id` has been read. Nothing happens when a reset has freed the slot already.
  void discard(std::uint32_t slot, std::uint64_t id);

  /// Settles the card, after whatever is under way.
  void reset(Done done);

  /// What is under way ends as cancelled, within a wake-up. From any thread but this one's; again is harmless.
  void close();

 private:
  struct Job {
    std::uint64_t id;  // 0: a reset
    std::uint32_t slot;
    DriverCalls::Clock::time_point deadline;
    Done done;
  };

  void run();
  Outcome perform(const Job& job);
  void expect_open() const;

  Device& device_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;              // the first is being waited for
  std::vector<std::uint64_t> taken_;  // by slot: the request it belongs to, or 0
  std::exception_ptr failure_;        // until the next reset
  bool closing_ = false;
  std::atomic<bool> stop_{false};
  std::thread thread_;  // the last: it uses all of the above
};

}  // namespace catapult
