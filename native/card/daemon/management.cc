#include "management.h"

#include <cerrno>

namespace card {

Management::Management(const CallReplies& replies, catapult::SlotConfig slots)
    : replies_(replies), slots_(slots), memory_(make_window_file()) {}

void Management::called(std::uint64_t request, std::uint32_t command) const {
  const auto reply = [&](const auto& answer) { replies_.reply_call(request, std::as_bytes(std::span(&answer, 1))); };
  switch (command) {
    case catapult::kGetDriverVersion: return reply(kDriverVersion);
    case catapult::kGetSlotConfig: return reply(slots_);
    case catapult::kGetRegisterInfo: return reply(register_info());
    case catapult::kInterruptDisable:
    case catapult::kInterruptEnable: return replies_.reply_call(request, {});
    default: return replies_.refuse(request, EINVAL);
  }
}

}  // namespace card
