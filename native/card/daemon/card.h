// The card: everything put together, in one thread and one loop.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "card-memory.h"
#include "compute.h"
#include "control.h"
#include "driver.h"
#include "faults.h"
#include "fuse-session.h"
#include "management.h"
#include "role.h"
#include "shell.h"
#include "witness.h"

namespace card {

struct Options {
  std::string directory;
  std::uint32_t slots = 64;
  std::uint32_t bytes_per_slot = 1u << 20;
  bool management = false;  // a node for that function too
  std::vector<std::string> compute;  // the child's program and arguments
};

/// Lives in the current directory, which is to be that of the options: `dev/catapult0` is the node, `sys/catapult0/` its identity, `control` the socket.
/// With a management function that is `catapult0`, and the role `catapult1`.
class Card : private NodeHandler, private CallReplies {
 public:
  explicit Card(const Options& options);
  /// Returns when the card is stopped, by the control socket, a signal, or because its file system was unmounted.
  void run();

 private:
  std::uint64_t opened(std::uint32_t node, std::uint32_t thread) override;
  void released(std::uint64_t handle) override;
  void called(std::uint64_t request, std::uint64_t handle, std::uint32_t command,
              std::span<const std::byte> argument) override;
  void interrupted(std::uint64_t request) override;
  void reply_call(std::uint64_t request, std::span<const std::byte> answer) const override;
  void refuse(std::uint64_t request, int error) const override;

  std::optional<Management> make_management(const Options& options) const;
  std::vector<int> windows() const;
  std::string command(const std::string& line);
  std::string status() const;
  std::string fault(const std::vector<std::string>& words);
  void wait(Clock::time_point now);

  CardMemory memory_;
  Faults faults_;
  Shell shell_;
  Witness witness_;
  Driver driver_;
  std::optional<Management> management_;
  ComputeMemory compute_memory_;
  Compute compute_;
  Role role_;
  FuseSession fuse_;
  Control control_;
  catapult::FileDescriptor signals_;
  bool stopping_ = false;
};

}  // namespace card
