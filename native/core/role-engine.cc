#include "role-engine.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "device-error.h"
#include "image-file.h"
#include "probe.h"

namespace catapult {
namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t kWeightsReserve = 1024;  // a request of weights is this much smaller than a slot
constexpr milliseconds kEmptying{2'000};

Description describe(Device& device, bool is_hardware) {
  return {device.node().path(),
          is_hardware,
          version_text(device.node().version()),
          device.slots().used(),
          device.slots().bytes_per_slot(),
          device.identity(),
          {}};
}

Status status_of(std::uint32_t result) {
  switch (result) {
    case ES_ROLE_OCCUPIED: return Status::busy;
    case ES_ROLE_INCOMPATIBLE: return Status::incompatible;
    case ES_ROLE_BAD_IMAGE: return Status::invalid;
    default: return Status::fault;
  }
}

const char* text_of(std::uint32_t result) {
  switch (result) {
    case ES_ROLE_OUT_OF_ORDER: return "it holds no network, or is not where the host thinks";
    case ES_ROLE_OCCUPIED: return "it holds a network, or something runs";
    case ES_ROLE_INCOMPATIBLE: return "the network needs more than the card has";
    case ES_ROLE_BAD_IMAGE: return "the image has another digest, or is no network that can be run";
    case ES_ROLE_EXCEPTION: return "the processor stopped";
    case ES_ROLE_COMPUTE_LOST: return "what computes is gone, and the network with it";
    default: return "the message is wrong";
  }
}

void expect_ok(const std::string& path, const char* what, const es_role_answer& header) {
  if (header.result == ES_ROLE_OK) return;
  throw DeviceError(status_of(header.result), path + ": " + what + ": " + role_result_name(header.result) + ": " +
                                                  text_of(header.result));
}

const char* operation_name(std::uint16_t operation) {
  switch (operation) {
    case ES_ROLE_STATUS: return "status";
    case ES_ROLE_FIRMWARE: return "firmware";
    case ES_ROLE_INIT: return "init";
    case ES_ROLE_WEIGHTS: return "weights";
    case ES_ROLE_EXECUTE: return "run";
    case ES_ROLE_UNLOAD: return "unload";
    case ES_ROLE_LOOPBACK: return "loopback";
    default: return "request";
  }
}

/// Requests one after the other in one slot, as a load makes them.
class Conversation {
 public:
  Conversation(Device& device, std::uint32_t slot, Deadline deadline, const Stop& stop)
      : device_(device), slot_(slot), deadline_(deadline), stop_(stop) {}

  es_role_answer ask(es_role_operation operation, std::size_t bytes = 0, std::uint64_t argument = 0) {
    if (stop_) throw DeviceError(Status::cancelled, device_.node().path() + ": given up");
    const auto id = device_.role().send(slot_, operation, static_cast<std::uint32_t>(bytes), argument);
    under_way_ = true;
    const es_role_answer header = device_.role().receive(slot_, id, deadline_, stop_).header;
    under_way_ = false;
    device_.role().discard(slot_);
    expect_ok(device_.node().path(), operation_name(header.operation), header);
    requests_++;
    return header;
  }

  template <typename Message>
  void put(const Message& message) const {
    std::memcpy(payload().data(), &message, sizeof message);
  }
  std::span<std::byte> payload() const { return device_.role().payload(slot_); }

  /// A request is with the card whose answer nobody waits for any more.
  bool under_way() const { return under_way_; }
  std::uint32_t requests() const { return requests_; }

 private:
  Device& device_;
  const std::uint32_t slot_;
  const Deadline deadline_;
  const Stop& stop_;
  bool under_way_ = false;
  std::uint32_t requests_ = 0;
};

/// Firmware, init, weights; the last answer, which comes when the network is ready.
es_role_answer upload(Conversation& card, const Network& network, const ImageFile& file) {
  card.put(network.firmware);
  card.ask(ES_ROLE_FIRMWARE, sizeof network.firmware);
  es_role_image image{network.bytes, {}};
  std::copy(network.sha256.begin(), network.sha256.end(), image.sha256);
  card.put(image);
  card.ask(ES_ROLE_INIT, sizeof image);
  const std::uint64_t most = card.payload().size() + sizeof(es_role_request) - kWeightsReserve;
  es_role_answer last{};
  for (std::uint64_t offset = 0; offset < network.bytes;) {
    const auto part = card.payload().first(static_cast<std::size_t>(std::min(most, network.bytes - offset)));
    file.read(part, offset);
    last = card.ask(ES_ROLE_WEIGHTS, part.size(), offset);
    offset += part.size();
  }
  return last;
}

}  // namespace

RoleEngine::RoleEngine(DriverCalls& calls, const DeviceOptions& options, bool is_hardware)
    : calls_(calls), device_(calls, options), description_(describe(device_, is_hardware)) {}

void RoleEngine::expect_role() const {
  if (!description_.is_hardware) return;
  throw DeviceError(Status::not_supported,
                    description_.path + " runs no model without its vendor's library: the request format of its "
                                        "processor is not public");
}

std::span<const std::byte> RoleEngine::output(std::uint32_t slot) const {
  return device_.slots().output(slot).subspan(sizeof(es_role_answer));
}

std::uint64_t RoleEngine::start(std::uint32_t slot, Work work, std::size_t bytes, std::uint64_t argument,
                                milliseconds) {
  expect_role();
  constexpr es_role_operation operations[] = {ES_ROLE_EXECUTE, ES_ROLE_LOOPBACK, ES_ROLE_STATUS};
  const auto operation = operations[static_cast<std::size_t>(work)];
  return device_.role().send(slot, operation, static_cast<std::uint32_t>(bytes), argument);
}

Answer RoleEngine::finish(std::uint32_t slot, std::uint64_t id, Deadline deadline, const Stop& stop) {
  const RoleAnswer answer = device_.role().receive(slot, id, deadline, stop);
  expect_ok(description_.path, operation_name(answer.header.operation), answer.header);
  return {answer.payload.size(), answer.header.modelled_ns, answer.header.measured_ns};
}

LoadReport RoleEngine::load(std::uint32_t slot, const Network& network, Deadline deadline, const Stop& stop) {
  expect_role();
  const ImageFile file(network);
  Conversation card(device_, slot, deadline, stop);
  try {
    const es_role_answer ready = upload(card, network, file);
    return {input_of(network.firmware), output_of(network.firmware), ready.modelled_ns, ready.measured_ns,
            card.requests()};
  } catch (const DeviceError& error) {
    if (error.status() == Status::timeout || error.status() == Status::fault || error.status() == Status::lost) throw;
    if (card.under_way()) {
      reset();
    } else {
      const Stop no{false};
      Conversation(device_, slot, calls_.now() + kEmptying, no).ask(ES_ROLE_UNLOAD);
    }
    throw;
  }
}

void RoleEngine::unload(std::uint32_t slot, Deadline deadline, const Stop& stop) {
  expect_role();
  Conversation(device_, slot, deadline, stop).ask(ES_ROLE_UNLOAD);
}

}  // namespace catapult
