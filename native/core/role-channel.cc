#include "role-channel.h"

#include <cstring>
#include <string>

#include "device-error.h"

namespace catapult {
namespace {

constexpr std::uint32_t padded(std::size_t bytes) {
  return static_cast<std::uint32_t>((bytes + kSendUnit - 1) / kSendUnit * kSendUnit);
}

[[noreturn]] void refuse(std::uint32_t slot, const std::string& text) {
  throw DeviceError(Status::fault, "the answer in slot " + std::to_string(slot) + " " + text);
}

}  // namespace

const char* role_result_name(std::uint32_t result) {
  switch (result) {
    case ES_ROLE_OK: return "OK";
    case ES_ROLE_BAD_MESSAGE: return "BAD_MESSAGE";
    case ES_ROLE_BAD_SIZE: return "BAD_SIZE";
    case ES_ROLE_OUT_OF_ORDER: return "OUT_OF_ORDER";
    case ES_ROLE_OCCUPIED: return "OCCUPIED";
    case ES_ROLE_INCOMPATIBLE: return "INCOMPATIBLE";
    case ES_ROLE_BAD_IMAGE: return "BAD_IMAGE";
    case ES_ROLE_EXCEPTION: return "EXCEPTION";
    case ES_ROLE_COMPUTE_LOST: return "COMPUTE_LOST";
    default: return "UNKNOWN";
  }
}

std::uint64_t RoleChannel::send(std::uint32_t slot, es_role_operation operation, std::uint32_t payload_bytes,
                                std::uint64_t argument) {
  const auto payload = this->payload(slot);
  if (payload_bytes > payload.size()) {
    throw DeviceError(Status::invalid, "payload: expected at most " + std::to_string(payload.size()) +
                                           " bytes, found " + std::to_string(payload_bytes));
  }
  es_role_request request{};
  request.magic = ES_ROLE_REQUEST_MAGIC;
  request.version = ES_ROLE_VERSION;
  request.operation = static_cast<std::uint16_t>(operation);
  request.request_id = ids_.next();
  request.payload_bytes = payload_bytes;
  request.argument = argument;
  std::memcpy(slots_.input(slot).data(), &request, sizeof request);
  const std::uint32_t whole = padded(payload_bytes);
  std::memset(payload.data() + payload_bytes, 0, whole - payload_bytes);
  slots_.send(slot, static_cast<std::uint32_t>(sizeof request) + whole);
  return request.request_id;
}

RoleAnswer RoleChannel::receive(std::uint32_t slot, std::uint64_t id, DriverCalls::Clock::time_point deadline,
                                const std::atomic<bool>& stop) {
  for (;;) {
    const auto output = slots_.wait(slot, deadline, stop);
    RoleAnswer answer{};
    if (output.size() < sizeof answer.header) refuse(slot, "has no header");
    std::memcpy(&answer.header, output.data(), sizeof answer.header);
    if (answer.header.magic != ES_ROLE_ANSWER_MAGIC || answer.header.version != ES_ROLE_VERSION) {
      refuse(slot, "is not of this protocol");
    }
    if (answer.header.request_id != id) {
      stale_answers_++;
      slots_.discard(slot);
      continue;
    }
    if (answer.header.payload_bytes > output.size() - sizeof answer.header) {
      refuse(slot, "is shorter than its payload of " + std::to_string(answer.header.payload_bytes) + " bytes");
    }
    answer.payload = output.subspan(sizeof answer.header, answer.header.payload_bytes);
    return answer;
  }
}

}  // namespace catapult
