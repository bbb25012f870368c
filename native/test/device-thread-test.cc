#include "../core/device-thread.h"

#include <cstring>
#include <future>

#include "check.h"
#include "expect-error.h"
#include "fake-card.h"
#include "role-answer.h"
#include "temporary-tree.h"

namespace {

using catapult::Outcome;
using catapult::Status;
using std::chrono::milliseconds;

constexpr milliseconds kTimeout{1000};

void answer_when_full(test::FakeCard& card, std::uint32_t slot) {
  if (std::atomic_ref(card.control(slot).full).load() == 1) test::answer(card, slot);
}

struct Host {
  explicit Host(test::FakeCard& card) {
    tree.file("sysfs/function_type", "role");
    catapult::DeviceOptions options;
    options.path = "catapult0";
    options.sysfs = tree.path("sysfs");
    options.epoch = 3;
    device.emplace(card, options);
    thread.emplace(*device);
  }
  struct Sent {
    std::uint64_t id;
    std::future<Outcome> outcome;
  };
  Sent send(std::uint32_t slot, std::uint32_t number) {
    std::memcpy(device->role().payload(slot).data(), &number, sizeof number);
    auto promise = std::make_shared<std::promise<Outcome>>();
    auto future = promise->get_future();
    const auto id = thread->submit(slot, ES_ROLE_LOOPBACK, sizeof number, 0, kTimeout,
                                   [promise](Outcome outcome) { promise->set_value(std::move(outcome)); });
    return {id, std::move(future)};
  }
  Outcome reset() {
    auto promise = std::make_shared<std::promise<Outcome>>();
    auto future = promise->get_future();
    thread->reset([promise](Outcome outcome) { promise->set_value(std::move(outcome)); });
    return future.get();
  }
  test::TemporaryTree tree;
  std::optional<catapult::Device> device;
  std::optional<catapult::DeviceThread> thread;
};

std::string failure_of(Status status, const Outcome& outcome) {
  return test::error_text(status, [&] {
    if (outcome.error) std::rethrow_exception(outcome.error);
  });
}

bool is_number(const Outcome& outcome, std::uint32_t number) {
  return !outcome.error && outcome.answer.payload.size() == sizeof number &&
         std::memcmp(outcome.answer.payload.data(), &number, sizeof number) == 0;
}

// Two slots in turn: while one answer is waited for and read, the next request is with the card already.
void test_many_requests() {
  test::FakeCard card;
  card.role = answer_when_full;
  Host host(card);
  int right = 0;
  auto sent = host.send(0, 0);
  for (std::uint32_t i = 1; i <= 1000; i++) {
    auto next = host.send(i % 2, i);
    right += is_number(sent.outcome.get(), i - 1);
    host.thread->discard((i - 1) % 2, sent.id);
    sent = std::move(next);
  }
  CHECK(right == 1000);
  CHECK(is_number(sent.outcome.get(), 1000));
  CHECK(host.device->role().stale_answers() == 0);
}

void test_one_request_in_a_slot() {
  test::FakeCard card;
  card.role = answer_when_full;
  Host host(card);
  auto sent = host.send(1, 5);
  CHECK(is_number(sent.outcome.get(), 5));
  CHECK_ERROR(again, "slot 1 is in use", host.send(1, 6));
  host.thread->discard(1, sent.id + 1);
  CHECK_ERROR(again, "slot 1 is in use", host.send(1, 6));
  host.thread->discard(1, sent.id);
  CHECK(is_number(host.send(1, 6).outcome.get(), 6));
  CHECK_ERROR(invalid, "slot: expected one below 2, found 2", host.thread->submit(2, ES_ROLE_STATUS, 0, 0, kTimeout, {}));
}

// One timeout makes the card's state unknown: all that is under way fails, and nothing goes in before a reset.
void test_failure_and_reset() {
  test::FakeCard card;
  std::atomic<bool> answers{false};
  card.role = [&](test::FakeCard& now, std::uint32_t slot) {
    if (answers) answer_when_full(now, slot);
  };
  Host host(card);
  auto first = host.send(0, 1);
  CHECK(failure_of(Status::timeout, first.outcome.get()).starts_with("catapult0: no answer from slot 0 in time"));
  CHECK_ERROR(fault, "catapult0 failed and was not reset", host.send(1, 2));
  card.script(catapult::kResetSlotEvent, {ENOTCONN});
  CHECK(failure_of(Status::lost, host.reset()).starts_with("catapult0: RESET_SLOT_EVENT: ENOTCONN"));
  CHECK_ERROR(fault, "catapult0 failed and was not reset", host.send(1, 2));
  answers = true;
  CHECK(!host.reset().error);
  host.thread->discard(0, first.id);
  CHECK(is_number(host.send(0, 3).outcome.get(), 3));
  CHECK(is_number(host.send(1, 4).outcome.get(), 4));
}

// The fake clock stands still in a wait that never ends by itself, as a long request does: only `close` ends it.
void test_close() {
  test::FakeCard card;
  Host host(card);
  card.clock_stands = true;
  auto first = host.send(0, 1);
  auto second = host.send(1, 2);
  host.thread->close();
  CHECK(failure_of(Status::cancelled, first.outcome.get()).starts_with("catapult0"));
  CHECK(failure_of(Status::cancelled, second.outcome.get()).starts_with("catapult0"));
  CHECK_ERROR(cancelled, "catapult0 is closed", host.send(0, 3));
  CHECK_ERROR(cancelled, "catapult0 is closed", host.thread->reset({}));
  host.thread->close();
}

}  // namespace

void test_device_thread() {
  test_many_requests();
  test_one_request_in_a_slot();
  test_failure_and_reset();
  test_close();
}
