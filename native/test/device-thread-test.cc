#include "../core/device-thread.h"

#include <cstring>
#include <future>

#include "../core/role-engine.h"
#include "check.h"
#include "expect-error.h"
#include "fake-card.h"
#include "role-answer.h"
#include "temporary-tree.h"

namespace {

using catapult::Outcome;
using catapult::SlotLease;
using catapult::Status;
using std::chrono::milliseconds;

constexpr milliseconds kTimeout{1000};

void answer_when_full(test::FakeCard& card, std::uint32_t slot) {
  if (std::atomic_ref(card.control(slot).full).load() == 1) test::answer(card, slot);
}

template <typename T>
std::pair<std::function<void(SlotLease, T)>, std::future<std::pair<SlotLease, T>>> waiting_for() {
  auto promise = std::make_shared<std::promise<std::pair<SlotLease, T>>>();
  auto future = promise->get_future();
  return {[promise](SlotLease slot, T value) { promise->set_value({std::move(slot), std::move(value)}); },
          std::move(future)};
}

struct Host {
  using Sent = std::future<std::pair<SlotLease, Outcome>>;
  using Wanted = std::future<std::pair<SlotLease, std::exception_ptr>>;

  explicit Host(test::FakeCard& card) {
    tree.file("sysfs/function_type", "role");
    catapult::DeviceOptions options;
    options.path = "catapult0";
    options.sysfs = tree.path("sysfs");
    options.epoch = 3;
    thread.emplace(std::make_unique<catapult::RoleEngine>(card, options, false));
  }
  SlotLease slot() {
    return thread->take_slot([](SlotLease, std::exception_ptr) {});
  }
  Wanted want_slot() {
    auto [granted, future] = waiting_for<std::exception_ptr>();
    CHECK(!static_cast<bool>(thread->take_slot(granted)));
    return std::move(future);
  }
  Sent send(SlotLease slot, std::uint32_t number) {
    auto [done, future] = waiting_for<Outcome>();
    thread->with_input(slot, [&](std::span<std::byte> memory) { std::memcpy(memory.data(), &number, sizeof number); });
    thread->loop_back(std::move(slot), sizeof number, sizeof number, kTimeout, done);
    return std::move(future);
  }
  Sent send(std::uint32_t number) { return send(slot(), number); }
  bool is_number(const std::pair<SlotLease, Outcome>& back, std::uint32_t number) {
    std::uint32_t found = ~number;
    if (back.second.error || back.second.answer.bytes != sizeof found) return false;
    thread->with_output(back.first, [&](std::span<const std::byte> memory) {
      std::memcpy(&found, memory.data(), sizeof found);
    });
    return found == number;
  }
  Outcome reset() {
    auto [done, future] = waiting_for<Outcome>();
    thread->reset(done);
    return future.get().second;
  }
  test::TemporaryTree tree;
  std::optional<catapult::DeviceThread> thread;
};

std::string failure_of(Status status, const std::exception_ptr& error) {
  return test::error_text(status, [&] {
    if (error) std::rethrow_exception(error);
  });
}

// Two slots in turn: while one answer is waited for and read, the next request is with the card already.
void test_many_requests() {
  test::FakeCard card;
  card.role = answer_when_full;
  Host host(card);
  int right = 0;
  auto sent = host.send(0);
  for (std::uint32_t i = 1; i <= 1000; i++) {
    auto next = host.send(i);
    right += host.is_number(sent.get(), i - 1);
    sent = std::move(next);
  }
  CHECK(right == 1000);
  CHECK(host.is_number(sent.get(), 1000));
  const auto counters = host.thread->counters();
  CHECK(counters.stale_answers == 0 && counters.failures == 0 && counters.waiting == 0 && counters.in_use == 0);
}

// Who comes when all slots are in use gets the first that is given back; only so many may wait.
void test_waiting_for_a_slot() {
  test::FakeCard card;
  card.role = answer_when_full;
  Host host(card);
  SlotLease one = host.slot();
  SlotLease two = host.slot();
  CHECK(one && two && one.slot() != two.slot());
  auto first = host.want_slot();
  auto second = host.want_slot();
  CHECK_ERROR(again, "catapult0: 2 requests wait for a slot already", host.slot());
  CHECK(host.thread->counters().waiting == 2 && host.thread->counters().in_use == 2);
  const std::uint32_t number = two.slot();
  two = {};
  auto [slot, error] = first.get();
  CHECK(slot && slot.slot() == number && !error);
  one = {};
  CHECK(static_cast<bool>(second.get().first));
  CHECK(host.is_number(host.send(std::move(slot), 6).get(), 6));
  CHECK(host.thread->counters().in_use == 0);
}

void test_what_is_refused() {
  test::FakeCard card;
  Host host(card);
  const auto nobody = [](SlotLease, Outcome) {};
  CHECK_ERROR(invalid, "catapult0 holds no network", host.thread->loaded());
  CHECK_ERROR(invalid, "catapult0 holds another network by now",
              host.thread->run(host.slot(), std::make_shared<catapult::Loaded>(), kTimeout, nobody));
  CHECK_ERROR(invalid, "input: expected at most 8128 bytes, what a slot holds, found 8129",
              host.thread->loop_back(host.slot(), 8129, 1, kTimeout, nobody));
  CHECK_ERROR(invalid, "output: expected at most 8128 bytes, what a slot holds, found 9000",
              host.thread->loop_back(host.slot(), 1, 9000, kTimeout, nobody));
  CHECK(host.thread->counters().in_use == 0);
}

// One timeout makes the card's state unknown: all that is under way fails, and nothing goes in before a reset.
void test_failure_and_reset() {
  test::FakeCard card;
  std::atomic<bool> answers{false};
  card.role = [&](test::FakeCard& now, std::uint32_t slot) {
    if (answers) answer_when_full(now, slot);
  };
  Host host(card);
  SlotLease held = host.slot();
  card.clock_stands = true;
  auto first = host.send(1);
  auto wanted = host.want_slot();
  card.clock_stands = false;
  CHECK(failure_of(Status::timeout, first.get().second.error).starts_with("catapult0: no answer from slot 1 in time"));
  CHECK(failure_of(Status::timeout, wanted.get().second).starts_with("catapult0: no answer from slot 1 in time"));
  CHECK_ERROR(fault, "catapult0 failed and was not reset", host.slot());
  CHECK_ERROR(fault, "catapult0 failed and was not reset", host.send(std::move(held), 2));
  card.script(catapult::kResetSlotEvent, {ENOTCONN});
  CHECK(failure_of(Status::lost, host.reset().error).starts_with("catapult0: RESET_SLOT_EVENT: ENOTCONN"));
  CHECK_ERROR(fault, "catapult0 failed and was not reset", host.slot());
  answers = true;
  CHECK(!host.reset().error);
  auto third = host.send(3);
  auto fourth = host.send(4);
  CHECK(host.is_number(third.get(), 3));
  CHECK(host.is_number(fourth.get(), 4));
  CHECK(host.thread->counters().resets == 1 && host.thread->counters().failures == 2);
}

void test_an_answer_of_another_size() {
  test::FakeCard card;
  card.role = answer_when_full;
  Host host(card);
  auto [done, sent] = waiting_for<Outcome>();
  host.thread->loop_back(host.slot(), 4, 8, kTimeout, done);
  CHECK(failure_of(Status::fault, sent.get().second.error) == "catapult0: expected an answer of 8 bytes, found 4 bytes");
}

// The fake clock stands still in a wait that never ends by itself, as a long request does: only `close` ends it.
void test_close() {
  test::FakeCard card;
  Host host(card);
  card.clock_stands = true;
  auto first = host.send(1);
  auto second = host.send(2);
  auto wanted = host.want_slot();
  host.thread->close();
  CHECK(failure_of(Status::cancelled, first.get().second.error).starts_with("catapult0"));
  auto [slot, outcome] = second.get();
  CHECK(failure_of(Status::cancelled, outcome.error).starts_with("catapult0"));
  CHECK(failure_of(Status::cancelled, wanted.get().second) == "catapult0 is closed");
  CHECK(card.descriptors == 0 && card.mappings == 0);
  CHECK_ERROR(cancelled, "catapult0 is closed", host.slot());
  CHECK_ERROR(cancelled, "catapult0 is closed", host.thread->with_input(slot, [](auto) {}));
  CHECK_ERROR(cancelled, "catapult0 is closed", host.thread->reset({}));
  CHECK_ERROR(cancelled, "catapult0 is closed", host.thread->health());
  host.thread->close();
}

}  // namespace

void test_device_thread() {
  test_many_requests();
  test_waiting_for_a_slot();
  test_what_is_refused();
  test_failure_and_reset();
  test_an_answer_of_another_size();
  test_close();
}
