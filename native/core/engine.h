// What carries requests to a card and answers back: the role's own messages, or a vendor's library.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "card-tensor.h"
#include "driver-calls.h"
#include "network.h"
#include "shell-health.h"
#include "sysfs.h"

namespace catapult {

using Deadline = DriverCalls::Clock::time_point;
using Stop = std::atomic<bool>;

enum class Work : std::uint8_t { run, loopback, status };

/// An answer as it lies in a slot's output.
struct Answer {
  std::size_t bytes = 0;
  std::uint64_t modelled_ns = 0;  // 0: not known, as for measured
  std::uint64_t measured_ns = 0;
};

struct LoadReport {
  CardTensor input;
  CardTensor output;
  std::uint64_t modelled_ns = 0;
  std::uint64_t measured_ns = 0;
  std::uint32_t requests = 0;
};

/// What a card is, fixed while it is open.
struct Description {
  std::string path;
  bool is_hardware = false;
  std::optional<std::string> driver;  // version
  std::uint32_t slots = 0;            // that are used
  std::uint32_t bytes_per_slot = 0;
  Identity identity;
  struct Library {
    std::string path, sha256, name, version;
  };
  std::optional<Library> library;
};

/// Calls of `start` never overlap; `finish`, `load`, `unload` and `reset` are made by one thread; the rest by any. All
/// throw DeviceError. A slot belongs to its request from `start` until `discard`.
class Engine {
 public:
  virtual ~Engine() = default;

  virtual const Description& description() const = 0;
  virtual DriverCalls::Clock::time_point now() const = 0;

  /// Memory of a slot, for as long as the engine lives. What `start` sends begins at the start of `input`.
  virtual std::span<std::byte> input(std::uint32_t slot) const = 0;
  virtual std::span<const std::byte> output(std::uint32_t slot) const = 0;

  /// Sends `bytes` of the slot's input; gives the request's id. `argument`: of a loopback, the bytes to answer.
  virtual std::uint64_t start(std::uint32_t slot, Work work, std::size_t bytes, std::uint64_t argument,
                              std::chrono::milliseconds timeout) = 0;
  /// Waits for the answer to request `id` in `slot`.
  virtual Answer finish(std::uint32_t slot, std::uint64_t id, Deadline deadline, const Stop& stop) = 0;
  /// The answer has been read. Harmless for a slot with none.
  virtual void discard(std::uint32_t slot) = 0;

  /// Makes whoever waits for the slot look at its stop; nothing on failure.
  virtual void wake(std::uint32_t slot) const = 0;

  /// On an empty card. It is empty again after a failure that needs no reset.
  virtual LoadReport load(std::uint32_t slot, const Network& network, Deadline deadline, const Stop& stop) = 0;
  virtual void unload(std::uint32_t slot, Deadline deadline, const Stop& stop) = 0;

  /// The card is empty and quiet afterwards.
  virtual void reset() = 0;

  virtual ShellHealth health() const = 0;
  virtual std::uint64_t stale_answers() const = 0;
  virtual std::uint64_t spurious_events() const = 0;
};

}  // namespace catapult
