// The child that computes: a Node.js process with onnxruntime, which shares memory with the card.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "edgeslot_role.h"
#include "system-call.h"

namespace card {

/// Memory shared with the child: one input, one output, then the image.
class ComputeMemory {
 public:
  explicit ComputeMemory(std::size_t slot_bytes);
  ComputeMemory(const ComputeMemory&) = delete;
  ComputeMemory& operator=(const ComputeMemory&) = delete;
  ~ComputeMemory();

  int descriptor() const { return file_.get(); }
  std::span<std::byte> input() const { return {at_, slot_bytes_}; }
  std::span<const std::byte> output() const { return {at_ + slot_bytes_, slot_bytes_}; }
  std::size_t image_offset() const { return 2 * slot_bytes_; }
  /// Makes room for an image, and empties it. @return false when there is not enough memory
  bool reserve_image(std::uint64_t bytes) const;
  bool write_image(std::uint64_t offset, std::span<const std::byte> part) const;

 private:
  std::size_t slot_bytes_;
  catapult::FileDescriptor file_;
  std::byte* at_;
};

class Compute {
 public:
  /// @param command program and arguments, e.g. node and its script
  Compute(std::vector<std::string> command, const ComputeMemory& memory);
  Compute(const Compute&) = delete;
  Compute& operator=(const Compute&) = delete;
  ~Compute();

  /// To poll for reading; -1 when there is no child.
  int descriptor() const { return answers_.get(); }
  bool running() const { return child_ > 0; }
  pid_t process() const { return child_; }
  /// Starts the child unless it runs. @return false when it cannot be started
  bool start();
  /// Ends it at once, whatever it does.
  void stop();

  void load(const es_role_firmware& firmware, const es_role_image& image);
  void run();

  /// One whole line that the child has written, `ok` or `error ...`; nothing when there is none yet.
  std::optional<std::string> next_line();
  /// Reads what there is. @return false when the child has ended
  bool read_answers();

 private:
  bool send(const std::string& line);

  std::vector<std::string> command_;
  const ComputeMemory& memory_;
  pid_t child_ = 0;
  catapult::FileDescriptor orders_{-1};
  catapult::FileDescriptor answers_{-1};
  std::string received_;
};

}  // namespace card
