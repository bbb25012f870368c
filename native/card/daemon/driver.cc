#include "driver.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace card {
namespace {

template <typename T>
std::vector<std::byte> copy_of(const T& value) {
  const auto bytes = std::as_bytes(std::span(&value, 1));
  return {bytes.begin(), bytes.end()};
}

template <typename T>
T read_as(std::span<const std::byte> bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), std::min(sizeof value, bytes.size()));
  return value;
}

}  // namespace

catapult::RegisterInfo register_info() {
  catapult::RegisterInfo info{};
  info.count = 1;
  info.size[0] = kRegisterBytes;
  return info;
}

Driver::Driver(const CardMemory& memory, Faults& faults, const CallReplies& replies, Witness& witness)
    : memory_(memory),
      faults_(faults),
      replies_(replies),
      witness_(witness),
      owners_(memory.slots()),
      events_(memory.slots()) {}

std::uint64_t Driver::opened(std::int32_t process) {
  files_.emplace(next_handle_, process);
  return next_handle_++;
}

void Driver::released(std::uint64_t handle) {
  const auto file = files_.find(handle);
  if (file == files_.end()) return;
  free_slots(file->second);
  files_.erase(file);
}

void Driver::called(std::uint64_t request, std::uint64_t handle, std::uint32_t command,
                    std::span<const std::byte> argument) {
  const auto file = files_.find(handle);
  if (file == files_.end()) return replies_.refuse(request, EBADF);
  const auto outcome = answer(request, file->second, command, argument);
  if (!outcome) return;  // waits
  if (outcome->error != 0) return replies_.refuse(request, outcome->error);
  replies_.reply_call(request, outcome->data);
}

std::optional<Driver::Outcome> Driver::answer(std::uint64_t request, std::int32_t process, std::uint32_t command,
                                              std::span<const std::byte> argument) {
  switch (command) {
    case catapult::kGetRegisterInfo: return Outcome{0, copy_of(register_info())};
    case catapult::kInterruptDisable:
    case catapult::kInterruptEnable: return Outcome{};
    case catapult::kGetBufferPointers: return Outcome{0, copy_of(catapult::BufferPointers{})};
    case catapult::kGetDriverVersion: return Outcome{0, copy_of(kDriverVersion)};
    case catapult::kGetSlotConfig:
      return Outcome{0, copy_of(catapult::SlotConfig{memory_.bytes_per_slot(), memory_.slots()})};
    case catapult::kAcquireSlot: return acquire(process);
    case catapult::kReleaseSlot: return release(process, read_as<catapult::SlotPointers>(argument).slot);
    case catapult::kAcquireSlotRange: return acquire_range(process, read_as<catapult::SlotRange>(argument));
    case catapult::kReleaseSlotRange: free_slots(process); return Outcome{};
    case catapult::kGetSlotEvent:
    case catapult::kResetSlotEvent:
    case catapult::kCompleteSlotEvent: return event(command, read_as<std::uint32_t>(argument));
    case catapult::kWaitSlotEvent: return wait(request, read_as<catapult::SlotWait>(argument));
    default: return Outcome{EINVAL};
  }
}

Driver::Outcome Driver::acquire(std::int32_t process) {
  if (faults_.take(Fault::kAccess)) return {EACCES};
  const auto free = std::find(owners_.begin(), owners_.end(), 0);
  if (free == owners_.end() || faults_.take(Fault::kNoSlot)) return {ENOSPC};
  *free = process;
  ++owned_;
  witness_.saw(Deed::kAcquire, process);
  catapult::SlotPointers pointers{};
  pointers.slot = static_cast<std::uint32_t>(free - owners_.begin());
  return {0, copy_of(pointers)};
}

Driver::Outcome Driver::acquire_range(std::int32_t process, catapult::SlotRange range) {
  if (range.type != catapult::kContiguous || range.start > range.end || range.end >= memory_.slots()) return {EINVAL};
  if (faults_.take(Fault::kAccess)) return {EACCES};
  if (faults_.take(Fault::kBusy)) return {EBUSY};
  if (faults_.take(Fault::kNoSlot)) return {ENOSPC};
  const auto first = owners_.begin() + range.start;
  const auto last = owners_.begin() + range.end + 1;
  if (std::any_of(first, last, [](std::int32_t owner) { return owner != 0; })) return {EBUSY};
  std::fill(first, last, process);
  owned_ += range.end - range.start + 1;
  witness_.saw(Deed::kAcquire, process, range.end - range.start + 1);
  for (std::uint32_t slot = range.start; slot <= range.end; ++slot) range.slots[slot - range.start] = {slot, 0, {}};
  return {0, copy_of(range)};
}

Driver::Outcome Driver::release(std::int32_t process, std::uint32_t slot) {
  if (slot >= memory_.slots()) return {EINVAL};
  if (owners_[slot] != process) return {EACCES};
  owners_[slot] = 0;
  --owned_;
  witness_.saw(Deed::kFree, process);
  return {};
}

void Driver::free_slots(std::int32_t process) {
  const auto freed = static_cast<std::uint32_t>(std::count(owners_.begin(), owners_.end(), process));
  if (freed == 0) return;
  std::replace(owners_.begin(), owners_.end(), process, 0);
  owned_ -= freed;
  witness_.saw(Deed::kFree, process, freed);
}

Driver::Outcome Driver::event(std::uint32_t command, std::uint32_t slot) {
  if (slot >= memory_.slots()) return {EINVAL};
  if (command == catapult::kResetSlotEvent) events_[slot] = 0;
  if (command == catapult::kCompleteSlotEvent) complete(slot);
  return {};
}

std::optional<Driver::Outcome> Driver::wait(std::uint64_t request, const catapult::SlotWait& asked) {
  if (asked.slot >= memory_.slots()) return Outcome{EINVAL};
  if (faults_.take(Fault::kSignal)) return Outcome{EINTR};
  if (events_[asked.slot] > 0) {
    --events_[asked.slot];
    return Outcome{};
  }
  if (asked.wait == 0) return Outcome{EWOULDBLOCK};
  std::optional<Clock::time_point> deadline;
  if (asked.milliseconds > 0) deadline = Clock::now() + std::chrono::milliseconds(asked.milliseconds);
  waits_.push_back({request, asked.slot, deadline});
  return std::nullopt;
}

void Driver::interrupted(std::uint64_t request) {
  const auto wait = std::find_if(waits_.begin(), waits_.end(), [&](const Wait& one) { return one.request == request; });
  if (wait == waits_.end()) return;  // answered already
  waits_.erase(wait);
  replies_.refuse(request, EINTR);
}

void Driver::complete(std::uint32_t slot) {
  const auto wait = std::find_if(waits_.begin(), waits_.end(), [&](const Wait& one) { return one.slot == slot; });
  if (wait == waits_.end()) {
    ++events_[slot];
    return;
  }
  const std::uint64_t request = wait->request;
  waits_.erase(wait);
  replies_.reply_call(request, {});
}

void Driver::reset_events() { std::fill(events_.begin(), events_.end(), 0u); }

void Driver::expire(Clock::time_point now) {
  for (auto wait = waits_.begin(); wait != waits_.end();) {
    if (!wait->deadline || *wait->deadline > now) {
      ++wait;
      continue;
    }
    replies_.refuse(wait->request, ETIMEDOUT);
    wait = waits_.erase(wait);
  }
}

std::optional<Clock::time_point> Driver::next_deadline() const {
  std::optional<Clock::time_point> next;
  for (const Wait& wait : waits_)
    if (wait.deadline && (!next || *wait.deadline < *next)) next = wait.deadline;
  return next;
}

}  // namespace card
