// A card by the driver's node and the role's own messages (include/edgeslot_role.h), which the virtual card understands.
#pragma once

#include "device.h"
#include "engine.h"

namespace catapult {

class RoleEngine final : public Engine {
 public:
  /// Takes the card, see Device. Hardware is opened, and tells its health, but is sent no request of ours: what its
  /// processor understands is not public. Every call that would send one throws DeviceError (not_supported).
  RoleEngine(DriverCalls& calls, const DeviceOptions& options, bool is_hardware);

  const Description& description() const override { return description_; }
  Deadline now() const override { return calls_.now(); }

  std::span<std::byte> input(std::uint32_t slot) const override { return device_.role().payload(slot); }
  std::span<const std::byte> output(std::uint32_t slot) const override;

  std::uint64_t start(std::uint32_t slot, Work work, std::size_t bytes, std::uint64_t argument,
                      std::chrono::milliseconds timeout) override;
  Answer finish(std::uint32_t slot, std::uint64_t id, Deadline deadline, const Stop& stop) override;
  void discard(std::uint32_t slot) override { device_.role().discard(slot); }
  void wake(std::uint32_t slot) const override { device_.slots().wake(slot); }

  LoadReport load(std::uint32_t slot, const Network& network, Deadline deadline, const Stop& stop) override;
  void unload(std::uint32_t slot, Deadline deadline, const Stop& stop) override;
  void reset() override { device_.reset(); }

  ShellHealth health() const override { return device_.health(); }
  std::uint64_t stale_answers() const override { return device_.role().stale_answers(); }
  std::uint64_t spurious_events() const override { return device_.slots().spurious_events(); }

 private:
  void expect_role() const;

  DriverCalls& calls_;
  mutable Device device_;
  const Description description_;
};

}  // namespace catapult
