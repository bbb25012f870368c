#include "slots.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>

#include "device-error.h"

namespace catapult {
namespace {

void acquire_all(const DeviceNode& node) {
  const auto range = std::make_unique<SlotRange>();
  range->type = kContiguous;
  range->start = 0;
  range->end = node.slots().slots - 1;
  node.call("ACQUIRE_SLOT_RANGE", kAcquireSlotRange, range.get());
}

Mapping control_window(const DeviceNode& node) {
  return node.map("control window", node.slots().slots * sizeof(SlotControl), kControlWindow);
}

Mapping result_window(const DeviceNode& node) {
  return node.map("result window", node.slots().slots * sizeof(SlotResult), kResultWindow);
}

// Words that the card writes too: acquire what it wrote before a flag, release what we wrote before one.
std::uint32_t load(std::uint32_t& word) { return std::atomic_ref(word).load(std::memory_order_acquire); }
void store(std::uint32_t& word, std::uint32_t value) { std::atomic_ref(word).store(value, std::memory_order_release); }

}  // namespace

Slots::Slots(const DeviceNode& node, Registers& registers, std::uint32_t used)
    : node_(node), registers_(registers), control_(control_window(node)), results_(result_window(node)) {
  if (used < 1 || used > count()) {
    throw DeviceError(Status::invalid, "slots: expected 1 to " + std::to_string(count()) + ", found " +
                                           std::to_string(used));
  }
  acquire_all(node);
  try {
    for (std::uint32_t slot = 0; slot < used; slot++) {
      const std::uint64_t offset = static_cast<std::uint64_t>(slot) * bytes_per_slot();
      inputs_.push_back(node.map("input slot", bytes_per_slot(), kInputWindow + offset));
      outputs_.push_back(node.map("output slot", bytes_per_slot(), kOutputWindow + offset));
    }
  } catch (...) {
    node.try_call(kReleaseSlotRange, nullptr);
    throw;
  }
}

// A card that is gone has nothing to release, and closing the node releases too: no failure is of interest here.
Slots::~Slots() { node_.try_call(kReleaseSlotRange, nullptr); }

void Slots::send(std::uint32_t slot, std::uint32_t bytes) {
  if (bytes % kSendUnit != 0 || bytes < kSendMinimum || bytes > bytes_per_slot()) {
    throw DeviceError(Status::invalid, "message: expected a multiple of 16 bytes from 32 to " +
                                           std::to_string(bytes_per_slot()) + ", found " + std::to_string(bytes));
  }
  SlotControl& control = control_.lines<SlotControl>()[slot];
  if (load(control.full) != 0) {
    throw DeviceError(Status::busy, node_.path() + ": slot " + std::to_string(slot) + " is still full");
  }
  store(control.full, 1);
  registers_.ring(slot, bytes);
}

std::span<const std::byte> Slots::wait(std::uint32_t slot, DriverCalls::Clock::time_point deadline,
                                       const std::atomic<bool>& stop) {
  SlotControl& control = control_.lines<SlotControl>()[slot];
  while (load(control.done) == 0) {
    if (stop.load()) throw DeviceError(Status::cancelled, node_.path() + ": the wait was given up");
    const auto left = deadline - node_.calls().now();
    if (left <= left.zero()) {
      registers_.expect_present();
      throw DeviceError(Status::timeout, node_.path() + ": no answer from slot " + std::to_string(slot) + " in time");
    }
    sleep_in_driver(slot, left);
  }
  return finished(slot);
}

void Slots::sleep_in_driver(std::uint32_t slot, std::chrono::nanoseconds left) {
  const auto slice = std::min(std::chrono::ceil<std::chrono::milliseconds>(left), kWaitSlice);
  SlotWait wait{slot, static_cast<std::uint32_t>(slice.count()), 1, {}};
  const int error = node_.try_call(kWaitSlotEvent, &wait);
  if (error == 0) {
    if (load(control_.lines<SlotControl>()[slot].done) != 0) return;
    // Events are counted by the driver and outlive their owner. The flag is read again after the reset, so that a
    // completion in between is not lost.
    spurious_events_++;
    node_.call("RESET_SLOT_EVENT", kResetSlotEvent, &slot);
    return;
  }
  if (error == EINTR || error == EAGAIN) return;
  if (error != ETIMEDOUT) throw device_error(node_.path() + ": WAIT_SLOT_EVENT", error);
  registers_.expect_present();
}

std::span<const std::byte> Slots::finished(std::uint32_t slot) const {
  const std::uint32_t bytes = load(results_.lines<SlotResult>()[slot].bytes);
  if (bytes > bytes_per_slot()) {
    registers_.expect_present();
    throw DeviceError(Status::fault, node_.path() + ": slot " + std::to_string(slot) + " answers " +
                                         std::to_string(bytes) + " bytes, more than it holds");
  }
  return output(slot).first(bytes);
}

void Slots::discard(std::uint32_t slot) {
  store(control_.lines<SlotControl>()[slot].done, 0);
  registers_.clear_done(slot);
}

void Slots::wake(std::uint32_t slot) const { node_.try_call(kCompleteSlotEvent, &slot); }

void Slots::reset_events() const {
  for (std::uint32_t slot = 0; slot < count(); slot++) node_.call("RESET_SLOT_EVENT", kResetSlotEvent, &slot);
}

void Slots::clear_flags() {
  for (std::uint32_t slot = 0; slot < count(); slot++) {
    store(control_.lines<SlotControl>()[slot].full, 0);
    discard(slot);
  }
}

std::vector<std::uint32_t> Slots::flags() const {
  std::vector<std::uint32_t> flags;
  for (std::uint32_t slot = 0; slot < count(); slot++) {
    SlotControl& control = control_.lines<SlotControl>()[slot];
    flags.push_back(load(control.full));
    flags.push_back(load(control.done));
  }
  return flags;
}

}  // namespace catapult
