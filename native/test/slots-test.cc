#include <atomic>
#include <cstring>

#include "../core/request-id.h"
#include "../core/settle.h"
#include "../core/slots.h"
#include "check.h"
#include "expect-error.h"
#include "fake-card.h"

namespace {

using std::chrono::milliseconds;

struct Opened {
  explicit Opened(test::FakeCard& card, std::uint32_t used = 2)
      : node(card, "catapult0"), registers(node), slots(node, registers, used) {}
  catapult::DeviceNode node;
  catapult::Registers registers;
  catapult::Slots slots;
  std::atomic<bool> stop{false};
};

void echo(test::FakeCard& card, std::uint32_t slot) {
  if (card.control(slot).full == 0) return;
  std::memcpy(card.output(slot), card.input(slot), 64);
  card.complete(slot, 64);
}

void test_round_trip() {
  test::FakeCard card;
  card.role = echo;
  {
    Opened host(card);
    for (std::uint8_t i = 0; i < 20; i++) {
      const std::uint32_t slot = i % 2;
      std::memset(host.slots.input(slot).data(), i, 64);
      host.slots.send(slot, 64);
      CHECK(card.control(slot).full == 1 && card.word(slot << 8 | 4) == (0x80000000u | 4));
      const auto output = host.slots.wait(slot, card.now() + milliseconds(1000), host.stop);
      CHECK(output.size() == 64 && output[0] == std::byte{i} && output[63] == std::byte{i});
      host.slots.discard(slot);
      CHECK(card.control(slot).done == 0);
    }
    CHECK(host.slots.spurious_events() == 0);
    CHECK(card.mappings == 3 + 4);  // registers, control, results, two slots
  }
  CHECK(card.mappings == 0 && card.descriptors == 0);
  CHECK(card.calls[catapult::kReleaseSlotRange] == 1);
}

void test_sizes() {
  test::FakeCard card;
  Opened host(card);
  for (const std::uint32_t bytes : {0u, 16u, 33u, 8208u}) {
    CHECK_ERROR(invalid, "message: expected a multiple of 16 bytes from 32 to 8192, found", host.slots.send(0, bytes));
  }
  CHECK(card.control(0).full == 0);
  host.slots.send(0, 8192);
  CHECK_ERROR(busy, "catapult0: slot 0 is still full", host.slots.send(0, 32));
  card.complete(0, 8193);
  CHECK_ERROR(fault, "catapult0: slot 0 answers 8193 bytes, more than it holds",
              host.slots.wait(0, card.now() + milliseconds(10), host.stop));
}

void test_acquisition() {
  test::FakeCard card;
  card.foreign_owner = true;
  CHECK_ERROR(busy, "catapult0: ACQUIRE_SLOT_RANGE: EBUSY", Opened{card});
  card.foreign_owner = false;
  card.map_error = ENOMEM;
  CHECK_ERROR(no_memory, "catapult0: mapping the input slot: ENOMEM", Opened{card});
  CHECK(card.calls[catapult::kReleaseSlotRange] == 1 && card.mappings == 0);
  card.map_error = 0;
  CHECK_ERROR(invalid, "slots: expected 1 to 4, found 5", Opened(card, 5));
  card.script(catapult::kAcquireSlotRange, {EINTR, EINTR, ENOSPC});
  CHECK_ERROR(busy, "catapult0: ACQUIRE_SLOT_RANGE: ENOSPC", Opened{card});
  card.script(catapult::kAcquireSlotRange, {EINTR});
  Opened host(card);
  CHECK(host.slots.used() == 2);
}

// A signal is no answer and no failure; the deadline holds through them.
void test_signals_and_timeout() {
  test::FakeCard card;
  Opened host(card);
  card.script(catapult::kWaitSlotEvent, {EINTR, EAGAIN, EINTR});
  host.slots.send(0, 32);
  const auto start = card.elapsed();
  CHECK_ERROR(timeout, "catapult0: no answer from slot 0 in time",
              host.slots.wait(0, card.now() + milliseconds(1010), host.stop));
  CHECK(card.elapsed() - start == 1010);
  CHECK(card.calls[catapult::kWaitSlotEvent] == 3 + 5);  // slices of 250 ms, and the rest

  card.script(catapult::kWaitSlotEvent, {ENOTCONN});
  CHECK_ERROR(lost, "catapult0: WAIT_SLOT_EVENT: ENOTCONN",
              host.slots.wait(0, card.now() + milliseconds(10), host.stop));
  card.vanish();
  CHECK_ERROR(lost, "catapult0: the registers read all ones",
              host.slots.wait(0, card.now() + milliseconds(5000), host.stop));
}

// What a killed owner left: an event without an answer. It is forgotten, the true answer is still seen.
void test_spurious_events() {
  test::FakeCard card;
  Opened host(card);
  for (int i = 0; i < 3; i++) card.count_event(0);
  int looks = 0;
  card.meanwhile = [&](test::FakeCard& now) {
    if (++looks == 3) now.complete(0, 32);
  };
  host.slots.send(0, 32);
  CHECK(host.slots.wait(0, card.now() + milliseconds(1000), host.stop).size() == 32);
  CHECK(host.slots.spurious_events() == 1);

  // A completion whose interrupt was lost costs one slice, not the request.
  host.slots.discard(0);
  card.meanwhile = [&](test::FakeCard& now) {
    if (now.control(0).full == 1) now.complete(0, 48, false);
  };
  host.slots.send(0, 32);
  CHECK(host.slots.wait(0, card.now() + milliseconds(1000), host.stop).size() == 48);
}

void test_stop() {
  test::FakeCard card;
  Opened host(card);
  host.slots.send(0, 32);
  card.meanwhile = [&](test::FakeCard& now) {
    host.stop = true;
    now.count_event(0);
  };
  CHECK_ERROR(cancelled, "catapult0: the wait was given up",
              host.slots.wait(0, card.now() + milliseconds(1000), host.stop));
  CHECK(card.elapsed() == 0);
}

void test_request_ids() {
  catapult::RequestIds ids(7);
  CHECK(ids.next() == 0x0000000700000001);
  CHECK(ids.next() == 0x0000000700000002);
  CHECK(catapult::RequestIds(8).next() != catapult::RequestIds(7).next());
}

void test_settle() {
  test::FakeCard card;
  Opened host(card);
  card.shell(catapult::kShellControl) = catapult::kControlDmaEnable;
  card.control(3).done = 1;  // of a slot that we do not even use
  card.control(2).full = 1;
  card.count_event(1);
  int late = 2;  // completions of a dead owner, 40 ms apart
  card.meanwhile = [&](test::FakeCard& now) {
    if (now.elapsed() % 40 != 0 || late == 0) return;
    now.complete(1, 64);
    now.control(1).done += static_cast<std::uint32_t>(late--);
  };
  catapult::settle(card, host.slots, host.registers, {});
  CHECK(card.elapsed() == 80 + 50);
  for (const std::uint32_t flag : host.slots.flags()) CHECK(flag == 0);
  CHECK(card.resets == 1);
  CHECK(card.shell(catapult::kShellControl) == catapult::kControlDmaEnable);
  host.slots.send(1, 32);
  CHECK_ERROR(timeout, "catapult0: no answer", host.slots.wait(1, card.now() + milliseconds(5), host.stop));
  CHECK(host.slots.spurious_events() == 0);
}

void test_never_quiet() {
  test::FakeCard card;
  Opened host(card);
  card.meanwhile = [](test::FakeCard& now) { now.control(0).done ^= 1; };
  CHECK_ERROR(timeout, "the card did not become quiet within 10000 ms",
              catapult::settle(card, host.slots, host.registers, {}));
  CHECK(card.elapsed() == 10000 && card.resets == 0);
  card.meanwhile = [](test::FakeCard& now) { now.vanish(); };
  CHECK_ERROR(lost, "catapult0: the registers read all ones",
              catapult::settle(card, host.slots, host.registers, {}));
}

}  // namespace

void test_slots() {
  test_round_trip();
  test_sizes();
  test_acquisition();
  test_signals_and_timeout();
  test_spurious_events();
  test_stop();
  test_request_ids();
  test_settle();
  test_never_quiet();
}
