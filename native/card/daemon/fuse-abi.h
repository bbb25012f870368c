// FUSE's interface to the kernel where <linux/fuse.h> of the build machine is older than passthrough (Linux 6.9, 7.40).
// Public reference: Documentation/filesystems/fuse and include/uapi/linux/fuse.h of the kernel.
#pragma once

#include <linux/fuse.h>
#include <sys/ioctl.h>

#include <cstddef>
#include <cstdint>

namespace card::fuse {

inline constexpr std::uint32_t kMinor = 40;
inline constexpr std::uint32_t kInitExtended = 1u << 30;
inline constexpr std::uint32_t kPassthrough = 1u << 5;  // of flags2
inline constexpr std::uint32_t kOpenPassthrough = 1u << 7;

struct InitAnswer {
  std::uint32_t major;
  std::uint32_t minor;
  std::uint32_t max_readahead;
  std::uint32_t flags;
  std::uint16_t max_background;
  std::uint16_t congestion_threshold;
  std::uint32_t max_write;
  std::uint32_t time_granularity;
  std::uint16_t max_pages;
  std::uint16_t map_alignment;
  std::uint32_t flags2;
  std::uint32_t max_stack_depth;
  std::uint16_t request_timeout;
  std::uint16_t unused[11];
};

struct OpenAnswer {
  std::uint64_t handle;
  std::uint32_t flags;
  std::int32_t backing;
};

struct BackingMap {
  std::int32_t fd;
  std::uint32_t flags;
  std::uint64_t padding;
};

static_assert(sizeof(InitAnswer) == 64 && offsetof(InitAnswer, max_stack_depth) == 36);
static_assert(sizeof(OpenAnswer) == 16 && sizeof(BackingMap) == 16);

inline constexpr unsigned long kBackingOpen = _IOW(229, 1, BackingMap);

}  // namespace card::fuse
