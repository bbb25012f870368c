#include "settle.h"

#include <string>

#include "device-error.h"

namespace catapult {
namespace {

void wait_for_quiet(DriverCalls& calls, const Slots& slots, const Registers& registers, const SettleOptions& options) {
  const auto start = calls.now();
  auto last = slots.flags();
  auto since = start;
  while (calls.now() - since < options.still) {
    if (calls.now() - start >= options.limit) {
      throw DeviceError(Status::timeout, "the card did not become quiet within " +
                                             std::to_string(options.limit.count()) + " ms");
    }
    registers.expect_present();
    calls.sleep(options.period);
    auto flags = slots.flags();
    if (flags == last) continue;
    last = std::move(flags);
    since = calls.now();
  }
}

/// The bit holds the role in reset; events are reset meanwhile, so that none of before remains.
void reset_role(const Slots& slots, Registers& registers) {
  const std::uint32_t control = registers.shell(kShellControl) & ~kControlRoleReset;
  registers.write_shell(kShellControl, control | kControlRoleReset);
  try {
    slots.reset_events();
  } catch (...) {
    registers.write_shell(kShellControl, control);
    throw;
  }
  registers.write_shell(kShellControl, control);
}

}  // namespace

void settle(DriverCalls& calls, Slots& slots, Registers& registers, const SettleOptions& options) {
  registers.expect_present();
  slots.reset_events();
  slots.clear_flags();
  wait_for_quiet(calls, slots, registers, options);
  reset_role(slots, registers);
  slots.clear_flags();
}

}  // namespace catapult
