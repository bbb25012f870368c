#include "probe.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "open-nodes.h"
#include "system-call.h"

namespace catapult {
namespace {

constexpr std::string_view kPrefix = "catapult";

/// The N of `catapultN`; nothing for any other name.
std::optional<std::uint32_t> minor_of(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  const std::string_view digits = name.substr(kPrefix.size());
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

void query_driver(const FileDescriptor& file, Ioctl ioctl, Node& node) {
  const auto ask = [&](std::uint32_t command, void* answer) {
    return retry_on_signal([&] { return ioctl(file.get(), command, answer); }) != -1;
  };
  DriverVersion version{};
  if (!ask(kGetDriverVersion, &version)) {
    node.error = failure("GET_DRIVER_VERSION", errno);
    return;
  }
  node.driver = version;
  node.error = refuse_version(version);
  if (node.error) return;  // the layout of what follows is only known for versions we know
  SlotConfig slots{};
  if (!ask(kGetSlotConfig, &slots)) {
    node.error = failure("GET_SLOT_CONFIG", errno);
    return;
  }
  node.slots = slots;
}

}  // namespace

int system_ioctl(int fd, std::uint32_t command, void* answer) { return ::ioctl(fd, command, answer); }

std::vector<std::string> list_nodes(const std::string& directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::opendir(directory.c_str()), ::closedir);
  if (!listing) throw std::runtime_error(failure("listing " + directory, errno));
  std::vector<std::pair<std::uint32_t, std::string>> found;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): only two threads that read the same listing would disturb each other.
  while (const dirent* entry = ::readdir(listing.get())) {
    if (const auto number = minor_of(entry->d_name)) found.emplace_back(*number, entry->d_name);
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> paths;
  paths.reserve(found.size());
  for (const auto& [number, name] : found) paths.push_back(std::string(directory).append("/").append(name));
  return paths;
}

std::string version_text(const DriverVersion& version) {
  return std::to_string(version.product_major) + "." + std::to_string(version.product_minor) + "." +
         std::to_string(version.build_major) + "." + std::to_string(version.build_minor);
}

std::optional<std::string> refuse_version(const DriverVersion& version) {
  if (version.product_major == kSupportedMajor) return std::nullopt;
  return "driver version " + version_text(version) + " is not supported: expected major version " +
         std::to_string(kSupportedMajor);
}

Node probe_node(const std::string& path, const ProbeOptions& options) {
  Node node;
  node.path = path;
  node.identity = read_identity(options.sysfs_dir + path.substr(path.rfind('/')));
  if (is_held(path)) {
    node.error = "held by this process, which would lose its slots if it were probed";
    return node;
  }
  struct stat status {};
  if (retry_on_signal([&] { return ::stat(path.c_str(), &status); }) == -1) {
    node.error = failure("stat", errno);
    return node;
  }
  const FileDescriptor file(
      retry_on_signal([&] { return ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK); }));
  if (!file.valid()) {
    node.error = failure("open", errno);
    return node;
  }
  query_driver(file, options.ioctl, node);
  return node;
}

std::vector<Node> probe(const ProbeOptions& options) {
  std::vector<Node> nodes;
  for (const std::string& path : list_nodes(options.dev_dir)) nodes.push_back(probe_node(path, options));
  return nodes;
}

}  // namespace catapult
