// One FUSE mount with the card's nodes in it, `catapult0` and so on: answers what the kernel asks about files, hands on
// what is the driver's.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "fuse-abi.h"
#include "system-call.h"

namespace card {

/// What the file's owner answers; each gets the request's number, which `reply` or `refuse` takes, now or later.
class NodeHandler {
 public:
  virtual ~NodeHandler() = default;
  /// @return the handle under which the kernel names this open file from now on
  virtual std::uint64_t opened(std::uint32_t node, std::uint32_t thread) = 0;
  virtual void released(std::uint64_t handle) = 0;
  virtual void called(std::uint64_t request, std::uint64_t handle, std::uint32_t command,
                      std::span<const std::byte> argument) = 0;
  /// The caller of a request got a signal.
  virtual void interrupted(std::uint64_t request) = 0;
};

class FuseSession {
 public:
  /// Mounts on `directory`, with a node for each of `windows`: the files behind mmap and read, each of `bytes`.
  /// @throws std::runtime_error with a line for people when that is not possible here
  FuseSession(std::string directory, const std::vector<int>& windows, std::uint64_t bytes);
  FuseSession(const FuseSession&) = delete;
  FuseSession& operator=(const FuseSession&) = delete;
  ~FuseSession();

  int descriptor() const { return fuse_.get(); }
  /// Answers one request, if there is one. @return false when the file system was unmounted
  bool serve(NodeHandler& handler);
  /// True once the kernel has said that it can map through.
  bool ready() const { return ready_; }

  void reply(std::uint64_t request, std::span<const std::byte> answer) const;
  void refuse(std::uint64_t request, int error) const;
  /// Answers an ioctl: result 0 and the data.
  void reply_call(std::uint64_t request, std::span<const std::byte> answer) const;

 private:
  void start(const fuse_in_header& header, const std::byte* body);
  void look_up(const fuse_in_header& header, const std::byte* body) const;
  void list(const fuse_in_header& header, const std::byte* body) const;
  fuse_attr attributes(std::uint64_t inode) const;
  void open_backing();

  std::string directory_;
  catapult::FileDescriptor fuse_;
  struct Node {
    std::string name;
    int window;
    std::int32_t backing = 0;
  };
  std::vector<Node> nodes_;
  std::uint64_t bytes_;
  bool ready_ = false;
};

}  // namespace card
