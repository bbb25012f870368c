// The core against a card that answers loopback requests: the real driver calls, the real windows, other processes.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <vector>

#include "../../core/device.h"
#include "../check.h"
#include "../expect-error.h"

namespace {

constexpr std::uint32_t kInputBytes = 317'400;   // 230 x 230 x 3 half-precision numbers
constexpr std::uint32_t kOutputBytes = 200'704;  // 7 x 7 x 2048
constexpr int kRoundTrips = 200;

using Clock = std::chrono::steady_clock;

catapult::DeviceOptions options_of(char** arguments, std::uint32_t epoch) {
  catapult::DeviceOptions options;
  options.path = arguments[1];
  options.sysfs = arguments[2];
  options.epoch = epoch;
  return options;
}

std::uint64_t send(catapult::Device& device, std::uint32_t slot, int number) {
  const auto payload = device.role().payload(slot).first(kInputBytes);
  std::fill(payload.begin(), payload.end(), static_cast<std::byte>(number));
  return device.role().send(slot, ES_ROLE_LOOPBACK, kInputBytes, kOutputBytes);
}

bool answered(catapult::Device& device, std::uint32_t slot, std::uint64_t id, int number) {
  const std::atomic<bool> stop{false};
  const auto answer = device.role().receive(slot, id, Clock::now() + std::chrono::seconds(10), stop);
  const auto is_number = [&](std::byte value) { return value == static_cast<std::byte>(number); };
  const bool right = answer.header.result == ES_ROLE_OK && answer.payload.size() == kOutputBytes &&
                     std::all_of(answer.payload.begin(), answer.payload.end(), is_number);
  device.role().discard(slot);
  return right;
}

void test_round_trips(catapult::Device& device) {
  std::vector<double> microseconds;
  int right = 0;
  for (int i = 0; i < kRoundTrips; i++) {
    const auto start = Clock::now();
    const auto id = send(device, 0, i);
    right += answered(device, 0, id, i);
    microseconds.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  CHECK(right == kRoundTrips);
  std::sort(microseconds.begin(), microseconds.end());
  std::printf("%d round trips of %u bytes in, %u out, filled and read: p50 %.0f us, p99 %.0f us\n", kRoundTrips,
              kInputBytes, kOutputBytes, microseconds[kRoundTrips / 2], microseconds[kRoundTrips * 99 / 100]);
}

void test_two_slots(catapult::Device& device) {
  std::uint64_t ids[2] = {send(device, 0, 1), 0};
  int right = 0;
  for (int i = 1; i <= kRoundTrips; i++) {
    ids[(i & 1)] = send(device, static_cast<std::uint32_t>(i & 1), i + 1);
    right += answered(device, static_cast<std::uint32_t>((i - 1) & 1), ids[(i - 1) & 1], i);
  }
  CHECK(right == kRoundTrips);
  CHECK(answered(device, kRoundTrips & 1, ids[kRoundTrips & 1], kRoundTrips + 1));
}

/// A killed process' slots are freed when the kernel has told the card, which may be a moment later.
void wait_until_free(char** arguments) {
  for (int i = 0; i < 100; i++) {
    try {
      catapult::Device(catapult::kernel_calls(), options_of(arguments, 2));
      return;
    } catch (const catapult::DeviceError& error) {
      if (error.status() != catapult::Status::busy) throw;
      ::usleep(20'000);
    }
  }
}

/// Another process with the card in its hands and a request under way is killed; the next owner is served.
void test_killed_owner(char** arguments) {
  int ready[2];
  CHECK(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    catapult::Device device(catapult::kernel_calls(), options_of(arguments, 1));
    send(device, 0, 99);
    const char sign = 'r';
    if (::write(ready[1], &sign, 1) != 1) ::_exit(1);
    ::pause();
    ::_exit(0);
  }
  char sign = 0;
  ::close(ready[1]);
  CHECK(::read(ready[0], &sign, 1) == 1);
  ::close(ready[0]);
  CHECK_ERROR(busy, std::string(arguments[1]) + ": ACQUIRE_SLOT_RANGE: EBUSY",
              catapult::Device(catapult::kernel_calls(), options_of(arguments, 2)));
  ::kill(child, SIGKILL);
  CHECK(::waitpid(child, nullptr, 0) == child);
  wait_until_free(arguments);
  catapult::Device device(catapult::kernel_calls(), options_of(arguments, 2));
  CHECK(answered(device, 0, send(device, 0, 5), 5));
  std::printf("after a killed owner: %llu stale answers, %llu spurious events\n",
              static_cast<unsigned long long>(device.role().stale_answers()),
              static_cast<unsigned long long>(device.slots().spurious_events()));
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::fprintf(stderr, "usage: card-test NODE SYSFS-FOLDER\n");
    return 2;
  }
  try {
    {
      catapult::Device device(catapult::kernel_calls(), options_of(arguments, 1));
      CHECK_ERROR(busy, std::string(arguments[1]) + " is already open in this process",
                  catapult::Device(catapult::kernel_calls(), options_of(arguments, 1)));
      CHECK(device.health().temperature.has_value());
      std::printf("health: %s\n", device.health().text.c_str());
      test_round_trips(device);
      test_two_slots(device);
      device.reset();
      CHECK(answered(device, 1, send(device, 1, 7), 7));
    }
    test_killed_owner(arguments);
  } catch (const catapult::DeviceError& error) {
    std::fprintf(stderr, "card-test: %s: %s\n", catapult::status_name(error.status()), error.what());
    return 1;
  }
  std::printf("%d checks, %d failed\n", test::checks, test::failures);
  return test::failures == 0 ? 0 : 1;
}
