// A card by a vendor's library (include/edgeslot_driver.h).
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "driver-library.h"
#include "engine.h"
#include "open-nodes.h"
#include "request-id.h"

namespace catapult {

struct LibraryOptions {
  std::string path;   // of the node, or what the library calls the card
  std::string sysfs;  // the node's folder there, if there is one
  std::uint32_t epoch = 0;
  std::uint32_t slots = 2;
};

class LibraryEngine final : public Engine {
 public:
  /// Opens the card in the library. Throws DeviceError: no_device when the library knows none of that name, busy,
  /// incompatible for a function that is not the role, else what the library gives.
  LibraryEngine(DriverLibrary library, const LibraryOptions& options);
  ~LibraryEngine() override;

  const Description& description() const override { return description_; }
  Deadline now() const override { return DriverCalls::Clock::now(); }

  std::span<std::byte> input(std::uint32_t slot) const override { return memory(inputs_[slot]); }
  std::span<const std::byte> output(std::uint32_t slot) const override { return memory(outputs_[slot]); }

  std::uint64_t start(std::uint32_t slot, Work work, std::size_t bytes, std::uint64_t argument,
                      std::chrono::milliseconds timeout) override;
  Answer finish(std::uint32_t slot, std::uint64_t id, Deadline deadline, const Stop& stop) override;
  void discard(std::uint32_t) override {}
  void wake(std::uint32_t) const override;

  LoadReport load(std::uint32_t slot, const Network& network, Deadline deadline, const Stop& stop) override;
  void unload(std::uint32_t slot, Deadline deadline, const Stop& stop) override;
  void reset() override;

  ShellHealth health() const override;
  std::uint64_t stale_answers() const override { return stale_answers_; }
  std::uint64_t spurious_events() const override { return 0; }

 private:
  static std::span<std::byte> memory(const edgeslot_buffer& buffer) {
    return {static_cast<std::byte*>(buffer.data), static_cast<std::size_t>(buffer.bytes)};
  }
  static void log(void* context, std::int32_t level, const char* text);

  void open(const edgeslot_device_info& found);
  void allocate(std::uint32_t slots);
  void close();
  void expect_ok(const char* what, int status) const;
  void reap(std::chrono::milliseconds time);
  void keep(const edgeslot_completion& done);
  /// Whether it was pending.
  bool forget(std::uint64_t id);
  CardTensor checked(const char* what, CardTensor tensor, const edgeslot_tensor& given) const;

  const DriverLibrary library_;
  const edgeslot_driver& table_ = library_.table;
  const NodeHold hold_;
  Description description_;
  const std::string sysfs_;
  edgeslot_host host_{};
  edgeslot_device* device_ = nullptr;
  std::atomic<edgeslot_model*> model_{nullptr};
  std::vector<edgeslot_buffer> inputs_, outputs_;  // by slot
  RequestIds ids_;
  std::map<std::uint64_t, edgeslot_completion> done_;  // reaped, and not yet asked for
  std::mutex pending_mutex_;
  std::set<std::uint64_t> pending_;  // requests that are with the library
  std::atomic<std::uint64_t> stale_answers_{0};
  mutable std::mutex said_mutex_;
  mutable std::string said_;  // by the library, of an error, since the last one that was told
};

}  // namespace catapult
