#include "card-under-test.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <thread>

#include "../../core/system-call.h"

namespace test {
namespace {

catapult::FileDescriptor connect_to(const std::string& directory) {
  // A socket's path holds 107 bytes; the directory's may be longer.
  const catapult::FileDescriptor folder(::open(directory.c_str(), O_PATH | O_CLOEXEC));
  const std::string path = "/proc/self/fd/" + std::to_string(folder.get()) + "/control";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  catapult::FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error(catapult::failure("the control socket in " + directory, errno));
  return socket;
}

}  // namespace

catapult::DeviceOptions CardUnderTest::options(std::uint32_t epoch) const {
  catapult::DeviceOptions options;
  options.path = node();
  options.sysfs = directory_ + "/sys/catapult0";
  options.epoch = epoch;
  return options;
}

std::string CardUnderTest::ask(const std::string& line) const {
  const auto socket = connect_to(directory_);
  const std::string whole = line + "\n";
  if (::send(socket.get(), whole.data(), whole.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(whole.size()))
    throw std::runtime_error(catapult::failure("asking the card", errno));
  std::string answer;
  std::array<char, 4096> part{};
  for (;;) {
    const ssize_t got = catapult::retry_on_signal([&] { return ::read(socket.get(), part.data(), part.size()); });
    if (got <= 0) break;
    answer.append(part.data(), static_cast<std::size_t>(got));
  }
  if (!answer.starts_with("ok")) throw std::runtime_error("the card answers '" + answer + "' to '" + line + "'");
  return answer;
}

std::string CardUnderTest::status(const std::string& field) const {
  const std::string all = ask("status");
  const std::string key = "\t" + field + "=";
  const std::size_t at = all.find(key);
  if (at == std::string::npos) return {};
  const std::size_t from = at + key.size();
  return all.substr(from, all.find_first_of("\t\n", from) - from);
}

bool CardUnderTest::becomes(const std::string& field, const std::string& value) const {
  for (int looks = 0; looks < 1000; looks++) {
    if (status(field) == value) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

FaultInCard::~FaultInCard() {
  try {
    card_.ask("fault clear");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "clearing the card's faults: %s\n", error.what());
  }
}

}  // namespace test
