#include "fuse-session.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace card {
namespace {

constexpr std::uint64_t kRoot = FUSE_ROOT_ID;
constexpr std::uint64_t kFirstNode = 2;
constexpr std::size_t kRequestBytes = FUSE_MIN_READ_BUFFER + 65536;

template <typename T>
std::span<const std::byte> bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

int open_fuse() {
  const int fd = ::open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) throw std::runtime_error(catapult::failure("the virtual card needs /dev/fuse and root", errno));
  return fd;
}

}  // namespace

FuseSession::FuseSession(std::string directory, const std::vector<int>& windows, std::uint64_t bytes)
    : directory_(std::move(directory)), fuse_(open_fuse()), bytes_(bytes) {
  for (const int window : windows) nodes_.push_back({"catapult" + std::to_string(nodes_.size()), window});
  const std::string options =
      "fd=" + std::to_string(fuse_.get()) + ",rootmode=40000,user_id=0,group_id=0,allow_other";
  const unsigned long flags = MS_NOSUID | MS_NOEXEC | MS_NODEV;
  if (::mount("edgeslot-virtual-card", directory_.c_str(), "fuse.edgeslot", flags, options.c_str()) != 0)
    throw std::runtime_error(catapult::failure("the virtual card needs root to mount " + directory_, errno));
}

FuseSession::~FuseSession() { ::umount2(directory_.c_str(), MNT_DETACH); }

bool FuseSession::serve(NodeHandler& handler) {
  alignas(8) std::array<std::byte, kRequestBytes> buffer;
  const ssize_t got =
      catapult::retry_on_signal([&] { return ::read(fuse_.get(), buffer.data(), buffer.size()); });
  if (got < 0) return errno == EAGAIN || errno == ENOENT;  // ENOENT: the request was taken back
  fuse_in_header header;
  if (got < static_cast<ssize_t>(sizeof header)) return true;
  std::memcpy(&header, buffer.data(), sizeof header);
  const std::byte* body = buffer.data() + sizeof header;
  const auto read_as = [&](auto value) {
    std::memcpy(&value, body, sizeof value);
    return value;
  };
  switch (header.opcode) {
    case FUSE_INIT: start(header, body); return true;
    case FUSE_LOOKUP: look_up(header, body); return true;
    case FUSE_SETATTR:  // a mode or a time that somebody sets on a device node is of no account here
    case FUSE_GETATTR: {
      const fuse_attr_out answer{0, 0, 0, attributes(header.nodeid)};
      reply(header.unique, bytes_of(answer));
      return true;
    }
    case FUSE_OPEN: {
      const std::uint64_t node = header.nodeid - kFirstNode;
      if (node >= nodes_.size()) return refuse(header.unique, ENOENT), true;
      const fuse::OpenAnswer answer{handler.opened(static_cast<std::uint32_t>(node), header.pid),
                                    fuse::kOpenPassthrough, nodes_[node].backing};
      reply(header.unique, bytes_of(answer));
      return true;
    }
    case FUSE_OPENDIR: {
      const fuse::OpenAnswer answer{};
      reply(header.unique, bytes_of(answer));
      return true;
    }
    case FUSE_READDIR: list(header, body); return true;
    case FUSE_RELEASE:
      handler.released(read_as(fuse_release_in{}).fh);
      reply(header.unique, {});
      return true;
    case FUSE_RELEASEDIR: reply(header.unique, {}); return true;
    case FUSE_STATFS: {
      fuse_statfs_out answer{};
      answer.st.bsize = answer.st.frsize = 4096;
      answer.st.namelen = 255;
      reply(header.unique, bytes_of(answer));
      return true;
    }
    case FUSE_IOCTL: {
      const auto call = read_as(fuse_ioctl_in{});
      handler.called(header.unique, call.fh, call.cmd, {body + sizeof call, call.in_size});
      return true;
    }
    case FUSE_INTERRUPT: handler.interrupted(read_as(fuse_interrupt_in{}).unique); return true;
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET: return true;  // have no answer
    case FUSE_DESTROY: return false;
    default: refuse(header.unique, ENOSYS); return true;
  }
}

void FuseSession::start(const fuse_in_header& header, const std::byte* body) {
  fuse_init_in asked;
  std::memcpy(&asked, body, sizeof asked);
  const bool extended = (asked.flags & fuse::kInitExtended) != 0;
  if (!extended || (asked.flags2 & fuse::kPassthrough) == 0) {
    refuse(header.unique, EPROTO);
    throw std::runtime_error("the virtual card needs FUSE passthrough, which this kernel lacks: Linux 6.9 or later");
  }
  fuse::InitAnswer answer{};
  answer.major = FUSE_KERNEL_VERSION;
  answer.minor = fuse::kMinor;
  answer.max_readahead = asked.max_readahead;
  answer.flags = fuse::kInitExtended;
  answer.flags2 = fuse::kPassthrough;
  answer.max_background = 64;
  answer.congestion_threshold = 48;
  answer.max_write = 65536;
  answer.time_granularity = 1;
  answer.max_stack_depth = 1;
  reply(header.unique, bytes_of(answer));
  open_backing();
  ready_ = true;
}

void FuseSession::open_backing() {
  for (Node& node : nodes_) {
    const fuse::BackingMap map{node.window, 0, 0};
    node.backing = ::ioctl(fuse_.get(), fuse::kBackingOpen, &map);
    if (node.backing <= 0)
      throw std::runtime_error(catapult::failure("the virtual card needs root for FUSE passthrough", errno));
  }
}

void FuseSession::look_up(const fuse_in_header& header, const std::byte* body) const {
  const std::string_view name(reinterpret_cast<const char*>(body), header.len - sizeof header - 1);  // ended by a zero
  const auto node = std::find_if(nodes_.begin(), nodes_.end(), [&](const Node& one) { return one.name == name; });
  if (header.nodeid != kRoot || node == nodes_.end()) return refuse(header.unique, ENOENT);
  fuse_entry_out answer{};
  answer.nodeid = kFirstNode + static_cast<std::uint64_t>(node - nodes_.begin());
  answer.generation = 1;
  answer.attr = attributes(answer.nodeid);
  reply(header.unique, bytes_of(answer));
}

void FuseSession::list(const fuse_in_header& header, const std::byte* body) const {
  fuse_read_in asked;
  std::memcpy(&asked, body, sizeof asked);
  std::vector<std::byte> entries;
  std::uint64_t next = 0;
  const auto add = [&](std::uint64_t inode, const std::string& name, std::uint32_t type) {
    if (asked.offset >= ++next) return;
    const fuse_dirent entry{inode, next, static_cast<std::uint32_t>(name.size()), type};
    const std::size_t at = entries.size();
    entries.resize(at + FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + name.size()));
    std::memcpy(entries.data() + at, &entry, FUSE_NAME_OFFSET);
    std::memcpy(entries.data() + at + FUSE_NAME_OFFSET, name.data(), name.size());
  };
  add(kRoot, ".", S_IFDIR >> 12);
  add(kRoot, "..", S_IFDIR >> 12);
  for (std::size_t at = 0; at < nodes_.size(); ++at) add(kFirstNode + at, nodes_[at].name, S_IFREG >> 12);
  reply(header.unique, entries);
}

fuse_attr FuseSession::attributes(std::uint64_t inode) const {
  fuse_attr answer{};
  answer.ino = inode;
  answer.nlink = 1;
  answer.blksize = 4096;
  // The driver's nodes are open to everybody; FUSE can only pass them off as a regular file.
  answer.mode = inode == kRoot ? S_IFDIR | 0755 : S_IFREG | 0666;
  answer.size = inode == kRoot ? 0 : bytes_;
  return answer;
}

void FuseSession::reply(std::uint64_t request, std::span<const std::byte> answer) const {
  fuse_out_header header{static_cast<std::uint32_t>(sizeof header + answer.size()), 0, request};
  std::array<iovec, 2> parts{iovec{&header, sizeof header},
                             iovec{const_cast<std::byte*>(answer.data()), answer.size()}};
  // Fails with ENOENT when the caller is gone, which nobody waits to hear.
  (void)catapult::retry_on_signal([&] { return ::writev(fuse_.get(), parts.data(), parts.size()); });
}

void FuseSession::refuse(std::uint64_t request, int error) const {
  fuse_out_header header{sizeof header, -error, request};
  (void)catapult::retry_on_signal([&] { return ::write(fuse_.get(), &header, sizeof header); });
}

void FuseSession::reply_call(std::uint64_t request, std::span<const std::byte> answer) const {
  fuse_ioctl_out result{};
  fuse_out_header header{static_cast<std::uint32_t>(sizeof header + sizeof result + answer.size()), 0, request};
  std::array<iovec, 3> parts{iovec{&header, sizeof header}, iovec{&result, sizeof result},
                             iovec{const_cast<std::byte*>(answer.data()), answer.size()}};
  (void)catapult::retry_on_signal([&] { return ::writev(fuse_.get(), parts.data(), parts.size()); });
}

}  // namespace card
