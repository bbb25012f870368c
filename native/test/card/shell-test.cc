// What the card's shell tells: heat, memory errors, and registers of a card that has left the bus.
#include "../check.h"
#include "../expect-error.h"
#include "card-under-test.h"
#include "round-trip.h"

namespace {

using catapult::Severity;
using std::chrono::milliseconds;

void test_heat(const test::CardUnderTest& card, catapult::Device& device) {
  {
    const test::FaultInCard warm(card, "temperature 96");
    CHECK(device.health().severity == Severity::warning);
    CHECK(device.health().text == "temperature warning: 96 degrees Celsius");
    CHECK(test::round_trip(device, 1));
  }
  {
    const test::FaultInCard hot(card, "temperature 101");
    CHECK(device.health().severity == Severity::transient);
    CHECK(device.health().text.starts_with("too hot, the card has shut the role down"));
    const auto id = test::send(device, 0, 2);
    CHECK_ERROR(timeout, card.node(), test::answered(device, 0, id, 2, milliseconds(100)));
  }
  device.reset();
  CHECK(device.health().severity == Severity::ok && device.health().temperature_maximum == 101);
  CHECK(test::round_trip(device, 3));
}

void test_memory_errors(const test::CardUnderTest& card, catapult::Device& device) {
  const test::FaultInCard fault(card, "ecc 5");
  CHECK(device.health().severity == Severity::warning && device.health().memory_errors == 5);
  CHECK(test::round_trip(device, 1));
}

/// All ones: a wait ends as lost within a slice, though its own bound is far away, and so does a reset.
void test_gone(const test::CardUnderTest& card, catapult::Device& device) {
  {
    const test::FaultInCard gone(card, "gone 1");
    const auto id = test::send(device, 0, 1);
    CHECK_ERROR(lost, card.node() + ": the registers read all ones", test::answered(device, 0, id, 1));
    CHECK(device.health().severity == Severity::unknown);
    CHECK_ERROR(lost, card.node() + ": the registers read all ones", device.reset());
  }
  device.reset();
  CHECK(test::round_trip(device, 2));
}

}  // namespace

void test_shell(const test::CardUnderTest& card) {
  catapult::Device device(catapult::kernel_calls(), card.options(3));
  test_heat(card, device);
  test_memory_errors(card, device);
  test_gone(card, device);
}

void test_shell_of_a_card_that_is_gone(const test::CardUnderTest& card) {
  const test::FaultInCard gone(card, "gone 1");
  CHECK_ERROR(lost, card.node() + ": the registers read all ones",
              catapult::Device(catapult::kernel_calls(), card.options(3)));
  CHECK(card.becomes("slotsOwned", "0") && card.becomes("openFiles", "0"));
}
