#include "round-trip.h"

#include <algorithm>
#include <atomic>

namespace test {
namespace {

std::uint32_t that_fits(const catapult::Device& device, std::uint32_t bytes) {
  constexpr std::uint32_t kHeader = sizeof(es_role_request);
  return std::min(bytes, device.node().slots().bytes_per_slot - kHeader);
}

catapult::RoleAnswer receive(catapult::Device& device, std::uint32_t slot, std::uint64_t id,
                             std::chrono::milliseconds patience) {
  const std::atomic<bool> stop{false};
  return device.role().receive(slot, id, catapult::DriverCalls::Clock::now() + patience, stop);
}

}  // namespace

std::uint64_t send(catapult::Device& device, std::uint32_t slot, int number) {
  const auto payload = device.role().payload(slot).first(that_fits(device, kInputBytes));
  std::fill(payload.begin(), payload.end(), static_cast<std::byte>(number));
  return device.role().send(slot, ES_ROLE_LOOPBACK, static_cast<std::uint32_t>(payload.size()),
                            that_fits(device, kOutputBytes));
}

bool answered(catapult::Device& device, std::uint32_t slot, std::uint64_t id, int number,
              std::chrono::milliseconds patience) {
  const auto answer = receive(device, slot, id, patience);
  const auto is_number = [&](std::byte value) { return value == static_cast<std::byte>(number); };
  const bool right = answer.header.result == ES_ROLE_OK && answer.payload.size() == that_fits(device, kOutputBytes) &&
                     std::all_of(answer.payload.begin(), answer.payload.end(), is_number);
  device.role().discard(slot);
  return right;
}

bool round_trip(catapult::Device& device, int number) { return answered(device, 0, send(device, 0, number), number); }

std::uint32_t result_of(catapult::Device& device, std::uint32_t slot, std::uint64_t id) {
  const std::uint32_t result = receive(device, slot, id, kPatience).header.result;
  device.role().discard(slot);
  return result;
}

}  // namespace test
