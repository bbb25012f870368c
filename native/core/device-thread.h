// The thread that waits for a card, because the driver's node cannot be polled: requests go in, outcomes come back.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "device-error.h"
#include "engine.h"
#include "slot-lease.h"

namespace catapult {

/// What is on the card, for who fills its input and reads its output.
struct Loaded {
  CardTensor input;
  CardTensor output;
};

struct Outcome {
  std::exception_ptr error;  // a DeviceError, or null
  Answer answer{};           // in the slot's output until the lease ends
  LoadReport load{};
};

struct ThreadCounters {
  std::uint64_t runs = 0;
  std::uint64_t failures = 0;
  std::uint64_t resets = 0;
  std::uint64_t stale_answers = 0;
  std::uint64_t spurious_events = 0;
  std::uint32_t waiting = 0;
  std::uint32_t in_use = 0;
};

/// Serves any number of threads. Who wants something of the card takes a slot, fills its input and gives it away with a
/// request; it comes back with the outcome. Answers are waited for in the order of the requests. After a failure that
/// needs a reset, whatever is under way or waits fails with it, and nothing is accepted until `reset` has succeeded.
class DeviceThread final : public SlotOwner {
 public:
  using Granted = std::function<void(SlotLease, std::exception_ptr)>;
  /// Runs on this thread: short, never throws. The slot comes back; a reset has none.
  using Done = std::function<void(SlotLease, Outcome)>;
  using StopFlag = std::shared_ptr<Stop>;

  /// As many callers as there are slots may wait for one.
  explicit DeviceThread(std::unique_ptr<Engine> engine);
  DeviceThread(const DeviceThread&) = delete;
  DeviceThread& operator=(const DeviceThread&) = delete;
  /// Closes.
  ~DeviceThread() override;

  const Description& description() const { return description_; }

  /// A slot, if there is one; else nothing, and `granted` is called with one, or with an error, by any thread. Throws
  /// DeviceError: again when too many wait, the failure while a reset is needed, cancelled after `close`.
  SlotLease take_slot(Granted granted);

  /// Lets `use` look at memory of the slot, which stays mapped meanwhile. Throws DeviceError (cancelled) after `close`.
  void with_input(const SlotLease& slot, const std::function<void(std::span<std::byte>)>& use);
  void with_output(const SlotLease& slot, const std::function<void(std::span<const std::byte>)>& use);

  /// What `run` would run; throws DeviceError (invalid) when there is nothing.
  std::shared_ptr<const Loaded> loaded() const;

  // Each throws DeviceError, and the slot is free again then, for what can be told at once.

  /// Sends the slot's input, filled as `loaded` says; `loaded` must still be on the card.
  void run(SlotLease slot, const std::shared_ptr<const Loaded>& loaded, std::chrono::milliseconds timeout, Done done);
  void loop_back(SlotLease slot, std::size_t bytes_in, std::size_t bytes_out, std::chrono::milliseconds timeout,
                 Done done);
  void ask_status(SlotLease slot, std::chrono::milliseconds timeout, Done done);
  /// busy unless the card is empty. `stop` gives it up, see `wake`.
  void load(SlotLease slot, Network network, std::chrono::milliseconds timeout, StopFlag stop, Done done);
  /// After what is under way. Nothing happens on an empty card.
  void unload(SlotLease slot, std::chrono::milliseconds timeout, Done done);

  /// Settles the card, after whatever is under way; it is empty then.
  void reset(Done done);

  /// Makes what is waited for look at its stop flag.
  void wake();

  ShellHealth health() const;
  ThreadCounters counters() const;

  /// What is under way or waits ends as cancelled, within a wake-up; the card is given back. From any thread but this
  /// one's; again is harmless.
  void close();

 private:
  using Task = std::function<Outcome(const Stop&)>;
  enum class State : std::uint8_t { empty, loading, loaded };
  struct Job {
    bool is_reset;
    SlotLease slot;
    StopFlag stop;
    Task task;
    Done done;
  };

  void end_lease(std::uint32_t slot) override;
  /// Takes the slot when nothing can go wrong any more: its end, under the mutex, would wait for ever.
  void start(SlotLease& slot, Work work, std::size_t bytes, std::uint64_t argument, std::size_t answer_bytes,
             std::chrono::milliseconds timeout, Done done);
  void add(Job job);
  void expect_usable() const;
  DeviceError closed() const;
  void expect_fits(std::uint32_t slot, std::size_t bytes_in, std::size_t bytes_out) const;
  void work();
  Outcome perform(const Job& job);
  void settle_outcome(const Job& job, const Outcome& outcome, std::deque<Granted>& refused);

  std::mutex close_;                  // before the others
  mutable std::shared_mutex memory_;  // shared by who looks at a slot, held alone by who unmaps them; before mutex_
  std::unique_ptr<Engine> engine_;    // null after close
  const Description description_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;         // the first is being performed
  std::vector<bool> taken_;      // by slot
  std::deque<Granted> waiting_;  // for a slot
  State state_ = State::empty;
  std::shared_ptr<const Loaded> loaded_;
  std::exception_ptr failure_;  // until the next reset
  bool closing_ = false;
  ThreadCounters counters_;
  const StopFlag stop_ = std::make_shared<Stop>(false);  // of everything that has none of its own
  std::thread thread_;                                   // the last: it uses all of the above
};

}  // namespace catapult
