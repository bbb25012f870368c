#include "sysfs.h"

#include <fcntl.h>

#include <array>
#include <cstdlib>

#include "system-call.h"

namespace catapult {
namespace {

constexpr std::size_t kAttributeLimit = 4096;  // sysfs gives at most one page
constexpr const char* kBlanks = " \t\r\n";

}  // namespace

std::optional<std::string> read_attribute(const std::string& path) {
  // Never waits: whatever lies at the path, a FIFO even, opens and reads at once or not at all.
  const FileDescriptor file(
      retry_on_signal([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); }));
  if (!file.valid()) return std::nullopt;
  std::array<char, kAttributeLimit> page;
  std::size_t filled = 0;
  while (filled < page.size()) {
    const ssize_t got =
        retry_on_signal([&] { return ::read(file.get(), page.data() + filled, page.size() - filled); });
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  std::string text(page.data(), filled);
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string::npos) return std::nullopt;
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::optional<double> parse_temperature(const std::string& text) {
  char* end = nullptr;
  const long degrees = std::strtol(text.c_str(), &end, 10);
  if (end == text.c_str()) return std::nullopt;
  return static_cast<double>(degrees);
}

Identity read_identity(const std::string& directory) {
  const auto attribute = [&](const char* name) { return read_attribute(directory + "/" + name); };
  Identity identity;
  identity.function_type = attribute("function_type");
  identity.shell_version = attribute("shell_version");
  identity.shell_id = attribute("shell_id");
  identity.role_id = attribute("role_id");
  identity.board_id = attribute("board_id");
  identity.chip_id = attribute("chip_id");
  if (const auto text = attribute("temperature")) identity.temperature = parse_temperature(*text);
  return identity;
}

}  // namespace catapult
