#include "identity.h"

#include <filesystem>
#include <fstream>

namespace card {

void write_identity(const Identity& identity, std::int32_t celsius) {
  std::filesystem::create_directories(identity.directory);
  const auto write = [&](const char* name, const std::string& text) {
    const std::string path = identity.directory + "/" + name;
    std::ofstream(path + ".new") << text << '\n';
    std::filesystem::rename(path + ".new", path);
  };
  write("function_type", identity.function_type);
  write("function_number", std::to_string(identity.function_number));
  write("endpoint_number", "0");
  write("shell_version", "0x0");
  write("shell_id", "virtual-card");
  write("role_version", "0x1");
  write("role_id", "0xe51");
  write("board_id", "virtual-card");
  write("board_revision", "0x0");
  write("chip_id", "0x0");
  write("temperature", std::to_string(celsius) + " C");
}

}  // namespace card
