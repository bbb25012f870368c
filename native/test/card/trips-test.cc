// A card that is well: round trips, one after the other and two at a time, a reset, health.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "../check.h"
#include "../expect-error.h"
#include "card-under-test.h"
#include "round-trip.h"

namespace {

constexpr int kRoundTrips = 200;
using Clock = std::chrono::steady_clock;

void test_one_at_a_time(catapult::Device& device) {
  std::vector<double> microseconds;
  int right = 0;
  for (int i = 0; i < kRoundTrips; i++) {
    const auto start = Clock::now();
    right += test::round_trip(device, i);
    microseconds.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  CHECK(right == kRoundTrips);
  std::sort(microseconds.begin(), microseconds.end());
  std::printf("%d round trips, filled and read: p50 %.0f us, p99 %.0f us\n", kRoundTrips,
              microseconds[kRoundTrips / 2], microseconds[kRoundTrips * 99 / 100]);
}

void test_two_at_a_time(catapult::Device& device) {
  std::uint64_t ids[2] = {test::send(device, 0, 1), 0};
  int right = 0;
  for (int i = 1; i <= kRoundTrips; i++) {
    ids[i & 1] = test::send(device, static_cast<std::uint32_t>(i & 1), i + 1);
    right += test::answered(device, static_cast<std::uint32_t>((i - 1) & 1), ids[(i - 1) & 1], i);
  }
  CHECK(right == kRoundTrips);
  CHECK(test::answered(device, kRoundTrips & 1, ids[kRoundTrips & 1], kRoundTrips + 1));
}

}  // namespace

void test_trips(const test::CardUnderTest& card) {
  catapult::Device device(catapult::kernel_calls(), card.options(1));
  CHECK(device.health().severity == catapult::Severity::ok && device.health().text == "ok");
  CHECK(device.health().temperature == 52);
  test_one_at_a_time(device);
  test_two_at_a_time(device);
  device.reset();
  CHECK(test::answered(device, 1, test::send(device, 1, 7), 7));
  CHECK(device.role().stale_answers() == 0);
}
