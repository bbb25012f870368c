// Requests that go wrong: each fault ends as its status, and a reset brings the card back.
#include <signal.h>
#include <sys/time.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "../check.h"
#include "../expect-error.h"
#include "card-under-test.h"
#include "round-trip.h"

namespace {

using std::chrono::milliseconds;

void test_timeout(const test::CardUnderTest& card, catapult::Device& device) {
  const test::FaultInCard fault(card, "timeout");
  const auto id = test::send(device, 0, 1);
  CHECK_ERROR(timeout, card.node() + ": no answer from slot 0 in time",
              test::answered(device, 0, id, 1, milliseconds(100)));
  device.reset();
  CHECK(test::round_trip(device, 2));
}

void test_exception(const test::CardUnderTest& card, catapult::Device& device) {
  const test::FaultInCard fault(card, "exception");
  for (int number = 1; number <= 2; number++)  // until it is reset
    CHECK(test::result_of(device, 0, test::send(device, 0, number)) == ES_ROLE_EXCEPTION);
  device.reset();
  CHECK(test::round_trip(device, 3));
}

/// The answer to a request that was given up comes after the reset, and is not taken for the next one's.
void test_late_completion(const test::CardUnderTest& card, catapult::Device& device) {
  const test::FaultInCard fault(card, "late 400");
  const auto before = device.role().stale_answers();
  const auto given_up = test::send(device, 0, 1);
  CHECK_ERROR(timeout, card.node(), test::answered(device, 0, given_up, 1, milliseconds(50)));
  device.reset();
  int right = 0;
  int trips = 0;
  const auto end = std::chrono::steady_clock::now() + test::kPatience;
  while (device.role().stale_answers() == before && std::chrono::steady_clock::now() < end) {
    trips++;
    right += test::round_trip(device, trips);
  }
  CHECK(device.role().stale_answers() == before + 1);
  CHECK(right == trips && trips > 0);
}

void test_stale_completion(const test::CardUnderTest& card, catapult::Device& device) {
  const test::FaultInCard fault(card, "stale 2");
  const auto before = device.role().stale_answers();
  CHECK(test::round_trip(device, 1) && test::round_trip(device, 2) && test::round_trip(device, 3));
  CHECK(device.role().stale_answers() == before + 2);
}

std::atomic<int> alarms{0};
static_assert(std::atomic<int>::is_always_lock_free);  // counted in a signal handler

/// EINTR by the driver's word, and by real signals that interrupt a real wait.
void test_signals(const test::CardUnderTest& card, catapult::Device& device) {
  {
    const test::FaultInCard fault(card, "eintr 5");
    for (int number = 1; number <= 20; number++) CHECK(test::round_trip(device, number));  // a wait each, or more
    CHECK(card.status("faults") == "none");
  }
  const test::FaultInCard fault(card, "late 200");
  struct sigaction action {};
  action.sa_handler = [](int) { alarms++; };
  CHECK(::sigaction(SIGALRM, &action, nullptr) == 0);
  const itimerval often{{0, 10'000}, {0, 10'000}};
  CHECK(::setitimer(ITIMER_REAL, &often, nullptr) == 0);
  CHECK(test::round_trip(device, 2));
  const itimerval never{};
  CHECK(::setitimer(ITIMER_REAL, &never, nullptr) == 0);
  CHECK(alarms > 0);
}

/// Another thread ends a wait, which the driver alone would not.
void test_stop(const test::CardUnderTest& card, catapult::Device& device) {
  const test::FaultInCard fault(card, "timeout");
  const auto id = test::send(device, 1, 1);
  std::atomic<bool> stop{false};
  std::thread other([&] {
    if (!card.becomes("waiting", "1")) return;
    stop = true;
    device.slots().wake(1);
  });
  CHECK_ERROR(cancelled, card.node(),
              device.role().receive(1, id, catapult::DriverCalls::Clock::now() + test::kPatience, stop));
  other.join();
  device.reset();
  CHECK(test::round_trip(device, 2));
}

}  // namespace

void test_faults(const test::CardUnderTest& card) {
  catapult::Device device(catapult::kernel_calls(), card.options(2));
  test_timeout(card, device);
  test_exception(card, device);
  test_late_completion(card, device);
  test_stale_completion(card, device);
  test_signals(card, device);
  test_stop(card, device);
}
