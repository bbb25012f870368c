// A scripted driver and card in memory, with a clock of its own: what the tests of the core talk to.
#pragma once

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "../core/catapult-abi.h"
#include "../core/driver-calls.h"

namespace test {

class FakeCard final : public catapult::DriverCalls {
 public:
  explicit FakeCard(std::uint32_t slots = 4, std::uint32_t bytes_per_slot = 8192, std::size_t register_bytes = 0x10000)
      : config{bytes_per_slot, slots},
        registers_(register_bytes / 8),
        control_(slots),
        results_(slots),
        memory_(std::size_t{2} * slots * bytes_per_slot / 8),
        events_(slots) {}

  /// What the card does with a full slot, when the driver is waited in; the default leaves it.
  std::function<void(FakeCard&, std::uint32_t slot)> role = [](FakeCard&, std::uint32_t) {};
  /// Called at each look at the clock's sleep and at each wait, to move things while the host watches.
  std::function<void(FakeCard&)> meanwhile = [](FakeCard&) {};

  catapult::DriverVersion version{5, 1, 4, 12};
  catapult::SlotConfig config;
  std::atomic<bool> clock_stands{false};
  bool foreign_owner = false;
  bool held_in_reset = false;
  int resets = 0;
  int open_error = 0;
  std::atomic<int> descriptors{0};
  std::atomic<int> mappings{0};
  std::map<std::uint32_t, int> calls;

  /// The next calls of `command` fail with these, in turn.
  void script(std::uint32_t command, std::deque<int> errors) {
    const std::lock_guard lock(mutex_);
    script_[command] = std::move(errors);
  }

  void count_event(std::uint32_t slot) {
    const std::lock_guard lock(mutex_);
    events_[slot]++;
  }

  catapult::SlotControl& control(std::uint32_t slot) { return control_[slot]; }
  catapult::SlotResult& result(std::uint32_t slot) { return results_[slot]; }
  std::byte* input(std::uint32_t slot) { return memory() + std::size_t{slot} * config.bytes_per_slot; }
  std::byte* output(std::uint32_t slot) { return input(config.slots + slot); }

  std::uint32_t& word(std::uint32_t offset) { return reinterpret_cast<std::uint32_t*>(registers_.data())[offset / 4]; }
  std::uint64_t& wide(std::uint32_t offset) { return registers_[offset / 8]; }
  std::uint32_t& shell(std::uint32_t number) { return word(catapult::register_offset(number, catapult::kShell)); }
  void vanish() { std::memset(registers_.data(), 0xFF, registers_.size() * 8); }

  /// The card's side of a completion: output is written, then the flags, then the event.
  void complete(std::uint32_t slot, std::uint32_t bytes, bool event = true) {
    set(control_[slot].full, 0);
    set(results_[slot].bytes, bytes);
    set(control_[slot].done, 1);
    if (event) events_[slot]++;
  }

  static void set(std::uint32_t& word, std::uint32_t value) { std::atomic_ref(word).store(value); }

  int open(const char*) override {
    if (open_error != 0) return fail(open_error);
    return 100 + ++descriptors;
  }
  void close(int) override {
    descriptors--;
    owned_ = false;
  }

  int ioctl(int, std::uint32_t command, void* argument) override {
    const std::lock_guard lock(mutex_);
    calls[command]++;
    auto& errors = script_[command];
    if (!errors.empty()) {
      const int error = errors.front();
      errors.pop_front();
      if (error != 0) return fail(error);
    }
    if (std::atomic_ref(shell(catapult::kShellControl)).load() & catapult::kControlRoleReset) {
      if (!held_in_reset) resets++;
      held_in_reset = true;
    } else {
      held_in_reset = false;
    }
    return answer(command, argument);
  }

  void* map(int, std::size_t bytes, std::uint64_t offset) override {
    const std::uint64_t within = offset & 0x0FFFFFFFFFFFFFFF;
    void* address = nullptr;
    switch (offset & 0xF000000000000000) {
      case catapult::kRegisterWindow: address = registers_.data(); break;
      case catapult::kInputWindow: address = memory() + within; break;
      case catapult::kOutputWindow: address = output(0) + within; break;
      case catapult::kResultWindow: address = results_.data(); break;
      case catapult::kControlWindow: address = control_.data(); break;
      default: break;
    }
    const bool slot = offset >= catapult::kInputWindow && offset < catapult::kResultWindow;
    if (address == nullptr || (slot && bytes != config.bytes_per_slot)) return fail(EINVAL), nullptr;
    if (slot && !owned_) return fail(EACCES), nullptr;
    if (map_error != 0 && slot) return fail(map_error), nullptr;
    mappings++;
    return address;
  }
  void unmap(void*, std::size_t) override { mappings--; }

  Clock::time_point now() override { return Clock::time_point(std::chrono::milliseconds(milliseconds_.load())); }
  void sleep(std::chrono::milliseconds time) override {
    milliseconds_ += time.count();
    meanwhile(*this);
  }
  std::int64_t elapsed() const { return milliseconds_; }
  int map_error = 0;

 private:
  std::byte* memory() { return reinterpret_cast<std::byte*>(memory_.data()); }

  static int fail(int error) {
    errno = error;
    return -1;
  }

  int answer(std::uint32_t command, void* argument) {
    switch (command) {
      case catapult::kGetDriverVersion: *static_cast<catapult::DriverVersion*>(argument) = version; return 0;
      case catapult::kGetSlotConfig: *static_cast<catapult::SlotConfig*>(argument) = config; return 0;
      case catapult::kGetRegisterInfo:
        *static_cast<catapult::RegisterInfo*>(argument) = {
            1, {}, {static_cast<std::uint32_t>(registers_.size() * 8), 0, 0, 0, 0, 0}};
        return 0;
      case catapult::kAcquireSlotRange: return acquire(*static_cast<catapult::SlotRange*>(argument));
      case catapult::kReleaseSlotRange: owned_ = false; return 0;
      case catapult::kWaitSlotEvent: return wait(*static_cast<catapult::SlotWait*>(argument));
      case catapult::kResetSlotEvent: events_[*static_cast<std::uint32_t*>(argument)] = 0; return 0;
      case catapult::kCompleteSlotEvent: events_[*static_cast<std::uint32_t*>(argument)]++; return 0;
      default: return fail(EINVAL);
    }
  }

  int acquire(const catapult::SlotRange& range) {
    if (range.type != catapult::kContiguous || range.end >= config.slots) return fail(EINVAL);
    if (foreign_owner || owned_) return fail(EBUSY);
    owned_ = true;
    return 0;
  }

  int wait(const catapult::SlotWait& wait) {
    if (wait.milliseconds == 0 || wait.milliseconds > 250 || wait.wait != 1) return fail(EINVAL);
    meanwhile(*this);
    if (events_[wait.slot] == 0) role(*this, wait.slot);
    if (events_[wait.slot] == 0) {
      if (!clock_stands) milliseconds_ += wait.milliseconds;
      return fail(ETIMEDOUT);
    }
    events_[wait.slot]--;
    return 0;
  }

  std::recursive_mutex mutex_;  // hooks run inside calls, and may script the next
  std::vector<std::uint64_t> registers_;
  std::vector<catapult::SlotControl> control_;
  std::vector<catapult::SlotResult> results_;
  std::vector<std::uint64_t> memory_;
  std::vector<int> events_;
  std::map<std::uint32_t, std::deque<int>> script_;
  std::atomic<bool> owned_{false};
  std::atomic<std::int64_t> milliseconds_{0};
};

}  // namespace test
