// The file of a network's graph, read in pieces or mapped: never copied as a whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "network.h"
#include "system-call.h"

namespace catapult {

class ImageFile {
 public:
  /// Throws DeviceError (invalid) for a file that is not there, is none, or has not the network's size.
  explicit ImageFile(const Network& network);

  /// Fills `part` from `offset`; throws DeviceError (invalid) when the file ends before.
  void read(std::span<std::byte> part, std::uint64_t offset) const;

  const FileDescriptor& descriptor() const { return file_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  const std::string path_;
  const std::uint64_t bytes_;
  const FileDescriptor file_;
};

/// The whole file in this process' memory, read when it is looked at. Whoever shortens the file meanwhile ends the
/// process, so it is for files that are only ever replaced, as those of a model package are.
class ImageMapping {
 public:
  explicit ImageMapping(const ImageFile& file);
  ImageMapping(const ImageMapping&) = delete;
  ImageMapping& operator=(const ImageMapping&) = delete;
  ~ImageMapping();

  const void* data() const { return data_; }

 private:
  void* data_;
  const std::size_t bytes_;
};

}  // namespace catapult
