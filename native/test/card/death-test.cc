// The card's process is killed in a run: its owner learns it within a wait's slice. The last test, there is no card after.
#include <signal.h>

#include <stdexcept>
#include <string>

#include "../check.h"
#include "../expect-error.h"
#include "card-under-test.h"
#include "round-trip.h"

void test_death(const test::CardUnderTest& card) {
  const auto pid = static_cast<pid_t>(std::stol(card.status("pid")));
  catapult::Device device(catapult::kernel_calls(), card.options(8));
  card.ask("fault timeout");
  const auto first = test::send(device, 0, 1);
  const auto second = test::send(device, 1, 2);
  CHECK(::kill(pid, SIGKILL) == 0);
  // ECONNABORTED for the call that is under way, ENOTCONN for those that come after.
  CHECK_ERROR(lost, card.node() + ": WAIT_SLOT_EVENT: E", test::answered(device, 0, first, 1));
  CHECK_ERROR(lost, card.node(), test::answered(device, 1, second, 2));
  CHECK_ERROR(lost, card.node(), device.reset());
}
