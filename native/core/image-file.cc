#include "image-file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "device-error.h"

namespace catapult {
namespace {

DeviceError refused(const std::string& text) { return DeviceError(Status::invalid, text); }

}  // namespace

ImageFile::ImageFile(const Network& network)
    : path_(network.path),
      bytes_(network.bytes),
      file_(retry_on_signal([&] { return ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); })) {
  if (!file_.valid()) throw refused(failure("opening " + path_, errno));
  struct stat status {};
  if (::fstat(file_.get(), &status) == -1) throw refused(failure("stat " + path_, errno));
  if (!S_ISREG(status.st_mode)) throw refused(path_ + " is no file");
  if (bytes_ == 0 || static_cast<std::uint64_t>(status.st_size) != bytes_) {
    throw refused(path_ + ": expected " + std::to_string(bytes_) + " bytes, found " + std::to_string(status.st_size));
  }
}

void ImageFile::read(std::span<std::byte> part, std::uint64_t offset) const {
  while (!part.empty()) {
    const ssize_t got = retry_on_signal(
        [&] { return ::pread(file_.get(), part.data(), part.size(), static_cast<off_t>(offset)); });
    if (got < 0) throw refused(failure("reading " + path_, errno));
    if (got == 0) throw refused(path_ + " ended at byte " + std::to_string(offset) + " while it was read");
    part = part.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
}

ImageMapping::ImageMapping(const ImageFile& file)
    : data_(::mmap(nullptr, static_cast<std::size_t>(file.bytes()), PROT_READ, MAP_PRIVATE, file.descriptor().get(), 0)),
      bytes_(static_cast<std::size_t>(file.bytes())) {
  if (data_ == MAP_FAILED) throw device_error("mapping the network's file", errno);
}

ImageMapping::~ImageMapping() { ::munmap(data_, bytes_); }

}  // namespace catapult
